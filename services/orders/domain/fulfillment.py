"""What orders remembers of logistics' shipments: enough to tell the customer the stage, and to know what may still
be changed. It refuses to go back: a report older than the last one changes no status, but its facts are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

from services.common.basics import ids
from services.common.basics.shapes import DEFAULT_PLACE

if TYPE_CHECKING:
    from services.orders.domain.order import Order

PREPARING, DISPATCHED, DELIVERED, RECALLED = "preparing", "dispatched", "delivered", "recalled"
NOT_ARRIVING, UNDER_WAY = "not_arriving", "in_transit"
STAGES = (PREPARING, DISPATCHED, UNDER_WAY, "customs", "out_for_delivery", DELIVERED)
OF_TRACKING: Mapping[str, str] = {
    "label_created": DISPATCHED,
    "in_transit": UNDER_WAY,
    "customs": "customs",
    "customs_hold": "customs",
    "out_for_delivery": "out_for_delivery",
    "available_for_pickup": "out_for_delivery",
    "attempt_failed": "out_for_delivery",
}
"""The stage that a parcel's status means; a parcel alone never makes the shipment delivered."""


class PackedLine(TypedDict):
    """So many pieces of a product in a shipment."""

    sku: str
    quantity: int


@dataclass(eq=False)
class Fulfillment:
    """One shipment, as far as it was reported; `seq` is its newest report, `delivery_seq` the newest of a delivery.

    missing: a parcel of it does not arrive, and nothing was done instead yet. closed_at: it is not awaited any more.
    packed: it is in its boxes, by the report `packed_seq`.
    keys: the (line, unit) that it brings, where the order leaves in parts; None: all that is left of the order, or what
    was decided to be sent (`handlers.remedy_units`). place: the stock place that it leaves.
    """

    shipment_number: str
    order_number: str
    lines: tuple[PackedLine, ...]
    stage: str = PREPARING
    seq: int = 0
    dispatched_at: datetime | None = None
    delivered_at: datetime | None = None
    recalled_at: datetime | None = None
    parcels: tuple[str, ...] = ()
    missing: bool = False
    closed_at: datetime | None = None
    delivery_seq: int = 0
    packed: bool = False
    packed_seq: int = 0
    keys: Sequence[Sequence[int]] | None = None
    place: str = DEFAULT_PLACE

    @property
    def units(self) -> frozenset[tuple[int, int]] | None:
        """The (line, unit) pairs that it brings as a part of its order; None unless the order leaves in parts."""
        return None if self.keys is None else frozenset((line_id, unit) for line_id, unit in self.keys)

    @property
    def is_part_here(self) -> bool:
        """Whether it is a part of its order that is still to leave."""
        return self.keys is not None and self.is_here

    @property
    def is_here(self) -> bool:
        """Whether it is still to leave."""
        return self.dispatched_at is None and not self.is_over

    @property
    def is_on_its_way(self) -> bool:
        """Whether it has left us and is awaited."""
        return self.dispatched_at is not None and self.delivered_at is None and self.closed_at is None

    @property
    def has_left(self) -> bool:
        """Whether it has left us and was not given up."""
        return self.dispatched_at is not None and self.closed_at is None

    @property
    def is_over(self) -> bool:
        """Whether nothing of it is to come any more: delivered, recalled, or closed as the customer decided."""
        return bool(self.delivered_at or self.recalled_at or self.closed_at)

    def close(self, at: datetime) -> None:
        """Close the shipment: it is not awaited any more, and every question about it is decided."""
        self.closed_at, self.missing = self.closed_at or at, False

    def pack(self, seq: int, *, packed: bool) -> None:
        """Record that it is packed, or opened again, unless something newer was reported of that."""
        if seq > self.packed_seq:
            self.packed, self.packed_seq = packed, seq

    def report(self, stage: str, seq: int) -> None:
        """Take over a stage, unless something newer was reported or the goods have arrived."""
        if seq > self.seq and not self.is_over:
            self.stage = stage
        self.seq = max(seq, self.seq)

    def dispatch(self, at: datetime, seq: int) -> bool:
        """Record that the goods left the warehouse. Return True if this is news.

        If logistics lost that in a restore and reports it again, the new report counts: its number in the chain is
        higher.
        """
        news = self.dispatched_at is None
        if news or seq > self.seq:
            self.dispatched_at = at
        self.report(DISPATCHED, seq)
        return news

    def deliver(self, at: datetime, seq: int) -> bool:
        """Record the delivery, unless a newer report says that it is not delivered. Return True if recorded."""
        if seq < self.delivery_seq:
            return False
        self.report(DELIVERED, seq)
        self.stage, self.delivered_at, self.delivery_seq, self.missing = DELIVERED, at, seq, False
        return True

    def take_back(self, seq: int) -> bool:
        """Take back a reported delivery, unless a newer report of a delivery exists. Return True if this is news."""
        if seq <= self.delivery_seq:
            return False
        news, self.delivery_seq = self.delivered_at is not None, seq
        if news:
            self.delivered_at, self.stage = None, UNDER_WAY
            self.seq = max(seq, self.seq)
        return news

    def recall(self, at: datetime, seq: int) -> None:
        self.report(RECALLED, seq)
        self.stage, self.recalled_at = RECALLED, self.recalled_at or at


def number_of_review(order_number: str) -> str:
    """Return the number of the shipment that an order's review leads to."""
    return ids.renamed(order_number, ids.SHIPMENT)


def shipment_of_review(order: Order) -> Fulfillment:
    """Return the shipment that the order's review leads to, before anything is reported of it."""
    return Fulfillment(
        number_of_review(order.order_number),
        order.order_number,
        tuple({"sku": line.sku, "quantity": line.quantity} for line in order.lines if line.quantity),
    )


def may_change(fulfillments: Sequence[Fulfillment]) -> bool:
    """Return whether what is here of the order may still change: all of it leaves together, or as a known part."""
    if any(item.is_here and item.units is not None for item in fulfillments):
        return True
    awaited = [item for item in fulfillments if not item.is_over]
    return len(awaited) <= 1 and not any(item.has_left for item in fulfillments)


def stage_of_shipments(fulfillments: Iterable[Fulfillment]) -> str | None:
    """Return the order's stage: that of the least advanced shipment. A shipment that does not arrive comes first."""
    awaited = [item for item in fulfillments if item.stage != RECALLED and item.closed_at is None]
    if any(item.missing for item in awaited):
        return NOT_ARRIVING
    stages = [item.stage for item in awaited]
    return min(stages, key=STAGES.index) if stages else None
