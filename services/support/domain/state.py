"""What a ticket is, and what follows from it; `ticket` says what can be done with it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.common.basics.events import Event
from services.common.basics.states import moved
from services.common.basics.untyped import JsonDict
from services.support.api import events as e
from services.support.api.canned import UnfilledVariables, named_in
from services.support.api.refusals import ANSWER_MIN, AnswerTooShort, WrongStatus
from services.support.api.statuses import (
    Author,
    Category,
    ClosedBy,
    DeclineGround,
    Origin,
    Priority,
    ResolutionCode,
    TicketStatus,
    Topic,
)
from services.support.domain.moves import IN_WORK, MOVES
from services.support.domain.parts import TicketMessage

REOPEN_WINDOW = timedelta(days=14)
SILENCE = timedelta(days=7)
REMIND_AFTER, END_AFTER_REMINDER = timedelta(days=3), timedelta(days=7)
_REFUSALS = frozenset({ResolutionCode.DECLINED, ResolutionCode.DUPLICATE})
UNRATED = _REFUSALS | {ResolutionCode.SETTLED, ResolutionCode.SILENT}
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Stands for "nothing is due", so that a list by deadline needs no nulls."""


@dataclass
class TicketState:
    """order_proven: the order is the customer's own; until then its number is hearsay, shown to agents as such.
    mailbox_proven: the writer has read mail sent to that address. answered_cycle: the last cycle in which a
    person gave a public answer. next_due_at: the earliest deadline that runs, NEVER when none does. waiting_since,
    reminded_at: since when we wait for the customer, and when we reminded them. next_number: the ticket that continues
    this one. public_version: counts what the customer can see, so that it does not tell of notes. verification_id: of
    the question that is being looked into. escalated_at, escalated_cycle: when and in which cycle the customer last
    asked for a lead; lead_answered_at: when one answered then. team: the one that was named for it; None for that of
    its category.
    """

    number: str
    category: Category
    subject: str
    customer_name: str
    customer_email: str
    opened_at: datetime
    origin: Origin = Origin.CONTACT
    topic: Topic | None = None
    order_number: str | None = None
    order_proven: bool = False
    mailbox_proven: bool = False
    sku: str | None = None
    previous_number: str | None = None
    status: TicketStatus = TicketStatus.NEW
    assignee: str | None = None
    cycle: int = 1
    answered_cycle: int = 0
    asked_cycle: int = 0
    messages_count: int = 0
    rated_cycle: int = 0
    resolution_code: ResolutionCode | None = None
    resolution_note: str | None = None
    resolution_ground: DeclineGround | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: ClosedBy | None = None
    status_before_spam: TicketStatus | None = None
    next_due_at: datetime = NEVER
    version: int = 1
    public_version: int = 1
    next_number: str | None = None
    time_zone: str | None = None
    language: str | None = None
    waiting_since: datetime | None = None
    reminded_at: datetime | None = None
    verification_id: str | None = None
    priority: Priority = Priority.NORMAL
    team: str | None = None
    escalated_at: datetime | None = None
    escalated_cycle: int = 0
    lead_answered_at: datetime | None = None

    @property
    def linked_order(self) -> str | None:
        """The order, when the link to it is proven."""
        return self.order_number if self.order_proven else None

    @property
    def promised(self) -> bool:
        """Whether it is a complaint or a suggestion, whose end was promised: only a lead decides that it is none."""
        return self.category in (Category.COMPLAINT, Category.SUGGESTION)

    @property
    def quarantined(self) -> bool:
        """Whether it is set aside, or was kept as spam from there: it was never taken in."""
        return TicketStatus.QUARANTINED in (self.status, self.status_before_spam)

    @property
    def our_turn(self) -> bool:
        """Whether we have something to do."""
        return self._in_work and self.status is not TicketStatus.WAITING_CUSTOMER

    @property
    def answered(self) -> bool:
        """Whether a person answered in this cycle, or the customer has asked nothing in it."""
        return self.answered_cycle == self.cycle or self.asked_cycle != self.cycle

    @property
    def ratable(self) -> bool:
        done = self.status in (TicketStatus.RESOLVED, TicketStatus.CLOSED)
        return done and self.rated_cycle != self.cycle and self.resolution_code not in UNRATED

    @property
    def unrated(self) -> bool:
        """Whether it ended in a way that no customer is asked to rate."""
        ended = self.status in (TicketStatus.RESOLVED, TicketStatus.CLOSED)
        return not self._in_work and (not ended or self.resolution_code in UNRATED)

    @property
    def refused(self) -> bool:
        """Whether it ended without what the customer wanted, so that they must read why."""
        return self.resolution_code in _REFUSALS

    @property
    def spam_needs_lead(self) -> bool:
        """Whether it may be a customer's: a complaint, a proven mailbox, or the customer of an order."""
        return self.category is Category.COMPLAINT or self.mailbox_proven or self.order_proven

    @property
    def ends_in_silence(self) -> bool:
        """Whether it may end because the customer does not answer: no complaint, asked by a person, answered."""
        asked = self.answered_cycle == self.cycle
        return asked and self.category is not Category.COMPLAINT and not self.verifying and not self.lead_wanted

    @property
    def verifying(self) -> bool:
        """Whether its question is being looked into, even while we wait for the customer's answer to ours."""
        return self.verification_id is not None

    @property
    def lead_wanted(self) -> bool:
        """Whether the customer has asked for a lead, and none has answered yet."""
        return self.escalated_at is not None and self.lead_answered_at is None

    def too_late(self, now: datetime) -> bool:
        """Return whether it was closed too long ago to be reopened."""
        return self.closed_at is not None and now > self.closed_at + REOPEN_WINDOW

    @property
    def _in_work(self) -> bool:
        return self.status in IN_WORK

    def _require(self, fits: bool) -> None:
        if not fits:
            raise WrongStatus(f"the ticket is {self.status.value}")

    def require_in_work(self) -> None:
        """Raise WrongStatus for what is over."""
        self._require_in_work()

    def _require_in_work(self) -> None:
        self._require(self._in_work)

    @property
    def _our_turn(self) -> TicketStatus:
        """The status in which we have to do something."""
        return TicketStatus.VERIFYING if self.verifying else TicketStatus.OPEN

    def _move(self, to: TicketStatus) -> None:
        if to is self.status:
            return
        self.status = moved(MOVES, self.status, to, "the ticket")
        if to is not TicketStatus.WAITING_CUSTOMER:
            self.waiting_since = self.reminded_at = None

    def _names(self) -> JsonDict:
        return {"ticket_number": self.number, "order_number": self.linked_order}

    def _message(
        self, author: Author, actor: str, body: str, now: datetime, *, internal: bool = False, proven: bool = True
    ) -> TicketMessage:
        self.messages_count += 1
        return TicketMessage(self.number, self.messages_count, author, actor, body, internal, self.cycle, now, proven)

    def _posted(self, message: TicketMessage) -> Event:
        if message.internal:
            return e.NotePosted(**self._names(), author=message.author, status=self.status)
        basis = message.named_basis
        return e.MessagePosted(**self._names(), author=message.author, status=self.status, basis=basis)

    def _opened(self, answer_by: datetime | None, by: Author) -> Event:
        return e.TicketOpened(
            **self._names(),
            category=self.category,
            topic=self.topic,
            subject_line=self.subject,
            answer_by=answer_by,
            opened_by=by,
        )


def require_sentence(body: str) -> None:
    """Raise AnswerTooShort for less than a sentence, UnfilledVariables for what looks like a variable."""
    require_filled(body)
    if not is_sentence(body):
        raise AnswerTooShort


def require_filled(body: str) -> None:
    """Raise UnfilledVariables if a text for a customer still has variables in braces."""
    if names := named_in(body):
        raise UnfilledVariables(details={"names": names, "why": {}})


def is_sentence(body: str) -> bool:
    """Return whether it has as many visible characters as a sentence has, and half as many letters."""
    shown = [char for char in " ".join(body.split()) if char.isprintable()]
    return len(shown) >= ANSWER_MIN and sum(map(str.isalnum, shown)) >= ANSWER_MIN // 2
