"""Placing orders, showing them, and letting go of those that nobody ever tried to pay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.common.basics import ids
from services.common.basics.caller import AGENT, LEAD, REVIEWER
from services.common.calendar import zone_of
from services.orders import views
from services.orders.domain import (
    Address,
    Contact,
    Order,
    OrderStatus,
    Payment,
    PaymentStatus,
    Quoted,
    UnknownProduct,
)
from services.orders.handlers import access, shortage
from services.orders.repository import Work
from services.orders.settings import OrdersSettings


def place_order(work: Work, settings: OrdersSettings, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """A new order at the catalogue's prices, its stock reserved; OutOfStock leaves nothing behind."""
    quoted = _quote(work, wanted["lines"])
    number, delivery = ids.new_number(ids.ORDER), Address(**wanted["delivery"])
    contact = {"time_zone": zone_of(delivery.country, delivery.region), **wanted["contact"]}
    order, placed = Order.place(
        number, Contact(**contact), delivery, quoted, work.now, settings.pay_within, settings.return_policy
    )
    payment = Payment(ids.new_number(ids.PAYMENT), number, settings.payment_provider, order.total, created_at=work.now)
    work.orders.add(order)
    work.payments.add(payment)
    work.stock.reserve(order.wanted(), number)
    work.journal.record(placed)
    return views.order_view(order, views.Around([payment]), staff=work.caller.is_staff)


def _quote(work: Work, lines: list[dict[str, Any]]) -> list[Quoted]:
    found = work.products.for_sale(line["sku"] for line in lines)
    unknown = [
        {"field": f"lines.{place}.sku", "message": "There is no such product for sale."}
        for place, line in enumerate(lines)
        if line["sku"] not in found
    ]
    if unknown:
        raise UnknownProduct(details={"errors": unknown})
    return [Quoted(found[line["sku"]], line["quantity"]) for line in lines]


def get_order(work: Work, number: str) -> dict[str, Any]:
    """All of an order, for its customer and for those who work on it."""
    order = access.visible(work, number)
    around = views.Around(
        payments=work.payments.of_order(number),
        refunds=work.payments.refunds_of(number),
        changes=work.changes.of_order(number),
        checks=work.checks.of_order(number),
        commitments=work.commitments.of_order(number),
    )
    return views.order_view(order, around, staff=access.is_case_staff(work))


def list_orders(work: Work, query: Mapping[str, Any]) -> dict[str, Any]:
    """The newest first; customers see their own, agents everybody's."""
    email = query.get("email")
    if not work.caller.is_staff:
        work.caller.require("customer")
        email = work.caller.email or ""
    else:
        work.caller.require(AGENT, LEAD, REVIEWER)
    return work.orders.page(
        views.order_summary,
        status=query.get("status"),
        email=email,
        cursor=query.get("cursor"),
        limit=query.get("limit"),
    )


def expire_unpaid(work: Work, number: str) -> None:
    """Let an order go whose time to pay is over; a payment that was ever attempted keeps it.

    A `created` payment is no attempt that we know of. What is paid with it later revives the order or goes back.
    """
    order = work.orders.find(number, lock=True)
    if order is None or order.status is not OrderStatus.AWAITING_PAYMENT or order.expires_at > work.now:
        return
    if any(payment.status is not PaymentStatus.CREATED for payment in work.payments.of_order(number)):
        return
    work.journal.record(order.expire())
    shortage.free(work, order.wanted(), number)
