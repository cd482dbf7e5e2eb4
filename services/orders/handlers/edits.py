"""The customer's own edits: previewed, agreed to and done by the customer, without a person of ours.

Before the review has passed the order is ours alone, and an edit is done at once. After it the warehouse has the order:
logistics is asked, holds the order, and the edit is done when it has cleared it; or nothing is done, and the customer
is told why. Rules: `domain.edit`. The consent and what follows from it are those of every change (`changes`).
"""

from __future__ import annotations

from datetime import datetime

from services.common.basics.message import Message
from services.common.basics.money import Money
from services.common.commitments import bind
from services.logistics.api.events import EditCleared, EditRefused
from services.logistics.api.statuses import ShipmentStatus
from services.orders.api import (
    REFUND,
    AlreadyDispatched,
    ChangeStatus,
    ChangeView,
    CustomerRequired,
    OrderStatus,
    ReviewStatus,
    WrongStatus,
)
from services.orders.api.edits import (
    ASK_US,
    BeingPacked,
    EditOrder,
    EditPreview,
    PaymentInQuestion,
    PreviewEdit,
)
from services.orders.api.refusals import MailboxNotProven
from services.orders.api.statuses import EditBarrier
from services.orders.change_views import change_view, edit_preview
from services.orders.domain import Change, Order, withdrawal_term
from services.orders.domain.delivery import fold_address
from services.orders.domain.edit import address_edit, barrier_of, is_certain, lines_edit, own_change
from services.orders.domain.parting import of_rest
from services.orders.handlers import access, accounts, changes, destinations, parts, reviews
from services.orders.handlers.cancellations import SEND_BACK
from services.orders.handlers.promises import new_clock
from services.orders.repository import Work

OVERTAKEN = {
    ShipmentStatus.PACKED: EditBarrier.BEING_PACKED,
    ShipmentStatus.DISPATCHED: EditBarrier.ALREADY_DISPATCHED,
    ShipmentStatus.RECALLED: EditBarrier.ENDED,
}


def preview_edit(work: Work, number: str, wanted: PreviewEdit) -> EditPreview:
    """Show exactly what an edit would do. Write nothing down."""
    order = access.get_visible_order(work, number)
    if not access.is_customer(work, order):
        raise CustomerRequired
    change = _draft(work, order, wanted)
    option = change.options[0]
    due = _refund_due(work, order) if Money.parse(option["refund"]["amount"]) else None
    asks_mailbox = wanted.delivery is not None and not access.reads_mailbox(work, order)
    return edit_preview(order, change, option, due, asks_warehouse=_is_in_warehouse(order), asks_mailbox=asks_mailbox)


def edit_order(work: Work, number: str, wanted: EditOrder) -> ChangeView:
    """Do what was previewed, or ask the warehouse first when it has the order."""
    order = access.get_own_order(work, number)
    if wanted.delivery is not None and not access.reads_mailbox(work, order):
        raise MailboxNotProven.sign_in()
    access.same_version(order, wanted.version)
    change = _draft(work, order, wanted)
    option = change.options[0]
    agreed = access.build_consent(work, order, option["option"], wanted.digest)
    about = parts.numbers_here(work, order)
    asks_warehouse = _is_in_warehouse(order)
    work.journal.record(change.make_own(agreed, work.now, asks_warehouse=asks_warehouse, shipments=about))
    work.changes.add(change)
    if not _is_in_warehouse(order):
        changes.apply_option(work, order, change, change.consented(order.order_number, order.version))
        reviews.see_if_cleared_up(work, order)
    return change_view(change)


def on_edit_cleared(work: Work, event: EditCleared, message: Message) -> None:
    """Do the edit: the warehouse holds the order for it. One that was overtaken is closed, which ends that hold."""
    order = work.orders.get(event.order_number, lock=True)
    change = work.changes.get(event.change_id)
    if change.status is not ChangeStatus.ACCEPTED:
        return
    if order.status is not OrderStatus.CONFIRMED or order.version != change.order_version:
        goes_on = order.status is OrderStatus.CONFIRMED and not order.cancellation_open
        because = EditBarrier.CHANGE_OPEN if goes_on else EditBarrier.ENDED
        work.journal.record(change.close(ChangeStatus.STALE, work.now, because))
        return
    changes.apply_option(work, order, change, change.consented(order.order_number, order.version))


def on_edit_refused(work: Work, event: EditRefused, message: Message) -> None:
    """Leave the order as it is: the parcel was packed, or gone, before the edit reached the warehouse."""
    work.orders.get(event.order_number, lock=True)
    change = work.changes.get(event.change_id)
    if change.status is ChangeStatus.ACCEPTED:
        work.journal.record(change.close(ChangeStatus.STALE, work.now, OVERTAKEN[event.status]))


def _draft(work: Work, order: Order, wanted: PreviewEdit) -> Change:
    """Build the edit. Raise what stands in its way."""
    number = order.order_number
    made = work.changes.of_order(number)
    account = accounts.account_of(work, order, work.payments.of_order(number))
    _refuse(order, barrier_of(order, work.fulfillments.of_order(number), made, account), made)
    here = parts.here(work, order)
    partly = here is not order
    if wanted.delivery is not None:
        if partly:
            raise AlreadyDispatched(details={"next": ASK_US})
        destinations.must_be_reachable(work, wanted.delivery)
        option = address_edit(order, fold_address(wanted.delivery))
    else:
        quantities = of_rest(order, here, {line.sku: line.quantity for line in wanted.lines or ()})
        option = lines_edit(here, quantities, partly=partly)
    if not is_certain(option, account, work.payments.repaid_units(number)):
        raise PaymentInQuestion(details={"next": ASK_US})
    return own_change(order, option, len(made), work.caller.actor, work.now, partly=partly)


def _refuse(order: Order, barrier: EditBarrier | None, made: list[Change]) -> None:
    if barrier is EditBarrier.CHANGE_OPEN:
        changes.one_at_a_time(made)
    if barrier is EditBarrier.ALREADY_DISPATCHED:
        raise AlreadyDispatched(details={"next": SEND_BACK})
    if barrier is EditBarrier.BEING_PACKED:
        raise BeingPacked(details={"next": ASK_US})
    if barrier is EditBarrier.PAYMENT_IN_QUESTION:
        raise PaymentInQuestion(details={"next": ASK_US})
    if barrier is not None:
        raise WrongStatus("this order cannot be changed", details={"status": order.status.value})


def _is_in_warehouse(order: Order) -> bool:
    return order.review is ReviewStatus.PASSED


def _refund_due(work: Work, order: Order) -> datetime:
    """Return when a refund that is owed from now on is settled at the latest, by our promise or by the law."""
    clock, law = new_clock(work, REFUND, "", order.order_number), withdrawal_term(order, work.now)
    if law is not None:
        bind(clock, law.due_at, law.rule)
    return clock.due_at
