"""What free shipping and duties cost us: the ledger of each shipment, carriers' invoices, and the report.

    estimated → accrued → invoiced → reconciled | disputed      by the rules; at dispatch; as carriers bill it
    no_rule                                                     no rule says what is owed, which is not zero

The platform pays all of it, the customer 0.00 (standard, section 3). Freight is the labels that were bought, and what
carriers bill as freight.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Literal, TypedDict

from services.common.basics.api import Api, Period, PeriodNotGood, command, query
from services.common.basics.caller import LEAD
from services.common.basics.errors import Conflict, Invalid, NotFound
from services.common.basics.money import MAX_CENTS, Money
from services.common.basics.shapes import (
    Country,
    Example,
    Line,
    MoneyView,
    Note,
    Number,
    Page,
    PageQuery,
    Pattern,
    Timestamp,
    Version,
    Wrong,
)
from services.common.basics.states import VersionMoved
from services.logistics.api.refusals import ShipmentNotFound, WrongShipmentStatus

MOST_INVOICE_ROWS = 200
PAYER = "platform"


class Component(StrEnum):
    """What a parcel costs beside its goods."""

    DUTY = "duty"
    IMPORT_VAT = "import_vat"
    DISBURSEMENT = "disbursement"  # what the carrier takes for paying duty and tax first
    BROKERAGE = "brokerage"  # what it takes for the declaration
    FREIGHT = "freight"
    OTHER = "other"  # storage, inspection, surcharges


BY_RULE = (Component.DUTY, Component.IMPORT_VAT, Component.DISBURSEMENT, Component.BROKERAGE)


class CostStatus(StrEnum):
    """How far the costs of a shipment are known."""

    ESTIMATED = "estimated"
    NO_RULE = "no_rule"  # no rule says what is owed: a person enters it, or a rule is added
    ACCRUED = "accrued"  # it left, so this is owed
    INVOICED = "invoiced"  # billed in part
    RECONCILED = "reconciled"  # billed as expected, or a person accepted what was billed
    DISPUTED = "disputed"  # billed otherwise than expected, by more than the limit
    WITHDRAWN = "withdrawn"  # it never left


class RowOutcome(StrEnum):
    """What became of a row of an invoice."""

    COUNTED = "counted"
    UNMATCHED = "unmatched"  # no parcel has the number, or one that goes by another carrier
    AMBIGUOUS = "ambiguous"  # several parcels have it
    REPEATED = "repeated"  # this charge is on that invoice already
    DISMISSED = "dismissed"  # a person said that it does not count
    KNOWN = "known"  # the very row was uploaded before
    REFUSED = "refused"  # it cannot be read, and is not kept


HELD = (RowOutcome.UNMATCHED, RowOutcome.AMBIGUOUS, RowOutcome.REPEATED)


class BadInvoiceCsv(Invalid):
    """The text is no CSV, has no column that it needs, or too many rows."""

    code = "bad_invoice_csv"
    message = "This is not a CSV of an invoice."


class CostsSettled(Conflict):
    """The costs are not where this decision begins. `details`: `{"status"}`."""

    code = "costs_settled"
    message = "The costs of this shipment are not where this decision begins."


class InvoiceRowNotFound(NotFound):
    """There is no such row."""

    code = "invoice_row_not_found"
    message = "There is no such row of an invoice."


class InvoiceRowSettled(Conflict):
    """The row counts already, or was dismissed. `details`: `{"outcome"}`."""

    code = "invoice_row_settled"
    message = "This row is settled already."


Amount = Annotated[str, Pattern(r"\d{1,10}\.\d{2}", "Not an amount of USD, 12.34."), Example("12.34")]
Decision = Literal["estimate", "enter", "accept", "claim"]


@dataclass(frozen=True)
class DecideCosts:
    """estimate: by the rules as they are now. enter: the amounts, where no rule says them, or before the dispatch.

    accept: what was billed is right. claim: the carrier was told that it is wrong; its credit comes as an invoice.
    """

    examples: ClassVar[Mapping[str, object]] = {
        "accept": {"decision": "accept", "note": "Customs took a higher rate; the broker confirmed it."},
        "enter": {"decision": "enter", "note": "As the broker says.", "duty": "4.10", "import_vat": "0.00"},
    }

    decision: Annotated[Decision, Example("accept")]
    note: Annotated[str, Line(500)]
    duty: Amount | None = None
    import_vat: Amount | None = None
    disbursement: Amount | None = None
    brokerage: Amount | None = None
    version: Version | None = None

    def __post_init__(self) -> None:
        given = [each for each in BY_RULE if getattr(self, each.value) is not None]
        if (self.decision == "enter") != bool(given):
            raise Wrong("Amounts are given with enter, and with nothing else.")
        if any(amount.cents > MAX_CENTS for amount in self.amounts.values()):
            raise Wrong("That is too much.")

    @property
    def amounts(self) -> Mapping[Component, Money]:
        """What was entered; what was left out is nothing."""
        given = {each: getattr(self, each.value) for each in BY_RULE}
        return {each: Money.parse(text or "0.00") for each, text in given.items()}


@dataclass(frozen=True)
class ListCosts(PageQuery):
    """Those of one status, the oldest first."""

    status: CostStatus = CostStatus.DISPUTED


@dataclass(frozen=True)
class SettleInvoiceRow:
    """Count it for a shipment, or dismiss it."""

    examples: ClassVar[Mapping[str, object]] = {
        "dismiss": {"decision": "dismiss", "note": "A parcel of another shop."},
    }

    decision: Annotated[Literal["count", "dismiss"], Example("dismiss")]
    note: Annotated[str, Line(500), Example("A parcel of another shop.")]
    shipment_number: Annotated[str, Number("SHP"), Note("of which shipment it is, to count it")] | None = None

    def __post_init__(self) -> None:
        if (self.decision == "count") != (self.shipment_number is not None):
            raise Wrong({"shipment_number": "Named to count a row, and left out to dismiss it."})


class ComponentView(TypedDict):
    """Null: not estimated, not accrued, or not billed."""

    component: Component
    estimated: MoneyView | None
    accrued: MoneyView | None
    invoiced: MoneyView | None


class CostLine(TypedDict):
    """What one line of the shipment bears of a component. rule: what says so."""

    line_id: int
    sku: str
    component: Component
    estimated: MoneyView | None
    accrued: MoneyView | None
    invoiced: MoneyView | None
    rule: str | None


class MissingRule(TypedDict):
    """No rule says this. sku: null for a fee of the whole parcel."""

    sku: str | None
    component: Component


class InvoiceRowView(TypedDict):
    """A row of a carrier's invoice as it is kept."""

    id: str
    invoice: str
    carrier: str | None
    tracking_number: str
    charge: Component
    amount: MoneyView
    outcome: RowOutcome
    shipment_number: str | None
    uploaded_at: Timestamp
    uploaded_by: str
    settled_by: str | None
    note: str | None


