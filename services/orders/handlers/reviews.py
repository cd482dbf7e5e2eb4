"""The order review (standard, section 2): three checks, recorded; what fails leads to asking the customer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.common.basics.caller import CUSTOMER
from services.common.basics.message import Message
from services.common.basics.shapes import Page, PageQuery
from services.orders import views
from services.orders.api import (
    REVIEW,
    CheckName,
    CheckResult,
    ChecksMissing,
    DecideReview,
    Finding,
    OrderStatus,
    OrderSummary,
    PaymentCaptured,
    ReviewedOrder,
    ReviewStatus,
)
from services.orders.domain import Order, automatic_checks
from services.orders.handlers import access, shortages
from services.orders.repository import Work
from services.support.api.events import MessagePosted, TicketOpened

SYSTEM = "system"
WAITS_FOR_CUSTOMER = "the customer was asked"


def on_payment_captured(work: Work, event: PaymentCaptured, message: Message) -> None:
    start_review(work, event.order_number)


def start_review(work: Work, number: str) -> None:
    """Check an order at once when its payment is there. Do it once if called twice, and not for a cancelled order."""
    order = work.orders.get(number, lock=True)
    if order.status is OrderStatus.CONFIRMED and order.review is ReviewStatus.PENDING:
        judge_order(work, order)


def judge_order(work: Work, order: Order) -> None:
    """Make the three checks and conclude from them."""
    wanted = order.wanted()
    short = {sku: min(missing, wanted[sku]) for sku, missing in shortages.find_unasked(work, wanted).items()}
    checks = automatic_checks(order, work.payments.of_order(order.order_number), work.products.known(wanted), short)
    conclude_review(work, order, checks, SYSTEM)
    for sku, missing in short.items():
        shortages.ask_about_shortage(work, order, sku, missing)


def conclude_review(work: Work, order: Order, checks: Sequence[Finding], by: str) -> None:
    """Record the checks; all passed: the order goes on; else: the customer is asked, and the order stays what it is."""
    work.checks.add(order.order_number, checks, by, work.now)
    failed = [check for check in checks if check.result is CheckResult.FAILED]
    if failed:
        work.journal.record(order.need_contact(failed))
        return
    work.journal.record(order.pass_review(work.now))
    order.review_due_at = None
    work.commitments.stop(REVIEW, order.order_number, work.now)


def list_reviews(work: Work, query: PageQuery) -> Page[OrderSummary]:
    """List the reviews that are not finished, the next due first."""
    return work.orders.to_review(views.order_summary, cursor=query.cursor, limit=query.limit)


def decide_review(work: Work, number: str, decided: DecideReview) -> ReviewedOrder:
    """Record a reviewer's own findings.

    The latest finding of each check counts; to pass, all three must have passed.
    """
    order = work.orders.get(number, lock=True)
    access.same_version(order, decided.version)
    checks = list(decided.checks)
    latest = {check.check: check.result for check in work.checks.of_order(number)}
    latest.update({check.check: check.result for check in checks})
    if decided.decision == "pass":
        missing = [name for name in CheckName if latest.get(name) is not CheckResult.PASSED]
        if missing:
            raise ChecksMissing(details={"checks": missing})
    elif all(result is CheckResult.PASSED for result in latest.values()):
        raise ChecksMissing("say which check failed, and why", details={"checks": list(CheckName)})
    else:
        named = {check.check for check in checks}
        still = [name for name in CheckName if latest.get(name) is CheckResult.FAILED and name not in named]
        checks += [Finding(name, CheckResult.FAILED, decided.note or "found before") for name in still]
    conclude_review(work, order, checks, work.caller.actor)
    return views.reviewed_order(order, work.checks.of_order(number))


def note_contact(work: Work, number: str, at: datetime) -> None:
    """Record that the customer was told what the review found.

    The clock waits for their answer; only passing keeps the promise.
    """
    order = work.orders.get(number, lock=True)
    if order.review is ReviewStatus.NEEDS_CONTACT:
        work.commitments.pause(REVIEW, number, WAITS_FOR_CUSTOMER, at)


def on_customer_wrote(work: Work, event: MessagePosted | TicketOpened, message: Message) -> None:
    """Resume the clock of a review that waited for the customer, because the customer wrote about the order."""
    if message.actor.partition(":")[0] != CUSTOMER or event.order_number is None:
        return
    work.commitments.resume(REVIEW, event.order_number, message.occurred_at)
