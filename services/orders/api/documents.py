"""The numbered documents of an order: receipts of its payments, credit notes of its refunds (standard, section 4)."""

from __future__ import annotations

from typing import Annotated, TypedDict

from services.common.basics.api import Api, query
from services.common.basics.caller import CASE_STAFF, CUSTOMER
from services.common.basics.shapes import Example, MoneyView, Note, Timestamp
from services.orders.api.refusals import OrderNotFound
from services.orders.api.statuses import DocumentKind, RefundCause


class DocumentTaxView(TypedDict):
    """The tax of one rate that is included in a document. amount: of what the goods of this rate cost."""

    jurisdiction: Annotated[str, Example("DE")]
    rate: Annotated[str, Note("in percent"), Example("19.00")]
    number: Annotated[str, Note("the shop's, with the tax office there"), Example("DE123456789")]
    amount: MoneyView
    tax: MoneyView


class DocumentLineView(TypedDict):
    """What of a line the document is about. amount: what of it was paid, or paid back; tax: included in it."""

    line_id: int
    sku: str
    title: str
    units: list[int]
    amount: MoneyView
    tax: MoneyView
    rate: Annotated[str | None, Note("of the tax, in percent; null without one")]


class DocumentView(TypedDict):
    """A document as it was issued; it never changes. The amounts of `lines` and `other` add up to `amount`."""

    number: Annotated[str, Note("no number of a kind and year is left out"), Example("CRN-2026-000017")]
    kind: DocumentKind
    order_number: str
    payment_id: str
    refund_id: Annotated[str | None, Note("null for a receipt")]
    claim_id: Annotated[str | None, Note("the number under which the customer was told of the refund")]
    receipt: Annotated[str | None, Note("the receipt of the payment; null where an older release took it")]
    corrects: Annotated[str | None, Note("the credit note that this one takes back, or takes back a part of")]
    cause: Annotated[RefundCause | None, Note("what the money went back for")]
    amount: MoneyView
    lines: list[DocumentLineView]
    other: Annotated[MoneyView, Note("what is no part of the price of goods, without tax")]
    taxes: Annotated[list[DocumentTaxView], Note("included in `amount`, by rate")]
    issued_at: Timestamp


class DocumentList(TypedDict):
    """All documents of an order, the oldest first. received - credited = kept."""

    items: list[DocumentView]
    received: Annotated[MoneyView, Note("what the receipts add up to")]
    credited: Annotated[MoneyView, Note("what the credit notes add up to, less what was corrected")]
    kept: Annotated[MoneyView | None, Note("null where an older release took a payment, which has no receipt")]


class Documents(Api):
    """Receipts and credit notes."""

    @query(roles=(CUSTOMER, *CASE_STAFF), errors=(OrderNotFound,), personal=True)
    def list_documents(self, number: str) -> DocumentList:
        """List the numbered documents of an order: a receipt for each payment, a credit note for each paid refund."""
