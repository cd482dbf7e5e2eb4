"""What the gateways tell one another over the bus, each over a queue of its own.

    class SharedWindows(Telling, SharedExtension):
        topic, exchange = "limits", SharedExchange("gateway.limits", type="fanout", durable=True)

        def told(self): ...         # what is to be told now; it is forgotten then
        def hear(self, message): ...    # what another gateway told: message["told"]

Call `tell_soon` when there is something: what comes within FLUSH_SECONDS leaves as one message, `[sender, told]`. What
is told is lost while the bus is away, and no one waits for it: only what does no harm then is told in this way.
"""

from __future__ import annotations

from logging import getLogger
from typing import ClassVar
from uuid import uuid4

import eventlet
import orjson
from eventlet.event import Event
from eventlet.greenthread import GreenThread
from kombu import Producer, Queue
from kombu.transport.base import StdChannel

from gateway.live.own_queue import OwnQueue, queue_name
from services.common.basics.untyped import Fields
from services.common.bus.connections import LOST, SharedExchange

FLUSH_SECONDS = 0.2

log = getLogger(__name__)


class Telling(OwnQueue):
    """An extension of the gateway that tells the other gateways something, and hears them."""

    exchange: ClassVar[SharedExchange]

    def __init__(self) -> None:
        super().__init__()
        self._name = uuid4().hex
        self._something = Event()
        self._telling: GreenThread | None = None

    def told(self) -> object:
        """Return what is to be told now, as JSON, and forget it."""
        raise NotImplementedError

    def hear(self, message: Fields) -> None:
        """Take `message["told"]` of another gateway. What raises ValueError, TypeError or KeyError is dropped."""
        raise NotImplementedError

    def tell_soon(self) -> None:
        """Have what there is told."""
        if self.connected and not self._something.ready():
            self._something.send()

    def queue(self, channel: StdChannel) -> Queue:
        return Queue(queue_name(self.topic), self.exchange, durable=False, exclusive=True, auto_delete=True)

    def on_connected(self, channel: StdChannel) -> None:
        self.told()  # what was not told while the bus was away is old by now
        self._telling = eventlet.spawn(self._tell, Producer(channel, self.exchange, auto_declare=False))

    def check(self) -> None:
        if self._telling is not None and self._telling.dead:
            raise self._telling.wait()

    def on_lost(self) -> None:
        if self._telling is not None:
            self._telling.kill()
            self._telling = None

    def _tell(self, producer: Producer) -> BaseException:
        """Send what there is, soon after it came: one message for all of it. Return how the connection was lost."""
        while True:
            self._something.wait()
            eventlet.sleep(FLUSH_SECONDS)
            self._something = Event()
            body = orjson.dumps([self._name, self.told()])
            try:
                producer.publish(body, content_type="application/json", content_encoding="utf-8", delivery_mode=1)
            except LOST as problem:  # `check` raises it where it is caught
                return problem

    def on_message(self, body: bytes) -> None:
        try:
            sender, told = orjson.loads(body)
            if sender != self._name:
                self.hear({"told": told})
        except (ValueError, TypeError, KeyError):
            log.warning("an unreadable word of another gateway on the bus")
