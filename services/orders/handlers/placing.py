"""Placing orders, showing them, and releasing those that are not paid in time."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import NotRequired, cast

from services.common.basics import ids
from services.common.basics.caller import AGENT, CUSTOMER, LEAD, REVIEWER
from services.common.basics.money import Money
from services.common.basics.shapes import Page, money_view
from services.common.bus.travel import write_argument
from services.common.calendar import zone_of
from services.common.store.database import repeated
from services.orders import views
from services.orders.api import (
    ListOrders,
    OrderAccess,
    OrderStatus,
    OrderSummary,
    OrderView,
    PlacedOrder,
    PlaceOrder,
    PriceChanged,
)
from services.orders.domain import Order, Payment, held_until
from services.orders.domain.delivery import fold
from services.orders.domain.fulfillment import PREPARING
from services.orders.handlers import access, backorders, destinations, discounts, holds, payments
from services.orders.repository import Transaction, Work
from services.orders.settings import OrdersSettings


class KeptOrder(PlacedOrder):
    """What is kept of a reply: no secrets, and which request it was for."""

    trace_id: NotRequired[str]


def place_order(transaction: Transaction, wanted: PlaceOrder) -> PlacedOrder:
    """Place an order. Return it with the provider's payment data; a repeat has them only while the payment is open.

    `repeated` is true for a second request with the same key, not for a second delivery of the same request.
    """
    placed, payable, settings = repeated(partial(_place, transaction, wanted))
    return payments.ready_to_pay(placed, settings) if payable else placed


def _place(transaction: Transaction, wanted: PlaceOrder) -> tuple[PlacedOrder, bool, OrdersSettings]:
    """Place it in one transaction. Return it, whether it can still be paid, and the settings."""
    new = False

    def act() -> KeptOrder:
        nonlocal new
        new = True
        return {**add_order(work, wanted), "trace_id": work.caller.trace_id}

    with transaction() as work:
        kept = work.once("place_order", [write_argument(wanted)], act, asker=wanted.asker)
        payable, settings = new or work.payments.is_open(kept["payment"]["id"]), work.settings
        again = not new and kept.get("trace_id") != work.caller.trace_id
    placed = cast(PlacedOrder, {name: value for name, value in kept.items() if name != "trace_id"})
    if again:
        placed["repeated"] = True
    return placed, payable, settings


def add_order(work: Work, wanted: PlaceOrder) -> PlacedOrder:
    """Add an order at the prices of now and reserve its stock. After OutOfStock or DiscountOver nothing is stored."""
    destinations.must_be_reachable(work, wanted.delivery, wanted.contact)
    quoted, discount = discounts.quote(work, wanted.lines), discounts.usable(work, wanted.discount_code)
    number, settings = ids.new_number(ids.ORDER), work.settings
    contact, delivery = fold(wanted.contact, wanted.delivery)
    time_zone = contact.time_zone or zone_of(
        delivery.country, delivery.region, postal_code=delivery.postal_code, city=delivery.city
    )
    contact = replace(contact, time_zone=time_zone)
    order, placed = Order.place(
        number,
        contact,
        delivery,
        quoted,
        work.now,
        settings.hold,
        settings.return_policy,
        discount,
        settings.taxes,
        discounts.least_payment(work),
    )
    _agree_on_price(order, wanted.expected_total)
    payment = Payment(ids.new_number(ids.PAYMENT), number, settings.payment_provider, order.total, created_at=work.now)
    work.orders.add(order)
    work.payments.add(payment)
    backorders.reserve(work, order, quoted, wanted.goods_by)
    holds.limit_stranger(work, order)
    discounts.take_use(work, order)
    work.journal.begin(number)
    work.journal.record(order.placed() if order.goods_by else placed)
    waits = work.backorders.of_order(number) if order.goods_by else []
    return views.placed_order(order, payment, waits)


def _agree_on_price(order: Order, expected: Money | None) -> None:
    """Raise PriceChanged, with the prices of today, if the customer was shown another total."""
    if expected is None or expected == order.total:
        return
    lines = [
        {"sku": line.sku, "quantity": line.quantity, "unit_price": money_view(line.unit_price)} for line in order.lines
    ]
    amounts = {
        "total": money_view(order.total),
        "expected_total": money_view(expected),
        "discount": money_view(order.totals.discount),
    }
    raise PriceChanged(details={**amounts, "lines": lines})


def get_order(work: Work, number: str) -> OrderView:
    """Return all of an order, for its customer and for staff who work on it."""
    order, has = work.orders.to_show(number)
    access.visible(work, order)
    payments = work.payments.of_order(number)
    came = any(payment.received is not None for payment in payments)
    refunds = work.payments.refunds_of(number) if "refunds" in has else []
    around = views.OrderContext(  # without money there is nothing to review or to repay
        payments=payments,
        refunds=refunds,
        changes=work.changes.of_order(number) if "changes" in has else [],
        shipments=work.fulfillments.of_order(number) if order.stage == PREPARING else [],
        remedies=work.remedies.of_order(number) if "remedies" in has else [],
        checks=work.checks.of_order(number) if came else [],
        commitments=work.commitments.of_order(number),
        backorders=work.backorders.of_order(number) if order.goods_by else [],
        repaid=work.payments.repaid_units(number) if refunds else set(),
        cases=work.cases.open_of_order(number) if "attention" in has else [],
    )
    return views.order_view(order, around, staff=access.is_case_staff(work))


def list_orders(work: Work, query: ListOrders) -> Page[OrderSummary]:
    """List orders, the newest first. Customers see their own, who came by a link that order, staff all."""
    email, of_link = query.email, access.order_of_link(work)
    if work.caller.is_staff:
        work.caller.require(AGENT, LEAD, REVIEWER)
    elif of_link is None:
        work.caller.require(CUSTOMER)
        email = work.caller.email or ""
    return work.orders.page(
        views.order_summary, query, email=email, number=of_link, cursor=query.cursor, limit=query.limit
    )


def list_orders_to_export(work: Work, query: ListOrders) -> Page[OrderSummary]:
    """List orders for a file that leaves the desk."""
    return work.orders.page(
        views.order_summary, query, email=query.email, number=None, cursor=query.cursor, limit=query.limit
    )


def authorize_access(work: Work, number: str) -> OrderAccess:
    """Name the order, if the caller may see it."""
    return {"order_number": access.get_visible_order(work, number).order_number}


def may_see_order(work: Work, number: str) -> bool:
    """Return whether the order exists and the caller may see it."""
    order = work.orders.find(number)
    return order is not None and access.may_see(work, order)


def expire_unpaid_orders(transaction: Transaction) -> None:
    """Expire the orders whose time to pay is over, each in its own transaction."""
    with transaction(reading=True) as work:
        numbers = work.orders.unpaid_since(work.now)
    for number in numbers:
        with transaction() as work:
            expire_unpaid(work, number)


def expire_unpaid(work: Work, number: str) -> None:
    """Expire an order that is not paid in full in time (`domain.hold`).

    What is paid later revives it or goes back; so does what was captured and is less than the order costs.
    """
    order = work.orders.find(number, lock=True)
    if order is None or order.status is not OrderStatus.AWAITING_PAYMENT:
        return
    if held_until(order, work.payments.of_order(number)) <= work.now:
        holds.let_go(work, order)
