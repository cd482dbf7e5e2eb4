"""Questions that cannot be answered at once: recorded, looked into, answered after a second person agreed
(standard, section 1: "record the user's questions in detail, conduct professional verification and sorting, and give a
complete and accurate reply"). Pure.

    open → drafted → verified
             ⇅
          sent_back

The author of a draft does not approve it. The ticket says what the customer is told meanwhile (`ticket`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.common.basics.caller import is_same_person
from services.common.basics.events import Event
from services.common.basics.states import moved
from services.support.api import events as e
from services.support.api.basis import ShownBasis
from services.support.api.refusals import OwnDraft
from services.support.api.statuses import VerificationStatus as _S
from services.support.domain.state import require_sentence

VERIFICATION_MOVES = {
    _S.OPEN: frozenset({_S.DRAFTED}),
    _S.DRAFTED: frozenset({_S.DRAFTED, _S.SENT_BACK, _S.VERIFIED}),
    _S.SENT_BACK: frozenset({_S.DRAFTED}),
    _S.VERIFIED: frozenset[_S](),
}


@dataclass
class Verification:
    """What is asked, what is known and on which evidence, and the draft of the answer.

    `note` is why the draft was sent back last; `answer` is what went out; `basis` what the draft rests on.
    The journal keeps who did each step.
    """

    id: str
    ticket_number: str
    question: str
    known: str
    evidence: str | None
    asked_by: str
    asked_at: datetime
    status: _S = _S.OPEN
    draft: str | None = None
    drafted_by: str | None = None
    drafted_at: datetime | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    note: str | None = None
    answer: str | None = None
    basis: list[ShownBasis] | None = None
    version: int = 1

    def submit(
        self,
        draft: str,
        actor: str,
        now: datetime,
        order: str | None,
        *,
        known: str | None = None,
        evidence: str | None = None,
        basis: list[ShownBasis] | None = None,
    ) -> list[Event]:
        """Write the answer that a second person is to check, with what has been found out since.

        order: the one that the ticket is proven to be about.
        """
        require_sentence(draft)
        self._move(_S.DRAFTED)
        self.draft, self.drafted_by, self.drafted_at = draft, actor, now
        self.basis = basis or None
        self.known, self.evidence = known or self.known, evidence or self.evidence
        return [e.AnswerDrafted(ticket_number=self.ticket_number, order_number=order, verification_id=self.id)]

    def send_back(self, why: str, actor: str, now: datetime, order: str | None) -> list[Event]:
        """Give the draft back to its author, with the reason. OwnDraft for the author."""
        self._decide(_S.SENT_BACK, actor, now)
        self.note = why
        return [e.DraftSentBack(ticket_number=self.ticket_number, order_number=order, verification_id=self.id, why=why)]

    def approve(self, text: str | None, actor: str, now: datetime) -> str:
        """Agree to the draft, or to an edited text of it. Return what the customer is to read."""
        self._decide(_S.VERIFIED, actor, now)
        answer = text or self.draft or ""
        require_sentence(answer)
        self.answer = answer
        return answer

    def _decide(self, to: _S, actor: str, now: datetime) -> None:
        self._move(to)
        if is_same_person(actor, self.drafted_by):
            raise OwnDraft
        self.decided_by, self.decided_at = actor, now

    def _move(self, to: _S) -> None:
        self.status = moved(VERIFICATION_MOVES, self.status, to, "the verification")
