"""The live stream of one order: each entry of its timeline, in every open page, in well under a second.

Server-sent events. The id of an event is the journal entry's; a client that comes back with Last-Event-ID is given
what it missed, and entries of the five minutes before that it has seen: an id it knows is to be skipped. `gap` names
services whose past could not be read just now. A stream is ended after an hour, with the token that opened it, when its
reader is too slow or gone, when newer ones take its place, and when the broker goes away: clients reconnect by
themselves, and are asked again who they are.

A browser's EventSource sends no header of ours. It asks for a ticket with its token, which is good for a minute and for
this stream alone, and gives it in the address.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from logging import getLogger
from socket import MSG_PEEK
from typing import Annotated, TypedDict, cast

import eventlet
import orjson
from eventlet.greenio import GreenSocket
from eventlet.greenthread import GreenThread
from eventlet.hubs import trampoline
from flask import Response, current_app, g, request

from gateway.http import auth
from gateway.http.calls import authorized_for, caller, services, settings
from gateway.http.limits import address_of
from gateway.http.resource import Resource, end_of_token
from gateway.live.follower import LiveStream, OpenStream, TooManyStreams
from gateway.resources import timeline
from gateway.resources.timeline import TimelineStep
from services.common.basics.api import OrderNotFound
from services.common.basics.caller import CASE_STAFF, CUSTOMER
from services.common.basics.clock import now, parse_rfc3339
from services.common.basics.shapes import Line, Note
from services.common.edge.tokens import STREAM_LIFETIME, stream_token

HEARTBEAT_SECONDS = 15.0
LIFETIME_SECONDS = 3600.0
RETRY_MS = 2000
STILL_HERE = b": still here\n\n"
OVERLAP = timedelta(minutes=5)  # entries may reach the journals of two services later than their times say

REPLACED_RETRY_MS = 60_000  # for one that had to make room: it is not to push the newest out again at once

log = getLogger(__name__)
READERS = (CUSTOMER, *CASE_STAFF)

blp = Resource("live", "An order as it moves")

LAST_EVENT_ID = {
    "in": "header",
    "name": "Last-Event-ID",
    "required": False,
    "schema": {"type": "string", "maxLength": 64},
    "description": "The last entry seen: what came after it is sent first.",
}


@dataclass(frozen=True)
class FollowOrder:
    """For EventSource, which sends no headers of ours."""

    ticket: Annotated[str, Line(auth.MAX_TOKEN), Note("a stream ticket instead of the Authorization header")] | None = (
        None
    )
    last_event_id: Annotated[str, Line(64), Note("instead of Last-Event-ID")] | None = None


class StreamTicket(TypedDict):
    """What opens the live stream once more without a header, for a moment."""

    ticket: Annotated[str, Note("for `?ticket=` of the live stream")]
    expires_in: Annotated[int, Note("seconds in which the stream must be opened")]


@blp.post("/orders/<number(ORD):number>/live/tickets", roles=READERS, status=201, errors=(OrderNotFound,))
def open_stream_ticket(number: str) -> StreamTicket:
    """Get a ticket for the live stream of an order, for a browser's EventSource, which sends no Authorization header.

    Good for one minute. When the stream breaks, get another and pass the last id seen as `last_event_id`.
    """
    authorized_for(number, ask_always=True)
    ends = end_of_token()
    ticket = stream_token(settings().signing, number, caller().to_headers(), ends, now())
    return {"ticket": ticket, "expires_in": int(STREAM_LIFETIME.total_seconds())}


@blp.get(
    "/orders/<number(ORD):number>/live",
    roles=READERS,
    errors=(OrderNotFound, TooManyStreams),
    media="text/event-stream",
    headers=[LAST_EVENT_ID],
    by_ticket=True,
    personal=True,
)
def follow_order(number: str, query: FollowOrder) -> Response:
    """Follow an order live, as server-sent events.

    `event: entry`, `id:` the entry's, `data:` the entry as the timeline shows it. Comments keep the connection open.
    With the last id seen, what came after it is sent first, and entries of the five minutes before it once more: skip
    ids that you know. `event: gap` names services whose past could not be read just now. The stream ends with the
    token that opened it, after an hour, and when 20 newer ones follow the same order; clients come back by themselves.
    """
    authorized_for(number, ask_always=True)
    live, last_seen = services().live, request.headers.get("Last-Event-ID") or query.last_event_id
    address = address_of(request, current_app.config["PLEDGE"].trusted_proxies)
    follower = live.follow(
        number, address, auth.session_of(caller()) or ""
    )  # first, so that nothing falls between the past and the present
    try:
        past, missing = timeline.read_timeline(number) if last_seen else ([], [])
    except BaseException:
        live.leave(follower)
        raise
    to_staff = caller().is_staff
    return answer_with(
        lambda lifetime: OrderStream(live, follower, since(past, last_seen), missing, lifetime, to_staff=to_staff),
        follower,
    )


def answer_with(make: Callable[[float], Stream], follower: OpenStream) -> Response:
    """Return the stream that `make` gives for its lifetime in seconds: an hour, or as long as the token is good."""
    ends = g.get("ends") or end_of_token()
    lifetime = LIFETIME_SECONDS if ends is None else min(LIFETIME_SECONDS, (ends - now()).total_seconds())
    stream = make(lifetime)
    headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    if request.method == "HEAD":
        stream.close()
        return Response(b"", headers=headers)
    if connection := request.environ.get("gateway.connection"):
        stream.watch(connection)
    return Response(stream, headers=headers)


def since(past: list[TimelineStep], last_seen: str | None) -> list[TimelineStep]:
    """Return what may have been missed since that entry; everything if the entry is not known."""
    known = next((entry for entry in past if entry["id"] == last_seen), None)
    if known is None:
        return past
    from_then = parse_rfc3339(known["occurred_at"]) - OVERLAP
    return [entry for entry in past if entry is not known and parse_rfc3339(entry["occurred_at"]) >= from_then]


class Stream:
    """The bytes of one stream; the web server calls `close` however it ends."""

    def __init__(self, live: LiveStream, follower: OpenStream, lifetime: float):
        self._live, self._follower = live, follower
        self._until = time.monotonic() + lifetime
        self._watcher: GreenThread | None = None
        self._pieces = self._run()

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def watch(self, connection: GreenSocket) -> None:
        """Release the place as soon as the client closes, not when the next heartbeat fails."""
        self._watcher = eventlet.spawn(self._notice_end, connection)

    def close(self) -> None:
        self._live.leave(self._follower)
        if self._watcher is not None:
            self._watcher.kill()  # no one else may wait for this connection while it does

    def _notice_end(self, connection: GreenSocket) -> None:
        try:
            trampoline(connection.fileno(), read=True)
            if connection.recv(1, MSG_PEEK):
                return  # the client sends its next request already; it is still there
        except OSError as problem:
            log.debug("a stream's connection broke: %s", problem)
        self._follower.give(None)
        self._live.leave(self._follower)

    def _run(self) -> Iterator[bytes]:
        yield f"retry: {RETRY_MS}\n: {self._follower.order_number}\n\n".encode()
        yield from self._begin()
        while (remaining := self._until - time.monotonic()) > 0:
            pieces = self._tell(min(HEARTBEAT_SECONDS, remaining))
            if pieces is None:
                if self._follower.replaced:
                    yield f"retry: {REPLACED_RETRY_MS}\n\n".encode()
                return
            yield from pieces

    def _begin(self) -> Iterable[bytes]:
        """Return what comes before anything new."""
        return ()

    def _tell(self, seconds: float) -> Iterable[bytes] | None:
        """Return what is to be sent next, after at most so many seconds; None at the end."""
        raise NotImplementedError


class OrderStream(Stream):
    """The entries of one order: those that were missed, then each new one."""

    def __init__(
        self,
        live: LiveStream,
        follower: OpenStream,
        past: list[TimelineStep],
        missing: list[str],
        lifetime: float,
        *,
        to_staff: bool,
    ):
        super().__init__(live, follower, lifetime)
        self._past, self._missing, self._to_staff = past, missing, to_staff
        self._sent = {entry["id"] for entry in past}

    def _begin(self) -> Iterable[bytes]:
        gap = b"event: gap\ndata: " + orjson.dumps({"missing": self._missing}) + b"\n\n"
        return [*map(encode, self._past), *([gap] if self._missing else [])]

    def _tell(self, seconds: float) -> Iterable[bytes] | None:
        fresh = self._follower.next(seconds)
        if fresh is None:
            return None
        if not fresh:
            return [STILL_HERE]
        entries = timeline.shown([cast(TimelineStep, fresh)], to_staff=self._to_staff)
        return [encode(entry) for entry in entries if entry["id"] not in self._sent]


def encode(entry: TimelineStep) -> bytes:
    """Encode one entry as a server-sent event."""
    return b"id: %b\nevent: entry\ndata: %b\n\n" % (str(entry["id"]).encode(), orjson.dumps(entry))
