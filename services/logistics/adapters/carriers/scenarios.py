"""What parcels go through, as the simulator sends it: for demonstrations, and for tests that mean it.

    for raw in scenarios.OUT_OF_ORDER.webhooks("SIM0000000001", handed_over_at):
        post("/v1/webhooks/carriers/simulator", raw, simulator.headers(secret, raw, now))

A scenario is a list of scans in the carrier's time, and the order in which they are told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.logistics.adapters.carriers import simulator
from services.logistics.api.statuses import ParcelStatus


@dataclass(frozen=True)
class Scan:
    """One scan, so long after the hand-over, where the clocks are in that zone."""

    after: timedelta
    code: str
    message: str
    location: str
    zone: str
    reason: str = ""


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

    def _event(self, tracking_number: str, place: int, start: datetime) -> Mapping[str, object]:
        scan = self.scans[place]
        event = {
            "tracking_number": tracking_number,
            "sequence": place + 1,
            "code": scan.code,
            "message": scan.message,
            "location": scan.location,
            "occurred_at": (start + scan.after).astimezone(ZoneInfo(scan.zone)).isoformat(),
        }
        return {**event, "reason": scan.reason} if scan.reason else event


def _scan(hours: float, code: str, message: str, where: tuple[str, str], reason: str = "") -> Scan:
    return Scan(timedelta(hours=hours), code, message, *where, reason)


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
ALL = (DELIVERED, OUT_OF_ORDER, DUPLICATE, CUSTOMS_HELD, LATE, LOST, REOPENED, UNKNOWN_CODE)
