"""Placing orders, following them, cancelling them (standard, section 2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal, TypedDict

from services.common.basics.api import ANYONE, Api, command, query
from services.common.basics.caller import AGENT, CASE_STAFF, CUSTOMER, LEAD, REVIEWER
from services.common.basics.clock import parse_rfc3339
from services.common.basics.errors import Conflict, Invalid
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
    Pattern,
    Version,
    Wrong,
)
from services.orders.api.catalogue import OutOfStock, VersionMoved
from services.orders.api.orders import OrderSummary, OrderView, PlacedOrder
from services.orders.api.parts import Address, Contact, WantedLine
from services.orders.api.refusals import CustomerRequired, DestinationNotServed, OrderNotFound, WrongStatus
from services.orders.api.statuses import OrderStage, OrderStatus
from services.orders.api.terms import RETURN_DAYS

_DAY, _LAST_DAY = len("2026-03-02"), datetime.max.replace(tzinfo=UTC) - timedelta(days=1)


def _first_second(moment: str | None) -> datetime | None:
    """Return when a day, or a second, begins. Raise ValueError for what is neither."""
    if moment is None:
        return None
    if len(moment) == _DAY:
        return datetime.combine(date.fromisoformat(moment), time(), UTC)
    return parse_rfc3339(moment)


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


class PriceChanged(Conflict):
    """The order would cost something else than its customer was shown. Nothing was reserved.

    details: total, expected_total, lines (sku, quantity, unit_price).
    """

    code = "price_changed"
    message = "Prices have changed since they were shown; look at the new total and order again."


class TotalTooLarge(Invalid):
    """The order would cost more than can be paid at once.

    details: errors, by their place in the form.
    """

    code = "total_too_large"
    message = "An order of that amount cannot be placed."


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

    expected_total: what the customer was shown.
    """

    contact: Contact
    delivery: Address
    lines: Annotated[tuple[WantedLine, ...], Length(1, 50)]
    expected_total: Annotated[Money, Nullable(), Note("refuse if the total is another one by now")] | None = None

    @property
    def asker(self) -> str:
        return self.contact.email

    def __post_init__(self) -> None:
        if len({code_key(line.sku) for line in self.lines}) != len(self.lines):
            raise Wrong({"lines": "Name each product once."})


Moment = Annotated[
    str,
    Pattern(r"\d{4}-\d{2}-\d{2}([Tt ].{1,29})?", "Not a day, and not a time with a zone (RFC 3339)."),
    Example("2026-03-02"),
    Note("a day (UTC), or a time with its zone"),
]


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
                _first_second(getattr(self, name))
            except (ValueError, OverflowError):
                raise Wrong({name: "Not a day, and not a time with a zone (RFC 3339)."}) from None

    @property
    def placed_since(self) -> datetime | None:
        return _first_second(self.placed_from)

    @property
    def placed_before(self) -> datetime | None:
        """The first moment that is not meant any more."""
        last = _first_second(self.placed_to)
        if last is None or last >= _LAST_DAY:
            return None
        return last + (timedelta(days=1) if len(self.placed_to or "") == _DAY else timedelta(seconds=1))


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
        errors=(UnknownProduct, DestinationNotServed, TotalTooLarge, PriceChanged, OutOfStock, HoldTooLarge),
        personal=True,
    )
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
        one. Unpaid, the stock is kept until `expires_at`, or as long as the provider works on a payment. Guests keep
        only some pieces of a product like this: 409 `hold_too_large`.
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