class CostDecision(TypedDict):
    by: str
    at: Timestamp
    decision: str
    note: str


class CostsView(TypedDict):
    """The costs of a shipment. cost: the best that is known, billed before accrued; null where no rule says what is
    owed, whatever was billed by now.

    difference: what was billed less what was accrued, over the limit when `disputed`. due_at: until when a person
    decides about it.
    """

    shipment_number: str
    order_number: str
    country: Country
    status: CostStatus
    payer: Literal["platform"]
    customer_charged: MoneyView
    estimated: MoneyView | None
    accrued: MoneyView | None
    invoiced: MoneyView | None
    difference: MoneyView | None
    cost: MoneyView | None
    components: list[ComponentView]
    lines: list[CostLine]
    missing: list[MissingRule]
    decision: CostDecision | None
    estimated_at: Timestamp
    accrued_at: Timestamp | None
    due_at: Timestamp | None
    rows: list[InvoiceRowView]
    version: int


class InvoiceRowResult(TypedDict):
    """What becomes of a row. row: its number in the file, the header is 1. detail: why it does not count."""

    row: int
    invoice: str | None
    tracking_number: str | None
    charge: Component | None
    amount: MoneyView | None
    outcome: RowOutcome
    shipment_number: str | None
    detail: str | None


class ReadInvoice(TypedDict):
    """The rows of a file. counted: what counts by this file; held: rows kept for a person."""

    rows: list[InvoiceRowResult]
    counted: MoneyView
    held: int
    refused: int
    known: int
    differences: Annotated[list[str], Note("its shipments that are billed otherwise than expected; none in a preview")]


