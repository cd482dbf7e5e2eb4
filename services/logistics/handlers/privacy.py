"""A customer's own data: the copy that they may have, and its erasure, for each order that orders has erased."""

from __future__ import annotations

from collections.abc import Mapping

from services.common.basics.message import Message
from services.common.basics.personal import ERASED
from services.logistics.api.events import ShipmentsErased
from services.logistics.domain.lines import erased_destination
from services.logistics.handlers import tracking
from services.logistics.handlers.words import erase_words, numbers_of
from services.logistics.repository import Work
from services.orders.api.events import OrderErased

ORDER_GRANT = "order:"


def on_order_erased(work: Work, event: OrderErased, message: Message) -> None:
    """Forget whom the parcels of an order went to, whatever is told of it later; what was in them stays."""
    order = work.orders.remember(event.order_number)
    order.email = ERASED
    order.changed_destination = order.changed_destination and erased_destination(order.changed_destination)
    numbers = {each for shipment in work.shipments.of_order(event.order_number) for each in numbers_of(shipment)}
    work.tracking.lock(numbers)  # before the shipments, as a report does
    shipments = work.shipments.of_order(event.order_number, lock=True)
    work.labels.erase(shipment.number for shipment in shipments)
    work.costs.erase_words([shipment.number for shipment in shipments], numbers)
    for shipment in shipments:
        shipment.destination, shipment.photos = erased_destination(shipment.destination), None
        erase_words(work, numbers_of(shipment))
        for parcel in shipment.parcels:
            parcel.facts = None
    work.erasures.forget_copies(event.order_number)
    work.erasures.drop_keys_of_order(event.order_number)
    work.journal.record(ShipmentsErased(order_number=event.order_number, request_id=event.request_id))


def export_parcels(work: Work) -> Mapping[str, object]:
    """Return the parcels of the orders that the caller was found to be the customer of."""
    numbers = sorted(grant.removeprefix(ORDER_GRANT) for grant in work.caller.grants if grant.startswith(ORDER_GRANT))
    return {"parcels": [tracking.get_tracking(work, number) for number in numbers]}
