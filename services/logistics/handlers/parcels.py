"""What people put right: a parcel's number or carrier, a delivery that no carrier tells, scans that found no parcel.

Each reads first which tracking numbers it is about, and locks these before the shipment, as all handlers do.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from services.common.basics.clock import rfc3339
from services.common.basics.shapes import Page
from services.common.basics.states import require_version
from services.logistics.api.events import ScansDismissed
from services.logistics.api.parts import carrier_code, fold_parcel
from services.logistics.api.refusals import AlreadyDismissed, TrackingNumberTaken, UnmatchedSettled
from services.logistics.api.replies import DismissalView, UnmatchedView
from services.logistics.api.shipments import CorrectHandOver, CorrectParcel, DenyDelivery, RecordDelivery
from services.logistics.api.statuses import ParcelStatus
from services.logistics.api.tracking import AttachScans, DismissScans, ListUnmatched
from services.logistics.domain import NewParcel, Parcel, Shipment, TrackingEvent, hand_over
from services.logistics.domain.tracking import STAFF
from services.logistics.handlers import hand_overs
from services.logistics.handlers.lanes import enter_lanes
from services.logistics.handlers.shipments import show
from services.logistics.handlers.tracking import follow
from services.logistics.repository import Work
from services.logistics.repository.parcels import UnmatchedScan

SOON_AFTER = timedelta(seconds=1)


def correct_hand_over(work: Work, number: str, correction: CorrectHandOver) -> Shipment:
    """Correct when a shipment was handed over, with the reason; what came too early before may count now."""
    numbers = [parcel.tracking_number for parcel in work.shipments.get(number).parcels]
    work.tracking.lock(numbers)
    shipment = work.shipments.get(number, lock=True)
    require_version(correction.version, shipment.version, lambda: show(work, shipment))
    hand_over.state(shipment, correction.handed_over_at.astimezone(UTC), work.now)
    hand_overs.settle(work, shipment, correction.reason)
    follow(work, numbers)
    return shipment


def correct_parcel(work: Work, number: str, parcel_id: str, correction: CorrectParcel) -> Shipment:
    """Give a parcel the number and carrier that are right, and tell its carrier of it."""
    was = work.shipments.get(number).parcel(parcel_id).tracking_number
    right = correction.tracking_number or was
    work.tracking.lock([was, right])
    shipment, parcel = _locked(work, number, parcel_id, correction.version)
    carrier = carrier_code(correction.carrier) if correction.carrier else parcel.carrier
    if (carrier, right) == (parcel.carrier, parcel.tracking_number):
        return shipment
    sent_at = shipment.dispatched_at or work.now
    if work.shipments.taken([NewParcel(carrier, right)], sent_at, but=parcel.id):
        raise TrackingNumberTaken(details={"tracking_numbers": [right]})
    moved = carrier != parcel.carrier
    work.journal.record(shipment.correct(parcel, carrier, right, correction.reason))
    if moved:
        enter_lanes(work, shipment, [parcel])
    watch = work.watches.of_parcels([parcel.id], lock=True).get(parcel.id)
    if watch is not None:
        watch.follow(carrier, right, work.now)
    work.session.flush()
    follow(work, [was, right], settle=True)
    return shipment


def record_delivery(work: Work, number: str, parcel_id: str, delivery: RecordDelivery) -> Shipment:
    """Note that a person knows of a delivery; everything follows as if the carrier had told it."""
    work.tracking.lock([work.shipments.get(number).parcel(parcel_id).tracking_number])
    shipment, parcel = _locked(work, number, parcel_id, delivery.version)
    at = delivery.delivered_at.astimezone(UTC)
    work.journal.record(shipment.record_delivery(parcel, at, delivery.evidence, work.now))
    _note(work, shipment, parcel, ParcelStatus.DELIVERED, at, "Delivered, as our team found out")
    return shipment


def deny_delivery(work: Work, number: str, parcel_id: str, denial: DenyDelivery) -> Shipment:
    """Note that a person knows that a delivery is none; everything follows as if the carrier had told it."""
    work.tracking.lock([work.shipments.get(number).parcel(parcel_id).tracking_number])
    shipment, parcel = _locked(work, number, parcel_id, denial.version)
    work.journal.record(shipment.deny_delivery(parcel, denial.evidence))
    at = max(work.now, (parcel.delivered_at or work.now) + SOON_AFTER)
    _note(work, shipment, parcel, ParcelStatus.IN_TRANSIT, at, "Not delivered, as our team found out")
    return shipment


def _note(work: Work, shipment: Shipment, parcel: Parcel, status: ParcelStatus, at: datetime, message: str) -> None:
    """Keep what a person knows of a parcel as a scan of it, and let it take effect."""
    zone = shipment.destination.time_zone
    scan = TrackingEvent(
        carrier=parcel.carrier,
        source=STAFF,
        tracking_number=parcel.own_key,
        occurred_at=at,
        local_time=at.astimezone(ZoneInfo(zone)).isoformat(),
        received_at=max(at, work.now),
        code="recorded",
        status=status,
        message=message,
        time_zone=zone,
    )
    work.tracking.add([scan])
    follow(work, [parcel.tracking_number])


def list_unmatched(work: Work, wanted: ListUnmatched) -> Page[UnmatchedView]:
    """List the numbers that are scanned and are no parcel's."""
    found = work.unmatched.list(wanted)
    return {"items": [_show(item) for item in found["items"]], "next_cursor": found["next_cursor"]}


