"""A queue of this gateway's own on the bus, read as long as the gateway runs.

    class LiveStream(OwnQueue, DependencyProvider):
        topic = "live"                      # its queue is called gateway.live-<32 hex digits>

        def queue(self, channel): ...       # return the queue, with its bindings
        def on_message(self, body): ...     # one message
        def on_lost(self): ...              # the connection broke: messages are missed until the next one

The queue goes when the connection goes. A broken connection is opened again after a pause, with another queue, so this
is not for facts that must not be missed. `connected` says whether the queue is read at the moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from logging import getLogger
from typing import ClassVar
from uuid import uuid4

import eventlet
from kombu import Queue
from kombu.transport.base import StdChannel
from nameko.constants import AMQP_URI_CONFIG_KEY, HEARTBEAT_CONFIG_KEY
from nameko.extensions import Extension

from services.common.bus.connections import LOST, close, connect, pauses

log = getLogger(__name__)


def queue_name(topic: str) -> str:
    """Return a name for a queue of this gateway; the broker lets it declare names of this form and no others."""
    return f"gateway.{topic}-{uuid4().hex}"


class OwnQueue(Extension):
    """An extension of the gateway that reads a queue of its own."""

    topic: ClassVar[str]
    connected = _stopping = False

    def setup(self) -> None:
        config = self.container.config
        self._uri, self._heartbeat = config[AMQP_URI_CONFIG_KEY], config.get(HEARTBEAT_CONFIG_KEY, 10)

    def start(self) -> None:
        self.container.spawn_managed_thread(self._stay_connected, identifier=self.topic)

    def stop(self) -> None:
        self._stopping = True

    def queue(self, channel: StdChannel) -> Queue:
        """Return the queue to read. Its name is `queue_name(topic)`, so that it is this gateway's alone."""
        raise NotImplementedError

    def on_connected(self, channel: StdChannel) -> None:
        """Begin what needs the connection. The queue is read from now on."""

    def on_message(self, body: bytes) -> None:
        """Take one message. It is never delivered again."""
        raise NotImplementedError

    def check(self) -> None:
        """Raise what ended the connection elsewhere. Called about once a second, and after each message."""

    def on_lost(self) -> None:
        """End what needs the connection. Called before each is closed, and after each attempt that failed."""

    def _stay_connected(self) -> None:
        waits = pauses()
        while not self._stopping:
            try:
                for _ in self._read():
                    waits = pauses()
            except LOST as problem:
                log.warning("the gateway's own queue %r lost the bus: %s", self.topic, problem)
                self.on_lost()
            if not self._stopping:
                eventlet.sleep(next(waits))

    def _read(self) -> Iterator[None]:
        """Read the queue as long as the connection lasts. Yield now and then to show that it does."""
        connection = connect(self._uri, self._heartbeat)
        try:
            channel = connection.channel()
            queue = self.queue(channel).bind(channel)
            queue.declare()
            channel.basic_consume(queue.name, no_ack=True, callback=lambda message: self.on_message(message.body))
            self.connected = True
            self.on_connected(channel)
            # kombu's own drain_events would open a new connection in silence when this one is closed
            transport, raw = connection.transport, connection.connection
            while not self._stopping:
                try:
                    transport.drain_events(raw, timeout=1.0)
                except TimeoutError:
                    yield
                transport.heartbeat_check(raw)
                self.check()
        finally:
            self.connected = False
            self.on_lost()
            close(connection)
