"""How numbered documents are shown. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from services.common.basics.clock import rfc3339
from services.common.basics.money import ZERO, Money
from services.common.basics.shapes import money_view
from services.orders.api.documents import DocumentLineView, DocumentList, DocumentTaxView, DocumentView
from services.orders.domain import Payment
from services.orders.domain.documents import Document, DocumentLine, Share, credited, received


def document_list(documents: Sequence[Document], payments: Sequence[Payment]) -> DocumentList:
    """Show all documents of an order, and what they add up to. payments: all of the order."""
    came, went = received(documents), credited(documents)
    whole = came == Money.total(each.captured for each in payments)
    return {
        "items": [document_view(each) for each in documents],
        "received": money_view(came),
        "credited": money_view(went),
        "kept": money_view(came - went) if whole else None,
    }


def document_view(document: Document) -> DocumentView:
    return {
        "number": document.number,
        "kind": document.kind,
        "order_number": document.order_number,
        "payment_id": document.payment_id,
        "refund_id": document.refund_id or None,
        "claim_id": document.claim_id or None,
        "receipt": document.receipt or None,
        "corrects": document.corrects or None,
        "cause": document.cause,
        "amount": money_view(document.amount),
        "lines": [_line(line) for line in document.lines],
        "other": money_view(document.other),
        "taxes": _taxes(document.lines),
        "issued_at": rfc3339(document.issued_at),
    }


def _line(line: DocumentLine) -> DocumentLineView:
    return {
        "line_id": line.line_id,
        "sku": line.sku,
        "title": line.title,
        "units": list(line.units),
        "amount": money_view(Money.total(line.amounts)),
        "tax": money_view(Money.total(line.taxes)),
        "rate": line.rate or None,
    }


def _taxes(lines: Sequence[DocumentLine]) -> list[DocumentTaxView]:
    """Add the taxes up by jurisdiction, rate and number, in the order of the lines."""
    found: dict[tuple[str, str, str], Share] = {}
    for line in lines:
        if line.rate:
            key = line.jurisdiction, line.rate, line.number
            found[key] = found.get(key, Share(ZERO, ZERO)) + line.share
    return [
        {
            "jurisdiction": jurisdiction,
            "rate": rate,
            "number": number,
            "amount": money_view(share.amount),
            "tax": money_view(share.tax),
        }
        for (jurisdiction, rate, number), share in found.items()
    ]
