"""Goods that are sent once more in exchange for a return, instead of a refund. Pure.

For each piece there is either money or another piece: while what was sent in exchange is not delivered, its units are
`under_way`, and are neither paid back nor exchanged again by a return.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.orders.api.events import ExchangeArranged, ExchangeRefused, ExchangeStopped
from services.orders.api.parts import RemovedUnits
from services.orders.api.statuses import ExchangeStatus, WhyNotSent
from services.orders.domain.fulfillment import Fulfillment
from services.orders.domain.order import Order
from services.orders.domain.remedy import Remedy

Keys = frozenset[tuple[int, int]]


@dataclass(eq=False)
class GoodsExchange:
    """One shipment in exchange for pieces of a return. keys: their (line, unit).

    short_since: since when it is to stay here, because the shelf does not have what was promised.
    """

    shipment_number: str
    order_number: str
    return_number: str
    keys: list[list[int]]
    created_at: datetime
    status: ExchangeStatus = ExchangeStatus.ARRANGED
    ended_at: datetime | None = None
    short_since: datetime | None = None

    @property
    def units(self) -> Keys:
        return frozenset((line_id, unit) for line_id, unit in self.keys)

    @property
    def replacement(self) -> str:
        """The shipment that brings the pieces, named as a remedy names its own."""
        return self.shipment_number

    @property
    def is_arranged(self) -> bool:
        return self.status is ExchangeStatus.ARRANGED

    def pieces(self, order: Order, of: Keys | None = None) -> tuple[RemovedUnits, ...]:
        """Return the pieces, or those that are named, by line of the order."""
        keys = self.units if of is None else of
        wanted = {line.line_id: tuple(unit for unit in line.units if (line.line_id, unit) in keys)
                  for line in order.lines}  # fmt: skip
        skus = {line.line_id: line.sku for line in order.lines}
        return tuple(RemovedUnits(key, skus[key], len(units), units) for key, units in wanted.items() if units)

    def arranged(self, order: Order) -> ExchangeArranged:
        return ExchangeArranged(**self._names(), lines=self.pieces(order))

    def stopped(self, shipment_number: str) -> ExchangeStopped:
        """Return the event: that shipment, which brings pieces of this exchange, is to be kept here."""
        return ExchangeStopped(**{**self._names(), "shipment_number": shipment_number})

    def run_short(self, now: datetime) -> ExchangeStopped:
        """Keep it here: a piece of it is not on the shelf. It is paid back once its shipment is stopped."""
        self.short_since = now
        return self.stopped(self.shipment_number)

    @property
    def why_recalled(self) -> WhyNotSent:
        return WhyNotSent.CHANGED_MIND if self.short_since is None else WhyNotSent.OUT_OF_STOCK

    def end(self, why: WhyNotSent, now: datetime) -> ExchangeRefused:
        """End it without anything sent."""
        self.status, self.ended_at = ExchangeStatus.ENDED, now
        return ExchangeRefused(**self._names(), why=why)

    def end_part(self, shipment_number: str, keys: Keys, why: WhyNotSent, now: datetime) -> ExchangeRefused:
        """Leave out the pieces that this shipment was to bring. Without others, the exchange ends."""
        left = sorted(self.units - keys)
        if left:
            self.keys = [list(key) for key in left]
        else:
            self.end(why, now)
        return ExchangeRefused(**{**self._names(), "shipment_number": shipment_number}, why=why)

    def _names(self) -> dict[str, str]:
        return {
            "order_number": self.order_number,
            "return_number": self.return_number,
            "shipment_number": self.shipment_number,
        }


def counts_of(lines: Iterable[RemovedUnits]) -> dict[str, int]:
    """Count pieces per SKU."""
    counts: dict[str, int] = {}
    for line in lines:
        counts[line.sku] = counts.get(line.sku, 0) + line.quantity
    return counts


def shipments_of(exchanges: Iterable[GoodsExchange], remedies: Sequence[Remedy]) -> set[str]:
    """Return the shipments with goods sent in exchange, and with what was sent again when one did not arrive."""
    numbers = {each.shipment_number for each in exchanges}
    for remedy in remedies:  # the oldest first
        if remedy.shipment_number in numbers and remedy.replacement:
            numbers.add(remedy.replacement)
    return numbers


def under_way(
    exchanges: Iterable[GoodsExchange], remedies: Sequence[Remedy], shipments: Mapping[str, Fulfillment]
) -> set[tuple[int, int]]:
    """Return the units of which another one is to come. remedies: the oldest first."""
    found: set[tuple[int, int]] = set()
    for exchange in exchanges:
        if exchange.is_arranged:
            for key in exchange.units:
                shipment = shipments.get(last_with(key, exchange.shipment_number, remedies))
                if shipment is None or shipment.delivered_at is None:
                    found.add(key)
    return found


def origin_of(number: str, remedies: Sequence[Remedy]) -> str:
    """Return the shipment whose pieces this one brings: its own number, unless it was sent again for another."""
    for remedy in reversed(remedies):
        if remedy.replacement == number:
            number = remedy.shipment_number
    return number


def last_with(key: tuple[int, int], number: str, remedies: Sequence[Remedy]) -> str:
    """Return the shipment that the piece is in now, after what was sent again."""
    for remedy in remedies:
        if remedy.shipment_number == number and remedy.replacement and key in remedy.units:
            number = remedy.replacement
    return number
