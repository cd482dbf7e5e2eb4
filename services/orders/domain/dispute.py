"""One dispute of a payment, as the provider tells of it.

    open → answered → won | lost           (the end may come first, and the bank may change its mind)

Its money waits with the case in front of a person (disputes.py). A case may be about several disputes whose amounts do
not fit beside each other: it ends with the last of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.orders.api import WrongStatus
from services.orders.api.events import DisputeAnswered, DisputeDecided
from services.orders.api.statuses import DisputeStatus
from services.orders.domain.currencies import reported

OVER = frozenset({DisputeStatus.WON, DisputeStatus.LOST})


@dataclass(eq=False)
class Dispute:
    """`name` is the provider's; `cents` 0 stands for all of the payment. case: the reference of the case about it."""

    id: str
    payment_id: str
    order_number: str
    provider: str
    name: str
    cents: int
    currency: str
    reason: str
    case: str
    opened_at: datetime
    answer_by: datetime
    status: DisputeStatus = DisputeStatus.OPEN
    answered_at: datetime | None = None
    answered_by: str = ""
    ended_at: datetime | None = None
    version: int = 1

    @property
    def is_over(self) -> bool:
        return self.status in OVER

    def answer(self, now: datetime, by: str, note: str) -> DisputeAnswered | None:
        """Record that the bank has the evidence. Return None if that was known, or if the bank has decided."""
        if self.status is not DisputeStatus.OPEN:
            return None
        self._move(DisputeStatus.ANSWERED)
        self.answered_at, self.answered_by = now, by
        return DisputeAnswered(
            order_number=self.order_number, payment_id=self.payment_id, dispute_id=self.id, note=note
        )

    def require_open(self) -> None:
        """Raise WrongStatus unless it waits for the evidence."""
        if self.status is not DisputeStatus.OPEN:
            raise WrongStatus(f"the dispute is {self.status}", details={"status": self.status.value})

    def end(self, outcome: DisputeStatus, now: datetime) -> DisputeDecided | None:
        """Record what the bank, or a person for it, decided. Return None if that was known."""
        if self.status is outcome:
            return None
        before = self.status
        self._move(outcome)
        self.ended_at = now
        return DisputeDecided(
            order_number=self.order_number,
            payment_id=self.payment_id,
            dispute_id=self.id,
            outcome=outcome,
            before=before,
            amount=reported(self.cents, self.currency),
            decided_at=now,
        )

    def _move(self, to: DisputeStatus) -> None:
        self.status = to
        self.version += 1
