"""What other services claim: units that the customer gave back, and is to have the money of (standard, section 4)."""

from __future__ import annotations

from collections.abc import Mapping

from services.aftersales.api.events import RefundClaimed
from services.common.basics.errors import Conflict
from services.common.basics.message import Message
from services.common.basics.money import Money
from services.orders.api import OrderNotFound, RefundCause
from services.orders.domain import OrderLine
from services.orders.handlers import accounts, refunds
from services.orders.repository import Work


class WrongRefund(Conflict):
    """The claim does not fit what these units cost."""

    code = "wrong_refund_amount"
    message = "The claim does not fit what these units cost."


def on_refund_claimed(work: Work, event: RefundClaimed, message: Message) -> None:
    """Refund exactly what the units cost that after-sales accepted. Raise WrongRefund if the sums differ."""
    order = work.orders.get(event.order_number, lock=True)
    units = [(claimed.line_id, claimed.unit) for claimed in event.units]
    payments = refunds.payments_of(work, order)
    if all(payment.captured_at is None for payment in payments):
        raise OrderNotFound
    lines: Mapping[int, OrderLine] = {line.line_id: line for line in order.lines}
    known = 0 < len(set(units)) == len(units) and all(
        line_id in lines and unit in lines[line_id].units for line_id, unit in units
    )
    if not known or Money.total(lines[line_id].paid[unit] for line_id, unit in units) != event.amount:
        raise WrongRefund
    refunds.owe_claim(work, payments, event.amount, RefundCause.RETURN, event.return_number, units)
    accounts.balance_account(work, order, payments)
