"""What logistics does: one function per command or event, each in the caller's transaction."""

from services.logistics.handlers.tracking import (
    Received,
    get_tracking,
    may_see_order,
    numbers_to_ask,
    raise_alerts,
    receive_webhook,
    take_scans,
)
from services.logistics.handlers.warehouse import (
    TrackingNumberTaken,
    cancel,
    change,
    create_shipment,
    get_shipment,
    hold,
    list_shipments,
    mark_dispatched,
    mark_packed,
    mark_sorted,
    recall,
    release,
)

__all__ = [
    "Received",
    "TrackingNumberTaken",
    "cancel",
    "change",
    "create_shipment",
    "get_shipment",
    "get_tracking",
    "hold",
    "list_shipments",
    "mark_dispatched",
    "mark_packed",
    "mark_sorted",
    "may_see_order",
    "numbers_to_ask",
    "raise_alerts",
    "recall",
    "receive_webhook",
    "release",
    "take_scans",
]
