"""The customer's own edits: the warehouse has the last word, since it knows what is packed.

Who has the lock of the shipment first is first. An edit that is cleared holds the order here until orders has done it,
so that nothing leaves as it was; what is packed meanwhile is opened again (`Shipment.adjust`). That takes a moment, and
the promise to dispatch does not wait for it: no edit makes it longer.
"""

from __future__ import annotations

from services.common.basics.message import Message
from services.logistics.api.events import EditCleared, EditRefused
from services.logistics.api.refusals import ShipmentNotFound
from services.logistics.domain.edits import too_late
from services.logistics.repository import Work
from services.orders.api.events import EditRequested


def asks_us(event: EditRequested, _: Message) -> bool:
    """Return whether orders waits for our answer: the order was here, or on its way here."""
    return event.asks_warehouse


def on_edit_requested(work: Work, event: EditRequested, message: Message) -> None:
    """Clear the edit, or refuse it. ShipmentNotFound while the order is on its way to us: it is looked at again."""
    order = work.orders.remember(event.order_number)
    shipments = work.shipments.of_order(event.order_number, lock=True)
    if not shipments:
        raise ShipmentNotFound
    about = [each for each in shipments if each.number in event.shipments] or shipments
    number, status = about[-1].number, too_late(order, about)
    names = {"shipment_number": number, "order_number": event.order_number, "change_id": event.change_id}
    if status is not None:
        work.journal.record(EditRefused(**names, status=status))
        return
    work.orders.hold(event.order_number, event.change_id, work.now)
    work.journal.record(EditCleared(**names))
