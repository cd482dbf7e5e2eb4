"""What other services announce about an order: nearly all becomes a mail, some begins a conversation.

Most events only need the mail that tells of them; their handlers are made of its writer:

    on_order_expired = telling(orders.order_expired)
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import Protocol, TypeVar
from urllib.parse import quote

from services.common.basics.message import Message
from services.logistics.api.events import (
    DeliveryTakenBack,
    ParcelCorrected,
    ParcelDelivered,
    ParcelException,
    ParcelFactsTold,
    ParcelStuck,
    RecallRefused,
    ShipmentDispatched,
    TrackingUpdated,
)
from services.logistics.api.parts import PickUp
from services.orders.api.events import (
    BooksUnread,
    CancellationRequested,
    ChangeAccepted,
    ChangeClosed,
    ChangeDeclined,
    ChangeRequested,
    DisputeDecided,
    ErasuresHeldUp,
    OrderCancelled,
    OrderChanged,
    OrderPlaced,
    PaymentCaptured,
    PaymentFailed,
    PaymentNeedsAttention,
    RefundCeilingReached,
    RefundFailed,
    RefundSettled,
    RemedyClosed,
    RemedyEvent,
    RemedyOvertaken,
    RemedyRequested,
    ReviewPassed,
    StockLow,
    UnknownPaymentFound,
)
from services.orders.api.statuses import AttentionKind, EditBarrier, RefundCause, RemedyStatus
from services.support.adapters.mail import aftersales, banking, edits, logistics, orders, privacy, remedies, stock
from services.support.adapters.mail.letter import Mail
from services.support.api import Category
from services.support.handlers import complaints, news
from services.support.repository import Work

WAIT = "wait"
MONEY, ORDERS, STOCK = "desk/money", "desk/orders", "desk/stock"
ONE_MOMENT = timedelta(minutes=1)
"""So long a mail waits that another one mostly takes the place of: that a parcel is gone, before we ask what to do;
that a cancellation was asked for, before the order is cancelled."""
TOLD_BY_AFTERSALES = frozenset({RefundCause.RETURN, RefundCause.POSTAGE})


class AboutOrder(Protocol):
    """An event that names its order."""

    @property
    def order_number(self) -> str: ...


E = TypeVar("E", bound=AboutOrder)
L = TypeVar("L", OrderPlaced, ReviewPassed)
Handler = Callable[[Work, E, Message], None]
Writer = Callable[[E, str | None], Mail]


def telling(write: Writer[E], wait: timedelta = timedelta()) -> Handler[E]:
    """Make the handler that passes an event on to the customer as that mail, after so long."""

    def on_event(work: Work, event: E, message: Message) -> None:
        contact = work.contacts.get(event.order_number)
        news.tell_customer(
            work, contact, message, partial(write, event), reference=_reference(event, message), wait=wait
        )

    return on_event


def learning(write: Writer[L]) -> Handler[L]:
    """Make the handler that first remembers whom to write to, then tells."""

    def on_event(work: Work, event: L, message: Message) -> None:
        contact = news.learn_contact(work, event, message)
        first = isinstance(event, OrderPlaced)
        news.tell_customer(work, contact, message, partial(write, event), reference=message.subject, first=first)

    return on_event


def reaching_out(write: Writer[E], category: Category, *, needs_answer: bool = False) -> Handler[E]:
    """Make the handler that opens or continues a conversation with that mail."""

    def on_event(work: Work, event: E, message: Message) -> None:
        contact, reference = work.contacts.get(event.order_number), _reference(event, message)
        mail = partial(write, event)
        news.reach_out(work, contact, message, mail, category, reference=reference, needs_answer=needs_answer)

    return on_event


def settling(write: Writer[E], category: Category = Category.ORDER) -> Handler[E]:
    """Make the handler that tells how a question of ours ended, and ends the conversation about it."""

    def on_event(work: Work, event: E, message: Message) -> None:
        contact, reference = work.contacts.get(event.order_number), _reference(event, message)
        news.settle_question(work, contact, message, partial(write, event), reference=reference, category=category)

    return on_event


on_order_placed = learning(orders.order_placed)
on_review_passed = learning(orders.review_passed)
on_review_needs_contact = reaching_out(orders.review_needs_contact, Category.ORDER, needs_answer=True)
on_change_requested = reaching_out(orders.change_requested, Category.ORDER, needs_answer=True)
on_change_declined = settling(orders.change_declined)
_tell_of_closed_change = settling(orders.change_closed)
_tell_of_undone_edit = telling(edits.edit_not_done)
_tell_of_change = telling(orders.order_changed)
_tell_of_edit = telling(edits.order_edited)
on_cancellation_requested = telling(orders.cancellation_requested, wait=ONE_MOMENT)
on_order_expired = telling(orders.order_expired)

_ask_about_parcel = reaching_out(remedies.remedy_requested, Category.LOGISTICS, needs_answer=True)
on_remedy_accepted = settling(remedies.remedy_accepted, Category.LOGISTICS)

_tell_of_refused_recall = reaching_out(logistics.recall_refused, Category.LOGISTICS)
_tell_of_cancelled_order = telling(orders.order_cancelled)

on_return_requested = telling(aftersales.return_requested)
on_return_info_requested = telling(aftersales.return_info_requested)
on_return_authorized = telling(aftersales.return_authorized)
on_return_rejected = telling(aftersales.return_rejected)
on_return_received = telling(aftersales.return_received)
on_return_inspected = telling(aftersales.return_inspected)
on_return_sent_back = telling(aftersales.return_sent_back)
on_return_refunded = telling(aftersales.return_refunded)
on_return_postage_asked = telling(aftersales.return_postage_asked)
on_return_postage_decided = telling(aftersales.return_postage_decided)


def on_remedy_requested(work: Work, event: RemedyRequested, message: Message) -> None:
    """Ask what we shall do about the parcel; that says too what the mail about its trouble would have said."""
    work.notifications.withdraw(event.order_number, ParcelException.type)
    _ask_about_parcel(work, event, message)


def on_order_cancelled(work: Work, event: OrderCancelled, message: Message) -> None:
    """Tell that the order is cancelled, in the place of the mail that it will be."""
    work.notifications.withdraw(event.order_number, CancellationRequested.type)
    _tell_of_cancelled_order(work, event, message)


def on_recall_refused(work: Work, event: RecallRefused, message: Message) -> None:
    """Tell that the parcel had left, in the place of the mail that we try to stop it."""
    work.notifications.withdraw(event.order_number, CancellationRequested.type)
    _tell_of_refused_recall(work, event, message)


def is_told_by_itself(event: PaymentCaptured, _: Message) -> bool:
    """Return whether no mail about the review tells of this payment too, in the same second."""
    return not event.review_tells


def on_payment_captured(work: Work, event: PaymentCaptured, message: Message) -> None:
    """Mail the customer about the payment, with what was bought."""
    contact = work.contacts.get(event.order_number)
    write = partial(orders.payment_captured, event, contents=contact.contents)
    news.tell_customer(work, contact, message, write, reference=message.subject)


def on_payment_failed(work: Work, event: PaymentFailed, message: Message) -> None:
    """Tell that the payment did not go through, with what was to be bought."""
    contact = work.contacts.get(event.order_number)
    write = partial(orders.payment_failed, event, contents=contact.contents)
    news.tell_customer(work, contact, message, write, reference=message.subject)


def on_change_accepted(work: Work, event: ChangeAccepted, message: Message) -> None:
    """End the conversation about the change. Only customers who wait get a mail now; others get one on the change."""
    contact, write = work.contacts.get(event.order_number), partial(orders.change_accepted, event)
    news.settle_question(work, contact, message, write, reference=event.change_id, by_mail=event.option == WAIT)


def on_change_closed(work: Work, event: ChangeClosed, message: Message) -> None:
    """Tell how a question ended; of an edit that was not done, unless the customer cancelled the order meanwhile."""
    if not event.own:
        _tell_of_closed_change(work, event, message)
    elif event.because is not EditBarrier.ENDED:
        _tell_of_undone_edit(work, event, message)


def on_order_changed(work: Work, event: OrderChanged, message: Message) -> None:
    """Tell what the order is now."""
    (_tell_of_edit if event.own else _tell_of_change)(work, event, message)


def is_told_here(event: RefundSettled, _: Message) -> bool:
    """Return whether we mail a customer about this refund. Aftersales announces those of a return."""
    return event.cause not in TOLD_BY_AFTERSALES


def on_refund_settled(work: Work, event: RefundSettled, message: Message) -> None:
    """Mail the customer about a refund."""
    complaints.note_refund(work, event)
    contact, write = work.contacts.get(event.order_number), partial(orders.refund_settled, event)
    news.tell_customer(work, contact, message, write, reference=event.refund_id)


def on_remedy_overtaken(work: Work, event: RemedyOvertaken, message: Message) -> None:
    """Write to the customer about a parcel that turned up after they had decided, and promise news."""
    contact, write = work.contacts.get(event.order_number), partial(remedies.remedy_overtaken, event)
    news.reach_out_with_news_to_come(work, contact, message, write, Category.LOGISTICS, reference=event.remedy_id)


def on_parcel_stuck(work: Work, event: ParcelStuck, message: Message) -> None:
    """Write to the customer about a parcel that does not move, and promise news."""
    contact, write = work.contacts.get(event.order_number), partial(logistics.parcel_stuck, event)
    news.reach_out_with_news_to_come(work, contact, message, write, Category.LOGISTICS, reference=message.subject)


def on_delivery_taken_back(work: Work, event: DeliveryTakenBack, message: Message) -> None:
    """Write to the customer whose parcel was not delivered after all, and promise news."""
    contact, write = work.contacts.get(event.order_number), partial(logistics.delivery_taken_back, event)
    news.reach_out_with_news_to_come(work, contact, message, write, Category.LOGISTICS, reference=message.subject)


def on_refund_failed(work: Work, event: RefundFailed, message: Message) -> None:
    """Apologize to the customer; tell the leads when only a person can pay it now, or when it was paid already."""
    complaints.note_refund(work, event)
    contact, write = work.contacts.get(event.order_number), partial(orders.refund_failed, event)
    news.reach_out_with_news_to_come(work, contact, message, write, Category.ORDER, reference=event.refund_id)
    page = MONEY
    if event.manual:
        news.tell_leads(work, message, banking.refund_needs_person(event), page, reference=event.refund_id)
    elif event.after_settled:
        news.tell_leads(work, message, banking.refund_came_back(event), page, reference=event.refund_id)


def on_payment_needs_attention(work: Work, event: PaymentNeedsAttention, message: Message) -> None:
    """Mail the leads about money that waits for a person.

    Of refunds that wait for the day's ceiling they have heard: one mail, whatever their number.
    """
    if event.kind is AttentionKind.REFUND_CEILING:
        return
    news.tell_leads(work, message, banking.payment_needs_person(event), MONEY, reference=event.payment_id)


def on_dispute_decided(work: Work, event: DisputeDecided, message: Message) -> None:
    """Mail the leads how the bank has decided. A decision that a lead recorded is no news to them."""
    if message.actor.startswith("provider:"):
        news.tell_leads(work, message, banking.dispute_decided(event), MONEY, reference=event.dispute_id)


def on_books_unread(work: Work, event: BooksUnread, message: Message) -> None:
    """Mail leads and admins that the books of a provider cannot be read."""
    news.tell_leads(work, message, banking.books_unread(event), MONEY, reference=event.books, admins=True)


def on_unknown_payment_found(work: Work, event: UnknownPaymentFound, message: Message) -> None:
    """Mail the leads about money that belongs to no order."""
    news.tell_leads(work, message, banking.unknown_payment(event), MONEY, reference=event.payment_id)


def on_refund_ceiling_reached(work: Work, event: RefundCeilingReached, message: Message) -> None:
    """Mail leads and admins how much was paid back today: once for each level of the ceiling."""
    mail = banking.refund_ceiling_reached(event)
    news.tell_leads(work, message, mail, MONEY, reference=event.ledger, admins=True)


def on_stock_low(work: Work, event: StockLow, message: Message) -> None:
    """Mail the leads that little of a product is left."""
    news.tell_leads(work, message, stock.stock_low(event), f"{STOCK}/{quote(event.sku, safe='')}", reference=event.sku)


def on_erasures_held_up(work: Work, event: ErasuresHeldUp, message: Message) -> None:
    """Mail leads and admins which customers are still known though their time is over, once a day."""
    news.tell_leads(work, message, privacy.erasures_held_up(event), ORDERS, reference=event.day, admins=True)


def on_remedy_closed(work: Work, event: RemedyClosed, message: Message) -> None:
    """Mail the customer that the parcel has turned up. A question replaced by another one needs no mail.

    If it was delivered, the mail of its delivery tells them.
    """
    if event.status is RemedyStatus.WITHDRAWN:
        contact, write = work.contacts.get(event.order_number), partial(remedies.remedy_closed, event)
        told = partial(news.settle_question, work, contact, message, write, reference=event.remedy_id)
        told(category=Category.LOGISTICS, by_mail=not event.delivered)


def on_shipment_dispatched(work: Work, event: ShipmentDispatched, message: Message) -> None:
    """Tell the customer, and let the tickets about the order be found by its parcels."""
    contact = work.contacts.get(event.order_number)
    work.found.by_parcels(contact, *(parcel.tracking_number for parcel in event.parcels))
    write = partial(logistics.shipment_dispatched, event)
    news.tell_customer(work, contact, message, write, reference=message.subject)


def on_parcel_corrected(work: Work, event: ParcelCorrected, message: Message) -> None:
    """Let the tickets about the order be found by the number that is right as well."""
    work.found.by_parcels(work.contacts.get(event.order_number), event.tracking_number)


def is_key_status(event: TrackingUpdated, _: Message) -> bool:
    """Return whether customers are told of a parcel's status."""
    return event.status in logistics.KEY_STATUSES


