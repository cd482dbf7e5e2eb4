"""Exchanges: what a return asks to be sent once more, instead of money for it (standard, section 4).

A return decides; here its claim is held against what we know (as one for money is, `claims`), the pieces are promised
from the shelf, and logistics sends them as a shipment of its own: with its clocks, its promise, its tracking, and the
customer's choice if it does not arrive (`remedies`). What cannot be sent is refused, and the return pays it back.
"""

from __future__ import annotations

from dataclasses import replace

from services.aftersales.api.events import ExchangeClaimed, ExchangeWithdrawn
from services.common.basics.errors import NotFound
from services.common.basics.message import Message
from services.common.basics.money import Money
from services.common.basics.personal import ERASED
from services.orders.api import OrderStatus, OutOfStock, RefundCause
from services.orders.api.statuses import WhyNotSent
from services.orders.domain import Fulfillment, Order, PackedLine, stage_of_shipments
from services.orders.domain.claim import Claim
from services.orders.domain.exchange import GoodsExchange, counts_of, last_with, origin_of
from services.orders.handlers import accounts, claims, low_stock, refunds, shortages
from services.orders.repository import Work

REOPENED = "goods of a return are exchanged: the same pieces are sent once more"


class ExchangeUnknown(NotFound):
    """What is to be sent in exchange is not known yet. The report is handled again later."""

    code = "exchange_unknown"
    message = "We have not heard of this exchange yet; the report is looked at again later."


def on_exchange_claimed(work: Work, event: ExchangeClaimed, message: Message) -> None:
    """Send the pieces once more, as that shipment, once; or refuse with the reason, and the return pays them back."""
    order = work.orders.get(event.order_number, lock=True)
    if work.exchanges.find(event.shipment_number) is not None:
        return
    keys = [(each.line_id, each.unit) for each in event.units]
    exchange = GoodsExchange(
        event.shipment_number, order.order_number, event.return_number, [list(key) for key in sorted(keys)], work.now
    )
    amount = Money.total(each.amount for each in event.units)
    why = _objection(work, order, Claim(event.return_number, 0, amount, tuple(keys), RefundCause.RETURN, message.actor))
    if why is None:
        why = _send(work, order, exchange)
    if why is not None:
        work.journal.record(exchange.end(why, work.now))
    work.exchanges.add(exchange)


def on_exchange_withdrawn(work: Work, event: ExchangeWithdrawn, message: Message) -> None:
    """Have logistics keep the shipment, because the customer prefers the money; it says whether it could.

    The shipment may be one that was sent again when the first did not arrive, or have been followed by one.
    """
    order = work.orders.get(event.order_number, lock=True)
    asked = work.remedies.of_order(order.order_number)
    exchange = work.exchanges.find(origin_of(event.shipment_number, asked))
    if exchange is None or exchange.order_number != order.order_number:
        raise ExchangeUnknown
    if exchange.is_arranged:
        now_in = {last_with(key, event.shipment_number, asked) for key in exchange.units}
        work.journal.record(*(exchange.stopped(number) for number in sorted(now_in)))


def end_recalled(work: Work, order: Order, shipment_number: str) -> bool:
    """Free the pieces of an exchange that were kept here: the return pays them back. Return False if there are none.

    The order is locked.
    """
    asked = work.remedies.of_order(order.order_number)
    exchange = work.exchanges.find(origin_of(shipment_number, asked))
    if exchange is None or not exchange.is_arranged:
        return False
    first = exchange.shipment_number
    kept = frozenset(key for key in exchange.units if last_with(key, first, asked) == shipment_number)
    if not kept:
        return False
    shortages.free_stock(work, counts_of(exchange.pieces(order, kept)), order)
    work.journal.record(exchange.end_part(shipment_number, kept, exchange.why_recalled, work.now))
    return True


def _objection(work: Work, order: Order, claim: Claim) -> WhyNotSent | None:
    """Return why nothing may be sent for these pieces, if so. An erased order has no address any more."""
    if order.email == ERASED:
        return WhyNotSent.NOT_OWED
    if order.status not in (OrderStatus.COMPLETED, OrderStatus.CONFIRMED) or order.cancellation_open:
        return WhyNotSent.NOT_OWED
    if claims.objection_to(work, order, claim) is not None:
        return WhyNotSent.NOT_OWED
    account = accounts.account_of(work, order, refunds.payments_of(work, order))
    contested = account.held or account.contested or account.missing
    return WhyNotSent.PAYMENT_CONTESTED if contested else None


def _send(work: Work, order: Order, exchange: GoodsExchange) -> WhyNotSent | None:
    """Promise the pieces from the shelf and have them sent; say so if they are not there."""
    arranged = exchange.arranged(order)
    try:
        with work.attempt():
            (place,) = low_stock.reserve(work, counts_of(arranged.lines), order.order_number, one_of=())
    except OutOfStock:
        return WhyNotSent.OUT_OF_STOCK
    lines: tuple[PackedLine, ...] = tuple({"sku": line.sku, "quantity": line.quantity} for line in arranged.lines)
    work.fulfillments.add(Fulfillment(exchange.shipment_number, order.order_number, lines, place=place))
    work.journal.record(order.reopen(REOPENED), replace(arranged, place=place))
    work.session.flush()
    order.stage = stage_of_shipments(work.fulfillments.of_order(order.order_number))
    return None
