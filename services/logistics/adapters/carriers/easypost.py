"""EasyPost: one address for the webhooks of many carriers (docs.easypost.com, "Trackers" and "Webhooks").

Signature v1: `X-Hmac-Signature: hmac-sha256-hex=<hex>`, HMAC-SHA256 over the raw body. The secret is NFKD-normalised
first. The body must be verified as the bytes that came: it holds numbers like 136.0, which no JSON library gives back.
The scheme signs no time: the receipts that we keep for 90 days are the protection against replays.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import requests

from services.common.basics.errors import Unavailable
from services.common.basics.guard import forbid_in_transaction
from services.common.calendar import zone_of
from services.logistics.adapters.carriers.reading import Webhook, moment, objects, read_object, required_text, text
from services.logistics.api.parts import carrier_code
from services.logistics.api.refusals import MalformedWebhook
from services.logistics.api.statuses import ParcelStatus
from services.logistics.domain import TrackingEvent

log = logging.getLogger(__name__)

TIMEOUT = (3.05, 10.0)
HEADER = "x-hmac-signature"
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
"""Their ten statuses; one that is not here is counted as unmapped and changes nothing."""
DETAILS: Mapping[str, ParcelStatus] = {
    "delivery_exception": S.ATTEMPT_FAILED,
    "damaged": S.EXCEPTION,
    "missorted": S.EXCEPTION,
    "address_correction": S.EXCEPTION,
    "transit_exception": S.EXCEPTION,
    "held": S.EXCEPTION,
    "awaiting_information": S.EXCEPTION,
    "refused": S.EXCEPTION,
    "lost": S.LOST,
    "return": S.RETURNING,
}
"""Details that say more than a status of `_VAGUE`."""
_VAGUE = frozenset({"in_transit", "failure", "error"})
_WAITING = frozenset({"held", "awaiting_information"})
_CUSTOMS = re.compile(r"customs|clearance|duties|import (scan|tax)", re.IGNORECASE)


class EasyPost:
    """The adapter; without an API key it only listens."""

    name = "easypost"

    def __init__(self, secret: str, api_key: str = "", url: str = "https://api.easypost.com"):
        self._secret, self._api_key, self._url = secret, api_key, url

    @property
    def can_be_asked(self) -> bool:
        return bool(self._api_key)

    def verify(self, headers: Mapping[str, str], raw: bytes, now: datetime) -> bool:
        """Whether the header fits the body; never without a secret."""
        given = headers.get(HEADER, "")
        if not self._secret or not given.startswith(PREFIX):
            return False
        return hmac.compare_digest(sign(self._secret, raw).encode(), given.strip().encode("utf-8", "replace"))

    def parse(self, raw: bytes, received_at: datetime) -> Webhook:
        """The scans of a `tracker.*` event, which always brings the whole history; none for other events."""
        document = read_object(raw)
        key = required_text(document, "id", 80)
        if not text(document, "description", 80).startswith("tracker."):
            return Webhook(key, ())
        tracker = document.get("result")
        if not isinstance(tracker, dict):
            raise MalformedWebhook("result is not an object")
        return Webhook(key, tuple(_events(tracker, received_at)))

    def fetch(self, numbers: Sequence[str], now: datetime) -> list[TrackingEvent]:
        """Their trackers of these numbers; Unavailable when they do not answer."""
        if not self._api_key:
            return []
        return [event for number in numbers for event in self._fetch_one(number, now)]

    def _fetch_one(self, number: str, now: datetime) -> list[TrackingEvent]:
        forbid_in_transaction("a call to EasyPost")
        try:
            answer = requests.get(
                f"{self._url}/v2/trackers",
                params={"tracking_code": number},
                auth=(self._api_key, ""),
                timeout=TIMEOUT,
            )
            answer.raise_for_status()
        except requests.RequestException as problem:
            raise Unavailable("EasyPost does not answer", code="carrier_unavailable") from problem
        trackers = objects(read_object(answer.content), "trackers")
        return [event for tracker in trackers for event in _events(tracker, now)]


def sign(secret: str, raw: bytes) -> str:
    """The header's value, as EasyPost computes it."""
    key = unicodedata.normalize("NFKD", secret).encode()
    return PREFIX + hmac.new(key, raw, hashlib.sha256).hexdigest()


def _events(tracker: Mapping[str, object], received_at: datetime) -> list[TrackingEvent]:
    number = required_text(tracker, "tracking_code", 64)
    carrier = carrier_code(text(tracker, "carrier", 80)) or EasyPost.name
    details = objects(tracker, "tracking_details")
    return [_event(detail, number, carrier, place, received_at) for place, detail in enumerate(details)]


def _event(detail: Mapping[str, object], number: str, carrier: str, place: int, received_at: datetime) -> TrackingEvent:
    stated = moment(detail, "datetime", assume_utc=True)
    message = text(detail, "message", 500)
    status, reason, unmapped = _meaning(text(detail, "status", 40), text(detail, "status_detail", 40), message)
    where = detail.get("tracking_location")
    where = where if isinstance(where, dict) else {}
    return TrackingEvent(
        carrier=carrier,
        source=EasyPost.name,
        tracking_number=number,
        occurred_at=stated.astimezone(UTC),
        local_time=_local(stated, where),
        received_at=received_at,
        code=text(detail, "carrier_code", 40) or text(detail, "status", 40),
        status=status,
        message=message,
        reason=reason,
        location=_location(where),
        sequence=place,
        unmapped=unmapped,
    )


def _meaning(status: str, detail: str, message: str) -> tuple[ParcelStatus | None, str | None, bool]:
    """Our status, the reason if the detail says one, and whether we have never heard of theirs."""
    if status not in STATUSES:
        return None, None, True
    known = STATUSES[status]
    if status not in _VAGUE:
        return known, None, False
    if _CUSTOMS.search(message):
        # "held" alone says nothing of customs, and a customs hold is not to be claimed lightly
        return (S.CUSTOMS_HOLD, detail, False) if detail in _WAITING else (S.CUSTOMS, None, False)
    if detail in DETAILS:
        return DETAILS[detail], detail, False
    return known, None, False


def _local(occurred_at: datetime, where: Mapping[str, object]) -> str:
    """The moment as clocks showed it there; where the place does not say which zone, as the carrier wrote it."""
    country, state = text(where, "country", 2), text(where, "state", 40)
    if country:
        try:
            return occurred_at.astimezone(ZoneInfo(zone_of(country, state or None))).isoformat()
        except (ValueError, KeyError):
            log.info("no zone for %r %r", country, state)
    return occurred_at.isoformat()


def _location(where: Mapping[str, object]) -> str | None:
    parts = [text(where, name, 80) for name in ("city", "state", "country")]
    return ", ".join(part for part in parts if part)[:200] or None
