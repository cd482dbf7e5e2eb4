"""What logistics shows: shipments for the warehouse, tracking for the customer. Plain JSON, as REST gives it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from services.common.basics.events import to_json
from services.logistics.domain import Parcel, Shipment, TrackingEvent, fold


def shipment(found: Shipment, now: datetime, *, on_hold: bool) -> dict[str, Any]:
    """A shipment as the warehouse and agents see it."""
    shown: dict[str, Any] = to_json(
        {
            "number": found.number,
            "order_number": found.order_number,
            "status": found.status,
            "on_hold": on_hold,
            "review_passed_at": found.review_passed_at,
            "dispatch_due_at": found.dispatch_due_at,
            "sorted_at": found.sorted_at,
            "packed_at": found.packed_at,
            "dispatched_at": found.dispatched_at,
            "recalled_at": found.recalled_at,
            "delivered_at": found.delivered_at,
            "promise": found.promise,
            "health": found.health(now),
            "lines": found.lines,
            "destination": {**found.destination.address, "time_zone": found.destination.time_zone},
            "customer_charged": found.customer_charged,
            "parcels": [_parcel(found, parcel, now) for parcel in found.parcels],
        }
    )
    return shown


def tracking(
    order_number: str,
    shipments: Iterable[Shipment],
    scans: Mapping[str, Iterable[TrackingEvent]],
    commitments: list[Any],
    now: datetime,
) -> dict[str, Any]:
    """The parcels of an order with all their scans, oldest first (`scans` by parcel), and what was promised of them."""
    return {
        "order_number": order_number,
        "commitments": commitments,
        "shipments": [
            {
                "number": found.number,
                "status": found.status.value,
                "health": to_json(found.health(now)),
                "dispatch_due_at": to_json(found.dispatch_due_at),
                "dispatched_at": to_json(found.dispatched_at),
                "delivered_at": to_json(found.delivered_at),
                "promise": to_json(found.promise),
                "parcels": [
                    {
                        **_parcel(found, parcel, now),
                        "events": [_scan(event) for event in fold(scans[parcel.id]).timeline],
                    }
                    for parcel in found.parcels
                ],
            }
            for found in shipments
        ],
    }


def _parcel(found: Shipment, parcel: Parcel, now: datetime) -> dict[str, Any]:
    shown: dict[str, Any] = to_json(
        {
            "id": parcel.id,
            "carrier": parcel.carrier,
            "tracking_number": parcel.tracking_number,
            "weight_g": parcel.weight_g,
            "status": parcel.status,
            "health": found.health_of(parcel, now),
            "last_event_at": parcel.last_event_at,
            "delivered_at": parcel.delivered_at,
            "reopened_at": parcel.reopened_at,
        }
    )
    return shown


def _timeline(scans: Iterable[TrackingEvent]) -> list[dict[str, Any]]:
    return [_scan(event) for event in fold(scans).timeline]


def _scan(event: TrackingEvent) -> dict[str, Any]:
    shown: dict[str, Any] = to_json(
        {
            "status": event.status,
            "message": event.message,
            "occurred_at": event.occurred_at,
            "local_time": event.local_time,
            "location": event.location,
            "carrier_code": event.code,
        }
    )
    return shown
