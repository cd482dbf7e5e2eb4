"""17TRACK: what the posts of the world and Chinese lines say of a parcel (api.17track.net, version 2.4).

Signature: `sign`, the SHA-256 of `<raw body>/<API key>` in hex; it is no HMAC, and it signs no time: the receipts that
we keep for 90 days are the protection against replays.

Body: `{"event": "TRACKING_UPDATED", "data": {"number", "track_info": {"tracking": {"providers": [{"provider", "events":
[{"time_iso", "time_utc", "description", "location", "stage", "sub_status", "address"}]}]}}}}`. A parcel that is handed
on has two providers, the second in the country where it arrives; the scans of both are its scans. What one means: its
sub-status, or its main status where we do not know the sub-status, which is counted as unknown all the same.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from services.common.basics.errors import Unavailable
from services.common.runtime.config import setting
from services.logistics.adapters.carriers import beside
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
    moment_there,
    read_object,
    required_child,
    required_text,
    said_at,
    text,
)
from services.logistics.adapters.carriers.scanned import UNKNOWN, Meaning, ScanReport
from services.logistics.adapters.carriers.where import country_code, in_words, where
from services.logistics.api.parts import Eta, HandedOn, carrier_code, fold_number
from services.logistics.api.refusals import MalformedWebhook
from services.logistics.api.statuses import ParcelStatus, Reason
from services.logistics.domain import TrackingEvent
from services.logistics.domain.facts import Position, Told
from services.logistics.domain.flaws import Flaw

HEADER = "sign"
ALREADY_THERE, NOTHING_YET = -18019901, -18019909
"""Their codes for a number that they follow already, and for one of which they know nothing yet."""
CARRIER_KEYS: Mapping[str, int] = {
    "chinapost": 3011, "usps": 21051, "dhl": 100001, "dhlexpress": 100001, "ups": 100002, "fedex": 100003,
}  # fmt: skip
"""Their numbers of carriers; of the others they find out by the number."""

S, R = ParcelStatus, Reason
STATUSES: Mapping[str, Meaning] = {
    "NotFound": Meaning(None),
    "InfoReceived": Meaning(S.LABEL_CREATED),
    "InTransit": Meaning(S.IN_TRANSIT),
    "Expired": Meaning(None),
    "AvailableForPickup": Meaning(S.AVAILABLE_FOR_PICKUP),
    "OutForDelivery": Meaning(S.OUT_FOR_DELIVERY),
    "DeliveryFailure": Meaning(S.ATTEMPT_FAILED),
    "Delivered": Meaning(S.DELIVERED),
    "Exception": Meaning(S.EXCEPTION),
}
"""Their nine statuses. `NotFound` and `Expired` say that they know nothing: the parcel keeps its status."""
_PLAIN = (
    "NotFound_Other NotFound_InvalidCode InTransit_PickedUp InTransit_Other InTransit_Departure InTransit_Arrival "
    "InTransit_CustomsReleased Expired_Other AvailableForPickup_Other OutForDelivery_Other DeliveryFailure_Other "
    "Delivered_Other Exception_Other"
)
SUB_STATUSES: Mapping[str, Meaning] = {
    **STATUSES,
    **{name: STATUSES[name.partition("_")[0]] for name in _PLAIN.split()},
    "InTransit_CustomsProcessing": Meaning(S.CUSTOMS),
    "InTransit_CustomsRequiringInformation": Meaning(S.CUSTOMS_HOLD, R.DOCUMENT),
    "DeliveryFailure_NoBody": Meaning(S.ATTEMPT_FAILED, R.NOBODY),
    "DeliveryFailure_Security": Meaning(S.ATTEMPT_FAILED, R.SECURITY),
    "DeliveryFailure_Rejected": Meaning(S.ATTEMPT_FAILED, R.REFUSED),
    "DeliveryFailure_InvalidAddress": Meaning(S.ATTEMPT_FAILED, R.ADDRESS),
    "Exception_Returning": Meaning(S.RETURNING),
    "Exception_Returned": Meaning(S.RETURNED, R.RETURN),
    "Exception_NoBody": Meaning(S.EXCEPTION, R.UNCLAIMED),
    "Exception_Security": Meaning(S.EXCEPTION, R.SECURITY),
    "Exception_Damage": Meaning(S.EXCEPTION, R.DAMAGED),
    "Exception_Rejected": Meaning(S.EXCEPTION, R.REFUSED),
    "Exception_Delayed": Meaning(S.EXCEPTION, R.DELAYED),
    "Exception_Lost": Meaning(S.LOST, R.LOST),
    "Exception_Destroyed": Meaning(S.LOST, R.DESTROYED),
    "Exception_Cancel": Meaning(S.CANCELLED),
}
"""Their thirty sub-statuses, and the statuses that have none below them."""


@dataclass(frozen=True)
class SeventeenTrack(Carrier):
    """The adapter. The API key signs their webhooks too; without it the adapter refuses all."""

    name: ClassVar[str] = "17track"

    seventeen_track_key: str = setting(
        "PLEDGE_17TRACK_API_KEY", default="", secret=True,
        doc="signs 17TRACK's webhooks, and calls its API; while it is empty webhooks are all refused",
    )  # fmt: skip
    seventeen_track_url: str = setting(
        "PLEDGE_17TRACK_URL", default="https://api.17track.net/track/v2.4", pattern=r"(https?://\S+[^/\s])?",
        form="http(s)://host/path without a slash at the end, or empty",
        doc="where 17TRACK's API is; empty: it is not told of parcels and not asked, which are parts of its quota",
    )  # fmt: skip
    calls_a_minute: ClassVar[int] = 90

    @property
    def can_be_asked(self) -> bool:
        return bool(self.seventeen_track_key and self.seventeen_track_url)

    def verify(self, headers: Mapping[str, str], raw: bytes, now: datetime) -> bool:
        key, given = self.seventeen_track_key, headers.get(HEADER, "").lower()
        return bool(key) and hmac.compare_digest(sign(key, raw).encode(), given.encode("utf-8", "replace"))

    def parse(self, raw: bytes, received_at: datetime) -> Webhook:
        """Return the scans of all who carried it. `TRACKING_STOPPED` brings none."""
        return read_track(digest_of(raw), required_child(read_object(raw), "data"), received_at)

    def register(self, number: str, carrier: str, now: datetime) -> Webhook:
        """Ask them to follow a parcel. What they know of it comes by webhook; that they have it is as good."""
        known = {"carrier": CARRIER_KEYS[carrier]} if carrier in CARRIER_KEYS else {"auto_detection": True}
        self._call("register", {"number": number, **known}, now, harmless=ALREADY_THERE)
        return Webhook(number, ())

    def fetch(self, number: str, now: datetime, carrier: str = "") -> Webhook:
        """Return what they know of this number. Raise Unavailable if they do not answer, or do not follow it."""
        accepted = self._call("gettrackinfo", {"number": number}, now, harmless=NOTHING_YET)
        mine = [each for each in accepted if isinstance(each, dict) and _is(each, number)]
        return joined(number, each_readable(mine, lambda each: read_track(number, each, now)))

    def _call(self, what: str, about: Mapping[str, object], now: datetime, *, harmless: int) -> list[object]:
        """Make a call about one number. Return what was accepted; `harmless` is a code that is no refusal to us."""
        url, headers = f"{self.seventeen_track_url}/{what}", {"17token": self.seventeen_track_key}
        body = call("17TRACK", "POST", url, now, headers=headers, json=[about]).body
        data = child(body, "data")
        refused = [child(each, "error").get("code") for each in items(data, "rejected") if isinstance(each, dict)]
        codes = [code for code in (body.get("code"), *refused) if code not in (0, harmless)]
        if codes:
            raise Unavailable(f"17TRACK says no: {str(codes[0])[:20]}", code="carrier_unavailable")
        return items(data, "accepted")


def _is(accepted: Mapping[str, object], number: str) -> bool:
    return fold_number(text(accepted, "number", 64)) == fold_number(number)


def sign(key: str, raw: bytes) -> str:
    """Return the header's value, as 17TRACK computes it."""
    return hashlib.sha256(raw + b"/" + key.encode()).hexdigest()