class CostBy(StrEnum):
    """What a row of the report is about."""

    ALL = "all"
    COUNTRY = "country"
    SKU = "sku"
    MONTH = "month"


class CostSums(TypedDict):
    """Sums over what left in the period, as far as it is known: billed before accrued."""

    freight: MoneyView
    duty: MoneyView
    import_vat: MoneyView
    disbursement: MoneyView
    brokerage: MoneyView
    other: MoneyView
    cost: MoneyView


class CostRow(CostSums):
    by: CostBy
    name: Annotated[str | None, Example("DE"), Note("null for all")]


class CostsReport(TypedDict):
    """without_rule: shipments of the period of which no rule says what is owed.

    Of these only postage and what was billed is in the sums.
    """

    since: Timestamp
    until: Timestamp
    without_rule: int
    items: list[CostRow]


class CostCell(CostSums):
    """One month, country and SKU."""

    month: Annotated[str, Example("2026-03")]
    country: Country
    sku: str


@dataclass(frozen=True)
class ListCostCells(PageQuery):
    """The rows of the report's file: those of a period."""

    since: Annotated[datetime, Note("first moment, RFC 3339")] | None = None
    until: Annotated[datetime, Note("the moment after the last")] | None = None


class Costs(Api):
    """What free shipping and duties cost."""

    @query(roles=(LEAD,), errors=(ShipmentNotFound,))
    def get_costs(self, number: str) -> CostsView:
        """Show what a shipment costs beside its goods: estimated, accrued, billed, and who decided what."""

    @command(roles=(LEAD,), errors=(ShipmentNotFound, CostsSettled, VersionMoved))
    def decide_costs(self, number: str, decided: DecideCosts) -> CostsView:
        """Decide what no rule says, or what was billed otherwise than expected.

        The clock `landed_cost` stops with `accept` and `claim`. After a claim the shipment stays disputed until the
        carrier's credit is uploaded as a row below zero.
        """

    @query(roles=(LEAD,))
    def list_costs(self, wanted: ListCosts) -> Page[CostsView]:
        """List shipments by where their costs are: those that wait for a person are `disputed` and `no_rule`."""

    @query(roles=(LEAD,), errors=(BadInvoiceCsv,))
    def preview_invoice(self, csv_text: str) -> ReadInvoice:
        """Say what would become of each row of an invoice. Nothing is kept."""

    @command(roles=(LEAD,), errors=(BadInvoiceCsv,))
    def upload_invoice(self, csv_text: str) -> ReadInvoice:
        """Take in a carrier's invoice as the rows of a CSV, matched by tracking number, with an outcome for each.

        Columns: `invoice`, `tracking_number`, `charge` (one of ours, or a usual word for it), `amount` in USD, below
        zero for a credit, and where known `carrier` and `currency`; at most 200 rows. The same file again changes
        nothing, and answers the same `differences` as long as they are there. A row that matches no parcel, several,
        one that goes by another carrier, or a charge that is on that invoice already is kept for a person.
        """

    @query(roles=(LEAD,))
    def list_invoice_rows(self, wanted: PageQuery) -> Page[InvoiceRowView]:
        """List the rows of invoices that wait for a person, the oldest first."""

    @command(roles=(LEAD,), errors=(InvoiceRowNotFound, InvoiceRowSettled, ShipmentNotFound, WrongShipmentStatus))
    def settle_invoice_row(self, row_id: str, decided: SettleInvoiceRow) -> InvoiceRowView:
        """Count a row that waits for a shipment that has left, or dismiss it."""

    @query(roles=(LEAD,), errors=(PeriodNotGood,))
    def report_costs(self, period: Period) -> CostsReport:
        """Report what free shipping and duties cost, by country, SKU and month of the dispatch."""

    @query(roles=(LEAD,))
    def list_cost_cells(self, wanted: ListCostCells) -> Page[CostCell]:
        """List what each month, country and SKU cost."""
