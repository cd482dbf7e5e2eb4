"""Change requests: proposed by staff or by a shortage, decided by the customer alone, applied only as they agreed.

This is the only module that calls `Order.amend`, and it has no parameter, role or setting that goes round the consent.
"""

from __future__ import annotations

from collections.abc import Iterable

from services.common.basics.caller import LEAD, is_same_person
from services.common.basics.errors import NotFound
from services.common.basics.money import Money
from services.common.basics.shapes import Page
from services.common.bus.travel import write_argument
from services.common.store.database import in_one
from services.orders.api import (
    REVIEW,
    SHORTAGE_CONTACT,
    AnswerChange,
    ChangeExpired,
    ChangeKind,
    ChangeNotFound,
    ChangeOpen,
    ChangeStale,
    ChangeStatus,
    ChangeView,
    LineNotFound,
    NotTheProposer,
    OrderStatus,
    ProposeChange,
    RefundCause,
    ReviewStatus,
    StockFreed,
    WrongStatus,
)
from services.orders.api.refusals import MailboxNotProven
from services.orders.change_views import change_view
from services.orders.domain import Change, Option, Order, may_change, withdrawal_term
from services.orders.domain.change import pauses_promise
from services.orders.domain.delivery import fold_address
from services.orders.domain.options import WAIT, address_option, cancel_option, lines_option
from services.orders.domain.parting import of_rest
from services.orders.handlers import (
    access,
    backorders,
    cancellations,
    destinations,
    low_stock,
    parts,
    refunds,
    reviews,
    shortages,
)
from services.orders.repository import Transaction, Work


def list_changes(work: Work, number: str) -> Page[ChangeView]:
    access.get_visible_order(work, number)
    return {"items": [change_view(change) for change in work.changes.of_order(number)], "next_cursor": None}


def propose_change(work: Work, number: str, wanted: ProposeChange) -> ChangeView:
    """Propose a change to the customer. It is applied only if the customer accepts it."""
    order = work.orders.get(number, lock=True)
    access.same_version(order, wanted.version)
    _must_be_changeable(work, order)
    one_at_a_time(work.changes.of_order(number))
    is_short = wanted.sku is not None and not work.stock.is_covered(wanted.sku)
    pauses = pauses_promise(wanted.kind, asked_by_customer=wanted.asked_in is not None, goods_are_missing=is_short)
    if wanted.sku is not None and wanted.quantity is not None:
        short = min(wanted.quantity, backorders.wanted_from_stock(work, order).get(wanted.sku, 0))
        if short <= 0:
            knows = wanted.sku in order.wanted()
            raise LineNotFound("the order waits for all that it wants of this product" if knows else "")
        return change_view(shortages.ask_about_shortage(work, order, wanted.sku, short, pauses=pauses))
    here = parts.here(work, order)
    if wanted.delivery is not None:
        if here is not order:
            raise WrongStatus("a part of the order has left for its address", details={"status": "dispatched"})
        destinations.must_be_reachable(work, wanted.delivery)
    option = _proposed_option(order, here, wanted)
    return change_view(shortages.propose(work, order, wanted.kind, wanted.reason, (option,), pauses=pauses))


def one_at_a_time(changes: Iterable[Change]) -> None:
    """Raise ChangeOpen while another change of the order waits, for its customer or for the warehouse."""
    for change in changes:
        if change.is_open:
            raise ChangeOpen(details={"change_id": change.change_id})


def withdraw_change(work: Work, change_id: str) -> ChangeView:
    """Take a proposal back before the customer has answered; the order stays as it is, and goes on."""
    number = work.changes.order_of(change_id)
    if number is None:
        raise ChangeNotFound
    order = work.orders.get(number, lock=True)
    change = work.changes.get(change_id)
    if not is_same_person(work.caller.actor, change.proposed_by) and not work.caller.has(LEAD):
        raise NotTheProposer
    if change.status is not ChangeStatus.AWAITING_CUSTOMER:
        raise WrongStatus(f"the change is {change.status}", details={"status": change.status.value})
    close_change(work, change, ChangeStatus.WITHDRAWN)
    backorders.ask_anew(work, order, change)
    return change_view(change)


def _proposed_option(order: Order, here: Order, wanted: ProposeChange) -> Option:
    if wanted.delivery is not None:
        return address_option(order, fold_address(wanted.delivery))
    if wanted.lines is not None:
        return lines_option(here, of_rest(order, here, {line.sku: line.quantity for line in wanted.lines}))
    return cancel_option(here, partly=here is not order)


def answer_change(transaction: Transaction, change_id: str, answer: AnswerChange) -> ChangeView:
    """Take the customer's decision. One that came too late closes the change, and is refused after the commit."""
    asked = [change_id, write_argument(answer)]
    change = in_one(
        transaction,
        lambda work: work.once("answer_change", asked, lambda: decide_change(work, change_id, answer)),
    )
    refuse_closed(change)
    return change


