"""What customers' banks dispute, as providers report it: from the first word to the decision, in any order.

Its money waits with a case until the bank decides. Then the money is kept again, and what had waited is paid out (won);
or the order's books say that it is gone, and what we owed counts as paid with it (lost). A decision may come before the
dispute itself, may come again, and may be turned round: what the bank gives back after all is in the books again.
"""

from __future__ import annotations

from datetime import timedelta

from services.common.basics import ids
from services.common.basics.money import CURRENCY, Money
from services.common.commitments import bind
from services.orders.adapters.payments import PaymentFact
from services.orders.api import AttentionKind, RefundStatus, SettleDecision
from services.orders.api.statuses import DisputeStatus
from services.orders.api.terms import DISPUTE_EVIDENCE, PAYMENT_ATTENTION
from services.orders.domain import Attention, Order, Payment, disputes
from services.orders.domain.currencies import reported
from services.orders.domain.dispute import Dispute
from services.orders.domain.refund import AT_BANK
from services.orders.handlers import accounts, bank, cases, promises, refunds
from services.orders.handlers import fact_parts as parts
from services.orders.repository import Work

HELD = "; nothing of the order leaves until this is decided, for a bank may ask for more, and for any of the goods"
BY_BANK = "the bank has decided"
MARGIN = timedelta(hours=1)
"""How long before the bank's own end we want its evidence sent."""


def disputed(work: Work, provider: str, fact: PaymentFact) -> str:
    """Hold what the bank disputes. A report about a dispute that has ended changes nothing."""
    _order, _payments, payment = parts.locked(work, parts.named(work, provider, fact))
    if payment is None:
        return parts.unknown(work, provider, fact, "reports a dispute of")
    known = work.disputes.named(provider, fact.dispute) if fact.dispute else None
    if known is not None and known.is_over:
        return parts.KNOWN
    outcome, case = _hold(work, payment, fact)
    if fact.dispute and known is None:
        _add(work, provider, payment, fact, case)
    elif known is not None and fact.cents and fact.currency == known.currency:
        known.cents = fact.cents
    return outcome


def answered(work: Work, provider: str, fact: PaymentFact) -> str:
    """Record that the bank has our evidence: who had to send it has done so."""
    outcome = disputed(work, provider, fact)
    dispute = work.disputes.named(provider, fact.dispute) if fact.dispute else None
    if dispute is not None and note_answer(work, dispute, ""):
        return parts.APPLIED
    return outcome


def won(work: Work, provider: str, fact: PaymentFact) -> str:
    """Keep the money again."""
    return _ended(work, provider, fact, DisputeStatus.WON)


def lost(work: Work, provider: str, fact: PaymentFact) -> str:
    """Write down that the customer has the money."""
    return _ended(work, provider, fact, DisputeStatus.LOST)


def note_answer(work: Work, dispute: Dispute, note: str) -> bool:
    """Record that the evidence was sent; the clocks of who had to do it stop. Return whether that is new."""
    event = dispute.answer(work.now, work.caller.actor, note)
    if event is None:
        return False
    work.journal.record(event)
    work.commitments.stop(DISPUTE_EVIDENCE, dispute.id, work.now)
    if all(case.reference == dispute.case for case in work.cases.open_of_payment(dispute.payment_id)):
        work.commitments.stop(PAYMENT_ATTENTION, dispute.payment_id, work.now)
    return True


def decide(work: Work, payment: Payment, case: Attention, outcome: DisputeStatus) -> None:
    """End what the bank has not decided of a case that a person has settled, and what the payment says of it."""
    for dispute in work.disputes.of_case(payment.payment_id, case.reference):
        if not dispute.is_over:
            _end(work, dispute, outcome)
    _end_on_payment(work, payment)


