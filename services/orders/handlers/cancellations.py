"""Cancelling: only because the customer wants it, and only what has not left the warehouse.

Before the review has passed there is no shipment, and the order ends at once. After it, logistics is asked to recall
the shipment, and the order ends when it was; if it had left already, the customer is told how to send it back.
"""

from __future__ import annotations

from typing import Any

from services.common.basics.errors import Conflict
from services.common.basics.money import ZERO
from services.orders.domain import ChangeStatus, Consent, Order, OrderStatus, RefundCause, ReviewStatus
from services.orders.handlers import access, refunding, shortage
from services.orders.repository import Work

ENDED = "The order is cancelled. What was paid goes back to the account it came from."
ENDED_UNPAID = "The order is cancelled. Nothing was charged."
UNDER_WAY = "We are taking the parcel back out of dispatch. You hear from us when the order is cancelled."
SEND_BACK = "The goods have left our warehouse. You can send them back within 60 days of delivery, free of charge."


class AlreadyDispatched(Conflict):
    """The goods have left our warehouse; they can be sent back within 60 days of delivery.

    details: next.
    """

    code = "already_dispatched"
    message = "The goods have left our warehouse; they can be sent back within 60 days of delivery."


def cancel_order(work: Work, number: str, reason: str) -> dict[str, Any]:
    """The customer wants out: `{"status": "cancelled" | "requested", "next": what happens now}`."""
    order = access.own(work, number)
    shipments = work.fulfillments.of_order(number)
    if order.status is OrderStatus.COMPLETED or any(shipment.dispatched_at for shipment in shipments):
        raise AlreadyDispatched(details={"next": SEND_BACK})
    status = begin(work, order, access.consent(work, order, "cancel", ""), reason)
    paid = any(payment.captured for payment in work.payments.of_order(number))
    now = UNDER_WAY if status == "requested" else ENDED if paid else ENDED_UNPAID
    return {"status": status, "next": now}


def begin(work: Work, order: Order, consent: Consent, reason: str) -> str:
    """Write the wish down and do what can be done now: "cancelled", or "requested" when a shipment must be recalled."""
    work.journal.record(order.request_cancellation(consent, reason))
    if order.review is ReviewStatus.PASSED:
        return "requested"
    finish(work, order)
    return "cancelled"


def finish(work: Work, order: Order) -> None:
    """Nothing of it is on its way: end the order, free the stock, pay back what was paid for what was still in it."""
    number = order.order_number
    payment = refunding.captured_payment(work, order)
    amount = ZERO if payment is None else min(order.paid_for_rest, payment.refundable)
    units = [(line.line_id, unit) for line in order.lines for unit in line.units]
    work.journal.record(order.cancel(amount))
    order.review_due_at = None
    work.commitments.stop("review", number, work.now)
    _close_changes(work, number)
    if payment is not None and amount:
        refunding.owe(work, payment, amount, RefundCause.CANCELLATION, number, units)
    shortage.free(work, order.wanted(), number)


def refused(work: Work, order: Order, reason: str) -> None:
    """The goods had left already: the order goes on, and so does the customer's right to send them back."""
    work.journal.record(order.refuse_cancellation(reason))
    for change in work.changes.of_order(order.order_number, ChangeStatus.ACCEPTED):
        work.journal.record(change.close(ChangeStatus.STALE, work.now))


def _close_changes(work: Work, number: str) -> None:
    for change in work.changes.of_order(number):
        change.waiting = False
        if change.status is ChangeStatus.ACCEPTED:
            change.applied()
        elif change.status is ChangeStatus.AWAITING_CUSTOMER:
            work.journal.record(change.close(ChangeStatus.STALE, work.now))
            work.commitments.stop(shortage.CLOCK, change.change_id, work.now)
