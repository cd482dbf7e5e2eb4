"""What people put right: a parcel's number or carrier, a delivery that no carrier tells, scans that found no parcel.

Each reads first which tracking numbers it is about, and locks these before the shipment, as all handlers do.
"""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

from services.common.basics.caller import AGENT, LEAD, WAREHOUSE
from services.common.basics.clock import rfc3339
from services.common.basics.shapes import Page, PageQuery
from services.common.basics.states import require_version
from services.logistics.api.parts import carrier_code
from services.logistics.api.refusals import TrackingNumberTaken, UnmatchedSettled
from services.logistics.api.replies import UnmatchedView
from services.logistics.api.shipments import CorrectParcel, RecordDelivery
from services.logistics.api.statuses import ParcelStatus
from services.logistics.api.tracking import AttachScans
from services.logistics.domain import NewParcel, Parcel, Shipment, TrackingEvent
from services.logistics.domain.tracking import STAFF
from services.logistics.handlers.tracking import follow, take_scans
from services.logistics.repository import Work
from services.logistics.repository.parcels import UnmatchedScan


def correct_parcel(work: Work, number: str, parcel_id: str, correction: CorrectParcel) -> Shipment:
    """Give a parcel the number and carrier that are right, and tell its carrier of it."""
    work.caller.require(WAREHOUSE, LEAD)
    was = work.shipments.get(number).parcel(parcel_id).tracking_number
    right = correction.tracking_number or was
    work.tracking.lock([was, right])
    shipment, parcel = _locked(work, number, parcel_id, correction.version)
    carrier = carrier_code(correction.carrier) if correction.carrier else parcel.carrier
    if (carrier, right) == (parcel.carrier, parcel.tracking_number):
        return shipment
    if work.shipments.taken([NewParcel(carrier, right)], parcel.shipped_year, but=parcel.id):
        raise TrackingNumberTaken(details={"tracking_numbers": [right]})
    work.journal.record(shipment.correct(parcel, carrier, right, correction.reason))
    watch = work.watches.of_parcels([parcel.id], lock=True).get(parcel.id)
    if watch is not None:
        watch.follow(carrier, right, work.now)
    work.session.flush()
    follow(work, [was, right], settle=True)
    return shipment


def record_delivery(work: Work, number: str, parcel_id: str, delivery: RecordDelivery) -> Shipment:
    """Note that a person knows of a delivery; everything follows as if the carrier had told it."""
    work.caller.require(WAREHOUSE, AGENT, LEAD)
    work.tracking.lock([work.shipments.get(number).parcel(parcel_id).tracking_number])
    shipment, parcel = _locked(work, number, parcel_id, delivery.version)
    at = delivery.delivered_at.astimezone(UTC)
    work.journal.record(shipment.record_delivery(parcel, at, delivery.evidence, work.now))
    zone = shipment.destination.time_zone
    scan = TrackingEvent(
        carrier=parcel.carrier,
        source=STAFF,
        tracking_number=parcel.tracking_number,
        occurred_at=at,
        local_time=at.astimezone(ZoneInfo(zone)).isoformat(),
        received_at=work.now,
        code="recorded",
        status=ParcelStatus.DELIVERED,
        message="Delivered, as our team found out",
        time_zone=zone,
    )
    take_scans(work, [scan])
    return shipment


def list_unmatched(work: Work, wanted: PageQuery) -> Page[UnmatchedView]:
    """List the numbers that are scanned and are no parcel's."""
    work.caller.require(WAREHOUSE, AGENT, LEAD)
    found = work.unmatched.list(wanted)
    return {"items": [_show(item) for item in found["items"]], "next_cursor": found["next_cursor"]}


def attach_unmatched(work: Work, unmatched_id: str, attachment: AttachScans) -> Shipment:
    """Say whose parcel is scanned under a number."""
    work.caller.require(WAREHOUSE, AGENT, LEAD)
    number = work.unmatched.get(unmatched_id).tracking_number
    holding = work.shipments.of_parcel(attachment.parcel_id)
    work.tracking.lock([number, holding.parcel(attachment.parcel_id).tracking_number])
    shipment, parcel = _locked(work, holding.number, attachment.parcel_id, None)
    listed = work.unmatched.get(unmatched_id, lock=True)
    if listed.settled_at is not None:
        raise UnmatchedSettled(details={"parcel_id": listed.parcel_id})
    work.journal.record(shipment.attach(parcel, listed.carrier, number, attachment.reason))
    work.unmatched.attach(unmatched_id, parcel.id, work.now)
    work.session.flush()
    follow(work, [number], settle=True)
    return shipment


def _locked(work: Work, number: str, parcel_id: str, version: int | None) -> tuple[Shipment, Parcel]:
    """Return the shipment, locked, in the version that was seen, and its parcel."""
    shipment = work.shipments.get(number, lock=True)
    shipment.require_dispatched()
    parcel = shipment.parcel(parcel_id)
    require_version(version, shipment.version)
    return shipment, parcel


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
    }
