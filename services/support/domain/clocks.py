"""The clocks of a ticket: what is promised when, and what stops it (standard, sections 1 and 6). Pure.

first_response   from the customer's first message; by category: complaint 2 h, order and after-sales 4 h, others 8 h
next_response    from a customer's message that is unanswered; further ones do not move it
resolution       5 working days from the opening or reopening; stands still while we wait for the customer

Hours are business hours of the team. Only a person's public answer stops a response clock: no note, no automatic
message, not even the resolution (which therefore needs the answer first). The rules follow from the events that the
ticket returned, so that no code path can forget a clock.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from services.common.basics.events import Event
from services.common.calendar import BusinessHours
from services.common.calendar.business_hours import WEEKDAYS
from services.common.commitments import Clock, start, terms_for
from services.support.api.events import MessagePosted, TicketOpened, TicketReopened, TicketResolved
from services.support.api.statuses import Author, Category, Origin, TicketStatus
from services.support.api.terms import FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION, TERMS
from services.support.domain.ticket import NEVER, Ticket

FIRST, NEXT = FIRST_RESPONSE, NEXT_RESPONSE
_DAYS = re.compile(r"([A-Za-z]{3})(?:-([A-Za-z]{3}))?((?: +\d\d:\d\d-\d\d:\d\d)+)")


@dataclass(frozen=True)
class Promises:
    """When the team is at work, and whose working days count."""

    hours: BusinessHours
    calendar: str

    def answer_by(self, category: Category, at: datetime) -> datetime:
        """Until when a person answers what is asked at `at`."""
        return self.start(FIRST, "", category, at, clock_id="").due_at

    def start(
        self, kind: str, number: str, category: Category, at: datetime, *, clock_id: str, order: str | None = None
    ) -> Clock:
        """Start a clock of a ticket at `at`: the resolution counts working days, the responses business hours."""
        terms = terms_for(TERMS, kind, category)
        if kind == RESOLUTION:
            calendar, zone = self.calendar, self.hours.zone
            return start(
                kind, number, at, id=clock_id, owner="support", terms=terms, calendar=calendar, zone=zone,
                order_number=order,
            )  # fmt: skip
        return start(kind, number, at, id=clock_id, owner="support", terms=terms, hours=self.hours, order_number=order)


class TicketClocks:
    """The clocks of one ticket: told of each event, they start, stop, pause and go on by themselves.

    `make_id` gives the ids of new clocks. `started` and `changed` are what has to be written back.
    """

    def __init__(self, clocks: Iterable[Clock], promises: Promises, make_id: Callable[[], str]):
        self._clocks, self._promises, self._make_id = list(clocks), promises, make_id
        self.started: list[Clock] = []
        self.changed: dict[str, Clock] = {}

    @property
    def next_due_at(self) -> datetime:
        """The earliest deadline that runs; NEVER when none does."""
        return min((clock.due_at for clock in self._running() if clock.paused_at is None), default=NEVER)

    @property
    def waits(self) -> bool:
        """Whether a message of the customer is unanswered."""
        return any(clock.kind in (FIRST, NEXT) for clock in self._running())

    @property
    def all(self) -> list[Clock]:
        """Every clock there ever was on the ticket, the stopped ones with their verdicts."""
        return list(self._clocks)

    def due(self, *kinds: str) -> datetime | None:
        """The earliest deadline among the running clocks of these kinds."""
        return min((clock.due_at for clock in self._running() if clock.kind in kinds), default=None)

    def hear(self, ticket: Ticket, events: Iterable[Event], now: datetime) -> None:
        """Follow what the ticket did, then stand still or go on as its status demands."""
        for event in events:
            match event:
                case TicketOpened():
                    self._start(ticket, RESOLUTION, now)
                    if ticket.origin is Origin.CONTACT:
                        self._start(ticket, FIRST, now)
                case TicketReopened():
                    self._start(ticket, RESOLUTION, now)
                    self._start(ticket, NEXT, now)
                case MessagePosted(author=Author.CUSTOMER) if not self.waits:
                    self._start(ticket, NEXT, now)
                case MessagePosted(author=Author.AGENT):
                    self._stop(now, FIRST, NEXT)
                case TicketResolved():
                    self._stop(now, FIRST, NEXT, RESOLUTION)
        self._align(ticket.status, now)

    def _align(self, status: TicketStatus, now: datetime) -> None:
        for clock in self._running():
            still = status is TicketStatus.SPAM or (
                status is TicketStatus.WAITING_CUSTOMER and clock.kind == RESOLUTION
            )
            if still and clock.paused_at is None:
                clock.pause(max(now, clock.started_at), status.value)
                self._note(clock)
            elif not still and clock.paused_at is not None:
                clock.resume(now)
                self._note(clock)

    def _running(self) -> list[Clock]:
        return [clock for clock in self._clocks if clock.stopped_at is None]

    def _start(self, ticket: Ticket, kind: str, now: datetime) -> None:
        clock = self._promises.start(
            kind, ticket.number, ticket.category, now, clock_id=self._make_id(), order=ticket.linked_order
        )
        self._clocks.append(clock)
        self.started.append(clock)

    def _stop(self, now: datetime, *kinds: str) -> None:
        for clock in self._running():
            if clock.kind in kinds:
                clock.stop(max(now, clock.started_at))
                self._note(clock)

    def _note(self, clock: Clock) -> None:
        if clock not in self.started:
            self.changed[clock.id] = clock


def business_hours(text: str, zone: str, calendar: str) -> BusinessHours:
    """The team's hours from "Mon-Fri 09:00-12:00 13:00-18:00, Sat 10:00-14:00"; ValueError for anything else."""
    week: dict[str, list[list[str]]] = {}
    for part in text.split(","):
        found = _DAYS.fullmatch(part.strip())
        if found is None:
            raise ValueError(f"not hours of work: {part.strip()!r}")
        first = WEEKDAYS.index(found[1].lower())
        last = WEEKDAYS.index((found[2] or found[1]).lower())
        for day in WEEKDAYS[first : last + 1]:
            week[day] = [window.split("-") for window in found[3].split()]
    return BusinessHours.from_json({"zone": zone, "calendar": calendar, "week": week})
