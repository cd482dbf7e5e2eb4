"""The return: from the customer's wish to the money back (standard, section 4).

    requested ⇄ needs_info → authorized → in_transit → received → inspected → refund_due → refunded → closed
    requested → rejected → appealed → authorized | rejected_final
    requested | needs_info | authorized → withdrawn          authorized → lapsed → authorized

Parcels may come one by one: each receipt takes the return to `received`, and the inspection on to where its goods and
its money stand. A rejection needs a ground from the closed list and two people; an appeal is decided by a third.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.aftersales.api import events
from services.aftersales.api.events import ReturnEvent
from services.aftersales.api.refusals import AlreadyPaidBack, DisputeWithoutNote, UnknownRefund
from services.aftersales.api.replies import PartFound
from services.aftersales.api.statuses import ClaimStatus, Decision, Ground, Outcome, ReturnReason, ReturnStatus
from services.aftersales.domain.review import (
    Parts,
    Review,
    require_all_ok,
    require_ground,
    require_somebody_else,
)
from services.aftersales.domain.states import LETTING_GO, TRANSITIONS
from services.aftersales.domain.units import (
    Finding,
    Receipt,
    RefundClaim,
    ReturnUnit,
    named,
)
from services.common.basics.money import Money
from services.common.basics.states import moved, require_status

S = ReturnStatus


@dataclass(eq=False)
class Return:
    """zone: the customer's, in whose days their time to send is counted.

    due_at: when somebody has to have done the next thing (who waits longest comes first in the staff's queue)
    """

    number: str
    order_number: str
    email: str
    zone: str
    description: str
    evidence: list[str]
    requested_at: datetime
    due_at: datetime
    units: list[ReturnUnit]
    status: ReturnStatus = ReturnStatus.REQUESTED
    version: int = 1
    reviews: list[Review] = field(default_factory=list)
    claims: list[RefundClaim] = field(default_factory=list)
    proposed_by: str | None = None
    confirmed_by: str | None = None
    ground: Ground | None = None
    explanation: str | None = None
    appeal: str | None = None
    appealed_at: datetime | None = None
    authorized_at: datetime | None = None
    instructions: dict[str, str] = field(default_factory=dict)
    send_by: datetime | None = None
    sent_at: datetime | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    received_at: datetime | None = None
    inspected_at: datetime | None = None
    closed_at: datetime | None = None

    def requested(self) -> events.ReturnRequested:
        """The fact that it was asked for, with its pieces as lines."""
        counted: dict[tuple[str, ReturnReason], int] = {}
        for unit in self.units:
            counted[unit.sku, unit.reason] = counted.get((unit.sku, unit.reason), 0) + 1
        lines = tuple(events.ReturnedLine(sku, number, reason) for (sku, reason), number in counted.items())
        return events.ReturnRequested(**self._ids, lines=lines, requested_at=self.requested_at)

    # the review

    def ask(self, parts: Parts, question: str, by: str, now: datetime) -> ReturnEvent:
        """Ask the customer; the review waits for the answer."""
        self._move(S.NEEDS_INFO)
        self._note(Decision.INFO, parts, None, question, by, now)
        return events.ReturnInfoRequested(**self._ids, question=question)

    def answer(self, words: str, now: datetime) -> ReturnEvent:
        """The customer's answer to the last question."""
        self._move(S.REQUESTED)
        self.reviews[-1].answer, self.reviews[-1].answered_at = words, now
        return events.ReturnInfoAnswered(**self._ids)

    def authorize(
        self, parts: Parts, by: str, now: datetime, instructions: Mapping[str, str], send_by: datetime
    ) -> ReturnEvent:
        """Let the goods come back: all three parts are in order. After a rejection, somebody else has to say so."""
        self._require(S.REQUESTED, S.APPEALED)
        require_all_ok(parts)
        if self.status is S.APPEALED:
            require_somebody_else(by, self.proposed_by, self.confirmed_by)
        self._move(S.AUTHORIZED)
        self._note(Decision.AUTHORIZE, parts, None, "", by, now)
        self.authorized_at, self.instructions, self.send_by = now, dict(instructions), send_by
        return events.ReturnAuthorized(**self._ids, instructions=dict(instructions), send_by=send_by)

    def reject(self, parts: Parts, ground: Ground, explanation: str, by: str, now: datetime) -> ReturnEvent:
        """Propose a rejection; confirm the one that somebody else proposed last; or decide an appeal.

        The ground's part must have failed, with its evidence in the note. A proposal on another ground, or one made
        before the customer told more, is not confirmed but replaced.
        """
        self._require(S.REQUESTED, S.APPEALED)
        require_ground(parts, ground)
        if self.status is S.APPEALED:
            require_somebody_else(by, self.proposed_by, self.confirmed_by)
            self._move(S.REJECTED_FINAL)
            return self._rejected(parts, ground, explanation, by, now)
        proposal = self.reviews[-1] if self.reviews else None
        if proposal is None or proposal.decision is not Decision.REJECT or proposal.ground is not ground:
            self._note(Decision.REJECT, parts, ground, explanation, by, now)
            return events.ReturnRejectionProposed(**self._ids, ground=ground)
        require_somebody_else(by, proposal.by)
        self._move(S.REJECTED)
        self.proposed_by, self.confirmed_by = proposal.by, by
        return self._rejected(parts, ground, explanation, by, now)

    def contest(self, statement: str, now: datetime) -> ReturnEvent:
        """The customer appeals against the rejection."""
        self._move(S.APPEALED)
        self.appeal, self.appealed_at = statement, now
        return events.ReturnAppealed(**self._ids)

    def withdraw(self, now: datetime) -> ReturnEvent:
        self._move(S.WITHDRAWN)
        self.closed_at = now
        return events.ReturnWithdrawn(**self._ids)

    # the goods

    def lapse(self, now: datetime) -> ReturnEvent | None:
        """Nothing was sent in the time for it; None when that is not so."""
        if self.status is not S.AUTHORIZED or self.send_by is None or now <= self.send_by:
            return None
        self._move(S.LAPSED)
        return events.ReturnLapsed(**self._ids)

    def send(self, carrier: str | None, tracking_number: str | None, now: datetime) -> ReturnEvent:
        """The customer has handed the parcel over; that reopens a return that had lapsed."""
        self._require(S.AUTHORIZED, S.LAPSED)
        if self.status is S.LAPSED:
            self._move(S.AUTHORIZED)
        self._move(S.IN_TRANSIT)
        self.sent_at, self.carrier, self.tracking_number = now, carrier, tracking_number
        return events.ReturnSent(**self._ids, carrier=carrier, tracking_number=tracking_number)

    def receive(self, receipts: Sequence[Receipt], by: str, now: datetime) -> ReturnEvent:
        """Record what arrived, and how; the rest may come later. Goods that are here were sent, whatever was told."""
        self._require(S.LAPSED, S.AUTHORIZED, S.IN_TRANSIT, S.RECEIVED, S.INSPECTED, S.REFUND_DUE, S.REFUNDED)
        expected = sorted((unit for unit in self.units if unit.expected), key=lambda unit: unit.received_at is not None)
        chosen: list[ReturnUnit] = []
        for receipt in receipts:
            for unit in named(expected, receipt, chosen):
                unit.receive(receipt.condition, now, by)
                chosen.append(unit)
        self._bring_back_to_received()
        self.received_at = now
        shown = tuple(events.ArrivedUnit(unit.line_id, unit.unit, unit.sku, unit.condition) for unit in chosen)
        return events.ReturnReceived(**self._ids, units=shown)

    def inspect(
        self, findings: Sequence[Finding], by: str, now: datetime, paid_back: Collection[tuple[int, int]] = ()
    ) -> list[ReturnEvent]:
        """Judge pieces that arrived. What is accepted is claimed, exactly as it was paid, once.

        paid_back: pieces whose money the order gave back by other ways; they cannot be accepted once more.
        """
        self._require(S.IN_TRANSIT, S.RECEIVED, S.INSPECTED, S.REFUND_DUE, S.REFUNDED)
        if any(finding.outcome is Outcome.DISPUTED and not finding.note for finding in findings):
            raise DisputeWithoutNote
        judgeable = sorted((unit for unit in self.units if unit.judgeable), key=lambda unit: unit.outcome is not None)
        judged: list[ReturnUnit] = []
        for finding in findings:
            for unit in named(judgeable, finding, judged):
                unit.judge(finding.outcome, finding.note, now, by)
                judged.append(unit)
        accepted = [unit for unit in judged if unit.accepted]
        if any(unit.key in paid_back for unit in accepted):
            raise AlreadyPaidBack
        self._bring_back_to_received()
        self.inspected_at = now
        refund = Money.total(unit.paid for unit in accepted)
        found = events.ReturnInspected(
            **self._ids, accepted=len(accepted), disputed=len(judged) - len(accepted), refund=refund
        )
        return [found, *self._claim(accepted, refund, now), *self._go_on(now)]

    # the money

    def hear_of_refund(
        self, status: ClaimStatus, refund_id: str, amount: Money, seq: int, at: datetime, now: datetime
    ) -> tuple[RefundClaim | None, list[ReturnEvent]]:
        """Take in news of the payment ledger about a refund: (the claim it changed, what follows from it)."""
        claim = self._claim_of(refund_id, amount)
        if claim is None:
            raise UnknownRefund(details={"refund_id": refund_id, "amount": str(amount)})
        if not claim.hear(status, refund_id, seq):
            return None, []
        if not claim.settled:
            return claim, []
        claim.settled_at = at
        refunded = events.ReturnRefunded(**self._ids, amount=claim.amount, settled_at=at)
        return claim, [refunded, *self._go_on(now)]

    @property
    def refund(self) -> Money:
        """All that was accepted so far."""
        return Money.total(unit.paid for unit in self.units if unit.accepted)

    @property
    def unjudged(self) -> bool:
        """Whether goods are here that nobody has looked at."""
        return any(unit.unjudged for unit in self.units)

    @property
    def _ids(self) -> dict[str, str]:
        return {"return_number": self.number, "order_number": self.order_number}

    def _claim(self, accepted: Iterable[ReturnUnit], refund: Money, now: datetime) -> list[ReturnEvent]:
        if not refund:
            return []
        claim = RefundClaim(self.number, len(self.claims) + 1, refund, now)
        self.claims.append(claim)
        units = tuple(events.ClaimedUnit(unit.line_id, unit.unit, unit.paid) for unit in accepted)
        return [events.RefundClaimed(**self._ids, claim=claim.claim, amount=refund, units=units)]

    def _claim_of(self, refund_id: str, amount: Money) -> RefundClaim | None:
        """The claim that this refund answers: by its id or, at the first news of it, the oldest of that amount."""
        known = next((claim for claim in self.claims if claim.refund_id == refund_id), None)
        return known or next(
            (claim for claim in self.claims if claim.refund_id is None and claim.amount == amount), None
        )

    def _bring_back_to_received(self) -> None:
        for status in (S.AUTHORIZED, S.IN_TRANSIT, S.RECEIVED):
            if status in TRANSITIONS[self.status]:
                self._move(status)

    def _go_on(self, now: datetime) -> list[ReturnEvent]:
        """Follow goods and money, state by state, to where the return stands."""
        while (following := self._following()) is not None:
            self._move(following)
        if self.status is not S.CLOSED:
            return []
        self.closed_at = now
        return [events.ReturnClosed(**self._ids)]

    def _following(self) -> ReturnStatus | None:
        unsettled = any(not claim.settled for claim in self.claims)
        awaited = any(unit.awaited for unit in self.units)
        accepted = [unit for unit in self.units if unit.accepted]
        match self.status:
            case S.RECEIVED if not self.unjudged:
                return S.INSPECTED
            case S.INSPECTED if unsettled:
                return S.REFUND_DUE
            case S.INSPECTED if accepted:
                return S.REFUNDED
            case S.REFUND_DUE if not unsettled:
                return S.REFUNDED
            case S.REFUNDED if len(accepted) == len(self.units):
                return S.CLOSED
            case S.INSPECTED | S.REFUNDED if awaited:
                return S.IN_TRANSIT
        return None

    def _rejected(self, parts: Parts, ground: Ground, explanation: str, by: str, now: datetime) -> ReturnEvent:
        self._note(Decision.REJECT, parts, ground, explanation, by, now)
        self.ground, self.explanation = ground, explanation
        final = self.status is S.REJECTED_FINAL
        if final:
            self.closed_at = now
        return events.ReturnRejected(**self._ids, ground=ground, explanation=explanation, final=final)

    def _note(
        self,
        decision: Decision,
        parts: Parts,
        ground: Ground | None,
        words: str,
        by: str,
        now: datetime,
    ) -> None:
        found: dict[str, PartFound] = {
            part.value: {"result": checked.result, "note": checked.note} for part, checked in parts.items()
        }
        self.reviews.append(Review(self.number, len(self.reviews) + 1, decision, found, ground, words, by, now))

    def _require(self, *allowed: ReturnStatus) -> None:
        require_status(self.status, allowed, "the return")

    def _move(self, to: ReturnStatus) -> None:
        self.status = moved(TRANSITIONS, self.status, to, "the return")
        for unit in self.units:
            unit.holds = to not in LETTING_GO
