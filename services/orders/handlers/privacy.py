"""A customer's own data: the copy that they may have, and its erasure, order by order.

An order is erased once all of it has ended: not while it is unpaid or under way, nor while a refund, a payment or a
parcel of it is undecided. Those wait, and a timer erases them. Orders that are placed after the request was heard are
those of a new customer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from services.common.basics.message import Message
from services.common.calendar.places import local_date
from services.orders.api.events import ErasedOrder, ErasuresHeldUp, OrderErased, OrdersSorted, WaitingOrder
from services.orders.domain import Order
from services.orders.domain.erasure import kept_until, why_in_use
from services.orders.handlers import placing
from services.orders.repository import Transaction, Work
from services.orders.repository.privacy import WAITS_NO_MORE
from services.support.api.events import ErasureConfirmed

PAGES = 50
"""Pages of orders (`erasures.PAGE`) that one run of a timer erases at most; the next run goes on."""
NO_REQUEST = ""
"""What stands for the request where time alone erases."""


def on_erasure_confirmed(work: Work, event: ErasureConfirmed, message: Message) -> None:
    """Erase the orders that have ended, let the others wait, and say which."""
    erased: list[ErasedOrder] = []
    waiting: list[WaitingOrder] = []
    for order in work.erasing.orders_of(event.email):
        number, why = order.order_number, _why_in_use(work, order)
        if why is None:
            erased.append(ErasedOrder(number, _erase(work, order, event.request_id)))
        else:
            work.erasures.wait(number, event.request_id)
            waiting.append(WaitingOrder(number, why))
    work.erasures.forget_copies(event.email, *(each.order_number for each in erased))
    work.journal.record(OrdersSorted(request_id=event.request_id, erased=tuple(erased), waiting=tuple(waiting)))


def erase_what_ended(transaction: Transaction) -> None:
    """Erase the orders that waited and have ended by now, each in its own transaction."""
    last = ""
    for _ in range(PAGES):
        with transaction(reading=True) as work:
            waiting = work.erasures.waiting(WAITS_NO_MORE, last)
        with transaction() as work:
            work.erasures.forget_copies(*(each.subject for each in waiting))
        for number, request_id in waiting:
            with transaction() as work:
                if _erase_if_ended(work, number, request_id):
                    work.erasures.done(number)
        if not waiting:
            return
        last = waiting[-1].subject


def erase_what_is_old(transaction: Transaction) -> None:
    """Erase the customers of orders that ended so long ago that they need not be known, and old records of sales.

    It goes on until none is left, at most `PAGES` pages at a time. People are told of those that something keeps.
    """
    last = ""
    for _ in range(PAGES):
        with transaction(reading=True) as work:
            numbers = work.erasing.outlived(work.now, last)
        with transaction() as work:
            work.erasures.forget_copies(*numbers)
        for number in numbers:
            with transaction() as work:
                _erase_if_ended(work, number, NO_REQUEST)
        if not numbers:
            break
        last = numbers[-1]
    with transaction() as work:
        work.erasing.forget_records(work.now)
        tell_of_held_up(work)


def _erase_if_ended(work: Work, number: str, request_id: str) -> bool:
    order = work.orders.get(number, lock=True)
    ended = _why_in_use(work, order) is None
    if ended:
        _erase(work, order, request_id)
    return ended


def tell_of_held_up(work: Work) -> None:
    """Tell leads and admins, once a day, of customers who are still known because something of an order is open."""
    count, oldest = work.erasing.held_up(work.now)
    day = f"RETENTION-{local_date(work.now, work.settings.team_zone).isoformat()}"
    if count and work.erasing.begins(day):
        work.journal.record(ErasuresHeldUp(day=day, count=count, orders=tuple(oldest)))


def export_orders(work: Work) -> Mapping[str, object]:
    """Return all orders of the caller, as they are shown to them, each with its story."""
    numbers = work.erasing.numbers_of(work.caller.email or "")
    return {
        "orders": [
            {**placing.get_order(work, number), "story": work.journal.timeline(number, public_only=True)}
            for number in numbers
        ]
    }


def _why_in_use(work: Work, order: Order) -> str | None:
    number = order.order_number
    refunds, cases = work.payments.refunds_of(number), work.cases.open_of_order(number)
    return why_in_use(order, refunds, cases, work.remedies.of_order(number))


def _erase(work: Work, order: Order, request_id: str) -> datetime | None:
    """Erase one order. Return until when the record of the sale is kept, if it was one.

    The copies of what was said of it are forgotten by who erases, for many orders at once.
    """
    number = order.order_number
    captured = [payment.captured_at for payment in work.payments.of_order(number) if payment.captured_at is not None]
    until = kept_until(max(captured)) if captured else None
    if until is not None:
        work.erasing.keep_record(order, until)
    work.erasing.order(order)
    work.erasures.drop_keys_of_order(number)
    work.journal.record(OrderErased(order_number=number, request_id=request_id))
    return until
