"""The clocks of a ticket: what is promised when, and what stops it (standard, sections 1 and 6). Pure.

first_response   from the customer's first message, also while it is set aside; by category: complaint 2 h, order and
                 after-sales 4 h, others 8 h; an urgent one within 2 h, one of high priority within 4 h
next_response    from a customer's message that is unanswered; further ones do not move it
resolution       5 working days from the opening or reopening; stands still while we wait for the customer
complete_answer  3 working days from the moment at which a question is looked into; stands still like resolution
lead_answer      1 working day from the moment at which the customer asks for a lead to that lead's own answer
update           1 working day to our next news, from the moment at which we told that something is late; again after
                 each news while a question is looked into, or a complaint is
complaint_acknowledgment, complaint_decision  1 and 5 working days from a complaint; the decision stands still like
                 resolution, and starts again with an objection

Hours are business hours of the team. Only a person's public answer stops a response clock: no note, no automatic
message, not even the resolution (which therefore needs the answer first). The rules follow from the events that the
ticket returned, so that no code path can forget a clock.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from services.common.basics.events import Event
from services.common.basics.untyped import JsonDict
from services.common.calendar import BusinessHours
from services.common.calendar.business_hours import WEEKDAYS
from services.common.commitments import Clock, Notice, start, terms_for
from services.support.api.events import (
    AnswerVerified,
    ComplaintAcknowledged,
    ComplaintDecided,
    ComplaintMoved,
    ComplaintObjected,
    ComplaintReceived,
    EscalationAnswered,
    MessagePosted,
    SuggestionMoved,
    SuggestionReceived,
    TicketAmended,
    TicketEscalated,
    TicketMoved,
    TicketOpened,
    TicketQuarantined,
    TicketReopened,
    TicketResolved,
    VerificationRequested,
)
from services.support.api.statuses import (
    Author,
    Category,
    ComplaintStatus,
    Origin,
    Priority,
    SuggestionStatus,
    TicketStatus,
)
from services.support.api.terms import (
    COMPLAINT_ACKNOWLEDGMENT,
    COMPLAINT_DECISION,
    COMPLETE_ANSWER,
    FIRST_RESPONSE,
    LEAD_ANSWER,
    NEXT_RESPONSE,
    RESOLUTION,
    SUGGESTION_REVIEW,
    TERMS,
    UPDATE,
)
from services.support.domain.state import NEVER
from services.support.domain.suggestion import UNDECIDED
from services.support.domain.ticket import Ticket

FIRST, NEXT = FIRST_RESPONSE, NEXT_RESPONSE
_DAYS = re.compile(r"([A-Za-z]{3})(?:-([A-Za-z]{3}))?((?: +\d\d:\d\d-\d\d:\d\d)+)")


@dataclass(frozen=True)
class TeamTime:
    """When the team is at work, and whose working days count."""

    hours: BusinessHours
    calendar: str

    def answer_by(self, category: Category, at: datetime) -> datetime:
        """Return by when a person answers what is asked at `at`."""
        return self.start(FIRST, "", category, at, clock_id="").due_at

    def news_by(self, at: datetime) -> datetime:
        """Return by when we write again to a customer to whom we send bad news at `at`."""
        return self.start(UPDATE, "", Category.ORDER, at, clock_id="").due_at

    def complete_by(self, at: datetime) -> datetime:
        """Return by when the complete answer comes to what is looked into from `at` on."""
        return self.start(COMPLETE_ANSWER, "", Category.ORDER, at, clock_id="").due_at

    def decided_by(self, at: datetime) -> datetime:
        """Return until when a lead decides about a suggestion that arrives at `at`."""
        return self.start(SUGGESTION_REVIEW, "", Category.SUGGESTION, at, clock_id="").due_at

    def complaint_by(self, kind: str, at: datetime) -> datetime:
        """Return until when a complaint that arrives at `at` is acknowledged, or decided."""
        return self.start(kind, "", Category.COMPLAINT, at, clock_id="").due_at

    def start(
        self,
        kind: str,
        number: str,
        category: Category,
        at: datetime,
        *,
        clock_id: str,
        order: str | None = None,
        priority: Priority = Priority.NORMAL,
    ) -> Clock:
        """Start a clock of a ticket at `at`: the responses count business hours, all others working days.

        A priority that has a time of its own counts where it is the shorter one.
        """
        terms = terms_for(TERMS, kind, category)
        sooner = TERMS.get(f"{kind}.{priority}")
        if sooner is not None and sooner.target < terms.target:
            terms = sooner
        if kind not in (FIRST, NEXT):
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

    def __init__(self, clocks: Iterable[Clock], team_time: TeamTime, make_id: Callable[[], str]):
        self._clocks, self._team_time, self._make_id = list(clocks), team_time, make_id
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
    def investigating(self) -> bool:
        """Whether a complaint is looked into: a person took it up, and it is not decided."""
        kinds = {clock.kind for clock in self._running()}
        return COMPLAINT_DECISION in kinds and COMPLAINT_ACKNOWLEDGMENT not in kinds

    @property
    def all(self) -> list[Clock]:
        """Every clock there ever was on the ticket, the stopped ones with their verdicts."""
        return list(self._clocks)

    def due(self, *kinds: str) -> datetime | None:
        """Return the earliest deadline among the running clocks of these kinds that are not paused."""
        running = (clock for clock in self._running() if clock.kind in kinds and clock.paused_at is None)
        return min((clock.due_at for clock in running), default=None)

    def stopped(self, kind: str, started_at: datetime) -> bool:
        """Return whether the clock of that kind that was started then has stopped by now."""
        return any(c.kind == kind and c.started_at == started_at and c.stopped_at for c in self._clocks)

    @property
    def asked_at(self) -> datetime | None:
        """Since when a message of the customer is unanswered; None if none is."""
        return min((clock.started_at for clock in self._running() if clock.kind in (FIRST, NEXT)), default=None)

    def hand_over(self, to: TicketClocks, ticket: Ticket, now: datetime) -> list[JsonDict]:
        """Let what runs go on in the clocks of another ticket, and end it here.

        It is due there when it was due here, and who was told of it is not told again. Here nothing was kept. Return
        what `take_back` needs.
        """
        handed: list[JsonDict] = []
        for clock in self._running():
            goes_on = replace(clock, id=to._make_id(), subject=ticket.number, order_number=ticket.linked_order)
            to._clocks.append(goes_on)
            to.started.append(goes_on)
            handed.append({"clock": clock.to_record(), "goes_on": goes_on.id})
            self._end_unwanted(clock, now)
        return handed

    def take_back(self, handed: Iterable[JsonDict], of: TicketClocks, now: datetime) -> None:
        """Let what was handed over run on here as if it had never stopped; there it ends."""
        for each in handed:
            clock = Clock.from_record(each["clock"])
            for theirs in [other for other in of.all if other.id == each["goes_on"]]:
                clock.warned_at = clock.warned_at or theirs.warned_at
                clock.breached_at = clock.breached_at or theirs.breached_at
                if theirs.stopped_at is None:
                    of._end_unwanted(theirs, now)
            self._clocks = [clock if known.id == clock.id else known for known in self._clocks]
            self._note(clock)

    def end_unwanted(self, now: datetime, *kinds: str) -> None:
        """End what runs of these kinds: it is kept elsewhere."""
        for clock in self._running():
            if clock.kind in kinds:
                self._end_unwanted(clock, now)

    def count_from(self, ticket: Ticket, kind: str, asked_at: datetime) -> None:
        """Let the clock of that kind run as if it had been started then: never due later than it is."""
        earlier = self._team_time.start(
            kind, ticket.number, ticket.category, asked_at, clock_id="", priority=ticket.priority
        )
        for clock in self._running():
            if clock.kind == kind and clock.advance(earlier):
                self._note(clock)

    def promise_news(self, ticket: Ticket, now: datetime) -> datetime:
        """Start the clock of our next news, unless it runs. Return until when we write."""
        if (due := self.due(UPDATE)) is None or due < now:
            self._stop(now, UPDATE)
            self._start(ticket, UPDATE, now)
            due = self._clocks[-1].due_at
        return due

    def sort_anew(self, ticket: Ticket, now: datetime, *, only_sooner: bool = False) -> None:
        """Count the answer clocks that run again from their start, by category, priority and order as they are now.

        What stood still then stands still again. A clock that has run out stays as it is: a promise that was not kept
        is not made good by calling it another one. only_sooner: no clock ends later than it did.
        """
        for place, old in enumerate(self._clocks):
            if old.stopped_at is not None:
                continue
            new = replace(old, order_number=ticket.linked_order)
            if old.kind in (FIRST, NEXT) and old.breached_at is None and (now <= old.due_at or old.paused_at):
                new = self._team_time.start(
                    old.kind, old.subject, ticket.category, old.started_at,
                    clock_id=old.id, order=ticket.linked_order, priority=ticket.priority,
                )  # fmt: skip
                for pause in old.pauses:
                    new.pause(pause.begun_at, pause.reason)
                    new.resume(pause.ended_at)
                if old.paused_at is not None:
                    new.pause(old.paused_at, old.pause_reason)
                new.warned_at = old.warned_at if new.due_at <= old.due_at else None
                if only_sooner and new.due_at > old.due_at:
                    new = replace(old, order_number=ticket.linked_order)
            self._clocks[place] = new
            self._note(new)

    def hear(self, ticket: Ticket, events: Iterable[Event], now: datetime) -> None:
        """Follow what the ticket did, then stand still or go on as its status demands."""
        for event in events:
            match event:
                case TicketQuarantined():
                    self._start(ticket, FIRST, now)
                case TicketMoved(from_status=TicketStatus.QUARANTINED, status=TicketStatus.SPAM):
                    self._recall(now, FIRST)
                case TicketOpened():  # of what was set aside at first, `now` is when it was written
                    self._start(ticket, RESOLUTION, now)
                    if ticket.origin is Origin.CONTACT:
                        self._start_or_go_on(ticket, FIRST, now)
                case TicketReopened():
                    self._start(ticket, RESOLUTION, now)
                    self._start(ticket, NEXT, now)
                case MessagePosted(author=Author.CUSTOMER) if not self.waits:
                    self._start(ticket, NEXT, now)
                case MessagePosted(author=Author.AGENT):
                    self._stop(now, FIRST, NEXT, UPDATE)
                    if ticket.verifying or self.investigating:
                        self._start(ticket, UPDATE, now)
                case VerificationRequested():
                    self._start(ticket, COMPLETE_ANSWER, now)
                case AnswerVerified():
                    self._stop(now, COMPLETE_ANSWER)
                case TicketResolved():
                    self._stop(now, FIRST, NEXT, RESOLUTION, UPDATE)
                case SuggestionReceived():
                    self._start(ticket, SUGGESTION_REVIEW, now)
                case SuggestionMoved(status=SuggestionStatus.WITHDRAWN):
                    self._recall(now, SUGGESTION_REVIEW)
                case SuggestionMoved(status=status) if status not in UNDECIDED:
                    self._stop(now, SUGGESTION_REVIEW, *(() if ticket.verifying else (UPDATE,)))
                case SuggestionMoved() if not any(each.kind == SUGGESTION_REVIEW for each in self._running()):
                    self._start(ticket, SUGGESTION_REVIEW, now)
                case TicketEscalated():
                    self._start(ticket, LEAD_ANSWER, now)
                case EscalationAnswered():
                    self._stop(now, LEAD_ANSWER)
                case TicketAmended(rules=rules):
                    self.sort_anew(ticket, now, only_sooner=bool(rules))
                case ComplaintReceived():
                    self._start(ticket, COMPLAINT_ACKNOWLEDGMENT, now)
                    self._start(ticket, COMPLAINT_DECISION, now)
                case ComplaintAcknowledged():
                    self._stop(now, COMPLAINT_ACKNOWLEDGMENT)
                    self.promise_news(ticket, now)
                case ComplaintObjected():
                    self._start(ticket, COMPLAINT_DECISION, now)
                    self.promise_news(ticket, now)
                case ComplaintDecided() | ComplaintMoved(status=ComplaintStatus.WITHDRAWN):
                    news = () if ticket.verifying else (UPDATE,)
                    self._stop(now, COMPLAINT_ACKNOWLEDGMENT, COMPLAINT_DECISION, *news)
        self._align(ticket, now)

    def _align(self, ticket: Ticket, now: datetime) -> None:
        repeats = ticket.verifying or self.investigating
        waits_for_customer = {RESOLUTION, COMPLETE_ANSWER, COMPLAINT_DECISION, *([UPDATE] if repeats else ())}
        for clock in self._running():
            still = ticket.status is TicketStatus.SPAM or (
                ticket.status is TicketStatus.WAITING_CUSTOMER and clock.kind in waits_for_customer
            )
            if still and clock.paused_at is None:
                clock.pause(max(now, clock.started_at), ticket.status.value)
                self._note(clock)
            elif not still and clock.paused_at is not None:
                clock.resume(now)
                self._note(clock)

    def _running(self) -> list[Clock]:
        return [clock for clock in self._clocks if clock.stopped_at is None]

    def _start(self, ticket: Ticket, kind: str, now: datetime) -> None:
        clock = self._team_time.start(
            kind, ticket.number, ticket.category, now, clock_id=self._make_id(), order=ticket.linked_order,
            priority=ticket.priority,
        )  # fmt: skip
        self._clocks.append(clock)
        self.started.append(clock)

    def _start_or_go_on(self, ticket: Ticket, kind: str, now: datetime) -> None:
        known = next((clock for clock in self._clocks if clock.kind == kind), None)
        if known is None:
            self._start(ticket, kind, now)
        elif known.reopen():
            self._note(known)

    def _stop(self, now: datetime, *kinds: str) -> None:
        for clock in self._running():
            if clock.kind in kinds:
                clock.stop(max(now, clock.started_at))
                self._note(clock)

    def _recall(self, now: datetime, kind: str) -> None:
        """End what was promised and is wanted no more: it was not kept."""
        for clock in self._running():
            if clock.kind == kind:
                clock.recall(max(now, clock.started_at))
                self._note(clock)

    def _end_unwanted(self, clock: Clock, now: datetime) -> None:
        """End a promise that is kept elsewhere. One that is late by now is told of there, not here."""
        clock.recall(max(now, clock.started_at))
        if clock.next_notice_at is not None:
            clock.told(Notice.BREACH, now)
        self._note(clock)

    def _note(self, clock: Clock) -> None:
        if clock not in self.started:
            self.changed[clock.id] = clock


def business_hours(text: str, zone: str, calendar: str) -> BusinessHours:
    """Parse the team's hours, such as "Mon-Fri 09:00-12:00 13:00-18:00, Sat 10:00-14:00".

    Raise ValueError for anything else.
    """
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
