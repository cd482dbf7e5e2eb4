"""The order review (standard, section 2): three checks, recorded; what fails leads to asking the customer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from services.common.basics.caller import CUSTOMER
from services.common.basics.message import Message
from services.common.basics.shapes import Page, PageQuery
from services.orders import views
from services.orders.api import (
    REVIEW,
    CaptureUse,
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
from services.orders.api.events import OrderDivided
from services.orders.api.parts import ReportedAmount
from services.orders.domain import Order, Payment, automatic_checks
from services.orders.domain.parting import part_of
from services.orders.handlers import access, backorders, parts, shortages
from services.orders.handlers.promises import new_clock
from services.orders.repository import Work
from services.support.api.events import MessagePosted, TicketOpened

SYSTEM = "system"
WAITS_FOR_CUSTOMER = "the customer was asked"


class Goods(NamedTuple):
    """What a review finds of an order's goods: the SKUs that the catalogue has, and the pieces missing per SKU.

    split: those of which some may be promised from another place than the default.
    """

    known: Collection[str]
    short: Mapping[str, int]
    split: Collection[str]


def begin_review(
    work: Work, order: Order, payments: Sequence[Payment], goods: Goods, paid: ReportedAmount | None
) -> None:
    """Review an order as soon as it is paid, in the transaction that confirms it, and start the clock of its review.

    payments: all of the order. paid: what is told to the customer with what we found. The review is our own act, and
    not that of the provider that reported the payment.
    """
    clock = new_clock(work, REVIEW, order.order_number, order.order_number)
    order.review_due_at = clock.due_at
    with work.as_ourselves():
        if order.goods_by is not None:
            backorders.hold_order(work, order)
        if _judge(work, order, payments, goods, paid):
            clock.stop(work.now)
    work.commitments.start(clock)


def is_unreviewed(event: PaymentCaptured, _: Message) -> bool:
    """Return whether a payment was captured by a release that reviewed its order later."""
    return event.use is CaptureUse.ORDER and not event.reviewed


def on_payment_captured(work: Work, event: PaymentCaptured, message: Message) -> None:
    start_review(work, event.order_number)


def start_review(work: Work, number: str) -> None:
    """Check a paid order that was not reviewed yet. Do it once if called twice, and not for a cancelled order."""
    order = work.orders.get(number, lock=True)
    if order.status is OrderStatus.CONFIRMED and order.review is ReviewStatus.PENDING:
        judge_order(work, order)


def judge_order(work: Work, order: Order) -> None:
    """Make the three checks and conclude from them."""
    goods = look_at_goods(work, order)
    if _judge(work, order, work.payments.of_order(order.order_number), goods):
        work.commitments.stop(REVIEW, order.order_number, work.now)


def see_if_cleared_up(work: Work, order: Order) -> None:
    """Pass a review that the customer has cleared up by an edit.

    What a person found stays theirs to decide, and the customer is not asked again what we asked before.
    """
    number = order.order_number
    latest = {check.check: check for check in work.checks.of_order(number)}.values()
    by_person = any(check.result is CheckResult.FAILED and check.by != SYSTEM for check in latest)
    if order.review is not ReviewStatus.NEEDS_CONTACT:
        return
    work.commitments.resume(REVIEW, number, work.now)  # the edit is the customer's answer
    if by_person:
        return
    goods = look_at_goods(work, order)
    found = automatic_checks(order, work.payments.of_order(number), goods.known, goods.short)
    if all(check.result is CheckResult.PASSED for check in found) and _conclude(
        work, order, found, SYSTEM, goods.split
    ):
        work.commitments.stop(REVIEW, number, work.now)


def look_at_goods(work: Work, order: Order) -> Goods:
    """Look up the goods of an order, which is locked. What it waits for is not missing."""
    known, missing, split = work.stock.standing(order.wanted())
    if not missing:
        return Goods(known, {}, split)
    missing, owed = shortages.find_unasked(work, missing), backorders.wanted_from_stock(work, order)
    return Goods(known, {sku: min(count, owed[sku]) for sku, count in missing.items() if owed[sku] > 0}, split)


def _judge(
    work: Work, order: Order, payments: Sequence[Payment], goods: Goods, paid: ReportedAmount | None = None
) -> bool:
    """Make the three checks, and ask about missing goods. Return whether all passed."""
    found = automatic_checks(order, payments, goods.known, goods.short)
    passed = _conclude(work, order, found, SYSTEM, goods.split, paid)
    for sku, missing in goods.short.items():
        shortages.ask_about_shortage(work, order, sku, missing)
    return passed


def _conclude(
    work: Work,
    order: Order,
    checks: Sequence[Finding],
    by: str,
    split: Collection[str],
    paid: ReportedAmount | None = None,
) -> bool:
    """Record the checks; all passed: the order goes on; else: the customer is asked, and the order stays what it is.

    split: its products of which some may be promised from another place than the default (`parts.begin`).
    Return whether all passed, which is when the clock of the review stops.
    """
    failed = [check for check in checks if check.result is CheckResult.FAILED]
    if failed:
        work.journal.record(order.need_contact(failed, paid))
    else:
        made = [part_of(each, order) for each in parts.begin(work, order, split)]
        work.journal.record(order.pass_review(work.now, paid, made))
        if made:
            work.journal.record(OrderDivided(order_number=order.order_number, parts=tuple(made)))
        order.review_due_at = None
    work.checks.add(order.order_number, checks, by, work.now)
    return not failed


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
    if _conclude(work, order, checks, work.caller.actor, order.wanted()):
        work.commitments.stop(REVIEW, number, work.now)
    return views.reviewed_order(order, work.checks.of_order(number))


def note_contact(work: Work, number: str, at: datetime) -> None:
    """Record that the customer was told what the review found.

    The clock waits for their answer; only passing keeps the promise.
    """
    order = work.orders.get(number, lock=True)
    if order.review is ReviewStatus.NEEDS_CONTACT:
        work.commitments.pause(REVIEW, number, WAITS_FOR_CUSTOMER, at)


def is_by_customer(event: MessagePosted | TicketOpened, message: Message) -> bool:
    """Return whether a customer wrote about an order."""
    return event.order_number is not None and message.actor.partition(":")[0] == CUSTOMER


def on_customer_wrote(work: Work, event: MessagePosted | TicketOpened, message: Message) -> None:
    """Resume the clock of a review that waited for the customer, because the customer wrote about the order."""
    if event.order_number is not None and is_by_customer(event, message):
        work.commitments.resume(REVIEW, event.order_number, message.occurred_at)
