"""The order review (standard, section 2): three checks, recorded; what fails leads to asking the customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.common.basics.caller import REVIEWER
from services.common.basics.errors import Invalid
from services.common.basics.events import to_json
from services.orders import views
from services.orders.domain import Order, OrderStatus, ReviewStatus
from services.orders.handlers import shortage
from services.orders.repository import Work
from services.orders.review import CHECKS, FAILED, PASSED, Check, automatic_checks
from services.orders.settings import OrdersSettings

SYSTEM = "system"


class ChecksMissing(Invalid):
    """A review passes with three passed checks; say what you found for those that failed.

    details: checks.
    """

    code = "checks_missing"
    message = "A review passes with three passed checks; say what you found for those that failed."


def start_review(work: Work, settings: OrdersSettings, number: str) -> None:
    """The payment is there: check at once. Heard twice, it is done once; not for an order that is cancelled by now."""
    order = work.orders.get(number, lock=True)
    if order.status is OrderStatus.CONFIRMED and order.review is ReviewStatus.PENDING:
        judge(work, settings, order)


def judge(work: Work, settings: OrdersSettings, order: Order) -> None:
    """Make the three checks and conclude from them."""
    wanted = order.wanted()
    short = {sku: min(missing, wanted[sku]) for sku, missing in shortage.unasked(work, wanted).items()}
    checks = automatic_checks(order, work.payments.of_order(order.order_number), work.products.known(wanted), short)
    conclude(work, order, checks, SYSTEM)
    for sku, missing in short.items():
        shortage.ask_about(work, settings, order, sku, missing)


def conclude(work: Work, order: Order, checks: Sequence[Check], by: str) -> None:
    """Record the checks; all passed: the order goes on; else: the customer is asked, and the order stays what it is."""
    work.checks.add(order.order_number, checks, by, work.now)
    failed = [check._asdict() for check in checks if check.result == FAILED]
    if failed:
        work.journal.record(order.need_contact(failed))
        return
    work.journal.record(order.pass_review(work.now))
    order.review_due_at = None
    work.commitments.stop("review", order.order_number, work.now)


def list_reviews(work: Work, query: Mapping[str, Any]) -> dict[str, Any]:
    """The reviews that are not over, the next due first."""
    work.caller.require(REVIEWER)
    return work.orders.to_review(views.order_summary, cursor=query.get("cursor"), limit=query.get("limit"))


def decide_review(work: Work, number: str, decided: Mapping[str, Any]) -> dict[str, Any]:
    """A reviewer's own findings; the latest of each check counts. Passing needs all three passed."""
    work.caller.require(REVIEWER)
    order = work.orders.get(number, lock=True)
    checks = [Check(**check) for check in decided["checks"]]
    latest = {check["check"]: check["result"] for check in work.checks.of_order(number)}
    latest.update({check.check: check.result for check in checks})
    if decided["decision"] == "pass":
        missing = [name for name in CHECKS if latest.get(name) != PASSED]
        if missing:
            raise ChecksMissing(details={"checks": missing})
    elif all(result == PASSED for result in latest.values()):
        raise ChecksMissing("say which check failed, and why", details={"checks": list(CHECKS)})
    else:
        named = {check.check for check in checks}
        why = decided["note"] or "found before"
        checks += [Check(name, FAILED, why) for name in CHECKS if latest.get(name) == FAILED and name not in named]
    conclude(work, order, checks, work.caller.actor)
    return {
        "number": number,
        "status": order.status.value,
        "review": {
            "status": order.review.value,
            "due_at": to_json(order.review_due_at),
            "checks": [{**check, "at": to_json(check["at"])} for check in work.checks.of_order(number)],
        },
    }


def note_contact(work: Work, number: str, at: Any) -> None:
    """The customer was told what the review found: the clock has done its work."""
    work.commitments.stop("review", number, at)
