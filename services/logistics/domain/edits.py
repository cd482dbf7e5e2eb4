"""Whether the customer's own edit comes in time: until the goods are in their boxes. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from services.logistics.api.statuses import ShipmentStatus
from services.logistics.domain.orders import KnownOrder
from services.logistics.domain.shipment import Shipment

OPEN = frozenset({ShipmentStatus.QUEUED, ShipmentStatus.SORTING})


def too_late(order: KnownOrder, shipments: Iterable[Shipment]) -> ShipmentStatus | None:
    """Return what has overtaken an edit: how far the shipment is, or that it is kept back. None: it comes in time."""
    if order.cancelled or order.recall_asked:
        return ShipmentStatus.RECALLED
    awaited = (shipment for shipment in shipments if shipment.closed_at is None)
    return next((shipment.status for shipment in awaited if shipment.status not in OPEN), None)
