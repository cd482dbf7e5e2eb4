"""What carriers report, over HTTP on the real platform: what it means for order, return window and customer."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from deploy.demo.client import Client, wait_for
from deploy.demo.story import Demo, easypost_secret, first, found
from services.common.basics.clock import rfc3339
from services.common.basics.untyped import JsonDict
from services.logistics.adapters.carriers.easypost import sign

Scan = tuple[str, str, datetime]


class Parcel:
    """An order of which one parcel is on its way."""

    def __init__(self, demo: Demo):
        self.demo = demo
        order, self.customer = self.demo.a_guest_orders_and_pays()
        self.number: str = order["number"]
        self.demo.the_review_passes_by_itself(self.number, self.customer)
        self.shipment = self.demo.the_warehouse_hands_the_parcel_over(self.number, self.customer)
        self._scans: list[Scan] = []

    @property
    def warehouse(self) -> Client:
        return self.demo.as_staff("warehouse")

    def report(self, *scans: tuple[str, str], number: str = "") -> None:
        """Report the whole history as the carrier, with these scans as its newest."""
        for status, message in scans:
            at = datetime.now(UTC) + timedelta(seconds=len(self._scans))
            self._scans.append((status, message, at))
        event = f"evt_{self.demo.run}_{len(self._scans)}"
        self.demo.guest.easypost(number or self.demo.tracking_number, event, self._scans, easypost_secret())

    def order(self) -> JsonDict:
        return self.customer.get(f"/v1/orders/{self.number}")

    def becomes(self, status: str) -> JsonDict:
        shown: Any = wait_for(lambda: found(self.order(), lambda order: order["status"] == status))
        return dict(shown)

    def tracked(self) -> JsonDict:
        (shipment,) = self.customer.get(f"/v1/orders/{self.number}/tracking")["shipments"]
        return dict(shipment)

    def timeline(self) -> list[str]:
        agent = self.demo.as_staff("agent")
        return [entry["type"] for entry in agent.get(f"/v1/orders/{self.number}/timeline")["items"]]


@pytest.fixture
def parcel(demo: Demo) -> Parcel:
    return Parcel(demo)


def test_scans_that_are_not_ours_are_dismissed_with_a_reason(demo: Demo) -> None:
    number, agent = f"XX{demo.run.upper()}7", demo.as_staff("agent")
    scans = [("in_transit", "Left Hamburg", datetime.now(UTC))]
    demo.guest.easypost(number, f"evt_{demo.run}_x", scans, easypost_secret())

    def listed(**query: str) -> list[Any]:
        items = agent.get("/v1/scans/unmatched", limit=100, **query)["items"]
        return [item for item in items if item["tracking_number"] == number]

    path = f"/v1/scans/unmatched/{wait_for(listed)[0]['id']}/dismiss"
    no_reason = ask(agent, "POST", path, {})
    by_stranger = ask(demo.guest, "POST", path, {"reason": "not ours"})
    dismissed = ask(agent, "POST", path, {"reason": "another shop's parcel"})
    again = ask(agent, "POST", path, {"reason": "another shop's parcel"})
    later = [*scans, ("delivered", "Delivered", datetime.now(UTC) + timedelta(seconds=1))]
    demo.guest.easypost(number, f"evt_{demo.run}_y", later, easypost_secret())
    kept = wait_for(lambda: first([item for item in listed(dismissed="true") if item["status"] == "delivered"]))

    assert (no_reason.status_code, by_stranger.status_code) == (422, 401)
    assert dismissed.json()["dismissed"]["reason"] == "another shop's parcel"
    assert (again.status_code, again.json()["code"]) == (409, "already_dismissed")
    assert kept["dismissed"]["by"].startswith("staff:")
    assert listed() == []


def test_a_delivery_that_is_taken_back_is_taken_back_everywhere(parcel: Parcel) -> None:
    parcel.report(("in_transit", "Left Shenzhen"), ("delivered", "Delivered, front door"))
    parcel.becomes("completed")

    parcel.report(("in_transit", "Collected from the wrong house"))
    parcel.becomes("confirmed")

    shipment = parcel.tracked()
    assert (shipment["delivered_at"], shipment["parcels"][0]["delivered_at"]) == (None, None)
    assert parcel.demo.clock(parcel.customer, parcel.number, "delivery")["status"] == "running"
    told = parcel.demo.guest.mail_link(parcel.demo.email, "/tickets/", containing="We know now that this was not so")
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


def ask(client: Client, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
    """Send one request as it is, whatever the answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.send(method, path, json=body, headers=named)


