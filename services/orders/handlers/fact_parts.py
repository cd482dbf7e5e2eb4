"""What the takers of facts share (facts.py, dispute_facts.py): whose fact it is, and whom to ask about it."""

from __future__ import annotations

from dataclasses import replace

from services.common.basics import ids
from services.orders.adapters.payments import PaymentFact
from services.orders.api import AttentionKind, RefundCause, RefundStatus
from services.orders.api.payments import ProviderUnavailable
from services.orders.domain import Order, Payment, Refund
from services.orders.domain.currencies import reported
from services.orders.handlers import cases
from services.orders.repository import Work

APPLIED, KNOWN, UNKNOWN, ATTENTION = "applied", "known", "unknown", "attention"
"""What became of a fact."""


def named(work: Work, provider: str, fact: PaymentFact) -> PaymentFact:
    """Return the fact with our name of the payment that the provider's name stands for, where that is known.

    It goes before our own name: a second capture has ours in common with the first.
    """
    found = work.payments.of_reference(provider, fact.payment_reference) if fact.payment_reference else None
    return replace(fact, payment_id=found.payment_id) if found else fact


def named_refund(work: Work, provider: str, fact: PaymentFact) -> PaymentFact:
    """Return the fact with our name of the refund, where only the provider's is told.

    That is the one which it knows by this name; or, where it names refunds by our number of their payment alone, the
    only one of this amount whose call has had no answer yet: a guess (`is_guess`). One that the provider's own desk
    made is none of ours. ProviderUnavailable while there are two: their answers tell which is which, and the provider
    tells this again.
    """
    if fact.refund_id or not fact.reference:
        return fact
    order, _payments, payment = locked(work, named(work, provider, fact))
    if order is None or payment is None:
        return fact
    made = [each for each in work.payments.refunds_of(order.order_number) if each.cause is not RefundCause.BANK]
    known = [each for each in made if fact.reference in (each.provider_reference, *each.failed_references)]
    asked = [
        each
        for each in made
        if fact.payment_id
        and each.status is RefundStatus.SUBMITTED
        and (each.payment_reference, each.amount.cents) == (fact.payment_reference, fact.cents)
    ]
    theirs = None if known else work.payments.made_by_bank(provider, fact.reference)
    if len(asked) > 1 and not known and theirs is None:
        raise ProviderUnavailable("two refunds of this amount are under way; tell it again once they are answered")
    mine = known or (asked if theirs is None else [])
    return replace(fact, refund_id=mine[0].refund_id) if mine else fact


def is_guess(fact: PaymentFact, refund: Refund) -> bool:
    """Return whether a refund was found by its amount alone: it may be another one that the fact tells of."""
    return not fact.refund_id and fact.reference not in (refund.provider_reference, *refund.failed_references)


def locked(work: Work, fact: PaymentFact) -> tuple[Order | None, list[Payment], Payment | None]:
    """Return the order of a fact, its payments and the payment the fact is about, locked in this order."""
    order = work.orders.of_payment(fact.payment_id)
    if order is None:
        return None, [], None
    payments = work.payments.of_order(order.order_number, lock=True)
    second = ids.number_after(ids.PAYMENT, fact.payment_id, fact.reference)
    named = {payment.payment_id: payment for payment in payments}
    return order, payments, named.get(second, named[fact.payment_id])


def ask(
    work: Work, kind: AttentionKind, payment: Payment, cents: int, currency: str, reason: str, reference: str = ""
) -> None:
    cases.open_case(work, kind, payment.payment_id, payment.order_number, cents, currency, reason, reference)


def unknown(work: Work, provider: str, fact: PaymentFact, what: str) -> str:
    """Open a case for money of an order we do not know: a person finds out whose it is."""
    if not fact.cents:
        return UNKNOWN
    amount, named = reported(fact.cents, fact.currency), fact.payment_id or fact.payment_reference or fact.reference
    is_ours = ids.is_number(fact.payment_id, ids.PAYMENT)
    cases.open_case(
        work,
        AttentionKind.UNKNOWN_PAYMENT,
        fact.payment_id if is_ours else ids.number_after(ids.PAYMENT, provider, named),
        None,
        fact.cents,
        fact.currency,
        f"{provider} {what} {amount.amount} {amount.currency} of {named!r}, which is no payment of ours",
        f"{fact.kind.value} {fact.reference}"[:200],
    )
    return ATTENTION
