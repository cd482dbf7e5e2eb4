"""Money in front of a person: what does not match, until when a person has to decide, and what they may decide.

Nothing here moves money by itself. While a case is open that may end in paying twice (`HOLDS_PAYOUTS`), what it is
about is not sent back: of a dispute the disputed part (disputes.py), else (`HOLDS_ALL_PAYOUTS`) all refunds of the
order. While one is open that leaves the order without its money (`HOLDS_DISPATCH`), nothing of it leaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.common.basics.money import CURRENCY, ZERO, Money
from services.common.basics.untyped import JsonDict
from services.orders.api import (
    AttentionKind,
    DecisionNotOffered,
    DispatchHeld,
    DispatchReleased,
    PaymentNeedsAttention,
    PaymentSettled,
    SettleDecision,
    UnknownPaymentFound,
    UnknownPaymentSettled,
    WrongStatus,
)
from services.orders.domain.currencies import reported

Raised = PaymentNeedsAttention | DispatchHeld | UnknownPaymentFound
Closed = PaymentSettled | DispatchReleased | UnknownPaymentSettled
K, D = AttentionKind, SettleDecision
DECISIONS: Mapping[AttentionKind, tuple[SettleDecision, ...]] = {
    K.OTHER_CURRENCY: (D.RETURNED,),
    K.SHORTFALL: (D.SEND_BACK,),
    K.UNPAID: (D.ACCEPT,),
    K.DISPUTE: (D.WON, D.LOST),
    K.BANK_REFUND: (D.NOTED, D.COVERS_OWED),
    K.REFUND_REFUSED: (),
    K.AMOUNT_DIFFERS: (D.NOTED,),
    K.CLAIM_UNCOVERED: (D.COVERED,),
    K.UNKNOWN_PAYMENT: (D.RETURNED, D.NOTED),
    K.REFUND_CEILING: (D.RELEASE,),
    K.CLAIM_REFUSED: (D.PAY, D.REFUSE),
    K.BOOKS_DIFFER: (D.NOTED,),
}
HOLDS_ALL_PAYOUTS = frozenset({K.BANK_REFUND, K.AMOUNT_DIFFERS})
HOLDS_PAYOUTS = HOLDS_ALL_PAYOUTS | {K.DISPUTE}
HOLDS_DISPATCH = frozenset({K.DISPUTE, K.UNPAID})


@dataclass(eq=False)
class Attention:
    """One case. `cents` are in the smallest unit of `currency`; `reference` tells cases of one kind apart.

    claim: what was claimed, of one that was refused (`domain.claim`).
    """

    id: str
    kind: AttentionKind
    payment_id: str
    order_number: str | None
    cents: int
    currency: str
    reason: str
    reference: str
    opened_at: datetime
    due_at: datetime
    settled_at: datetime | None = None
    decision: SettleDecision | None = None
    note: str = ""
    settled_by: str = ""
    claim: JsonDict | None = None
    version: int = 1

    @property
    def is_open(self) -> bool:
        return self.settled_at is None

    @property
    def amount(self) -> Money:
        """What of it is USD."""
        return Money(self.cents) if self.currency == CURRENCY else ZERO

    @property
    def decisions(self) -> tuple[SettleDecision, ...]:
        return DECISIONS[self.kind]

    def raised(self) -> list[Raised]:
        """Return the events that announce this case."""
        if self.order_number is None:
            amount = reported(self.cents, self.currency)
            return [UnknownPaymentFound(payment_id=self.payment_id, amount=amount, reason=self.reason)]
        told: list[Raised] = [
            PaymentNeedsAttention(
                order_number=self.order_number,
                payment_id=self.payment_id,
                amount=reported(self.cents, self.currency),
                reason=self.reason,
                kind=self.kind,
                due_at=self.due_at,
            )
        ]
        if self.kind in HOLDS_DISPATCH:
            told.append(DispatchHeld(order_number=self.order_number, hold_id=self.id, reason=self.reason))
        return told

    def close(self, now: datetime, by: str, decision: SettleDecision | None = None, note: str = "") -> list[Closed]:
        """End it: a person decided, or (`decision` None) it has settled by itself. WrongStatus when it is over."""
        if not self.is_open:
            raise WrongStatus("this is settled", details={"status": "settled"})
        if decision is not None and decision not in self.decisions:
            raise DecisionNotOffered(details={"decisions": [each.value for each in self.decisions]})
        self.settled_at, self.settled_by, self.decision, self.note = now, by, decision, note
        self.version += 1
        if self.order_number is None:
            return [UnknownPaymentSettled(payment_id=self.payment_id, decision=decision, note=note, by=by)]
        told: list[Closed] = [
            PaymentSettled(
                order_number=self.order_number,
                payment_id=self.payment_id,
                kind=self.kind,
                decision=decision,
                note=note,
            )
        ]
        if self.kind in HOLDS_DISPATCH:
            told.append(DispatchReleased(order_number=self.order_number, hold_id=self.id))
        return told
