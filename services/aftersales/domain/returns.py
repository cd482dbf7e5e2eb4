"""The return: from the customer's wish to the money back (standard, section 4).

    requested ⇄ needs_info → authorized → in_transit → received → inspected → refund_due → refunded → closed
    requested → rejected → appealed → authorized | rejected_final          rejected → rejected_final
    requested | needs_info | authorized → withdrawn          authorized → lapsed → authorized
    inspected → closed, when no piece was accepted; refund_due → inspected, while a piece is contested
    refunded | closed → refund_due, when the bank takes back that it paid
    inspected → exchange_due → inspected, while another piece is on its way instead of money (exchanges.py)

Parcels may come one by one: each receipt takes the return to `received`, and the inspection on to where its goods and
its money stand. A rejection, of the return or of a piece, needs a ground from the closed list and two people; an appeal
is decided by a third. What is accepted and not here, what its inspector asked for, and what exceeds the amount that one
person may pay out alone waits for a second person. Each piece ends refunded, exchanged, withdrawn, sent back or
rejected for good.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from services.aftersales.api import events
from services.aftersales.api.events import ReturnEvent
from services.aftersales.api.refusals import (
    AppealClosed,
    UnknownRefund,
)
from services.aftersales.api.replies import PartFound
from services.aftersales.api.statuses import (
    ClaimCause,
    ClaimStatus,
    Decision,
    Ground,
    Outcome,
    ReturnReason,
    ReturnStatus,
)
from services.aftersales.domain.exchanges import ReturnedExchanges
from services.aftersales.domain.goods import ReturnedGoods
from services.aftersales.domain.postage_steps import ReturnedPostage
from services.aftersales.domain.review import (
    Parts,
    Review,
    require_all_ok,
    require_ground,
    require_somebody_else,
)
from services.aftersales.domain.standing import named_units
from services.aftersales.domain.units import (
    RefundClaim,
)
from services.common.basics.clock import rfc3339
from services.common.basics.money import Money
from services.common.basics.states import WrongStatus
from services.common.commitments import LegalLimit

S = ReturnStatus


class Return(ReturnedGoods, ReturnedExchanges, ReturnedPostage):
    """A return, with all its steps."""

    def requested(self) -> events.ReturnRequested:
        """Return the event that it was requested, with its pieces as lines."""
        counted: dict[tuple[str, ReturnReason], int] = {}
        for unit in self.units:
            counted[unit.sku, unit.reason] = counted.get((unit.sku, unit.reason), 0) + 1
        lines = tuple(events.ReturnedLine(sku, number, reason) for (sku, reason), number in counted.items())
        return events.ReturnRequested(
            return_number=self.number,
            order_number=self.order_number,
            lines=lines,
            requested_at=self.requested_at,
            law=self.law if self.requested_by is None else None,
            outcome=self.outcome,
        )

    def bind_by(self, limit: LegalLimit) -> None:
        """Let the law say when it has to be repaid, also when staff wrote the customer's declaration down."""
        self.law, self.law_due_at = limit.label, limit.due_at(self.requested_at, self.zone)

    # the review

    def ask(self, parts: Parts, question: str, by: str, now: datetime) -> ReturnEvent:
        """Ask the customer; the review waits for the answer."""
        self._move(S.NEEDS_INFO)
        self._note(Decision.INFO, parts, None, question, by, now)
        return events.ReturnInfoRequested(**self._ids, question=question)

    def answer(self, words: str, now: datetime) -> ReturnEvent:
        """Record the customer's answer to the last question."""
        self._move(S.REQUESTED)
        self.reviews[-1].answer, self.reviews[-1].answered_at = words, now
        return events.ReturnInfoAnswered(**self._ids)

    def authorize(
        self, parts: Parts, by: str, now: datetime, instructions: Mapping[str, str], send_by: datetime
    ) -> ReturnEvent:
        """Let the goods come back: all three parts are in order. After a rejection, another person has to do it."""
        self._require(S.REQUESTED, S.APPEALED)
        self._require_other_than_asker(by)
        require_all_ok(parts)
        if self.status is S.APPEALED:
            require_somebody_else(by, self.proposed_by, self.confirmed_by)
        self._move(S.AUTHORIZED)
        self._note(Decision.AUTHORIZE, parts, None, "", by, now)
        self.authorized_at, self.instructions, self.send_by = now, dict(instructions), send_by
        return events.ReturnAuthorized(**self._ids, instructions=dict(instructions), send_by=send_by)

    def authorize_by_law(self, now: datetime, instructions: Mapping[str, str], send_by: datetime) -> list[ReturnEvent]:
        """Authorize a return that was declared under a rule without a review."""
        self._move(S.AUTHORIZED)
        self.authorized_at, self.instructions, self.send_by = now, dict(instructions), send_by
        authorized = events.ReturnAuthorized(**self._ids, instructions=dict(instructions), send_by=send_by)
        return [self.requested(), authorized]

    def reject(
        self,
        parts: Parts,
        ground: Ground,
        explanation: str,
        by: str,
        now: datetime,
        appeal_by: datetime | None = None,
    ) -> ReturnEvent:
        """Propose a rejection; confirm the one that another person proposed last; or decide an appeal.

        The ground's part must have failed, with its evidence in the note. A proposal on another ground, or one made
        before the customer told more, is not confirmed but replaced.
        """
        self._require(S.REQUESTED, S.APPEALED)
        self._require_other_than_asker(by)
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
        self.proposed_by, self.confirmed_by, self.appeal_by = proposal.by, by, appeal_by
        return self._rejected(parts, ground, explanation, by, now)

    def contest(self, statement: str, now: datetime) -> ReturnEvent:
        """Record the customer's appeal against the rejection of the return or of its pieces."""
        rejected = [unit for unit in self.units if unit.rejected]
        if not rejected:
            self._require(S.REJECTED)
        if self.appeal_by is not None and now > self.appeal_by:
            raise AppealClosed(details={"appeal_by": rfc3339(self.appeal_by)})
        if not rejected:
            self._move(S.APPEALED)
        for unit in rejected:
            unit.outcome, unit.appealed_at = Outcome.APPEALED, now
        self.appeal = f"{self.appeal}\n\n{statement}" if self.appeal else statement
        self.appealed_at, self.appeal_by = now, None
        return events.ReturnAppealed(**self._ids)

    def expire_appeal(self, now: datetime) -> list[ReturnEvent]:
        """End the time to appeal: the rejection is final.

        Do nothing if the time is not over or nothing was rejected.
        """
        if self.appeal_by is None or now <= self.appeal_by:
            return []
        self.appeal_by = None
        if self.status is S.REJECTED and self.ground is not None:
            self._move(S.REJECTED_FINAL)
            self.closed_at = now
            return [self._rejection(self.ground, self.explanation or "", final=True)]
        rejected = [unit for unit in self.units if unit.rejected]
        for unit in rejected:
            unit.outcome = Outcome.REJECTED_FINAL
        return [*self._tell_rejected(rejected, final=True), *self._go_on(now)]

    def withdraw(self, now: datetime) -> list[ReturnEvent]:
        """Withdraw the return: all goods before they are sent, later those that have not arrived."""
        awaited = [unit for unit in self.units if unit.awaited]
        if len(awaited) == len(self.units):
            self._move(S.WITHDRAWN)
            self.closed_at = now
            return [events.ReturnWithdrawn(**self._ids)]
        if not awaited:
            raise WrongStatus("nothing is left to withdraw", details={"status": self.status.value})
        for unit in awaited:
            unit.withdrawn_at = now
        self._bring_back_to_received()
        return [events.ReturnPiecesWithdrawn(**self._ids, units=named_units(awaited)), *self._go_on(now)]

    def authorize_withdrawal(self, now: datetime, instructions: Mapping[str, str], send_by: datetime) -> ReturnEvent:
        """Authorize a return that was not, since its customer has made it a withdrawal under a rule.

        A rejection does not count any more; the reviews keep it.
        """
        if self.status is S.NEEDS_INFO:
            self._move(S.REQUESTED)
        if self.status is S.REJECTED:
            self._move(S.APPEALED)
        self.ground = self.explanation = self.appeal_by = None
        return self.authorize_by_law(now, instructions, send_by)[1]

    # the goods

    def lapse(self, now: datetime) -> ReturnEvent | None:
        """End an authorized return that was not sent in time. Return None in any other case."""
        if self.status is not S.AUTHORIZED or self.send_by is None or now <= self.send_by:
            return None
        self._move(S.LAPSED)
        return events.ReturnLapsed(**self._ids)

    def send(self, carrier: str | None, tracking_number: str | None, now: datetime) -> ReturnEvent:
        """Record that the customer has handed the parcel over. This reopens a return that had lapsed."""
        self._require(S.AUTHORIZED, S.LAPSED)
        if self.status is S.LAPSED:
            self._move(S.AUTHORIZED)
        self._move(S.IN_TRANSIT)
        self.sent_at, self.carrier, self.tracking_number = now, carrier, tracking_number
        return events.ReturnSent(**self._ids, carrier=carrier, tracking_number=tracking_number)

    # the money

    def hear_of_refund(
        self,
        status: ClaimStatus,
        refund_id: str,
        amount: Money,
        seq: int,
        at: datetime,
        now: datetime,
        cause: ClaimCause = ClaimCause.RETURN,
        *,
        credit_note: bool = False,
    ) -> tuple[RefundClaim | None, list[ReturnEvent]]:
        """Take in news of the payment ledger about a refund: (the claim it changed, what follows from it)."""
        claim = self._claim_of(refund_id, amount, cause)
        if claim is None:
            raise UnknownRefund(details={"refund_id": refund_id, "amount": str(amount)})
        if not claim.hear(status, refund_id, seq):
            return None, []
        if claim.settled_at is not None and not claim.settled:
            claim.settled_at = self.closed_at = None
            taken_back = events.ReturnRefundTakenBack(**self._ids, amount=claim.amount, pays=cause)
            return claim, [taken_back, *self._go_on(now)]
        if not claim.settled:
            return claim, []
        claim.settled_at = at
        refunded = events.ReturnRefunded(
            **self._ids, amount=claim.amount, settled_at=at, pays=cause, credit_note=credit_note
        )
        return claim, [refunded, *self._go_on(now)]

    def _claim_of(self, refund_id: str, amount: Money, cause: ClaimCause) -> RefundClaim | None:
        """Return the claim that this refund answers: by its id or, at its first report, the oldest of that amount."""
        mine = [claim for claim in self.claims if claim.cause is cause]
        known = next((claim for claim in mine if claim.refund_id == refund_id), None)
        return known or next((claim for claim in mine if claim.refund_id is None and claim.amount == amount), None)

    def _rejected(self, parts: Parts, ground: Ground, explanation: str, by: str, now: datetime) -> ReturnEvent:
        self._note(Decision.REJECT, parts, ground, explanation, by, now)
        self.ground, self.explanation = ground, explanation
        final = self.status is S.REJECTED_FINAL
        if final:
            self.closed_at, self.appeal_by = now, None
        return self._rejection(ground, explanation, final=final)

    def _rejection(self, ground: Ground, explanation: str, *, final: bool) -> ReturnEvent:
        return events.ReturnRejected(
            return_number=self.number,
            order_number=self.order_number,
            ground=ground,
            explanation=explanation,
            final=final,
            appeal_by=self.appeal_by,
        )

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
