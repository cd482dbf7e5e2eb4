"""Who else has a ticket open: told to all gateways over the bus, and by each to the desks that look at that ticket.

    PUT /v1/desk/viewing                     a tab of the desk says what it looks at, and hears who does too
    GET /v1/desk/stream?tab=…                event `viewers` whenever that changes; its end is the end of that tab

Every gateway knows all (`viewers`), so that it does not matter which one a browser reaches. They tell one another over
the fanout exchange `gateway.viewers` (`telling`): `{"asks": …, "sights": [[person, tab, beat, ticket, writing], …]}`.
One that has just begun asks, and is told of each tab by the gateway that has its stream. Nothing is written down, and
nothing is refused by it: without the bus a gateway knows its own tabs alone, and the version of a ticket still decides
which of two answers goes out.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated, Protocol, TypedDict

from kombu.transport.base import StdChannel
from nameko.extensions import DependencyProvider

from gateway.http.calls import caller, services
from gateway.http.resource import Resource
from gateway.live.telling import Telling
from gateway.live.viewers import LAST, Sight, Tab, Viewer, Viewers
from services.common.basics.caller import AGENT, LEAD
from services.common.basics.shapes import Between, Example, Note, Pattern
from services.common.basics.untyped import Fields
from services.common.bus.connections import SharedExchange
from services.support.api.parts import TicketNumber

MOST_AT_ONCE = 5_000  # sights in a message
EXCHANGE = SharedExchange("gateway.viewers", type="fanout", durable=True)
TabName = Annotated[str, Pattern("[0-9a-f]{32}", "Not the name of a tab."), Example("0" * 31 + "1")]

blp = Resource("viewing", "Who else has a ticket open")


class Desk(Protocol):
    """A stream of the desk: it is told that its ticket has other viewers now."""

    tab: Tab

    def look_again(self) -> None: ...


class SharedViewers(Telling, DependencyProvider):
    """Gives workers itself: what the tabs of all gateways look at."""

    topic, exchange = "viewers", EXCHANGE

    def __init__(self) -> None:
        super().__init__()
        self._viewers = Viewers(self._moved)
        self._desks: dict[Tab, Desk] = {}
        self._fresh: dict[Tab, Sight] = {}
        self._asks = False

    def get_dependency(self, worker_ctx: object) -> SharedViewers:
        return self

    def see(self, sight: Sight) -> None:
        """Note what a tab looks at, and tell the other gateways."""
        self._viewers.note(sight, time.monotonic())
        self._pass_on(sight)

    def viewers_of(self, ticket: str, but: str) -> list[Viewer]:
        """Return who looks at a ticket, but for that person."""
        return self._viewers.of(ticket, but)

    def join(self, desk: Desk) -> None:
        """Tell this stream from now on who looks at what its tab looks at."""
        self._desks[desk.tab] = desk

    def part(self, desk: Desk) -> None:
        """Forget the stream, and its tab with it. Repeating is harmless."""
        if self._desks.get(desk.tab) is desk:
            del self._desks[desk.tab]
            self.see(Sight(*desk.tab, LAST, ""))

    def ticket_of(self, desk: Desk) -> str:
        """Return what its tab looks at, "" for nothing."""
        sight = self._viewers.sight(desk.tab)
        return sight.ticket if sight else ""

    def on_connected(self, channel: StdChannel) -> None:
        super().on_connected(channel)
        self._asks = True
        self.tell_soon()

    def check(self) -> None:
        super().check()
        self._viewers.expire(time.monotonic())

    def told(self) -> object:
        asks, sights = self._asks, [*self._fresh.values()]
        self._asks, self._fresh = False, {}
        return {
            "asks": asks,
            "sights": [[each.person, each.tab, each.beat, each.ticket, each.writing] for each in sights],
        }

    def hear(self, message: Fields) -> None:
        told = message["told"]
        for person, tab, beat, ticket, writing in told["sights"][:MOST_AT_ONCE]:
            sight = Sight(str(person), str(tab), int(beat), str(ticket), bool(writing))
            self._viewers.note(sight, time.monotonic())
        if told["asks"]:
            for known in filter(None, map(self._viewers.sight, self._desks)):
                self._pass_on(known)

    def _pass_on(self, sight: Sight) -> None:
        if self.connected and len(self._fresh) < MOST_AT_ONCE:
            self._fresh[sight.of] = sight
            self.tell_soon()

    def _moved(self, ticket: str) -> None:
        for tab in self._viewers.tabs_at(ticket):
            if desk := self._desks.get(tab):
                desk.look_again()


@dataclass(frozen=True)
class ViewTicket:
    """What a tab of the desk looks at. Left out: no ticket."""

    tab: Annotated[TabName, Note("the one that its stream was opened with")]
    beat: Annotated[int, Between(0, LAST - 1), Note("one more each time: what comes late counts no more")]
    ticket_number: TicketNumber | None = None
    writing: Annotated[bool, Note("words are typed into it now")] = False


class TicketViewers(TypedDict):
    """Who else has the ticket open, by mailbox."""

    ticket_number: Annotated[TicketNumber | None, Note("null: the tab looks at no ticket")]
    items: list[Viewer]


@blp.put("/desk/viewing", roles=(AGENT, LEAD))
def view_ticket(seen: ViewTicket) -> TicketViewers:
    """Say which ticket a tab of the desk looks at and whether its reader writes, and learn who else does.

    Say it when it changes, and every 25 seconds. It is forgotten after 75 seconds, and when the stream of that tab
    ends. It is told to those alone who look at the same ticket (`viewers` in the stream of the desk), never stored, and
    says nothing about what is written. Whether there is such a ticket is not asked.
    """
    caller().require(AGENT, LEAD)
    person = caller().email or caller().actor
    viewers, number = services().viewers, seen.ticket_number
    viewers.see(Sight(person, seen.tab, seen.beat, number or "", bool(number) and seen.writing))
    return {"ticket_number": number, "items": viewers.viewers_of(number, person) if number else []}
