"""Mails about an order, its payment, its review and changes to it (standard, section 2)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from services.common.commitments import in_words
from services.logistics.api.terms import DISPATCH, TERMS
from services.orders.api.events import (
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
    RefundCeilingReached,
    RefundFailed,
    RefundSettled,
    ReviewNeedsContact,
    ReviewPassed,
)
from services.orders.api.statuses import CeilingLevel, EditBarrier, RefundCause
from services.orders.api.terms import REFUND, REVIEW
from services.orders.api.terms import TERMS as PROMISES
from services.support.adapters.mail.letter import Mail, when
from services.support.adapters.mail.postal import GOES_TO, block
from services.support.domain import Link

_CHECKS = {
    "order_info": "the goods or amounts of your order",
    "payment": "your payment",
    "delivery": "your delivery address or phone number",
}
_CAUSES = {
    "return": "your return",
    "postage": "the postage of your return",
    "change": "the change of your order",
    "cancellation": "your cancelled order",
    "remedy": "what did not arrive",
    "goodwill": "your complaint",
    "payment": "what your order did not need of your payments",
}
_REFUND_BY = f"That takes {in_words(PROMISES[REFUND])}."


def _about(number: str, subject: str, what: str, next_step: str, link: Link = Link.ORDER) -> Mail:
    return Mail(f"{subject} · {number}", what, next_step, f"Your order: {number}", link)


def contents_of(event: OrderPlaced | ReviewPassed) -> str:
    """List what was bought, for how much, and where it goes."""
    lines = [f"  {line.quantity} × {line.title}, {line.unit_price} USD each" for line in event.lines]
    if isinstance(event, OrderPlaced):
        lines.append(f"  In all: {event.totals.total} USD")
    return "\n".join(lines) + f"{GOES_TO}{block(asdict(event.delivery))}"


def order_placed(event: OrderPlaced, zone: str | None) -> Mail:
    return _about(
        event.order_number,
        "We have received your order",
        f"thank you for your order.{_listed(contents_of(event))}\n\nShipping is free, and all duties and handling fees "
        "are borne by us.",
        "as soon as your payment has arrived, we check the order and tell you.",
    )


def payment_captured(event: PaymentCaptured, zone: str | None, contents: str | None = None) -> Mail:
    write = _CAPTURED.get(event.use)
    return write(event) if write else _paid(event, contents)


def _paid(event: PaymentCaptured, contents: str | None) -> Mail:
    more = f" {event.surplus} USD of it are more than your order costs." if event.surplus else ""
    back = f" What you paid too much goes back to your original means of payment. {_REFUND_BY}" if event.surplus else ""
    return _about(
        event.order_number,
        "Your payment has arrived",
        f"your payment of {_amount(event)} has arrived, thank you.{more}{_listed(contents)}",
        f"we check your order within {in_words(PROMISES[REVIEW])}.{back}",
    )


def _paid_again(event: PaymentCaptured) -> Mail:
    return _about(
        event.order_number,
        "Your payment has arrived",
        "your payment has arrived, thank you. Your order is paid in full again.",
        "we go on with your order where we had stopped.",
    )


def _paid_in_part(event: PaymentCaptured) -> Mail:
    return _about(
        event.order_number,
        "Part of your payment has arrived",
        f"{_amount(event)} of your payment have arrived; {event.missing} USD of what your order costs are missing. "
        "We cannot begin with your order yet.",
        "please pay the rest on the page of your order. If the order ends without it, what you paid goes back to "
        "your original means of payment, in full.",
    )


def _paid_too_much(event: PaymentCaptured) -> Mail:
    return _about(
        event.order_number,
        "A payment goes back to you",
        f"a payment of {_amount(event)} has arrived that your order does not need.",
        f"it goes back to your original means of payment, in full. {_REFUND_BY} You need do nothing.",
    )


def _paid_otherwise(event: PaymentCaptured) -> Mail:
    return _about(
        event.order_number,
        "We look into your payment",
        f"a payment of {_amount(event)} has arrived that we cannot use for your order as it is. It is yours until that "
        "is cleared up.",
        "a colleague looks into it. If your order still waits for its payment, you may pay it in USD on the page of "
        "your order.",
    )


def _amount(event: PaymentCaptured) -> str:
    return f"{event.amount.amount} {event.amount.currency}"


_CAPTURED = {"again": _paid_again, "part": _paid_in_part, "surplus": _paid_too_much, "attention": _paid_otherwise}


def payment_failed(event: PaymentFailed, zone: str | None, contents: str | None = None) -> Mail:
    return _about(
        event.order_number,
        "Your payment did not go through",
        f"your payment did not go through, and was not charged.{_listed(contents)}",
        "you may try to pay again on the page of your order. If that does not help, write to us on our Contact Us "
        "page.",
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
    if event.own:
        return _edit_not_done(event)
    return _about(
        event.order_number,
        "A change to your order is off the table",
        "the change that we asked you about is no longer open. Your order stays as it is.",
        "you need do nothing. If we have another question, we ask you again.",
    )


def _edit_not_done(event: ChangeClosed) -> Mail:
    """Write that the customer's own edit came too late: it is said as it is, and who can still help."""
    gone = event.because is EditBarrier.ALREADY_DISPATCHED
    why = "had left our warehouse already" if gone else "was packed already"
    help_ = "please write to us by the link below, and a person sees what can still be done."
    return _about(
        event.order_number,
        "We could not change your order",
        f"your parcel {why} when your change reached our warehouse, so nothing was changed and nothing is paid back. "
        "Your order stays as it was.",
        "when the parcel has come, you can send back what you do not want, free of charge. If it goes to a wrong "
        f"address, {help_}"
        if gone
        else f"if the change matters to you, {help_}",
    )


