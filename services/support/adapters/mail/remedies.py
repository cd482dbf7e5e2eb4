"""Mails about parcels that do not arrive, and what the customer chooses (standard, section 3)."""

from __future__ import annotations

from datetime import datetime

from services.common.commitments import in_words
from services.logistics.api.terms import DISPATCH, TERMS
from services.orders.api.events import RemedyAccepted, RemedyClosed, RemedyOvertaken, RemedyRequested
from services.support.adapters.mail.letter import Mail, when
from services.support.domain import Link

_CHOSEN = {"resend": "that we send the goods again", "refund": "to be paid back"}


def _about(number: str, subject: str, what: str, next_step: str, link: Link = Link.ORDER) -> Mail:
    return Mail(f"{subject} · {number}", what, next_step, f"Your order: {number}", link)


def remedy_requested(event: RemedyRequested, zone: str | None) -> Mail:
    options = "".join(f"\n  - {option.label}" for option in event.options)
    return _about(
        event.order_number,
        "Please choose what we do about your parcel",
        f"{event.summary}\n\nYou may choose:{options}\n\nNothing is decided before you choose.",
        "please choose on the page of your order. We do exactly what you choose.",
    )


def remedy_accepted(event: RemedyAccepted, zone: str | None) -> Mail:
    subject = "Your decision has been recorded"
    if event.option == "resend":
        return _about(
            event.order_number,
            subject,
            "you chose that we send the goods again, free of charge.",
            f"we hand them over to the carrier within {in_words(TERMS[DISPATCH])}, and tell you when they leave.",
        )
    if event.option == "refund":
        return _about(
            event.order_number,
            subject,
            f"you chose to be paid back. {event.refund} USD go back to your original means of payment.",
            "we tell you when the refund has settled.",
        )
    later = f" by {when(event.ask_again_at, zone)}" if event.ask_again_at else ""
    return _about(
        event.order_number,
        subject,
        "you chose to wait for the parcel; thank you for your patience.",
        f"if the parcel does not come, we ask you again{later}.",
    )


def remedy_closed(event: RemedyClosed, zone: str | None) -> Mail:
    return _about(
        event.order_number,
        "Your parcel has turned up",
        "the parcel about which we had written to you has turned up.",
        "you need not choose any more. You can follow the parcel on the page of your order.",
    )


def remedy_overtaken(event: RemedyOvertaken, zone: str | None, news_by: datetime) -> Mail:
    where = "has been delivered after all" if event.parcel_status == "delivered" else "has turned up after all"
    chosen = _CHOSEN.get(event.option, "what we should do")
    return _about(
        event.order_number,
        "The parcel that was missing has turned up",
        f"the parcel that did not arrive {where}. Before that, you had chosen {chosen}; that stays as it is.",
        f"we write to you with news by {when(news_by, zone)}. You need do nothing unless we ask you.",
        Link.TICKET,
    )