def on_tracking_updated(work: Work, event: TrackingUpdated, message: Message) -> None:
    """Mail the customer about a parcel's status, at most once for each parcel."""
    contact, key = work.contacts.get(event.order_number), _key(event, event.status)
    write = partial(logistics.key_status, event)
    if event.pick_up is not None:
        key = _place_key(event, event.pick_up)
    news.tell_customer(work, contact, message, write, reference=message.subject, key=key)


def names_place(event: ParcelFactsTold, _: Message) -> bool:
    """Return whether it is news where a parcel waits for its customer."""
    return "pick_up" in event.news and event.pick_up is not None


def on_parcel_facts_told(work: Work, event: ParcelFactsTold, message: Message) -> None:
    """Mail the customer where a parcel waits, once for each place, whichever event told it first."""
    key = _place_key(event, event.pick_up or PickUp())
    contact, write = work.contacts.get(event.order_number), partial(logistics.parcel_facts_told, event)
    news.tell_customer(work, contact, message, write, reference=message.subject, key=key)


def on_parcel_delivered(work: Work, event: ParcelDelivered, message: Message) -> None:
    """Mail the customer about the delivery, unless its tracking event has done so."""
    contact, key = work.contacts.get(event.order_number), _key(event, "delivered")
    write = partial(logistics.parcel_delivered, event)
    news.tell_customer(work, contact, message, write, reference=message.subject, key=key)


