"""The ticket: one demand of one customer, from the first word to its end (standard, sections 1, 5 and 6).

    new → open ⇄ waiting_customer | waiting_internal | verifying → resolved → closed
    and, reversibly, → spam | merged
    quarantined → new | spam

A method moves the ticket and returns the message that was written, if any, and the events that tell of it. Nothing
here ends a ticket without an answer: it is resolved after a public answer with a code, a complaint is closed by the
customer's own decision or a lead's signature only, and a customer's message takes it up again, even out of spam.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.common.basics.errors import Forbidden
from services.common.basics.events import Event
from services.support.api import events as e
from services.support.api.escalation import LeadAnswersFirst
from services.support.api.guard import Quarantined, Suspicion
from services.support.api.refusals import (
    AlreadyRated,
    AmendingNeedsLead,
    DecliningNeedsLead,
    NotAnswered,
    NothingToAmend,
    NotRatable,
    ReasonRequired,
    SpamNeedsLead,
    StillVerifying,
    TopicOfOrder,
    WrongStatus,
)
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
from services.support.api.teams import Why
from services.support.api.ticket_forms import BeginTicket, ContactForm
from services.support.domain.parts import Rating, TicketMessage
from services.support.domain.sorting import Sorted
from services.support.domain.state import UNRATED, require_filled, require_sentence
from services.support.domain.thread import TicketThread

_AMENDED = ("category", "topic", "priority", "order_number", "sku", "team")


@dataclass
class Ticket(TicketThread):
    """A ticket, and all that can be done with it."""

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
        suspicions: Sequence[Suspicion] = (),
    ) -> tuple[Ticket, TicketMessage, list[Event]]:
        """Take in what a customer wrote; `answer_by` is the promise they are told at once.

        With suspicions it is set aside until it is let through; that promise counts from now all the same.
        """
        _require_topic_fits(form.topic, form.order_number)
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
            time_zone=form.time_zone,
            language=form.language,
            asked_cycle=1,
        )
        message = ticket._message(Author.CUSTOMER, "", form.message, now, proven=mailbox_proven)
        if suspicions:
            ticket.status = TicketStatus.QUARANTINED
            return ticket, message, [e.TicketQuarantined(**ticket._names(), reasons=list(suspicions))]
        return ticket, message, [ticket._opened(answer_by, Author.CUSTOMER)]

    @classmethod
    def begin(
        cls, number: str, begun: BeginTicket, actor: str, now: datetime, *, order_proven: bool
    ) -> tuple[Ticket, TicketMessage, list[Event]]:
        """Let a member of staff write first; it is their ticket, and their message is a person's answer."""
        _require_topic_fits(begun.topic, begun.order_number)
        require_sentence(begun.message)
        ticket = cls(
            number=number,
            category=begun.category,
            topic=begun.topic,
            subject=begun.subject,
            customer_name=begun.name,
            customer_email=begun.email,
            opened_at=now,
            origin=Origin.OUTREACH,
            order_number=begun.order_number,
            order_proven=order_proven and begun.order_number is not None,
            sku=begun.sku,
            time_zone=begun.time_zone,
            language=begun.language,
            assignee=actor,
            answered_cycle=1,
            status=TicketStatus.WAITING_CUSTOMER if begun.asks else TicketStatus.OPEN,
            waiting_since=now if begun.asks else None,
        )
        message = ticket._message(Author.AGENT, actor, begun.message, now)
        return ticket, message, [ticket._opened(None, Author.AGENT), ticket._posted(message)]

    @classmethod
    def reach_out(
        cls, number: str, form: ContactForm, now: datetime, *, needs_answer: bool
    ) -> tuple[Ticket, TicketMessage, list[Event]]:
        """Begin a conversation with the customer of an order; the exact text they are shown is kept."""
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
            time_zone=form.time_zone,
            status=TicketStatus.WAITING_CUSTOMER if needs_answer else TicketStatus.OPEN,
            waiting_since=now if needs_answer else None,
        )
        message = ticket._message(Author.SYSTEM, "system", form.message, now)
        return ticket, message, [ticket._opened(None, Author.SYSTEM), ticket._posted(message)]

    def end_waiting(self, now: datetime) -> list[Event]:
        """End what the customer did not answer.

        A complaint, what no person asked, and what is looked into, is our turn again instead.
        """
        self._require(self.status is TicketStatus.WAITING_CUSTOMER)
        if not self.ends_in_silence:
            self._move(self._our_turn)
            return []
        return self._resolve(ResolutionCode.SILENT, None, now)

    def amend(
        self,
        *,
        category: Category | None,
        topic: Topic | None,
        order_number: str | None,
        sku: str | None,
        order_proven: bool,
        by_lead: bool,
        priority: Priority | None = None,
        team: str | None = None,
        rules: list[str] | None = None,
    ) -> list[Event]:
        """Correct what it is about; None leaves a field as it is. A topic does not outlive the questions it is for, nor
        a team that was named the category that it was named for."""
        if not any((category, topic, priority, order_number, sku, team)):
            raise NothingToAmend
        self._require(self.status is not TicketStatus.MERGED and not self.quarantined)
        if category not in (None, self.category) and self.promised and not by_lead:
            raise AmendingNeedsLead
        before = {name: getattr(self, name) for name in _AMENDED}
        if category not in (None, self.category):
            self.team = None
        if order_number is not None and order_number != self.order_number:
            self.order_number, self.order_proven = order_number, order_proven
            self.topic = None
        self.category, self.sku = category or self.category, sku or self.sku
        self.priority = priority or self.priority
        self.topic, self.team = topic or self.topic, team or self.team
        _require_topic_fits(self.topic, self.order_number)
        after = {name: getattr(self, name) for name in before}
        changed = {name: {"from": before[name], "to": after[name]} for name in before if before[name] != after[name]}
        return [e.TicketAmended(**self._names(), changed=changed, rules=rules or [])] if changed else []

    def follow_rules(self, found: Sorted) -> list[Event]:
        """Be what the rules say."""
        return self.amend(
            category=found.category, topic=None, priority=found.priority, order_number=None, sku=None, team=found.team,
            order_proven=self.order_proven, by_lead=False, rules=found.rules,
        )  # fmt: skip

    def assign(self, assignee: str | None, why: Why = Why.BY_HAND, team: str | None = None) -> list[Event]:
        """Give it to a person (their e-mail address), or back to the team. team: which one that is."""
        if self.status is TicketStatus.NEW and assignee:
            self._move(TicketStatus.OPEN)
        self._require_in_work()
        before, self.assignee = self.assignee, assignee
        return [e.TicketAssigned(**self._names(), assignee=assignee, before=before, why=why, team=team)]

    def resolve(
        self,
        code: ResolutionCode,
        note: str | None,
        now: datetime,
        *,
        by_lead: bool,
        waits: bool,
        ground: DeclineGround | None = None,
    ) -> list[Event]:
        """End it with a code; `waits` says whether a message of the customer is still unanswered.

        NotAnswered without a public answer of a person to everything asked. Declining a demand needs a note and a lead;
        without a ground it is another one than those of the list.
        LeadAnswersFirst while the customer waits for a lead whom they asked for.
        """
        self._require_in_work()
        if self.verifying:
            raise StillVerifying
        if not self.answered or waits:
            raise NotAnswered
        require_filled(note or "")
        if self.lead_wanted:
            raise LeadAnswersFirst
        if code is ResolutionCode.DECLINED and not note:
            raise ReasonRequired
        if code is ResolutionCode.DECLINED and not by_lead:
            raise DecliningNeedsLead
        return self._resolve(code, note, now, ground or DeclineGround.OTHER)

    def settle(self, now: datetime) -> list[Event]:
        """End a conversation that we began, since the customer has decided the matter elsewhere; else nothing."""
        asks_more = self.origin is not Origin.OUTREACH or self.asked_cycle == self.cycle or self.verifying
        return [] if asks_more or not self._in_work else self._resolve(ResolutionCode.SETTLED, None, now)

    def reopen(self, now: datetime, *, by_customer: bool = False) -> list[Event]:
        """Take it up again: a new cycle, whose clocks start again while the old ones keep their verdicts.

        A customer, for whom spam is simply closed, brings that back too.
        """
        back: list[Event] = []
        if self.quarantined:
            raise Quarantined
        if by_customer and self.status is TicketStatus.SPAM and not self.too_late(now):
            back = self.restore("the customer asked for it")
            if self._in_work:
                return back
        if self.status not in (TicketStatus.RESOLVED, TicketStatus.CLOSED):
            raise WrongStatus(f"a ticket that is {self.status.value} needs no reopening")
        return [*back, *self._take_up(now)]

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

    def mark_spam(self, reason: str, *, by_lead: bool) -> list[Event]:
        """Mark it as spam, with a reason. Nothing is deleted. Raise SpamNeedsLead if it may be a customer's."""
        self._require(self.status is not TicketStatus.SPAM)
        if self.spam_needs_lead and not by_lead:
            raise SpamNeedsLead
        before, self.status_before_spam = self.status, self.status
        self._move(TicketStatus.SPAM)
        return [e.TicketMoved(**self._names(), from_status=before, status=self.status, reason=reason)]

    def let_through(self, reason: str, answer_by: datetime) -> list[Event]:
        """Take in what was set aside, or was kept as spam after that; `answer_by` counts from when it was written."""
        self._require(self.quarantined)
        before, self.status_before_spam = self.status, None
        self._move(TicketStatus.NEW)
        moved = e.TicketMoved(**self._names(), from_status=before, status=self.status, reason=reason)
        return [moved, self._opened(answer_by, Author.CUSTOMER)]

    def go_on_in(self, number: str) -> list[Event]:
        """Be merged: what comes goes to that ticket."""
        self._move(TicketStatus.MERGED)
        self.next_number = number
        return [e.TicketMerged(**self._names(), into=number)]

    def take_in(self, number: str, *, waits: bool) -> list[Event]:
        """Go on for that ticket too. waits: its customer waits for an answer, so that it is our turn."""
        self._require_in_work()
        if waits:
            if self.status in (TicketStatus.WAITING_CUSTOMER, TicketStatus.WAITING_INTERNAL):
                self._move(self._our_turn)
            self.asked_cycle = self.cycle
        return [e.TicketTookIn(**self._names(), other=number)]

    def come_back(self, number: str, status: TicketStatus, now: datetime) -> list[Event]:
        """Go on by itself again, in the status that it had."""
        self._require(self.status is TicketStatus.MERGED)
        self._move(status)
        self.next_number = None
        if status is TicketStatus.WAITING_CUSTOMER:
            self.waiting_since = now
        return [e.TicketUnmerged(**self._names(), out_of=number)]

    def give_back(self, number: str) -> list[Event]:
        """Go on without that ticket."""
        return [e.TicketGaveBack(**self._names(), other=number)]

    def split_off(
        self, number: str, said: Sequence[TicketMessage], subject: str, category: Category, answer_by: datetime,
        now: datetime, *, unasked: bool,
    ) -> tuple[Ticket, list[TicketMessage], list[Event], list[Event]]:  # fmt: skip
        """Make a ticket of its own of these messages. Return it with its thread and events, and the events of this one.

        unasked: nothing else is unanswered here.
        """
        self._require(self.status not in (TicketStatus.SPAM, TicketStatus.MERGED, TicketStatus.QUARANTINED))
        fits = category is self.category
        order = self.order_number
        ticket = Ticket(
            number=number,
            category=category,
            topic=self.topic if fits else None,
            subject=subject,
            customer_name=self.customer_name,
            customer_email=self.customer_email,
            opened_at=now,
            order_number=order,
            order_proven=self.order_proven,
            mailbox_proven=self.mailbox_proven,
            sku=self.sku,
            time_zone=self.time_zone,
            language=self.language,
            asked_cycle=1,
        )
        thread = [
            ticket._message(Author.CUSTOMER, each.actor, each.body, each.posted_at, proven=bool(each.proven))
            for each in said
        ]
        if unasked and self.answered_cycle != self.cycle:
            self.asked_cycle = 0
        split = e.TicketSplit(**self._names(), other=number, messages=len(said), answer_by=answer_by)
        return ticket, thread, [ticket._opened(answer_by, Author.CUSTOMER)], [split]

    def rate(self, score: int, comment: str | None, now: datetime) -> tuple[Rating, list[Event]]:
        """Record the customer's rating of this resolution, 1 to 5, once."""
        if self.status not in (TicketStatus.RESOLVED, TicketStatus.CLOSED):
            raise WrongStatus("only what is resolved can be rated")
        if self.resolution_code in UNRATED:
            raise NotRatable
        if not self.ratable:
            raise AlreadyRated
        self.rated_cycle = self.cycle
        rating = Rating(self.number, self.cycle, score, comment, now)
        return rating, [e.TicketRated(**self._names(), score=score, cycle=self.cycle)]

    def prove_mailbox(self, order_email: str | None) -> None:
        """Record that the caller reads the customer's mailbox.

        If the order has the same address, the order is theirs.
        """
        self.mailbox_proven = True
        if self.order_number is not None and order_email == self.customer_email:
            self.order_proven = True


def _require_topic_fits(topic: Topic | None, order_number: str | None) -> None:
    if topic is not None and order_number is not None:
        raise TopicOfOrder
