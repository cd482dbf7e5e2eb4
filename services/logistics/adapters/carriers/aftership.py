"""AfterShip: webhooks of a thousand carriers in one shape (aftership.com/docs/tracking, version 2026-07).

Signature: `aftership-hmac-sha256`, HMAC-SHA256 over the raw body in base64. It signs no time: the receipts that we keep
for 90 days are the protection against replays; they repeat a webhook for less than three days.

Body: `{"event", "event_id", "msg": {"tracking_number", "slug", "tag", "subtag", "checkpoints": […]}, "ts"}`. A tracking
without checkpoints is itself a scan, made at `ts`. What it means: the subtag, or the tag where we do not know the
subtag, which is counted as unknown all the same.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import ClassVar

from services.common.basics.errors import Unavailable
from services.common.runtime.config import setting
from services.logistics.adapters.carriers import beside
from services.logistics.adapters.carriers.calls import Answer, call
from services.logistics.adapters.carriers.carrier import Carrier
from services.logistics.adapters.carriers.reading import (
    Webhook,
    child,
    each_readable,
    items,
    joined,
    key_of,
    moment_there,
    read_object,
    required_child,
    required_text,
    said_at,
    text,
    webhook_of,
)
from services.logistics.adapters.carriers.scanned import UNKNOWN, Meaning, ScanReport
from services.logistics.adapters.carriers.where import country_code, in_words, where
from services.logistics.api.parts import HandedOn, carrier_code, fold_number
from services.logistics.api.statuses import ParcelStatus, Reason
from services.logistics.domain import TrackingEvent
from services.logistics.domain.facts import Position, Told

HEADER = "aftership-hmac-sha256"
ALREADY_THERE, _BAD_REQUEST = 4003, 400
SLUGS: Mapping[str, str] = {
    "usps": "usps", "ups": "ups", "fedex": "fedex", "dhl": "dhl", "dhlexpress": "dhl", "dpd": "dpd", "gls": "gls",
    "chinapost": "china-post", "royalmail": "royal-mail", "canadapost": "canada-post", "yunexpress": "yunexpress",
    "australiapost": "australia-post", "4px": "4px", "sfexpress": "sf-express", "evri": "evri",
}  # fmt: skip
"""What they call carriers; of the others they find out by the number."""

S, R = ParcelStatus, Reason
TAGS: Mapping[str, Meaning] = {
    "Pending": Meaning(None),
    "InfoReceived": Meaning(S.LABEL_CREATED),
    "InTransit": Meaning(S.IN_TRANSIT),
    "OutForDelivery": Meaning(S.OUT_FOR_DELIVERY),
    "AttemptFail": Meaning(S.ATTEMPT_FAILED),
    "Delivered": Meaning(S.DELIVERED),
    "AvailableForPickup": Meaning(S.AVAILABLE_FOR_PICKUP),
    "Exception": Meaning(S.EXCEPTION),
    "Expired": Meaning(None),
}
"""Their nine tags. `Pending` and `Expired` say that they know nothing: the parcel keeps its status."""
_PLAIN = (
    "Pending_001 Pending_002 Pending_003 Pending_004 Pending_005 Pending_006 InfoReceived_001 InTransit_001 "
    "InTransit_002 InTransit_003 InTransit_004 InTransit_005 InTransit_007 InTransit_008 InTransit_009 "
    "OutForDelivery_001 OutForDelivery_003 OutForDelivery_004 AttemptFail_001 AvailableForPickup_001 "
    "Delivered_001 Delivered_002 Delivered_003 Delivered_004 Exception_001 Expired_001"
)
SUBTAGS: Mapping[str, Meaning] = {
    **{subtag: TAGS[subtag.partition("_")[0]] for subtag in _PLAIN.split()},
    "InTransit_006": Meaning(S.CUSTOMS),
    "AttemptFail_002": Meaning(S.ATTEMPT_FAILED, R.NOBODY),
    "AttemptFail_003": Meaning(S.ATTEMPT_FAILED, R.NOBODY),
    "Delivered_005": Meaning(S.DELIVERED, R.NEIGHBOUR),
    "Exception_002": Meaning(S.EXCEPTION, R.ADDRESS),
    "Exception_003": Meaning(S.EXCEPTION, R.REFUSED),
    "Exception_004": Meaning(S.CUSTOMS, R.DELAYED),
    "Exception_005": Meaning(S.EXCEPTION, R.DELAYED),
    "Exception_006": Meaning(S.EXCEPTION, R.PAYMENT),
    "Exception_007": Meaning(S.EXCEPTION, R.ADDRESS),
    "Exception_008": Meaning(S.EXCEPTION, R.UNCLAIMED),
    "Exception_009": Meaning(S.EXCEPTION, R.REJECTED),
    "Exception_010": Meaning(S.RETURNING),
    "Exception_011": Meaning(S.RETURNED, R.RETURN),
    "Exception_012": Meaning(S.EXCEPTION, R.DAMAGED),
    "Exception_013": Meaning(S.LOST, R.LOST),
    "Exception_016": Meaning(S.EXCEPTION, R.DELAYED),
    "Exception_017": Meaning(S.EXCEPTION, R.WEATHER),
    "Exception_018": Meaning(S.CUSTOMS_HOLD, R.DOCUMENT),
    "Exception_019": Meaning(S.EXCEPTION, R.DELAYED),
    "Exception_020": Meaning(S.CANCELLED),
    "Exception_021": Meaning(S.LOST, R.DESTROYED),
}
"""Their subtags. They add some from time to time."""


@dataclass(frozen=True)
class AfterShip(Carrier):
    """The adapter. Without a secret it refuses all."""

    name: ClassVar[str] = "aftership"

    aftership_webhook_secret: str = setting(
        "PLEDGE_AFTERSHIP_WEBHOOK_SECRET", default="", secret=True,
        doc="signs AfterShip's webhooks; while it is empty they are all refused",
    )  # fmt: skip

    aftership_api_key: str = setting(
        "PLEDGE_AFTERSHIP_API_KEY", default="", secret=True,
        doc="to tell AfterShip of parcels and ask it for them; while it is empty it only tells us",
    )  # fmt: skip
    aftership_url: str = setting(
        "PLEDGE_AFTERSHIP_URL", default="https://api.aftership.com/tracking/2026-07", pattern=r"https?://\S+[^/\s]",
        form="http(s)://host/path without a slash at the end", doc="where AfterShip's tracking API is",
    )  # fmt: skip

    @property
    def can_be_asked(self) -> bool:
        return bool(self.aftership_api_key)

    def verify(self, headers: Mapping[str, str], raw: bytes, now: datetime) -> bool:
        secret, given = self.aftership_webhook_secret, headers.get(HEADER, "")
        return bool(secret) and hmac.compare_digest(sign(secret, raw).encode(), given.encode("utf-8", "replace"))

    def parse(self, raw: bytes, received_at: datetime) -> Webhook:
        """Return the scans of a tracking. Other events bring one too: what is new in it counts."""
        document = read_object(raw)
        key, tracking = key_of(document, "event_id", raw), required_child(document, "msg")
        return read_tracking(key, tracking, _told_at(document, received_at), received_at)

    def register(self, number: str, carrier: str, now: datetime) -> Webhook:
        """Ask them to follow a parcel. What they know of it already, if they do; that they have it is as good."""
        slug = {} if carrier == self.name or carrier not in SLUGS else {"slug": SLUGS[carrier]}
        answer = self._call("POST", now, json={"tracking_number": number, **slug}, expected=frozenset({_BAD_REQUEST}))
        if answer.status == _BAD_REQUEST:
            if child(answer.body, "meta").get("code") != ALREADY_THERE:
                raise Unavailable(f"AfterShip says no: {_code_of(answer)}", code="carrier_unavailable")
            return Webhook(number, ())
        made = child(answer.body, "data")
        return self._taken(number, [child(made, "tracking") or made], now)

    def fetch(self, number: str, now: datetime, carrier: str = "") -> Webhook:
        """Return what their trackings of this number say. Raise Unavailable if they do not answer."""
        answer = self._call("GET", now, params={"tracking_numbers": number})
        found = items(child(answer.body, "data"), "trackings")
        return self._taken(number, found, now)

    def _taken(self, number: str, trackings: Sequence[object], now: datetime) -> Webhook:
        """Return what these trackings of the number say. A status without a checkpoint is no scan: it has no time."""
        mine = [
            {name: value for name, value in each.items() if name != "tag"}
            for each in trackings
            if isinstance(each, dict) and fold_number(text(each, "tracking_number", 64)) == fold_number(number)
        ]
        return joined(number, each_readable(mine, lambda each: read_tracking(number, each, now, now)))

    def _call(
        self, method: str, now: datetime, *, params: Mapping[str, str] | None = None, json: object = None,
        expected: frozenset[int] = frozenset(),
    ) -> Answer:  # fmt: skip
        url, headers = f"{self.aftership_url}/trackings", {"as-api-key": self.aftership_api_key}
        return call("AfterShip", method, url, now, headers=headers, params=params, json=json, expected=expected)


def _code_of(answer: Answer) -> str:
    code = child(answer.body, "meta").get("code")
    return str(code) if type(code) is int else str(answer.status)


def sign(secret: str, raw: bytes) -> str:
    """Return the header's value, as AfterShip computes it."""
    return base64.b64encode(hmac.new(secret.encode(), raw, hashlib.sha256).digest()).decode()


