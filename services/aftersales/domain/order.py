"""What aftersales knows of an order: what was bought and paid, when it was delivered, until when it may come back.

It is told by other services, in any order and more than once; every change here only ever adds, or is kept with its
place in the chain of events, so that the order of arrival cannot matter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NotRequired, TypedDict
from zoneinfo import ZoneInfo

from services.aftersales.api.refusals import NotDeliveredYet, OrderWasCancelled, ReturnWindowClosed, UnitsNotReturnable
from services.aftersales.api.returns import RequestedLine
from services.aftersales.api.statuses import ReturnReason
from services.aftersales.domain.units import meant
from services.common.basics.clock import parse_rfc3339, rfc3339
from services.common.basics.money import Money
from services.common.basics.untyped import JsonDict
from services.common.calendar import local_date
from services.common.commitments import WITHDRAWAL, LegalLimit, limit_for

LAST_ZONE = "Etc/GMT+12"
"""Where each day ends last: used where the customer's zone is unknown, so that nobody's window closes early."""


WHY_NOT: Mapping[str, str] = {
    "not_in_order": "This product is not part of the order.",
    "already_in_a_return": "Pieces of this product are in a return already, or were refunded.",
    "removed_from_order": "Pieces of this product were taken out of the order and paid back.",
    "time_is_over": "The last day on which pieces of this product could come back is over.",
    "not_delivered": "Pieces of this product have not been delivered yet.",
    "more_than_bought": "Fewer pieces of this product were bought.",
}


@dataclass(eq=False)
class OrderUnit:
    """One piece of an order line and exactly what was paid for it.

    renewed_at: when another one arrived in exchange for it, which may come back in its own time
    """

    order_number: str
    line_id: int
    unit: int
    sku: str
    title: str
    paid: Money
    removed: bool = False
    renewed_at: datetime | None = None

    @property
    def key(self) -> tuple[int, int]:
        return self.line_id, self.unit


class Delivery(TypedDict):
    """When a shipment arrived, RFC 3339, null when that was taken back; `seq`: the report that said so.

    renews: it brought pieces in exchange, whose time runs by itself
    units: the (line, unit) that it brings, where the order leaves in several shipments
    again: those that come with another shipment instead, by its number
    """

    at: str | None
    seq: int
    renews: NotRequired[bool]
    units: NotRequired[list[list[int]]]
    again: NotRequired[dict[str, list[list[int]]]]


@dataclass(eq=False)
class Order:
    """policy_version and policy_days are those the order was placed under, whatever the policy is today.

    country: the destination, ISO 3166-1 alpha-2; None for an order from before it was kept that is not delivered
    """

    order_number: str
    email: str
    time_zone: str
    policy_version: str
    policy_days: int
    placed_at: datetime
    units: list[OrderUnit] = field(default_factory=list)
    delivered_at: datetime | None = None
    delivery_zone: str | None = None
    cancelled_at: datetime | None = None
    country: str | None = None
    deliveries: dict[str, Delivery] | None = None

    def deliver(
        self, at: datetime, zone: str | None, country: str | None = None, shipment: str = "", seq: int = 0
    ) -> None:
        """Record, by its report `seq`, that a shipment arrived in that country.

        The last parcel of the last shipment counts.
        """
        if self._note(shipment, {"at": rfc3339(at), "seq": seq}) and (
            self.delivered_at is None or at > self.delivered_at
        ):
            self.delivered_at, self.delivery_zone = at, zone
            self.country = country or self.country

    def renew(self, keys: Collection[tuple[int, int]], at: datetime, shipment: str, seq: int) -> bool:
        """Record, by its report `seq`, that these pieces arrived in exchange. Return False if a newer report is known.

        Their time for a return runs from then; that of the others stays as it is.
        """
        if not self._note(shipment, {"at": rfc3339(at), "seq": seq, "renews": True}):
            return False
        for unit in self.units:
            if unit.key in keys:
                unit.renewed_at = at
        return True

    def renew_by(self, keys: Collection[tuple[int, int]], shipment: str) -> datetime | None:
        """Count a delivery that was told already as one in exchange. Return when it was, None if none was told.

        What it had said of the other pieces does not count any more.
        """
        known, at = (self.deliveries or {}).get(shipment), self.arrived(shipment)
        if known is not None and at is not None:
            self.renew(keys, at, shipment, known["seq"])
            self.delivered_at = self._last_delivery() or self.delivered_at
        return at

    def take_back(self, shipment: str, seq: int) -> bool:
        """Record, by its report `seq`, that a shipment has not arrived. The deliveries of the others, if any, count.

        Return False if a newer report is known.
        """
        known = (self.deliveries or {}).get(shipment)
        report: Delivery = {"at": None, "seq": seq}
        if known is not None and known.get("renews"):
            report["renews"] = True
        if not self._note(shipment, report):
            return False
        self.delivered_at = self._last_delivery()
        return True

    def _last_delivery(self) -> datetime | None:
        """Return when the last of what was bought arrived, as far as that was told by shipment."""
        told = [each["at"] for each in (self.deliveries or {}).values() if not each.get("renews")]
        return max((parse_rfc3339(at) for at in told if at), default=None)

    def divide(self, shipment: str, keys: Iterable[tuple[int, int]]) -> None:
        """Note which pieces a shipment brings: the time for a return runs when the last of them is here."""
        known, mine = self._told_of(shipment), {*keys}
        for replacement, units in known.get("again", {}).items():
            self.divide(replacement, again := {(line_id, unit) for line_id, unit in units})
            mine -= again
        self.deliveries = {**(self.deliveries or {}), shipment: {**known, "units": _listed(mine)}}

    def await_with(self, shipment: str, keys: Collection[tuple[int, int]]) -> None:
        """Note what a shipment brings of what joined the order. What is known to come with one stays with that."""
        told = (self.deliveries or {}).items()
        every = {name: {(line_id, unit) for line_id, unit in each.get("units", [])} for name, each in told}
        new = {*keys}.difference(*every.values())
        if new:
            self.divide(shipment, every.get(shipment, set()) | new)

    def send_again(self, shipment: str, replacement: str, keys: Iterable[tuple[int, int]]) -> None:
        """Note that these pieces of a shipment come with another one, which counts once the order is divided."""
        known = self._told_of(shipment)
        known["again"] = {**known.get("again", {}), replacement: _listed(keys)}
        self.deliveries = {**(self.deliveries or {}), shipment: known}
        if "units" in known:
            self.divide(shipment, [(line_id, unit) for line_id, unit in known["units"]])

    def _told_of(self, shipment: str) -> Delivery:
        """Return a copy of what is known of a shipment, or nothing of one that was not told of."""
        known: Delivery = (self.deliveries or {}).get(shipment) or {"at": None, "seq": 0}
        return {**known}

    @property
    def awaited(self) -> set[tuple[int, int]]:
        """The pieces that are still to come, of an order that leaves in several shipments."""
        there = {unit.key for unit in self.units if not unit.removed}
        coming = [each.get("units", []) for each in (self.deliveries or {}).values() if each["at"] is None]
        return {(line_id, unit) for units in coming for line_id, unit in units} & there

    def arrived(self, shipment: str) -> datetime | None:
        """Return when this shipment arrived, as far as that was told."""
        known = (self.deliveries or {}).get(shipment)
        return parse_rfc3339(known["at"]) if known is not None and known["at"] else None

    def _note(self, shipment: str, report: Delivery) -> bool:
        if not self._is_newest(shipment, report["seq"]):
            return False
        known = (self.deliveries or {}).get(shipment)
        if known is not None and "units" in known:
            report["units"] = known["units"]
        if known is not None and "again" in known:
            report["again"] = known["again"]
        self.deliveries = {**(self.deliveries or {}), shipment: report}
        return True

    def _is_newest(self, shipment: str, seq: int) -> bool:
        known = (self.deliveries or {}).get(shipment)
        return known is None or seq >= known["seq"]

    def add(self, units: Iterable[OrderUnit]) -> None:
        """Add these pieces to the order. Pieces that are known already stay unchanged."""
        known = {unit.key for unit in self.units}
        self.units += [unit for unit in units if unit.key not in known]

    def remove(self, keys: Iterable[tuple[int, int]]) -> None:
        """Remove these pieces, which were taken out of the order with the customer's consent and refunded."""
        gone = set(keys)
        for unit in self.units:
            unit.removed = unit.removed or unit.key in gone

    def cancel(self, at: datetime) -> None:
        self.cancelled_at = self.cancelled_at or at

    @property
    def zone(self) -> str:
        """The customer's zone: where the parcel was delivered, else what the customer told."""
        return next((zone for zone in (self.delivery_zone, self.time_zone) if zone and _known(zone)), LAST_ZONE)

    @property
    def last_day(self) -> date | None:
        """The last day on which a return can be asked for, in the customer's zone (standard, section 4: 60 days).

        That of a piece that came in exchange runs by itself, and may be later. None while a piece is still to come.
        """
        if self.delivered_at is None or self.awaited:
            return None
        renewed = [unit.renewed_at for unit in self.units if unit.renewed_at is not None and not unit.removed]
        return self._last_day_from(max([self.delivered_at, *renewed]))

    def _last_day_from(self, delivered_at: datetime) -> date:
        return local_date(delivered_at, self.zone) + timedelta(days=self.policy_days)

    def _in_time(self, unit: OrderUnit, now: datetime) -> bool:
        delivered_at, awaited = unit.renewed_at or self.delivered_at, self.awaited
        if awaited and unit.renewed_at is None:
            return delivered_at is not None and unit.key not in awaited
        return delivered_at is not None and local_date(now, self.zone) <= self._last_day_from(delivered_at)

    def require_open(self, now: datetime) -> None:
        """Refuse, with the reason, unless a return may be asked for at `now`."""
        if self.cancelled_at is not None:
            raise OrderWasCancelled
        if self.delivered_at is None:
            raise NotDeliveredYet
        if self.last_day is not None and local_date(now, self.zone) > self.last_day:
            raise ReturnWindowClosed(
                f"the last day was {self.last_day.isoformat()}", details={"last_day": self.last_day.isoformat()}
            )

    def law(self, now: datetime) -> LegalLimit | None:
        """Return the rule that lets the customer withdraw without a review if they declare it at `now`."""
        limit = limit_for(WITHDRAWAL, self.country, local_date(self.placed_at, self.zone))
        if limit is None or self.delivered_at is None:
            return None
        return limit if limit.covers(now if self.awaited else self.delivered_at, now, self.zone) else None

    def choose(
        self, lines: Sequence[RequestedLine], taken: Collection[tuple[int, int]], now: datetime
    ) -> list[tuple[OrderUnit, ReturnReason]]:
        """Choose the pieces that come back for these lines. taken: pieces in a return already, or refunded by one.

        Raise UnitsNotReturnable, which says for each SKU how many can be returned and why not more.
        """
        chosen: list[tuple[OrderUnit, ReturnReason]] = []
        used = set(taken)
        problems: list[JsonDict] = []
        for position, line in enumerate(lines):
            mine = self._of(line.sku)
            left = [unit for unit in mine if not unit.removed and unit.key not in used]
            free = [unit for unit in left if self._in_time(unit, now)]
            if len(free) < line.quantity:
                why = self._why_late(left) if len(left) >= line.quantity else self._why_not(line, taken)
                shown = {"sku": line.sku, "asked": line.quantity, "returnable": len(free), "why": why}
                problems.append({"field": f"lines.{position}.quantity", **shown})
            for unit in free[: line.quantity]:
                used.add(unit.key)
                chosen.append((unit, line.reason))
        if problems:
            errors = [{"field": problem["field"], "message": WHY_NOT[problem["why"]]} for problem in problems]
            raise UnitsNotReturnable(details={"lines": problems, "errors": errors})
        return chosen

    def _of(self, typed: str) -> list[OrderUnit]:
        """Return the pieces of the product that has this SKU, in whatever case it was typed."""
        sku = meant(typed, (unit.sku for unit in self.units))
        return [unit for unit in self.units if unit.sku == sku]

    def _why_late(self, left: Iterable[OrderUnit]) -> str:
        awaited = self.awaited
        return "not_delivered" if any(unit.key in awaited for unit in left) else "time_is_over"

    def _why_not(self, line: RequestedLine, taken: Collection[tuple[int, int]]) -> str:
        units = self._of(line.sku)
        if not units:
            return "not_in_order"
        if any(unit.key in taken for unit in units):
            return "already_in_a_return"
        return "removed_from_order" if any(unit.removed for unit in units) else "more_than_bought"


def _listed(keys: Iterable[tuple[int, int]]) -> list[list[int]]:
    return [list(key) for key in sorted(keys)]


def _known(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return False
    return True
