"""What other services claim: units that the customer gave back, and is to have the money of (standard, section 4).

What our own facts do not bear out is not paid (domain/claim.py): it is put in front of a person, and looked at again
when a delivery is reported.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.aftersales.api.events import RefundClaimed
from services.aftersales.api.statuses import ClaimCause
from services.common.basics import ids
from services.common.basics.caller import is_same_person
from services.common.basics.message import Message
from services.common.basics.money import CURRENCY, ZERO, Money
from services.orders.api import AttentionKind, RefundCause, SecondPersonRequired
from services.orders.domain import Fulfillment, LegalTerm, Order, Payment
from services.orders.domain.attention import Attention
from services.orders.domain.claim import Claim, objection, owned_units
from services.orders.domain.exchange import shipments_of, under_way
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
    ledger = _Ledger.of(work, order, claim)
    why = ledger.objection(claim)
    if why is None:
        _owe(work, claim, ledger)
    else:
        _refuse(work, claim, why, ledger)


def look_again(work: Work, order: Order) -> None:
    """Pay the claims that were refused and fit by now. The order is locked."""
    for case in work.cases.open_of_order(order.order_number):
        if case.kind is AttentionKind.CLAIM_REFUSED and case.claim is not None:
            claim = Claim.from_json(case.claim)
            ledger = _Ledger.of(work, order, claim)
            if ledger.objection(claim) is None:
                cases.close_case(work, case)
                _owe(work, claim, ledger)


def pay_refused(work: Work, case: Attention, order: Order) -> None:
    """Pay what a person found to be owed. SecondPersonRequired for the one whose act it follows from."""
    assert case.claim is not None, "kept with the case"
    claim = Claim.from_json(case.claim)
    if is_same_person(work.caller.actor, claim.by):
        raise SecondPersonRequired
    _owe(work, claim, _Ledger.of(work, order, claim))


def objection_to(work: Work, order: Order, claim: Claim) -> str | None:
    """Return what our own facts say against a claim, if anything. The order is locked."""
    return _Ledger.of(work, order, claim).objection(claim)


@dataclass(frozen=True)
class _Ledger:
    """What our own books say of an order, which is locked; its payments are too.

    shipments: those with what was bought, not what was sent in exchange. exchanging: units of which another is to come
    """

    order: Order
    payments: list[Payment]
    shipments: list[Fulfillment]
    repaid: set[tuple[int, int]]
    returned: set[tuple[int, int]]
    postage_left: Money
    exchanging: set[tuple[int, int]]

    @classmethod
    def of(cls, work: Work, order: Order, claim: Claim) -> _Ledger:
        payments = refunds.payments_of(work, order)
        repaid, returned = work.payments.repaid_and_returned(order.order_number)
        left = ZERO
        if claim.cause is RefundCause.POSTAGE:
            made = work.payments.refunds_of(order.order_number)
            postage = Money.total(each.amount for each in made if each.cause is RefundCause.POSTAGE)
            left = max(ZERO, work.settings.alone - postage)
        number = order.order_number
        shipments, exchanges = work.fulfillments.of_order(number), work.exchanges.of_order(number)
        asked = work.remedies.of_order(number) if exchanges else []
        again = shipments_of(exchanges, asked)
        first = [each for each in shipments if each.shipment_number not in again]
        coming = under_way(exchanges, asked, {each.shipment_number: each for each in shipments})
        return cls(order, payments, first, repaid, returned, left, coming)

    def objection(self, claim: Claim) -> str | None:
        captured = Money.total(payment.captured for payment in self.payments)
        return objection(
            claim, self.order, captured, self.shipments, self.repaid, self.returned, self.postage_left, self.exchanging
        )


def _owe(work: Work, claim: Claim, ledger: _Ledger) -> None:
    """Refund it as far as money of the order is left; a person pays the rest.

    Postage is our own money: the units of the order keep what they cost.
    """
    order, payments = ledger.order, ledger.payments
    units = owned_units(claim, order, ledger.repaid)
    refunds.owe_claim(work, payments, claim.amount, claim.cause, claim.reference, units, claim.law, asked_by=claim.by)
    accounts.balance_account(work, order, payments)


def _refuse(work: Work, claim: Claim, why: str, ledger: _Ledger) -> None:
    order, payments = ledger.order, ledger.payments
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
