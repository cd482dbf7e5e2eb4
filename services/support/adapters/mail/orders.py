"""Mails about an order, its payment, its review and changes to it (standard, section 2)."""

from __future__ import annotations

from datetime import datetime

from services.common.commitments import in_words
from services.logistics.api.terms import DISPATCH, TERMS
from services.orders.api.terms import REVIEW
from services.orders.api.terms import TERMS as PROMISES
from services.support.adapters.mail.letter import Mail, when
from services.support.adapters.mail.postal import block
from services.support.domain import Link
from services.support.heard import (
    BoughtLine,
    CancellationRequested,
    ChangeAccepted,
    ChangeClosed,
    ChangeDeclined,
    ChangeRequested,
    OrderCancelled,
    OrderChanged,
    OrderExpired,
    OrderPlaced,
    PaymentCaptured,
    PaymentFailed,
    PaymentNeedsAttention,
    RefundFailed,
    RefundSettled,
    ReviewNeedsContact,
    ReviewPassed,
)

_CHECKS = {
    "order_info": "the goods or amounts of your order",
    "payment": "your payment",
    "delivery": "your delivery address or phone number",
}
_CAUSES = {
    "return": "your return",
    "change": "the change of your order",
    "cancellation": "your cancelled order",
    "remedy": "what did not arrive",
}


def _about(number: str, subject: str, what: str, next_step: str, link: Link = Link.ORDER) -> Mail:
    return Mail(f"{subject} · {number}", what, next_step, f"Your order: {number}", link)


def contents_of(event: OrderPlaced | ReviewPassed) -> str:
    """What was bought, for how much, and where it goes; empty where an older release did not tell."""
    lines = [f"  {line.quantity} × {line.title or line.sku}{_price(line)}" for line in event.lines]
    if isinstance(event, OrderPlaced) and event.totals:
        lines.append(f"  In all: {event.totals.total} USD")
    address = f"\n\nIt goes to:\n\n{block(event.delivery)}" if event.delivery else ""
    return "\n".join(lines) + address if lines else ""


def order_placed(event: OrderPlaced, zone: str | None) -> Mail:
    return _about(
        event.order_number,
        "We have received your order",
        f"thank you for your order.{_listed(contents_of(event))}\n\nShipping is free, and all duties and handling fees "
        "are borne by us.",
        "as soon as your payment has arrived, we check the order and tell you.",
    )


def payment_captured(event: PaymentCaptured, zone: str | None, contents: str | None = None) -> Mail:
    paid = f"your payment of {event.amount.amount} {event.amount.currency}" if event.amount else "your payment"
    return _about(
        event.order_number,
        "Your payment has arrived",
        f"{paid} has arrived, thank you.{_listed(contents)}",
        f"we check your order within {in_words(PROMISES[REVIEW])}.",
    )


def payment_failed(event: PaymentFailed, zone: str | None, contents: str | None = None) -> Mail:
    return _about(
        event.order_number,
        "Your payment did not go through",
        f"your payment did not go through. Nothing was charged.{_listed(contents)}",
        "you may try to pay again where you ordered. If that does not help, write to us on our Contact Us page.",
    )


def review_passed(event: ReviewPassed, zone: str | None) -> Mail:
    return _about(
        event.order_number,
        "Your order is being prepared",
        "your order has been checked and everything is in order.",
        f"we sort, pack and hand it over to the carrier within {in_words(TERMS[DISPATCH])}, "
        "and tell you when it leaves.",
    )


def review_needs_contact(event: ReviewNeedsContact, zone: str | None) -> Mail:
    wrong = [_CHECKS.get(failed.check, "your order") for failed in event.failed] or ["your order"]
    return _about(
        event.order_number,
        "We have a question about your order",
        f"while checking your order we found something to clear up with you: {', '.join(dict.fromkeys(wrong))}. "
        "Your order stays as it is; nothing is changed or cancelled without you.",
        "please answer us through the link below; we go on when we hear from you.",
        Link.TICKET,
    )


def change_requested(event: ChangeRequested, zone: str | None) -> Mail:
    options = "".join(f"\n  - {option.label}" for option in event.options)
    if all(option.option != "wait" for option in event.options):
        options += "\n  - Leave the order as it is"
    return _about(
        event.order_number,
        "Please decide about a change to your order",
        f"{event.summary}\n\nYou may choose:{options}\n\n"
        "Your order changes only if you say so; if we do not hear from you, it stays as it is.",
        f"please choose on the page of your order. Please decide by {when(event.expires_at, zone)}.",
    )


