"""Numbered documents: a receipt for each payment, a credit note for each refund that was paid. Pure.

What a payment pays is spread over the units that are not paid yet, what a refund pays back over its own units that
have a receipt; the tax goes with each unit, cent by cent. So all receipts of an order less all its credit notes are
what was kept, of the money and of each tax. What is no part of the price stands beside the goods (`other`): what was
paid too much, and our own money (`OWN`), which takes no goods back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.common.basics.money import ZERO, Money, split
from services.orders.api.statuses import DocumentKind, RefundCause
from services.orders.domain.values import OrderLine

RECEIPTS, CREDITS = "REC", "CRN"
"""The two series; each counts from one in each year."""
SERIES: Mapping[DocumentKind, str] = {
    DocumentKind.RECEIPT: RECEIPTS,
    DocumentKind.CREDIT_NOTE: CREDITS,
    DocumentKind.CREDIT_CORRECTION: CREDITS,
}
UnitKey = tuple[int, int]
OWN = frozenset({RefundCause.GOODWILL, RefundCause.POSTAGE})
"""What the money goes back for when it is no part of the price."""


@dataclass(frozen=True)
class Share:
    """What of a unit: an amount, and the tax that is included in it."""

    amount: Money = ZERO
    tax: Money = ZERO

    def __add__(self, other: Share) -> Share:
        return Share(self.amount + other.amount, self.tax + other.tax)

    def __sub__(self, other: Share) -> Share:
        return Share(self.amount - other.amount, self.tax - other.tax)

    @property
    def is_left(self) -> bool:
        return self.amount > ZERO


@dataclass(frozen=True)
class DocumentLine:
    """What of a line a document is about, unit by unit. jurisdiction, rate, number: of its tax; empty without one."""

    line_id: int
    sku: str
    title: str
    units: tuple[int, ...]
    amounts: tuple[Money, ...]
    taxes: tuple[Money, ...]
    jurisdiction: str = ""
    rate: str = ""
    number: str = ""

    @property
    def share(self) -> Share:
        return Share(Money.total(self.amounts), Money.total(self.taxes))

    def shares(self) -> Iterable[tuple[UnitKey, Share]]:
        for unit, amount, tax in zip(self.units, self.amounts, self.taxes, strict=True):
            yield (self.line_id, unit), Share(amount, tax)


@dataclass(eq=False)
class Document:
    """A document as it was issued. amount: never below zero; its kind says which way the money went.

    receipt: of the payment that a refund belongs to. corrects: the credit note that this one takes back.
    """

    number: str
    kind: DocumentKind
    series: str
    year: int
    place: int
    order_number: str
    payment_id: str
    refund_id: str
    claim_id: str
    receipt: str
    corrects: str
    cause: RefundCause | None
    amount: Money
    lines: tuple[DocumentLine, ...]
    other: Money
    issued_at: datetime

    @property
    def sign(self) -> int:
        """1 where it says that the customer's money is here, -1 where it went back."""
        return -1 if self.kind is DocumentKind.CREDIT_NOTE else 1


@dataclass(frozen=True)
class Content:
    """What a document says of an amount."""

    lines: tuple[DocumentLine, ...]
    other: Money


def number_of(series: str, year: int, place: int) -> str:
    """Return the number of a place in a series: "CRN-2026-000017"."""
    return f"{series}-{year}-{place:06d}"


def received(documents: Iterable[Document]) -> Money:
    """Add up the receipts."""
    return Money.total(each.amount for each in documents if each.kind is DocumentKind.RECEIPT)


def credited(documents: Iterable[Document]) -> Money:
    """Add up the credit notes, less what was corrected."""
    return Money.total(each.amount * -each.sign for each in documents if each.kind is not DocumentKind.RECEIPT)


def standing(documents: Iterable[Document]) -> dict[UnitKey, Share]:
    """Return what of each unit is here, by all of these documents."""
    found: dict[UnitKey, Share] = {}
    for document in documents:
        for line in document.lines:
            for key, share in line.shares():
                before = found.get(key, Share())
                found[key] = before + share if document.sign > 0 else before - share
    return found


def of_payment(
    amount: Money, lines: Sequence[OrderLine], documents: Iterable[Document], before: Money = ZERO
) -> Content:
    """Spread what a payment paid over the units of the order that are not paid by now. documents: of the order.

    A unit of which less than a cent is paid is named too: it is known from then on. before: what payments without a
    receipt had paid, which an older release took, less what of it went back without a credit note.
    """
    prices = {(line.line_id, unit): _price(line, unit) for line in lines for unit in line.units}
    wanted = _less(_less(prices, _taken(before, prices)), standing(documents))
    return _content(amount, _heads(lines), _taken(amount, wanted))


