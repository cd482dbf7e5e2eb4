"""A parcel that does not arrive, over HTTP: the whole platform, the simulated carrier, its customer and its staff."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from deploy.demo.client import Client, wait_for
from deploy.demo.story import Demo, first, found
from gateway.settings import CARRIER_SECRET
from services.logistics.adapters.carriers import simulator

Json = dict[str, Any]
STAFF: dict[str, dict[str, Client]] = {}


@pytest.fixture
def shop(platform: str, staff: dict[str, Client]) -> str:
    STAFF[platform] = staff
    return platform


class Parcel:
    """An order of one product that was handed over to the simulated carrier, in one box or several."""

    def __init__(self, url: str, *, pieces: int = 2, boxes: int = 1):
        self.demo, self.url = Demo(url), url
        self.demo.staff = STAFF.setdefault(url, {})  # one sign-in for each role: codes are limited
        admin, self.sku = self.demo.as_staff("admin"), f"POT-{uuid.uuid4().hex[:8].upper()}"
        admin.put(f"/v1/products/{self.sku}", {"title": "Tea pot", "price": {"amount": "39.00", "currency": "USD"}})
        admin.post(f"/v1/products/{self.sku}/stock", {"delta": 10, "reason": "delivered by the maker"})
        placed = self.demo.guest.post("/v1/orders", self.demo.wish([{"sku": self.sku, "quantity": pieces}]))
        self.number, self.customer = placed["number"], self.demo.guest.with_token(placed["access_token"])
        self.demo.pay(self.number, self.customer)
        warehouse = self.demo.as_staff("warehouse")
        shipped = wait_for(lambda: first(warehouse.get("/v1/shipments", order_number=self.number)["items"]))
        self.shipment: str = shipped["number"]
        self.tracked = [f"SIM{uuid.uuid4().hex[:10].upper()}" for _ in range(boxes)]
        self.hand_over(self.shipment, *self.tracked)

    def hand_over(self, shipment: str, *tracking_numbers: str) -> None:
        warehouse = self.demo.as_staff("warehouse")
        wait_for(lambda: warehouse.try_get(f"/v1/shipments/{shipment}"))
        for step in ("sorted", "packed"):
            warehouse.post(f"/v1/shipments/{shipment}/{step}", {})
        parcels = [{"carrier": "simulator", "tracking_number": each} for each in tracking_numbers]
        warehouse.post(f"/v1/shipments/{shipment}/dispatched", {"parcels": parcels})

    def scan(self, code: str, minutes: int, tracking_number: str = "", reason: str = "") -> None:
        """Report a scan of so many minutes in the last hour, as the carrier; the time is told as a tenth of that.

        What arrived long before it was handed over would count for nothing.
        """
        at = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=60 - minutes) / 10
        event = {
            "tracking_number": tracking_number or self.tracked[0], "code": code, "occurred_at": at.isoformat(),
            "sequence": minutes, "message": code, "reason": reason,
        }  # fmt: skip
        raw = simulator.write(uuid.uuid4().hex, [event])
        headers = simulator.headers(CARRIER_SECRET, raw, datetime.now(UTC))
        sent = requests.post(f"{self.url}/v1/webhooks/carriers/simulator", raw, headers=headers, timeout=60)
        assert sent.status_code == 200, sent.text

    def order(self) -> Json:
        return self.customer.get(f"/v1/orders/{self.number}")

    def until(self, **facts: Any) -> Json:
        """Return the order once these of its fields have these values."""
        return wait_for(lambda: found(self.order(), lambda o: {**o, **facts} == o))

    def asked(self) -> Json:
        """Return the newest question once one waits for the customer."""

        def question() -> Any:
            return first([each for each in self.order()["remedies"] if each["status"] == "awaiting_customer"])

        return wait_for(question)

    def choose(self, option: str, digest: str = "") -> Json:
        wish = {"option": option, "digest": digest or self.asked()["digest"]}
        return self.customer.post(f"/v1/orders/{self.number}/remedy", wish)

    def refused(self, body: Json, who: Client | None = None) -> tuple[int, str]:
        answer = post(who or self.customer, f"/v1/orders/{self.number}/remedy", body)
        return answer.status_code, answer.json()["code"]

    def mailed(self, text: str) -> str:
        return self.demo.guest.mail_link(self.demo.email, "/", containing=text)


def post(who: Client, path: str, body: Json) -> requests.Response:
    return who.send("POST", path, json=body)


def test_a_lost_parcel_is_sent_again_and_completes_the_order(shop: str) -> None:
    parcel = Parcel(shop)
    parcel.scan("in_transit", 1)
    parcel.scan("lost", 2)
    parcel.until(stage="not_arriving")
    assert "/orders/" in parcel.mailed("You may choose")

    again = parcel.choose("resend")["replacement"]
    parcel.hand_over(again, tracked := f"SIM{uuid.uuid4().hex[:10].upper()}")
    assert parcel.order()["status"] == "confirmed"
    parcel.scan("delivered", 59, tracked)

    done = parcel.until(status="completed", stage="completed")
    lost, new = done["shipments"]
    assert (lost["number"], bool(lost["closed_at"]), lost["delivered_at"]) == (parcel.shipment, True, None)
    assert (new["number"], bool(new["delivered_at"]), bool(new["promise"])) == (again, True, True)
    clocks = {(clock["kind"], clock["subject"]): clock["status"] for clock in done["commitments"]}
    assert clocks["delivery", again] == clocks["dispatch", again] == "kept"
    assert clocks["delivery", parcel.shipment] == "recalled"
    told = [entry["type"] for entry in parcel.customer.get(f"/v1/orders/{parcel.number}/timeline")["items"]]
    assert {"parcel_not_arriving", "remedy_requested", "remedy_accepted", "shipment_closed"} <= {*told}
    wish = {"order_number": parcel.number, "lines": [{"sku": parcel.sku, "quantity": 1, "reason": "changed_mind"}]}
    wish["description"] = "I have two now."
    assert wait_for(lambda: parcel.customer.try_post("/v1/returns", wish, until_not="not_delivered_yet"))["number"]


@pytest.mark.parametrize(("code", "reason"), [("returned", ""), ("returning", ""), ("exception", "refused")])
def test_what_comes_back_is_paid_back_in_full(shop: str, code: str, reason: str) -> None:
    parcel = Parcel(shop)
    parcel.scan(code, 2, reason=reason)

    parcel.choose("refund")

    def settled(order: Json) -> bool:
        return [refund["status"] for refund in order["refunds"]] == ["settled"]

    order = wait_for(lambda: found(parcel.order(), settled))
    assert (order["status"], order["remedies"][0]["status"]) == ("cancelled", "refunded")
    assert (order["refunds"][0]["amount"]["amount"], order["refunds"][0]["cause"]) == ("78.00", "remedy")
    assert parcel.mailed("Nothing is left of your order")
    warehouse = parcel.demo.as_staff("warehouse")
    goods = {"lines": [{"sku": parcel.sku, "quantity": 2}], "note": "not opened"}
    warehouse.post(f"/v1/remedies/{order['remedies'][0]['id']}/goods", goods)
    assert parcel.demo.guest.get(f"/v1/products/{parcel.sku}")["available"] == 10
    told = {entry["type"] for entry in parcel.customer.get(f"/v1/orders/{parcel.number}/timeline")["items"]}
    assert "recall_refused" not in told


def test_a_parcel_that_turns_up_withdraws_the_question(shop: str) -> None:
    parcel = Parcel(shop)
    parcel.scan("lost", 2)
    digest = parcel.asked()["digest"]

    parcel.scan("out_for_delivery", 3)

    wait_for(lambda: found(parcel.order(), lambda o: o["remedies"][0]["status"] == "withdrawn"))
    assert parcel.mailed("has turned up")
    assert parcel.refused({"option": "refund", "digest": digest}) == (409, "wrong_status")
    parcel.scan("delivered", 4)
    assert parcel.until(status="completed")["refunds"] == []


def test_a_parcel_found_after_its_refund_reaches_a_person(shop: str) -> None:
    parcel = Parcel(shop)
    parcel.scan("lost", 2)
    parcel.choose("refund")
    parcel.until(status="cancelled")

    parcel.scan("delivered", 4)

    agent = parcel.demo.as_staff("agent")

    def ticket() -> Any:
        items = agent.get("/v1/tickets", limit=100)["items"]
        ours = [item for item in items if item["order_number"] == parcel.number]
        return first([item for item in ours if "turned up" in item["subject"]])

    assert wait_for(ticket)["status"] == "open"
    assert parcel.order()["status"] == "cancelled"


def test_one_of_two_boxes_is_cleared_by_an_agent_and_paid_back(shop: str) -> None:
    parcel = Parcel(shop, pieces=3, boxes=2)
    parcel.scan("lost", 2, parcel.tracked[0])
    agent = parcel.demo.as_staff("agent")

    def draft() -> Any:
        items = agent.get("/v1/remedies", limit=100, status="draft")["items"]
        return first([item for item in items if item["order_number"] == parcel.number])

    wait_for(draft)
    assert parcel.order()["remedies"] == []
    wish = {"shipment_number": parcel.shipment, "reason": "lost", "evidence": "packing list: one pot in box 1"}
    unclear = post(agent, f"/v1/orders/{parcel.number}/remedies", wish)
    agent.post(f"/v1/orders/{parcel.number}/remedies", {**wish, "lines": [{"sku": parcel.sku, "quantity": 1}]})
    parcel.choose("refund")
    parcel.scan("delivered", 5, parcel.tracked[1])

    assert (unclear.status_code, unclear.json()["code"]) == (422, "missing_lines_needed")
    done = parcel.until(status="completed")
    assert [line["quantity"] for line in done["lines"]] == [2]
    assert [refund["amount"]["amount"] for refund in done["refunds"]] == ["39.00"]


def test_an_agent_asks_about_a_parcel_without_scans(shop: str) -> None:
    parcel = Parcel(shop)
    agent = parcel.demo.as_staff("agent")
    wish = {"shipment_number": parcel.shipment, "reason": "never_scanned", "evidence": "the local post has no scans"}
    wait_for(lambda: found(parcel.order(), lambda o: o["stage"] == "dispatched"))

    opened = agent.post(f"/v1/orders/{parcel.number}/remedies", wish)

    assert (opened["status"], opened["evidence"]) == ("awaiting_customer", wish["evidence"])
    assert "evidence" not in parcel.asked()
    waited = parcel.choose("wait")
    assert waited["status"] == "waiting"
    clock = [each for each in parcel.order()["commitments"] if each["kind"] == "remedy"][-1]
    assert (clock["subject"], clock["status"]) == (opened["id"], "running")


def test_only_its_customer_decides_and_only_what_was_shown(shop: str) -> None:
    parcel = Parcel(shop)
    parcel.scan("lost", 2)
    digest = parcel.asked()["digest"]
    wish, stranger = {"option": "refund", "digest": digest}, parcel.demo.guest

    assert parcel.refused(wish, stranger)[0] in (401, 403, 404)
    for role in ("agent", "lead", "admin"):
        assert parcel.refused(wish, parcel.demo.as_staff(role))[0] == 403
    assert parcel.refused({**wish, "digest": "0" * 64}) == (409, "digest_mismatch")
    for broken in ({"option": "keep", "digest": digest}, {"option": "refund"}, {**wish, "amount": "999"}, {}):
        assert parcel.refused(broken)[0] == 422
    assert parcel.customer.send("GET", "/v1/remedies").status_code == 403
    assert parcel.order()["remedies"][0]["status"] == "awaiting_customer"
    parcel.choose("refund", digest)
    assert parcel.refused(wish) == (409, "wrong_status")
    assert len(parcel.until(status="cancelled")["refunds"]) == 1


def test_a_repeated_answer_with_its_key_is_the_same_answer(shop: str) -> None:
    parcel = Parcel(shop)
    parcel.scan("lost", 2)
    wish = {"option": "resend", "digest": parcel.asked()["digest"]}

    one, other = (parcel.customer.post(f"/v1/orders/{parcel.number}/remedy", wish, key="once") for _ in range(2))

    assert one == other
    assert parcel.demo.guest.get(f"/v1/products/{parcel.sku}")["available"] == 6
