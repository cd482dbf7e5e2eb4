"""When less is there than was promised (standard, section 2: "we will take the initiative to contact the user"): the
customers are asked, the newest order first; what they decide is in changes.py. Nothing is cancelled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from services.common.basics import ids
from services.common.basics.message import Message
from services.orders.api import (
    SHORTAGE_CONTACT,
    ChangeKind,
    ChangeStatus,
    StockAdjusted,
    StockCovered,
    StockFreed,
    StockShort,
)
from services.orders.domain import Change, Option, Order, Product
from services.orders.domain.clocks import start_shortage_clock
from services.orders.domain.options import shortage_options
from services.orders.handlers import backorders, low_stock, parts, short_exchanges
from services.orders.repository import Work
from services.orders.repository.spread import AtPlaces


def on_stock_adjusted(work: Work, event: StockAdjusted, message: Message) -> None:
    check_stock(work, event.sku)
    low_stock.look(work, event.sku, came_back=event.came_back)


def on_stock_freed(work: Work, event: StockFreed, message: Message) -> None:
    check_stock(work, event.sku)


def check_stock(work: Work, sku: str) -> None:
    """Ask enough customers about missing stock, or withdraw questions that are not needed any more.

    Called after stock moved. What no order lacks, an exchange does: it is paid back instead.
    """
    if not work.stock.uncovered([sku]):
        if work.stock.is_covered(sku):
            _share_out(work, sku)
        return
    orders, exchanging = work.orders.short_of(sku), short_exchanges.lock_orders(work, sku)
    missing = find_unasked(work, [sku]).get(sku, 0)
    for order in orders:
        if missing <= 0:
            break
        asked = min(missing, backorders.wanted_from_stock(work, order).get(sku, 0))
        if asked > 0:
            ask_about_shortage(work, order, sku, asked)
            missing -= asked
    short_exchanges.stop(work, sku, missing, exchanging)


def find_unasked(work: Work, skus: Iterable[str]) -> dict[str, int]:
    """Count, per SKU, the missing pieces that no customer was asked about.

    Call it before asking, with the orders locked: replicas that see the same shortage share it between them.
    """
    missing = work.stock.uncovered(skus)
    if missing:
        work.stock.levels(missing, lock=True)
        missing = work.stock.uncovered(missing)  # once more, with what those asked who had the lock before
    freed = short_exchanges.freed_soon(work, missing) if missing else {}
    return {sku: count - freed[sku] for sku, count in missing.items() if count > freed[sku]}


def free_stock(
    work: Work,
    counts: Mapping[str, int],
    order: Order,
    lost: Mapping[str, int] | None = None,
    gone_at: AtPlaces | None = None,
) -> None:
    """Free pieces the order does not need any more. Customers who wait for such pieces are handled after the commit.

    lost: how many of them were in stock when they were promised, and are not there: the order did not wait for those.
    gone_at: from which place they are not brought any more, where it leaves from several.
    """
    work.stock.release(counts, order.order_number, gone_at)
    if order.goods_by is not None:
        backorders.shrink(work, order, {sku: max(count - (lost or {}).get(sku, 0), 0) for sku, count in counts.items()})
    with work.as_ourselves():
        work.journal.record(*(StockFreed(sku=sku) for sku in work.changes.waited_for(counts)))


def ask_about_shortage(work: Work, order: Order, sku: str, short: int, *, pauses: bool = True) -> Change:
    """Put the options to the customer and start the clock by which they must be told."""
    summary = f"{short} × {title_of(order, sku)} cannot be delivered as promised: our stock had to be corrected."
    here = parts.here(work, order)
    options = shortage_options(here, sku, short, match_of(work, sku, short), partly=here is not order)
    return ask(work, order, sku, summary, options, missing=short, short=short, pauses=pauses)


def ask(
    work: Work,
    order: Order,
    sku: str,
    summary: str,
    options: tuple[Option, ...],
    *,
    missing: int,
    short: int = 0,
    pauses: bool = False,
) -> Change:
    """Ask what we shall do about missing pieces, and start the clock by which the customer must be told.

    short: how many of them were in stock when they were promised; the others they knew to wait for.
    """
    change = propose(work, order, ChangeKind.STOCK_SHORT, summary, options, sku=sku, short=short, pauses=pauses)
    number, change_id = order.order_number, change.change_id
    work.journal.record(StockShort(order_number=number, change_id=change_id, sku=sku, short=missing, found_at=work.now))
    clock = start_shortage_clock(
        ids.new_id(), change.change_id, order.order_number, work.now, hours=work.settings.office
    )
    work.commitments.start(clock)
    return change


def propose(
    work: Work,
    order: Order,
    kind: ChangeKind,
    summary: str,
    options: tuple[Option, ...],
    *,
    sku: str | None = None,
    short: int = 0,
    pauses: bool = True,
) -> Change:
    """Put a change to the customer. It does nothing by itself; `pauses`: the order waits for the answer."""
    change = Change(
        change_id=ids.new_number(ids.CHANGE),
        order_number=order.order_number,
        order_version=order.version,
        kind=kind,
        summary=summary,
        options=options,
        proposed_by=work.caller.actor,
        created_at=work.now,
        expires_at=work.now + work.settings.answer_within,
        sku=sku,
        short=short,
    )
    work.journal.record(change.ask(order.contact, pauses=pauses))
    work.changes.add(change)
    return change


def note_told(work: Work, change_id: str, at: datetime) -> None:
    """Record that the customer was told of a change, and stop the clock."""
    if work.changes.order_of(change_id) is None:
        return
    change = work.changes.get(change_id)
    change.told_at = change.told_at or at
    work.commitments.stop(SHORTAGE_CONTACT, change_id, at)


def _share_out(work: Work, sku: str) -> None:
    """Relax who was told that pieces are missing, and give out what is free. Orders are locked once, in their order."""
    told, served = work.changes.waiting_for(sku), backorders.next_in_turn(work, sku)
    numbers = sorted({*(number for number, _ in told), *served})
    orders = {number: work.orders.get(number, lock=True) for number in numbers}
    _relax(work, sku, told)
    if served:
        backorders.give_out(work, sku, orders)


def _relax(work: Work, sku: str, told: Iterable[tuple[str, str]]) -> None:
    """Withdraw open questions and let waiting orders leave, because everything is in stock again.

    told: orders, which are locked, and changes.
    """
    for number, change_id in told:
        change = work.changes.get(change_id)
        if change.waiting and change.status is ChangeStatus.APPLIED:
            work.journal.record(StockCovered(order_number=number, change_id=change_id, sku=sku))
        backorders.withdraw(work, change)


def title_of(order: Order, sku: str) -> str:
    return next(line.title for line in order.lines if line.sku == sku)


def match_of(work: Work, sku: str, count: int) -> Product | None:
    """Return the first product that the catalogue suggests instead and of which enough is free."""
    product = work.products.find(sku)
    if product is None or not product.matches:
        return None
    found, levels = work.products.for_sale(product.matches), work.stock.levels(product.matches)
    free = (other for other in product.matches if other in found and other in levels)
    return next((found[other] for other in free if levels[other].on_hand - levels[other].reserved >= count), None)