def _edited(event: OrderChanged) -> Mail:
    """Write what the customer has changed, to the address that no edit can change: it may not have been them."""
    lines = "\n".join(f"  {line.quantity} × {line.title}" for line in event.lines)
    back = f"\n\n{event.refund} USD go back to your original means of payment. {_REFUND_BY}" if event.refund else ""
    return _about(
        event.order_number,
        "You have changed your order",
        f"your order has been changed as you wished. This is your order now:\n\n{lines}{GOES_TO}"
        f"{block(asdict(event.delivery))}{back}",
        "we go on with your order. Was it not you who changed it? Then please write to us at once, by the link below.",
    )


def order_changed(event: OrderChanged, zone: str | None) -> Mail:
    if event.own:
        return _edited(event)
    lines = "".join(f"\n  - {line.quantity} × {line.title}" for line in event.lines)
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
    back = f" {event.refund} USD go back to your original means of payment, in full." if event.refund else ""
    ends = "we tell you when the refund has settled." if event.refund else "you need do nothing."
    if event.waits and event.waits < event.refund:
        back = (
            f" {event.refund - event.waits} USD go back to your original means of payment now. Your bank is looking "
            f"into the other {event.waits} USD, so we send those back only when that is decided."
        )
        ends = "a colleague follows it, and sees to it that you get back what is yours."
    elif event.held:
        back = " Your bank is looking into what you paid for it, so we send nothing back until that is decided."
        ends = "a colleague follows it, and sees to it that you get back what is yours."
    return _about(event.order_number, "Your order is cancelled", f"your order is cancelled as you asked.{back}", ends)


def order_expired(event: OrderExpired, zone: str | None) -> Mail:
    return _about(
        event.order_number,
        "Your order was not paid",
        "your order was not paid in full in time, so it is closed. Nothing is kept for it.",
        "if you had paid a part, it goes back to your original means of payment, in full. You need do nothing; you are "
        "welcome to order again.",
    )


