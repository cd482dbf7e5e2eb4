"""One returned piece. That it arrived and that it was accepted are two findings, made at two times and kept apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from services.aftersales.api.refusals import DisputeWithoutNote, ReviewIncomplete, UnitNotExpected
from services.aftersales.api.statuses import (
    ClaimCause,
    ClaimStatus,
    Condition,
    Disposition,
    Ground,
    Outcome,
    ReturnReason,
)
from services.aftersales.domain.review import require_ground_named, require_somebody_else
from services.common.basics.folding import code_key
from services.common.basics.money import Money

NOT_HERE = frozenset({Condition.AWAITING, Condition.MISSING, Condition.LOST_BY_CARRIER})
UNDECIDED = frozenset({Outcome.DISPUTED, Outcome.UNCONFIRMED, Outcome.APPEALED})
"""What a second or third person has to look at."""


class Chosen(NamedTuple):
    """One piece (`line_id` and `unit`), or any `quantity` of a SKU."""

    line_id: int | None = None
    unit: int | None = None
    sku: str | None = None
    quantity: int = 1


class Receipt(NamedTuple):
    """So many pieces arrived like this: one (`line_id` and `unit`), or any `quantity` of a SKU."""

    condition: Condition
    line_id: int | None = None
    unit: int | None = None
    sku: str | None = None
    quantity: int = 1


class Finding(NamedTuple):
    """What a person found for one piece, or for `quantity` pieces of a SKU that arrived."""

    outcome: Outcome
    note: str = ""
    line_id: int | None = None
    unit: int | None = None
    sku: str | None = None
    quantity: int = 1
    ground: Ground | None = None
    evidence: Sequence[str] = ()


@dataclass(eq=False)
class ReturnUnit:
    """holds: the piece belongs to this return and to no other, until the return, or the piece, comes to nothing.

    inspected_by               who found the present outcome
    disputed_by, rejected_by   the two who rejected it
    confirmed_by               the second person who agreed to pay it back
    replacement                the shipment with the piece that is sent instead of money; exchanged_at: when it arrived
    """

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
    ground: Ground | None = None
    evidence: list[str] | None = None
    disputed_by: str | None = None
    rejected_by: str | None = None
    confirmed_by: str | None = None
    appealed_at: datetime | None = None
    withdrawn_at: datetime | None = None
    disposition: Disposition | None = None
    disposed_at: datetime | None = None
    disposed_by: str | None = None
    sent_back_at: datetime | None = None
    sent_back_by: str | None = None
    back_carrier: str | None = None
    back_tracking: str | None = None
    replacement: str | None = None
    exchanged_at: datetime | None = None

    @property
    def key(self) -> tuple[int, int]:
        return self.line_id, self.unit

    @property
    def awaited(self) -> bool:
        return self.condition is Condition.AWAITING and self.withdrawn_at is None

    @property
    def is_here(self) -> bool:
        return self.condition not in NOT_HERE and self.sent_back_at is None

    @property
    def expected(self) -> bool:
        """Whether it may still arrive: also what was called missing can turn up."""
        return self.condition in NOT_HERE and not self.made_good and not self.came_to_nothing

    @property
    def unjudged(self) -> bool:
        return self.condition is not Condition.AWAITING and self.outcome is None

    @property
    def judgeable(self) -> bool:
        """Whether an inspection may say something: until a second person has."""
        return self.unjudged or (self.outcome in (Outcome.DISPUTED, Outcome.UNCONFIRMED) and self.appealed_at is None)

    @property
    def undecided(self) -> bool:
        """Whether a second person has to look."""
        return self.outcome in UNDECIDED

    @property
    def in_appeal(self) -> bool:
        return self.undecided and self.appealed_at is not None

    @property
    def rejected(self) -> bool:
        """Whether it is the customer's turn to appeal."""
        return self.outcome is Outcome.REJECTED

    @property
    def contested(self) -> bool:
        """Whether the last word on it is not said."""
        return self.undecided or self.rejected

    @property
    def to_send_back(self) -> bool:
        return self.outcome is Outcome.REJECTED_FINAL and self.is_here

    @property
    def came_to_nothing(self) -> bool:
        """Whether it ended without money, and not with us: the customer has it, or it is lost."""
        if self.withdrawn_at is not None or self.sent_back_at is not None:
            return True
        return self.outcome is Outcome.REJECTED_FINAL and not self.is_here

    @property
    def ended(self) -> bool:
        return (self.made_good and not self.exchanging) or self.came_to_nothing

    @property
    def disposable(self) -> bool:
        return self.made_good and self.is_here and self.disposition is None

    @property
    def accepted(self) -> bool:
        return self.outcome is Outcome.ACCEPTED

    @property
    def exchanging(self) -> bool:
        """Whether another piece is on its way to the customer."""
        return self.accepted and self.replacement is not None

    @property
    def exchanged(self) -> bool:
        """Whether another piece has arrived: the customer has it, and may send that back."""
        return self.outcome is Outcome.EXCHANGED

    @property
    def made_good(self) -> bool:
        """Whether the customer has, or is to have, money or another piece for it."""
        return self.accepted or self.exchanged

    def receive(self, condition: Condition, at: datetime, by: str) -> None:
        self.condition, self.outcome = condition, None
        self.received_at, self.received_by = at, by
        self._forget_findings()

    def judge(self, finding: Finding, at: datetime, by: str) -> None:
        """Note what an inspector found. A dispute needs a ground, a note and evidence."""
        self._forget_findings()
        if finding.outcome is not Outcome.ACCEPTED:
            self._dispute(finding, at, by)
            return
        self.outcome, self.note = finding.outcome, finding.note
        self.inspected_at, self.inspected_by = at, by

    def look_again(self, finding: Finding, at: datetime, by: str) -> None:
        """Note what a second person found: ACCEPTED or REJECTED. SecondPersonRequired if they had a part in it.

        A rejection confirms the ground that is disputed; on another ground it is a new dispute. An appeal is decided
        by neither of the two who rejected; should its granting be contradicted, it is open again.
        """
        accepts = finding.outcome is Outcome.ACCEPTED
        if self.outcome is Outcome.APPEALED or (self.in_appeal and not accepts):
            require_somebody_else(by, self.disputed_by, self.rejected_by)
        if self.outcome is not Outcome.APPEALED:
            require_somebody_else(by, self.inspected_by)
        match self.outcome:
            case Outcome.UNCONFIRMED if accepts:
                self.outcome, self.confirmed_by = Outcome.ACCEPTED, by
            case _ if accepts:
                self.outcome, self.inspected_by, self.inspected_at = Outcome.ACCEPTED, by, at
            case Outcome.APPEALED:
                self.outcome, self.note = Outcome.REJECTED_FINAL, finding.note or self.note
                self.evidence = [*(self.evidence or ()), *finding.evidence]
            case Outcome.UNCONFIRMED if self.in_appeal:
                self.outcome = Outcome.APPEALED
            case Outcome.DISPUTED if self.ground is not None and finding.ground in (None, self.ground):
                self.outcome, self.note = Outcome.REJECTED, finding.note or self.note
                self.evidence = [*(self.evidence or ()), *finding.evidence]
                self.disputed_by, self.rejected_by = self.inspected_by, by
            case _:
                self._dispute(finding, at, by)

    def hold_back(self) -> None:
        """Let the acceptance wait for a second person."""
        self.outcome = Outcome.UNCONFIRMED

    def _dispute(self, finding: Finding, at: datetime, by: str) -> None:
        if not finding.note:
            raise DisputeWithoutNote
        self.outcome, self.note = Outcome.DISPUTED, finding.note
        self.ground, self.evidence = require_ground_named(finding.ground), list(finding.evidence)
        if not self.evidence:
            raise ReviewIncomplete("a rejection needs evidence")
        self.inspected_at, self.inspected_by = at, by

    def _forget_findings(self) -> None:
        self.ground = self.evidence = self.disputed_by = self.rejected_by = self.appealed_at = None
        self.confirmed_by = None
        self.note = ""


