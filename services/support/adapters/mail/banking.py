"""Mails to leads about money at banks: what does not match, what is disputed, and books that cannot be read."""

from __future__ import annotations

from services.orders.api.events import (
    BooksUnread,
    DisputeDecided,
    PaymentNeedsAttention,
    RefundCeilingReached,
    RefundFailed,
    UnknownPaymentFound,
)
from services.orders.api.statuses import CeilingLevel, DisputeStatus
from services.support.adapters.mail.letter import Mail, when
from services.support.domain import Link


def payment_needs_person(event: PaymentNeedsAttention) -> Mail:
    """Write the mail to the lead: money waits for a decision."""
    number, received = event.order_number, event.amount
    due = f" It is due at {when(event.due_at)}." if event.due_at else ""
    return Mail(
        f"Payment needs a person · {event.payment_id}",
        f"{received.amount} {received.currency} wait for you ({event.kind.replace('_', ' ')}): {event.reason}.",
        f"please look at the case, GET /v1/payments/attention, and {_DECIDE.get(event.kind, _SETTLE)}.{due}",
        f"Order: {number}",
        Link.DESK,
    )


def dispute_decided(event: DisputeDecided) -> Mail:
    """Write the mail to the leads: the bank has decided about a dispute."""
    amount, won = f"{event.amount.amount} {event.amount.currency}", event.outcome is DisputeStatus.WON
    turned = event.before in (DisputeStatus.WON, DisputeStatus.LOST)
    begin = "the bank has changed its decision: the dispute" if turned else "the dispute"
    means = (
        "The money is ours: the order keeps it, and what waited for it goes on"
        if won
        else "The customer has the money: what we owed them counts as paid with it, and the rest is our loss"
    )
    return Mail(
        f"Dispute {event.outcome} · {event.payment_id}",
        f"{begin} about {amount} of the payment {event.payment_id} is {event.outcome}. {means}.",
        "you need do nothing. If the order is confirmed and not paid any more, that is a case of its own on the page "
        "Money.",
        f"Order: {event.order_number}",
        Link.DESK,
    )


def books_unread(event: BooksUnread) -> Mail:
    """Write the mail to leads and admins: the books of a provider cannot be read."""
    last = f"They agreed last at {when(event.compared_at)}." if event.compared_at else "They were never compared."
    return Mail(
        f"The books of {event.provider} cannot be compared",
        f"the books of the provider {event.provider} could not be read for half an hour: {event.problem}. {last}",
        "it is tried again by itself, at least once an hour. Please see whether the provider has an outage, or whether "
        "its key was changed; GET /v1/payments/books shows how it stands.",
        "",
        Link.DESK,
    )


def unknown_payment(event: UnknownPaymentFound) -> Mail:
    """Write the mail to the lead: a provider reports money that belongs to no order of ours."""
    received = event.amount
    return Mail(
        f"Payment needs a person · {event.payment_id}",
        f"{received.amount} {received.currency} wait for you (no order of ours): {event.reason}.",
        f"please find out whose it is, and record what you did about it with {_SETTLE_AT}, decision `returned` or "
        "`noted`. The case is listed by GET /v1/payments/attention.",
        "",
        Link.DESK,
    )


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


_SETTLE_AT = "POST /v1/payments/{id}/settle"
_SETTLE = "decide with POST /v1/payments/{id}/settle"
_DECIDE = {
    "other_currency": "have the money sent back at the payment provider; then record it with POST "
    "/v1/payments/{id}/settle, decision `returned`, and tell the customer",
    "shortfall": "leave it open while the customer may pay the rest, or send back what arrived with POST "
    "/v1/payments/{id}/settle, decision `send_back`",
    "dispute": "send the bank the evidence file, which the desk makes on its page Money (GET /v1/disputes); "
    "record there that you did. What it disputes is not paid back, and nothing of the order leaves, until the bank "
    "has decided. It tells us that itself; what it tells only you, record with POST /v1/payments/{id}/settle, decision "
    "`won` or `lost`",
    "books_differ": "compare the order with the provider's own pages. If only its report was lost, the case ends by "
    "itself once that comes; else put it right there, and record what you found with POST /v1/payments/{id}/settle, "
    "decision `noted`",
    "bank_refund": "find out what it was for. No refund of the order is sent until you say so with POST "
    "/v1/payments/{id}/settle, decision `noted` or `covers_owed`",
    "claim_refused": "find out whether the goods came back. Nothing is paid until you decide with POST "
    "/v1/payments/{id}/settle, decision `pay` or `refuse`; a delivery that is reported later pays it by itself",
    "refund_refused": "have the refund tried again with POST /v1/refunds/{id}/retry, or record how it was paid with "
    "POST /v1/refunds/{id}/paid",
}
"""By kind: what a lead can do about it."""
