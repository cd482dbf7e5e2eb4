"""Who broke a promise of logistics: the facts are read here, and judged by `domain.breaches`.

Nothing is locked or changed: the sweep has the clock's row as it asks, and shipments are locked before clocks.
"""

from __future__ import annotations

from services.common.basics.shapes import BreachCause
from services.common.commitments import Clock
from services.common.commitments.causes import Attribution
from services.logistics.api.refusals import ShipmentNotFound
from services.logistics.api.terms import CAUSES, DELIVERY, DISPATCH
from services.logistics.domain import fold
from services.logistics.domain.breaches import cause_of_delivery, cause_of_dispatch
from services.logistics.handlers.matching import Scans
from services.logistics.repository import Work


def cause_of(work: Work, clock: Clock) -> Attribution:
    """Return who broke a promise, as far as holds and scans say it."""
    if clock.kind == DISPATCH and clock.order_number is not None:
        return cause_of_dispatch(work.orders.kept_back(clock.order_number), clock, work.now)
    if clock.kind == DELIVERY:
        return _of_delivery(work, clock)
    return Attribution(CAUSES.get(clock.kind, BreachCause.UNKNOWN))


def _of_delivery(work: Work, clock: Clock) -> Attribution:
    try:
        shipment = work.shipments.get(clock.subject)
    except ShipmentNotFound:  # a restored backup may have lost it
        return Attribution(BreachCause.UNKNOWN)
    scans = Scans(work, {number for parcel in shipment.parcels for number in parcel.numbers})
    awaited = [parcel for parcel in shipment.parcels if parcel.closed_at is None] or shipment.parcels
    told = [(parcel, fold(scans.of(parcel), shipment.dispatched_at).timeline) for parcel in awaited]
    return cause_of_delivery(told, clock, work.now, doubted=shipment.doubted)