def read_track(key: str, data: Mapping[str, object], received_at: datetime) -> Webhook:
    """Read the scans of a number, of each provider that had it. One that cannot be read is left out."""
    number = required_text(data, "number", 64)
    events: list[TrackingEvent] = []
    flaws: list[Flaw] = []
    skipped = 0
    info = child(data, "track_info")
    providers = list(_providers(number, child(info, "tracking"), received_at))
    for about, scans in providers:
        read, unread, wrong = each_readable(scans, lambda scan, about=about: _scan(about, scan))  # type: ignore[misc]
        events, skipped = [*events, *read], skipped + unread
        flaws += [replace(flaw, tracking_number=number) for flaw in wrong]
    told = (_told(info, providers),) if providers else ()
    return Webhook(key, tuple(events), skipped, flaws=tuple(flaws), number=number, told=told)


def _told(info: Mapping[str, object], providers: Sequence[tuple[ScanReport, list[object]]]) -> Told:
    """Return what they say beside the scans, of the carrier that had it first."""
    about, said_at = providers[0][0], max(about.said_at for about, _ in providers)
    return replace(
        about.told(),
        said_at=said_at,
        eta=_expected(child(child(info, "time_metrics"), "estimated_delivery_date"), said_at),
        handed_on=_handed_on(info, providers),
        position=_position([scan for _, scans in providers for scan in scans], about.received_at),
    )


