"""What free shipping and duties cost, over HTTP: the ledger of a shipment, carriers' invoices, the report."""

from __future__ import annotations

from functools import partial

from flask import Response

from gateway.http import exports
from gateway.http.calls import services
from gateway.http.resource import Resource
from gateway.http.sheets import MOST_BYTES, MalformedCsv, csv_body, csv_text
from services.common.basics.api import Period
from services.common.basics.shapes import Page, PageQuery
from services.logistics.api import LogisticsApi
from services.logistics.api.costs import (
    CostCell,
    CostsReport,
    CostsView,
    DecideCosts,
    InvoiceRowView,
    ListCostCells,
    ListCosts,
    ReadInvoice,
    SettleInvoiceRow,
)

ITEM = "/shipments/<number(SHP):number>/costs"
EXAMPLE = "invoice,tracking_number,charge,amount,currency\nINV-118,1Z999885B,duty,4.10,USD\n"
COLUMNS: exports.Columns[CostCell] = {
    "month": lambda cell: cell["month"],
    "country": lambda cell: cell["country"],
    "sku": lambda cell: cell["sku"],
    "freight": lambda cell: cell["freight"]["amount"],
    "duty": lambda cell: cell["duty"]["amount"],
    "import_vat": lambda cell: cell["import_vat"]["amount"],
    "disbursement": lambda cell: cell["disbursement"]["amount"],
    "brokerage": lambda cell: cell["brokerage"]["amount"],
    "other": lambda cell: cell["other"]["amount"],
    "cost": lambda cell: cell["cost"]["amount"],
    "currency": lambda cell: cell["cost"]["currency"],
}
blp = Resource("costs", "What free shipping and duties cost us")


@blp.get(ITEM, LogisticsApi.get_costs)
def get_costs(number: str) -> CostsView:
    return services().logistics.get_costs(number)


@blp.post(ITEM, LogisticsApi.decide_costs)
def decide_costs(number: str, decided: DecideCosts) -> CostsView:
    return services().logistics.decide_costs(number, decided)


@blp.get("/costs", LogisticsApi.list_costs)
def list_costs(query: ListCosts) -> Page[CostsView]:
    return services().logistics.list_costs(query)


@blp.post(
    "/costs/invoices/preview", LogisticsApi.preview_invoice, errors=(MalformedCsv,), body=csv_body(EXAMPLE),
    body_limit=MOST_BYTES,
)  # fmt: skip
def preview_invoice() -> ReadInvoice:
    return services().logistics.preview_invoice(csv_text())


@blp.post(
    "/costs/invoices", LogisticsApi.upload_invoice, errors=(MalformedCsv,), body=csv_body(EXAMPLE),
    body_limit=MOST_BYTES,
)  # fmt: skip
def upload_invoice() -> ReadInvoice:
    return services().logistics.upload_invoice(csv_text())


@blp.get("/costs/invoice-rows", LogisticsApi.list_invoice_rows)
def list_invoice_rows(query: PageQuery) -> Page[InvoiceRowView]:
    return services().logistics.list_invoice_rows(query)


@blp.post("/costs/invoice-rows/<id:row_id>", LogisticsApi.settle_invoice_row)
def settle_invoice_row(row_id: str, decided: SettleInvoiceRow) -> InvoiceRowView:
    return services().logistics.settle_invoice_row(row_id, decided)


@blp.get("/costs/report", LogisticsApi.report_costs)
def report_costs(query: Period) -> CostsReport:
    return services().logistics.report_costs(query)


@blp.get("/costs/report/export", LogisticsApi.list_cost_cells, media="text/csv")
def export_costs(period: Period) -> Response:
    """Export what each month, country and SKU cost in a period, as CSV in UTF-8.

    What a spreadsheet would take for a formula begins with an apostrophe. A file that cannot be read to its end is
    broken off.
    """
    return exports.stream("costs.csv", export_costs.__name__, COLUMNS, exports.every_page(partial(_page, period)))


def _page(period: Period, cursor: str | None) -> Page[CostCell]:
    wanted = ListCostCells(since=period.since, until=period.until, cursor=cursor, limit=100)
    return services().logistics.list_cost_cells(wanted)