def test_a_wrong_number_is_found_attached_and_corrected(parcel: Parcel) -> None:
    right = f"LP{parcel.demo.run.upper()}CN"
    parcel.report(("in_transit", "Arrived in Frankfurt"), number=right)
    unmatched = parcel.warehouse.get("/v1/scans/unmatched", limit=100)["items"]
    (listed,) = (item for item in unmatched if item["tracking_number"] == right)
    item, wrong = f"/v1/shipments/{parcel.shipment}/parcels/{parcel.shipment}-01", {"tracking_number": right}

    unexplained = ask(parcel.warehouse, "PATCH", item, wrong)
    stale = ask(parcel.warehouse, "PATCH", item, {**wrong, "reason": "two digits were swapped"}, If_Match='"0"')
    by_agent = ask(parcel.demo.as_staff("agent"), "PATCH", item, {**wrong, "reason": "two digits were swapped"})
    attached = ask(parcel.warehouse, "POST", f"/v1/scans/unmatched/{listed['id']}/attach", {"parcel_id": item[-18:]})
    again = ask(parcel.warehouse, "POST", f"/v1/scans/unmatched/{listed['id']}/attach", {"parcel_id": item[-18:]})
    corrected = ask(parcel.warehouse, "PATCH", item, {**wrong, "reason": "two digits were swapped"})

    assert [answer.status_code for answer in (unexplained, stale, by_agent)] == [422, 412, 403]
    assert (attached.status_code, attached.json()["parcels"][0]["status"]) == (200, "in_transit")
    assert (again.status_code, again.json()["code"]) == (409, "already_matched")
    assert (corrected.status_code, corrected.json()["parcels"][0]["tracking_number"]) == (200, right)
    assert [event["message"] for event in parcel.tracked()["parcels"][0]["events"]] == ["Arrived in Frankfurt"]
    found = parcel.warehouse.get("/v1/shipments", q=f"{right[:3]} {right[3:]}")["items"]
    assert [each["number"] for each in found] == [parcel.shipment]


def test_an_unreported_delivery_is_recorded_with_evidence(parcel: Parcel) -> None:
    item = f"/v1/shipments/{parcel.shipment}/parcels/{parcel.shipment}-01/delivery"
    now = datetime.now(UTC)
    evidence = {"evidence": "The carrier's letter of today says so."}

    early = ask(parcel.warehouse, "POST", item, {**evidence, "delivered_at": rfc3339(now - timedelta(days=9))})
    bare = ask(parcel.warehouse, "POST", item, {"delivered_at": rfc3339(now)})
    done = ask(parcel.warehouse, "POST", item, {**evidence, "delivered_at": rfc3339(now)})

    assert (early.status_code, early.json()["code"]) == (422, "impossible_time")
    assert bare.status_code == 422
    assert (done.status_code, done.json()["parcels"][0]["status"]) == (200, "delivered")
    parcel.becomes("completed")


