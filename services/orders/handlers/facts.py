"""What providers report, taken in: money that arrived, was disputed, went back, or did not go back.

Each function locks the order first, writes the fact down, does what follows from it in the same transaction, and
returns its result as one word. A fact that is known already changes nothing. One that fits nothing is put in front
of a person: no captured cent is left without an owner.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from services.common.basics import ids
from services.common.basics.money import CURRENCY, ZERO, Money
from services.common.basics.personal import ERASED
from services.orders.adapters.payments import FactKind, PaymentFact
from services.orders.api import AttentionKind, CaptureUse, OrderStatus, OutOfStock, PaymentStatus
from services.orders.domain import Account, Order, Payment
from services.orders.domain.currencies import reported
from services.orders.handlers import accounts, bank, cases, discounts, dispute_facts, low_stock, refunds, reviews
from services.orders.handlers import fact_parts as parts
from services.orders.repository import Work


def take_fact(work: Work, provider: str, fact: PaymentFact) -> str:
    """Write down one fact of a provider. Return its result: applied, known, unknown or attention."""
    return _TAKE[fact.kind](work, provider, fact)


def lock_orders(work: Work, provider: str, reports: Sequence[PaymentFact]) -> None:
    """Lock the orders of several facts in the order of their numbers, so that two that do so never wait in a circle."""
    numbers = {work.payments.order_of_refund(fact.refund_id) for fact in reports if fact.refund_id}
    paid = {each.payment_id for fact in reports for each in (fact, parts.named(work, provider, fact))}
    numbers |= {work.payments.order_of(payment_id) for payment_id in paid if payment_id}
    for number in sorted(number for number in numbers if number):
        work.orders.find(number, lock=True)


# money that arrives


def _captured(work: Work, provider: str, fact: PaymentFact) -> str:
    order = work.orders.of_payment(fact.payment_id)
    if order is None:
        return parts.unknown(work, provider, fact, "took")
    payments = work.payments.of_order(order.order_number, lock=True)
    payment = _movement(work, payments, fact)
    if payment.status is PaymentStatus.CAPTURED:
        return _captured_again(work, payment, fact)
    if not fact.cents:
        failed = payment.fail("nothing was captured") if payment in payments else None
        work.journal.record(failed)
        return parts.APPLIED if failed else parts.KNOWN
    if payment not in payments:
        work.payments.add(payment)
        payments.append(payment)
    _take_money(work, order, payments, payment, fact)
    return parts.APPLIED


def _movement(work: Work, payments: list[Payment], fact: PaymentFact) -> Payment:
    """Return the payment that the fact is about: the named one, or the one of a second capture under that name."""
    named = next(payment for payment in payments if payment.payment_id == fact.payment_id)
    if named.status is not PaymentStatus.CAPTURED or named.reference == fact.reference:
        return named
    second = ids.number_after(ids.PAYMENT, named.payment_id, fact.reference)
    amount = Money(fact.cents) if fact.cents and fact.currency == CURRENCY else named.amount
    anew = Payment(second, named.order_number, named.provider, amount, created_at=work.now)
    return next((payment for payment in payments if payment.payment_id == second), anew)


def _captured_again(work: Work, payment: Payment, fact: PaymentFact) -> str:
    """Handle a capture that is known: nothing is new, unless the provider reports another amount."""
    if payment.is_report_of(fact.cents, fact.currency):
        return parts.KNOWN
    first, now = payment.received, reported(fact.cents, fact.currency)
    before = "nothing" if first is None else f"{first.amount} {first.currency}"
    parts.ask(
        work,
        AttentionKind.AMOUNT_DIFFERS,
        payment,
        fact.cents,
        fact.currency,
        f"the provider first reported {before} for this payment and now {now.amount} {now.currency}",
        fact.event_id[:200],
    )
    return parts.ATTENTION


def _take_money(work: Work, order: Order, payments: list[Payment], payment: Payment, fact: PaymentFact) -> None:
    books = accounts.Books.of(work, order.order_number, payments)
    lacked = books.account(order, payments).missing
    event = payment.capture(fact.cents, fact.currency, fact.reference, work.now)
    assert event is not None, "captured before"
    account = books.account(order, payments)
    revived, goods = None, None
    if not payment.is_foreign and _can_be_confirmed(work, order, account):
        goods = reviews.look_at_goods(work, order)
        revived = order.confirm(payment.payment_id, work.now)
        if revived:
            discounts.keep_use(work, order)
        account = books.account(order, payments)
    confirmed = goods is not None
    use = CaptureUse.ORDER if confirmed else _use_of(payment, account, lacked)
    surplus = min(account.surplus, payment.captured) if use is not CaptureUse.ATTENTION else ZERO
    missing = account.missing if use is CaptureUse.PART else ZERO
    one_mail = confirmed and not surplus  # what was paid too much has its own
    captured = replace(event, use=use, missing=missing, surplus=surplus, reviewed=confirmed, review_tells=one_mail)
    work.journal.record(captured)
    work.journal.record(revived)
    work.documents.received(order, payments, payment)
    if payment.is_foreign:
        amount = reported(fact.cents, fact.currency)
        reason = f"{amount.amount} {amount.currency} arrived, and we settle in USD alone"
        parts.ask(work, AttentionKind.OTHER_CURRENCY, payment, fact.cents, fact.currency, reason)
        books = accounts.Books.of(work, order.order_number, payments)  # with this case
    accounts.balance_account(work, order, payments, books)
    if goods is not None:
        reviews.begin_review(work, order, payments, goods, paid=event.amount if one_mail else None)


def _use_of(payment: Payment, account: Account, lacked: Money) -> CaptureUse:
    """Return what money that does not confirm an order is used for. lacked: what was missing before it came."""
    if payment.is_foreign or account.held:
        return CaptureUse.ATTENTION
    if account.missing:
        return CaptureUse.PART
    return CaptureUse.AGAIN if lacked and not account.awaits_payment else CaptureUse.SURPLUS


def _can_be_confirmed(work: Work, order: Order, account: Account) -> bool:
    """Return whether the order is paid in full by now.

    An expired order must have its goods in stock, and a customer: one that is erased is not sent.
    """
    if account.available < order.total:
        return False
    if order.status is OrderStatus.AWAITING_PAYMENT:
        return True
    if order.status is not OrderStatus.EXPIRED or order.email == ERASED:
        return False
    try:
        with work.attempt():
            low_stock.reserve(work, order.wanted(), order.order_number)
    except OutOfStock:
        return False
    return True


def _processing(work: Work, provider: str, fact: PaymentFact) -> str:
    """Record that the provider works on a payment. The order keeps its stock that long (`domain.hold`)."""
    _order, _payments, payment = parts.locked(work, fact)
    if payment is None:
        return parts.UNKNOWN
    work.journal.record(payment.report_underway(fact.until or work.now + work.settings.hold))
    return parts.APPLIED


def _failed(work: Work, provider: str, fact: PaymentFact) -> str:
    _order, _payments, payment = parts.locked(work, fact)
    if payment is None:
        return parts.UNKNOWN
    event = payment.fail(fact.reason or "declined")
    work.journal.record(event)
    return parts.APPLIED if event else parts.KNOWN


# money that goes back


def _refund_settled(work: Work, provider: str, fact: PaymentFact) -> str:
    fact = parts.named_refund(work, provider, fact)
    number = work.payments.order_of_refund(fact.refund_id)
    if number is None:
        return _refunded_by_bank(work, provider, fact)
    work.orders.find(number, lock=True)
    refund = work.payments.find_refund(fact.refund_id)
    assert refund is not None, "refunds that we sent are never dropped"
    if fact.reference and fact.reference in refund.failed_references:
        return parts.KNOWN  # its failure was told first
    if refund.settled_at is not None:
        paid_twice = fact.reference and refund.provider_reference and fact.reference != refund.provider_reference
        return (
            _refunded_by_bank(work, provider, replace(fact, payment_id=refund.payment_id))
            if paid_twice
            else parts.KNOWN
        )
    if (fact.cents, fact.currency) != (refund.amount.cents, CURRENCY):
        amount = reported(fact.cents, fact.currency)
        reason = f"the bank reports {amount.amount} {amount.currency} paid back instead of {refund.amount} USD"
        refunds.record(work, refund, refund.give_to_person(reason))
        return parts.ATTENTION
    refunds.record(work, refund, refund.settle(work.now, fact.reference))
    return parts.APPLIED


def _refund_failed(work: Work, provider: str, fact: PaymentFact) -> str:
    told, fact = fact, parts.named_refund(work, provider, fact)
    known = work.payments.order_of_refund(fact.refund_id)
    refund_id = fact.refund_id if known else work.payments.made_by_bank(provider, fact.reference)
    number = known or (work.payments.order_of_refund(refund_id) if refund_id else None)
    if refund_id is None or number is None:
        return parts.UNKNOWN
    work.orders.find(number, lock=True)
    refund = work.payments.find_refund(refund_id)
    assert refund is not None, "locked with its order"
    if known and parts.is_guess(told, refund):
        amount = reported(fact.cents, fact.currency)
        reason = f"a refund of {amount.amount} {amount.currency} failed ({fact.reference}), and it may be another one"
        refunds.record(work, refund, refund.give_to_person(reason))
        return parts.ATTENTION
    event = refund.fail(fact.reason or "refused by the provider", fact.reference, work.now)
    refunds.record(work, refund, event)
    return parts.APPLIED if event else parts.KNOWN


def _refunded_by_bank(work: Work, provider: str, fact: PaymentFact) -> str:
    """Record a refund that we did not ask for under its payment, and ask a person about it."""
    if work.payments.made_by_bank(provider, fact.reference) is not None:
        return parts.KNOWN
    _order, payments, payment = parts.locked(work, parts.named(work, provider, fact))
    if payment is None:
        return parts.unknown(work, provider, fact, "paid back")
    mine = next((each for each in payments if each.reference == fact.payment_reference), payment)
    if mine.is_foreign and mine.received_currency == fact.currency:
        work.journal.record(mine.give_back_foreign(fact.cents))
        if not mine.foreign_rest:
            cases.close_kinds(work, mine.payment_id, AttentionKind.OTHER_CURRENCY)
        return parts.APPLIED
    if fact.currency != CURRENCY:
        amount = reported(fact.cents, fact.currency)
        reason = f"the bank paid back {amount.amount} {amount.currency} that we did not ask for"
        parts.ask(work, AttentionKind.BANK_REFUND, mine, fact.cents, fact.currency, reason, fact.reference)
        return parts.ATTENTION
    bank.note_bank_refund(work, mine, fact.cents, fact.reference)
    return parts.ATTENTION


_TAKE: Mapping[FactKind, Callable[[Work, str, PaymentFact], str]] = {
    FactKind.PROCESSING: _processing,
    FactKind.CAPTURED: _captured,
    FactKind.FAILED: _failed,
    FactKind.DISPUTED: dispute_facts.disputed,
    FactKind.DISPUTE_ANSWERED: dispute_facts.answered,
    FactKind.DISPUTE_WON: dispute_facts.won,
    FactKind.DISPUTE_LOST: dispute_facts.lost,
    FactKind.REFUND_SETTLED: _refund_settled,
    FactKind.REFUND_FAILED: _refund_failed,
}
