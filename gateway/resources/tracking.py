"""Where an order's parcels are, as their carriers tell it, and the window in which they are promised (section 3)."""

from __future__ import annotations

from gateway.http.calls import authorized_for, services
from gateway.http.resource import Resource
from services.logistics.api import LogisticsApi
from services.logistics.api.replies import TrackingView

blp = Resource("tracking", "Where an order's parcels are")


@blp.get("/orders/<number(ORD):number>/tracking", LogisticsApi.get_tracking)
def get_tracking(number: str) -> TrackingView:
    authorized_for(number)
    found = services().logistics.get_tracking(number)
    if not found["shipments"]:
        authorized_for(number, ask_always=True)  # logistics cannot tell an order before its review from none at all
    return found
