"""The ticket: one demand of one customer, from the first word to its end (standard, sections 1, 5 and 6).

    new → open ⇄ waiting_customer | waiting_internal → resolved → closed        and, reversibly, → spam

A method moves the ticket and returns the message that was written, if any, and the events that tell of it. Nothing
here ends a ticket without an answer: it is resolved after a public answer with a code, a complaint is closed by the
customer's own decision or a lead's signature only, and a customer's message takes it up again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from services.common.basics.errors import Forbidden
from services.common.basics.events import Event
from services.support.api import events as e
from services.support.api.statuses import (
    Author,
    Category,
    ClosedBy,
    Origin,
    ResolutionCode,
    TicketStatus,
    Topic,
)
from services.support.api.tickets import (
    AlreadyRated,
    ContactForm,
    DecliningNeedsLead,
    NotAnswered,
    NoteAsksNobody,
    ReasonRequired,
    ReopenWindowOver,
    WrongStatus,
)
from services.support.domain.moves import IN_WORK, MOVES
from services.support.domain.parts import Message, Rating

REOPEN_WINDOW = timedelta(days=14)
SILENCE = timedelta(days=7)
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Stands for "nothing is due", so that a list by deadline needs no nulls."""

Written = tuple[Message, list[Event]]


@dataclass
class Ticket:
    """order_proven: the order is the customer's own; until then its number is hearsay, shown to agents as such.
    mailbox_proven: who writes here has read mail sent to that address. answered_cycle: the last cycle in which a
    person gave a public answer. next_due_at: the earliest deadline that runs, NEVER when none does.
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
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: ClosedBy | None = None
    status_before_spam: TicketStatus | None = None
    next_due_at: datetime = NEVER
    version: int = 1

    @classmethod
    def open(
        cls,
        number: str,
        form: ContactForm,
        now: datetime,
        *,
        answer_by: datetime,
        mailbox_proven: bool,
        order_proven: bool,
    ) -> tuple[Ticket, Message, list[Event]]:
        """Take in what a customer wrote; `answer_by` is the promise they are told at once."""
        ticket = cls(
            number=number,
            category=form.category,
            topic=form.topic,
            subject=form.subject,
            customer_name=form.name,
            customer_email=form.email,
            opened_at=now,
            order_number=form.order_number,
            order_proven=order_proven and form.order_number is not None,
            mailbox_proven=mailbox_proven,
            sku=form.sku,
            asked_cycle=1,
        )
        message = ticket._message(Author.CUSTOMER, "", form.message, now)
        return ticket, message, [ticket._opened(answer_by)]

    @classmethod
    def reach_out(
        cls, number: str, form: ContactForm, now: datetime, *, needs_answer: bool
    ) -> tuple[Ticket, Message, list[Event]]:
        """Begin a conversation with the customer of an order; what they are shown is kept to the letter."""
        ticket = cls(
            number=number,
            category=form.category,
            subject=form.subject,
            customer_name=form.name,
            customer_email=form.email,
            opened_at=now,
            origin=Origin.OUTREACH,
            order_number=form.order_number,
            order_proven=True,
            status=TicketStatus.WAITING_CUSTOMER if needs_answer else TicketStatus.OPEN,
        )
        message = ticket._message(Author.SYSTEM, "system", form.message, now)
        return ticket, message, [ticket._opened(None), ticket._posted(message)]

    @property
    def linked_order(self) -> str | None:
        """The order, when the link to it is proven."""
        return self.order_number if self.order_proven else None

    @property
    def answered(self) -> bool:
        """Whether a person answered in this cycle, or the customer has asked nothing in it."""
        return self.answered_cycle == self.cycle or self.asked_cycle != self.cycle

    @property
    def ratable(self) -> bool:
        done = self.status in (TicketStatus.RESOLVED, TicketStatus.CLOSED)
        return done and self.rated_cycle != self.cycle and self.resolution_code is not ResolutionCode.SETTLED

    def write(self, body: str, actor: str, now: datetime) -> Written:
        """The customer writes. A ticket that was done is taken up again; ReopenWindowOver when it is too late."""
        reopened = [] if self._standing in IN_WORK else self._take_up(now)
        if self._standing in (TicketStatus.WAITING_CUSTOMER, TicketStatus.WAITING_INTERNAL):
            self._stand(TicketStatus.OPEN)
        self.asked_cycle = self.cycle
        message = self._message(Author.CUSTOMER, actor, body, now)
        return message, [*reopened, self._posted(message)]

    def answer(self, body: str, actor: str, now: datetime, then: TicketStatus | None = None) -> Written:
        """A person answers for the customer to read; `then` says whose turn it is (open when left out)."""
        self._require_in_work()
        self._move(then or TicketStatus.OPEN)
        self.answered_cycle = self.cycle
        self.assignee = self.assignee or actor
        message = self._message(Author.AGENT, actor, body, now)
        return message, [self._posted(message)]

    def note(self, body: str, actor: str, now: datetime, then: TicketStatus | None = None) -> Written:
        """A note for staff. It may move the ticket to `open` or `waiting_internal`, and is no answer."""
        if then is TicketStatus.WAITING_CUSTOMER:
            raise NoteAsksNobody
        if then is not None:
            self._require_in_work()
            self._move(then)
        message = self._message(Author.AGENT, actor, body, now, internal=True)
        return message, [self._posted(message)]

    def announce(self, body: str, now: datetime, *, internal: bool = False) -> Written:
        """An automatic message: news for the customer, or a note for staff. It answers nothing and moves nothing."""
        message = self._message(Author.SYSTEM, "system", body, now, internal=internal)
        return message, [self._posted(message)]

    def call_back(self) -> None:
        """Our turn after all: the customer could not be reached the way we tried."""
        if self.status is TicketStatus.WAITING_CUSTOMER:
            self._move(TicketStatus.OPEN)

    def assign(self, assignee: str | None) -> list[Event]:
        """Give it to somebody (their e-mail address), or back to the team."""
        if self.status is TicketStatus.NEW and assignee:
            self._move(TicketStatus.OPEN)
        self._require_in_work()
        self.assignee = assignee
        return [e.TicketAssigned(**self._names(), assignee=assignee)]

    def resolve(
        self, code: ResolutionCode, note: str | None, now: datetime, *, by_lead: bool, waits: bool
    ) -> list[Event]:
        """End it with a code; `waits` says whether a message of the customer is still unanswered.

        NotAnswered without a public answer of a person to everything asked. Declining a demand needs a note and a lead.
        """
        self._require_in_work()
        if not self.answered or waits:
            raise NotAnswered
        if code is ResolutionCode.DECLINED and not note:
            raise ReasonRequired
        if code is ResolutionCode.DECLINED and not by_lead:
            raise DecliningNeedsLead
        return self._resolve(code, note, now)

    def settle(self, now: datetime) -> list[Event]:
        """End a conversation that we began, since the customer has decided the matter elsewhere; else nothing."""
        asks_more = self.origin is not Origin.OUTREACH or self.asked_cycle == self.cycle
        return [] if asks_more or not self._in_work else self._resolve(ResolutionCode.SETTLED, None, now)

    def reopen(self, now: datetime) -> list[Event]:
        """Take it up again: a new cycle, whose clocks start anew while the old ones keep their verdicts."""
        if self.status not in (TicketStatus.RESOLVED, TicketStatus.CLOSED):
            raise WrongStatus(f"a ticket that is {self.status.value} needs no reopening")
        return self._take_up(now)

    def close(self, by: ClosedBy, now: datetime) -> list[Event]:
        """Close what is resolved. A complaint is not closed by silence."""
        if self.status is not TicketStatus.RESOLVED:
            raise WrongStatus(f"a ticket that is {self.status.value} cannot be closed: resolve it first")
        if by is ClosedBy.SILENCE and self.category is Category.COMPLAINT:
            raise Forbidden(
                "a complaint closes with the customer's decision or a lead's signature", code="decision_required"
            )
        self._move(TicketStatus.CLOSED)
        self.closed_at, self.closed_by = now, by
        return [e.TicketClosed(**self._names(), closed_by=by)]

    def mark_spam(self, reason: str) -> list[Event]:
        """Out of the way, with a reason; nothing is deleted."""
        self._require(self.status is not TicketStatus.SPAM)
        before, self.status_before_spam = self.status, self.status
        self._move(TicketStatus.SPAM)
        return [e.TicketMoved(**self._names(), from_status=before, status=self.status, reason=reason)]

    def restore(self, reason: str) -> list[Event]:
        """It was no spam: back to where it was."""
        self._require(self.status is TicketStatus.SPAM)
        self._move(self.status_before_spam or TicketStatus.OPEN)
        self.status_before_spam = None
        return [e.TicketMoved(**self._names(), from_status=TicketStatus.SPAM, status=self.status, reason=reason)]

    def rate(self, score: int, comment: str | None, now: datetime) -> tuple[Rating, list[Event]]:
        """The customer's verdict on this resolution, 1 to 5, once."""
        if self.status not in (TicketStatus.RESOLVED, TicketStatus.CLOSED):
            raise WrongStatus("only what is resolved can be rated")
        if not self.ratable:
            raise AlreadyRated
        self.rated_cycle = self.cycle
        rating = Rating(self.number, self.cycle, score, comment, now)
        return rating, [e.TicketRated(**self._names(), score=score, cycle=self.cycle)]

    def prove_mailbox(self, order_email: str | None) -> None:
        """Who writes here has read mail sent to the customer's address; if the order has the same one, it is theirs."""
        self.mailbox_proven = True
        if self.order_number is not None and order_email == self.customer_email:
            self.order_proven = True

    @property
    def _in_work(self) -> bool:
        return self.status in IN_WORK

    @property
    def _standing(self) -> TicketStatus:
        """The status, or of spam the one it goes back to."""
        return self.status_before_spam or self.status

    def _stand(self, to: TicketStatus) -> None:
        if self.status is TicketStatus.SPAM:
            self.status_before_spam = to
        else:
            self._move(to)

    def _take_up(self, now: datetime) -> list[Event]:
        if self.closed_at is not None and now > self.closed_at + REOPEN_WINDOW:
            raise ReopenWindowOver
        self._stand(TicketStatus.OPEN)
        self.cycle += 1
        self.asked_cycle = self.cycle
        self.resolution_code = self.resolution_note = self.resolved_at = self.closed_at = self.closed_by = None
        return [e.TicketReopened(**self._names(), cycle=self.cycle)]

    def _require(self, fits: bool) -> None:
        if not fits:
            raise WrongStatus(f"the ticket is {self.status.value}")

    def _require_in_work(self) -> None:
        self._require(self._in_work)

    def _move(self, to: TicketStatus) -> None:
        if to is self.status:
            return
        if to not in MOVES[self.status]:
            raise WrongStatus(f"a ticket that is {self.status.value} cannot become {to.value}")
        self.status = to

    def _resolve(self, code: ResolutionCode, note: str | None, now: datetime) -> list[Event]:
        self._move(TicketStatus.RESOLVED)
        self.resolution_code, self.resolution_note, self.resolved_at = code, note, now
        return [e.TicketResolved(**self._names(), code=code, cycle=self.cycle)]

    def _names(self) -> dict[str, Any]:
        return {"ticket_number": self.number, "order_number": self.linked_order}

    def _message(self, author: Author, actor: str, body: str, now: datetime, *, internal: bool = False) -> Message:
        self.messages_count += 1
        return Message(self.number, self.messages_count, author, actor, body, internal, self.cycle, now)

    def _posted(self, message: Message) -> Event:
        kind = e.NotePosted if message.internal else e.MessagePosted
        return kind(**self._names(), author=message.author, status=self.status)

    def _opened(self, answer_by: datetime | None) -> Event:
        return e.TicketOpened(
            **self._names(), category=self.category, topic=self.topic, subject_line=self.subject, answer_by=answer_by
        )
