"""Where an order's parcels are, as their carriers tell it, and the window in which they are promised (section 3)."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from gateway.http.calls import authorized_for, services
from gateway.http.resource import Resource
from gateway.http.schemas import Answer, timestamp
from gateway.resources.shipments import HEALTH, PARCEL_STATUSES, STATUSES, Parcel, Promise, one_of
from services.common.basics.caller import AGENT, CUSTOMER, LEAD, WAREHOUSE

blp = Resource("tracking", "Where an order's parcels are")


class Scan(Answer):
    """One scan; `status` is null where the carrier's code means nothing to us, and nothing changed."""

    status = one_of(*PARCEL_STATUSES, required=True, allow_none=True)
    message = fields.String(required=True)
    occurred_at = timestamp(required=True)
    local_time = fields.String(
        required=True,
        metadata={"example": "2026-03-10T15:20:00-06:00", "description": "as clocks showed it there, with the offset"},
    )
    location = fields.String(required=True, allow_none=True)
    carrier_code = fields.String(required=True)


class TrackedParcel(Parcel):
    """A parcel with all its scans, oldest first."""

    events = fields.List(fields.Nested(Scan), required=True)


class TrackedShipment(Answer):
    number = fields.String(required=True)
    status = one_of(*STATUSES, required=True)
    health = one_of(*HEALTH, required=True, allow_none=True)
    dispatch_due_at = timestamp(required=True)
    dispatched_at = timestamp(required=True, allow_none=True)
    delivered_at = timestamp(required=True, allow_none=True)
    promise = fields.Nested(Promise, required=True, allow_none=True)
    parcels = fields.List(fields.Nested(TrackedParcel), required=True)


class Tracking(Answer):
    """The shipments of an order; none before its review is passed."""

    order_number = fields.String(required=True)
    shipments = fields.List(fields.Nested(TrackedShipment), required=True)
    commitments = fields.List(
        fields.Dict(), required=True, metadata={"description": "the clocks of dispatch and delivery"}
    )


@blp.route("/orders/<number(ORD):number>/tracking", methods=["GET"])
@blp.allows(CUSTOMER, AGENT, WAREHOUSE, LEAD)
@blp.answers(200, Tracking)
def get_tracking(number: str) -> dict[str, Any]:
    """Tell where an order's parcels are."""
    authorized_for(number)
    found: dict[str, Any] = services().logistics.get_tracking(number)
    if not found["shipments"]:
        authorized_for(number, ask_always=True)  # logistics cannot tell an order before its review from none at all
    return found
