"""What the after-sales team does about a return, and what time does."""

from __future__ import annotations

from services.aftersales.domain import Decision, Return, ReturnStatus
from services.aftersales.handlers.shared import Body, changed, of_staff, start_clock, take_back
from services.aftersales.repository import Work
from services.aftersales.rules import REFUND, RETURN_REVIEW, VERIFICATION, Rules


def review_return(work: Work, number: str, review: Body, rules: Rules) -> Return:
    """Record what was found in the three parts, and what follows from it."""
    item = of_staff(work, number, review["version"])
    by, parts, now = work.caller.actor, review["parts"], work.now
    match review["decision"]:
        case Decision.INFO:
            changed(work, item, item.ask(parts, review["question"], by, now))
            work.commitments.pause(RETURN_REVIEW, number, "waiting for the customer")
            return item
        case Decision.AUTHORIZE:
            item.due_at = rules.send_by(now, item.zone)
            changed(work, item, item.authorize(parts, by, now, rules.instructions(number), item.due_at))
        case _:
            changed(work, item, item.reject(parts, review["ground"], review["explanation"], by, now))
            if item.status is ReturnStatus.REQUESTED:
                return item
            item.due_at = now
    work.commitments.stop(RETURN_REVIEW, number, now)
    return item


def receive_return(work: Work, number: str, receipt: Body, rules: Rules) -> Return:
    """Record what arrived and how; the time to verify it runs from now."""
    item = of_staff(work, number, receipt["version"])
    if item.status is ReturnStatus.LAPSED:
        take_back(work, item)
    changed(work, item, item.receive(receipt["pieces"], work.caller.actor, work.now))
    clock = work.commitments.running(VERIFICATION, number)
    clock = clock or start_clock(work, rules, VERIFICATION, number, item.order_number)
    item.due_at = clock.due_at
    return item


def inspect_return(work: Work, number: str, inspection: Body, rules: Rules) -> Return:
    """Judge what arrived; what is accepted is claimed from the payment ledger, and its time runs from now."""
    item = of_staff(work, number, inspection["version"])
    known = len(item.claims)
    paid_back = work.orders.paid_back(item.order_number)
    changed(work, item, *item.inspect(inspection["pieces"], work.caller.actor, work.now, paid_back))
    if not item.unjudged:
        work.commitments.stop(VERIFICATION, number, work.now)
        item.due_at = work.now
    for claim in item.claims[known:]:
        clock = start_clock(work, rules, REFUND, number, item.order_number)
        claim.clock_id = clock.id
        if not item.unjudged:
            item.due_at = clock.due_at
    return item


def lapse_unsent(work: Work) -> None:
    """Returns for which nothing was sent in time come to nothing; they can be taken up again."""
    for item in work.returns.unsent(work.now):
        event = item.lapse(work.now)
        if event is not None:
            changed(work, item, event)
            item.due_at = work.now
