"""EasyPost: one address for the webhooks of many carriers (docs.easypost.com, "Trackers" and "Webhooks").

Signature v1: `X-Hmac-Signature: hmac-sha256-hex=<hex>`, HMAC-SHA256 over the raw body. The secret is NFKD-normalised
first. The body must be verified as the bytes that came: it holds numbers like 136.0, which no JSON library gives back.
The scheme signs no time: the receipts that we keep for 90 days are the protection against replays.

Signature v2: `X-Hmac-Signature-V2`, in the same form over `<X-Timestamp>POST<X-Path><body>`; the time must be within
five minutes. Either is a proof that they sent it. Their own library has no v2 yet: the string is as their users' do it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import ClassVar

from services.common.edge.signatures import WINDOW_SECONDS
from services.common.runtime.config import setting
from services.logistics.adapters.carriers import beside, words
from services.logistics.adapters.carriers.calls import call
from services.logistics.adapters.carriers.carrier import Carrier
from services.logistics.adapters.carriers.easypost_labels import EasyPostLabels
from services.logistics.adapters.carriers.reading import (
    Webhook,
    child,
    each_readable,
    items,
    joined,
    key_of,
    moment,
    read_object,
    required_child,
    required_text,
    said_at,
    text,
    webhook_of,
    word,
)
from services.logistics.adapters.carriers.scanned import UNKNOWN, Meaning, ScanReport
from services.logistics.adapters.carriers.seller import Seller
from services.logistics.adapters.carriers.where import in_words, where
from services.logistics.api.parts import HandedOn, carrier_code
from services.logistics.api.refusals import InTestMode
from services.logistics.api.statuses import ParcelStatus, Reason
from services.logistics.domain import TrackingEvent
from services.logistics.domain.facts import Told

DEVELOPMENT_SECRET = "an-easypost-secret-for-development"  # noqa: S105 (refused outside development)
HEADER, HEADER_V2 = "x-hmac-signature", "x-hmac-signature-v2"
PREFIX = "hmac-sha256-hex="

S = ParcelStatus
STATUSES: Mapping[str, ParcelStatus | None] = {
    "unknown": None,
    "pre_transit": S.LABEL_CREATED,
    "in_transit": S.IN_TRANSIT,
    "out_for_delivery": S.OUT_FOR_DELIVERY,
    "available_for_pickup": S.AVAILABLE_FOR_PICKUP,
    "delivered": S.DELIVERED,
    "return_to_sender": S.RETURNING,
    "failure": S.ATTEMPT_FAILED,
    "error": S.EXCEPTION,
    "cancelled": S.CANCELLED,
}
"""Their ten statuses; one that is not here is counted as unknown and changes nothing."""
DETAILS: Mapping[str, ParcelStatus | None] = {
    "address_correction": S.EXCEPTION,
    "arrived_at_destination": None,
    "arrived_at_facility": None,
    "arrived_at_pickup_location": S.AVAILABLE_FOR_PICKUP,
    "awaiting_information": S.EXCEPTION,
    "cancelled": None,
    "damaged": S.EXCEPTION,
    "delayed": None,
    "delivery_exception": S.ATTEMPT_FAILED,
    "departed_facility": None,
    "departed_origin_facility": None,
    "expired": S.EXCEPTION,
    "failure": None,
    "held": S.EXCEPTION,
    "in_transit": None,
    "label_created": None,
    "lost": S.LOST,
    "missorted": S.EXCEPTION,
    "out_for_delivery": S.OUT_FOR_DELIVERY,
    "received_at_destination_facility": None,
    "received_at_origin_facility": None,
    "refused": S.EXCEPTION,
    "return": S.RETURNING,
    "status_update": None,
    "transferred_to_destination_carrier": None,
    "transit_exception": S.EXCEPTION,
    "unknown": None,
    "weather_delay": None,
}
"""Their 28 details, and what they make of a status of `_UNSPECIFIC`; None: the status stands.

