"""The documents of an order, as PDF, in the language of their reader: receipt, shipping and refund confirmation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from flask import Response

from gateway.documents import printing, receipts
from gateway.documents.paper import Paper
from gateway.http import limits
from gateway.http.resource import Resource
from gateway.http.words import tongue
from gateway.resources.composition import WholeOrder, compose_order
from services.common.basics.clock import now
from services.common.basics.errors import Unavailable
from services.common.language import speaking
from services.orders.api import OrdersApi

blp = Resource("documents", "The documents of an order, as PDF")
ITEM = "/orders/<number(ORD):number>"


@blp.get(
    f"{ITEM}/receipt.pdf", OrdersApi.get_order, media=printing.PDF, errors=(receipts.NothingToPrint,),
    limit=limits.WRITES,
)  # fmt: skip
def print_receipt(number: str) -> Response:
    """Print the receipt: what was bought and paid, and what was promised, by when.

    Once something was paid. Names are printed in their script; what no font has is said.
    """
    return _printed(number, "receipt", receipts.receipt)


@blp.get(
    f"{ITEM}/shipping-confirmation.pdf", OrdersApi.get_order, media=printing.PDF, errors=(receipts.NothingToPrint,),
    limit=limits.WRITES,
)  # fmt: skip
def print_shipping_confirmation(number: str) -> Response:
    """Print what was handed to carriers, with tracking numbers, and when it is promised to arrive."""
    return _printed(number, "shipping-confirmation", receipts.shipping_confirmation)


@blp.get(
    f"{ITEM}/refund-confirmation.pdf", OrdersApi.get_order, media=printing.PDF, errors=(receipts.NothingToPrint,),
    limit=limits.WRITES,
)  # fmt: skip
def print_refund_confirmation(number: str) -> Response:
    """Print what was paid back, and what goes back by when."""
    return _printed(number, "refund-confirmation", receipts.refund_confirmation)


def _printed(number: str, name: str, write: Callable[[WholeOrder, datetime], Paper]) -> Response:
    order = compose_order(number)
    if order["missing"]:  # a document that is kept says all or nothing
        raise Unavailable("Not every service answers just now; try again in a moment.", code="service_unavailable")
    with speaking(tongue()):
        paper = replace(write(order, now()), lang=tongue())
        return printing.pdf(f"{name}-{order['number']}.pdf", paper)
