"""Refunds for complaints: support asks, orders decides by its own facts and pays (standard, sections 4 and 6).

The refund is one like every other: from the order's payments to the account they came from, with its clock, counted by
the day's ceiling, which neither of the two people lets it go beyond.
"""

from __future__ import annotations

from services.common.basics.message import Message
from services.common.basics.money import Money
from services.orders.api import RefundCause
from services.orders.api.events import GoodwillGranted, GoodwillRefused
from services.orders.domain import Order, goodwill
from services.orders.handlers import accounts, refunds
from services.orders.repository import Work
from services.support.api.events import GoodwillAsked

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
