"""What the numbered documents of an order say: the receipt of each payment, the credit note of each refund. Pure.

They say what was issued (`services.orders.api.documents`), whatever became of the order since; the address is the one
that the order has now. What an older release took, or paid back, has a document without a number (`receipts`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from gateway.documents import receipts
from gateway.documents.paper import Paper, Part
from gateway.documents.receipts import CAUSES, NONE, OTHERWISE, NothingToPrint, day, money
from gateway.http.words import _
from gateway.resources.composition import WholeOrder
from services.common.basics.money import Money
from services.common.basics.shapes import MoneyView
from services.common.language import N_
from services.orders.api.documents import DocumentLineView, DocumentList, DocumentView
from services.orders.api.statuses import DocumentKind

CORRECTED = N_("The money of this credit note came back to us; what is taken back here is owed to you again.")


def receipts_of(order: WholeOrder, shown: DocumentList, now: datetime) -> list[Paper]:
    """Return a receipt for each payment, the oldest first; before them that of the order, if a payment has none."""
    found = [each for each in shown["items"] if each["kind"] == DocumentKind.RECEIPT]
    papers = [_receipt(order, each, shown, now) for each in found]
    if not found or shown["received"] != order["account"]["captured"]:
        return [receipts.receipt(order, now), *papers]
    return papers


def credit_notes_of(order: WholeOrder, shown: DocumentList, refund_id: str, now: datetime) -> list[Paper]:
    """Return the credit notes of a refund, or of the claim that several refunds pay, with what was corrected of them.

    A refund that an older release paid has none: what went back is confirmed. Raise NothingToPrint before it was paid.
    """
    mine = [each for each in shown["items"] if refund_id in (each["refund_id"], each["claim_id"])]
    if not mine:
        if any(each["id"] == refund_id and each["settled_at"] for each in order["refunds"]):
            return [receipts.refund_confirmation(order, now)]
        raise NothingToPrint("This refund was not paid yet, or has no credit note.")
    return [_credit_note(order, each, now) for each in mine]


def _receipt(order: WholeOrder, receipt: DocumentView, shown: DocumentList, now: datetime) -> Paper:
    notes = [each for each in shown["items"] if each["refund_id"] and each["payment_id"] == receipt["payment_id"]]
    plain = receipts.receipt(order, now)
    where = [(_("Paid"), money(receipt["amount"])), *(_back(each, order) for each in notes)]
    if order["account"]["missing"]["amount"] != NONE:
        where.append((_("Still to be paid"), money(order["account"]["missing"])))
    bought = Part(_("What you bought"), rows=_goods(order, receipt), strong=True)
    return replace(
        plain,
        title=_("Receipt {number}", number=receipt["number"]),
        about=(_of(order, receipt), receipts.begun(order, is_paid=False), _(receipts.SELLER)),
        parts=(plain.parts[0], bought, Part(_("Your money"), rows=where), plain.parts[-1]),
    )


def _goods(order: WholeOrder, receipt: DocumentView) -> list[tuple[str, str]]:
    """Return what was bought, and the taxes that are included, as they were when it was paid."""
    rows = [*map(_line, receipt["lines"])]
    applied, goods = order.get("discount"), _cents(receipt["amount"]) - _cents(receipt["other"])
    if applied and goods == _cents(order["totals"]["total"]):  # else it is of a part, or of what was changed since
        rows.append((_("Discount {code}, taken off above", code=applied["code"]), money(applied["amount"])))
    if receipt["other"]["amount"] != NONE:
        rows.append((_("Paid beyond what the order costs"), money(receipt["other"])))
    freight = [(_("Shipping"), f"{NONE} USD"), (_("Duties and fees"), f"{NONE} USD")]
    return [*rows, *freight, *_included(receipt), (_("Total"), money(receipt["amount"]))]


def _credit_note(order: WholeOrder, note: DocumentView, now: datetime) -> Paper:
    is_note = note["kind"] == DocumentKind.CREDIT_NOTE
    number = note["number"]
    title = _("Credit note {number}", number=number) if is_note else _("Correction {number}", number=number)
    rows = [*map(_line, note["lines"])]
    if note["other"]["amount"] != NONE:
        rows.append((_("Not a part of the price of goods"), money(note["other"])))
    total = _("Paid back") if is_note else _("Taken back")
    goods = Part(_("What it is for"), rows=[*rows, *_included(note), (total, money(note["amount"]))], strong=True)
    return Paper(
        title,
        tuple(_about(order, note)),
        (receipts.address(order), goods),
        receipts.foot(order, now),
    )


def _about(order: WholeOrder, note: DocumentView) -> Iterator[str]:
    """Say of which day, order, receipt and refund it is."""
    yield _of(order, note)
    yield receipts.begun(order, is_paid=False)
    if note["receipt"]:
        yield _("To the receipt {number}.", number=note["receipt"])
    if note["corrects"]:
        yield _("It corrects the credit note {number}.", number=note["corrects"])
        yield _(CORRECTED)
    cause = _(CAUSES.get(note["cause"] or "", OTHERWISE))
    yield _("Refund {number}, for {cause}.", number=note["refund_id"] or "", cause=cause)
    yield _(receipts.SELLER)


def _of(order: WholeOrder, document: DocumentView) -> str:
    return _("Of {day}.", day=day(document["issued_at"], order["contact"]["time_zone"]))


def _back(note: DocumentView, order: WholeOrder) -> tuple[str, str]:
    named = {"number": note["number"], "day": day(note["issued_at"], order["contact"]["time_zone"])}
    if note["kind"] == DocumentKind.CREDIT_NOTE:
        return _("Paid back, credit note {number} of {day}", **named), f"-{money(note['amount'])}"
    return _("Came back to us, correction {number} of {day}", **named), money(note["amount"])


def _line(line: DocumentLineView) -> tuple[str, str]:
    return f"{len(line['units'])} × {line['title']}", money(line["amount"])


def _cents(amount: MoneyView) -> Money:
    return Money.parse(amount["amount"])


def _included(document: DocumentView) -> Iterator[tuple[str, str]]:
    for tax in document["taxes"]:
        yield receipts.included(tax["rate"], tax["jurisdiction"], tax["number"]), money(tax["tax"])