def read_tracking(key: str, tracking: Mapping[str, object], told_at: datetime, received_at: datetime) -> Webhook:
    """Read the scans of a tracking. One that cannot be read is left out."""
    number = required_text(tracking, "tracking_number", 64)
    carrier = carrier_code(text(tracking, "slug", 80)) or AfterShip.name
    about = ScanReport(AfterShip.name, carrier, number, received_at, said_at(tracking, "updated_at", received_at))
    checkpoints = items(tracking, "checkpoints")
    if not checkpoints:
        itself = {**tracking, "checkpoint_time": told_at.isoformat(), "message": tracking.get("subtag_message")}
        checkpoints = [itself] if text(tracking, "tag", 40) else []
    webhook = webhook_of(key, number, checkpoints, lambda checkpoint: _scan(about, checkpoint))
    return replace(webhook, told=(_told(tracking, about, told_at, checkpoints),))


def _told(tracking: Mapping[str, object], about: ScanReport, told_at: datetime, checkpoints: Sequence[object]) -> Told:
    """Return what they say beside the scans. What AfterShip or the shop expects is not what the carrier does."""
    said_at = about.reported_at or min(told_at, about.received_at)
    given = child(tracking, "courier_estimated_delivery_date")
    plain = beside.day(given, "estimated_delivery_date") or beside.day(tracking, "expected_delivery")
    first = beside.day(given, "estimated_delivery_date_min") or plain
    eta = beside.expected(first, beside.day(given, "estimated_delivery_date_max") or plain, said_at)
    return replace(
        about.told(),
        said_at=said_at,
        eta=eta or beside.stated(tracking, "latest_estimated_delivery", said_at),
        first_eta=beside.stated(tracking, "first_estimated_delivery", said_at),
        pick_up=beside.pick_up(tracking, name="", address="pickup_location", hours="", note="pickup_note", until=""),
        received_by=beside.some(tracking, "signed_by"),
        **_proof(tracking),
        handed_on=_last_mile(tracking, about.number),
        position=_position(checkpoints, about.received_at),
    )


