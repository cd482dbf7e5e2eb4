"""Which units may be in a shipment that does not arrive: each is in one parcel, and its money is paid once."""

from __future__ import annotations

from collections.abc import Sequence

from services.orders.domain import Order, Remedy
from services.orders.domain.exchange import GoodsExchange
from services.orders.domain.remedy import DECIDED, UNSETTLED
from services.orders.repository import Work


def pool_of(work: Work, order: Order, shipment_number: str) -> set[tuple[int, int]]:
    """Return the units that may be in this shipment: not refunded, and not known to be in another one."""
    asked = work.remedies.of_order(order.order_number)
    exchanged = [each for each in work.exchanges.of_order(order.order_number) if each.is_arranged]
    every: list[Remedy | GoodsExchange] = [*exchanged, *asked]
    sent_for = [each for each in every if each.replacement == shipment_number]
    pool = {(line.line_id, unit) for line in order.lines for unit in line.units}
    if sent_for:
        pool &= sent_for[-1].units
    for remedy in asked:
        elsewhere = remedy.shipment_number != shipment_number and remedy.status in UNSETTLED
        if remedy not in sent_for and (remedy.status in DECIDED or elsewhere) and not _led_to(remedy, sent_for):
            pool -= remedy.units
    for exchange in exchanged:
        if exchange not in sent_for and not _led_to(exchange, sent_for):
            pool -= exchange.units  # they had arrived, and came back
    for shipment in work.fulfillments.of_order(order.order_number):
        if shipment.shipment_number == shipment_number and shipment.units is not None:
            pool &= shipment.units
    return pool - work.payments.repaid_units(order.order_number)


def _led_to(earlier: Remedy | GoodsExchange, sent_for: Sequence[Remedy | GoodsExchange]) -> bool:
    """Return whether this is an earlier word about units that were sent again, and are lost once more."""
    return any(earlier.units & later.units and earlier.created_at < later.created_at for later in sent_for)
