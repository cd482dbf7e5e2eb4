"""The money of orders, and the ledger that the journal makes of it (standard, section 4)."""

from __future__ import annotations

from functools import partial

from flask import Response

from gateway.http import exports
from gateway.http.calls import services
from gateway.http.resource import Resource
from services.common.basics.api import Period
from services.common.basics.shapes import Page
from services.orders.api import OrdersApi
from services.orders.api.ledger import LedgerReport, ListMovements, OrderMovementView, OrderPaymentsView

COLUMNS: exports.Columns[OrderMovementView] = {
    "at": lambda moved: moved["at"],
    "order": lambda moved: moved["order_number"],
    "kind": lambda moved: moved["kind"],
    "debit": lambda moved: moved["debit"],
    "credit": lambda moved: moved["credit"],
    "amount": lambda moved: moved["amount"]["amount"],
    "currency": lambda moved: moved["amount"]["currency"],
    "reference": lambda moved: moved["reference"],
    "provider": lambda moved: moved["provider"],
    "provider_reference": lambda moved: moved["provider_reference"],
    "entry": lambda moved: moved["entry"],
}

blp = Resource("ledger", "What was paid and paid back, and every movement of money between accounts")


@blp.get("/orders/<number(ORD):number>/payments", OrdersApi.get_payments)
def get_payments(number: str) -> OrderPaymentsView:
    return services().orders.get_payments(number)


@blp.get("/ledger", OrdersApi.list_movements)
def list_movements(query: ListMovements) -> Page[OrderMovementView]:
    return services().orders.list_movements(query)


@blp.get("/ledger/export", OrdersApi.list_movements, media="text/csv")
def export_ledger(period: Period) -> Response:
    """Export the movements of a period as CSV in UTF-8, in the order in which they were recorded.

    Each row takes `amount` from the `credit` account to the `debit` account. What a spreadsheet would take for a
    formula begins with an apostrophe. A file that cannot be read to its end is broken off.
    """
    return exports.stream("ledger.csv", export_ledger.__name__, COLUMNS, exports.every_page(partial(_page, period)))


def _page(period: Period, cursor: str | None) -> Page[OrderMovementView]:
    wanted = ListMovements(since=period.since, until=period.until, cursor=cursor, limit=100)
    return services().orders.list_movements(wanted)


@blp.get("/reports/ledger", OrdersApi.report_ledger)
def report_ledger(period: Period) -> LedgerReport:
    return services().orders.report_ledger(period)
