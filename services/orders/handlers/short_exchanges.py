"""Exchanges whose pieces are not on the shelf when they should leave: they stay here, and the return pays them back.

An order whose goods are missing is asked; who exchanges has said before that they take the money if none is left.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from services.orders.domain import Order
from services.orders.domain.exchange import GoodsExchange, counts_of
from services.orders.repository import Work


def lock_orders(work: Work, sku: str) -> dict[str, Order]:
    """Lock the orders of which an exchange with this product still has to leave. They are locked after all others."""
    numbers = {each.order_number for each in work.exchanges.to_leave([sku])}
    return {number: work.orders.get(number, lock=True) for number in sorted(numbers)}


def stop(work: Work, sku: str, missing: int, orders: Mapping[str, Order]) -> None:
    """Have logistics keep enough of them here, the newest first. orders: theirs, locked."""
    for each in work.exchanges.to_leave([sku]):
        if missing <= 0:
            return
        order = orders.get(each.order_number)
        pieces = 0 if order is None else _count(each, order, sku)
        if pieces and each.short_since is None:
            work.journal.record(each.run_short(work.now))
            missing -= pieces


def freed_soon(work: Work, skus: Collection[str]) -> dict[str, int]:
    """Count the pieces, per SKU, that exchanges give up as soon as logistics has stopped them."""
    counts = dict.fromkeys(skus, 0)
    for each in work.exchanges.to_leave(skus):
        if each.short_since is not None:
            order = work.orders.get(each.order_number)
            counts = {sku: count + _count(each, order, sku) for sku, count in counts.items()}
    return counts


def _count(exchange: GoodsExchange, order: Order, sku: str) -> int:
    return counts_of(exchange.pieces(order)).get(sku, 0)
