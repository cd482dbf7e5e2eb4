"""What complaints are made good with: support asks, orders decides by its own facts (standard, sections 4 and 6).

A refund is one like every other: from the order's payments to the account they came from, with its clock, counted by
the day's ceiling, which neither of the two people lets it go beyond. A parcel is sent again as every other that does
not arrive: the customer is asked, and chooses.
"""

from __future__ import annotations

from services.common.basics.errors import ServiceError
from services.common.basics.message import Message
from services.common.basics.money import Money
from services.orders.api import RefundCause
from services.orders.api.events import GoodwillGranted, GoodwillRefused, ResendOffered
from services.orders.api.remedies import OpenRemedy, ShipmentNotSent
from services.orders.api.statuses import RemedyReason, RemedyStatus
from services.orders.domain import Order, Remedy, goodwill
from services.orders.handlers import accounts, refunds, remedies
from services.orders.repository import Work
from services.support.api.events import GoodwillAsked, ResendAsked

ONE_PARCEL = "a parcel can be sent again while exactly one shipment of the order is on its way"
SECOND = "one person alone may not pay back so much for complaints about an order"


def on_goodwill_asked(work: Work, event: GoodwillAsked, message: Message) -> None:
    """Owe what a complaint is to be made good with, and say until when it is paid; or say why not."""
    assert event.order_number is not None, "asked only for an order that is proven"
    order = work.orders.get(event.order_number, lock=True)
    why, second = _objection(work, order, event)
    number, ticket, ask = order.order_number, event.ticket_number, event.ask
    if why is not None:
        work.journal.record(
            GoodwillRefused(order_number=number, ticket_number=ticket, ask=ask, why=why, needs_second_person=second)
        )
        return
    payments, reference = refunds.payments_of(work, order), f"{ticket}/{ask}"
    refunds.owe_claim(
        work, payments, event.amount, RefundCause.GOODWILL, reference, asked_by=event.by, agreed_by=event.agreed_by
    )
    accounts.balance_account(work, order, payments)
    made = [each for each in work.payments.refunds_of(number) if each.reference == reference]
    work.journal.record(
        GoodwillGranted(
            order_number=number,
            ticket_number=ticket,
            ask=ask,
            refund_id=made[0].claim_id,
            amount=event.amount,
            due_at=max(each.due_at for each in made),
        )
    )


def on_resend_asked(work: Work, event: ResendAsked, message: Message) -> None:
    """Ask the customer about the parcel that does not arrive; or say why not."""
    assert event.order_number is not None, "asked only for an order that is proven"
    order = work.orders.get(event.order_number, lock=True)
    number, ticket, ask = order.order_number, event.ticket_number, event.ask
    try:
        remedy = _question(work, order, ticket)
    except ServiceError as refusal:  # nothing is written before the last refusal
        work.journal.record(GoodwillRefused(order_number=number, ticket_number=ticket, ask=ask, why=refusal.message))
        return
    work.journal.record(ResendOffered(order_number=number, ticket_number=ticket, ask=ask, remedy_id=remedy.remedy_id))


def _question(work: Work, order: Order, ticket: str) -> Remedy:
    """Return the question that the customer is asked, a new one if there is none. Raise what refuses it."""
    waiting = [each for each in work.fulfillments.of_order(order.order_number) if each.is_on_its_way]
    if len(waiting) != 1:
        raise ShipmentNotSent(ONE_PARCEL)
    asked = remedies.questions_of_shipment(work, waiting[0])
    known = next((each for each in asked if each.status is RemedyStatus.AWAITING_CUSTOMER), None)
    wanted = OpenRemedy(waiting[0].shipment_number, RemedyReason.NOT_RECEIVED, f"complaint {ticket}")
    return known or remedies.ask_customer(work, order, wanted)


def _objection(work: Work, order: Order, event: GoodwillAsked) -> tuple[str | None, bool]:
    """Return why it is not paid, if so, and whether a second person can help."""
    account = accounts.account_of(work, order, refunds.payments_of(work, order))
    why = goodwill.objection(event.amount, order, account)
    if why is not None:
        return why, False
    made = work.payments.refunds_of(order.order_number)
    given = Money.total(each.amount for each in made if each.cause is RefundCause.GOODWILL)
    alone = work.settings.alone
    if goodwill.needs_second_person(event.amount, given, alone, event.by, event.agreed_by):
        return SECOND, True
    return None, False
