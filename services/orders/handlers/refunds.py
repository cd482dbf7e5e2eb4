"""Money on its way back, to the account it came from, in full (standard, section 4).

`owe_refund` writes the refund and sets its amount aside on the payment, under the payment's lock. Once that is
committed, the refund is submitted (submissions.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import count

from services.common.basics import ids
from services.common.basics.errors import Conflict
from services.common.basics.message import Message
from services.common.basics.money import Money
from services.orders.api import OrderNotFound, RefundCause
from services.orders.domain import Order, OrderLine, Payment, Refund
from services.orders.heard import RefundClaimed
from services.orders.repository import Work

Units = Iterable[tuple[int, int]]


class WrongRefund(Conflict):
    """The claim does not fit what these units cost."""

    code = "wrong_refund_amount"
    message = "The claim does not fit what these units cost."


def owe_refund(
    work: Work, payment: Payment, amount: Money, cause: RefundCause, reference: str, units: Units = ()
) -> Refund:
    """Write down a refund; RefundTooLarge beyond what was captured, UnitRefunded for a unit that had its money."""
    work.payments.claim_for_refund(payment, amount)
    refund = Refund(
        refund_id=_number_of(work, payment.payment_id, cause, reference),
        payment_id=payment.payment_id,
        order_number=payment.order_number,
        provider=payment.provider,
        amount=amount,
        cause=cause,
        reference=reference,
        created_at=work.now,
        next_attempt_at=work.now,
        payment_reference=payment.reference,
    )
    work.payments.add_refund(refund, units)
    work.journal.record(refund.due())
    return refund


def _number_of(work: Work, payment_id: str, cause: RefundCause, reference: str) -> str:
    """It follows from what the money is owed for: should a restored backup have us owe it again, the provider still
    knows it by its key and pays it once."""
    numbers = (ids.number_after(ids.REFUND, payment_id, cause, reference, copy) for copy in count())
    return next(number for number in numbers if work.payments.find_refund(number) is None)


def captured_payment(work: Work, order: Order) -> Payment | None:
    """The payment that pays for the order, locked with the order's others."""
    return order.paid_by(work.payments.of_order(order.order_number, lock=True))


def on_refund_claimed(work: Work, event: RefundClaimed, message: Message) -> None:
    """After-sales accepted these units: exactly what they cost goes back. WrongRefund when the sums differ."""
    order = work.orders.get(event.order_number, lock=True)
    units = [(claimed.line_id, claimed.unit) for claimed in event.units]
    payment = captured_payment(work, order)
    if payment is None:
        raise OrderNotFound
    lines: Mapping[int, OrderLine] = {line.line_id: line for line in order.lines}
    known = 0 < len(set(units)) == len(units) and all(
        line_id in lines and unit in lines[line_id].units for line_id, unit in units
    )
    if not known or Money.total(lines[line_id].paid[unit] for line_id, unit in units) != event.amount:
        raise WrongRefund
    owe_refund(work, payment, event.amount, RefundCause.RETURN, event.return_number, units)