@dataclass(eq=False)
class RefundClaim:
    """What one inspection gives back, or one receipt for postage.

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
    cause: ClaimCause = ClaimCause.RETURN

    @property
    def settled(self) -> bool:
        return self.status is ClaimStatus.SETTLED

    def hear(self, status: ClaimStatus, refund_id: str, seq: int) -> bool:
        """Take in news of the ledger; False for what is older than what is known, or no news.

        A refund that was settled can only fail: then the bank had to take the good news back.
        """
        if seq <= self.ledger_seq or (self.settled and status is not ClaimStatus.FAILED):
            return False
        self.status, self.refund_id, self.ledger_seq = status, refund_id, seq
        return True


def meant(sku: str, known: Iterable[str]) -> str:
    """Return which of the known SKUs is meant, in whatever case it was typed; the same text if none is."""
    written = list(known)
    return sku if sku in written else next((each for each in written if code_key(each) == code_key(sku)), sku)


def named(
    units: Iterable[ReturnUnit], item: Chosen | Receipt | Finding, chosen: Sequence[ReturnUnit]
) -> list[ReturnUnit]:
    """Return the pieces that a receipt or finding is about, from `units` and none twice.

    Raise UnitNotExpected if there are not enough.
    """
    taken = set(chosen)
    free = [unit for unit in units if unit not in taken]
    if item.sku is not None:
        sku = meant(item.sku, (unit.sku for unit in free))
        found = list(islice((unit for unit in free if unit.sku == sku), item.quantity))
    else:
        found = [unit for unit in free if unit.key == (item.line_id, item.unit)]
    if len(found) < item.quantity:
        raise UnitNotExpected(
            details={"line_id": item.line_id, "unit": item.unit, "sku": item.sku, "found": len(found)}
        )
    return found