def lose(work: Work, order: Order, payment: Payment, payments: list[Payment], taken: Attention) -> None:
    """Record that the customer has the money: it settles refunds we owed, and a confirmed order counts as unpaid.

    taken: the case, which may be closed by now; without an amount it is about all of the payment.
    """
    if payment.is_foreign:
        work.journal.record(payment.give_back_foreign(taken.cents or payment.foreign_rest))
        if not payment.foreign_rest:
            cases.close_kinds(work, payment.payment_id, AttentionKind.OTHER_CURRENCY)
    else:
        still_open = [taken, *work.cases.open_of_order(order.order_number)]
        waiting = disputes.waiting(payments, work.payments.refunds_of(order.order_number), still_open)
        bank.settle_by_chargeback(work, payment, taken.amount or payment.captured, waiting, taken.reference)
    accounts.ask_about_unpaid(work, order, payments)


# what follows from a report


def _hold(work: Work, payment: Payment, fact: PaymentFact) -> tuple[str, str]:
    """Put the disputed money in front of a person. Return what became of the report, and the case's reference."""
    made = [each for each in work.payments.refunds_of(payment.order_number) if each.payment_id == payment.payment_id]
    gone = Money.total(refund.amount for refund in made if refund.status in AT_BANK)
    back = Money.total(refund.amount for refund in made if refund.status is RefundStatus.SETTLED)
    currency = payment.received_currency if payment.is_foreign and payment.received_currency else CURRENCY
    here = payment.foreign_rest if payment.is_foreign else (payment.captured - gone - back).cents
    cents = fact.cents if fact.currency == currency and 0 < fact.cents < here else here
    mine = [each for each in work.cases.open_of_payment(payment.payment_id) if each.kind is AttentionKind.DISPUTE]
    known = disputes.reported_before(mine, fact.dispute, cents, here)
    if known is not None:
        if fact.dispute != known.reference:
            known.reference = known.reference or fact.dispute
            cents = max(known.cents, cents) if known.cents and cents else 0
        if known.cents == cents:
            return parts.KNOWN, known.reference
    also = f"; {gone} USD of it are on their way back already" if gone else ""
    also += f"; {back} USD of it were paid back before" if back else ""
    also += HELD if here else ""
    reason = f"the customer's bank asks for the money back: {fact.reason or 'no reason given'}{also}"
    work.journal.record(payment.dispute(fact.reason, reported(cents, currency), work.now))
    reference = known.reference if known else fact.dispute
    parts.ask(work, AttentionKind.DISPUTE, payment, cents, currency, reason, reference)
    refunds.hold_disputed(work, payment)
    return parts.APPLIED, reference


def _add(work: Work, provider: str, payment: Payment, fact: PaymentFact, case: str) -> Dispute:
    """Keep the dispute under the bank's name, and start the clock of who sends the evidence."""
    currency = payment.received_currency if payment.is_foreign and payment.received_currency else CURRENCY
    dispute = Dispute(
        id=ids.new_id(),
        payment_id=payment.payment_id,
        order_number=payment.order_number,
        provider=provider,
        name=fact.dispute or payment.payment_id,
        cents=fact.cents if fact.currency == currency else 0,
        currency=currency,
        reason=fact.reason,
        case=case,
        opened_at=work.now,
        answer_by=work.now,
    )
    clock = promises.new_clock(work, DISPUTE_EVIDENCE, dispute.id, payment.order_number)
    if fact.until is not None and fact.until - MARGIN > work.now:
        bind(clock, fact.until - MARGIN, f"{provider}'s own end")
    work.commitments.start(clock)
    dispute.answer_by = clock.due_at
    work.disputes.add(dispute)
    return dispute


