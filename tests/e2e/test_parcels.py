"""What carriers report, over HTTP on the real platform: what it means for order, return window and customer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.demo.client import Client, Json, wait_for
from deploy.demo.story import Demo, easypost_secret, found

Scan = tuple[str, str, datetime]


class Parcel:
    """An order of which one parcel is on its way."""

    def __init__(self, platform: str):
        self.demo = Demo(platform)
        order, self.customer = self.demo.a_guest_orders_and_pays()
        self.number: str = order["number"]
        self.demo.the_review_passes_by_itself(self.number, self.customer)
        self.shipment = self.demo.the_warehouse_hands_the_parcel_over(self.number, self.customer)
        self._scans: list[Scan] = []

    @property
    def warehouse(self) -> Client:
        return self.demo.as_staff("warehouse")

    def report(self, *scans: tuple[str, str], number: str = "") -> None:
        """The carrier tells the whole history, with these scans as its newest."""
        for status, message in scans:
            at = datetime.now(UTC) + timedelta(seconds=len(self._scans))
            self._scans.append((status, message, at))
        event = f"evt_{self.demo.run}_{len(self._scans)}"
        self.demo.guest.easypost(number or self.demo.tracking_number, event, self._scans, easypost_secret())

    def order(self) -> Json:
        return self.customer.get(f"/v1/orders/{self.number}")

    def becomes(self, status: str) -> Json:
        shown: Any = wait_for(lambda: found(self.order(), lambda order: order["status"] == status))
        return dict(shown)

    def tracked(self) -> Json:
        (shipment,) = self.customer.get(f"/v1/orders/{self.number}/tracking")["shipments"]
        return dict(shipment)

    def timeline(self) -> list[str]:
        agent = self.demo.as_staff("agent")
        return [entry["type"] for entry in agent.get(f"/v1/orders/{self.number}/timeline")["items"]]


@pytest.fixture
def parcel(platform: str) -> Parcel:
    return Parcel(platform)


def test_a_delivery_that_is_taken_back_is_taken_back_everywhere(parcel: Parcel) -> None:
    parcel.report(("in_transit", "Left Shenzhen"), ("delivered", "Delivered, front door"))
    parcel.becomes("completed")

    parcel.report(("in_transit", "Collected from the wrong house"))
    parcel.becomes("confirmed")

    shipment = parcel.tracked()
    assert (shipment["delivered_at"], shipment["parcels"][0]["delivered_at"]) == (None, None)
    assert parcel.demo.clock(parcel.customer, parcel.number, "delivery")["status"] == "running"
    told = parcel.demo.guest.mail_link(parcel.demo.email, "/tickets/", containing="The carrier now says otherwise")
    assert told
    parcel.report(("delivered", "Delivered, to the customer"))
    parcel.becomes("completed")
    assert parcel.timeline().count("shipment_delivered") == 2


def test_what_is_delivered_to_the_sender_completes_nothing(parcel: Parcel) -> None:
    parcel.report(("return_to_sender", "Return to sender"), ("delivered", "Delivered, To Original Sender"))

    wait_for(lambda: parcel.tracked()["parcels"][0]["status"] == "returned")
    assert "parcel_exception" in parcel.timeline()
    assert parcel.order()["status"] == "confirmed"
    assert "delivered" not in {event["status"] for event in parcel.tracked()["parcels"][0]["events"]}
