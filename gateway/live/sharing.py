"""What the gateways tell one another over the bus: which limited requests each has let through.

Each gateway has a queue of its own on the fanout exchange `gateway.limits`, which goes when the gateway goes. What it
lets through within FLUSH_SECONDS leaves as one message, `[sender, [[window, seconds, most, count], …]]`; what the
others send is counted as if it had happened here. So a limit holds over all gateways, but for what each lets through
before messages arrive. Nothing waits for the bus: while it is away each gateway counts alone, and what is to be told is
dropped, since a limit that is a little too generous for a moment does no harm.
"""

from __future__ import annotations

from logging import getLogger
from uuid import uuid4

import eventlet
import orjson
from eventlet.event import Event
from eventlet.greenthread import GreenThread
from kombu import Producer, Queue
from kombu.transport.base import StdChannel
from nameko.extensions import SharedExtension

from gateway.http.windows import Windows
from gateway.live.own_queue import OwnQueue, queue_name
from services.common.bus.connections import SharedExchange

FLUSH_SECONDS = 0.2
MOST_AT_ONCE = 5_000  # windows in a message: more than a gateway serves in that time
EXCHANGE = SharedExchange("gateway.limits", type="fanout", durable=True)

log = getLogger(__name__)


class SharedWindows(OwnQueue, SharedExtension):
    """Holds the `windows` of this gateway, which count what the others let through too."""

    topic = "limits"

    def __init__(self) -> None:
        super().__init__()
        self._name = uuid4().hex
        self._hits: dict[tuple[str, int, int], int] = {}
        self._something = Event()
        self._telling: GreenThread | None = None
        self.windows = Windows(self._note)

    def _note(self, window: str, seconds: int, most: int) -> None:
        if not self.connected or len(self._hits) >= MOST_AT_ONCE:
            return
        hit = (window, seconds, most)
        self._hits[hit] = self._hits.get(hit, 0) + 1
        if not self._something.ready():
            self._something.send()

    def queue(self, channel: StdChannel) -> Queue:
        return Queue(queue_name(self.topic), EXCHANGE, durable=False, exclusive=True, auto_delete=True)

    def on_connected(self, channel: StdChannel) -> None:
        self._hits = {}
        self._telling = eventlet.spawn(self._tell, Producer(channel, EXCHANGE, auto_declare=False))

    def check(self) -> None:
        if self._telling is not None and self._telling.dead:
            self._telling.wait()  # raises what ended it

    def on_lost(self) -> None:
        if self._telling is not None:
            self._telling.kill()
            self._telling = None

    def _tell(self, producer: Producer) -> None:
        """Send what was let through, soon after it was: one message for all of it."""
        while True:
            self._something.wait()
            eventlet.sleep(FLUSH_SECONDS)
            self._something, hits, self._hits = Event(), self._hits, {}
            body = orjson.dumps([self._name, [[*hit, count] for hit, count in hits.items()]])
            producer.publish(body, content_type="application/json", content_encoding="utf-8", delivery_mode=1)

    def on_message(self, body: bytes) -> None:
        try:
            sender, hits = orjson.loads(body)
            if sender == self._name:
                return
            for window, seconds, most, count in hits[:MOST_AT_ONCE]:
                for _ in range(min(int(count), int(most))):
                    self.windows.note(str(window), int(seconds), int(most))
        except (ValueError, TypeError):
            log.warning("an unreadable word of another gateway on the bus")
