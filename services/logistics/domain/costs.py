"""What a shipment costs beside its goods: a ledger that goes from the estimate to what was billed. Pure.

    estimated | no_rule → accrued → invoiced → reconciled | disputed → reconciled       withdrawn: it never left

What is owed is accrued at dispatch, line by line. What carriers bill is split on the same lines, to the cent, and is
compared as a whole: a difference over the limit is disputed until a person accepts it or a credit comes. Where no rule
says what is owed, nothing is accrued, and whatever is billed is such a difference.

The platform pays all of it, and the customer nothing: an entry that says otherwise cannot be made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.common.basics.money import ZERO, Money, split
from services.logistics.api.cost_events import LandedCostAccrued, LandedCostMoved
from services.logistics.api.costs import BY_RULE, PAYER, Component, CostsSettled, CostStatus, Decision
from services.logistics.api.parts import ShipmentLine
from services.logistics.api.shipment_event import ShipmentEvent
from services.logistics.domain.duties import Charge, Estimate

BY_HAND, AS_BILLED = "entered by hand", "accepted as it was billed"
Missing = tuple[str | None, Component]
Key = tuple[int, str, Component]


@dataclass(eq=False)
class Entry:
    """What one line owes of a component (accrued), and what was billed of it (None: nothing was)."""

    shipment_number: str
    line_id: int
    sku: str
    component: Component
    country: str
    at: datetime
    month: str
    accrued: Money = ZERO
    invoiced: Money | None = None
    payer: str = PAYER
    customer_charged: Money = ZERO

    def __post_init__(self) -> None:
        if self.payer != PAYER or self.customer_charged:
            raise ValueError("the platform pays what a parcel costs, and the customer nothing")

    @property
    def key(self) -> Key:
        return self.line_id, self.sku, self.component

    @property
    def cost(self) -> Money:
        """The best that is known."""
        return self.accrued if self.invoiced is None else self.invoiced


@dataclass(frozen=True)
class Billed:
    """What was billed for a shipment by now. postage: what its bought labels cost; all_parcels: each has a row."""

    rows: Mapping[Component, Money]
    postage: Money | None = None
    all_parcels: bool = False

    @property
    def amounts(self) -> Mapping[Component, Money]:
        if self.postage is None:
            return self.rows
        return {**self.rows, Component.FREIGHT: self.rows.get(Component.FREIGHT, ZERO) + self.postage}


@dataclass(eq=False)
class LandedCost:
    """The ledger of a shipment. missing: what no rule says. accepted: the difference that a person found right.

    charges: the estimate; it is replaced as a whole, until what it says is accrued. entered: a person entered it.
    """

    shipment_number: str
    order_number: str
    country: str
    estimated_at: datetime
    status: CostStatus = CostStatus.ESTIMATED
    charges: tuple[Charge, ...] = ()
    missing: tuple[Missing, ...] = ()
    entered: bool = False
    accrued_at: datetime | None = None
    accepted: Money = ZERO
    has_postage: bool = False
    all_billed: bool = False
    decision: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    note: str | None = None
    version: int = 1
    entries: list[Entry] = field(default_factory=list)

    # what is expected

    @classmethod
    def begin(
        cls, number: str, order_number: str, country: str, found: Estimate, now: datetime
    ) -> tuple[LandedCost, ShipmentEvent]:
        new = cls(number, order_number, country, now, charges=found.charges, missing=found.missing)
        new.status = new._standing(ZERO)
        return new, new._moved(None)

    def estimate(
        self, country: str, found: Estimate, lines: Sequence[ShipmentLine], now: datetime, limit: Money, *, asked: bool
    ) -> list[ShipmentEvent]:
        """Take over another estimate, unless it is accrued; the same again tells nothing.

        What a person entered holds until one asks for the estimate (`asked`), or other goods go, or to elsewhere.
        """
        if self.accrued_at is not None and not self.missing:
            return []
        if self.entered and not asked and self._is_about(country, lines):
            return []
        if (country, found.charges, found.missing) == (self.country, self.charges, self.missing):
            return []
        self.entered, self.country, self.charges, self.missing = False, country, found.charges, found.missing
        self.estimated_at = now
        return self._expect(limit)

    def _is_about(self, country: str, lines: Sequence[ShipmentLine]) -> bool:
        """Return whether the estimate is of these goods, to there."""
        goods = {(line.line_id, line.sku) for line in lines}
        return country == self.country and goods == {(each.line_id, each.sku) for each in self.charges}

    def enter(
        self, amounts: Mapping[Component, Money], lines: Sequence[ShipmentLine], limit: Money
    ) -> list[ShipmentEvent]:
        """Take over what a person says is owed, where no rule does, or before it leaves. Raise CostsSettled."""
        if not self.missing and self.status is not CostStatus.ESTIMATED:
            raise CostsSettled(details={"status": self.status.value})
        worths = [line.worth.cents for line in lines]
        self.charges = tuple(
            Charge(line.line_id, line.sku, component, part, BY_HAND)
            for component in BY_RULE
            for line, part in zip(lines, split(amounts[component], worths), strict=True)
        )
        self.missing, self.entered = (), True
        return self._expect(limit)

    def _expect(self, limit: Money) -> list[ShipmentEvent]:
        """Go by the estimate as it is now; of what has left it is owed at once."""
        told: list[ShipmentEvent] = []
        if self.accrued_at is not None and not self.missing:
            told.append(self._accrue(self.accrued_at))
        return [*told, *self._settle(limit, always=True)]

    # what is owed

    def accrue(
        self, lines: Sequence[ShipmentLine], postage: Money | None, at: datetime, limit: Money
    ) -> list[ShipmentEvent]:
        """Owe what is estimated: the shipment has left. Nothing is accrued yet where no rule says it."""
        if self.accrued_at is not None or self.status is CostStatus.WITHDRAWN:
            return []
        self.accrued_at = at
        self._owe_postage(postage, lines, at)
        if self.missing:
            return self._settle(limit)
        accrued, moved = self._accrue(at), self._settle(limit)
        return [accrued] if self.status is CostStatus.ACCRUED else [accrued, *moved]

    def _owe_postage(self, postage: Money | None, lines: Sequence[ShipmentLine], at: datetime) -> None:
        """Owe what the labels that were bought cost by now, and note it as billed: it is paid."""
        if postage is not None:
            self.has_postage = True
            for line, part in self._shares(lines, postage, []):
                entry = self._entry(line.line_id, line.sku, Component.FREIGHT, at)
                entry.accrued = entry.invoiced = part

    def _accrue(self, at: datetime) -> ShipmentEvent:
        for charge in (each for each in self.charges if each.amount):
            self._entry(charge.line_id, charge.sku, charge.component, at).accrued = charge.amount
        return LandedCostAccrued(
            shipment_number=self.shipment_number,
            order_number=self.order_number,
            country=self.country,
            accrued_at=at,
            duty=self._accrued(Component.DUTY),
            import_vat=self._accrued(Component.IMPORT_VAT),
            disbursement=self._accrued(Component.DISBURSEMENT),
            brokerage=self._accrued(Component.BROKERAGE),
            freight=self._accrued(Component.FREIGHT),
        )

    def _accrued(self, component: Component) -> Money:
        return self.sum_of(component, "accrued") or ZERO

    def withdraw(self) -> list[ShipmentEvent]:
        """Owe nothing: it does not leave."""
        if self.accrued_at is not None or self.status is CostStatus.WITHDRAWN:
            return []
        previous, self.status = self.status, CostStatus.WITHDRAWN
        self.version += 1
        return [self._moved(previous)]

    # what is billed

    def bill(self, billed: Billed, lines: Sequence[ShipmentLine], now: datetime, limit: Money) -> list[ShipmentEvent]:
        """Take over what carriers have billed by now, all of it; the same again tells nothing."""
        at, before = self.accrued_at or now, [each.invoiced for each in self.entries]
        goods = {(line.line_id, line.sku) for line in lines}
        self._owe_postage(billed.postage, lines, at)
        for component, amount in billed.amounts.items():
            mine = [each for each in self.entries if each.component is component]
            for line, part in self._shares(lines, amount, mine):
                self._entry(line.line_id, line.sku, component, at).invoiced = part
        for each in self.entries:
            if each.component not in billed.amounts:
                each.invoiced = None
            elif (each.line_id, each.sku) not in goods:
                each.invoiced = ZERO  # the bill is split on what was sent
        self.all_billed = billed.all_parcels
        return self._settle(limit, always=before != [each.invoiced for each in self.entries])

    def accept(self, limit: Money) -> list[ShipmentEvent]:
        """Find what was billed right. Raise CostsSettled unless it is disputed, or billed without a rule.

        Where no rule said what is owed, it is what was billed.
        """
        billed = any(each.invoiced is not None for each in self._compared)
        if self.status is not CostStatus.DISPUTED and not (self.status is CostStatus.NO_RULE and billed):
            raise CostsSettled(details={"status": self.status.value})
        told: list[ShipmentEvent] = []
        if self.missing and self.accrued_at is not None:
            self.charges, self.missing = tuple(self._as_billed()), ()
            told.append(self._accrue(self.accrued_at))
        self.accepted = self._gap
        return [*told, *self._settle(limit, always=True)]

    def _as_billed(self) -> Iterable[Charge]:
        for each in self.entries:
            if each.component in BY_RULE and each.invoiced is not None:
                yield Charge(each.line_id, each.sku, each.component, each.invoiced, AS_BILLED)

    def claim(self) -> list[ShipmentEvent]:
        """Note that the carrier was told that its bill is wrong. Raise CostsSettled unless it is disputed."""
        if self.status is not CostStatus.DISPUTED:
            raise CostsSettled(details={"status": self.status.value})
        self.version += 1
        return [self._moved(self.status)]

    def decided(self, decision: Decision, by: str, note: str, now: datetime) -> None:
        self.decision, self.decided_by, self.note, self.decided_at = decision, by, note, now

    # how it stands

    @property
    def difference(self) -> Money | None:
        """What was billed less what was accrued, of what was expected to be billed; None while nothing is billed."""
        return self._gap if any(each.invoiced is not None for each in self._compared) else None

    @property
    def cost(self) -> Money | None:
        """The best that is known; None where no rule says what is owed, whatever was billed by now."""
        if self.status is CostStatus.NO_RULE:
            return None
        if self.accrued_at is None and self.status is not CostStatus.WITHDRAWN:
            return Money.total(charge.amount for charge in self.charges) + (self.sum_of(Component.FREIGHT) or ZERO)
        return Money.total(each.cost for each in self.entries)

    def sum_of(self, component: Component, what: str = "cost") -> Money | None:
        """Return what its entries say of a component (`accrued`, `invoiced` or `cost`), None if they say nothing."""
        found = [getattr(each, what) for each in self.entries if each.component is component]
        known = [each for each in found if each is not None]
        return Money.total(known) if known else None

    @property
    def _compared(self) -> list[Entry]:
        """What is compared with the bill: freight only where a label says what it may be."""
        return [each for each in self.entries if each.component is not Component.FREIGHT or self.has_postage]

    @property
    def _gap(self) -> Money:
        owed = Money.total(each.accrued for each in self._compared)
        return Money.total(each.invoiced or ZERO for each in self._compared) - owed

    def _standing(self, limit: Money) -> CostStatus:
        if self.accrued_at is None:
            return CostStatus.NO_RULE if self.missing else CostStatus.ESTIMATED
        gap, billed = self._gap - self.accepted, {each.component for each in self._by_carrier}
        if gap > limit:
            return CostStatus.DISPUTED
        if self.missing:
            return CostStatus.NO_RULE
        owed = {each.component for each in self.entries if each.accrued}
        if owed - billed - {Component.FREIGHT}:
            return CostStatus.INVOICED if billed else CostStatus.ACCRUED
        if gap >= limit * -1:
            return CostStatus.RECONCILED
        return CostStatus.DISPUTED if self.all_billed else CostStatus.INVOICED

    @property
    def _by_carrier(self) -> Iterable[Entry]:
        """What carriers have billed, beside the labels that were bought."""
        return (each for each in self.entries if each.invoiced is not None and each.component is not Component.FREIGHT)

    def _settle(self, limit: Money, *, always: bool = False) -> list[ShipmentEvent]:
        if self.status is CostStatus.WITHDRAWN:
            return []
        previous, self.status = self.status, self._standing(limit)
        if previous is self.status and not always:
            return []
        self.version += 1
        return [self._moved(previous)]

    def _moved(self, previous: CostStatus | None) -> LandedCostMoved:
        return LandedCostMoved(
            shipment_number=self.shipment_number,
            order_number=self.order_number,
            previous_status=previous,
            status=self.status,
            amount=self.cost,
            difference=self.difference,
        )

    def _entry(self, line_id: int, sku: str, component: Component, at: datetime) -> Entry:
        found = next((each for each in self.entries if each.key == (line_id, sku, component)), None)
        if found is None:
            found = Entry(self.shipment_number, line_id, sku, component, self.country, at, f"{at:%Y-%m}")
            self.entries.append(found)
        return found

    @staticmethod
    def _shares(
        lines: Sequence[ShipmentLine], amount: Money, entries: Sequence[Entry]
    ) -> list[tuple[ShipmentLine, Money]]:
        """Split an amount on the lines as they owe it, else as they are worth."""
        owed = {(each.line_id, each.sku): each.accrued.cents for each in entries}
        weights = [owed.get((line.line_id, line.sku), 0) for line in lines]
        if not any(weights):
            weights = [line.worth.cents for line in lines]
        return list(zip(lines, split(amount, weights), strict=True))
