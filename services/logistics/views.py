"""What logistics shows: shipments for the warehouse, tracking for the customer. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from services.common.basics.clock import rfc3339
from services.common.basics.shapes import CommitmentView, money_view
from services.logistics.api.parts import PackedLine, Promise, ShipmentLine
from services.logistics.api.replies import (
    DestinationView,
    FlawView,
    PackedLineView,
    ParcelView,
    PromiseView,
    ScanView,
    SentParcelView,
    ShipmentLineView,
    ShipmentView,
    TrackedParcelView,
    TrackedShipmentView,
    TrackingView,
    UsualView,
    WarningView,
)
from services.logistics.api.statuses import ParcelStatus
from services.logistics.domain import Destination, Parcel, Shipment, TrackingEvent, fold
from services.logistics.domain.carrier_pages import carrier_of, name_of, page_of
from services.logistics.domain.contents import told_of
from services.logistics.domain.facts import NOTHING
from services.logistics.domain.usual import Usual
from services.logistics.fact_views import parcel_facts_view

WARNINGS: Mapping[str, str] = {
    "carrier_without_adapter": "No adapter tells us of this carrier's parcels. Record a delivery that you know of.",
    "number_of_another": "A number of this form is another carrier's. Look at the label, and correct the carrier.",
    "not_registered": "The carrier was not told to report this parcel; we may not hear of it by ourselves.",
    "hand_over_doubted": "The first scan does not fit the hand-over that was stated.",
}


def shipment_view(
    found: Shipment, now: datetime, *, on_hold: bool, warnings: Sequence[WarningView] = ()
) -> ShipmentView:
    """Show a shipment as the warehouse and agents see it."""
    return {
        "number": found.number,
        "order_number": found.order_number,
        "status": found.status,
        "place": found.place,
        "on_hold": on_hold,
        "review_passed_at": rfc3339(found.review_passed_at),
        "dispatch_due_at": rfc3339(found.dispatch_due_at),
        "sorted_at": _time(found.sorted_at),
        "packed_at": _time(found.packed_at),
        "dispatched_at": _time(found.dispatched_at),
        "stated_at": _time(found.stated if found.dispatched_at else None),
        "recalled_at": _time(found.recalled_at),
        "delivered_at": _time(found.delivered_at),
        "closed_at": _time(found.closed_at),
        "promise": _promise(found.promise),
        "health": found.health(now, by_lane=True),
        "lines": [line_view(line) for line in found.lines],
        "destination": destination_view(found.destination),
        "customer_charged": money_view(found.customer_charged),
        "parcels": [_sent(found, parcel, now) for parcel in found.parcels],
        "photos": list(found.photos or ()),
        "first_scan_at": _time(found.first_scan_at),
        "gross_weight_g": found.gross_weight_g,
        "version": found.version,
        "warnings": list(warnings),
    }


def warning(code: str, parcel: Parcel | None = None) -> WarningView:
    """Say what a person should look at, in words."""
    return {"code": code, "parcel_id": parcel.id if parcel else None, "detail": WARNINGS[code]}


def flaw_view(item: Mapping[str, Any]) -> FlawView:
    """Show a flaw as staff see it."""
    return {
        "id": item["digest"][:32],
        "carrier": item["carrier"],
        "kind": item["kind"],
        "tracking_number": item["tracking_number"] or None,
        "detail": item["detail"],
        "part": item["part"] or None,
        "times": item["times"],
        "first_at": rfc3339(item["first_at"]),
        "last_at": rfc3339(item["last_at"]),
    }


def tracking_view(
    order_number: str,
    shipments: Iterable[Shipment],
    scans: Mapping[str, Iterable[TrackingEvent]],
    commitments: list[CommitmentView],
    now: datetime,
) -> TrackingView:
    """Show the parcels of an order with all their scans, oldest first, and their promises. scans: by parcel."""
    return {
        "order_number": order_number,
        "commitments": commitments,
        "shipments": [_tracked(found, scans, now) for found in shipments],
    }


def _tracked(found: Shipment, scans: Mapping[str, Iterable[TrackingEvent]], now: datetime) -> TrackedShipmentView:
    return {
        "number": found.number,
        "status": found.status,
        "health": found.health(now),
        "dispatch_due_at": rfc3339(found.dispatch_due_at),
        "dispatched_at": _time(found.dispatched_at),
        "delivered_at": _time(found.delivered_at),
        "closed_at": _time(found.closed_at),
        "promise": _promise(found.promise),
        "parcels": [_tracked_parcel(found, parcel, scans[parcel.id], now) for parcel in found.parcels],
        "lines": [_packed(line) for line in found.lines],
    }


def _tracked_parcel(
    found: Shipment, parcel: Parcel, scans: Iterable[TrackingEvent], now: datetime
) -> TrackedParcelView:
    timeline = fold(scans, found.dispatched_at).timeline
    carrier = carrier_of(parcel, timeline)
    return {
        **_parcel(found, parcel, now),
        "carrier_name": name_of(carrier),
        "tracking_url": page_of(carrier, parcel.tracking_number),
        "events": [_scan(event) for event in timeline],
    }


def _time(at: datetime | None) -> str | None:
    return None if at is None else rfc3339(at)


def _promise(promise: Promise | None) -> PromiseView | None:
    if promise is None:
        return None
    return {
        "earliest_at": rfc3339(promise.earliest_at),
        "due_at": rfc3339(promise.due_at),
        "calendar": promise.calendar,
        "calendar_version": promise.calendar_version,
        "provisional": promise.provisional,
    }


def line_view(line: ShipmentLine) -> ShipmentLineView:
    return {
        "line_id": line.line_id,
        "sku": line.sku,
        "title": line.title,
        "quantity": line.quantity,
        "weight_g": line.weight_g,
        "hs_code": line.hs_code,
        "origin_country": line.origin_country,
        "unit_price": money_view(line.unit_price),
    }


def destination_view(where: Destination) -> DestinationView:
    address = {**where.address, "line2": where.address.get("line2") or None}
    return cast(DestinationView, {**address, "time_zone": where.time_zone})


def _parcel(found: Shipment, parcel: Parcel, now: datetime) -> ParcelView:
    return {
        "id": parcel.id,
        "carrier": parcel.carrier,
        "tracking_number": parcel.tracking_number,
        "weight_g": parcel.weight_g,
        "status": parcel.status,
        "health": found.health_of(parcel, now),
        "last_event_at": _time(parcel.last_event_at),
        "delivered_at": _time(parcel.delivered_at),
        "reopened_at": _time(parcel.reopened_at),
        "missing": None if parcel.status is ParcelStatus.DELIVERED else parcel.missing,
        "closed_at": _time(parcel.closed_at),
        "facts": parcel_facts_view(parcel.facts or NOTHING),
        "lines": _contents(found, parcel),
    }


def _sent(found: Shipment, parcel: Parcel, now: datetime) -> SentParcelView:
    judged, usual = found.health_of(parcel, now, by_lane=True), parcel.usual
    return {**_parcel(found, parcel, now), "health": judged, "usual": None if usual is None else _usual(usual)}


def _usual(known: Usual) -> UsualView:
    return {
        "days_half": known.days_half,
        "days_most": known.days_most,
        "deliveries": known.deliveries,
        "counts": known.counts,
    }


def _contents(found: Shipment, parcel: Parcel) -> list[PackedLineView] | None:
    lines = told_of(found.lines, found.parcels, parcel)
    return None if lines is None else [_packed(each) for each in lines]


def _packed(line: PackedLine | ShipmentLine) -> PackedLineView:
    return {"line_id": line.line_id, "sku": line.sku, "title": line.title, "quantity": line.quantity}


def _scan(event: TrackingEvent) -> ScanView:
    return {
        "status": event.status,
        "reason": event.reason,
        "message": event.message,
        "occurred_at": rfc3339(event.occurred_at),
        "local_time": event.local_time,
        "time_zone": event.time_zone,
        "location": event.location,
        "carrier_code": event.code,
    }
