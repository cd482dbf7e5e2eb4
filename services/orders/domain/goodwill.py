"""Money that a customer gets back for a complaint: out of what the order was paid with, and no more. Pure.

It is our own money, like the postage of a return: what the order is worth stays as it is.
"""

from __future__ import annotations

from services.common.basics.caller import is_same_person
from services.common.basics.money import Money
from services.orders.api import OrderStatus
from services.orders.domain.account import LIVE, Account
from services.orders.domain.order import Order


def objection(amount: Money, order: Order, account: Account) -> str | None:
    """Return why an amount cannot be paid back for a complaint, in words for staff; None if it can."""
    if order.status not in LIVE:
        shown = "not paid yet" if order.status is OrderStatus.AWAITING_PAYMENT else order.status.value
        return f"the order is {shown}, so that nothing of it can be paid back for a complaint"
    if account.held or account.contested:
        return "money of this order is in front of a person: settle that first"
    if amount > account.available:
        return f"{amount} USD are asked for, and {account.available} USD of what was paid are left"
    return None


def needs_second_person(amount: Money, given: Money, alone: Money, by: str, agreed_by: str | None) -> bool:
    """Return whether one person alone decided about more than one may.

    given: what was paid back for complaints about the order before. alone: what one person may decide about.
    """
    return given + amount > alone and (agreed_by is None or is_same_person(by, agreed_by))
