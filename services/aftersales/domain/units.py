"""One returned piece. That it arrived and that it was accepted are two findings, made at two times and kept apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from services.aftersales.api.refusals import UnitNotExpected
from services.aftersales.api.statuses import ClaimStatus, Condition, Outcome, ReturnReason
from services.common.basics.money import Money

NOT_HERE = frozenset({Condition.AWAITING, Condition.MISSING, Condition.LOST_BY_CARRIER})


class Receipt(NamedTuple):
    """So many pieces arrived like this: one (`line_id` and `unit`), or any `quantity` of a SKU."""

    condition: Condition
    line_id: int | None = None
    unit: int | None = None
    sku: str | None = None
    quantity: int = 1


class Finding(NamedTuple):
    """What the inspection found for one piece, or for `quantity` pieces of a SKU that arrived."""

    outcome: Outcome
    note: str = ""
    line_id: int | None = None
    unit: int | None = None
    sku: str | None = None
    quantity: int = 1


@dataclass(eq=False)
class ReturnUnit:
    """holds: the piece belongs to this return and to no other, until the return comes to nothing."""

    return_number: str
    order_number: str
    line_id: int
    unit: int
    sku: str
    title: str
    reason: ReturnReason
    paid: Money
    holds: bool = True
    condition: Condition = Condition.AWAITING
    outcome: Outcome | None = None
    note: str = ""
    received_at: datetime | None = None
    received_by: str | None = None
    inspected_at: datetime | None = None
    inspected_by: str | None = None

    @property
    def key(self) -> tuple[int, int]:
        return self.line_id, self.unit

    @property
    def awaited(self) -> bool:
        return self.condition is Condition.AWAITING

    @property
    def expected(self) -> bool:
        """Whether it may still arrive: also what was called missing can turn up."""
        return self.condition in NOT_HERE and not self.accepted

    @property
    def unjudged(self) -> bool:
        return not self.awaited and self.outcome is None

    @property
    def judgeable(self) -> bool:
        """Whether an inspection may say something: a dispute can end in acceptance, an acceptance stands."""
        return not self.awaited and not self.accepted

    @property
    def accepted(self) -> bool:
        return self.outcome is Outcome.ACCEPTED

    def receive(self, condition: Condition, at: datetime, by: str) -> None:
        self.condition, self.outcome = condition, None
        self.received_at, self.received_by = at, by

    def judge(self, outcome: Outcome, note: str, at: datetime, by: str) -> None:
        self.outcome, self.note = outcome, note
        self.inspected_at, self.inspected_by = at, by


@dataclass(eq=False)
class RefundClaim:
    """What one inspection gives back.

    ledger_seq   the place of the last news of it in the order's journal
    clock_id     the clock that runs until it is settled
    """

    return_number: str
    claim: int
    amount: Money
    claimed_at: datetime
    status: ClaimStatus = ClaimStatus.CLAIMED
    refund_id: str | None = None
    settled_at: datetime | None = None
    ledger_seq: int = 0
    clock_id: str | None = None

    @property
    def settled(self) -> bool:
        return self.status is ClaimStatus.SETTLED

    def hear(self, status: ClaimStatus, refund_id: str, seq: int) -> bool:
        """Take in news of the ledger; False for what is older than what is known. Settled is the last word."""
        if self.settled or seq <= self.ledger_seq:
            return False
        self.status, self.refund_id, self.ledger_seq = status, refund_id, seq
        return True


def named(units: Iterable[ReturnUnit], item: Receipt | Finding, chosen: Sequence[ReturnUnit]) -> list[ReturnUnit]:
    """The pieces that a receipt or finding speaks of, from those it may speak of and not twice.

    UnitNotExpected when there are not as many.
    """
    free = [unit for unit in units if unit not in chosen]
    if item.sku is not None:
        found = [unit for unit in free if unit.sku == item.sku][: item.quantity]
    else:
        found = [unit for unit in free if unit.key == (item.line_id, item.unit)]
    if len(found) < item.quantity:
        raise UnitNotExpected(
            details={"line_id": item.line_id, "unit": item.unit, "sku": item.sku, "found": len(found)}
        )
    return found
