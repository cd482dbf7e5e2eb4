"""A carrier of our own, to try everything that real ones do to their customers, without a parcel.

Its webhooks are signed like ours (`edge.signatures`): header `Simulator-Signature`, with a time that must be
within five minutes. Body: `{"id", "events": [{"tracking_number", "code", "occurred_at", "sequence", "message",
"location"?, "reason"?, "beside"?}]}`; `occurred_at` has the offset of the place, codes are our statuses. What it can
send is in `scenarios.py`. Beside a scan: `{"expected": {"first", "last"}, "pick_up": {"name", "address", "hours",
"note", "until"}, "received_by", "signature_url", "photo_url", "handed_on": {"carrier", "tracking_number"}, "position":
{"latitude", "longitude"}}`, all of which may be left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from services.common.calendar.places import certain_zone
from services.common.edge import signatures
from services.common.runtime.config import setting
from services.logistics.adapters.carriers import beside
from services.logistics.adapters.carriers.calls import call
from services.logistics.adapters.carriers.carrier import Carrier
from services.logistics.adapters.carriers.reading import (
    Webhook,
    child,
    each_readable,
    items,
    moment,
    read_object,
    required_text,
    text,
    whole_number,
)
from services.logistics.adapters.carriers.seller import Seller
from services.logistics.adapters.carriers.simulator_labels import SimulatorLabels
from services.logistics.adapters.carriers.where import country_of_text
from services.logistics.api.statuses import ParcelStatus
from services.logistics.domain import TrackingEvent
from services.logistics.domain.facts import Told

DEVELOPMENT_SECRET = "a-simulator-secret-for-development"  # noqa: S105 (taken in development alone)
HEADER = "simulator-signature"
DAY_SECONDS = 24 * 60 * 60
_STATUSES = {status.value: status for status in ParcelStatus}


@dataclass(frozen=True)
class Simulator(Carrier):
    """The adapter. It tells by itself and cannot be asked."""

    name: ClassVar[str] = "simulator"

    simulator_webhook_secret: str = setting(
        "PLEDGE_SIMULATOR_WEBHOOK_SECRET", default="", secret=True,
        doc="signs the simulated carrier's webhooks; empty: all refused; in development one is made or known",
    )  # fmt: skip

    simulator_url: str = setting(
        "PLEDGE_SIMULATOR_URL", default="", pattern=r"(https?://\S+[^/\s])?",
        form="http(s)://host without a slash at the end",
        doc="where the simulated carrier sells labels, in development; default: the public URL",
    )  # fmt: skip

    simulator_life: str = setting(
        "PLEDGE_SIMULATOR_LIFE", default="0", pattern=r"0|[1-9]\d{0,4}", form="seconds, 60",
        doc="in development, how long a day of the simulated carrier takes; its parcels then move by themselves; 0: no",
    )  # fmt: skip

    @property
    def speed(self) -> float:
        """How much faster than real ones its parcels live by themselves, in development; 0: they do not."""
        seconds = int(self.simulator_life) if self.development else 0
        return DAY_SECONDS / seconds if seconds else 0

    def tell(self, raw: bytes, now: datetime) -> None:
        """Report to the shop as a carrier does, at its front door; a remote call. Unavailable: it was not taken."""
        url = f"{self.simulator_url or self.public_url}/v1/webhooks/carriers/{self.name}"
        call("the shop, for the simulated carrier", "POST", url, now, headers=headers(self._secret, raw, now), data=raw)

    @property
    def seller(self) -> Seller | None:
        """In development it sells labels; their money is play money."""
        url = self.simulator_url or self.public_url
        return SimulatorLabels(url, self._secret) if self.development else None

    @property
    def _secret(self) -> str:
        return str(self.simulator_webhook_secret) or (DEVELOPMENT_SECRET if self.development else "")

    def verify(self, headers: Mapping[str, str], raw: bytes, now: datetime) -> bool:
        return signatures.verify(self._secret, headers.get(HEADER), raw, now)

    def parse(self, raw: bytes, received_at: datetime) -> Webhook:
        document = read_object(raw)
        given = items(document, "events")
        events, skipped, flaws = each_readable(given, lambda item: _event(item, received_at))
        told, _, _ = each_readable([each for each in given if _has_beside(each)], lambda item: _told(item, received_at))
        return Webhook(required_text(document, "id", 80), tuple(events), skipped, flaws=flaws, told=tuple(told))


def write(webhook_id: str, events: Sequence[Mapping[str, object]]) -> bytes:
    """Return the body of a webhook with these events."""
    return json.dumps({"id": webhook_id, "events": [dict(event) for event in events]}).encode()


def headers(secret: str, raw: bytes, now: datetime) -> dict[str, str]:
    """Return the headers it is sent with."""
    return {"Content-Type": "application/json", "Simulator-Signature": signatures.sign(secret, raw, now)}


def _has_beside(item: object) -> bool:
    return isinstance(item, dict) and isinstance(item.get("beside"), dict)


def _told(item: Mapping[str, object], received_at: datetime) -> Told:
    number, given = required_text(item, "tracking_number", 64), child(item, "beside")
    said_at = min(moment(item, "occurred_at").astimezone(UTC), received_at)
    expected, handed_on = child(given, "expected"), child(given, "handed_on")
    return Told(
        Simulator.name,
        Simulator.name,
        number,
        said_at,
        eta=beside.expected(beside.day(expected, "first"), beside.day(expected, "last"), said_at),
        pick_up=beside.pick_up(
            child(given, "pick_up"), name="name", address="address", hours="hours", note="note", until="until"
        ),
        received_by=beside.some(given, "received_by"),
        signature_url=beside.link(given, "signature_url"),
        photo_url=beside.link(given, "photo_url"),
        handed_on=beside.handed_on(handed_on, "carrier", "tracking_number", number),
        position=beside.position(child(given, "position"), said_at),
    )


def _event(item: Mapping[str, object], received_at: datetime) -> TrackingEvent:
    occurred_at, code = moment(item, "occurred_at"), required_text(item, "code", 40)
    location = text(item, "location", 200) or None
    country = country_of_text(location)
    return TrackingEvent(
        carrier=Simulator.name,
        source=Simulator.name,
        tracking_number=required_text(item, "tracking_number", 64),
        occurred_at=occurred_at.astimezone(UTC),
        local_time=occurred_at.isoformat(),
        received_at=received_at,
        code=code,
        status=_STATUSES.get(code),
        message=text(item, "message", 500),
        reason=text(item, "reason", 40) or None,
        location=location,
        sequence=whole_number(item, "sequence"),
        unmapped=code not in _STATUSES,
        calendar=country or None,
        time_zone=certain_zone(country) if country else None,
    )