def test_the_warehouses_steps_are_held_to_what_was_seen(demo: Demo) -> None:
    order, customer = demo.a_guest_orders_and_pays()
    demo.the_review_passes_by_itself(order["number"], customer)
    warehouse = demo.as_staff("warehouse")
    shipment = wait_for(lambda: first(warehouse.get("/v1/shipments", order_number=order["number"])["items"]))
    item = f"/v1/shipments/{shipment['number']}"
    seen = ask(warehouse, "GET", item).headers["ETag"]

    assert ask(warehouse, "POST", f"{item}/sorted", {}, If_Match='"0"').status_code == 412
    assert ask(warehouse, "POST", f"{item}/sorted", {}, If_Match=seen).status_code == 200
    assert ask(warehouse, "POST", f"{item}/packed", {}, If_Match=seen).status_code == 412
    assert ask(warehouse, "POST", f"{item}/packed", {}).status_code == 200
    handed = {"parcels": [{"carrier": "localpost", "tracking_number": f"LP-{demo.run}"}]}
    future = {**handed, "handed_over_at": rfc3339(datetime.now(UTC) + timedelta(hours=1))}
    assert ask(warehouse, "POST", f"{item}/dispatched", future).json()["code"] == "impossible_time"
    shown = ask(warehouse, "POST", f"{item}/dispatched", handed).json()
    assert [warning["code"] for warning in shown["warnings"]] == ["carrier_without_adapter"]


def test_a_recalled_shipment_keeps_no_promise(demo: Demo) -> None:
    order, customer = demo.a_guest_orders_and_pays()
    demo.the_review_passes_by_itself(order["number"], customer)

    customer.post(f"/v1/orders/{order['number']}/cancellation", {"reason": "changed my mind"})

    wait_for(lambda: found(customer.get(f"/v1/orders/{order['number']}"), lambda shown: shown["status"] == "cancelled"))
    assert demo.clock(customer, order["number"], "dispatch")["status"] == "recalled"


def test_a_body_with_a_bad_scan_counts_for_the_rest(parcel: Parcel) -> None:
    now = rfc3339(datetime.now(UTC))
    details = [
        {"status": "in_transit", "message": "Left", "datetime": now, "tracking_location": None},
        {"status": "in_transit", "message": None, "datetime": None, "source": None},
        None,
    ]
    tracker = {"tracking_code": parcel.demo.tracking_number, "carrier": None, "tracking_details": details}
    body = json.dumps({"id": f"evt_{parcel.demo.run}_b", "description": "tracker.updated", "result": tracker}).encode()
    url = f"{parcel.demo.guest.url}/v1/webhooks/carriers/easypost"

    answer = requests.post(url, body, headers={"X-Hmac-Signature": sign(easypost_secret(), body)}, timeout=60)

    assert (answer.status_code, answer.json()["events"]) == (200, 1)
    assert parcel.tracked()["parcels"][0]["status"] == "in_transit"
    items = parcel.warehouse.get("/v1/scans/flaws", carrier="easypost", limit=100)["items"]
    ours = [item for item in items if item["tracking_number"] == parcel.demo.tracking_number]
    assert sorted(item["detail"] for item in ours) == ["datetime is not a time with a zone", "it is no object"]
    assert ask(parcel.customer, "GET", "/v1/scans/flaws").status_code == 403


def test_a_hand_over_that_was_typed_in_late_is_corrected(parcel: Parcel) -> None:
    item = f"/v1/shipments/{parcel.shipment}/hand-over"
    told = parcel.warehouse.get(f"/v1/shipments/{parcel.shipment}")
    early = {"handed_over_at": told["packed_at"], "reason": "the van left at once"}

    by_agent = ask(parcel.demo.as_staff("agent"), "PATCH", item, early)
    unexplained = ask(parcel.warehouse, "PATCH", item, {"handed_over_at": told["packed_at"]})
    impossible = ask(parcel.warehouse, "PATCH", item, {**early, "handed_over_at": "2020-01-01T00:00:00Z"})
    corrected = ask(parcel.warehouse, "PATCH", item, early)

    assert [each.status_code for each in (by_agent, unexplained, impossible)] == [403, 422, 422]
    assert (corrected.status_code, corrected.json()["dispatched_at"]) == (200, told["packed_at"])
    assert parcel.demo.clock(parcel.customer, parcel.number, "delivery")["started_at"] == told["packed_at"]
    assert parcel.demo.clock(parcel.customer, parcel.number, "dispatch")["stopped_at"] == told["packed_at"]
    assert "hand_over_corrected" in parcel.timeline()
