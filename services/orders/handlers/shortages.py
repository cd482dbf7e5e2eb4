"""When less is there than was promised (standard, section 2: "we will take the initiative to contact the user"): the
customers are asked, the newest order first; what they decide is in changing.py. Nothing is cancelled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from services.common.basics import ids
from services.common.commitments import start, terms_for
from services.orders.domain import Change, ChangeKind, ChangeStatus, Order, Product
from services.orders.domain.change import Terms
from services.orders.domain.events import StockCovered, StockFreed, StockShort
from services.orders.domain.options import shortage_options
from services.orders.repository import Work
from services.orders.settings import OrdersSettings

CLOCK = "shortage_contact"


def look(work: Work, settings: OrdersSettings, sku: str) -> None:
    """After a movement of stock: ask enough customers, or let those be who need not be asked any more."""
    if not work.stock.uncovered([sku]):
        if work.stock.is_covered(sku):
            _relax(work, sku)
        return
    orders = work.orders.short_of(sku)
    missing = unasked(work, [sku]).get(sku, 0)
    for order in orders:
        if missing <= 0:
            break
        asked = min(missing, order.wanted().get(sku, 0))
        if asked:
            ask_about(work, settings, order, sku, asked)
            missing -= asked


def unasked(work: Work, skus: Iterable[str]) -> dict[str, int]:
    """By SKU, how many missing pieces no customer was asked about, and nobody else will ask about in the meantime.

    Whoever asks looks here first, with its orders locked: several replicas that see one shortage share it between them.
    """
    missing = work.stock.uncovered(skus)
    if missing:
        work.stock.levels(missing, lock=True)
        missing = work.stock.uncovered(missing)  # once more, with what those asked who had the lock before
    return missing


def free(work: Work, counts: Mapping[str, int], order_number: str) -> None:
    """The order does not need these pieces any more; who waits for such pieces is thought of once that is committed."""
    work.stock.release(counts, order_number)
    work.journal.record(*(StockFreed(sku=sku) for sku in work.changes.waited_for(counts)))


def ask_about(work: Work, settings: OrdersSettings, order: Order, sku: str, short: int) -> Change:
    """Put the options to the customer and start the clock by which they must have heard of it."""
    change = propose(
        work,
        settings,
        order,
        ChangeKind.STOCK_SHORT,
        f"{short} × {_title(order, sku)} cannot be delivered as promised: our stock had to be corrected.",
        shortage_options(order, sku, short, _match(work, sku, short)),
        sku=sku,
        short=short,
    )
    work.journal.record(
        StockShort(order_number=order.order_number, change_id=change.change_id, sku=sku, short=short, found_at=work.now)
    )
    work.commitments.start(
        start(
            CLOCK,
            change.change_id,
            work.now,
            id=ids.new_id(),
            owner="orders",
            terms=terms_for(CLOCK),
            hours=settings.office,
            order_number=order.order_number,
        )
    )
    return change


def propose(
    work: Work,
    settings: OrdersSettings,
    order: Order,
    kind: ChangeKind,
    summary: str,
    options: tuple[Terms, ...],
    *,
    sku: str | None = None,
    short: int = 0,
) -> Change:
    """Put a change to the customer. It does nothing by itself."""
    change = Change(
        change_id=ids.new_number(ids.CHANGE),
        order_number=order.order_number,
        order_version=order.version,
        kind=kind,
        summary=summary,
        options=options,
        proposed_by=work.caller.actor,
        created_at=work.now,
        expires_at=work.now + settings.answer_within,
        sku=sku,
        short=short,
    )
    work.journal.record(change.ask(order.contact))
    work.changes.add(change)
    return change


def told(work: Work, change_id: str, at: datetime) -> None:
    """The customer was told of a change: the clock stops."""
    if work.changes.order_of(change_id) is None:
        return
    change = work.changes.get(change_id)
    change.told_at = change.told_at or at
    work.commitments.stop(CLOCK, change_id, at)


def _relax(work: Work, sku: str) -> None:
    """Everything is there again: open questions are withdrawn, and the orders of those who wait may leave."""
    for number, change_id in work.changes.waiting_for(sku):
        work.orders.find(number, lock=True, lines=False)
        change = work.changes.get(change_id)
        if change.waiting and change.status is ChangeStatus.APPLIED:
            work.journal.record(StockCovered(order_number=number, change_id=change_id, sku=sku))
        change.waiting = False
        if change.status is ChangeStatus.AWAITING_CUSTOMER:
            work.journal.record(change.close(ChangeStatus.WITHDRAWN, work.now))
            work.commitments.stop(CLOCK, change_id, work.now)


def _title(order: Order, sku: str) -> str:
    return next(line.title for line in order.lines if line.sku == sku)


def _match(work: Work, sku: str, count: int) -> Product | None:
    """The first product that the catalogue suggests with this one and of which enough is free."""
    product = work.products.find(sku)
    if product is None or not product.matches:
        return None
    found, levels = work.products.for_sale(product.matches), work.stock.levels(product.matches)
    free = (other for other in product.matches if other in found and other in levels)
    return next((found[other] for other in free if levels[other].on_hand - levels[other].reserved >= count), None)