def attach_unmatched(work: Work, unmatched_id: str, attachment: AttachScans) -> Shipment:
    """Say whose parcel is scanned under a number."""
    number, parcel_id = work.unmatched.get(unmatched_id).tracking_number, fold_parcel(attachment.parcel_id)
    holding = work.shipments.of_parcel(parcel_id)
    work.tracking.lock([number, holding.parcel(parcel_id).tracking_number])
    shipment, parcel = _locked(work, holding.number, parcel_id, None)
    listed = work.unmatched.get(unmatched_id, lock=True)
    if listed.settled_at is not None and listed.dismissed_at is None:
        raise UnmatchedSettled(details={"parcel_id": listed.parcel_id})
    work.journal.record(shipment.attach(parcel, listed.carrier, number, attachment.reason))
    work.unmatched.attach(unmatched_id, parcel.id, work.now)
    work.session.flush()
    follow(work, [number], settle=True)
    return shipment


def dismiss_unmatched(work: Work, unmatched_id: str, dismissal: DismissScans) -> UnmatchedView:
    """Take scans that are about no parcel of ours from the list."""
    work.tracking.lock([work.unmatched.get(unmatched_id).tracking_number])
    listed = work.unmatched.get(unmatched_id, lock=True)
    if listed.dismissed_at is not None:
        raise AlreadyDismissed(details={"by": listed.dismissed_by, "at": rfc3339(listed.dismissed_at)})
    if listed.settled_at is not None:
        raise UnmatchedSettled(details={"parcel_id": listed.parcel_id})
    by, reason = work.caller.actor, dismissal.reason
    said = {"carrier": listed.carrier, "tracking_number": listed.tracking_number, "by": by, "reason": reason}
    work.journal.record(ScansDismissed(unmatched_id=unmatched_id, **said))
    work.unmatched.dismiss(unmatched_id, by, reason, work.now)
    return _show(work.unmatched.get(unmatched_id))


def _locked(work: Work, number: str, parcel_id: str, version: int | None) -> tuple[Shipment, Parcel]:
    """Return the shipment, locked, in the version that was seen, and its parcel."""
    shipment = work.shipments.get(number, lock=True)
    require_version(version, shipment.version, lambda: show(work, shipment))
    shipment.require_dispatched()
    return shipment, shipment.parcel(parcel_id)


def _show(item: UnmatchedScan) -> UnmatchedView:
    return {
        "id": item.id,
        "tracking_number": item.tracking_number,
        "carrier": item.carrier,
        "source": item.source,
        "status": item.status,
        "message": item.message,
        "location": item.location,
        "occurred_at": rfc3339(item.occurred_at),
        "received_at": rfc3339(item.received_at),
        "dismissed": _dismissal(item),
    }


def _dismissal(item: UnmatchedScan) -> DismissalView | None:
    if item.dismissed_at is None:
        return None
    return {"by": item.dismissed_by or "", "at": rfc3339(item.dismissed_at), "reason": item.dismissed_for or ""}
