"""Mails about parcels on their way (standard, section 3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from services.common.commitments import in_words
from services.logistics.api.events import (
    DeliveryTakenBack,
    ParcelDelivered,
    ParcelEvent,
    ParcelException,
    ParcelStuck,
    RecallRefused,
    ShipmentDispatched,
    TrackingUpdated,
)
from services.orders.api.terms import REMEDY, RETURN_DAYS
from services.orders.api.terms import TERMS as ORDERS_TERMS
from services.support.adapters.mail.letter import Mail, when
from services.support.domain import Link

KEY_STATUSES: Mapping[str, tuple[str, str, str]] = {
    "customs_hold": (
        "Your parcel is held by customs",
        "your parcel is being held by customs. This is not unusual.",
        "you need pay nothing: all duties and fees are ours to pay.",
    ),
    "out_for_delivery": (
        "Your parcel is out for delivery",
        "the carrier has your parcel on board and is on the way to you.",
        "if the carrier reports that it could not be handed over, we tell you.",
    ),
    "available_for_pickup": (
        "Your parcel can be picked up",
        "your parcel is ready for you to pick up.",
        "please fetch it from the carrier's counter. The carrier says where, and until when: ask it for the tracking "
        "number.",
    ),
    "attempt_failed": (
        "Your parcel could not be handed over",
        "the carrier came and could not hand over your parcel.",
        "the carrier usually tries again. If the address needs a correction, please write to us on our Contact Us "
        "page.",
    ),
    "delivered": (
        "Your parcel has been delivered",
        "the carrier tells us that your parcel has been delivered. We hope that you enjoy what you bought.",
        "if anything is wrong with it, write to us on our Contact Us page, or ask on the page of your order to return "
        f"it; you have {RETURN_DAYS} days for that.",
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
    "late": "it has not arrived in the time that we promised",
    "lost": "the carrier can no longer find it",
    "returning": "the carrier is bringing it back to us",
    "returned": "the carrier has brought it back to us",
    "cancelled": "the carrier has cancelled it",
    "refused": "the carrier reports that it was not accepted at your address",
    "delivered_before_hand_over": "the carrier says that it was delivered before we handed it over",
}
_GONE = frozenset({"lost", "returning", "returned", "cancelled"})
"""Statuses of a parcel that will not arrive: orders asks the customer, within its promise, what we shall do."""


def _about(number: str, subject: str, what: str, next_step: str, link: Link = Link.ORDER) -> Mail:
    return Mail(f"{subject} · {number}", what, next_step, f"Your order: {number}", link)


def _about_parcel(event: ParcelEvent, subject: str, what: str, next_step: str, link: Link = Link.ORDER) -> Mail:
    tracking = f"\n\nTracking number: {event.tracking_number}"
    return _about(event.order_number, subject, what + tracking, next_step, link)


def shipment_dispatched(event: ShipmentDispatched, zone: str | None) -> Mail:
    parcels = "".join(f"\n  - {_carried(parcel.carrier)}{parcel.tracking_number}" for parcel in event.parcels)
    until = f" It reaches you by {when(event.promise.due_at, zone)} at the latest."
    return _about(
        event.order_number,
        "Your order is on its way",
        f"your order has been handed over to the carrier.{until}\n\nParcels and tracking numbers:{parcels}",
        "you can follow each step on the page of your order. Freight, duties and fees are paid by us.",
    )


def key_status(event: TrackingUpdated, zone: str | None) -> Mail:
    return _about_parcel(event, *KEY_STATUSES[event.status])


def parcel_delivered(event: ParcelDelivered, zone: str | None) -> Mail:
    return _about_parcel(event, *KEY_STATUSES["delivered"])


def delivery_taken_back(event: DeliveryTakenBack, zone: str | None, news_by: datetime) -> Mail:
    return _about_parcel(
        event,
        "Your parcel was not delivered after all",
        f"we told you that your parcel was delivered on {when(event.delivered_at, zone)}. "
        "We know now that this was not so. We are sorry.",
        f"we write to you with news by {when(news_by, zone)}. The {RETURN_DAYS} days for a return do not run before it "
        "has really been delivered. If you do have it, please answer here.",
        Link.TICKET,
    )


def parcel_exception(event: ParcelException, zone: str | None, news_by: datetime) -> Mail:
    what = _TROUBLE.get(event.reason) or _TROUBLE.get(event.status) or "the carrier reports a problem with it"
    return _about_parcel(
        event,
        "Something went wrong with your parcel",
        f"about your parcel we have news that we would rather not have: {what}. We are sorry.",
        f"within {in_words(ORDERS_TERMS[REMEDY])} we ask you what we shall do: send it again, pay it back, or wait."
        if is_gone(event)
        else f"we write to you with news by {when(news_by, zone)}. You need do nothing unless we ask you.",
        Link.TICKET,
    )


def is_gone(event: ParcelException) -> bool:
    """Return whether the parcel will not arrive, so that the customer is asked what to do."""
    return event.reason == "refused" or event.status in _GONE


def parcel_stuck(event: ParcelStuck, zone: str | None, news_by: datetime) -> Mail:
    since = f" since {when(event.last_event_at, zone)}" if event.last_event_at else ""
    return _about_parcel(
        event,
        "Your parcel has not moved for some time",
        f"we noticed that your parcel has not moved{since}. We are sorry for the wait.",
        f"we write to you with news by {when(news_by, zone)}.",
        Link.TICKET,
    )


def recall_refused(event: RecallRefused, zone: str | None) -> Mail:
    wish = "cancel it" if event.cause == "cancellation" else "change it"
    return _about(
        event.order_number,
        "Your parcel had already left",
        f"we tried to stop your parcel to {wish}, as you wished, but it had already left our warehouse.",
        f"when it has arrived, you can ask for a return on the page of your order, within {RETURN_DAYS} days of the "
        "delivery; you get back what you paid for what you return. Answer us if you would like our help with that.",
        Link.TICKET,
    )


def _carried(carrier: str) -> str:
    """Return the carrier's name with a colon, or "" if the name is not known."""
    code = "".join(filter(str.isalnum, carrier.casefold()))
    return f"{_CARRIERS[code]}: " if code in _CARRIERS else ""