One that is not here is counted as unknown, and the status stands.
"""
_REASONS = frozenset({"delayed", "weather_delay", "refused"})
"""Details that are a reason although they change no status."""
_UNSPECIFIC = frozenset({"in_transit", "failure", "error"})
_WAITING = frozenset({"held", "awaiting_information", "transit_exception"})
_LOOKUP = re.compile(r"processingerror|easypost", re.IGNORECASE)
"""Sources of a detail that is about their looking the number up, not about the parcel."""
_NAMES: Mapping[str, str] = {
    "ups": "UPS", "usps": "USPS", "fedex": "FedEx", "dhlexpress": "DHLExpress", "dhl": "DHLExpress",
    "canadapost": "CanadaPost", "royalmail": "RoyalMail", "australiapost": "AustraliaPost", "upsdap": "UPSDAP",
    "fedexdefault": "FedExDefault", "fedexsmartpost": "FedexSmartPost", "upsmailinnovations": "UPSMailInnovations",
}  # fmt: skip
"""What they call carriers whose names they do not understand in our spelling; for the others they guess."""


@dataclass(frozen=True)
class EasyPost(Carrier):
    """The adapter; without an API key it only listens. Events of their test mode are taken in development alone."""

    name: ClassVar[str] = "easypost"

    easypost_webhook_secret: str = setting(
        "PLEDGE_EASYPOST_WEBHOOK_SECRET", default="", known=DEVELOPMENT_SECRET, secret=True,
        doc="signs EasyPost's webhooks; empty: they are all refused; in development one is made or known",
    )  # fmt: skip
    easypost_api_key: str = setting(
        "PLEDGE_EASYPOST_API_KEY", default="", secret=True,
        doc="to ask EasyPost about parcels and to buy labels there; while it is empty nobody does",
    )  # fmt: skip
    easypost_url: str = setting(
        "PLEDGE_EASYPOST_URL", default="https://api.easypost.com", pattern=r"https?://\S+[^/\s]",
        form="http(s)://host without a slash at the end", doc="where EasyPost's API is",
    )  # fmt: skip

    @property
    def can_be_asked(self) -> bool:
        return bool(self.easypost_api_key)

    @property
    def seller(self) -> Seller | None:
        key = self.easypost_api_key
        return EasyPostLabels(self.easypost_url, key, self.development) if key else None

    def verify(self, headers: Mapping[str, str], raw: bytes, now: datetime) -> bool:
        """Return whether a header, of v1 or v2, fits the body; False without a secret."""
        secret = self.secret_in_use("easypost_webhook_secret")
        if not secret:
            return False
        timed = (headers.get("x-timestamp", "") + "POST" + headers.get("x-path", "")).encode("utf-8", "replace")
        return _fits(secret, raw, headers.get(HEADER, "")) or (
            _is_now(headers.get("x-timestamp", ""), now) and _fits(secret, timed + raw, headers.get(HEADER_V2, ""))
        )

    def parse(self, raw: bytes, received_at: datetime) -> Webhook:
        """Return the scans of a `tracker.*` event, which always brings the whole history; none for other events.

        Raise InTestMode for an event of their test mode where only real ones are taken.
        """
        document = read_object(raw)
        key = key_of(document, "id", raw)
        if not _is_about_tracking(document, document.get("result")):
            return Webhook(key, ())
        tracker = required_child(document, "result")
        if not self.development and "test" in (text(document, "mode", 20), text(tracker, "mode", 20)):
            raise InTestMode
        return read_tracker(key, tracker, received_at)

    def register(self, number: str, carrier: str, now: datetime) -> Webhook:
        """Ask them to follow a parcel and send webhooks of it. Return what they know of it already.

        The same number again is harmless: they give the tracker that is there. Unavailable when they do not take it.
        """
        tracker = {"tracking_code": number}
        if carrier != self.name and carrier in _NAMES:
            tracker["carrier"] = _NAMES[carrier]
        answer = self._call("POST", now, json={"tracker": tracker})
        return self._taken(number, [answer], now)

    def fetch(self, number: str, now: datetime, carrier: str = "") -> Webhook:
        """Return what their trackers of this number say. Raise Unavailable if they do not answer."""
        answer = self._call("GET", now, params={"tracking_code": number})
        return self._taken(number, items(answer, "trackers"), now)

    def _taken(self, number: str, trackers: Sequence[object], now: datetime) -> Webhook:
        """Return what these trackers say. A tracker that cannot be read is left out."""
        real = [each for each in trackers if isinstance(each, dict)]
        wanted = [each for each in real if self.development or text(each, "mode", 20) != "test"]
        return joined(number, each_readable(wanted, lambda each: read_tracker(number, each, now)))

    def _call(
        self, method: str, now: datetime, *, params: Mapping[str, str] | None = None, json: object = None
    ) -> Mapping[str, object]:
        url, auth = f"{self.easypost_url}/v2/trackers", (self.easypost_api_key, "")
        return call("EasyPost", method, url, now, auth=auth, params=params, json=json).body


def sign(secret: str, raw: bytes) -> str:
    """Return the header's value, as EasyPost computes it."""
    key = unicodedata.normalize("NFKD", secret).encode()
    return PREFIX + hmac.new(key, raw, hashlib.sha256).hexdigest()


def _fits(secret: str, signed: bytes, given: str) -> bool:
    return hmac.compare_digest(sign(secret, signed).encode(), given.strip().encode("utf-8", "replace"))


def _is_now(stated: str, now: datetime) -> bool:
    """Return whether a time as in mails ("Tue, 19 Aug 2025 20:37:09 -0000") is within the window."""
    try:
        at = parsedate_to_datetime(stated)
    except (ValueError, TypeError, OverflowError):
        return False
    return abs(now - at.replace(tzinfo=at.tzinfo or UTC)) <= timedelta(seconds=WINDOW_SECONDS)


