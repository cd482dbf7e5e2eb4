"""What other services claim: units that the customer gave back, and is to have the money of (standard, section 4)."""

from __future__ import annotations

from collections.abc import Mapping

from services.aftersales.api.events import RefundClaimed
from services.aftersales.api.statuses import ClaimCause
from services.common.basics.errors import Conflict
from services.common.basics.message import Message
from services.common.basics.money import Money
from services.orders.api import OrderNotFound, RefundCause
from services.orders.domain import LegalTerm, OrderLine
from services.orders.handlers import accounts, refunds
from services.orders.repository import Work


class WrongRefund(Conflict):
    """The claim does not fit what these units cost."""

    code = "wrong_refund_amount"
    message = "The claim does not fit what these units cost."


def on_refund_claimed(work: Work, event: RefundClaimed, message: Message) -> None:
    """Refund exactly what the accepted units cost, or their postage. Raise WrongRefund if the sums differ."""
    if event.cause is ClaimCause.POSTAGE:
        _owe_postage(work, event)
        return
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
    law = LegalTerm(event.due_at, event.law) if event.due_at is not None and event.law is not None else None
    refunds.owe_claim(work, payments, event.amount, RefundCause.RETURN, event.return_number, units, law)
    accounts.balance_account(work, order, payments)


def _owe_postage(work: Work, event: RefundClaimed) -> None:
    """Refund what sending goods back has cost, as far as money of the order is left; a person pays the rest.

    It is our own money: the units of the order keep what they cost.
    """
    order = work.orders.get(event.order_number, lock=True)
    payments = refunds.payments_of(work, order)
    if event.units or not event.amount:
        raise WrongRefund
    reference = f"{event.return_number}/{event.claim}"
    refunds.owe_claim(work, payments, event.amount, RefundCause.POSTAGE, reference)
    accounts.balance_account(work, order, payments)
