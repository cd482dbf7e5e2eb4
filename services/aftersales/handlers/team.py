"""What the after-sales team decides about a return before its goods come, and what time does."""

from __future__ import annotations

from services.aftersales.api.returns import ReviewReturn
from services.aftersales.api.statuses import Decision, ReturnStatus
from services.aftersales.api.terms import RETURN_REVIEW
from services.aftersales.domain import Return
from services.aftersales.domain.review import require_ground_named
from services.aftersales.handlers.returns import of_staff, record
from services.aftersales.repository import Work


def review_return(work: Work, number: str, review: ReviewReturn) -> Return:
    """Record what was found in the three parts, and what follows from it."""
    item = of_staff(work, number, review.version)
    work.commitments.hold(number)
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
            ground, appeal_by = require_ground_named(review.ground), rules.appeal_by(now, item.zone)
            record(work, item, item.reject(parts, ground, review.explanation, by, now, appeal_by))
            if item.status is ReturnStatus.REQUESTED:
                return item
            item.due_at = now
    work.commitments.stop(RETURN_REVIEW, number, now)
    return item


def lapse_unsent(work: Work) -> None:
    """Lapse returns for which nothing was sent in time. They can be reopened."""
    for item in work.returns.unsent(work.now):
        event = item.lapse(work.now)
        if event is not None:
            record(work, item, event)
            item.due_at = work.now
