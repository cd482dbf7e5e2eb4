"""Addresses, mailboxes, phones and numbers as people type them, over HTTP, to the end of the promise."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import requests

from deploy.demo.client import Client, wait_for
from services.common.basics import ids
from tests.e2e.conftest import started
from tests.openapi.house import Bought, House

Json = dict[str, Any]


@pytest.fixture(scope="module")
def house(platform: str, staff: dict[str, Client]) -> House:
    return House(platform, staff)


@pytest.fixture(scope="module")
def paid(house: House) -> Bought:
    return house.paid_order()


def form(house: House, contact: Json | None = None, **delivery: Any) -> Json:
    wish = copy.deepcopy(house._demo.wish([{"sku": house.skus[0], "quantity": 1}]))
    wish["contact"].update(contact or {})
    wish["delivery"] = {"name": "Ada Lovelace", "line1": "1 Example Street", **delivery}
    return wish


def refusal(url: str, path: str, body: Json) -> tuple[int, str, list[str]]:
    answer = requests.post(f"{url}{path}", json=body, timeout=60)
    problem = answer.json()
    return answer.status_code, problem.get("code", ""), [each["field"] for each in problem.get("errors", [])]


def reviewed(house: House, wish: Json) -> Json:
    """Place and pay that order, and return it as staff see it once its review was made."""
    order = house.guest.post("/v1/orders", wish)
    house._demo.pay(order["number"], house.guest.with_token(order["access_token"]))
    reviewer = house.staff("reviewer")

    def judged() -> Json | None:
        shown = reviewer.get(f"/v1/orders/{order['number']}")
        return shown if shown["review"]["status"] != "pending" else None

    return wait_for(judged)


NULLS = {"region": None, "line2": None, "company": None, "city": None, "postal_code": None}


@pytest.mark.parametrize(
    ("contact", "delivery"),
    [
        ({}, {"country": "XK", "city": "Prishtina", "postal_code": "10000"}),
        ({}, {"country": "SG", "postal_code": "546080", "city": ""}),
        ({}, {**NULLS, "country": "AE", "region": "Dubai"}),
        ({}, {**NULLS, "country": "AE", "city": "Dubai"}),
        ({}, {**NULLS, "country": "BW", "city": "Gaborone"}),
        ({}, {**NULLS, "country": "GB", "city": "BFPO", "postal_code": "BFPO 61"}),
        ({}, {"country": "SE", "city": "Stockholm", "postal_code": "SE-111 22", "company": "Analytical AB"}),
        ({"time_zone": "Etc/Unknown", "language": "und"}, {"country": "DE", "city": "Berlin", "postal_code": "10115"}),
        ({"time_zone": "", "language": None}, {"country": "CA", "city": "Ottawa", "postal_code": "k1a-0b1",
                                               "region": "Ontario"}),
        ({"time_zone": None, "language": "pt_BR.UTF-8"}, {"country": "BR", "city": "São Paulo", "region": "Sao Paulo",
                                                          "postal_code": "01310100"}),
        ({"name": "Ada\t\u200bLovelace\u2028"}, {"country": "US", "city": "New York", "region": "NY",
                                                 "postal_code": "100010147"}),
    ],
)  # fmt: skip
def test_an_address_as_people_write_it_passes_the_review(house: House, contact: Json, delivery: Json) -> None:
    order = reviewed(house, form(house, contact, **delivery))

    assert order["review"]["status"] == "passed", order["review"]
    assert order["contact"]["name"] == "Ada Lovelace"
    assert order["delivery"].get("company", "") == (delivery.get("company") or "")


@pytest.mark.parametrize(
    ("delivery", "objection"),
    [
        ({"country": "HU", "city": "Budapest", "postal_code": "ABCDEFGHIJ"}, "no postal code of HU"),
        ({"country": "US", "city": "Los Angeles", "region": "CA", "postal_code": "10001"}, "is not in CA"),
        ({"country": "US", "city": "Munich", "region": "Bavaria", "postal_code": "10001"}, "Bavaria is no region"),
        ({"country": "DE", "city": "Berlin"}, "the postal code is missing"),
    ],
)
def test_an_unusual_address_is_asked_about(house: House, delivery: Json, objection: str) -> None:
    order = reviewed(house, form(house, **delivery))

    found = {check["check"]: check["evidence"] for check in order["review"]["checks"]}
    assert order["review"]["status"] == "needs_contact"
    assert objection in found["delivery"]


@pytest.mark.parametrize(
    ("contact", "delivery", "code", "field"),
    [
        ({"phone": "123"}, {}, "validation_failed", "contact.phone"),
        ({"email": "我買@example.com"}, {}, "validation_failed", "contact.email"),
        ({"email": "jürgen@mail.example"}, {}, "validation_failed", "contact.email"),
        ({"name": "\u200b"}, {}, "validation_failed", "contact.name"),
        ({}, {"city": ""}, "validation_failed", "delivery.city"),
        ({}, {"country": "XX"}, "validation_failed", "delivery.country"),
        ({}, {"country": "KP"}, "destination_not_served", "delivery.country"),
        ({}, {"country": "AQ"}, "destination_not_served", "delivery.country"),
    ],
)
def test_an_unreachable_destination_is_refused_at_once(
    house: House, contact: Json, delivery: Json, code: str, field: str
) -> None:
    place = {"country": "GB", "city": "London", "postal_code": "SW1Y 4JH", **delivery}

    assert refusal(house.url, "/v1/orders", form(house, contact, **place)) == (422, code, [field])


def test_a_proposed_address_is_held_to_the_same_rules(house: House) -> None:
    bought = house.confirmed_order()
    address = {"name": "Ada", "line1": "1 Street", "country": "GB", "postal_code": "sw1a1aa"}
    elsewhere = {**address, "country": "KP"}
    path, agent = f"/v1/orders/{bought.number}/changes", house.staff("agent")
    wanted = {"kind": "address", "reason": "they moved", "delivery": address}

    answer = agent.send("POST", path, json=wanted)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "delivery.city")
    answer = agent.send("POST", path, json={**wanted, "delivery": elsewhere})
    assert (answer.status_code, answer.json()["code"]) == (422, "destination_not_served")

    change = agent.post(path, {**wanted, "delivery": {**address, "city": "London"}})
    assert change["options"][0]["label"] == "Deliver to Ada, 1 Street, London, SW1A 1AA, GB"


def spellings(number: str) -> list[str]:
    plain = number.replace("-", "")
    look_alike = number[:3] + number[3:].replace("0", "O").replace("1", "l").replace("2", "z")
    return [number.lower(), plain, plain.lower(), number.replace("-", " "), f" {number[:8]} – {number[9:]} ",
            number[4:], look_alike, number.replace("ORD", "0RD")]  # fmt: skip


def test_an_order_is_found_however_its_number_is_typed(house: House, paid: Bought) -> None:
    agent, number = house.staff("agent"), paid.number
    shipment = house.shipment(number)

    for typed in spellings(number):
        assert [each["number"] for each in agent.get("/v1/shipments", order_number=typed)["items"]] == [shipment]
        assert agent.get("/v1/returns", order_number=typed)["items"] == []
        for path in ("", "/timeline", "/tracking", "/changes"):
            answer = paid.customer.send("GET", f"/v1/orders/{typed}{path}")
            assert answer.status_code == 200, (typed, path)
        assert paid.customer.get(f"/v1/orders/{typed}")["number"] == paid.number
        message = {"name": "Ada", "email": "ada@example.com", "category": "order", "subject": "When?",
                   "message": "When does it come?", "order_number": typed}  # fmt: skip
        ticket = house.guest.post("/v1/contact", message)["ticket_number"]
        listed = agent.get("/v1/tickets", order_number=typed, limit=100)["items"]
        assert ticket in [each["number"] for each in listed]
        assert agent.get(f"/v1/tickets/{ticket.lower().replace('-', '')}")["order_number"] == paid.number


def test_the_page_of_an_order_has_one_address(house: House, paid: Bought) -> None:
    page = requests.get(f"{house.url}/orders/{paid.number.lower()}", timeout=60, allow_redirects=False)

    assert (page.status_code, page.headers["Location"]) == (308, f"/orders/{paid.number}")
    assert requests.get(f"{house.url}/orders/{paid.number}", timeout=60).status_code == 200


@pytest.mark.parametrize("typed", ["ORD-0000-0000-1", "nonsense", ids.number(ids.RETURN, 0)])
def test_what_is_no_order_number_finds_nothing(house: House, typed: str) -> None:
    assert requests.get(f"{house.url}/v1/orders/{typed}", timeout=60).status_code == 404


def test_a_shop_says_where_it_ships_to(tmp_path: Path) -> None:
    with started(tmp_path, PLEDGE_SHIP_TO="DE, FR") as url:
        shop = House(url)
        place: Json = {"city": "London", "postal_code": "SW1Y 4JH", "country": "GB"}

        assert refusal(url, "/v1/orders", form(shop, **place)) == (422, "destination_not_served", ["delivery.country"])
        assert (
            reviewed(shop, form(shop, city="Paris", postal_code="75001", country="FR"))["review"]["status"] == "passed"
        )


def test_the_promise_is_counted_in_the_days_of_the_region(house: House) -> None:
    """Delivered to La Réunion by its postal code: Indian/Reunion, and the calendar of the island."""
    wish = form(house, country="FR", city="Saint-Denis", postal_code="97400")
    order = reviewed(house, wish)

    tracking = house.dispatch(order["number"])

    assert tracking
    clock = wait_for(
        lambda: next(
            (each for each in house.staff("agent").get(f"/v1/orders/{order['number']}")["commitments"]
             if each["kind"] == "delivery"), None,
        )
    )  # fmt: skip
    assert (clock["calendar"], clock["zone"]) == ("FR-974", "Indian/Reunion")


def test_a_topic_that_does_not_fit_is_refused(house: House) -> None:
    message = {"name": "Ada", "email": "ada@example.com", "subject": "A question", "message": "Is it cotton?",
               "category": "order", "topic": "materials"}  # fmt: skip

    assert refusal(house.url, "/v1/contact", message) == (422, "validation_failed", ["topic"])


def test_an_unknown_product_is_asked_about_not_refused(house: House) -> None:
    """The message arrives, its writer is asked which product they mean, and staff see that there is none."""
    message = {"name": "Ada", "email": "ada@example.com", "category": "product", "subject": "A question",
               "message": "Is it cotton?"}  # fmt: skip
    agent = house.staff("agent")

    unknown = house.guest.post("/v1/contact", {**message, "sku": "NOPE-123"})
    known = house.guest.post("/v1/contact", {**message, "sku": house.skus[0].lower()})
    products = [agent.get(f"/v1/tickets/{each['ticket_number']}")["product"] for each in (unknown, known)]

    assert [each["field"] for each in unknown["doubts"]] == ["sku"]
    assert "doubts" not in known
    assert [each["title"] for each in products] == [None, "Thing A"]


def test_a_question_about_a_product_needs_nothing_else(house: House) -> None:
    message = {"name": "Ada", "email": "ada@example.com", "category": "product", "topic": None, "order_number": None,
               "subject": "A\tquestion\u202e", "message": "Is it cotton?", "sku": house.skus[0]}  # fmt: skip

    ticket = house.guest.post("/v1/contact", message)["ticket_number"]

    assert house.staff("agent").get(f"/v1/tickets/{ticket}")["subject"] == "A question"
