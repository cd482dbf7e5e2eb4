"""Goods that came back: what can be sold again goes onto the shelf, what cannot is counted apart."""

from __future__ import annotations

from services.aftersales.api.events import ReturnDisposed
from services.aftersales.api.statuses import Disposition
from services.common.basics.message import Message
from services.orders.api import ProductNotFound, StockAdjusted
from services.orders.repository import Work


def on_return_disposed(work: Work, event: ReturnDisposed, message: Message) -> None:
    """Book what after-sales decided about the pieces of a return.

    Raise ProductNotFound for a product that we do not have: the event is tried again, and then parked for a person.
    """
    counts: dict[tuple[str, Disposition], int] = {}
    for unit in event.units:
        if unit.disposition not in (Disposition.RESTOCK, Disposition.SCRAP) or unit.quantity < 1:
            raise ValueError(f"not a disposition: {unit}")
        counts[unit.sku, unit.disposition] = counts.get((unit.sku, unit.disposition), 0) + unit.quantity
    for (sku, disposition), count in sorted(counts.items()):
        if disposition is Disposition.SCRAP:
            if not work.stock.scrap(sku, count, event.number):
                raise ProductNotFound
            continue
        level = work.stock.restock(sku, count, event.number)
        if level is None:
            raise ProductNotFound
        reason = f"came back with return {event.number}"
        work.journal.record(
            StockAdjusted(
                sku=sku, delta=count, on_hand=level.on_hand, reserved=level.reserved, reason=reason, came_back=True
            )
        )
