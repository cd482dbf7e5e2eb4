"""The live stream of one order: each entry of its timeline, in every open page, in well under a second.

Server-sent events. The id of an event is the journal entry's; a client that comes back with Last-Event-ID is given
what it missed, and now and then something it has seen: an id it knows is to be skipped. `gap` names services whose
past could not be read just now. A stream is ended after an hour, when its reader is too slow, and when the broker goes
away: clients reconnect by themselves, and are asked again who they are.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import cast

import orjson
from flask import Response, current_app, request

from gateway.http.calls import authorized_for, caller, services
from gateway.http.limits import address_of
from gateway.http.resource import Resource
from gateway.live.follower import Follower, LiveStream, TooManyStreams
from gateway.resources import timeline
from gateway.resources.timeline import TimelineStep
from services.common.basics.api import OrderNotFound
from services.common.basics.caller import ANY_STAFF, CUSTOMER
from services.common.basics.clock import parse_rfc3339

HEARTBEAT_SECONDS = 15.0
LIFETIME_SECONDS = 3600.0
RETRY_MS = 2000
OVERLAP = timedelta(minutes=5)  # entries may reach the journals of two services later than their times say

blp = Resource("live", "An order as it moves")

LAST_EVENT_ID = {
    "in": "header",
    "name": "Last-Event-ID",
    "required": False,
    "schema": {"type": "string", "maxLength": 64},
    "description": "The last entry seen: what came after it is sent first.",
}


@blp.get(
    "/orders/<number(ORD):number>/live",
    roles=(CUSTOMER, *ANY_STAFF),
    errors=(OrderNotFound, TooManyStreams),
    parameters=(LAST_EVENT_ID,),
    text="text/event-stream",
)
def follow_order(number: str) -> Response:
    """Follow an order live, as server-sent events.

    `event: entry`, `id:` the entry's, `data:` the entry as the timeline shows it. Comments keep the connection open.
    """
    authorized_for(number, ask_always=True)
    live, last_seen = services().live, request.headers.get("Last-Event-ID")
    address = address_of(request, current_app.config["PLEDGE"].trusted_proxies)
    follower = live.follow(number, address)  # first, so that nothing falls between the past and the present
    try:
        past, missing = timeline.read_timeline(number) if last_seen else ([], [])
    except BaseException:
        live.leave(follower)
        raise
    request.environ["eventlet.minimum_write_chunk_size"] = 1  # send each event at once
    stream = Stream(live, follower, since(past, last_seen), missing, to_staff=caller().is_staff)
    headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    if request.method == "HEAD":
        stream.close()
        return Response(b"", headers=headers)
    return Response(stream, headers=headers)


def since(past: list[TimelineStep], last_seen: str | None) -> list[TimelineStep]:
    """What may have been missed since that entry; everything when it is not known."""
    known = next((entry for entry in past if entry["id"] == last_seen), None)
    if known is None:
        return past
    from_then = parse_rfc3339(known["occurred_at"]) - OVERLAP
    return [entry for entry in past if entry is not known and parse_rfc3339(entry["occurred_at"]) >= from_then]


class Stream:
    """The bytes of one stream; the web server calls `close` however it ends."""

    def __init__(
        self, live: LiveStream, follower: Follower, past: list[TimelineStep], missing: list[str], *, to_staff: bool
    ):
        self._live, self._follower, self._to_staff = live, follower, to_staff
        self._past, self._missing = past, missing
        self._pieces = self._run()

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        self._live.leave(self._follower)

    def _run(self) -> Iterator[bytes]:
        yield f"retry: {RETRY_MS}\n: {self._follower.order_number}\n\n".encode()
        sent = {entry["id"] for entry in self._past}
        for entry in self._past:
            yield encode(entry)
        if self._missing:
            yield b"event: gap\ndata: " + orjson.dumps({"missing": self._missing}) + b"\n\n"
        until = time.monotonic() + LIFETIME_SECONDS
        while (remaining := until - time.monotonic()) > 0:
            fresh = self._follower.next(min(HEARTBEAT_SECONDS, remaining))
            if fresh is None:
                return
            if not fresh:
                yield b": still here\n\n"
                continue
            for entry in timeline.shown([cast(TimelineStep, fresh)], to_staff=self._to_staff):
                if entry["id"] not in sent:
                    yield encode(entry)


def encode(entry: TimelineStep) -> bytes:
    """One entry as a server-sent event."""
    return b"id: %b\nevent: entry\ndata: %b\n\n" % (str(entry["id"]).encode(), orjson.dumps(entry))