def on_parcel_exception(work: Work, event: ParcelException, message: Message) -> None:
    """Write to the customer about a parcel in trouble. A late shipment is told once, by the first that notices it."""
    late = event.reason == "late"
    key = f"late:{event.shipment_number}" if late else f"parcel:{event.parcel_id}:{event.reason}"
    contact, write = work.contacts.get(event.order_number), partial(logistics.parcel_exception, event)
    wait = ONE_MOMENT if logistics.is_gone(event) else timedelta()
    news.reach_out_with_news_to_come(
        work, contact, message, write, Category.LOGISTICS, reference=message.subject, key=key, wait=wait
    )


def _key(event: TrackingUpdated | ParcelFactsTold | ParcelDelivered, status: str) -> str:
    """Return one key for each status of a parcel. After a delivery is taken back, statuses are news again."""
    again = f":{event.taken_back}" if event.taken_back else ""
    return f"parcel:{event.parcel_id}:{status}{again}"


def _place_key(event: TrackingUpdated | ParcelFactsTold, at: PickUp) -> str:
    """Return one key for each place where a parcel waits, as it was told."""
    return _key(event, f"available_for_pickup:{sha256(repr(at).encode()).hexdigest()[:16]}")


def _reference(event: AboutOrder, message: Message) -> str:
    """Return what the news is about: a change, a remedy, a refund, or else the subject of the event."""
    if isinstance(event, ChangeRequested | ChangeAccepted | ChangeDeclined | ChangeClosed | OrderChanged):
        return event.change_id
    if isinstance(event, RemedyEvent):
        return event.remedy_id
    return event.refund_id if isinstance(event, RefundSettled) else message.subject