def _proof(tracking: Mapping[str, object]) -> dict[str, str]:
    """Return the links to what proves the delivery, the first of each kind."""
    found: dict[str, str] = {}
    for proof in _objects(tracking.get("proof_of_delivery")):
        name = "signature_url" if "signature" in text(proof, "type", 40).casefold() else "photo_url"
        if url := beside.link(proof, "url"):
            found.setdefault(name, url)
    return found


def _last_mile(tracking: Mapping[str, object], number: str) -> HandedOn | None:
    legs = [child(tracking, "last_mile"), *_objects(tracking.get("next_couriers"))]
    found = (beside.handed_on(leg, "slug", "tracking_number", number) for leg in legs)
    return next((leg for leg in found if leg is not None), None)


def _position(checkpoints: Sequence[object], now: datetime) -> Position | None:
    """Return the last place that is given in degrees, and when it was there."""
    found = [
        position
        for each in checkpoints
        if isinstance(each, dict)
        and isinstance(each.get("coordinate"), dict)
        and (at := said_at(each, "checkpoint_time", now))
        and (position := beside.position(each["coordinate"], at))
    ]
    return max(found, key=lambda each: each.at, default=None)


def _objects(given: object) -> list[Mapping[str, object]]:
    return [each for each in given[:20] if isinstance(each, dict)] if isinstance(given, list) else []


def _scan(about: ScanReport, checkpoint: Mapping[str, object]) -> TrackingEvent:
    city, state = text(checkpoint, "city", 80), text(checkpoint, "state", 80)
    country = text(checkpoint, "country_region", 80) or text(checkpoint, "country_iso3", 80)
    there = where(country_code(country), state[:40], text(checkpoint, "zip", 16), city, about.carrier)
    at = moment_there(checkpoint, "checkpoint_time", there.zone)
    tag, subtag = text(checkpoint, "tag", 40), text(checkpoint, "subtag", 40)
    message = text(checkpoint, "message", 500) or text(checkpoint, "subtag_message", 500)
    location = text(checkpoint, "location", 200) or in_words(city, state, text(checkpoint, "country_region_name", 80))
    return about.scan(at, there, subtag or tag, _meaning(tag, subtag), message=message, location=location)


def _meaning(tag: str, subtag: str) -> Meaning:
    broad = TAGS.get(tag or subtag.partition("_")[0], UNKNOWN)
    return SUBTAGS.get(subtag, broad._replace(unknown=True)) if subtag else broad


def _told_at(document: Mapping[str, object], received_at: datetime) -> datetime:
    """Return the time of the event itself, in seconds since 1970; when we received it, if it says none."""
    seconds = document.get("ts")
    if type(seconds) is not int or not 0 < seconds < 7_258_118_400:
        return received_at
    return datetime.fromtimestamp(seconds, UTC)