def decide_change(work: Work, change_id: str, answer: AnswerChange) -> ChangeView:
    """Record the customer's decision. Close a change that can no longer be decided; see `refuse_closed`."""
    number = work.changes.order_of(change_id)
    if number is None:
        raise ChangeNotFound
    try:
        order = access.get_own_order(work, number)
    except NotFound:
        raise ChangeNotFound from None
    change = work.changes.get(change_id)
    if change.status is not ChangeStatus.AWAITING_CUSTOMER:
        raise WrongStatus(f"the change is {change.status}", details={"status": change.status.value})
    over = _over(work, order, change)
    if over is not None:
        close_change(work, change, over)
        return change_view(change)
    work.commitments.resume(REVIEW, number, work.now)  # whatever they answer, it is our turn
    if answer.decision == "decline" or answer.option is None:
        work.journal.record(change.decline(answer.digest, work.now))
        change.waiting = change.kind is ChangeKind.STOCK_SHORT
    else:
        accept_change(work, order, change, answer.option, answer.digest)
    return change_view(change)


def refuse_closed(change: ChangeView) -> None:
    """Tell the caller, once it is committed, that the answer came too late to count."""
    if change["status"] == ChangeStatus.STALE:
        raise ChangeStale
    if change["status"] == ChangeStatus.EXPIRED:
        raise ChangeExpired


def accept_change(work: Work, order: Order, change: Change, option: str, digest: str) -> None:
    """Record the consent, then do exactly what was agreed to."""
    agreed = access.build_consent(work, order, option, digest)
    work.journal.record(change.accept(agreed, work.now))
    chosen = change.consented(order.order_number, order.version)
    if chosen["delivery"] is not None and not access.reads_mailbox(work, order):
        raise MailboxNotProven.sign_in()  # it may be what a stranger with a forwarded link had us propose
    if chosen["cancels"]:
        cancellations.begin_cancellation(work, order, agreed, f"agreed to by change request {change.change_id}")
        return
    if chosen["option"] == WAIT:
        change.applied()
        # nothing about the order changes, and what is missing holds it up: see shortages.check_stock
        change.waiting = True
        backorders.agree(work, order, change)
    else:
        apply_option(work, order, change, chosen)
    if order.review is ReviewStatus.NEEDS_CONTACT:
        reviews.judge_order(work, order)


def apply_option(work: Work, order: Order, change: Change, option: Option) -> None:
    """Do what the customer agreed to, with all that follows: stock, money, and questions that it has overtaken."""
    before, shipments = order.wanted(), work.fulfillments.of_order(order.order_number)
    event, gone_at = parts.change_parts(work, order, order.amend(change, work.settings.taxes), shipments)
    after = order.wanted()
    gone = {sku: count - after.get(sku, 0) for sku, count in before.items() if count > after.get(sku, 0)}
    more = {sku: count - before.get(sku, 0) for sku, count in after.items() if count > before.get(sku, 0)}
    work.journal.record(event)
    for other in work.changes.of_order(order.order_number, ChangeStatus.AWAITING_CUSTOMER):
        if other is not change and other.order_version != order.version:
            close_change(work, other, ChangeStatus.STALE)
            backorders.ask_anew(work, order, other)
            if other.sku is not None:  # still missing, perhaps: to be asked again about what the order is now
                with work.as_ourselves():
                    work.journal.record(StockFreed(sku=other.sku))
    if event.refund:
        units = [(removal["line_id"], unit) for removal in option["removed"] for unit in removal["units"]]
        _refund(work, order, event.refund, change, units)
    lost = {change.sku: change.short} if change.sku else None
    shortages.free_stock(work, gone, order, lost=lost, gone_at=gone_at)
    low_stock.reserve(work, more, order.order_number, parts.places_of_more(order, shipments))


def _refund(work: Work, order: Order, amount: Money, change: Change, units: list[tuple[int, int]]) -> None:
    payments, since = refunds.payments_of(work, order), change.decided_at or work.now
    law = withdrawal_term(order, since)
    refunds.owe_claim(work, payments, amount, RefundCause.CHANGE, change.change_id, units, law, since=since)


def close_change(work: Work, change: Change, status: ChangeStatus) -> None:
    """End a question without an answer: the order is as it was."""
    work.journal.record(change.close(status, work.now))
    if change.kind is ChangeKind.STOCK_SHORT:
        change.waiting = status is ChangeStatus.EXPIRED
        work.commitments.stop(SHORTAGE_CONTACT, change.change_id, work.now)


def expire_unanswered(transaction: Transaction) -> None:
    """Close the questions that were not answered in time, each in its own transaction; the orders stay as they are."""
    with transaction(reading=True) as work:
        unanswered = work.changes.expired(work.now)
    for change_id, number in unanswered:
        with transaction() as work:
            expire_change(work, change_id, number)


def expire_change(work: Work, change_id: str, number: str) -> None:
    """Expire a change that was not answered in time. Silence is never consent: the order stays unchanged."""
    work.orders.find(number, lock=True)
    change = work.changes.get(change_id)
    if change.status is ChangeStatus.AWAITING_CUSTOMER and change.expires_at <= work.now:
        close_change(work, change, ChangeStatus.EXPIRED)


def _over(work: Work, order: Order, change: Change) -> ChangeStatus | None:
    if change.expires_at <= work.now:
        return ChangeStatus.EXPIRED
    left = not may_change(work.fulfillments.of_order(order.order_number))
    moved_on = order.version != change.order_version or order.status is not OrderStatus.CONFIRMED
    return ChangeStatus.STALE if left or moved_on or order.cancellation_open else None


def _must_be_changeable(work: Work, order: Order) -> None:
    left = not may_change(work.fulfillments.of_order(order.order_number))
    if order.status is not OrderStatus.CONFIRMED or left or order.cancellation_open:
        status = "dispatched" if left else order.status.value
        raise WrongStatus("this order cannot be changed any more", details={"status": status})
