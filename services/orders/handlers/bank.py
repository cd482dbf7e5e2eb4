"""What the bank does by itself: refunds that we did not ask for, and money that it takes back for the customer."""

from __future__ import annotations

from collections.abc import Collection

from services.common.basics.money import CURRENCY, Money
from services.orders.api import REFUND, AttentionKind, RefundCause, RefundSettled
from services.orders.api.events import ChargebackReturned
from services.orders.domain import Payment, Refund
from services.orders.domain.currencies import reported
from services.orders.domain.refund import UNSENT
from services.orders.handlers import cases, refunds
from services.orders.repository import Work

BY_CHARGEBACK = "chargeback"
UNCLEAR = "see what of it our books have, and whose it is"


def note_bank_refund(work: Work, payment: Payment, cents: int, reference: str) -> None:
    """Record a refund that we did not ask for, as far as money is here, and ask a person what it was for."""
    amount, refund_id = min(Money(cents), payment.refundable), reference
    if amount:
        work.payments.claim_for_refund(payment, amount)
        refund = refunds.new_refund(work, payment, amount, RefundCause.BANK, payment.payment_id)
        refund.settle(work.now, reference)
        work.payments.add_refund(refund)
        work.documents.repaid(refund)
        work.commitments.stop(REFUND, refund.refund_id, work.now)
        refund_id = refund.refund_id
    over = Money(cents) - amount
    more = f", {over} USD more than was here" if over else ""
    cases.open_case(
        work,
        AttentionKind.BANK_REFUND,
        payment.payment_id,
        payment.order_number,
        cents,
        CURRENCY,
        f"the bank paid back {Money(cents)} USD that we did not ask for{more}",
        refund_id,
    )


def tell_of_bank_refund(work: Work, refund_id: str) -> None:
    """Tell the customer of a refund by the bank that a lead has accepted."""
    refund = work.payments.find_refund(refund_id)
    if refund is not None and refund.settled_at is not None:
        note = work.documents.has_note(refund)
        work.journal.record(RefundSettled(**refund.facts, settled_at=refund.settled_at, credit_note=note))


def cover_owed(work: Work, payment: Payment, refund_id: str, amount: Money) -> None:
    """Settle the oldest unsent refunds with what the bank paid, because a lead found that it paid what we owed."""
    unsent = _unsent(work, payment)  # locks all refunds of the order, in one order
    made = work.payments.find_refund(refund_id)
    for owed in unsent:
        if owed.amount > amount:
            continue
        amount -= owed.amount
        reference = refund_id if made is None else made.provider_reference or refund_id
        if made is not None:
            back = min(made.amount, owed.amount)
            work.payments.release_claim(payment, back)
            made.amount -= back
            work.documents.repaid(made)
            if not made.amount:
                work.payments.drop_refund(made)
                made = None
        refunds.record(work, owed, owed.settle(work.now, reference))
    if made is not None:
        tell_of_bank_refund(work, refund_id)


def settle_by_chargeback(work: Work, payment: Payment, taken: Money, waiting: Collection[str], dispute: str) -> None:
    """Settle what was owed with the money that the customer's bank took; what it took beyond that is gone as well.

    waiting: the refunds that waited for it, which come first. dispute: the reference of the case.
    """
    reference = _name_of(dispute)
    for owed in sorted(_unsent(work, payment), key=lambda each: each.refund_id not in waiting):
        if taken and (owed.paid_by_hand is None or owed.amount <= taken):
            if owed.amount > taken:
                refunds.split_refund(work, owed, owed.amount - taken)
            taken -= owed.amount
            refunds.record(work, owed, owed.settle(work.now, reference))
    rest = min(taken, payment.refundable)
    if rest:
        work.payments.claim_for_refund(payment, rest)
        refund = refunds.new_refund(work, payment, rest, RefundCause.CHARGEBACK, payment.payment_id)
        work.payments.add_refund(refund)
        refunds.record(work, refund, refund.settle(work.now, reference))


