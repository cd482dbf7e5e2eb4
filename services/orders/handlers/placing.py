"""Placing orders, showing them, and letting go of those that nobody ever tried to pay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.common.basics import ids
from services.common.basics.caller import AGENT, CUSTOMER, LEAD, REVIEWER
from services.common.basics.shapes import Page
from services.common.bus.travel import to_wire
from services.common.calendar import zone_of
from services.orders import views
from services.orders.api import (
    ListOrders,
    OrderAccess,
    OrderStatus,
    OrderSummary,
    OrderView,
    PaymentStatus,
    PlacedOrder,
    PlaceOrder,
    UnknownProduct,
    WantedLine,
)
from services.orders.domain import Order, Payment, Quoted
from services.orders.handlers import access, payments, shortages
from services.orders.repository import Transaction, Work


def place_order(transaction: Transaction, wanted: PlaceOrder) -> PlacedOrder:
    """Place an order. Return it with the provider's payment data; a repeat has them only while the payment is open."""
    new = False

    def act() -> PlacedOrder:
        nonlocal new
        new = True
        return add_order(work, wanted)

    with transaction() as work:
        placed = work.once("place_order", [to_wire(wanted)], act)
        payable, settings = new or work.payments.is_open(placed["payment"]["id"]), work.settings
    return payments.ready_to_pay(placed, settings) if payable else placed


def add_order(work: Work, wanted: PlaceOrder) -> PlacedOrder:
    """A new order at the catalogue's prices, its stock reserved; OutOfStock leaves nothing behind."""
    quoted = _quote(work, wanted.lines)
    number, delivery, settings = ids.new_number(ids.ORDER), wanted.delivery, work.settings
    time_zone = wanted.contact.time_zone or zone_of(delivery.country, delivery.region)
    contact = replace(wanted.contact, time_zone=time_zone)
    order, placed = Order.place(
        number, contact, delivery, quoted, work.now, settings.pay_within, settings.return_policy
    )
    payment = Payment(ids.new_number(ids.PAYMENT), number, settings.payment_provider, order.total, created_at=work.now)
    work.orders.add(order)
    work.payments.add(payment)
    work.stock.reserve(order.wanted(), number)
    work.journal.record(placed)
    return views.placed_order(order, payment)


def _quote(work: Work, lines: Sequence[WantedLine]) -> list[Quoted]:
    found = work.products.for_sale(line.sku for line in lines)
    unknown = [
        {"field": f"lines.{place}.sku", "message": "There is no such product for sale."}
        for place, line in enumerate(lines)
        if line.sku not in found
    ]
    if unknown:
        raise UnknownProduct(details={"errors": unknown})
    return [Quoted(found[line.sku], line.quantity) for line in lines]


def get_order(work: Work, number: str) -> OrderView:
    """All of an order, for its customer and for those who work on it."""
    order = access.visible(work, number)
    around = views.Around(
        payments=work.payments.of_order(number),
        refunds=work.payments.refunds_of(number),
        changes=work.changes.of_order(number),
        checks=work.checks.of_order(number),
        commitments=work.commitments.of_order(number),
        repaid=work.payments.repaid_units(number),
        cases=work.cases.open_of_order(number),
    )
    return views.order_view(order, around, staff=access.is_case_staff(work))


def list_orders(work: Work, query: ListOrders) -> Page[OrderSummary]:
    """The newest first; customers see their own, agents everybody's."""
    email = query.email
    if not work.caller.is_staff:
        work.caller.require(CUSTOMER)
        email = work.caller.email or ""
    else:
        work.caller.require(AGENT, LEAD, REVIEWER)
    return work.orders.page(
        views.order_summary, status=query.status, email=email, cursor=query.cursor, limit=query.limit
    )


def authorize_access(work: Work, number: str) -> OrderAccess:
    """Name the order, if the caller may see it."""
    return {"order_number": access.visible(work, number).order_number}


def may_see_order(work: Work, number: str) -> bool:
    """Whether there is such an order and the caller may see it."""
    order = work.orders.find(number)
    return order is not None and access.may_see(work, order)


def expire_unpaid_orders(transaction: Transaction) -> None:
    """Let go of the orders that nobody ever tried to pay, each in its own transaction."""
    with transaction(reading=True) as work:
        numbers = work.orders.unpaid_since(work.now)
    for number in numbers:
        with transaction() as work:
            expire_unpaid(work, number)


def expire_unpaid(work: Work, number: str) -> None:
    """Let an order go whose time to pay is over; a payment that was ever attempted keeps it.

    A `created` payment is no attempt that we know of. What is paid with it later revives the order or goes back; so
    does what was captured and is less than the order costs.
    """
    order = work.orders.find(number, lock=True)
    if order is None or order.status is not OrderStatus.AWAITING_PAYMENT or order.expires_at > work.now:
        return
    if any(
        payment.status in (PaymentStatus.PENDING, PaymentStatus.FAILED) for payment in work.payments.of_order(number)
    ):
        return
    work.journal.record(order.expire())
    shortages.free_stock(work, order.wanted(), number)
