"""What is written on a ticket: the customer's words, a person's answers, notes, and news (standard, sections 1 and 5).

A method adds one message and returns it with the events that tell of it. A customer's message takes a ticket up again,
even out of spam; only a person's answer counts as one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.common.basics.events import Event
from services.common.basics.folding import fold
from services.support.api import events as e
from services.support.api.basis import ShownBasis
from services.support.api.guard import Quarantined
from services.support.api.refusals import AnswerRepeats, NoteAsksNobody, ReopenWindowOver, StillVerifying
from services.support.api.statuses import Author, DeclineGround, ResolutionCode, TicketStatus
from services.support.domain.moves import IN_WORK
from services.support.domain.parts import TicketMessage
from services.support.domain.state import TicketState, require_sentence

Written = tuple[TicketMessage, list[Event]]


@dataclass
class TicketThread(TicketState):
    """A ticket as something to write on."""

    def write(self, body: str, actor: str, now: datetime, *, proven: bool = True) -> Written:
        """Add the customer's message. It reopens a resolved ticket and restores one marked as spam.

        Raise ReopenWindowOver if it is too late, Quarantined for what is set aside.
        """
        if self.quarantined:
            raise Quarantined
        if self._standing not in IN_WORK and self.too_late(now):
            raise ReopenWindowOver
        back = self.restore("the customer wrote again") if self.status is TicketStatus.SPAM else []
        reopened = [] if self._in_work else self._take_up(now)
        if self.status in (TicketStatus.WAITING_CUSTOMER, TicketStatus.WAITING_INTERNAL):
            self._move(self._our_turn)
        self.asked_cycle = self.cycle
        message = self._message(Author.CUSTOMER, actor, body, now, proven=proven)
        return message, [*back, *reopened, self._posted(message)]

    def answer(
        self,
        body: str,
        actor: str,
        now: datetime,
        then: TicketStatus | None = None,
        *,
        last: str = "",
        basis: list[ShownBasis] | None = None,
    ) -> Written:
        """Add a person's answer to the customer. `then` says whose turn it is; the default is ours.

        Without `then`, a resolved or closed ticket stays so: the message is an addition and no clock starts. While a
        question is looked into it is news, and ends nothing. Raise AnswerTooShort for less than a sentence,
        AnswerRepeats for what the answer before it (`last`) said. basis: what it rests on; a question of ours and
        news need none.
        """
        require_sentence(body)
        if fold(body) == fold(last):
            raise AnswerRepeats
        if then is None and self.status in (TicketStatus.RESOLVED, TicketStatus.CLOSED):
            message = self._message(Author.AGENT, actor, body, now)
            message.cite(basis, answers=True)
            return message, [self._posted(message)]
        self._require_in_work()
        if self.verifying and then not in (None, TicketStatus.WAITING_CUSTOMER):
            raise StillVerifying
        self._move(then or self._our_turn)
        if then is TicketStatus.WAITING_CUSTOMER:
            self.waiting_since, self.reminded_at = now, None
        answers = not self.verifying and then is not TicketStatus.WAITING_CUSTOMER
        return self._tell(body, actor, now, basis, answers=answers)

    def verify(self, verification_id: str, tell: str, actor: str, now: datetime, *, complete_by: datetime) -> Written:
        """Have its question looked into, and tell the customer what and until when: that is a person's answer.

        Raise StillVerifying if one is looked into already.
        """
        if self.verifying:
            raise StillVerifying
        self._require_in_work()
        self._move(TicketStatus.VERIFYING)
        self.verification_id = verification_id
        message, posted = self._tell(tell, actor, now)
        asked = e.VerificationRequested(**self._names(), verification_id=verification_id, complete_by=complete_by)
        return message, [*posted, asked]

    def give_verified_answer(
        self, answer: str, author: str, by: str, now: datetime, *, edited: bool, basis: list[ShownBasis] | None = None
    ) -> Written:
        """Add the complete answer that a second person agreed to; nothing is looked into any more."""
        self._require_in_work()
        found, self.verification_id = self.verification_id or "", None
        self._move(TicketStatus.OPEN)
        message, posted = self._tell(answer, author, now, basis, answers=True)
        message.verified_by = by
        return message, [*posted, e.AnswerVerified(**self._names(), verification_id=found, edited=edited)]

    def give_decision(
        self, body: str, author: str, agreed_by: str | None, now: datetime, code: ResolutionCode, note: str | None
    ) -> Written:
        """Add the decision about its complaint, and end it with that code; what is looked into goes on."""
        back = self.restore("its complaint is decided") if self.status is TicketStatus.SPAM else []
        message, posted = self._tell(body, author, now)
        message.verified_by = agreed_by
        if not self._in_work or self.verifying:
            return message, [*back, *posted]
        if self.status is TicketStatus.NEW:
            self._move(TicketStatus.OPEN)
        return message, [*back, *posted, *self._resolve(code, note, now, DeclineGround.AS_PROMISED)]

    def _tell(
        self, body: str, actor: str, now: datetime, basis: list[ShownBasis] | None = None, *, answers: bool = False
    ) -> Written:
        self.answered_cycle = self.cycle
        self.assignee = self.assignee or actor
        message = self._message(Author.AGENT, actor, body, now)
        message.cite(basis, answers=answers)
        return message, [self._posted(message)]

    def note(self, body: str, actor: str, now: datetime, then: TicketStatus | None = None) -> Written:
        """Add a note for staff. It may move the ticket to `open` or `waiting_internal`, and is no answer."""
        if then is TicketStatus.WAITING_CUSTOMER:
            raise NoteAsksNobody
        if then is not None:
            self._require_in_work()
            if self.verifying:
                raise StillVerifying
            self._move(then)
        message = self._message(Author.AGENT, actor, body, now, internal=True)
        return message, [self._posted(message)]

    def announce(self, body: str, now: datetime, *, internal: bool = False) -> Written:
        """Add an automatic message: news for the customer, or a note for staff.

        It answers nothing and moves nothing.
        """
        message = self._message(Author.SYSTEM, "system", body, now, internal=internal)
        return message, [self._posted(message)]

    def call_back(self) -> None:
        """Reopen a ticket that waits for the customer, because our message could not reach them."""
        if self.status is TicketStatus.WAITING_CUSTOMER:
            self._move(self._our_turn)

    def remind(self, now: datetime) -> None:
        """Note that the customer was reminded of our question."""
        self._require(self.status is TicketStatus.WAITING_CUSTOMER)
        self.reminded_at = now

    def restore(self, reason: str) -> list[Event]:
        """Restore it to its status before it was marked as spam."""
        self._require(self.status is TicketStatus.SPAM and not self.quarantined)
        self._move(self.status_before_spam or TicketStatus.OPEN)
        self.status_before_spam = None
        return [e.TicketMoved(**self._names(), from_status=TicketStatus.SPAM, status=self.status, reason=reason)]

    @property
    def _standing(self) -> TicketStatus:
        """The status, or of spam the one it goes back to."""
        return self.status_before_spam or self.status

    def _take_up(self, now: datetime) -> list[Event]:
        if self.too_late(now):
            raise ReopenWindowOver
        self._move(TicketStatus.OPEN)
        self.cycle += 1
        self.asked_cycle = self.cycle
        self.resolution_code = self.resolution_note = self.resolution_ground = self.resolved_at = None
        self.closed_at = self.closed_by = None
        return [e.TicketReopened(**self._names(), cycle=self.cycle)]

    def _resolve(
        self, code: ResolutionCode, note: str | None, now: datetime, ground: DeclineGround | None = None
    ) -> list[Event]:
        """End it. ground: why, where it is declined."""
        self._move(TicketStatus.RESOLVED)
        self.resolution_code, self.resolution_note, self.resolved_at = code, note, now
        self.resolution_ground = ground if code is ResolutionCode.DECLINED else None
        return [e.TicketResolved(**self._names(), code=code, cycle=self.cycle, ground=self.resolution_ground)]