def change_accepted(event: ChangeAccepted, zone: str | None) -> Mail:
    waits = event.option == "wait"
    return _about(
        event.order_number,
        "Your decision has been recorded",
        "you will wait; thank you for your patience. Your order stays as it is."
        if waits
        else "you agreed to the change of your order; thank you for deciding.",
        "we send it as soon as everything is there again."
        if waits
        else "we change the order exactly as you were shown, and confirm it.",
    )


def change_declined(event: ChangeDeclined, zone: str | None) -> Mail:
    return _about(
        event.order_number,
        "Your decision has been recorded",
        "you declined the change; your order stays as it is.",
        "you need do nothing. If we have another question, we ask you again.",
    )


def change_closed(event: ChangeClosed, zone: str | None) -> Mail:
    return _about(
        event.order_number,
        "A change to your order is off the table",
        "the change that we asked you about is no longer open. Your order stays as it is.",
        "you need do nothing. If we have another question, we ask you again.",
    )


def order_changed(event: OrderChanged, zone: str | None) -> Mail:
    lines = "".join(f"\n  - {line.quantity} × {line.title or line.sku}" for line in event.lines)
    back = f"{event.refund} USD go back to your original means of payment." if event.refund else ""
    remains = f" What remains:{lines}\n\n" if lines else "\n\n"
    return _about(
        event.order_number,
        "Your order has been changed as you decided",
        f"your order has been changed as you decided.{remains}{back}".strip(),
        "we go on with your order" + (" and tell you when the refund has settled." if event.refund else "."),
    )


def cancellation_requested(event: CancellationRequested, zone: str | None) -> Mail:
    return _about(
        event.order_number,
        "We have received your cancellation",
        "you asked us to cancel your order.",
        "we stop the parcel if it has not left yet, and tell you either way.",
    )


def order_cancelled(event: OrderCancelled, zone: str | None) -> Mail:
    if event.remedy_id is not None:
        return _about(
            event.order_number,
            "Your order is closed",
            f"nothing is left of your order: {event.refund} USD for what did not arrive go back to you, as you chose.",
            "we tell you when the refund has settled.",
        )
    return _about(
        event.order_number,
        "Your order is cancelled",
        "your order is cancelled as you asked."
        + (f" {event.refund} USD go back to your original means of payment, in full." if event.refund else ""),
        "we tell you when the refund has settled." if event.refund else "you need do nothing.",
    )


def order_expired(event: OrderExpired, zone: str | None) -> Mail:
    return _about(
        event.order_number,
        "Your order was not paid",
        "no payment has reached us, so the order is closed and nothing was charged.",
        "you need do nothing; you are welcome to order again.",
    )


def refund_settled(event: RefundSettled, zone: str | None) -> Mail:
    return _about(
        event.order_number,
        "Your refund has been paid",
        f"{event.amount} USD for {_CAUSES.get(event.cause, 'your order')} have been paid back to your original "
        "means of payment.",
        "depending on your bank it may take a few days until you see it. You need do nothing.",
    )


def refund_failed(event: RefundFailed, zone: str | None, news_by: datetime) -> Mail:
    return _about(
        event.order_number,
        "Your refund is delayed",
        f"the bank did not take our refund of {event.amount} USD for {_CAUSES.get(event.cause, 'your order')} "
        "yet. The money is still yours; we are sorry for the delay.",
        f"we write to you with news by {when(news_by, zone)}.",
        Link.TICKET,
    )


def _listed(contents: str | None) -> str:
    return f"\n\n{contents}" if contents else ""


def _price(line: BoughtLine) -> str:
    return f", {line.unit_price} USD each" if line.unit_price else ""


def refund_needs_person(event: RefundFailed) -> Mail:
    """For the lead of the team."""
    number = event.order_number
    return Mail(
        f"Refund needs a person · {event.refund_id}",
        f"the bank has refused the refund {event.refund_id} of {event.amount} USD to the end "
        f"({event.reason or 'no reason given'}); it is not tried again by itself.",
        "please pay it by hand and tell the customer. The customer knows that it is delayed.",
        f"Order: {number}",
        Link.DESK,
    )


def payment_needs_person(event: PaymentNeedsAttention) -> Mail:
    """For the lead of the team."""
    number, received = event.order_number, event.amount
    return Mail(
        f"Payment needs a person · {event.payment_id}",
        f"{received.amount} {received.currency} have arrived that the order does not need: {event.reason}. "
        "We cannot send them back by ourselves.",
        "please have the money sent back at the payment provider, and tell the customer.",
        f"Order: {number}",
        Link.DESK,
    )
