"""What holds stock: unpaid orders for a while, strangers only some pieces, and how staff look at it and end it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from services.common.basics.clock import rfc3339
from services.common.basics.shapes import PageQuery
from services.orders.api import (
    HoldReleased,
    HoldTooLarge,
    OrderNotFound,
    OrderStatus,
    PaymentStatus,
    PaymentUnderWay,
    ReleasedHold,
    ReleaseHold,
    StockHold,
    StockMove,
    StockView,
    WrongStatus,
)
from services.orders.domain import Cause, Order, held_until
from services.orders.handlers import access, discounts, parts, places, shortages
from services.orders.repository import Work

HOLDS_SHOWN = 100
SIGN_IN = "Sign in with a code by e-mail (POST /v1/sign-in) to order more, or pay what is open first."


def limit_stranger(work: Work, order: Order) -> None:
    """Raise HoldTooLarge if a guest's unpaid orders, this one with them, hold too many pieces of a product.

    One guest is one mailbox or one address. Call it when the stock is reserved: its lock lets equal orders come one
    after the other, so that each sees those before it.
    """
    if work.caller.roles:
        return
    most, wanted = work.settings.hold_pieces, order.wanted()
    held = work.orders.held_unpaid(order, work.now)
    for sku in wanted:
        if held.get(sku, 0) > most:
            raise HoldTooLarge(details={"sku": sku, "held": held[sku], "most": most, "next": SIGN_IN})


def release_hold(work: Work, number: str, wish: ReleaseHold) -> ReleasedHold:
    """End the hold of an unpaid order; WrongStatus for every other, PaymentUnderWay while the provider works on it."""
    order = work.orders.find(number, lock=True)
    if order is None:
        raise OrderNotFound
    access.same_version(order, wish.version)
    attempts = work.payments.of_order(number, lock=True)
    paid = any(attempt.status is PaymentStatus.CAPTURED for attempt in attempts)
    if order.status is not OrderStatus.AWAITING_PAYMENT or paid:
        raise WrongStatus("only an unpaid order can be let go", details={"status": order.status.value})
    order.expires_at = min(order.expires_at, work.now)
    until = held_until(order, attempts)
    if until > work.now:
        raise PaymentUnderWay(details={"until": rfc3339(until)})
    work.journal.record(HoldReleased(order_number=number, reason=wish.reason))
    let_go(work, order)
    return {"number": number, "status": order.status, "version": order.version}


def let_go(work: Work, order: Order) -> None:
    """Expire an order and give its stock free, and the use of its discount."""
    work.journal.record(order.expire())
    shortages.free_stock(work, order.wanted(), order)
    discounts.free_use(work, order)


def get_stock(work: Work, sku: str, query: PageQuery) -> StockView:
    """Show the counts of a product, who holds pieces of it, and its ledger."""
    product = work.products.get(sku)
    levels = work.stock.levels([product.sku])
    level = levels[product.sku]
    shown, names = [], access.is_case_staff(work)
    for order in work.orders.holders(product.sku, HOLDS_SHOWN):
        unpaid = order.status is OrderStatus.AWAITING_PAYMENT
        until = held_until(order, work.payments.of_order(order.order_number)) if unpaid else None
        here = parts.here(work, order)
        if here.wanted().get(product.sku):
            shown.append(_hold_view(here, product.sku, until, names=names))
    ledger = work.stock.ledger(_move_view, product.sku, cursor=query.cursor, limit=query.limit)
    return {
        **ledger,
        "sku": product.sku,
        "version": product.version,
        "on_hand": level.on_hand,
        "reserved": level.reserved,
        "available": max(level.on_hand - level.reserved, 0),
        "scrapped": work.stock.scrapped(product.sku),
        "is_low": work.stock.is_low(product.sku),
        "backordered": work.backorders.pieces(product.sku),
        "places": places.stock_by_place(work, product.sku, levels)["places"],
        "holds": shown,
    }


class Row(Protocol):
    """A row of the stock ledger."""

    id: int
    on_hand_delta: int
    reserved_delta: int
    cause: Cause
    reference: str
    actor: str
    at: datetime
    place: str


def _hold_view(order: Order, sku: str, until: datetime | None, *, names: bool) -> StockHold:
    """Describe the pieces of a product that an order holds. names: include the customer's name and e-mail address."""
    hold: StockHold = {
        "order_number": order.order_number,
        "quantity": order.wanted()[sku],
        "status": order.status,
        "placed_at": rfc3339(order.placed_at),
        "held_until": None if until is None else rfc3339(until),
    }
    return {**hold, "customer": f"{order.contact.name} <{order.email}>"} if names else hold


def _move_view(row: Row) -> StockMove:
    """Return one line of the stock ledger as JSON."""
    return {
        "id": row.id,
        "cause": row.cause.value,
        "on_hand_delta": row.on_hand_delta,
        "reserved_delta": row.reserved_delta,
        "reference": row.reference,
        "actor": row.actor,
        "at": rfc3339(row.at),
        "place": row.place,
    }
