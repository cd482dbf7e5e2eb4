"""The documents of an order, as PDF, in the language of their reader: receipts, credit notes, confirmations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from flask import Response

from gateway.documents import numbered, printing, receipts
from gateway.documents.paper import Paper
from gateway.http import limits
from gateway.http.calls import services
from gateway.http.resource import Resource
from gateway.http.words import tongue
from gateway.resources.composition import WholeOrder, compose_order
from services.common.basics.clock import now
from services.common.basics.errors import Unavailable
from services.common.language import speaking
from services.orders.api import OrdersApi
from services.orders.api.documents import DocumentList

blp = Resource("documents", "The documents of an order, as PDF")
ITEM = "/orders/<number(ORD):number>"


@blp.get(
    f"{ITEM}/receipt.pdf", OrdersApi.get_order, media=printing.PDF, errors=(receipts.NothingToPrint,),
    limit=limits.WRITES,
)  # fmt: skip
def print_receipt(number: str) -> Response:
    """Print the receipt: what was bought and paid, its number, and what was promised, by when.

    Once something was paid; one for each payment. Names are printed in their script; what no font has is said.
    """
    shown = services().orders.list_documents(number)
    return _printed(number, "receipt", lambda order, at: numbered.receipts_of(order, shown, at))


@blp.get(f"{ITEM}/documents", OrdersApi.list_documents)
def list_documents(number: str) -> DocumentList:
    return services().orders.list_documents(number)


@blp.get(
    f"{ITEM}/refunds/<number(REF):refund_id>/credit-note.pdf", OrdersApi.list_documents, media=printing.PDF,
    errors=(receipts.NothingToPrint,), limit=limits.WRITES,
)  # fmt: skip
def print_credit_note(number: str, refund_id: str) -> Response:
    """Print the credit note of a refund that was paid: its number, its lines, and the tax of each rate.

    The refund is named by its own number, or by that of the claim which several refunds pay. What the bank took back
    later is on a page of its own, with a number too.
    """
    shown = services().orders.list_documents(number)
    return _printed(
        number, f"credit-note-{refund_id}", lambda order, at: numbered.credit_notes_of(order, shown, refund_id, at)
    )


@blp.get(
    f"{ITEM}/shipping-confirmation.pdf", OrdersApi.get_order, media=printing.PDF, errors=(receipts.NothingToPrint,),
    limit=limits.WRITES,
)  # fmt: skip
def print_shipping_confirmation(number: str) -> Response:
    """Print what was handed to carriers, with tracking numbers, and when it is promised to arrive."""
    return _printed(number, "shipping-confirmation", lambda order, at: [receipts.shipping_confirmation(order, at)])


@blp.get(
    f"{ITEM}/refund-confirmation.pdf", OrdersApi.get_order, media=printing.PDF, errors=(receipts.NothingToPrint,),
    limit=limits.WRITES,
)  # fmt: skip
def print_refund_confirmation(number: str) -> Response:
    """Print what was paid back, and what goes back by when."""
    return _printed(number, "refund-confirmation", lambda order, at: [receipts.refund_confirmation(order, at)])


def _printed(number: str, name: str, write: Callable[[WholeOrder, datetime], list[Paper]]) -> Response:
    order = compose_order(number)
    if order["missing"]:  # a document that is kept says all or nothing
        raise Unavailable("Not every service answers just now; try again in a moment.", code="service_unavailable")
    with speaking(tongue()):
        papers = [replace(each, lang=tongue()) for each in write(order, now())]
        return printing.pdf(f"{name}-{order['number']}.pdf", *papers)