def _expected(given: Mapping[str, object], said_at: datetime) -> Eta | None:
    """Return when the carrier expects to deliver; what 17TRACK works out itself is no word of the carrier."""
    if "17track" in text(given, "source", 40).casefold():
        return None
    return beside.expected(beside.day(given, "from"), beside.day(given, "to"), said_at)


def _handed_on(info: Mapping[str, object], providers: Sequence[tuple[ScanReport, list[object]]]) -> HandedOn | None:
    """Return the second carrier: as it is named, with its number, or else as the provider that scans it."""
    misc = child(info, "misc_info")
    named = beside.handed_on(misc, "local_provider", "local_number", providers[0][0].number)
    second = next((about.carrier for about, scans in providers[1:] if scans), None)
    if named is None:
        return HandedOn(second) if second else None
    return named if named.carrier and not named.carrier.isdigit() else replace(named, carrier=second)


def _position(scans: Sequence[object], now: datetime) -> Position | None:
    """Return the last place that is given in degrees, and when it was there."""
    found = [
        position
        for each in scans
        if isinstance(each, dict)
        and (at := said_at(each, "time_utc", now))
        and (position := beside.position(child(child(each, "address"), "coordinates"), at))
    ]
    return max(found, key=lambda each: each.at, default=None)


def _providers(
    number: str, tracking: Mapping[str, object], received_at: datetime
) -> Iterator[tuple[ScanReport, list[object]]]:
    """Yield who had the parcel, each with the scans. The name tells the carrier: their numbers of carriers are many."""
    for provider in items(tracking, "providers"):
        if not isinstance(provider, dict):
            raise MalformedWebhook("a provider is no object")
        who = child(provider, "provider")
        carrier = carrier_code(text(who, "alias", 80) or text(who, "name", 80)) or SeventeenTrack.name
        said = said_at(provider, "latest_sync_time", received_at)
        yield ScanReport(SeventeenTrack.name, carrier, number, received_at, said), items(provider, "events")


def _scan(about: ScanReport, scan: Mapping[str, object]) -> TrackingEvent:
    at = child(scan, "address")
    city, state, country = (text(at, name, 80) for name in ("city", "state", "country"))
    there = where(country_code(country), state[:40], text(at, "postal_code", 16), city, about.carrier)
    sub_status, stage = text(scan, "sub_status", 60), text(scan, "stage", 60)
    return about.scan(
        moment_there(scan, "time_iso", there.zone) if scan.get("time_iso") else moment(scan, "time_utc"),
        there,
        sub_status or stage,
        _meaning(sub_status, stage),
        message=text(scan, "description", 500),
        location=text(scan, "location", 200) or in_words(city, state, country),
    )


def _meaning(sub_status: str, stage: str) -> Meaning:
    if sub_status in SUB_STATUSES:
        return SUB_STATUSES[sub_status]
    broad = STATUSES.get(sub_status.partition("_")[0] or stage, UNKNOWN)
    return broad._replace(unknown=True) if sub_status else broad