def of_refund(
    amount: Money,
    lines: Sequence[OrderLine],
    units: Iterable[UnitKey],
    documents: Iterable[Document],
    cause: RefundCause | None = None,
) -> Content:
    """Spread what a refund pays back over its units, as far as they are not paid back by now.

    A unit that has no receipt (an older release took the payment, or it came instead of another one) counts as paid.
    What is beyond its units takes back what was paid too much first, then of all goods; our own money takes nothing.
    """
    known = list(documents)
    here, sold = standing(known), standing(each for each in known if each.kind is DocumentKind.RECEIPT)
    named, wanted = {line.line_id: line for line in lines}, {}
    for line_id, unit in units:
        key, line = (line_id, unit), named.get(line_id)
        if line is not None and unit < len(line.paid):
            wanted[key] = here.get(key, Share()) + (Share() if key in sold else _price(line, unit))
    taken = _taken(amount, wanted)
    if cause not in OWN:
        rest = amount - _sum(taken)
        rest -= min(rest, _too_much(known))
        more = _taken(rest, _less(here, taken))
        taken |= {key: taken.get(key, Share()) + share for key, share in more.items()}
    return _content(amount, _heads(lines) | _heads_of(known), taken)


def _too_much(documents: Iterable[Document]) -> Money:
    """Return what was paid too much, as far as it did not go back."""
    return max(ZERO, Money.total(each.other * each.sign for each in documents if each.cause not in OWN))


def of_correction(amount: Money, documents: Iterable[Document]) -> Content:
    """Take so much of a refund's credit notes back. documents: those of the refund."""
    known = list(documents)
    gone = {key: Share() - share for key, share in standing(known).items()}
    return _content(amount, _heads_of(known), _taken(amount, gone))


def _price(line: OrderLine, unit: int) -> Share:
    return Share(line.paid[unit], ZERO if line.tax is None else line.tax.amounts[unit])


def _heads(lines: Iterable[OrderLine]) -> dict[int, DocumentLine]:
    """Return what a document says of each line beside its units: by its number."""
    found = {}
    for line in lines:
        head = DocumentLine(line.line_id, line.sku, line.title, (), (), ())
        tax = line.tax
        found[line.line_id] = head if tax is None else replace(
            head, jurisdiction=tax.jurisdiction, rate=tax.rate, number=tax.number
        )  # fmt: skip
    return found


def _heads_of(documents: Iterable[Document]) -> dict[int, DocumentLine]:
    """Return the same as issued before: a tax goes back to where it was due, wherever the goods go by now."""
    return {line.line_id: line for document in documents for line in document.lines}


def _taken(amount: Money, wanted: Mapping[UnitKey, Share]) -> dict[UnitKey, Share]:
    """Share the amount among units, in proportion and to the cent, none above what is wanted of it."""
    open_ = {key: share for key, share in wanted.items() if share.is_left}
    part = min(amount, _sum(open_))
    if not part:
        return {}
    cents = split(part, [share.amount.cents for share in open_.values()])
    return {key: _part_of(share, some) for (key, share), some in zip(open_.items(), cents, strict=True)}


def _content(amount: Money, heads: Mapping[int, DocumentLine], taken: Mapping[UnitKey, Share]) -> Content:
    return Content(tuple(_lines(heads, taken)), amount - _sum(taken))


def _sum(shares: Mapping[UnitKey, Share]) -> Money:
    return Money.total(share.amount for share in shares.values())


def _less(shares: Mapping[UnitKey, Share], taken: Mapping[UnitKey, Share]) -> dict[UnitKey, Share]:
    return {key: share - taken.get(key, Share()) for key, share in shares.items()}


def _part_of(share: Share, some: Money) -> Share:
    """Return an amount of a unit with its part of the tax, rounded half up: who takes all of it takes all its tax."""
    whole = share.amount.cents
    return Share(some, Money((2 * share.tax.cents * some.cents + whole) // (2 * whole)))


def _lines(heads: Mapping[int, DocumentLine], taken: Mapping[UnitKey, Share]) -> Iterable[DocumentLine]:
    for line_id in sorted({line_id for line_id, _ in taken}):
        units = tuple(sorted(unit for each, unit in taken if each == line_id))
        shares = [taken[line_id, unit] for unit in units]
        amounts, taxes = tuple(share.amount for share in shares), tuple(share.tax for share in shares)
        yield replace(heads[line_id], units=units, amounts=amounts, taxes=taxes)
