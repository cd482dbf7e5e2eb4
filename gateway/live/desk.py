"""What the desk is told while it happens: that something changed, never what it says.

One stream for each open tab of the staff. It names what changed (`ORD-…`, `TIC-…`) and the page reads again what it
shows, with the rights that its reader has at that moment. So nothing has to be kept for those who were away: a tab that
comes back reads everything once more. What changes together is told together, each thing once; of a burst that is too
large only `all` is left. A stream holds at most MOST names, however slow its reader is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, NotRequired, TypedDict

import eventlet
import orjson
from flask import Response

from gateway.http import auth
from gateway.http.calls import caller, services
from gateway.http.resource import Resource
from gateway.live.follower import DESK, OpenStream, TooManyStreams
from gateway.live.streams import STILL_HERE, Stream, answer_with
from gateway.live.viewing import TabName, TicketViewers
from services.common.basics.caller import ADMIN, AGENT, ANY_STAFF, LEAD, Caller
from services.common.basics.shapes import Note
from services.common.basics.untyped import Fields

MOST = 200
ALL_STAFF = 10_000
GATHER_SECONDS = 0.2

blp = Resource("desk", "The desk as things happen")


@dataclass(frozen=True)
class FollowDesk:
    """Which tab follows."""

    tab: Annotated[TabName, Note("a name that it makes for this stream, for PUT /v1/desk/viewing")] | None = None


class Change(TypedDict):
    """That something happened to a thing. `by`: the member of staff or the kind of actor from whom it came."""

    service: str
    subject: str
    order_number: str | None
    type: str
    by: str


class Changes(TypedDict):
    """Things that changed, each with the last that happened to it; `all`: too many to name."""

    items: list[Change]
    all: NotRequired[bool]


def may_hear(reader: Caller, entry: Fields) -> bool:
    """Return whether the reader works with such things: conversations are for agents and leads, people for admins."""
    if entry["service"] != "support":
        return True
    told = str(entry["type"]).startswith(("article_", "suggestion_", "team_", "availability_", "rules_")) or str(
        entry["subject"]
    ).startswith("TIC-")
    return reader.has(AGENT, LEAD) if told else reader.has(ADMIN)


class DeskFollower(OpenStream):
    """One tab of the desk: what changed since it was told last. It is never too slow: names replace names."""

    def __init__(self, reader: Caller, tab: str = ""):
        super().__init__(DESK, reader.actor, auth.session_of(reader) or "")
        self._reader = reader
        self.tab = reader.email or reader.actor, tab
        self.looks_again = False
        self._changed: dict[tuple[str, str], Change] = {}
        self._all = False

    @property
    def most(self) -> int:
        """As many as the gateway keeps open; each person has as many as one address may have."""
        return ALL_STAFF

    def give(self, entry: dict[str, object] | None) -> None:
        """Note what changed. None ends the stream."""
        if self.ended or (entry is not None and not self._note(entry)):
            return
        self.ended = self.ended or entry is None
        self._wake()

    def look_again(self) -> None:
        """Note that others look at the ticket of this tab now, or write on it."""
        self.looks_again = True
        self._wake()

    def _wake(self) -> None:
        if self.entries.empty():
            self.entries.put_nowait({})  # there is something

    def _note(self, entry: Fields) -> bool:
        if not may_hear(self._reader, entry):
            return False
        if self._all:
            return True
        service, subject = str(entry["service"]), str(entry["subject"])
        kind, _, name = str(entry["actor"]).partition(":")
        earlier = self._changed.pop((service, subject), None)
        by = name if kind == "staff" else kind
        self._changed[service, subject] = {
            "service": service,
            "subject": subject,
            "order_number": entry["order_number"],
            "type": str(entry["type"]),
            "by": earlier["by"] if earlier and kind == "service" else by,
        }
        if len(self._changed) > MOST:
            self._changed, self._all = {}, True
        return True

    def changes(self, seconds: float) -> Changes | None:
        """Return what changed, nothing if nothing did in that time, None at the end of the stream."""
        if self.next(seconds) is None or self.ended:
            return None
        if self._changed or self._all:
            eventlet.sleep(GATHER_SECONDS)
        found = Changes(items=[*self._changed.values()])
        if self._all:
            found["all"] = True
        self._changed, self._all = {}, False
        return found


class DeskStream(Stream):
    """The bytes of one stream of the desk."""

    def __init__(self, follower: DeskFollower, lifetime: float):
        super().__init__(services().live, follower, lifetime)
        self._desk, self._viewers = follower, services().viewers

    def close(self) -> None:
        super().close()
        self._viewers.part(self._desk)

    def _tell(self, seconds: float) -> Iterable[bytes] | None:
        found = self._desk.changes(seconds)
        if found is None:
            return None
        told = [b"event: changed\ndata: %b\n\n" % orjson.dumps(found)] if found["items"] or "all" in found else []
        if self._desk.looks_again:
            told.append(b"event: viewers\ndata: %b\n\n" % orjson.dumps(self._others()))
        return told or [STILL_HERE]

    def _others(self) -> TicketViewers:
        self._desk.looks_again = False
        ticket = self._viewers.ticket_of(self._desk)
        return {"ticket_number": ticket or None, "items": self._viewers.viewers_of(ticket, self._desk.tab[0])}


@blp.get("/desk/stream", roles=ANY_STAFF, errors=(TooManyStreams,), media="text/event-stream")
def follow_desk(query: FollowDesk) -> Response:
    """Follow what changes, for the desk, as server-sent events.

    `event: changed`, `data: {"items": [{"service", "subject", "order_number", "type", "by"}], "all"?}`: read again
    what you show of it, or everything where `all` is said and whenever the stream was opened again. Conversations are
    told to agents and leads, people and sessions to admins. `event: viewers`, `data: {"ticket_number", "items":
    [{"email", "writing"}]}`: who else has the ticket open that this tab looks at. The stream ends with the token that
    opened it, after an hour, and when the reader's roles change.
    """
    caller().require(*ANY_STAFF)
    follower = DeskFollower(caller(), query.tab or "")
    services().live.join(follower)
    if query.tab:
        services().viewers.join(follower)
    return answer_with(lambda lifetime: DeskStream(follower, lifetime), follower)