def _ended(work: Work, provider: str, fact: PaymentFact, outcome: DisputeStatus) -> str:
    order, payments, payment = parts.locked(work, parts.named(work, provider, fact))
    if payment is None or order is None:
        has_lost = outcome is DisputeStatus.LOST
        return parts.unknown(work, provider, fact, "lost a dispute of") if has_lost else parts.UNKNOWN
    dispute = _meant(work, provider, payment, fact)
    is_new = dispute is None
    if dispute is None:
        mine = [each for each in work.cases.open_of_payment(payment.payment_id) if each.kind is AttentionKind.DISPUTE]
        met = next((each for each in mine if each.reference in (fact.dispute, "")), None)
        if met is not None:  # of before there were rows, or told of without a name
            met.reference = fact.dispute
        dispute, is_new = _add(work, provider, payment, fact, fact.dispute), met is None
    before = dispute.status
    if not _end(work, dispute, outcome):
        return parts.KNOWN
    if before in (DisputeStatus.OPEN, DisputeStatus.ANSWERED) or _case_of(work, dispute) is not None:
        _close(work, order, payment, payments, dispute)
        if is_new and outcome is DisputeStatus.WON and bank.has_nameless(work, payment):
            _give_back(work, payment, dispute)
    elif outcome is DisputeStatus.LOST:
        lose(work, order, payment, payments, _as_case(work, dispute))
    else:
        _give_back(work, payment, dispute)
    accounts.balance_account(work, order, payments)
    return parts.APPLIED


def _meant(work: Work, provider: str, payment: Payment, fact: PaymentFact) -> Dispute | None:
    """Return the dispute that a decision is about: one without a name is about the only one of the payment."""
    if fact.dispute:
        return work.disputes.named(provider, fact.dispute)
    mine = work.disputes.of_payment(payment.payment_id)
    undecided = [each for each in mine if not each.is_over] or mine
    return undecided[0] if len(undecided) == 1 else work.disputes.named(provider, payment.payment_id)


def _give_back(work: Work, payment: Payment, dispute: Dispute) -> None:
    """Record what the bank gave back after all; what it took for others of the case, and kept, stays gone."""
    others = work.disputes.of_case(payment.payment_id, dispute.case)
    kept = [each.cents for each in others if each.status is DisputeStatus.LOST]
    for each in others if not kept else ():
        cases.close_kinds(work, payment.payment_id, AttentionKind.AMOUNT_DIFFERS, reference=each.name)
    stays = sum(kept) if all(kept) else None
    bank.undo_chargeback(work, payment, dispute.case, dispute.cents, stays, name=dispute.name)


def _end(work: Work, dispute: Dispute, outcome: DisputeStatus) -> bool:
    event = dispute.end(outcome, work.now)
    work.journal.record(event)
    work.commitments.stop(DISPUTE_EVIDENCE, dispute.id, work.now)
    return event is not None


def _close(work: Work, order: Order, payment: Payment, payments: list[Payment], dispute: Dispute) -> None:
    """End the case of a dispute that is decided, if it is the last one of it; without a case only the loss counts."""
    case = _case_of(work, dispute)
    others = work.disputes.of_case(payment.payment_id, dispute.case)
    if case is not None and not all(each.is_over for each in others):
        return
    has_lost = [each for each in others if each.status is DisputeStatus.LOST]
    if case is not None:
        cases.close_case(work, case, SettleDecision.LOST if has_lost else SettleDecision.WON, BY_BANK)
        _end_on_payment(work, payment)
    if has_lost:
        taken = case or _as_case(work, dispute)
        if all(each.cents for each in has_lost) and taken.cents:
            taken_cents = min(taken.cents, sum(each.cents for each in has_lost))
            taken = _as_case(work, dispute, taken_cents)
        lose(work, order, payment, payments, taken)


def _case_of(work: Work, dispute: Dispute) -> Attention | None:
    """Return the open case about a dispute, locked."""
    mine = work.cases.open_of_payment(dispute.payment_id, lock=True)
    return next((each for each in mine if each.kind is AttentionKind.DISPUTE and each.reference == dispute.case), None)


def _end_on_payment(work: Work, payment: Payment) -> None:
    if all(other.kind is not AttentionKind.DISPUTE for other in work.cases.open_of_payment(payment.payment_id)):
        payment.end_dispute()


def _as_case(work: Work, dispute: Dispute, cents: int | None = None) -> Attention:
    """Return what a case about the dispute would say; it is not kept."""
    return Attention(
        id="",
        kind=AttentionKind.DISPUTE,
        payment_id=dispute.payment_id,
        order_number=dispute.order_number,
        cents=dispute.cents if cents is None else cents,
        currency=dispute.currency,
        reason=dispute.reason,
        reference=dispute.case,
        opened_at=work.now,
        due_at=work.now,
    )
