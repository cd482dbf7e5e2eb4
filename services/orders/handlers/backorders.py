"""Goods ordered before they are in stock: promised by a day, given out the oldest order first, told of when they move.

What waits keeps its order in the warehouse: the time to dispatch counts from when all of it is here. A day that moved
is a question with the choices of a shortage; nothing about the order changes before its customer has answered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from services.common.basics import ids
from services.common.basics.errors import Invalid
from services.common.calendar import local_date
from services.orders.api import (
    BACKORDER,
    SHORTAGE_CONTACT,
    ChangeStatus,
    DispatchHeld,
    DispatchReleased,
    OrderStatus,
    OutOfStock,
    StockFreed,
)
from services.orders.api.backorders import GoodsArrived, QuotedBackorderView
from services.orders.domain import Change, Order, Product, Quoted
from services.orders.domain.backorder import Backorder, orderable, owed_from_stock
from services.orders.domain.clocks import start_backorder_clock
from services.orders.handlers import low_stock, parts
from services.orders.repository import Work

AT_ONCE = 100
LATEST = 366
WAITS = "goods that are not here yet"


def today(work: Work, *, more: int = 0) -> str:
    """Return the day of the team, or the one so many days later."""
    return (local_date(work.now, work.settings.team_zone) + timedelta(days=more)).isoformat()


def require_to_come(work: Work, until: str | None, known: Product | None) -> None:
    """Refuse a day that has come already, or is so late that it is no promise, unless it is the one that is known."""
    is_known = known is not None and until == known.backorder_until
    if until is None or is_known or today(work) < until <= today(work, more=LATEST):
        return
    errors = [{"field": "backorder_until", "message": "Must be a day to come, within a year."}]
    raise Invalid("some fields are wrong", code="validation_failed", details={"errors": errors})


def reserve(work: Work, order: Order, quoted: Sequence[Quoted], told: str | None) -> None:
    """Promise an order its pieces: from stock, and beyond it those that its customer was told of.

    told: the latest day that they were shown. Raise OutOfStock, with what could be ordered when that is known.
    """
    beyond = {
        product.sku: (product.backorder_at_most or 0)
        for product, _ in quoted
        if told is not None and product.takes_backorders(today(work)) and (product.backorder_until or told) <= told
    }
    try:
        levels = work.stock.reserve(order.wanted(), order.order_number, beyond).levels
    except OutOfStock as refusal:
        found = next(product for product, _ in quoted if product.sku == refusal.details["sku"])
        raise _with_terms(work, refusal, found) from None
    low_stock.note_sale(work, [product for product, _ in quoted], levels)
    lacking = {sku: min(count, levels[sku].reserved - levels[sku].on_hand) for sku, count in order.wanted().items()}
    short = {sku: count for sku, count in lacking.items() if count > 0}
    if not short:
        return
    days = {product.sku: product.backorder_until or "" for product, _ in quoted}
    rows = [
        Backorder(order.order_number, sku, count, days[sku], days[sku], work.now)
        for sku, count in sorted(short.items())
    ]
    order.goods_by = max(row.until for row in rows)
    work.backorders.add(rows)


def _with_terms(work: Work, refusal: OutOfStock, product: Product) -> OutOfStock:
    if not product.takes_backorders(today(work)):
        return refusal
    level = work.stock.levels([product.sku])[product.sku]
    left = orderable(level.on_hand, level.reserved, product.backorder_at_most) - level.available
    if left <= 0:
        return refusal
    terms = {"until": product.backorder_until, "left": left}
    return OutOfStock(str(refusal), details={**refusal.details, "backorder": terms})


def quoted_backorders(work: Work, quoted: Sequence[Quoted]) -> list[QuotedBackorderView]:
    """Say which of these pieces are not in stock, where they can be ordered nevertheless."""
    wanted = {product.sku: (product, count) for product, count in quoted if product.takes_backorders(today(work))}
    if not wanted:
        return []
    levels = work.stock.levels(wanted)
    return [
        {"sku": sku, "quantity": count - levels[sku].available, "until": product.backorder_until or ""}
        for sku, (product, count) in wanted.items()
        if levels[sku].available < count
    ]


def wanted_from_stock(work: Work, order: Order) -> dict[str, int]:
    """Count, per SKU, the pieces that the order wants and does not wait for."""
    waiting = [] if order.goods_by is None else work.backorders.of_order(order.order_number)
    return owed_from_stock(parts.here(work, order).wanted(), waiting)


def hold_order(work: Work, order: Order) -> None:
    """Keep a paid order in the warehouse until all of it is here, and start the clock of the day that was promised."""
    number = order.order_number
    work.journal.record(DispatchHeld(order_number=number, hold_id=_hold_of(number), reason=WAITS))
    _promise(work, order)


def next_in_turn(work: Work, sku: str) -> list[str]:
    """Return the numbers of the orders that get what is free now; nothing is locked for that."""
    waiting = work.backorders.waiting(sku, AT_ONCE)
    return [each.order_number for each in _served(waiting, _spare(work, sku, lock=False))] if waiting else []


def give_out(work: Work, sku: str, orders: Mapping[str, Order]) -> None:
    """Give pieces that are free to who waits for them: the oldest order first, whole, and none overtakes another.

    orders: those that may get some, locked. Others wait until they are looked at by what freed more meanwhile.
    """
    spare, given = _spare(work, sku, lock=True), 0
    for each in _served(work.backorders.waiting(sku, AT_ONCE), spare):
        if each.order_number not in orders:
            break
        given, each.here_at = given + 1, work.now
        order = orders[each.order_number]
        work.stock.settle(sku, each.quantity, work.backorders.pieces(sku), order.order_number)
        withdraw_question(work, each)
        waits = _go_on(work, order, arrived=True)
        work.journal.record(GoodsArrived(order_number=order.order_number, sku=sku, quantity=each.quantity, waits=waits))
    if given == AT_ONCE:
        work.journal.record(StockFreed(sku=sku))  # there are more


def _spare(work: Work, sku: str, *, lock: bool) -> int:
    """Count the pieces that are here and promised to none but those who wait."""
    level = work.stock.levels([sku], lock=lock)[sku]
    return level.on_hand - level.reserved + work.backorders.pieces(sku)


def _served(waiting: Sequence[Backorder], spare: int) -> Iterator[Backorder]:
    for each in waiting:
        if each.quantity > spare:
            return
        spare -= each.quantity
        yield each


def shrink(work: Work, order: Order, gone: Mapping[str, int]) -> None:
    """Wait for fewer pieces: those that an order gave up are the ones that it did not have. Their stock is locked."""
    for each in work.backorders.of_order(order.order_number):
        if not each.is_open or each.sku not in gone:
            continue
        if each.quantity > gone[each.sku]:
            each.quantity -= gone[each.sku]
        else:
            work.backorders.remove(each)
    _go_on(work, order)


def end(work: Work, order: Order) -> None:
    """Wait for nothing any more: the order has left."""
    for each in work.backorders.of_order(order.order_number):
        if each.is_open:
            work.backorders.remove(each)
    _go_on(work, order)


def agree(work: Work, order: Order, change: Change) -> None:
    """Promise the day that the customer was told, and agreed to wait for."""
    for each in _asked_about(work, order, change):
        each.agree()
        order.goods_by = max(row.until for row in work.backorders.of_order(order.order_number) if row.is_open)
        _promise_anew(work, order)


def ask_anew(work: Work, order: Order, change: Change) -> None:
    """Have the question put again: the order has become another one, or staff took the question back."""
    for each in _asked_about(work, order, change):
        each.forget_question()


def _asked_about(work: Work, order: Order, change: Change) -> list[Backorder]:
    if order.goods_by is None or change.sku is None:
        return []
    rows = work.backorders.of_order(order.order_number)
    return [each for each in rows if each.is_open and each.change_id == change.change_id]


def withdraw_question(work: Work, waiting: Backorder) -> None:
    """Take the question back that was put last: there is something else to tell, or nothing to ask any more."""
    if waiting.change_id is None:
        return
    withdraw(work, work.changes.get(waiting.change_id))


def withdraw(work: Work, change: Change) -> None:
    """Take a question about missing pieces back, if it is open, and let its order wait for it no more."""
    if change.status is ChangeStatus.AWAITING_CUSTOMER:
        work.journal.record(change.close(ChangeStatus.WITHDRAWN, work.now))
        work.commitments.stop(SHORTAGE_CONTACT, change.change_id, work.now)
    change.waiting = False


def _go_on(work: Work, order: Order, *, arrived: bool = False) -> bool:
    """Let the order go on if all that is left of it is here. Return whether it waits.

    arrived: goods came in, perhaps at another place than they were promised from.
    """
    waits = [each.until for each in work.backorders.of_order(order.order_number) if each.is_open]
    before, order.goods_by = order.goods_by, max(waits, default=None)
    if waits:
        if order.goods_by != before and order.confirmed_at is not None:
            _promise_anew(work, order)
        return True
    if order.confirmed_at is not None:
        number = order.order_number
        divided = parts.follow_promises(work, order, _hold_of(number)) if arrived else None
        work.journal.record(divided or DispatchReleased(order_number=number, hold_id=_hold_of(number)))
        if order.status is OrderStatus.CONFIRMED:
            work.commitments.stop(BACKORDER, number, work.now)
        else:
            work.commitments.recall(BACKORDER, number, work.now)
    return False


def _promise_anew(work: Work, order: Order) -> None:
    """Start the clock of another day, in place of the one that runs."""
    work.commitments.recall(BACKORDER, order.order_number, work.now)
    _promise(work, order)


def _promise(work: Work, order: Order) -> None:
    """Start the clock of the day by which all of an order is to be here; a day that has passed starts none."""
    if order.goods_by is not None and order.goods_by >= today(work):
        zone = work.settings.team_zone
        clock = start_backorder_clock(ids.new_id(), order.order_number, order.goods_by, work.now, zone=zone)
        work.commitments.start(clock)


def _hold_of(number: str) -> str:
    return f"backorder:{number}"
