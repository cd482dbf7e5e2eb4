"""The calls about what shipments cost, and carriers' invoices."""

from __future__ import annotations

from services.common.basics.api import Period
from services.common.basics.shapes import Page, PageQuery
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
from services.logistics.handlers import costs, invoices
from services.logistics.repository import Work


class Costing:
    """A part of the service (`service`); each call has its transaction in `work`."""

    work: Work

    def get_costs(self, number: str) -> CostsView:
        return costs.get_costs(self.work, number)

    def decide_costs(self, number: str, decided: DecideCosts) -> CostsView:
        return costs.decide_costs(self.work, number, decided)

    def list_costs(self, wanted: ListCosts) -> Page[CostsView]:
        return costs.list_costs(self.work, wanted)

    def preview_invoice(self, csv_text: str) -> ReadInvoice:
        return invoices.preview_invoice(self.work, csv_text)

    def upload_invoice(self, csv_text: str) -> ReadInvoice:
        return invoices.upload_invoice(self.work, csv_text)

    def list_invoice_rows(self, wanted: PageQuery) -> Page[InvoiceRowView]:
        return invoices.list_invoice_rows(self.work, wanted)

    def settle_invoice_row(self, row_id: str, decided: SettleInvoiceRow) -> InvoiceRowView:
        return invoices.settle_invoice_row(self.work, row_id, decided)

    def report_costs(self, period: Period) -> CostsReport:
        return costs.report_costs(self.work, period)

    def list_cost_cells(self, wanted: ListCostCells) -> Page[CostCell]:
        return costs.list_cost_cells(self.work, wanted)
