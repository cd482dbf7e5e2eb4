"""Mails about parcels that do not arrive, and what the customer chooses (standard, section 3)."""

from __future__ import annotations

from datetime import datetime

from services.logistics.api.terms import DISPATCH, TERMS
from services.orders.api.events import RemedyAccepted, RemedyClosed, RemedyOvertaken, RemedyRequested
from services.support.adapters.mail.letter import Mail, for_customers, when
from services.support.adapters.mail.logistics import news_follows
from services.support.adapters.mail.words import _, in_words, money
from services.support.domain import Link


def _about(number: str, subject: str, what: str, next_step: str, link: Link = Link.ORDER) -> Mail:
    return Mail(f"{subject} · {number}", what, next_step, _("Your order: {number}", number=number), link)


@for_customers
def remedy_requested(event: RemedyRequested, zone: str | None) -> Mail:
    options = "".join(f"\n  - {option.label}" for option in event.options)
    choose, nothing = _("You may choose:"), _("Nothing is decided before you choose.")
    return _about(
        event.order_number,
        _("Please choose what we do about your parcel"),
        f"{event.summary}\n\n{choose}{options}\n\n{nothing}",
        _("please choose on the page of your order. We do exactly what you choose."),
    )


@for_customers
def remedy_accepted(event: RemedyAccepted, zone: str | None) -> Mail:
    subject = _("Your decision has been recorded")
    if event.option == "resend":
        return _about(
            event.order_number,
            subject,
            _("you chose that we send the goods again, free of charge."),
            _(
                "we hand them over to the carrier within {time}, and tell you when they leave.",
                time=in_words(TERMS[DISPATCH]),
            ),
        )
    if event.option == "refund":
        return _about(
            event.order_number,
            subject,
            _(
                "you chose to be paid back. {amount} go back to your original means of payment.",
                amount=money(event.refund),
            ),
            _("we tell you when the refund has settled."),
        )
    later = (
        _("if the parcel does not come, we ask you again by {date}.", date=when(event.ask_again_at, zone))
        if event.ask_again_at
        else _("if the parcel does not come, we ask you again.")
    )
    what = _("you chose to wait for the parcel; thank you for your patience.")
    return _about(event.order_number, subject, what, later)


@for_customers
def remedy_closed(event: RemedyClosed, zone: str | None) -> Mail:
    return _about(
        event.order_number,
        _("Your parcel has turned up"),
        _("the parcel about which we had written to you has turned up."),
        _("you need not choose any more. You can follow the parcel on the page of your order."),
    )


@for_customers
def remedy_overtaken(event: RemedyOvertaken, zone: str | None, news_by: datetime) -> Mail:
    where = (
        _("the parcel that did not arrive has been delivered after all.")
        if event.parcel_status == "delivered"
        else _("the parcel that did not arrive has turned up after all.")
    )
    match event.option:
        case "resend":
            chosen = _("Before that, you had chosen that we send the goods again; that stays as it is.")
        case "refund":
            chosen = _("Before that, you had chosen to be paid back; that stays as it is.")
        case _other:
            chosen = _("Before that, you had chosen what we should do; that stays as it is.")
    return _about(
        event.order_number,
        _("The parcel that was missing has turned up"),
        f"{where} {chosen}",
        news_follows(news_by, zone),
        Link.TICKET,
    )
