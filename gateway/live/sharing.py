"""What the gateways tell one another over the bus: which limited requests each has let through.

Each gateway has a queue of its own on the fanout exchange `gateway.limits`, which goes when the gateway goes. What it
lets through within FLUSH_SECONDS leaves as one message, `[sender, [[window, seconds, most, count], …]]`; what the
others send is counted as if it had happened here. So a limit holds over all gateways, but for what each lets through
before messages arrive. Nothing waits for the bus: while it is away each gateway counts alone, and what is to be told is
dropped, since a limit that is a little too generous for a moment does no harm.
"""

from __future__ import annotations

from collections.abc import Iterator
from logging import getLogger
from typing import Any
from uuid import uuid4

import eventlet
import orjson
from eventlet.event import Event
from kombu import Exchange, Producer, Queue
from nameko.constants import AMQP_URI_CONFIG_KEY, HEARTBEAT_CONFIG_KEY
from nameko.extensions import SharedExtension

from gateway.http.windows import Windows
from services.common.bus.connections import LOST, close, connect, pauses

FLUSH_SECONDS = 0.2
MOST_AT_ONCE = 5_000  # windows in a message: more than a gateway serves in that time
EXCHANGE = Exchange("gateway.limits", type="fanout", durable=True)

log = getLogger(__name__)


def queue_name() -> str:
    """Return a name for this gateway's own queue; the broker lets it declare names of this form and no others."""
    return f"gateway.limits-{uuid4().hex}"


class SharedWindows(SharedExtension):
    """Holds the `windows` of this gateway, which count what the others let through too."""

    def __init__(self) -> None:
        super().__init__()
        self._name = uuid4().hex
        self._hits: dict[tuple[str, int, int], int] = {}
        self._something = Event()
        self._stopping = self.connected = False
        self.windows = Windows(self._note)

    def setup(self) -> None:
        config = self.container.config
        self._uri, self._heartbeat = config[AMQP_URI_CONFIG_KEY], config.get(HEARTBEAT_CONFIG_KEY, 10)

    def start(self) -> None:
        self.container.spawn_managed_thread(self._stay_connected, identifier="limits")

    def stop(self) -> None:
        self._stopping = True

    def _note(self, window: str, seconds: int, most: int) -> None:
        if not self.connected or len(self._hits) >= MOST_AT_ONCE:
            return
        hit = (window, seconds, most)
        self._hits[hit] = self._hits.get(hit, 0) + 1
        if not self._something.ready():
            self._something.send()

    def _stay_connected(self) -> None:
        waits: Iterator[float] = pauses()
        while not self._stopping:
            try:
                for _ in self._share():
                    waits = pauses()
            except LOST as problem:
                log.warning("the limits lost the bus, and count alone: %s", problem)
            self.connected = False
            if not self._stopping:
                eventlet.sleep(next(waits))

    def _share(self) -> Iterator[None]:
        """Hear and tell as long as the connection lasts; yields now and then, to say that it does."""
        connection = connect(self._uri, self._heartbeat)
        telling: Any = None
        try:
            channel: Any = connection.channel()
            queue = Queue(queue_name(), EXCHANGE, durable=False, exclusive=True, auto_delete=True)
            queue.bind(channel).declare()
            channel.basic_consume(queue.name, no_ack=True, callback=self._on_message)
            self._hits, self.connected = {}, True
            telling = eventlet.spawn(self._tell, Producer(channel, EXCHANGE, auto_declare=False))
            while not self._stopping:
                try:
                    connection.drain_events(timeout=1.0)
                except TimeoutError:
                    yield
                connection.heartbeat_check()
                if telling.dead:
                    telling.wait()  # raises what ended it
        finally:
            if telling is not None:
                telling.kill()
            close(connection)

    def _tell(self, producer: Any) -> None:
        """Send what was let through, soon after it was: one message for all of it."""
        while True:
            self._something.wait()
            eventlet.sleep(FLUSH_SECONDS)
            self._something, hits, self._hits = Event(), self._hits, {}
            body = orjson.dumps([self._name, [[*hit, count] for hit, count in hits.items()]])
            producer.publish(body, content_type="application/json", content_encoding="utf-8", delivery_mode=1)

    def _on_message(self, message: Any) -> None:
        try:
            sender, hits = orjson.loads(message.body)
            if sender == self._name:
                return
            for window, seconds, most, count in hits[:MOST_AT_ONCE]:
                for _ in range(min(int(count), int(most))):
                    self.windows.note(str(window), int(seconds), int(most))
        except (ValueError, TypeError):
            log.warning("an unreadable word of another gateway on the bus")