def refund_settled(event: RefundSettled, zone: str | None) -> Mail:
    if event.cause is RefundCause.CHARGEBACK:
        return _about(
            event.order_number,
            "Your bank has decided about your payment",
            f"your bank had asked for money of your order back; {event.amount} USD of it are yours, it has decided.",
            "it is your bank that pays them out. If that is not what you wanted, please write to us on our Contact Us "
            "page.",
        )
    return _about(
        event.order_number,
        "Your refund has been paid",
        f"{event.amount} USD for {_CAUSES.get(event.cause, 'your order')} have been paid back to your original "
        "means of payment.",
        "depending on your bank it may take a few days until you see it. You need do nothing.",
    )


def refund_failed(event: RefundFailed, zone: str | None, news_by: datetime) -> Mail:
    what = f"our refund of {event.amount} USD for {_CAUSES.get(event.cause, 'your order')}"
    back = "The bank has taken that back: the money did not arrive. We still owe it"
    told = (
        f"we told you that {what} had been paid. {back}"
        if event.after_settled
        else f"the bank has not paid {what} as it should. The money is still yours"
    )
    return _about(
        event.order_number,
        "Your refund is delayed",
        f"{told}; we are sorry for the delay.",
        f"we write to you with news by {when(news_by, zone)}. "
        f"{'A colleague looks after it' if event.manual else 'We send it again'} meanwhile.",
        Link.TICKET,
    )


def _listed(contents: str | None) -> str:
    return f"\n\n{contents}" if contents else ""


def refund_needs_person(event: RefundFailed) -> Mail:
    """Write the mail to the lead: the bank has refused a refund for good."""
    number = event.order_number
    return Mail(
        f"Refund needs a person · {event.refund_id}",
        f"the bank has refused the refund {event.refund_id} of {event.amount} USD to the end "
        f"({event.reason or 'no reason given'}); it is not tried again by itself. The customer knows of the delay.",
        "please look at it in the queue, GET /v1/refunds?status=manual. Try again with POST /v1/refunds/{id}/retry. If "
        "you paid it by hand, to the original account, record that with proof at POST /v1/refunds/{id}/paid; a second "
        "person confirms it there, and the customer is told.",
        f"Order: {number}",
        Link.DESK,
    )


def refund_came_back(event: RefundFailed) -> Mail:
    """Write the mail to the lead: a settled refund came back."""
    return Mail(
        f"Refund came back after it was settled · {event.refund_id}",
        f"the bank had paid the refund {event.refund_id} of {event.amount} USD, and has taken that back now "
        f"({event.reason or 'no reason given'}). It is owed again, and the customer has been told.",
        "it is sent again by itself; you need do nothing unless that fails too. It is in the queue, GET /v1/refunds.",
        f"Order: {event.order_number}",
        Link.DESK,
    )


def refund_ceiling_reached(event: RefundCeilingReached) -> Mail:
    """Write the mail to leads and admins: so much was paid back today."""
    day = event.ledger.removeprefix("PAYOUTS-").rpartition("-")[0]
    if event.level is CeilingLevel.ALARM:
        return Mail(
            f"Much was paid back today · {day}",
            f"refunds of {event.total} USD have been sent on {day}; you are told from {event.alarm} USD on. Beyond "
            f"{event.stop} USD refunds wait for a person.",
            "please see whether they are what you expect, GET /v1/refunds. You need do nothing if they are.",
            f"Day: {day}",
            Link.DESK,
        )
    return Mail(
        f"Refunds wait for a person · {day}",
        f"refunds of {event.total} USD have been sent on {day}, and the next one would go beyond {event.stop} USD. It "
        "waits, and so does each further one that does not fit. The customers' refund clocks run on.",
        "please look at what waits, GET /v1/payments/attention. If it is right, an admin who has not asked for it "
        "raises the ceiling for the day with POST /v1/refunds/ceiling, or releases a single refund with POST "
        "/v1/payments/{id}/settle, decision `release`.",
        f"Day: {day}",
        Link.DESK,
    )