def read_tracker(key: str, tracker: Mapping[str, object], received_at: datetime) -> Webhook:
    """Read the scans of a tracker. Leave out scans that cannot be read; return EasyPost's errors separately."""
    number = required_text(tracker, "tracking_code", 64)
    carrier = carrier_code(text(tracker, "carrier", 80)) or EasyPost.name
    details = items(tracker, "tracking_details")
    errors = tuple(text(each, "message", 200) for each in details if isinstance(each, dict) and _is_lookup_error(each))
    scans = [each for each in details if not (isinstance(each, dict) and _is_lookup_error(each))]
    reported_at = said_at(tracker, "updated_at", received_at)
    about = _Tracker(
        ScanReport(EasyPost.name, carrier, number, received_at, reported_at), tracker.get("is_return") is True
    )
    webhook = webhook_of(key, number, scans, about.scan)
    return replace(webhook, lookup_errors=errors, told=(_told(tracker, about.about, scans),))


def _told(tracker: Mapping[str, object], about: ScanReport, details: Sequence[object]) -> Told:
    said_at, local = about.said_at, child(tracker, "carrier_detail")
    expected = beside.day(local, "est_delivery_date_local") or beside.day(tracker, "est_delivery_date")
    return replace(
        about.told(),
        eta=beside.expected(expected, None, said_at),
        received_by=beside.some(tracker, "signed_by"),
        handed_on=_handed_on([each for each in details if isinstance(each, dict)]),
    )


def _handed_on(details: Sequence[Mapping[str, object]]) -> HandedOn | None:
    """Return who has it since it was handed on: the first other source after that scan, if there is one yet."""
    timed = sorted(details, key=lambda each: text(each, "datetime", 40))
    places = [n for n, each in enumerate(timed) if word(each, "status_detail") == "transferred_to_destination_carrier"]
    if not places:
        return None
    before = {text(each, "source", 80) for each in timed[: places[-1]]}
    after = (text(each, "source", 80) for each in timed[places[-1] :])
    return HandedOn(next((source for source in after if source and source not in before), None))


def _is_about_tracking(document: Mapping[str, object], result: object) -> bool:
    """Return whether an event is about a parcel: by its description or, without one, by its content."""
    description = text(document, "description", 80)
    brings_tracker = isinstance(result, dict) and text(result, "object", 40) == "Tracker"
    return description.startswith("tracker.") or (not description and brings_tracker)


def _is_lookup_error(detail: Mapping[str, object]) -> bool:
    return word(detail, "status") == "error" and _LOOKUP.fullmatch(text(detail, "source", 40)) is not None


@dataclass(frozen=True)
class _Tracker:
    """What the scans of one tracker have in common."""

    about: ScanReport
    is_return: bool

    def scan(self, detail: Mapping[str, object]) -> TrackingEvent:
        """Read one of its scans. Raise MalformedWebhook if its time is missing or impossible.

        The place in their list is no sequence: it changes if a list is split or grows in the middle.
        """
        stated = moment(detail, "datetime", assume_utc=True)
        message = text(detail, "message", 500)
        meaning = _meaning(word(detail, "status"), word(detail, "status_detail"), message)
        if word(detail, "status_detail") not in {"", *DETAILS}:
            meaning = meaning._replace(unknown=True)
        if self.is_return and meaning.status is S.DELIVERED:
            meaning = Meaning(S.RETURNED, Reason.RETURN)
        at = child(detail, "tracking_location")
        city, state, country = (text(at, name, 80) for name in ("city", "state", "country"))
        there = where(country[:40], state[:40], text(at, "zip", 16), city, self.about.carrier)
        code = text(detail, "carrier_code", 40) or text(detail, "status", 40)
        return self.about.scan(stated, there, code, meaning, message=message, location=in_words(city, state, country))


def _meaning(status: str, detail: str, message: str) -> Meaning:
    """Return our status, the reason if the detail says one, and whether their status is unknown to us."""
    if status not in STATUSES:
        return UNKNOWN
    known, reason = STATUSES[status], detail if detail in _REASONS else None
    if known is S.DELIVERED and (detail == "return" or words.is_to_sender(message)):
        return Meaning(S.RETURNED, Reason.RETURN)
    if known is S.DELIVERED:
        return Meaning(_arrived(detail, message), reason)
    if status not in _UNSPECIFIC:
        return Meaning(known, reason)
    if words.is_about_customs(message):
        if detail in _WAITING:
            # "held" alone says nothing of customs, and a customs hold is not to be claimed lightly
            return Meaning(S.CUSTOMS_HOLD, detail)
        cleared = status == "in_transit" and words.is_cleared(message)
        return Meaning(known if cleared else S.CUSTOMS, reason)
    meant = DETAILS.get(detail)
    return Meaning(meant, detail) if meant is not None else Meaning(known, reason)


def _arrived(detail: str, message: str) -> ParcelStatus:
    """Return what "delivered" means: at the customer's, at a place where the customer fetches it, or only handed on."""
    if words.is_to_agent(message):
        return S.IN_TRANSIT
    waits = detail == "arrived_at_pickup_location" or words.is_to_pick_up(message)
    return S.AVAILABLE_FOR_PICKUP if waits and not words.is_fetched(message) else S.DELIVERED
