"""Mails about returns and what they bring back (standard, section 4)."""

from __future__ import annotations

from services.aftersales.api.events import (
    ReturnAuthorized,
    ReturnEvent,
    ReturnInfoRequested,
    ReturnInspected,
    ReturnReceived,
    ReturnRefunded,
    ReturnRejected,
    ReturnRequested,
)
from services.aftersales.api.terms import REFUND, RETURN_REVIEW, TERMS, VERIFICATION
from services.common.commitments import in_words
from services.support.adapters.mail.letter import Mail, when
from services.support.adapters.mail.postal import block
from services.support.domain import Link


def _about(event: ReturnEvent, subject: str, what: str, next_step: str) -> Mail:
    number = event.return_number
    case = f"Your return: {number}\nYour order: {event.order_number}"
    return Mail(f"{subject} · {number}", what, next_step, case, Link.ORDER)


def return_requested(event: ReturnRequested, zone: str | None) -> Mail:
    return _about(
        event,
        "We have received your return request",
        "we have received your request to return goods.",
        f"our after-sales team reviews it within {in_words(TERMS[RETURN_REVIEW])} and writes to you.",
    )


def return_info_requested(event: ReturnInfoRequested, zone: str | None) -> Mail:
    return _about(
        event,
        "We have a question about your return",
        f"to decide about your return we need to know one thing more:\n\n{event.question}",
        "please answer through the Contact Us page and name the number of the return; the time until then does not "
        "count against you.",
    )


def return_authorized(event: ReturnAuthorized, zone: str | None) -> Mail:
    address = block(event.instructions)
    return _about(
        event,
        "Your return is accepted: how to send it",
        f"your return is accepted. Please send the goods to:\n\n{address}",
        f"send the parcel by {when(event.send_by, zone)} and write the number of the return on it. We check the goods "
        f"within {in_words(TERMS[VERIFICATION])} of their arrival.",
    )


def return_rejected(event: ReturnRejected, zone: str | None) -> Mail:
    if event.final:
        return _about(
            event,
            "Our decision about your appeal",
            f"somebody else has looked at your return again, and we cannot accept it:\n\n{event.explanation}",
            "this decision ends our review. If you see it otherwise, complain through the Contact Us page; a person "
            "answers you.",
        )
    return _about(
        event,
        "Our decision about your return",
        f"two colleagues have looked at your request, and we cannot accept it:\n\n{event.explanation}",
        "if you see it otherwise, you may object: write to us through the Contact Us page and name the number of the "
        "return. Somebody else then decides.",
    )


def return_received(event: ReturnReceived, zone: str | None) -> Mail:
    return _about(
        event,
        "Your return has arrived",
        "the goods you sent back have arrived.",
        f"we check them within {in_words(TERMS[VERIFICATION])}, and tell you what we found.",
    )


def return_inspected(event: ReturnInspected, zone: str | None) -> Mail:
    accepted, disputed = event.accepted, event.disputed
    what = f"we have checked your return: {accepted} accepted"
    what += f", {disputed} in dispute." if disputed else "."
    within = in_words(TERMS[REFUND])
    pay = f"{event.refund} USD go back to your original means of payment within {within}." if event.refund else ""
    dispute = "You find what is in dispute on the page of your order." if disputed else ""
    return _about(event, "Your return has been checked", what, f"{pay} {dispute}".strip() or "you need do nothing.")


def return_refunded(event: ReturnRefunded, zone: str | None) -> Mail:
    return _about(
        event,
        "Your return is settled",
        f"the refund of {event.amount} USD for your return has been paid back to your original means of payment.",
        "depending on your bank it may take a few days until you see it. You need do nothing.",
    )
