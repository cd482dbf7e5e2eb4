"""Cancelling: only because the customer wants it, and only what has not left the warehouse.

Before the review has passed there is no shipment, and the order ends at once. After it, logistics is asked to recall
the shipment, and the order ends when it was; if it had left already, the customer is told how to send it back.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from services.common.basics.clock import parse_rfc3339
from services.common.basics.money import ZERO
from services.orders.api import (
    RETURN_DAYS,
    REVIEW,
    SHORTAGE_CONTACT,
    AlreadyDispatched,
    Cancellation,
    CancelOrder,
    ChangeStatus,
    Consent,
    OrderStatus,
    RefundCause,
    ReviewStatus,
)
from services.orders.api.statuses import EditBarrier
from services.orders.domain import Order, withdrawal_term
from services.orders.handlers import access, accounts, discounts, order_holds, refunds, shortages
from services.orders.repository import Work

ENDED = "The order is cancelled. What was paid goes back to the account it came from."
ENDED_HELD = (
    "The order is cancelled. A colleague looks into your payment, and sees to it that you get back what is yours."
)
ENDED_UNPAID = "The order is cancelled. Nothing was charged."
UNDER_WAY = "We are taking the parcel back out of dispatch. You hear from us when the order is cancelled."
SEND_BACK = (
    "The goods have left our warehouse. When they have arrived, you can ask for a return on the page of your order, "
    f"within {RETURN_DAYS} days of the delivery."
)
CHOOSE = (
    "The parcel does not arrive. On the page of your order you choose what we do: send it again, pay back, or wait."
)


def cancel_order(work: Work, number: str, wish: CancelOrder) -> Cancellation:
    """End an order for its customer, or have its shipment recalled first; AlreadyDispatched when it has left."""
    order = access.get_own_order(work, number)
    access.same_version(order, wish.version)
    shipments = work.fulfillments.of_order(number)
    if order.status is OrderStatus.COMPLETED or any(item.has_left for item in shipments):
        raise AlreadyDispatched(details={"next": CHOOSE if any(item.missing for item in shipments) else SEND_BACK})
    status = begin_cancellation(work, order, access.build_consent(work, order, "cancel", ""), wish.reason)
    return {"status": status, "next": UNDER_WAY if status == "requested" else _what_of_the_money(work, order)}


def _what_of_the_money(work: Work, order: Order) -> str:
    """Return what becomes of the money that was paid for an order that has ended."""
    payments = work.payments.of_order(order.order_number)
    account = accounts.account_of(work, order, payments)
    if account.held or account.contested or refunds.waiting_of(work, order.order_number):
        return ENDED_HELD
    if any(payment.foreign_rest for payment in payments):
        return ENDED_HELD
    return ENDED if any(payment.captured for payment in payments) else ENDED_UNPAID


def begin_cancellation(work: Work, order: Order, consent: Consent, reason: str) -> Literal["cancelled", "requested"]:
    """Write the wish down and do what can be done now: "cancelled", or "requested" when a shipment must be recalled."""
    work.journal.record(order.request_cancellation(consent, reason))
    for edit in work.changes.of_order(order.order_number, ChangeStatus.ACCEPTED):
        if edit.own:  # the warehouse had not answered yet, and there is nothing to change any more
            work.journal.record(edit.close(ChangeStatus.STALE, work.now, EditBarrier.ENDED))
    if order.review is ReviewStatus.PASSED:
        return "requested"
    finish_cancellation(work, order)
    return "cancelled"


def finish_cancellation(work: Work, order: Order) -> None:
    """End an order of which nothing is on its way: free the stock, and refund what was paid for what is left of it."""
    number = order.order_number
    payments, repaid = refunds.payments_of(work, order), work.payments.repaid_units(number)
    account = accounts.account_of(work, order, payments)
    amount = min(account.worth, account.available)
    units = [key for line in order.lines for unit in line.units if (key := (line.line_id, unit)) not in repaid]
    waits = amount if account.held else max(amount - (account.available - account.contested), ZERO)
    work.journal.record(order.cancel(amount, waits=waits))
    order.review_due_at = None
    work.commitments.stop(REVIEW, number, work.now)
    close_changes(work, number)
    if amount:
        law = withdrawal_term(order, _declared_at(work, order))
        refunds.owe_claim(work, payments, amount, RefundCause.CANCELLATION, number, units, law)
    accounts.balance_account(work, order, payments)
    shortages.free_stock(work, order.wanted(), order)
    discounts.free_use(work, order)
    order_holds.end_hold(work, order)


def _declared_at(work: Work, order: Order) -> datetime:
    """Return when the customer wanted the order to end."""
    return work.now if order.cancellation is None else parse_rfc3339(order.cancellation.at)


def refuse_cancellation(work: Work, order: Order, reason: str) -> None:
    """Refuse the cancellation, because the goods had left.

    The order goes on, and so does the customer's right to return them.
    """
    work.journal.record(order.refuse_cancellation(reason))
    for change in work.changes.of_order(order.order_number, ChangeStatus.ACCEPTED):
        work.journal.record(change.close(ChangeStatus.STALE, work.now))


def close_changes(work: Work, number: str) -> None:
    """Ask nothing any more about an order that ends."""
    for change in work.changes.of_order(number):
        change.waiting = False
        if change.status is ChangeStatus.ACCEPTED:
            change.applied()
        elif change.status is ChangeStatus.AWAITING_CUSTOMER:
            work.journal.record(change.close(ChangeStatus.STALE, work.now))
            work.commitments.stop(SHORTAGE_CONTACT, change.change_id, work.now)
