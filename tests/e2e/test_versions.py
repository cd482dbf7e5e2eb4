"""If-Match wherever a version is shown: what was not seen is not overwritten, and the refusal shows how it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import requests

from deploy.demo.client import Client
from tests.openapi.house import House

Json = dict[str, Any]
STALE = '"987654"'


class Step(NamedTuple):
    """What is done to a thing: where, with what, and the version of it that was seen."""

    path: str
    body: Json
    version: int
    who: Client


@pytest.fixture(scope="module")
def house(platform: str, staff: dict[str, Client]) -> House:
    return House(platform, staff)


def a_message(house: House) -> Step:
    case, agent = house.open_ticket(), house.staff("agent")
    path = f"/v1/tickets/{case.number}"
    return Step(f"{path}/messages", {"body": "It weighs half a pound."}, agent.get(path)["version"], agent)


def a_customers_message(house: House) -> Step:
    case = house.open_ticket()
    path = f"/v1/tickets/{case.number}"
    return Step(f"{path}/messages", {"body": "And how large is it?"}, case.customer.get(path)["version"], case.customer)


def a_closing(house: House) -> Step:
    case, lead = house.resolved_ticket(), house.staff("lead")
    path = f"/v1/tickets/{case.number}"
    return Step(f"{path}/closing", {}, lead.get(path)["version"], lead)


def a_reopening(house: House) -> Step:
    case, agent = house.resolved_ticket(), house.staff("agent")
    path = f"/v1/tickets/{case.number}"
    return Step(f"{path}/reopening", {}, agent.get(path)["version"], agent)


def a_rating(house: House) -> Step:
    case = house.resolved_ticket()
    link = house.guest.mail_link(house.email, f"/tickets/{case.number}", containing="half a pound")
    reader = house.guest.with_token(link.partition("#token=")[2])
    path = f"/v1/tickets/{case.number}"
    return Step(f"{path}/rating", {"score": 5}, reader.get(path)["version"], reader)


def a_cancellation(house: House) -> Step:
    bought = house.placed_order()
    path = f"/v1/orders/{bought.number}"
    return Step(f"{path}/cancellation", {}, bought.customer.get(path)["version"], bought.customer)


def a_release(house: House) -> Step:
    bought, reviewer = house.placed_order(), house.staff("reviewer")
    path = f"/v1/orders/{bought.number}"
    return Step(f"{path}/release", {"reason": "a test"}, reviewer.get(path)["version"], reviewer)


def a_stock_count(house: House) -> Step:
    path, admin = f"/v1/products/{house.skus[0]}", house.staff("admin")
    return Step(f"{path}/stock", {"delta": 1, "reason": "found one"}, admin.get(path)["version"], admin)


def a_step_of_the_warehouse(house: House) -> Step:
    number, warehouse = house.queued_shipment(), house.staff("warehouse")
    path = f"/v1/shipments/{number}"
    return Step(f"{path}/sorted", {}, warehouse.get(path)["version"], warehouse)


def a_review_of_a_return(house: House) -> Step:
    case, team = house.open_return(), house.staff("aftersales")
    path = f"/v1/returns/{case.number}"
    return Step(f"{path}/review", {"decision": "info", "question": "Which one?"}, team.get(path)["version"], team)


STEPS = (
    a_message, a_customers_message, a_closing, a_reopening, a_rating, a_cancellation, a_release, a_stock_count,
    a_step_of_the_warehouse, a_review_of_a_return,
)  # fmt: skip


@pytest.mark.parametrize("prepare", STEPS)
def test_if_match_is_honoured_and_told(house: House, prepare: Callable[[House], Step]) -> None:
    step = prepare(house)

    stale = send(step, STALE)
    zero, weak_stale = send(step, '"0"'), send(step, f"W/{STALE}")
    unclear = [send(step, header).status_code for header in ("x", '"1", "2"', '""', '"1.0"', "-1")]
    seen = send(step, f'W/"{step.version}"')

    assert (stale.status_code, stale.json()["code"]) == (412, "version_moved")
    assert stale.json()["version"] == step.version
    assert stale.json()["current"]["version"] == step.version
    assert (zero.status_code, weak_stale.status_code, unclear) == (412, 412, [400] * 5)
    assert seen.ok, seen.text


@pytest.mark.parametrize("prepare", [a_message, a_stock_count, a_step_of_the_warehouse])
def test_any_version_will_do_for_an_asterisk(house: House, prepare: Callable[[House], Step]) -> None:
    assert send(prepare(house), "*").ok


def test_a_product_that_is_not_there_matches_nothing(house: House) -> None:
    admin = house.staff("admin")
    product = {"title": "A mug", "price": {"amount": "1.00", "currency": "USD"}}

    answer = admin.send("PUT", "/v1/products/NOT-THERE-YET", json=product, headers={"If-Match": '"3"'})

    assert (answer.status_code, answer.json()["current"]) == (412, None)


def send(step: Step, if_match: str) -> requests.Response:
    return step.who.send("POST", step.path, json=step.body, headers={"If-Match": if_match})
