"""What the after-sales team does about a return, and what time does."""

from __future__ import annotations

from services.aftersales.api.returns import InspectReturn, ReceiveReturn, ReviewReturn
from services.aftersales.api.statuses import Decision, ReturnStatus
from services.aftersales.api.terms import REFUND, RETURN_REVIEW, VERIFICATION
from services.aftersales.domain import Finding, Receipt, Return
from services.aftersales.domain.review import require_ground_named
from services.aftersales.handlers.returns import of_staff, record, start_clock, take_back
from services.aftersales.repository import Work


def review_return(work: Work, number: str, review: ReviewReturn) -> Return:
    """Record what was found in the three parts, and what follows from it."""
    item = of_staff(work, number, review.version)
    by, parts, now, rules = work.caller.actor, review.parts.found, work.now, work.settings.rules
    match review.decision:
        case Decision.INFO:
            record(work, item, item.ask(parts, review.question, by, now))
            work.commitments.pause(RETURN_REVIEW, number, "waiting for the customer")
            return item
        case Decision.AUTHORIZE:
            item.due_at = rules.send_by(now, item.zone)
            record(work, item, item.authorize(parts, by, now, rules.instructions(number), item.due_at))
        case Decision.REJECT:
            record(work, item, item.reject(parts, require_ground_named(review.ground), review.explanation, by, now))
            if item.status is ReturnStatus.REQUESTED:
                return item
            item.due_at = now
    work.commitments.stop(RETURN_REVIEW, number, now)
    return item


def receive_return(work: Work, number: str, receipt: ReceiveReturn) -> Return:
    """Record what arrived and how; the time to verify it runs from now."""
    item = of_staff(work, number, receipt.version)
    if item.status is ReturnStatus.LAPSED:
        take_back(work, item)
    receipts = [
        Receipt(piece.condition, piece.line_id, piece.unit, piece.sku, piece.quantity or 1)
        for piece in (*receipt.units, *receipt.lines)
    ]
    record(work, item, item.receive(receipts, work.caller.actor, work.now))
    clock = work.commitments.running(VERIFICATION, number)
    clock = clock or start_clock(work, VERIFICATION, number, item.order_number)
    item.due_at = clock.due_at
    return item


def inspect_return(work: Work, number: str, inspection: InspectReturn) -> Return:
    """Judge what arrived; what is accepted is claimed from the payment ledger, and its time runs from now."""
    item = of_staff(work, number, inspection.version)
    known = len(item.claims)
    paid_back = work.orders.paid_back(item.order_number)
    findings = [
        Finding(piece.outcome, piece.note, piece.line_id, piece.unit, piece.sku, piece.quantity or 1)
        for piece in (*inspection.units, *inspection.lines)
    ]
    record(work, item, *item.inspect(findings, work.caller.actor, work.now, paid_back))
    if not item.unjudged:
        work.commitments.stop(VERIFICATION, number, work.now)
        item.due_at = work.now
    for claim in item.claims[known:]:
        clock = start_clock(work, REFUND, number, item.order_number)
        claim.clock_id = clock.id
        if not item.unjudged:
            item.due_at = clock.due_at
    return item


def lapse_unsent(work: Work) -> None:
    """Let returns for which nothing was sent in time come to nothing; they can be taken up again."""
    for item in work.returns.unsent(work.now):
        event = item.lapse(work.now)
        if event is not None:
            record(work, item, event)
            item.due_at = work.now
