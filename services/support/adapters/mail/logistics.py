"""Mails about parcels on their way (standard, section 3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from services.common.language import N_, day_in_words
from services.logistics.api.events import (
    DeliveryTakenBack,
    ParcelDelivered,
    ParcelEvent,
    ParcelException,
    ParcelFactsTold,
    ParcelStuck,
    RecallRefused,
    ShipmentDispatched,
    TrackingUpdated,
)
from services.logistics.api.parts import HandedOver, PickUp, Rest
from services.orders.api.terms import REMEDY, RETURN_DAYS
from services.orders.api.terms import TERMS as ORDERS_TERMS
from services.support.adapters.mail.letter import Mail, for_customers, when
from services.support.adapters.mail.words import _, in_words
from services.support.domain import Link

KEY_STATUSES: Mapping[str, tuple[str, str, str]] = {
    "customs_hold": (
        N_("Your parcel is held by customs"),
        N_("your parcel is being held by customs. This is not unusual."),
        N_("you need pay nothing: all duties and fees are ours to pay."),
    ),
    "out_for_delivery": (
        N_("Your parcel is out for delivery"),
        N_("the carrier has your parcel on board and is on the way to you."),
        N_("if the carrier reports that it could not be handed over, we tell you."),
    ),
    "available_for_pickup": (
        N_("Your parcel can be picked up"),
        N_("your parcel is ready for you to pick up."),
        N_(
            "please fetch it from the carrier's counter. The carrier says where, and until when: ask it for the "
            "tracking number."
        ),
    ),
    "attempt_failed": (
        N_("Your parcel could not be handed over"),
        N_("the carrier came and could not hand over your parcel."),
        N_(
            "the carrier usually tries again. If the address needs a correction, please write to us on our Contact Us "
            "page."
        ),
    ),
    "delivered": (
        N_("Your parcel has been delivered"),
        N_("the carrier tells us that your parcel has been delivered. We hope that you enjoy what you bought."),
        N_(
            "if anything is wrong with it, write to us on our Contact Us page, or ask on the page of your order to "
            "return it; you have {days} days for that."
        ),
    ),
}
"""What a customer is told, at most once for each parcel: subject, what happened, what happens next."""

_CARRIERS = {
    "ups": "UPS",
    "usps": "USPS",
    "fedex": "FedEx",
    "dhl": "DHL",
    "dhlexpress": "DHL Express",
    "dhlecommerce": "DHL eCommerce",
    "dpd": "DPD",
    "gls": "GLS",
    "royalmail": "Royal Mail",
    "canadapost": "Canada Post",
    "australiapost": "Australia Post",
    "evri": "Evri",
    "yunexpress": "YunExpress",
    "4px": "4PX",
    "chinapost": "China Post",
    "sfexpress": "SF Express",
}
"""Carriers by the code that logistics keeps; whatever else stands there is a source of tracking data, no carrier."""

_TROUBLE = {
    "late": N_("it has not arrived in the time that we promised"),
    "lost": N_("the carrier can no longer find it"),
    "returning": N_("the carrier is bringing it back to us"),
    "returned": N_("the carrier has brought it back to us"),
    "cancelled": N_("the carrier has cancelled it"),
    "refused": N_("the carrier reports that it was not accepted at your address"),
    "delivered_before_hand_over": N_("the carrier says that it was delivered before we handed it over"),
}
_LINK = re.compile(r"://|@|[^\W_]\.[^\W\d_]{2}")
_PROBLEM = N_("the carrier reports a problem with it")
_GONE = frozenset({"lost", "returning", "returned", "cancelled"})
"""Statuses of a parcel that will not arrive: orders asks the customer, within its promise, what we shall do."""


def _about(number: str, subject: str, what: str, next_step: str, link: Link = Link.ORDER) -> Mail:
    return Mail(f"{subject} · {number}", what, next_step, _("Your order: {number}", number=number), link)


def _about_parcel(event: ParcelEvent, subject: str, what: str, next_step: str, link: Link = Link.ORDER) -> Mail:
    tracking = _("Tracking number: {number}", number=event.tracking_number)
    return _about(event.order_number, subject, f"{what}\n\n{tracking}", next_step, link)


@for_customers
def shipment_dispatched(event: ShipmentDispatched, zone: str | None) -> Mail:
    several, rest = len(event.parcels) > 1 or event.rest is not None, event.rest
    parcels = "".join(
        f"\n  - {_carried(each.carrier)}{each.tracking_number}" + (_held(each) if several else "")
        for each in event.parcels
    )
    by = when(event.promise.due_at, event.zone or zone)  # the page of the order says it so, too
    if rest is None:
        subject = _("Your order is on its way")
        handed_over = _(
            "your order has been handed over to the carrier. It reaches you by {date} at the latest.", date=by
        )
    else:
        subject = _("A part of your order is on its way")
        handed_over = _(
            "a part of your order has been handed over to the carrier. It reaches you by {date} at the latest.", date=by
        )
    follows = "" if rest is None else f"\n\n{_follows(rest, event.dispatched_at, zone)}"
    return _about(
        event.order_number,
        subject,
        f"{handed_over}\n\n{_('Parcels and tracking numbers:')}{parcels}{follows}",
        _("you can follow each step on the page of your order. Freight, duties and fees are paid by us."),
    )


def _follows(rest: Rest, now: datetime, zone: str | None) -> str:
    """Say what follows, and until when it leaves: the clock of the whole runs on for it."""
    pieces = "".join(f"\n  - {line.quantity} × {line.title}" for line in rest.lines)
    if rest.due_at <= now:
        late = _(
            "The rest follows. It leaves later than we promised, and we are sorry. We write to you when it leaves."
        )
        return f"{late}{pieces}"
    leaves = _(
        "The rest follows. It leaves our warehouse by {date} at the latest, and we write to you when it does:",
        date=when(rest.due_at, zone),
    )
    return f"{leaves}{pieces}"


@for_customers
def key_status(event: TrackingUpdated, zone: str | None) -> Mail:
    return _told(event, event.status) if event.pick_up is None else _waits(event, event.pick_up)


@for_customers
def parcel_facts_told(event: ParcelFactsTold, zone: str | None) -> Mail:
    return _waits(event, event.pick_up or PickUp())


def _waits(event: ParcelEvent, at: PickUp) -> Mail:
    """Say where a parcel waits, in the carrier's words. Words that a mail program would make a link of are left out."""
    until = day_in_words(at.until) if at.until else None
    place = ", ".join(filter(None, map(_harmless, (at.name, at.address))))
    hours, note = _harmless(at.hours), _harmless(at.note)
    said = [
        _("Where: {place}", place=place) if place else _("Where: see the page of your order"),
        *([_("Kept until: {day}", day=until)] if until else []),
        *([_("Open: {hours}", hours=hours)] if hours else []),
        *([_("The carrier adds: {note}", note=note)] if note else []),
    ]
    lines = "\n".join(f"  - {line}" for line in said)
    return _about_parcel(
        event,
        _("Your parcel can be picked up"),
        f"{_('your parcel waits for you to pick it up. The carrier says:')}\n\n{lines}",
        _("please fetch it there while it is kept, and take along the tracking number and proof of who you are.")
        if until
        else _("please fetch it there soon: the carrier did not say how long it is kept. Take along its number."),
    )


