"""What other services claim: units that the customer gave back, and is to have the money of (standard, section 4).

What our own facts do not bear out is not paid (domain/claim.py): it is put in front of a person, and looked at again
when a delivery is reported.
"""

from __future__ import annotations

from services.aftersales.api.events import RefundClaimed
from services.aftersales.api.statuses import ClaimCause
from services.common.basics import ids
from services.common.basics.message import Message
from services.common.basics.money import CURRENCY, Money
from services.orders.api import AttentionKind, RefundCause, SecondPersonRequired
from services.orders.domain import LegalTerm, Order
from services.orders.domain.attention import Attention
from services.orders.domain.claim import Claim, objection, owned_units
from services.orders.handlers import accounts, cases, refunds
from services.orders.repository import Work


def on_refund_claimed(work: Work, event: RefundClaimed, message: Message) -> None:
    """Refund exactly what the accepted units cost, or their postage; or ask a person."""
    order = work.orders.get(event.order_number, lock=True)
    claim = Claim(
        return_number=event.return_number,
        claim=event.claim,
        amount=event.amount,
        units=tuple((claimed.line_id, claimed.unit) for claimed in event.units),
        cause=RefundCause.POSTAGE if event.cause is ClaimCause.POSTAGE else RefundCause.RETURN,
        by=message.actor,
        law=LegalTerm(event.due_at, event.law) if event.due_at is not None and event.law is not None else None,
    )
    why = _objection(work, order, claim)
    if why is None:
        _owe(work, order, claim)
    else:
        _refuse(work, order, claim, why)


def look_again(work: Work, order: Order) -> None:
    """Pay the claims that were refused and fit by now. The order is locked."""
    for case in work.cases.open_of_order(order.order_number):
        if case.kind is AttentionKind.CLAIM_REFUSED and case.claim is not None:
            claim = Claim.from_json(case.claim)
            if _objection(work, order, claim) is None:
                cases.close_case(work, case)
                _owe(work, order, claim)


def pay_refused(work: Work, case: Attention, order: Order) -> None:
    """Pay what a person found to be owed. SecondPersonRequired for the one whose act it follows from."""
    assert case.claim is not None, "kept with the case"
    claim = Claim.from_json(case.claim)
    if claim.by == work.caller.actor:
        raise SecondPersonRequired
    _owe(work, order, claim)


def _objection(work: Work, order: Order, claim: Claim) -> str | None:
    number = order.order_number
    captured = Money.total(payment.captured for payment in work.payments.of_order(number, lock=True))
    shipments = work.fulfillments.of_order(number)
    return objection(
        claim, order, captured, shipments, work.payments.repaid_units(number), work.payments.returned_units(number)
    )


def _owe(work: Work, order: Order, claim: Claim) -> None:
    """Refund it as far as money of the order is left; a person pays the rest.

    Postage is our own money: the units of the order keep what they cost.
    """
    payments = refunds.payments_of(work, order)
    units = owned_units(claim, order, work.payments.repaid_units(order.order_number))
    refunds.owe_claim(work, payments, claim.amount, claim.cause, claim.reference, units, claim.law, asked_by=claim.by)
    accounts.balance_account(work, order, payments)


def _refuse(work: Work, order: Order, claim: Claim, why: str) -> None:
    payments = work.payments.of_order(order.order_number)
    case = cases.open_case(
        work,
        AttentionKind.CLAIM_REFUSED,
        payments[0].payment_id if payments else ids.number_after(ids.PAYMENT, order.order_number),
        order.order_number,
        claim.amount.cents,
        CURRENCY,
        f"the {claim.cause.value} {claim.return_number} claims what we do not find owed: {why}",
        f"{claim.return_number}/{claim.claim}",
    )
    case.claim = claim.to_json()