def undo_chargeback(
    work: Work, payment: Payment, dispute: str, cents: int, stays: int | None = 0, *, name: str = ""
) -> None:
    """Take back into the books what the bank took for a dispute and has given back.

    What was owed and had counted as paid with it is owed again, and sent. What cannot be undone, a person looks at.
    dispute: the reference of the case; name: the bank's for the dispute. cents: 0 stands for all of the payment.
    stays: what other disputes of the case took, which were not given back; None if that is not known.
    """
    if payment.is_foreign:
        _undo_foreign(work, payment, cents, stays)
        return
    found = _taken_for(work, payment, dispute, cents)
    gone = Money.total(refund.amount for refund in found).cents
    back = gone if stays == 0 else 0 if stays is None else min(max(gone - stays, 0), cents or gone)
    left = _undo(work, payment, found, Money(back))
    over = 0 if found and stays == 0 else (cents or gone) - back
    if left or over or not found:
        reason = f"the bank gave back {Money(cents or gone)} USD for {name or 'a dispute'}: {UNCLEAR}"
        _ask(work, AttentionKind.AMOUNT_DIFFERS, payment, left.cents + over, CURRENCY, reason, name or dispute)


def has_nameless(work: Work, payment: Payment) -> bool:
    """Return whether the books say that a bank took something for a dispute that had no name."""
    return bool(_settled_with(work, payment, ""))


def _undo(work: Work, payment: Payment, taken: Collection[Refund], back: Money) -> Money:
    """Undo as much of what was taken, first what was owed to none. Return what cannot be undone in part."""
    for refund in sorted(taken, key=lambda each: (each.cause is not RefundCause.CHARGEBACK, each.amount != back)):
        part = min(refund.amount, back)
        if not part:
            break
        if refund.cause is not RefundCause.CHARGEBACK:
            if part < refund.amount:
                continue
            told = f"won {refund.attempt} {refund.provider_reference}"[:200]  # it may be lost and won again
            again = refund.fail("the bank has taken it back from the customer", told, work.now)
            refunds.record(work, refund, again)
        elif not work.payments.has_units(refund.refund_id):
            _take_back(work, payment, refund, part)
        else:
            reason = f"the bank gave back {part} USD that our books say the customer has"
            _ask(work, AttentionKind.AMOUNT_DIFFERS, payment, part.cents, CURRENCY, reason, refund.refund_id)
        back -= part
    return back


def _take_back(work: Work, payment: Payment, refund: Refund, part: Money) -> None:
    """Have so much of what a chargeback took here again."""
    work.payments.release_claim(payment, part)
    refund.amount -= part
    work.documents.repaid(refund)
    if not refund.amount:
        work.payments.drop_refund(refund)
    event = ChargebackReturned(
        order_number=refund.order_number,
        payment_id=payment.payment_id,
        refund_id=refund.refund_id,
        amount=reported(part.cents, CURRENCY),
    )
    work.journal.record(event)


def _undo_foreign(work: Work, payment: Payment, cents: int, stays: int | None) -> None:
    gone, told = payment.returned_cents, cents or payment.returned_cents
    back = told if stays == 0 else 0 if stays is None else min(max(gone - stays, 0), told)
    work.journal.record(payment.take_back_foreign(back))
    reason, rest = "the bank gave back what it had taken for a dispute", payment.foreign_rest or told
    _ask(work, AttentionKind.OTHER_CURRENCY, payment, rest, payment.received_currency or CURRENCY, reason, "")


def _taken_for(work: Work, payment: Payment, dispute: str, cents: int) -> list[Refund]:
    """Return what was settled with the money of a dispute.

    Where nothing was under its name, that is what went without a name, if it is as much.
    """
    found = _settled_with(work, payment, dispute)
    if found:
        return found
    nameless = _settled_with(work, payment, "")
    return nameless if Money.total(each.amount for each in nameless).cents == cents else []


def _settled_with(work: Work, payment: Payment, dispute: str) -> list[Refund]:
    made = work.payments.refunds_of(payment.order_number, lock=True)
    return [e for e in made if (e.payment_id, e.provider_reference) == (payment.payment_id, _name_of(dispute))]


def _name_of(dispute: str) -> str:
    """Return what refunds are settled with that a chargeback paid."""
    return f"{BY_CHARGEBACK} {dispute}".strip()[:200]


def _ask(
    work: Work, kind: AttentionKind, payment: Payment, cents: int, currency: str, reason: str, reference: str
) -> None:
    cases.open_case(work, kind, payment.payment_id, payment.order_number, cents, currency, reason, reference)


def _unsent(work: Work, payment: Payment) -> list[Refund]:
    """Return the refunds of a payment that are not at the bank, oldest first, locked."""
    made = work.payments.refunds_of(payment.order_number, lock=True)
    return [refund for refund in made if refund.payment_id == payment.payment_id and refund.status in UNSENT]
