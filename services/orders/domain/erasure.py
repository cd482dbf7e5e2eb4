"""What is left of an order once its customer is erased, and what has to end before that. Pure.

What was bought, what it cost and what was paid back stays: it names no person. The record of a sale, which tax law
wants, is kept apart (`tables.kept_records`): who bought and where it went, without mailbox and phone, for
ten years from the end of the year of the sale (`api.terms`). That is the longest time that we know of for invoices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from services.common.basics.personal import CUSTOMER_ERASED, ERASED
from services.orders.api import AddressView, Consent, OrderStatus, RefundStatus
from services.orders.api.terms import SALES_RECORDS_KEPT
from services.orders.domain.attention import Attention
from services.orders.domain.change import Change, Option
from services.orders.domain.order import Order
from services.orders.domain.refund import Refund
from services.orders.domain.remedy import UNSETTLED, Remedy

IN_USE = frozenset({OrderStatus.AWAITING_PAYMENT, OrderStatus.CONFIRMED})


def kept_until(sold_at: datetime) -> datetime:
    """Return the first moment (UTC) at which the record of a sale of that moment may go."""
    return datetime(sold_at.astimezone(UTC).year + 1, 1, 1, tzinfo=UTC) + SALES_RECORDS_KEPT.span


def why_in_use(
    order: Order, refunds: Sequence[Refund], cases: Sequence[Attention], remedies: Sequence[Remedy]
) -> str | None:
    """Say why the customer of an order is still needed; None once all of it has ended."""
    if order.status in IN_USE or order.cancellation_open:
        return "it is not finished"
    if any(refund.status is not RefundStatus.SETTLED for refund in refunds):
        return "a refund of it is not paid yet"
    if cases:
        return "a payment of it is being looked into"
    if any(remedy.status in UNSETTLED for remedy in remedies):
        return "what to do about a parcel of it is not decided"
    return None


def forget_in_order(order: Order) -> None:
    """Overwrite who bought and where it went; language, time zone and country name no person."""
    country = order.delivery.country
    order.email, order.place_key, order.mailbox_key = ERASED, None, None
    order.contact = replace(order.contact, name=ERASED, email=ERASED, phone=ERASED)
    order.delivery = type(order.delivery)(name=ERASED, line1=ERASED, city=ERASED, postal_code=ERASED, country=country)
    order.cancellation = _without_name(order.cancellation)
    if order.cancellation_reason:
        order.cancellation_reason = ERASED


def forget_in_change(change: Change) -> None:
    """Overwrite who consented, and the address that a change is about."""
    change.consent, change.summary = _without_name(change.consent), ERASED
    change.options = tuple(_without_address(option) for option in change.options)
    change.proposed_by = _actor(change.proposed_by)


def forget_in_remedy(remedy: Remedy) -> None:
    """Overwrite who consented, and what staff wrote down of them."""
    remedy.consent, remedy.evidence, remedy.summary = _without_name(remedy.consent), ERASED, ERASED
    remedy.options = tuple(_without_address(option) for option in remedy.options)
    remedy.proposed_by = _actor(remedy.proposed_by)


def _without_name(consent: Consent | None) -> Consent | None:
    return None if consent is None else replace(consent, by=ERASED)


def _without_address(option: Option) -> Option:
    """Return an option without the address that it names, if it names one."""
    address = option.get("delivery")
    if not address:
        return option
    gone: AddressView = {
        "name": ERASED, "line1": ERASED, "city": ERASED, "postal_code": ERASED, "country": address["country"],
        "line2": "", "region": "",
    }  # fmt: skip
    return {**option, "delivery": gone, "label": ERASED}


def _actor(actor: str) -> str:
    return CUSTOMER_ERASED if actor.startswith("customer:") else actor
