"""Each source of tracking over HTTP: one parcel, told of by all of them, and by rows that the warehouse uploads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from deploy.demo.client import Client
from deploy.demo.story import Demo
from services.common.edge import signatures
from services.logistics.adapters.carriers import aftership, seventeen_track
from tests.e2e.conftest import SOURCES
from tests.e2e.desk import faults_of_access

(SECRET,) = set(SOURCES.values())


class Told:
    """A parcel that each source tells of in its own way."""

    def __init__(self, demo: Demo):
        self.demo = demo
        order, self.customer = demo.a_guest_orders_and_pays()
        self.number: str = order["number"]
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
