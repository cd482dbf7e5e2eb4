"""When shipments were handed over in truth, and what their clocks make of it."""

from __future__ import annotations

from datetime import datetime

from services.common.basics import ids
from services.common.calendar import calendar_id
from services.common.commitments import Clock
from services.logistics.api.parts import Promise
from services.logistics.api.terms import DELIVERY, DISPATCH
from services.logistics.domain import Shipment, hand_over
from services.logistics.domain.clocks import delivery_clock
from services.logistics.repository import Work

SCANNED = "the carrier scanned it before"


def settle(work: Work, shipment: Shipment, reason: str) -> bool:
    """Let the hand-over follow from what was stated and scanned, and the clocks from it. Return True if it moved.

    The dispatch clock stops when it truly was. The delivery clock runs from then, and is due no later than before.
    """
    found = hand_over.judge_shipment(shipment, work.origin_of(shipment))
    if found.at == shipment.dispatched_at:
        work.journal.record(*hand_over.settle(shipment, found, shipment.promised, reason))
        return False
    clock = delivery_clock_of(shipment, found.at)
    work.journal.record(*hand_over.settle(shipment, found, promise_of(clock), reason))
    work.commitments.reopen(DISPATCH, shipment.number)
    work.commitments.stop(DISPATCH, shipment.number, found.at)
    work.commitments.advance(DELIVERY, shipment.number, clock)
    return True


def delivery_clock_of(shipment: Shipment, at: datetime) -> Clock:
    """Start the delivery clock of what was handed over then."""
    where = shipment.destination
    code, city = where.address.get("postal_code") or "", where.address.get("city") or ""
    calendar = calendar_id(where.country, where.region, postal_code=code, city=city)
    return delivery_clock(shipment.number, shipment.order_number, at, calendar, where.time_zone, ids.new_id())


def promise_of(clock: Clock) -> Promise:
    """Return the delivery window that a clock keeps."""
    assert clock.earliest_at is not None, "delivery has an earliest day"
    return Promise(clock.earliest_at, clock.due_at, clock.calendar, clock.calendar_version, clock.provisional)
