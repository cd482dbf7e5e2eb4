"""What parcels go through, as the simulator sends it: for demonstrations, and for tests that mean it.

    for raw in scenarios.OUT_OF_ORDER.webhooks("SIM0000000001", handed_over_at):
        post("/v1/webhooks/carriers/simulator", raw, simulator.headers(secret, raw, now))

A scenario is a list of scans in the carrier's time, and the order in which they are told. In development parcels of the
simulated carrier live through one of `LIVES` by themselves (`PLEDGE_SIMULATOR_LIFE`, handlers/lives.py).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from services.common.basics.untyped import JsonDict
from services.logistics.adapters.carriers import simulator
from services.logistics.api.statuses import ParcelStatus


@dataclass(frozen=True)
class Scan:
    """One scan, so long after the hand-over, where the clocks are in that zone. beside: what is said with it, then."""

    after: timedelta
    code: str
    message: str
    location: str
    zone: str
    reason: str = ""
    beside: Callable[[datetime], JsonDict] | None = None


@dataclass(frozen=True)
class Scenario:
    """told: which scans (by their place) each webhook brings, in order; ends: the status all of it adds up to."""

    name: str
    scans: Sequence[Scan]
    ends: ParcelStatus
    told: Sequence[Sequence[int]] = ()

    def webhooks(self, tracking_number: str, start: datetime) -> list[bytes]:
        """Return the bodies to post, in order, for a parcel handed over at `start`."""
        events = [self._event(tracking_number, place, start) for place in range(len(self.scans))]
        told = self.told or [[place] for place in range(len(events))]
        return [
            simulator.write(f"{self.name}-{tracking_number}-{count}", [events[place] for place in places])
            for count, places in enumerate(told, 1)
        ]

    def scans_between(self, start: datetime, speed: float, heard: datetime, now: datetime) -> list[int]:
        """Return the places of the scans after `heard` until `now`. speed: how much faster time runs than really."""
        return [place for place, scan in enumerate(self.scans) if heard < start + scan.after / speed <= now]

    def next_scan(self, start: datetime, speed: float, heard: datetime) -> datetime | None:
        """Return when the first scan after `heard` is made."""
        return min((at for at in (start + scan.after / speed for scan in self.scans) if at > heard), default=None)

    def webhook(self, tracking_number: str, places: Sequence[int], start: datetime, speed: float) -> bytes:
        """Return the body that brings these scans; the same ones have the same id, however long the number is."""
        events = [self._event(tracking_number, place, start, speed) for place in places]
        told = f"{tracking_number}-{start:%y%m%d%H%M%S}-{places[0]}-{places[-1]}"
        return simulator.write(f"life-{sha256(told.encode()).hexdigest()}", events)

    def _event(self, tracking_number: str, place: int, start: datetime, speed: float = 1) -> Mapping[str, object]:
        scan = self.scans[place]
        at = start + scan.after / speed
        event: dict[str, object] = {
            "tracking_number": tracking_number,
            "sequence": place + 1,
            "code": scan.code,
            "message": scan.message,
            "location": scan.location,
            "occurred_at": at.astimezone(ZoneInfo(scan.zone)).isoformat(),
        }
        if scan.reason:
            event["reason"] = scan.reason
        if scan.beside:
            event["beside"] = scan.beside(at)
        return event


def _scan(
    hours: float,
    code: str,
    message: str,
    where: tuple[str, str],
    reason: str = "",
    beside: Callable[[datetime], JsonDict] | None = None,
) -> Scan:
    return Scan(timedelta(hours=hours), code, message, *where, reason, beside)


def _at_a_shop(at: datetime) -> JsonDict:
    shop = {"name": "Corner Shop", "address": "4 Play Street", "hours": "Mon to Sat, 8 to 20"}
    return {"pick_up": {**shop, "until": (at + timedelta(days=7)).date().isoformat()}}


_SHENZHEN = ("Shenzhen, CN", "Asia/Shanghai")
_CHICAGO = ("Chicago, IL, US", "America/Chicago")
_DENVER = ("Denver, CO, US", "America/Denver")

_LABEL = _scan(0.1, "label_created", "Shipment information received", _SHENZHEN)
_PICKED_UP = _scan(3, "in_transit", "Picked up", _SHENZHEN)
_CLEARING = _scan(70, "customs", "Arrived at customs", _CHICAGO)
_HELD = _scan(76, "customs_hold", "Customs asks for a document", _CHICAGO, "document_missing")
_RELEASED = _scan(120, "in_transit", "Released by customs", _CHICAGO)
_OUT = _scan(150, "out_for_delivery", "Out for delivery", _DENVER)
_DELIVERED = _scan(154, "delivered", "Delivered, front door", _DENVER)
_USUAL = (_LABEL, _PICKED_UP, _CLEARING, _RELEASED, _OUT, _DELIVERED)

DELIVERED = Scenario("delivered", _USUAL, ParcelStatus.DELIVERED)
OUT_OF_ORDER = Scenario("out-of-order", _USUAL, ParcelStatus.DELIVERED, told=[[1], [4], [2], [0, 3], [5], [2]])
DUPLICATE = Scenario("duplicate", _USUAL, ParcelStatus.DELIVERED, told=[[0, 0], [1], [1], [0, 1, 2, 3], [4, 5], [5]])
CUSTOMS_HELD = Scenario("customs-held", (_LABEL, _PICKED_UP, _CLEARING, _HELD), ParcelStatus.CUSTOMS_HOLD)
LATE = Scenario("late", (_LABEL, _PICKED_UP), ParcelStatus.IN_TRANSIT)
LOST = Scenario(
    "lost",
    (_LABEL, _PICKED_UP, _scan(300, "lost", "Search ended without result", _CHICAGO, "not_found")),
    ParcelStatus.LOST,
)
REOPENED = Scenario(
    "reopened",
    (*_USUAL, _scan(160, "in_transit", "Delivered to the wrong address, collected again", _DENVER)),
    ParcelStatus.IN_TRANSIT,
)
UNKNOWN_CODE = Scenario(
    "unknown-code", (_LABEL, _PICKED_UP, _scan(5, "teleported", "?", _SHENZHEN)), ParcelStatus.IN_TRANSIT
)
_NOT_THERE = _scan(154, "attempt_failed", "The recipient was not at home", _DENVER, "nobody_there")
CUSTOMS = Scenario(
    "customs", (_LABEL, _PICKED_UP, _CLEARING, _HELD, _RELEASED, _OUT, _DELIVERED), ParcelStatus.DELIVERED
)
PICK_UP = Scenario(
    "pick-up",
    (
        *_USUAL[:-1],
        _NOT_THERE,
        _scan(158, "available_for_pickup", "Waits at a shop to be picked up", _DENVER, beside=_at_a_shop),
        _scan(200, "delivered", "Picked up by the recipient", _DENVER),
    ),
    ParcelStatus.DELIVERED,
)
RETURNED = Scenario(
    "returned",
    (
        *_USUAL[:-1],
        _NOT_THERE,
        _scan(178, "returning", "On its way back to the sender", _DENVER, "unclaimed"),
        _scan(330, "returned", "Returned to the sender", _SHENZHEN),
    ),
    ParcelStatus.RETURNED,
)
LIVES = {each.name: each for each in (DELIVERED, CUSTOMS, PICK_UP, RETURNED, LOST, LATE)}
_OF_TWELVE = (*(DELIVERED,) * 6, CUSTOMS, CUSTOMS, PICK_UP, RETURNED, LOST, LATE)
SIMULATE = "simulate:"
ALL = (
    DELIVERED, OUT_OF_ORDER, DUPLICATE, CUSTOMS_HELD, LATE, LOST, REOPENED, UNKNOWN_CODE, CUSTOMS, PICK_UP, RETURNED,
)  # fmt: skip


def life_of(tracking_number: str, line2: str) -> Scenario:
    """Return what a parcel lives through: as the second line of its address says, `simulate: lost`, or by its number.

    Of twelve numbers about six are simply delivered.
    """
    wish = line2.strip().lower()
    wanted = wish.removeprefix(SIMULATE).strip() if wish.startswith(SIMULATE) else ""
    return LIVES.get(wanted) or _OF_TWELVE[zlib.crc32(tracking_number.encode()) % len(_OF_TWELVE)]
