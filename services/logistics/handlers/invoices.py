"""Invoices of carriers: their rows, matched with parcels, each counted once.

An upload is one transaction: all of it is kept, or nothing. The shipments that it is about are locked before it is
asked what is kept already, so of two uploads of one invoice at the same moment the second finds the first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.common.basics import ids
from services.common.basics.shapes import Page, PageQuery
from services.logistics import cost_views
from services.logistics.adapters import invoice_rows
from services.logistics.api.cost_events import InvoiceRowDecided, InvoiceUploaded
from services.logistics.api.costs import (
    HELD,
    InvoiceRowSettled,
    InvoiceRowView,
    ReadInvoice,
    RowOutcome,
    SettleInvoiceRow,
)
from services.logistics.api.parts import fold_number
from services.logistics.domain import Shipment
from services.logistics.domain.invoices import BilledRow, Candidate, InvoiceRow, ReadRow, Sorted, counted, sort_out
from services.logistics.handlers import costs
from services.logistics.repository import Work


def preview_invoice(work: Work, csv_text: str) -> ReadInvoice:
    """Say what would become of each row."""
    read = invoice_rows.read(csv_text)
    return cost_views.invoice_view(_sorted(work, read, _shipments(work, read, lock=False)), ())


def upload_invoice(work: Work, csv_text: str) -> ReadInvoice:
    """Keep the rows, count those that are a parcel's, and compare the bills of its shipments."""
    read = invoice_rows.read(csv_text)
    shipments = _shipments(work, read, lock=True)
    found, upload_id = _sorted(work, read, shipments), ids.new_id()
    kept = _keep(work, found, upload_id)
    touched = {each.parcel.shipment_number for each in kept if each.parcel and each.outcome is RowOutcome.COUNTED}
    for number in sorted(touched):
        _bill(work, shipments[number])
    work.session.flush()
    work.journal.record(_uploaded(upload_id, kept))
    return cost_views.invoice_view(kept, work.costs.disputed(read))


def list_invoice_rows(work: Work, wanted: PageQuery) -> Page[InvoiceRowView]:
    found = work.costs.held(wanted)
    return {"items": [cost_views.row_view(each) for each in found["items"]], "next_cursor": found["next_cursor"]}


def settle_invoice_row(work: Work, row_id: str, decided: SettleInvoiceRow) -> InvoiceRowView:
    """Count a row for the shipment that a person names, or dismiss it."""
    if work.costs.row(row_id).outcome not in HELD:
        raise InvoiceRowSettled(details={"outcome": work.costs.row(row_id).outcome.value})
    shipment = work.shipments.get(decided.shipment_number, lock=True) if decided.shipment_number else None
    if shipment is not None:
        shipment.require_dispatched()
    row = work.costs.row(row_id, lock=True)
    previous, outcome = row.outcome, RowOutcome.DISMISSED if shipment is None else RowOutcome.COUNTED
    row.settle(outcome, shipment.number if shipment else None, work.caller.actor, decided.note, work.now)
    if shipment is not None:
        mine = [each.id for each in shipment.parcels if fold_number(each.tracking_number) == row.tracking_number]
        row.parcel_id = mine[0] if mine else row.parcel_id
        work.session.flush()
        _bill(work, shipment)
    work.journal.record(
        InvoiceRowDecided(
            row_id=row.id, invoice=row.invoice, previous_outcome=previous, outcome=outcome,
            shipment_number=row.shipment_number, order_number=_order_of(work, row), reason=decided.note,
        )
    )  # fmt: skip
    return cost_views.row_view(row)


def _order_of(work: Work, row: InvoiceRow) -> str | None:
    """Return whose parcel it is about: what is said of it is erased with the order."""
    return work.shipments.get(row.shipment_number).order_number if row.shipment_number else None


def _shipments(work: Work, read: Sequence[ReadRow], *, lock: bool) -> Mapping[str, Shipment]:
    numbers = sorted({each.billed.tracking_number for each in read if each.billed})
    found = work.shipments.with_numbers(numbers, lock=lock) if numbers else ()
    return {each.number: each for each in found}


def _sorted(work: Work, read: Sequence[ReadRow], shipments: Mapping[str, Shipment]) -> list[Sorted]:
    parcels: dict[str, list[Candidate]] = {}
    for shipment in shipments.values():
        for parcel in shipment.parcels:
            carriers = {number: (carrier, parcel.carrier) for number, carrier in parcel.attached_keys}
            for number, by in {**carriers, fold_number(parcel.tracking_number): (parcel.carrier,)}.items():
                parcels.setdefault(number, []).append(Candidate(shipment.number, parcel.id, by))
    return sort_out(read, parcels, work.costs.digests(read), work.costs.places(read))


def _keep(work: Work, found: Sequence[Sorted], upload_id: str) -> list[Sorted]:
    """Keep what is new, in one order for all uploads; what another upload kept a moment ago is known."""
    late: set[str] = set()
    new = [each for each in found if each.outcome not in (RowOutcome.KNOWN, RowOutcome.REFUSED)]
    for each in sorted(new, key=_digest):
        if not work.costs.add_row(_row(work, each, _billed(each), upload_id)):
            late.add(_digest(each))
    again = {id(each) for each in new if _digest(each) in late}
    return [Sorted(each.read, RowOutcome.KNOWN) if id(each) in again else each for each in found]


def _row(work: Work, found: Sorted, billed: BilledRow, upload_id: str) -> InvoiceRow:
    shipment, parcel = (found.parcel.shipment_number, found.parcel.parcel_id) if found.parcel else (None, None)
    return InvoiceRow(
        ids.new_id(), billed.digest, upload_id, billed.invoice, billed.carrier, billed.tracking_number, billed.charge,
        billed.amount, found.outcome, shipment, parcel, work.now, work.caller.actor,
    )  # fmt: skip


def _billed(found: Sorted) -> BilledRow:
    assert found.read.billed is not None
    return found.read.billed


def _digest(found: Sorted) -> str:
    return _billed(found).digest


def _bill(work: Work, shipment: Shipment) -> None:
    costs.bill(work, shipment, costs.ledger_of(work, shipment))


def _uploaded(upload_id: str, kept: Sequence[Sorted]) -> InvoiceUploaded:
    outcomes = [each.outcome for each in kept]
    return InvoiceUploaded(
        upload_id=upload_id,
        invoices=tuple(sorted({each.read.billed.invoice for each in kept if each.read.billed}))[:20],
        rows=len(kept),
        counted=outcomes.count(RowOutcome.COUNTED),
        held=sum(outcome in HELD for outcome in outcomes),
        refused=outcomes.count(RowOutcome.REFUSED),
        amount=counted(kept),
    )
