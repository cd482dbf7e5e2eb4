"""The ledger of orders, shown: one order's money to its customer and to staff, a period's movements to leads.

All of it is derived from the journal when it is asked for (`domain.ledger`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from services.common.basics.api import Period
from services.common.basics.clock import rfc3339
from services.common.basics.shapes import Page
from services.orders import ledger_views, views
from services.orders.api.ledger import (
    LedgerReport,
    ListMovements,
    OrderMovementView,
    OrderPaymentsView,
    PeriodBackwards,
    PeriodTooLong,
)
from services.orders.domain.ledger import Movement, balances_of, movements_of
from services.orders.handlers import access, accounts
from services.orders.repository import Work

AT_ONCE, MOST_ENTRIES = 100, 20_000
Moved = tuple[str, Movement]
"""An order, and a movement of it."""


def get_payments(work: Work, number: str) -> OrderPaymentsView:
    """Show the money of an order; to staff with the cases and the ledger."""
    order = access.get_visible_order(work, number)
    payments = work.payments.of_order(number)
    shown: OrderPaymentsView = {
        "order_number": number,
        "account": views.account_view(accounts.account_of(work, order, payments)),
        "captures": [views.payment_view(payment) for payment in payments if payment.received is not None],
        "refunds": [views.refund_view(refund) for refund in work.payments.refunds_of(number)],
    }
    if access.is_case_staff(work):
        movements = movements_of(work.ledger.of_orders([number]).get(number, []))
        shown["attention"] = [views.attention_view(case) for case in work.cases.open_of_order(number)]
        shown["movements"] = [ledger_views.movement_view(each) for each in movements]
        shown["balances"] = ledger_views.balance_views(balances_of(movements))
    return shown


def list_movements(work: Work, query: ListMovements) -> Page[OrderMovementView]:
    """List the movements of a period, page by page of the journal."""
    moved, cursor = _page(work, query.since, query.until, query.cursor, query.limit)
    names = work.ledger.names_of({movement.reference for _, movement in moved})
    return {"items": [ledger_views.order_movement_view(*each, names) for each in moved], "next_cursor": cursor}


def report_ledger(work: Work, period: Period) -> LedgerReport:
    """Sum up a period; PeriodTooLong beyond MOST_ENTRIES, so that no request takes long."""
    sums, orders, count = ledger_views.Sums(), set(), 0
    for number, movement in _all(work, period.since, period.until):
        orders.add(number)
        count += 1
        sums.add(movement)
    return {
        "since": rfc3339(period.since),
        "until": rfc3339(period.until),
        "orders": len(orders),
        "movements": count,
        "items": sums.views(),
    }


def _all(work: Work, since: datetime, until: datetime) -> Iterator[Moved]:
    cursor: str | None = None
    for _ in range(MOST_ENTRIES // AT_ONCE):
        moved, cursor = _page(work, since, until, cursor, AT_ONCE)
        yield from moved
        if cursor is None:
            return
    raise PeriodTooLong


def _page(
    work: Work, since: datetime, until: datetime, cursor: str | None, limit: int
) -> tuple[list[Moved], str | None]:
    """Return the movements that follow from a page of entries, in their order, and the cursor after them."""
    if until < since:
        raise PeriodBackwards
    page = work.ledger.of_period(since, until, cursor=cursor, limit=limit)
    chains = work.ledger.of_orders({number for number, _ in page["items"]})
    moved = {number: _by_entry(movements_of(entries)) for number, entries in chains.items()}
    found = [(number, each) for number, entry in page["items"] for each in moved[number].get(entry, ())]
    return found, page["next_cursor"]


def _by_entry(movements: Iterable[Movement]) -> dict[str, list[Movement]]:
    found: dict[str, list[Movement]] = {}
    for each in movements:
        found.setdefault(each.entry, []).append(each)
    return found
