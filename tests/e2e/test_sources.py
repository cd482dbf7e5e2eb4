"""Each source of tracking over HTTP: one parcel, told of by all of them, and by rows that the warehouse uploads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import requests
from playwright.sync_api import Page, expect

from deploy.demo.client import Client
from deploy.demo.story import Demo
from services.common.edge import signatures
from services.logistics.adapters.carriers import aftership, seventeen_track
from tests.e2e.conftest import SOURCES
from tests.e2e.desk import faults_of_access
from tests.e2e.test_pages import order_page

(SECRET,) = set(SOURCES.values())


class Told:
    """A parcel that each source tells of in its own way."""

    def __init__(self, demo: Demo):
        self.demo = demo
        order, self.customer = demo.a_guest_orders_and_pays()
        self.number: str = order["number"]
        self.token: str = order["access_token"]
        demo.the_review_passes_by_itself(self.number, self.customer)
        demo.the_warehouse_hands_the_parcel_over(self.number, self.customer)
        self.handed_over_at = datetime.now(UTC)

    def at(self, seconds: int) -> str:
        return (self.handed_over_at + timedelta(seconds=seconds)).isoformat()

    def status(self) -> str:
        (shipment,) = self.customer.get(f"/v1/orders/{self.number}/tracking")["shipments"]
        return str(shipment["parcels"][0]["status"])

    def body(self, source: str, code: str, seconds: int) -> bytes:
        number, at = self.demo.tracking_number, self.at(seconds)
        if source == "aftership":
            point = {"checkpoint_time": at, "tag": code.partition("_")[0], "subtag": code, "message": code}
            msg = {"tracking_number": number, "slug": "usps", "checkpoints": [point]}
            return json.dumps({"event": "tracking_update", "event_id": f"{number}-{code}", "msg": msg}).encode()
        if source == "17track":
            event = {"time_iso": at, "sub_status": code, "description": code}
            tracking = {"providers": [{"provider": {"name": "China Post"}, "events": [event]}]}
            data = {"number": number, "track_info": {"tracking": tracking}}
            return json.dumps({"event": "TRACKING_UPDATED", "data": data}).encode()
        status = {"status": "TRANSIT", "status_details": code, "status_date": at, "substatus": {"code": code}}
        track = {"tracking_number": number, "carrier": "usps", "tracking_history": [status], "tracking_status": status}
        return json.dumps({"event": "track_updated", "test": False, "data": track}).encode()

    def beside(self, code: str, seconds: int, **facts: Any) -> None:
        """Let AfterShip tell of a scan, and what it says beside it."""
        body = json.loads(self.body("aftership", code, seconds))
        body["event_id"] = str(uuid4())
        body["msg"] |= {"updated_at": self.at(seconds), **facts}
        answer = self.post("aftership", json.dumps(body).encode())
        assert answer.status_code == 200, answer.text

    def post(self, source: str, body: bytes, headers: Mapping[str, str] | None = None) -> requests.Response:
        signed = {
            "aftership": lambda: {"aftership-hmac-sha256": aftership.sign(SECRET, body)},
            "17track": lambda: {"sign": seventeen_track.sign(SECRET, body)},
            "shippo": lambda: {"Shippo-Auth-Signature": signatures.sign(SECRET, body, datetime.now(UTC))},
        }[source]()
        url = f"{self.demo.guest.url}/v1/webhooks/carriers/{source}"
        return requests.post(url, body, headers=signed if headers is None else headers, timeout=60)

    def upload(self, who: Client, rows: bytes, media: str = "text/csv") -> requests.Response:
        return who.send("POST", "/v1/scans/upload", data=rows, headers={"Content-Type": media})


def test_one_parcel_is_told_of_by_each_source(demo: Demo, desk: Page) -> None:
    told = Told(demo)

    for source, code, seconds, becomes in (
        ("aftership", "InTransit_006", 60, "customs"),
        ("17track", "InTransit_CustomsRequiringInformation", 90, "customs_hold"),
        ("shippo", "out_for_delivery", 120, "out_for_delivery"),
        ("aftership", "InTransit_002", 30, "out_for_delivery"),  # it happened before all that
        ("17track", "InTransit_ByRobot", 70, "out_for_delivery"),
        ("shippo", "notice_left", 150, "attempt_failed"),
    ):
        body = told.body(source, code, seconds)
        first, again = told.post(source, body), told.post(source, body)
        assert [each.status_code for each in (first, again)] == [200, 200], first.text
        assert (first.json()["duplicate"], again.json()["duplicate"]) == (False, True)
        assert told.status() == becomes, (source, code)

    flaws = demo.as_staff("warehouse").get("/v1/scans/flaws", carrier="17track", kind="unknown_code")["items"]
    (unknown,) = (item for item in flaws if item["tracking_number"] == demo.tracking_number)
    assert (unknown["detail"], unknown["times"]) == ("code 'InTransit_ByRobot': InTransit_ByRobot", 1)
    desk.goto("/desk/operations")
    shown = desk.get_by_role("listitem").filter(has_text=demo.tracking_number)
    expect(shown).to_contain_text("InTransit_ByRobot")
    assert faults_of_access(desk) == []


def test_what_carriers_tell_beside_scans_is_shown(demo: Demo, page: Page, desk: Page) -> None:
    told, in_days = Told(demo), lambda days: (datetime.now(UTC) + timedelta(days=days)).date().isoformat()
    name = "<b>Kiosk</b> Schmidt " + "x" * 5000
    waits = {"pickup_location": name, "pickup_note": "Mo-Sa 8-20", "signed_by": "A STRANGER"}
    eta = {"courier_estimated_delivery_date": {"estimated_delivery_date": in_days(6)}}
    new = {**eta, "last_mile": {"slug": "usps", "tracking_number": "94001"}}

    told.beside("AttemptFail_002", 60, **eta)
    told.beside("AvailableForPickup_001", 120, **waits, **new)
    told.beside("AvailableForPickup_001", 120, **waits, **new)  # again
    told.beside(
        "AttemptFail_002",
        60,
        updated_at=told.at(-60),
        courier_estimated_delivery_date={"estimated_delivery_date": in_days(4)},
    )  # late, and from before
    (shipment,) = told.customer.get(f"/v1/orders/{told.number}/tracking")["shipments"]
    facts = shipment["parcels"][0]["facts"]

    assert (facts["carrier_eta"]["first"], facts["received_by"]) == (in_days(6), None)
    assert facts["carrier_eta"]["first_said"] == [in_days(4), in_days(4)]
    assert [each["reason"] for each in facts["attempts"]] == ["nobody_there"]
    order = told.customer.get(f"/v1/orders/{told.number}")
    order_page(page, demo.guest.url, {**order, "access_token": told.token})
    expect(page.locator("#title")).to_have_text("Your parcel waits for you")
    place = page.locator(".pick-up")
    expect(place).to_contain_text("It waits for you at <b>Kiosk</b> Schmidt")
    expect(place).to_contain_text("Mo-Sa 8-20")
    shown = page.locator("#delivery .told")
    expect(shown).to_contain_text("The carrier tried to hand it over once")
    expect(shown).to_contain_text("Handed on to USPS, which has it as 94001")
    expect(shown).not_to_contain_text("A STRANGER")
    desk.goto(f"/desk/parcels?q={demo.tracking_number}")
    expect(desk.locator("main")).to_contain_text("Waits at <b>Kiosk</b> Schmidt")
    assert demo.guest.mail_link(order["contact"]["email"], "/orders/", containing="Where: <b>Kiosk</b> Schmidt")

    told.beside("Delivered_003", 180, signed_by="A. LOVELACE", proof_of_delivery=[
        {"type": "photo", "url": "https://c.example/p.jpg"}, {"type": "signature", "url": "javascript:alert(1)"},
    ])  # fmt: skip
    expect(shown).to_contain_text("The carrier wrote down who took it: A. LOVELACE.")
    expect(shown.get_by_role("link", name="photo")).to_have_attribute("href", "https://c.example/p.jpg")
    expect(shown.get_by_role("link", name="signature")).to_have_count(0)
    expect(place).to_have_count(0)
    assert faults_of_access(page) == faults_of_access(desk) == []


@pytest.mark.parametrize("source", ["aftership", "17track", "shippo"])
def test_what_no_source_sent_is_refused(demo: Demo, source: str) -> None:
    url, told = f"{demo.guest.url}/v1/webhooks/carriers/{source}", Told.__new__(Told)
    told.demo = demo
    for body, signed, status, code in (
        (b"{}", {}, 403, "bad_signature"),
        (b"{}", {"aftership-hmac-sha256": "x", "sign": "y", "Shippo-Auth-Signature": "t=1,v1=z"}, 403, "bad_signature"),
        (b"\xff\xfe{", None, 422, "malformed_webhook"),
        (b"[]", None, 422, "malformed_webhook"),
        (b"x" * ((1 << 20) + 1), None, 413, None),
    ):
        answer = told.post(source, body, signed)

        assert answer.status_code == status, (url, body[:9], answer.text)
        assert code is None or answer.json()["code"] == code


def test_rows_of_a_carrier_without_a_connection_are_uploaded(demo: Demo) -> None:
    told, warehouse, number = Told(demo), demo.as_staff("warehouse"), demo.tracking_number
    header = "status;occurred_at;tracking_number;message;colour\n"
    rows = (
        f"in_transit;{told.at(10)};{number};In our van;blue\n"
        f"delivered;{told.at(20)};{number};Handed over at the door;\n"
        f"\nbeamed;{told.at(15)};{number};;\n"
        f"delivered;yesterday;{number};;\n"
        f"in_transit;{told.at(10)};NOBODYS{demo.run};;\n"
    )

    first = told.upload(warehouse, (header + rows).encode("utf-16"))
    again = told.upload(warehouse, (header + rows).encode())

    assert first.status_code == 200, first.text
    assert [row["outcome"] for row in first.json()["rows"]] == [
        "added", "added", "unknown_status", "refused", "unmatched",
    ]  # fmt: skip
    assert [row["row"] for row in first.json()["rows"]] == [2, 3, 5, 6, 7]
    assert first.json()["rows"][3]["detail"] == "occurred_at is not a time with a zone"
    assert (first.json()["added"], first.json()["refused"]) == (4, 1)
    assert {row["outcome"] for row in again.json()["rows"]} == {"known", "refused"}
    assert told.status() == "delivered"

    for who, body, media, status, code in (
        (demo.as_staff("agent"), header + rows, "text/csv", 403, "role_required"),
        (warehouse, "", "text/csv", 422, "bad_scans_csv"),
        (warehouse, "tracking_number,status\n1,delivered\n", "text/csv", 422, "bad_scans_csv"),
        (warehouse, header + rows * 300, "text/csv", 422, "bad_scans_csv"),
        (warehouse, '"\n', "text/csv", 422, "bad_scans_csv"),
        (warehouse, header, "application/json", 415, "unsupported_media_type"),
    ):
        answer = told.upload(who, body.encode(), media)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


def test_a_lead_has_webhooks_read_again(demo: Demo) -> None:
    told = Told(demo)
    for code, seconds in (("InTransit_002", 10), ("InTransit_099", 20)):
        told.post("aftership", told.body("aftership", code, seconds))
    wanted = {"tracking_number": demo.tracking_number.lower()}

    by_agent = ask(demo.as_staff("agent"), wanted)
    by_lead = ask(demo.as_staff("lead"), wanted)

    assert (by_agent.status_code, by_lead.status_code, by_lead.json()) == (403, 202, {"webhooks": 2})
    assert told.status() == "in_transit"


def ask(who: Client, wanted: Mapping[str, Any]) -> requests.Response:
    return who.send("POST", "/v1/scans/reread", json=wanted)
