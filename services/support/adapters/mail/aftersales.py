"""Mails about returns and what they bring back (standard, section 4)."""

from __future__ import annotations

from collections.abc import Sized

from services.aftersales.api.events import (
    ReturnAuthorized,
    ReturnEvent,
    ReturnInfoRequested,
    ReturnInspected,
    ReturnPostageAsked,
    ReturnPostageDecided,
    ReturnReceived,
    ReturnRefunded,
    ReturnRejected,
    ReturnRequested,
    ReturnSentBack,
)
from services.aftersales.api.statuses import ClaimCause, PostageOutcome
from services.aftersales.api.terms import POSTAGE, REFUND, RETURN_REVIEW, SEND_BACK, TERMS, VERIFICATION
from services.common.commitments import in_words
from services.support.adapters.mail.letter import Mail, when
from services.support.adapters.mail.postal import block
from services.support.domain import Link


def _about(event: ReturnEvent, subject: str, what: str, next_step: str) -> Mail:
    number = event.return_number
    case = f"Your return: {number}\nYour order: {event.order_number}"
    return Mail(f"{subject} · {number}", what, next_step, case, Link.ORDER)


def return_requested(event: ReturnRequested, zone: str | None) -> Mail:
    if event.law is not None:
        return _about(
            event,
            "We have received your withdrawal",
            f"we have received your declaration that you withdraw from your purchase. It reached us on "
            f"{when(event.requested_at, zone)}.",
            "nobody has to approve it. How to send the goods stands in our next mail.",
        )
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
        "please answer on the page of your order. We go on when we have your answer.",
    )


def return_authorized(event: ReturnAuthorized, zone: str | None) -> Mail:
    address = block(event.instructions)
    return _about(
        event,
        "Your return is accepted: how to send it",
        f"your return is accepted. Please send the goods to:\n\n{address}",
        f"send the parcel by {when(event.send_by, zone)} and write the number of the return on it. We check the goods "
        f"within {in_words(TERMS[VERIFICATION])} of their arrival. Please keep the receipt for the postage: when the "
        "goods have arrived, you enter it on the page of your order, and we pay it back.",
    )


def return_rejected(event: ReturnRejected, zone: str | None) -> Mail:
    which = f"{_pieces(event.units)} of your return" if event.units else "your request"
    if event.final:
        goods = f" We hand the goods to a carrier within {in_words(TERMS[SEND_BACK])}." if event.goods_back else ""
        return _about(
            event,
            "Our final decision about your return",
            f"we cannot accept {which}, and this decision is final:\n\n{event.explanation}",
            f"you need do nothing.{goods}",
        )
    until = f" until {when(event.appeal_by, zone)}" if event.appeal_by else ""
    return _about(
        event,
        "Our decision about your return",
        f"two colleagues have looked at {which}, and we cannot accept it:\n\n{event.explanation}",
        f"if you see it otherwise, you may appeal on the page of your order{until}; somebody else then decides within "
        f"{in_words(TERMS[RETURN_REVIEW])}.",
    )


def return_sent_back(event: ReturnSentBack, zone: str | None) -> Mail:
    by = f" with {event.carrier}" if event.carrier else ""
    number = f", tracking number {event.tracking_number}" if event.tracking_number else ""
    return _about(
        event,
        "Your goods are on their way back to you",
        f"we have sent {_pieces(event.units)} of your return back to you{by}{number}.",
        "you need do nothing.",
    )


def _pieces(units: Sized) -> str:
    return "1 piece" if len(units) == 1 else f"{len(units)} pieces"


def return_received(event: ReturnReceived, zone: str | None) -> Mail:
    return _about(
        event,
        "Your return has arrived",
        "the goods you sent back have arrived.",
        f"we check them within {in_words(TERMS[VERIFICATION])}, and tell you what we found.",
    )


def return_inspected(event: ReturnInspected, zone: str | None) -> Mail:
    open_ = event.disputed + event.unconfirmed
    found = [f"{event.accepted} accepted"] if event.accepted else []
    found += [f"{open_} looked at once more"] if open_ else []
    within = in_words(TERMS[REFUND])
    pay = f"{event.refund} USD go back to your original means of payment within {within}." if event.refund else ""
    look = "A second colleague looks at what is not decided, and we write to you when it is." if open_ else ""
    return _about(
        event,
        "Your return has been checked",
        f"we have checked your return: {', '.join(found)}.",
        f"{pay} {look}".strip() or "you need do nothing.",
    )


def return_postage_asked(event: ReturnPostageAsked, zone: str | None) -> Mail:
    return _about(
        event,
        "We have received your receipt",
        f"we have received your receipt for the postage of your return: {event.amount} USD.",
        f"we look at it within {in_words(TERMS[POSTAGE])} and write to you.",
    )


def return_postage_decided(event: ReturnPostageDecided, zone: str | None) -> Mail:
    if event.outcome is PostageOutcome.ACCEPTED:
        return _about(
            event,
            "We pay your postage back",
            f"we pay back the postage of {event.amount} USD.",
            f"it takes {in_words(TERMS[REFUND])}. We pay it to your original means of payment, as far as money of your "
            "order is left there; for what is more, a colleague sees to it that you get it.",
        )
    return _about(
        event,
        "Our decision about your postage",
        f"two colleagues have looked at your receipt of {event.amount} USD, and we cannot pay it back:\n\n"
        f"{event.explanation}",
        "if you see it otherwise, please enter it once more on the page of your order, with what shows it.",
    )


def return_refunded(event: ReturnRefunded, zone: str | None) -> Mail:
    if event.pays is ClaimCause.POSTAGE:
        return _about(
            event,
            "Your postage is paid back",
            f"the postage of {event.amount} USD for your return has been paid back.",
            "depending on your bank it may take a few days until you see it. You need do nothing.",
        )
    return _about(
        event,
        "Your return is settled",
        f"the refund of {event.amount} USD for your return has been paid back to your original means of payment.",
        "depending on your bank it may take a few days until you see it. You need do nothing.",
    )