@for_customers
def parcel_delivered(event: ParcelDelivered, zone: str | None) -> Mail:
    return _told(event, "delivered")


def _told(event: ParcelEvent, status: str) -> Mail:
    subject, what, following = KEY_STATUSES[status]
    return _about_parcel(event, _(subject), _(what), _(following, days=RETURN_DAYS))


@for_customers
def delivery_taken_back(event: DeliveryTakenBack, zone: str | None, news_by: datetime) -> Mail:
    return _about_parcel(
        event,
        _("Your parcel was not delivered after all"),
        _(
            "we told you that your parcel was delivered on {date}. We know now that this was not so. We are sorry.",
            date=when(event.delivered_at, zone),
        ),
        _(
            "we write to you with news by {date}. The {days} days for a return do not run before it has really been "
            "delivered. If you do have it, please answer here.",
            date=when(news_by, zone),
            days=RETURN_DAYS,
        ),
        Link.TICKET,
    )


@for_customers
def parcel_exception(event: ParcelException, zone: str | None, news_by: datetime) -> Mail:
    what = _TROUBLE.get(event.reason) or _TROUBLE.get(event.status) or _PROBLEM
    asked = _(
        "within {time} we ask you what we shall do: send it again, pay it back, or wait.",
        time=in_words(ORDERS_TERMS[REMEDY]),
    )
    return _about_parcel(
        event,
        _("Something went wrong with your parcel"),
        _("about your parcel we have news that we would rather not have: {what}. We are sorry.", what=_(what)),
        asked if is_gone(event) else news_follows(news_by, zone),
        Link.TICKET,
    )


def news_follows(news_by: datetime, zone: str | None) -> str:
    return _(
        "we write to you with news by {date}. You need do nothing unless we ask you.",
        date=when(news_by, zone),
    )


def is_gone(event: ParcelException) -> bool:
    """Return whether the parcel will not arrive, so that the customer is asked what to do."""
    return event.reason == "refused" or event.status in _GONE


@for_customers
def parcel_stuck(event: ParcelStuck, zone: str | None, news_by: datetime) -> Mail:
    what = (
        _(
            "we noticed that your parcel has not moved since {date}. We are sorry for the wait.",
            date=when(event.last_event_at, zone),
        )
        if event.last_event_at
        else _("we noticed that your parcel has not moved. We are sorry for the wait.")
    )
    return _about_parcel(
        event,
        _("Your parcel has not moved for some time"),
        what,
        _("we write to you with news by {date}.", date=when(news_by, zone)),
        Link.TICKET,
    )


@for_customers
def recall_refused(event: RecallRefused, zone: str | None) -> Mail:
    match event.cause:
        case "cancellation":
            what = _("we tried to stop your parcel to cancel it, as you wished, but it had already left our warehouse.")
        case "exchange":
            what = _(
                "we tried to stop the parcel that we send you in exchange, as you wished, but it had already left our "
                "warehouse. Nothing is paid back for it, since you get the goods."
            )
        case _other:
            what = _("we tried to stop your parcel to change it, as you wished, but it had already left our warehouse.")
    return _about(
        event.order_number,
        _("Your parcel had already left"),
        what,
        _(
            "when it has arrived, you can ask for a return on the page of your order, within {days} days of the "
            "delivery; you get back what you paid for what you return. Answer us if you would like our help with that.",
            days=RETURN_DAYS,
        ),
        Link.TICKET,
    )


def _harmless(text: str | None) -> str | None:
    return None if text is None or _LINK.search(text) else text


def _held(parcel: HandedOver) -> str:
    """Return what is in one of several parcels, or "" if that is not known."""
    pieces = ", ".join(f"{line.quantity} × {line.title}" for line in parcel.lines or ())
    return f" ({pieces})" if pieces else ""


def _carried(carrier: str) -> str:
    """Return the carrier's name with a colon, or "" if the name is not known."""
    code = "".join(filter(str.isalnum, carrier.casefold()))
    return f"{_CARRIERS[code]}: " if code in _CARRIERS else ""
