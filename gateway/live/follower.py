"""Every journal entry, as the services publish it, given to each reader in this gateway who follows its order, or all.

Each gateway has a queue of its own on the bus, which goes when the gateway goes. When the connection to the broker
breaks, entries may be missed: all streams are ended, the clients come back and read up what they have not seen.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from logging import getLogger
from typing import TypeVar

import orjson
from eventlet.queue import Empty, LightQueue
from kombu import Queue, binding
from kombu.transport.base import StdChannel
from nameko.extensions import DependencyProvider

from gateway.http.checks import Checks
from gateway.live.own_queue import OwnQueue, queue_name
from gateway.settings import GatewaySettings
from services import SERVICES
from services.common.basics.errors import Unavailable
from services.common.bus.connections import events_exchange
from services.common.runtime.config import ENVIRON

WAITING = 200  # entries that may wait for one reader; a slower one is cut off, and catches up later
STREAMS_PER_ORDER = 20
DESK = "desk"
"""What the streams of the desk follow, instead of an order: everything."""

ENDS = {"session_ended": "session_id", "api_key_ended": "key_id"}
"""Events that end the streams of who came so, and the field that says with what."""

F = TypeVar("F", bound="OpenStream")

log = getLogger(__name__)


class TooManyStreams(Unavailable):
    """This gateway keeps as many streams open as it may."""

    code = "too_many_streams"
    message = "Too many live streams are open; come back in a while."


class OpenStream:
    """One open stream: the entries of one order, from now on."""

    def __init__(self, order_number: str, address: str = "", session_id: str = ""):
        self.order_number, self.address, self.session_id = order_number, address, session_id
        self.entries: LightQueue = LightQueue(WAITING + 1)
        self.ended = self.replaced = False

    @property
    def most(self) -> int:
        """How many streams may follow the same."""
        return STREAMS_PER_ORDER

    def give(self, entry: dict[str, object] | None) -> None:
        """Give the follower its next entry. None ends the stream, and so does a reader that lets too many wait."""
        if self.ended:
            return
        if entry is None or self.entries.qsize() >= WAITING:
            self.ended, entry = True, None
        self.entries.put_nowait(entry)

    def next(self, seconds: float) -> dict[str, object] | None:
        """Return the next entry, {} if none came in that time, or None at the end of the stream."""
        try:
            entry: dict[str, object] | None = self.entries.get(timeout=seconds)
        except Empty:
            return {}
        return entry


class LiveStream(OwnQueue, DependencyProvider):
    """Gives workers itself: `follow(order_number, address)` from the moment of the call on.

    checks: what is remembered of sessions and links, until an event about them arrives.
    """

    topic = "live"

    def setup(self) -> None:
        super().setup()
        settings = GatewaySettings.load(self.container.config[ENVIRON])
        self._limit, self._limit_per_address = settings.live_streams, settings.live_streams_per_address
        self._followers: dict[str, set[OpenStream]] = defaultdict(set)
        self._all: dict[OpenStream, None] = {}  # the oldest first
        self._addresses: Counter[str] = Counter()
        self.checks = Checks()

    def stop(self) -> None:
        super().stop()
        self._end_all()

    def get_dependency(self, worker_ctx: object) -> LiveStream:
        return self

    def follow(self, order_number: str, address: str, session_id: str = "") -> OpenStream:
        """Add a follower of an order. Raise Unavailable if the bus is away or the gateway is full.

        Call `leave` when done.
        """
        return self.join(OpenStream(order_number, address, session_id))

    def join(self, follower: F) -> F:
        """Add a follower; see `follow`.

        Only so many may follow one order, and so many from one address: the newest wins and the oldest of them ends. So
        a client that opens many streams takes none from others, and a page that is loaded again gets its stream.
        """
        if not self.connected:
            raise Unavailable("the bus is away for a moment", code="service_unavailable")
        order_number, address = follower.order_number, follower.address
        if self._addresses[address] >= self._limit_per_address:
            self._replace(next(each for each in self._all if each.address == address))
        if len(self._followers.get(order_number, ())) >= follower.most:
            self._replace(next(each for each in self._all if each.order_number == order_number))
        if self._addresses.total() >= self._limit:
            raise TooManyStreams(details={"retry_after": 15})
        self._followers[order_number].add(follower)
        self._all[follower] = None
        self._addresses[address] += 1
        return follower

    def _replace(self, oldest: OpenStream) -> None:
        oldest.replaced = True
        oldest.give(None)
        self.leave(oldest)

    def leave(self, follower: OpenStream) -> None:
        """Remove the follower, whose reader is gone. Repeating is harmless."""
        followers = self._followers.get(follower.order_number, set())
        if follower in followers:
            followers.remove(follower)
            del self._all[follower]
            self._addresses -= Counter([follower.address])  # forgets addresses that have none left
        if not followers:
            self._followers.pop(follower.order_number, None)

    def queue(self, channel: StdChannel) -> Queue:
        for source in SERVICES:
            events_exchange(source).bind(channel).declare()
        bindings = [binding(events_exchange(source), routing_key="#") for source in SERVICES]
        return Queue(queue_name(self.topic), bindings=bindings, durable=False, exclusive=True, auto_delete=True)

    def on_lost(self) -> None:
        self.checks.clear()
        self._end_all()

    def on_message(self, body: bytes) -> None:
        try:
            entry = orjson.loads(body)
            self.checks.hear(entry)
            if entry.get("type") in ENDS:
                self._end_of(entry["body"][ENDS[entry["type"]]])
            for follower in [*self._followers.get(entry["order_number"], ()), *self._followers.get(DESK, ())]:
                follower.give(entry)
            if entry.get("type") == "staff_changed":
                self._end_of_person(f"staff:{entry['body']['email']}")
        except (ValueError, TypeError, KeyError, AttributeError):
            log.warning("an unreadable entry on the bus")

    def _end_of(self, session_id: str) -> None:
        for follower in [each for each in self._all if each.session_id == session_id]:
            follower.give(None)

    def _end_of_person(self, actor: str) -> None:
        """End what a member of staff follows: they come back with the roles that they have now."""
        for follower in [each for each in self._followers.get(DESK, ()) if each.address == actor]:
            follower.give(None)

    def _end_all(self) -> None:
        for followers in [*self._followers.values()]:
            for follower in [*followers]:
                follower.give(None)
