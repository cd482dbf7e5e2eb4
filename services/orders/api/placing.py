"""Placing orders, following them, cancelling them (standard, section 2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, TypedDict

from services.common.basics.api import ANYONE, Api, command, query
from services.common.basics.caller import AGENT, CASE_STAFF, CUSTOMER, LEAD, REVIEWER
from services.common.basics.errors import Conflict
from services.common.basics.folding import code_key
from services.common.basics.money import Money
from services.common.basics.shapes import (
    Asked,
    Email,
    Example,
    Length,
    Line,
    Note,
    Nullable,
    Page,
    PageQuery,
    Version,
    Wrong,
)
from services.orders.api.backorders import NO_DAY, WantedDay, is_day
from services.orders.api.catalogue import OutOfStock, VersionMoved
from services.orders.api.discounts import DISCOUNT_REFUSALS, DiscountCode
from services.orders.api.moments import NO_MOMENT, Moment, begin_of, end_of
from services.orders.api.orders import OrderSummary, OrderView, PlacedOrder
from services.orders.api.parts import Address, Contact, WantedLine
from services.orders.api.refusals import (
    CustomerRequired,
    DestinationNotServed,
    OrderNotFound,
    TotalTooLarge,
    UnknownProduct,
    WrongStatus,
)
from services.orders.api.statuses import OrderStage, OrderStatus
from services.orders.api.terms import RETURN_DAYS


class AlreadyDispatched(Conflict):
    """The order cannot be cancelled: its goods have left.

    details: next.
    """

    code = "already_dispatched"
    message = f"The goods have left our warehouse; they can be sent back within {RETURN_DAYS} days of delivery."


class PriceChanged(Conflict):
    """The order would cost something else than its customer was shown. Nothing was reserved.

    details: total, expected_total, discount, lines (sku, quantity, unit_price).
    """

    code = "price_changed"
    message = "Prices have changed since they were shown; look at the new total and order again."


class HoldTooLarge(Conflict):
    """A guest's unpaid orders would keep too many pieces of a product from others. Nothing was reserved.

    details: sku, held (with this order), most, next.
    """

    code = "hold_too_large"
    message = "So many pieces of a product are kept only for customers who have signed in."


class PaymentUnderWay(Conflict):
    """The provider is working on a payment of the order.

    details: until.
    """

    code = "payment_under_way"
    message = "The provider is working on a payment of this order; it ends by itself."


@dataclass(frozen=True)
class ReleaseHold:
    reason: Annotated[str, Line(500), Note("for staff, kept in the journal"), Example("ordered the whole stock")]
    version: Version | None = None


class ReleasedHold(TypedDict):
    """An order that has given its stock free. A payment that arrives later revives it, or goes back."""

    number: str
    status: OrderStatus
    version: int


@dataclass(frozen=True)
class PlaceOrder(Asked):
    """lines: each product once, 1 to 50; more are placed as several orders.

    expected_total: what the customer was shown, with the discount. discount_code: one that we gave out. goods_by: the
    customer was shown that what is not in stock is expected by that day. Left out: only what is in stock is ordered.
    """

    contact: Contact
    delivery: Address
    lines: Annotated[tuple[WantedLine, ...], Length(1, 50)]
    expected_total: Annotated[Money, Nullable(), Note("refuse if the total is another one by now")] | None = None
    discount_code: DiscountCode | None = None
    goods_by: WantedDay | None = None

    @property
    def asker(self) -> str:
        return self.contact.email

    def __post_init__(self) -> None:
        if len({code_key(line.sku) for line in self.lines}) != len(self.lines):
            raise Wrong({"lines": "Name each product once."})
        if not is_day(self.goods_by):
            raise Wrong({"goods_by": NO_DAY})


@dataclass(frozen=True)
class OrderFilter:
    """What orders are looked for. `placed_to`: that day, or second, included."""

    q: Annotated[str, Line(100, min=2), Note("number, name, e-mail, phone, parcel; or how each begins")] | None = None
    status: OrderStatus | None = None
    stage: OrderStage | None = None
    placed_from: Moment | None = None
    placed_to: Moment | None = None
    email: Annotated[Email, Note("for staff; customers see their own orders")] | None = None

    def __post_init__(self) -> None:
        for name in ("placed_from", "placed_to"):
            try:
                begin_of(getattr(self, name))
            except (ValueError, OverflowError):
                raise Wrong({name: NO_MOMENT}) from None

    @property
    def placed_since(self) -> datetime | None:
        return begin_of(self.placed_from)

    @property
    def placed_before(self) -> datetime | None:
        """The first moment that is not meant any more."""
        return end_of(self.placed_to)


@dataclass(frozen=True)
class ListOrders(OrderFilter, PageQuery):
    """Without anything to look for: all of them."""


@dataclass(frozen=True)
class ExportOrders(OrderFilter):
    """Without anything to look for: all of them."""


@dataclass(frozen=True)
class CancelOrder:
    reason: Annotated[str, Line(500, min=0)] = ""
    version: Version | None = None


class OrderAccess(TypedDict):
    """The order that the caller may see."""

    order_number: str


class Cancellation(TypedDict):
    """`cancelled`: it is done; `requested`: the shipment is being recalled first. `next`: what happens now."""

    status: Literal["cancelled", "requested"]
    next: str


class Placing(Api):
    """Orders, from placing to cancelling."""

    @command(
        roles=(ANYONE,),
        errors=(
            UnknownProduct, DestinationNotServed, TotalTooLarge, PriceChanged, OutOfStock, HoldTooLarge,
            *DISCOUNT_REFUSALS,
        ),
        personal=True,
    )  # fmt: skip
    def place_order(self, order: PlaceOrder) -> PlacedOrder:
        """Place an order.

        Prices are the catalogue's; shipping and duties are always 0.00. The stock is reserved at once: 409
        `out_of_stock` says of which SKU too little is left. Send an Idempotency-Key, so that a repeat is not a second
        order. An address that cannot be delivered to, a phone number that cannot be one and a mailbox that cannot be
        mailed to are 422 with the field; what is merely unusual is taken, and asked about in the review. Postal code,
        region and phone number come back as their country writes them. `payment` already holds what the provider's
        client needs; `POST …/payments` is for another provider or another attempt. A repeat has it only while the
        payment is open.

        Send the total that the customer saw as `expected_total`: if prices have moved, 409 `price_changed` has the new
        one. A `discount_code` takes off what its terms say; the order keeps that, whatever becomes of the code. Unpaid,
        the stock and the use of the code are kept until `expires_at`, or as long as the provider works on a payment.
        Guests keep only some pieces of a product like this: 409 `hold_too_large`.

        What is not in stock, and can be ordered nevertheless, is ordered only by who was told when it comes: send the
        latest such day as `goods_by`. Else 409 `out_of_stock` names it. `backorders` says what the order waits for.
        """

    @query(roles=(CUSTOMER, *CASE_STAFF), errors=(OrderNotFound,), personal=True)
    def get_order(self, number: str) -> OrderView:
        """Show an order with payment, review, promises and change requests."""

    @query(roles=(CUSTOMER, AGENT, LEAD, REVIEWER), personal=True)
    def list_orders(self, query: ListOrders) -> Page[OrderSummary]:
        """List orders, the newest first; customers see those of their own e-mail address, or the one of their link."""

    @query(roles=(LEAD,), personal=True)
    def list_orders_to_export(self, query: ListOrders) -> Page[OrderSummary]:
        """List orders for a file, the newest first."""

    @query(roles=(CUSTOMER, *CASE_STAFF), errors=(OrderNotFound,))
    def authorize_order_access(self, number: str) -> OrderAccess:
        """Say that the caller may see an order, or refuse."""

    @command(roles=(REVIEWER,), errors=(OrderNotFound, VersionMoved, WrongStatus, PaymentUnderWay))
    def release_hold(self, number: str, wish: ReleaseHold) -> ReleasedHold:
        """End the hold of an unpaid order on the stock: the order expires now.

        A paid order is never touched: 409 `wrong_status`. While the provider works on a payment: 409
        `payment_under_way`. What is paid later revives the order if the goods are there, and else goes back.
        """

    @command(roles=(CUSTOMER,), errors=(OrderNotFound, CustomerRequired, VersionMoved, WrongStatus, AlreadyDispatched))
    def cancel_order(self, number: str, wish: CancelOrder) -> Cancellation:
        """Ask to cancel.

        Nothing shipped: cancelled at once, with a full refund. Being prepared: the parcel is recalled first. Handed
        over already: 409 `already_dispatched`, and the goods can be sent back.
        """
