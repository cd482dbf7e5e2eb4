"""Shippo: webhooks of the carriers whose labels are bought there, and of others (docs.goshippo.com, "Tracking").

Signature: `Shippo-Auth-Signature: t=<unix seconds>,v1=<hex>`, HMAC-SHA256 over `<t>.<body>`, as ours
(`edge.signatures`); the time must be within five minutes. Shippo gives the secret on request. The other ways that they
offer, a token in the address and a list of addresses, are no signatures, and are not taken.

Body: `{"event": "track_updated", "test", "data": {"carrier", "tracking_number", "tracking_status",
"tracking_history"}}`; each status is `{"status", "status_details", "status_date", "substatus": {"code"}, "location",
"object_updated"}`. A webhook has no number of its own, and they send one for each registration: the same bytes are the
same webhook, and a scan that comes twice is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar
from urllib.parse import quote

from services.common.basics.errors import Unavailable
from services.common.edge import signatures
from services.common.runtime.config import setting
from services.logistics.adapters.carriers import beside, words
from services.logistics.adapters.carriers.calls import call
from services.logistics.adapters.carriers.carrier import Carrier
from services.logistics.adapters.carriers.reading import (
    Webhook,
    child,
    digest_of,
    each_readable,
    items,
    joined,
    moment,
    read_object,
    required_child,
    required_text,
    said_at,
    text,
    webhook_of,
)
from services.logistics.adapters.carriers.scanned import UNKNOWN, Meaning, ScanReport
from services.logistics.adapters.carriers.where import in_words, where
from services.logistics.api.parts import carrier_code
from services.logistics.api.refusals import InTestMode
from services.logistics.api.statuses import ParcelStatus, Reason
from services.logistics.domain import TrackingEvent

HEADER = "shippo-auth-signature"
EVENT = "track_updated"
TOKENS: Mapping[str, str] = {
    "usps": "usps", "ups": "ups", "fedex": "fedex", "dhl": "dhl_express", "dhlexpress": "dhl_express",
    "dhlecommerce": "dhl_ecommerce", "canadapost": "canada_post", "royalmail": "royal_mail",
    "australiapost": "australia_post", "dpd": "dpd", "chronopost": "chronopost", "colissimo": "colissimo",
}  # fmt: skip
"""What they call carriers."""

S, R = ParcelStatus, Reason
STATUSES: Mapping[str, Meaning] = {
    "UNKNOWN": Meaning(None),
    "PRE_TRANSIT": Meaning(S.LABEL_CREATED),
    "TRANSIT": Meaning(S.IN_TRANSIT),
    "DELIVERED": Meaning(S.DELIVERED),
    "RETURNED": Meaning(S.RETURNING),  # it begins its way back
    "FAILURE": Meaning(S.EXCEPTION),
}
SUBSTATUSES: Mapping[str, Meaning | None] = {
    "address_issue": Meaning(S.EXCEPTION, R.ADDRESS),
    "contact_carrier": Meaning(S.EXCEPTION, R.CONTACT_CARRIER),
    "delayed": Meaning(S.IN_TRANSIT, R.DELAYED),
    "delivered": None,
    "delivery_attempted": Meaning(S.ATTEMPT_FAILED),
    "delivery_rescheduled": None,
    "delivery_scheduled": None,
    "information_received": None,
    "location_inaccessible": Meaning(S.ATTEMPT_FAILED, R.INACCESSIBLE),
    "notice_left": Meaning(S.ATTEMPT_FAILED, R.NOBODY),
    "other": None,
    "out_for_delivery": Meaning(S.OUT_FOR_DELIVERY),
    "package_accepted": None,
    "package_arrived": None,
    "package_damaged": Meaning(S.EXCEPTION, R.DAMAGED),
    "package_departed": None,
    "package_disposed": Meaning(S.LOST, R.DESTROYED),
    "package_forwarded": None,
    "package_held": Meaning(S.EXCEPTION, R.HELD),
    "package_lost": Meaning(S.LOST, R.LOST),
    "package_processed": None,
    "package_processing": None,
    "package_unclaimed": Meaning(S.EXCEPTION, R.UNCLAIMED),  # the customer can still fetch it
    "package_undeliverable": Meaning(S.EXCEPTION, R.UNDELIVERABLE),
    "pickup_available": Meaning(S.AVAILABLE_FOR_PICKUP),
    "reschedule_delivery": Meaning(S.ATTEMPT_FAILED),
    "return_to_sender": None,
}
"""Their 27 sub-statuses; None: the status says it all. They have none of customs: the words tell."""


@dataclass(frozen=True)
class Shippo(Carrier):
    """The adapter. Without a secret it refuses all; what is of their test mode is taken in development alone."""

    name: ClassVar[str] = "shippo"

    shippo_webhook_secret: str = setting(
        "PLEDGE_SHIPPO_WEBHOOK_SECRET", default="", secret=True,
        doc="signs Shippo's webhooks (they give it on request); while it is empty they are all refused",
    )  # fmt: skip

    shippo_api_token: str = setting(
        "PLEDGE_SHIPPO_API_TOKEN", default="", secret=True,
        doc="to tell Shippo of parcels and ask it for them; while it is empty it only tells us",
    )  # fmt: skip
    shippo_url: str = setting(
        "PLEDGE_SHIPPO_URL", default="https://api.goshippo.com", pattern=r"https?://\S+[^/\s]",
        form="http(s)://host without a slash at the end", doc="where Shippo's API is",
    )  # fmt: skip

    @property
    def can_be_asked(self) -> bool:
        return bool(self.shippo_api_token)

    def watches(self, carrier: str) -> bool:
        """Return whether they know it by a name of ours: they do not find out by the number."""
        return self.can_be_asked and carrier in TOKENS

    def verify(self, headers: Mapping[str, str], raw: bytes, now: datetime) -> bool:
        return signatures.verify(self.shippo_webhook_secret, headers.get(HEADER), raw, now)

    def parse(self, raw: bytes, received_at: datetime) -> Webhook:
        """Return the scans of a track; none for events about something else.

        Raise InTestMode for an event of their test mode where only real ones are taken.
        """
        document = read_object(raw)
        if text(document, "event", 80) not in ("", EVENT):
            return Webhook(digest_of(raw), ())
        track = required_child(document, "data")
        if not self.development and True in (document.get("test"), track.get("test")):
            raise InTestMode
        return read_track(digest_of(raw), track, received_at)

    def register(self, number: str, carrier: str, now: datetime) -> Webhook:
        """Ask them to follow a parcel. Return what they know of it already."""
        about = {"carrier": _token(carrier), "tracking_number": number}
        return self._taken(number, self._call("POST", "/tracks/", now, json=about), now)

    def fetch(self, number: str, now: datetime, carrier: str = "") -> Webhook:
        """Return what they know of this number. Raise Unavailable if they do not answer."""
        path = f"/tracks/{_token(carrier)}/{quote(number, safe='')}"
        return self._taken(number, self._call("GET", path, now), now)

    def _taken(self, number: str, track: Mapping[str, object], now: datetime) -> Webhook:
        is_test = track.get("test") is True and not self.development
        return joined(number, each_readable([] if is_test else [track], lambda each: read_track(number, each, now)))

    def _call(self, method: str, path: str, now: datetime, *, json: object = None) -> Mapping[str, object]:
        headers = {"Authorization": f"ShippoToken {self.shippo_api_token}"}
        return call("Shippo", method, f"{self.shippo_url}{path}", now, headers=headers, json=json).body


def _token(carrier: str) -> str:
    if carrier not in TOKENS:
        raise Unavailable("Shippo does not know this carrier", code="carrier_unavailable")
    return TOKENS[carrier]


def read_track(key: str, track: Mapping[str, object], received_at: datetime) -> Webhook:
    """Read the scans of a track, and the status that it has now, which its history may not have yet."""
    number = required_text(track, "tracking_number", 64)
    about = ScanReport(Shippo.name, carrier_code(text(track, "carrier", 80)) or Shippo.name, number, received_at)
    now = track.get("tracking_status")
    scans = [*items(track, "tracking_history"), *([] if now is None else [now])]
    said = said_at(child(track, "tracking_status"), "object_updated", received_at) or received_at
    eta, first = (beside.expected(beside.day(track, name), None, said) for name in ("eta", "original_eta"))
    told = replace(about.told(), said_at=said, eta=eta, first_eta=first)
    return replace(webhook_of(key, number, scans, lambda scan: _scan(about, scan)), told=(told,))


def _scan(about: ScanReport, scan: Mapping[str, object]) -> TrackingEvent:
    at = child(scan, "location")
    city, state, country = (text(at, name, 80) for name in ("city", "state", "country"))
    there = where(country[:40], state[:40], text(at, "zip", 16), city, about.carrier)
    message, code = text(scan, "status_details", 500), text(child(scan, "substatus"), "code", 60).lower()
    status = text(scan, "status", 40).upper()
    return about.scan(
        moment(scan, "status_date", assume_utc=True),
        there,
        code or status,
        _meaning(status, code, message),
        message=message,
        location=in_words(city, state, country),
        reported_at=said_at(scan, "object_updated", about.received_at),
    )


def _meaning(status: str, code: str, message: str) -> Meaning:
    broad = STATUSES.get(status, UNKNOWN)
    meant = SUBSTATUSES.get(code) or broad
    if code and code not in SUBSTATUSES:
        return broad._replace(unknown=True)
    if broad.status is S.DELIVERED:
        return _arrived(message)
    if status == "TRANSIT" and words.is_about_customs(message):
        if meant.reason is R.HELD:
            return Meaning(S.CUSTOMS_HOLD, R.HELD)
        return meant if words.is_cleared(message) else Meaning(S.CUSTOMS, meant.reason)
    return meant


def _arrived(message: str) -> Meaning:
    """Return what "delivered" means: to the customer, back to us, to where it is fetched, or only handed on."""
    if words.is_to_sender(message):
        return Meaning(S.RETURNED, R.RETURN)
    if words.is_to_agent(message):
        return Meaning(S.IN_TRANSIT)
    waits = words.is_to_pick_up(message) and not words.is_fetched(message)
    return Meaning(S.AVAILABLE_FOR_PICKUP if waits else S.DELIVERED)
