"""Placing orders, following them, cancelling them (standard, section 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, TypedDict

from services.common.basics.api import ANYONE, Api, command, query
from services.common.basics.caller import AGENT, CUSTOMER, LEAD, REVIEWER
from services.common.basics.errors import Conflict, Invalid
from services.common.basics.shapes import Email, Length, Line, Note, Page, PageQuery, Wrong
from services.orders.api.catalogue import OutOfStock
from services.orders.api.orders import OrderSummary, OrderView, PlacedOrder
from services.orders.api.parts import Address, Contact, WantedLine
from services.orders.api.refusals import CustomerRequired, DestinationNotServed, OrderNotFound, WrongStatus
from services.orders.api.statuses import OrderStatus
from services.orders.api.terms import RETURN_DAYS


class UnknownProduct(Invalid):
    """Some products of the form are not for sale.

    details: errors, by their place in the form.
    """

    code = "unknown_product"
    message = "There is no such product for sale."


class AlreadyDispatched(Conflict):
    """The order cannot be cancelled: its goods have left.

    details: next.
    """

    code = "already_dispatched"
    message = f"The goods have left our warehouse; they can be sent back within {RETURN_DAYS} days of delivery."


@dataclass(frozen=True)
class PlaceOrder:
    """lines: each product once, 1 to 50."""

    contact: Contact
    delivery: Address
    lines: Annotated[tuple[WantedLine, ...], Length(1, 50)]

    def __post_init__(self) -> None:
        if len({line.sku for line in self.lines}) != len(self.lines):
            raise Wrong({"lines": "Name each product once."})


@dataclass(frozen=True)
class ListOrders(PageQuery):
    status: OrderStatus | None = None
    email: Annotated[Email, Note("for staff; customers see their own orders")] | None = None


@dataclass(frozen=True)
class CancelOrder:
    reason: Annotated[str, Line(500, min=0)] = ""


class OrderAccess(TypedDict):
    """The order that the caller may see."""

    order_number: str


class Cancellation(TypedDict):
    """`cancelled`: it is done; `requested`: the shipment is being recalled first. `next`: what happens now."""

    status: Literal["cancelled", "requested"]
    next: str


class Placing(Api):
    """Orders, from placing to cancelling."""

    @command(roles=(ANYONE,), errors=(UnknownProduct, DestinationNotServed, OutOfStock))
    def place_order(self, order: PlaceOrder) -> PlacedOrder:
        """Place an order.

        Prices are the catalogue's; shipping and duties are always 0.00. The stock is reserved at once: 409
        `out_of_stock` says of which SKU too little is left. Send an Idempotency-Key, so that a repeat is not a second
        order. An address that nobody could deliver to, a phone number that cannot be one and a mailbox that cannot be
        mailed to are 422 with the field; what is merely unusual is taken, and asked about in the review. Postal code,
        region and phone number come back as their country writes them. `payment` already holds what the provider's
        client needs; `POST …/payments` is for another provider or another attempt. A repeat has it only while the
        payment is open.
        """

    @query(roles=(CUSTOMER, AGENT), errors=(OrderNotFound,))
    def get_order(self, number: str) -> OrderView:
        """Show an order with payment, review, promises and change requests."""

    @query(roles=(CUSTOMER, AGENT, LEAD, REVIEWER))
    def list_orders(self, query: ListOrders) -> Page[OrderSummary]:
        """List orders, the newest first; customers see those of their own e-mail address."""

    @query(roles=(CUSTOMER, AGENT), errors=(OrderNotFound,))
    def authorize_order_access(self, number: str) -> OrderAccess:
        """Say that the caller may see an order, or refuse."""

    @command(roles=(CUSTOMER,), errors=(OrderNotFound, CustomerRequired, WrongStatus, AlreadyDispatched))
    def cancel_order(self, number: str, wish: CancelOrder) -> Cancellation:
        """Ask to cancel.

        Nothing shipped: cancelled at once, with a full refund. Being prepared: the parcel is recalled first. Handed
        over already: 409 `already_dispatched`, and the goods can be sent back.
        """
