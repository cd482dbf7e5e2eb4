"""Mails about parcels on their way (standard, section 3)."""

from __future__ import annotations

from collections.abc import Mapping

from services.logistics.api.events import (
    DeliveryTakenBack,
    ParcelDelivered,
    ParcelEvent,
    ParcelException,
    ParcelFound,
    ParcelStuck,
    RecallRefused,
    ShipmentDispatched,
    TrackingUpdated,
)
from services.orders.api.terms import RETURN_DAYS
from services.support.adapters.mail.letter import Mail, when
from services.support.domain import Link

KEY_STATUSES: Mapping[str, tuple[str, str, str]] = {
    "customs_hold": (
        "Your parcel is held by customs",
        "your parcel is being held by customs. This is not unusual; all duties and fees are ours to pay.",
        "we clear it with customs. You need do nothing and pay nothing.",
    ),
    "out_for_delivery": (
        "Your parcel arrives today",
        "your parcel is out for delivery.",
        "the carrier brings it to you today.",
    ),
    "available_for_pickup": (
        "Your parcel can be picked up",
        "your parcel is ready for you to pick up.",
        "please fetch it from the carrier's counter; the tracking page says where and until when.",
    ),
    "attempt_failed": (
        "Your parcel could not be handed over",
        "the carrier came and could not hand over your parcel.",
        "they usually try again on the next working day. If the address needs a correction, please write to us.",
    ),
    "delivered": (
        "Your parcel has been delivered",
        "your parcel has been delivered.",
        f"if anything is wrong with it, write to us, or return it within {RETURN_DAYS} days.",
    ),
}
"""What a customer is told, at most once for each parcel: subject, what happened, what happens next."""

_TROUBLE = {
    "late": "it has not arrived in the time that we promised",
    "lost": "the carrier can no longer find it",
    "returning": "the carrier is bringing it back to us",
    "returned": "the carrier has brought it back to us",
    "cancelled": "the carrier has cancelled it",
    "delivered_before_hand_over": "the carrier says that it was delivered before we handed it over",
}


def _about(number: str, subject: str, what: str, next_step: str, link: Link = Link.ORDER) -> Mail:
    return Mail(f"{subject} · {number}", what, next_step, f"Your order: {number}", link)


def _about_parcel(event: ParcelEvent, subject: str, what: str, next_step: str, link: Link = Link.ORDER) -> Mail:
    tracking = f"\n\nTracking number: {event.tracking_number}"
    return _about(event.order_number, subject, what + tracking, next_step, link)


def shipment_dispatched(event: ShipmentDispatched, zone: str | None) -> Mail:
    parcels = "".join(f"\n  - {parcel.carrier}: {parcel.tracking_number}" for parcel in event.parcels)
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


def delivery_taken_back(event: DeliveryTakenBack, zone: str | None) -> Mail:
    return _about_parcel(
        event,
        "Your parcel was not delivered after all",
        f"we told you that your parcel was delivered on {when(event.delivered_at, zone)}. "
        "The carrier now says otherwise. We are sorry.",
        f"our team looks into it. The {RETURN_DAYS} days for a return do not run before it has really been delivered. "
        "If you do have it, please answer here.",
        Link.TICKET,
    )


def parcel_found(event: ParcelFound, zone: str | None) -> Mail:
    return _about_parcel(
        event,
        "Your parcel was found",
        "the carrier had lost your parcel, and has found it: it is on its way to you again.",
        "you can follow each step on the page of your order.",
    )


def parcel_exception(event: ParcelException, zone: str | None) -> Mail:
    what = _TROUBLE.get(event.reason) or _TROUBLE.get(event.status) or "the carrier reports a problem with it"
    return _about_parcel(
        event,
        "Something went wrong with your parcel",
        f"about your parcel we have news that we would rather not have: {what}. We are sorry.",
        "a colleague clears it with the carrier and writes to you. You need do nothing unless we ask you.",
        Link.TICKET,
    )


def parcel_stuck(event: ParcelStuck, zone: str | None) -> Mail:
    since = f" since {when(event.last_event_at, zone)}" if event.last_event_at else ""
    return _about_parcel(
        event,
        "Your parcel has not moved for some time",
        f"we noticed that your parcel has not moved{since}. We are sorry for the wait.",
        "we have asked the carrier to look for it, and write to you as soon as we know more.",
        Link.TICKET,
    )


def recall_refused(event: RecallRefused, zone: str | None) -> Mail:
    wish = "cancel it" if event.cause == "cancellation" else "change it"
    return _about(
        event.order_number,
        "Your parcel had already left",
        f"we tried to stop your parcel to {wish}, as you wished, but it had already left our warehouse.",
        f"when it arrives you may send it back within {RETURN_DAYS} days, free of charge, and get the full amount "
        "back. Answer us if you would like our help with that.",
        Link.TICKET,
    )
