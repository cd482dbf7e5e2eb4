"""A carrier's invoice as the rows of a CSV.

invoice,tracking_number,charge,amount,currency,carrier
INV-2026-118,1Z999885B,import vat,17.42,USD,ups

`charge` is one of ours or a usual word for it; `amount` is in USD with two decimals, below zero for a credit. The
columns may stand in any order, separated by commas, semicolons or tabs; others are left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from services.common.basics.csv_rows import UnusableTable, named_rows
from services.common.basics.money import CURRENCY, MAX_CENTS, Money
from services.logistics.api.costs import MOST_INVOICE_ROWS, BadInvoiceCsv, Component
from services.logistics.api.parts import carrier_code, fold_number
from services.logistics.domain.invoices import BilledRow, ReadRow

NEEDED = frozenset({"invoice", "tracking_number", "charge", "amount"})
_WORDS: Mapping[Component, str] = {
    Component.DUTY: "duty, duties, customs duty, customs duties, import duty, import duties",
    Component.IMPORT_VAT: "import vat, vat, import tax, gst, hst, tax, taxes",
    Component.DISBURSEMENT: "disbursement, disbursement fee, advancement fee, advance payment fee, duty tax paid fee",
    Component.BROKERAGE: "brokerage, brokerage fee, clearance, clearance fee, customs clearance, entry fee",
    Component.FREIGHT: "freight, postage, shipping, transport, transportation",
    Component.OTHER: "other, storage, inspection, surcharge, fuel surcharge, remote area",
}
CHARGES = {word: component for component, words in _WORDS.items() for word in words.split(", ")}


class _Unread(ValueError):
    """A row cannot be taken; says why."""


def read(given: str) -> list[ReadRow]:
    """Read a file. Raise BadInvoiceCsv for one that cannot be read as a whole."""
    seen: Counter[tuple[object, ...]] = Counter()
    try:
        return [_read(number, row, seen) for number, row in named_rows(given, NEEDED, MOST_INVOICE_ROWS)]
    except UnusableTable as problem:
        raise BadInvoiceCsv(str(problem)) from None


def _read(number: int, row: Mapping[str, str], seen: Counter[tuple[object, ...]]) -> ReadRow:
    try:
        invoice, tracking = _text(row, "invoice", 60), fold_number(_text(row, "tracking_number", 64))
        charge, amount = _charge(row), _amount(row)
    except _Unread as problem:
        shown = {name: _shown(row, name) for name in ("invoice", "tracking_number")}
        return ReadRow(number, shown["invoice"], shown["tracking_number"], None, str(problem))
    alike = (invoice.casefold(), tracking, charge, amount)
    seen[alike] += 1
    billed = BilledRow(invoice, carrier_code(row.get("carrier") or "") or None, tracking, charge, amount, seen[alike])
    return ReadRow(number, invoice, tracking, billed)


def _charge(row: Mapping[str, str]) -> Component:
    word = _text(row, "charge", 60)
    found = CHARGES.get(" ".join(re.sub(r"[^a-z]+", " ", word.casefold()).split()))
    if found is None:
        raise _Unread(f"charge is {word!r}; expected one of {', '.join(each.value for each in Component)}")
    return found


def _amount(row: Mapping[str, str]) -> Money:
    text, currency = _text(row, "amount", 20), (row.get("currency") or CURRENCY).strip().upper()
    if currency != CURRENCY:
        raise _Unread(f"currency is {currency[:10]!r}; convert the invoice to {CURRENCY} first")
    try:
        amount = Money.parse(text)
    except ValueError:
        raise _Unread(f"amount is {text!r}; expected 12.34") from None
    if not amount or abs(amount.cents) > MAX_CENTS:
        raise _Unread("amount is nothing, or too much")
    return amount


def _text(row: Mapping[str, str], name: str, most: int) -> str:
    found = (row.get(name) or "").strip()
    if not found:
        raise _Unread(f"{name} is missing")
    if len(found) > most or not found.isprintable():
        raise _Unread(f"{name} is no line of at most {most} characters")
    return found


def _shown(row: Mapping[str, str], name: str) -> str | None:
    return "".join(letter for letter in (row.get(name) or "").strip() if letter.isprintable())[:64] or None
