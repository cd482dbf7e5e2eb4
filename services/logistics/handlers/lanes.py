"""How long parcels take on each lane: what is usual is kept with each that leaves, and reported."""

from __future__ import annotations

from collections.abc import Sequence

from services.common.basics.clock import rfc3339
from services.logistics.api.lanes import CarriersReport, CarriersReportOf
from services.logistics.domain import Parcel, Shipment
from services.logistics.domain.lanes import lanes
from services.logistics.domain.usual import ParcelLane, Usual, usual_of
from services.logistics.repository import Work


def report_carriers(work: Work, of: CarriersReportOf) -> CarriersReport:
    """Count what was handed over in a period, by carrier and country."""
    of.require_at_most_a_year()
    return {
        "since": rfc3339(of.since),
        "until": rfc3339(of.until),
        "items": lanes(work.lanes.cells(of, work.now, work.origin.calendar)),
    }


def enter_lanes(work: Work, shipment: Shipment, parcels: Sequence[Parcel]) -> None:
    """Note the lane of each of these parcels of a shipment, with what is usual there by now.

    One that has left stays where it left from, though the place has moved since.
    """
    country = shipment.destination.country
    known: dict[ParcelLane, Usual | None] = {}
    for parcel in parcels:
        lane = ParcelLane(parcel.origin or work.origin_of(shipment).calendar, country, parcel.carrier)
        if lane not in known:
            with work.session.no_autoflush:  # none of these has arrived: what is not written yet is not missed
                known[lane] = usual_of(work.lanes.days_taken(lane, work.now))
        parcel.origin, parcel.country, parcel.usual = lane.origin, country, known[lane]
