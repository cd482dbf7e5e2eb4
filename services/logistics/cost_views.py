"""How logistics shows what shipments cost, and the rows of invoices. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.common.basics.api import Period
from services.common.basics.clock import rfc3339
from services.common.basics.money import ZERO, Money
from services.common.basics.shapes import MoneyView, money_view
from services.logistics.api.costs import (
    HELD,
    Component,
    ComponentView,
    CostBy,
    CostCell,
    CostLine,
    CostRow,
    CostsReport,
    CostSums,
    CostsView,
    InvoiceRowResult,
    InvoiceRowView,
    ReadInvoice,
    RowOutcome,
)
from services.logistics.domain.costs import LandedCost
from services.logistics.domain.invoices import InvoiceRow, Sorted, counted

Sums = Sequence[tuple[str | None, Component, Money]]


def costs_view(cost: LandedCost, due_at: datetime | None, rows: Iterable[InvoiceRow]) -> CostsView:
    """Show the ledger of a shipment."""
    lines = _lines(cost)
    decision = None
    if cost.decision and cost.decided_by and cost.decided_at:
        decision = (cost.decision, cost.decided_by, cost.decided_at, cost.note or "")
    billed = [each.invoiced for each in cost.entries if each.invoiced is not None]
    owed = cost.accrued_at is not None and not cost.missing
    return {
        "shipment_number": cost.shipment_number,
        "order_number": cost.order_number,
        "country": cost.country,
        "status": cost.status,
        "payer": "platform",
        "customer_charged": money_view(ZERO),
        "estimated": None if cost.missing else money_view(Money.total(each.amount for each in cost.charges)),
        "accrued": money_view(Money.total(each.accrued for each in cost.entries)) if owed else None,
        "invoiced": money_view(Money.total(billed)) if billed else None,
        "difference": _shown(cost.difference),
        "cost": _shown(cost.cost),
        "components": [each for each in (_component(cost, component) for component in Component) if each],
        "lines": lines,
        "missing": [{"sku": sku, "component": component} for sku, component in cost.missing],
        "decision": decision
        and {"by": decision[1], "at": rfc3339(decision[2]), "decision": decision[0], "note": decision[3]},
        "estimated_at": rfc3339(cost.estimated_at),
        "accrued_at": rfc3339(cost.accrued_at) if cost.accrued_at else None,
        "due_at": rfc3339(due_at) if due_at else None,
        "rows": [row_view(each) for each in rows],
        "version": cost.version,
    }


def row_view(row: InvoiceRow) -> InvoiceRowView:
    """Show a row of an invoice."""
    return {
        "id": row.id,
        "invoice": row.invoice,
        "carrier": row.carrier,
        "tracking_number": row.tracking_number,
        "charge": row.charge,
        "amount": money_view(row.amount),
        "outcome": row.outcome,
        "shipment_number": row.shipment_number,
        "uploaded_at": rfc3339(row.uploaded_at),
        "uploaded_by": row.uploaded_by,
        "settled_by": row.settled_by,
        "note": row.note,
    }


def invoice_view(rows: Sequence[Sorted], differences: Iterable[str]) -> ReadInvoice:
    """Show what becomes of the rows of a file."""
    outcomes = [each.outcome for each in rows]
    return {
        "rows": [_result(each) for each in rows],
        "counted": money_view(counted(rows)),
        "held": sum(outcome in HELD for outcome in outcomes),
        "refused": outcomes.count(RowOutcome.REFUSED),
        "known": outcomes.count(RowOutcome.KNOWN),
        "differences": list(differences),
    }


def report_view(period: Period, sums: Iterable[tuple[CostBy, Sums]], without_rule: int) -> CostsReport:
    """Show the report: a row for all, and for each country, SKU and month."""
    return {
        "since": rfc3339(period.since),
        "until": rfc3339(period.until),
        "without_rule": without_rule,
        "items": [row for by, found in sums for row in _rows(by, found)],
    }


def cell_view(row: Any) -> CostCell:
    """Show what one month, country and SKU cost."""
    sums = {component: getattr(row, component.value) for component in Component}
    return {"month": row.month, "country": row.country, "sku": row.sku, **_sums(sums)}


def _rows(by: CostBy, found: Sums) -> list[CostRow]:
    names = dict.fromkeys(name for name, _, _ in found) if by is not CostBy.ALL else {None: None}
    return [
        {"by": by, "name": name, **_sums({each: amount for mine, each, amount in found if mine == name})}
        for name in names
    ]


def _sums(sums: Mapping[Component, Money]) -> CostSums:
    return {
        "freight": money_view(sums.get(Component.FREIGHT, ZERO)),
        "duty": money_view(sums.get(Component.DUTY, ZERO)),
        "import_vat": money_view(sums.get(Component.IMPORT_VAT, ZERO)),
        "disbursement": money_view(sums.get(Component.DISBURSEMENT, ZERO)),
        "brokerage": money_view(sums.get(Component.BROKERAGE, ZERO)),
        "other": money_view(sums.get(Component.OTHER, ZERO)),
        "cost": money_view(Money.total(sums.values())),
    }


def _result(found: Sorted) -> InvoiceRowResult:
    billed = found.read.billed
    return {
        "row": found.read.row,
        "invoice": found.read.invoice,
        "tracking_number": found.read.tracking_number,
        "charge": billed.charge if billed else None,
        "amount": money_view(billed.amount) if billed else None,
        "outcome": found.outcome,
        "shipment_number": found.parcel.shipment_number if found.parcel else None,
        "detail": found.detail,
    }


def _component(cost: LandedCost, component: Component) -> ComponentView | None:
    charged = [each.amount for each in cost.charges if each.component is component]
    shown: ComponentView = {
        "component": component,
        "estimated": money_view(Money.total(charged)) if charged else None,
        "accrued": _shown(cost.sum_of(component, "accrued")),
        "invoiced": _shown(cost.sum_of(component, "invoiced")),
    }
    return shown if any(shown[each] for each in ("estimated", "accrued", "invoiced")) else None


def _lines(cost: LandedCost) -> list[CostLine]:
    charges = {(each.line_id, each.sku, each.component): each for each in cost.charges}
    entries = {each.key: each for each in cost.entries}
    order = list(Component)
    keys = sorted({*charges, *entries}, key=lambda key: (key[0], key[1], order.index(key[2])))
    return [
        {
            "line_id": key[0],
            "sku": key[1],
            "component": key[2],
            "estimated": money_view(charges[key].amount) if key in charges else None,
            "accrued": money_view(entries[key].accrued) if key in entries else None,
            "invoiced": _shown(entries[key].invoiced) if key in entries else None,
            "rule": charges[key].rule if key in charges else None,
        }
        for key in keys
    ]


def _shown(amount: Money | None) -> MoneyView | None:
    return None if amount is None else money_view(amount)
