"""Two stock places over HTTP: one order, two shipments, each from its place, and the last one completes it."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from services.common.basics import clock
from services.common.basics.clock import rfc3339
from services.common.testing import eventually
from tests.shop.conftest import Json, Shop

BERLIN = {"name": "Berlin", "line1": "Hauptstraße 1", "city": "Berlin", "postal_code": "10115", "country": "DE"}


def asked(shop: Shop, method: str, path: str, body: Json | None = None, role: str = "warehouse") -> Json:
    answer = shop.ask(method, path, role=role, json=body)
    assert answer.ok, answer.text
    return dict(answer.json())


def hand_over(shop: Shop, number: str) -> Json:
    """Pack a shipment and hand it over. Return it."""
    for step in ("sorted", "packed"):
        asked(shop, "POST", f"/shipments/{number}/{step}", {})
    parcel = {"carrier": "dhl", "tracking_number": uuid.uuid4().hex[:12].upper()}
    return asked(shop, "POST", f"/shipments/{number}/dispatched", {"parcels": [parcel]})


def test_an_order_of_two_places_comes_in_two_shipments(shop: Shop) -> None:
    asked(shop, "PUT", "/stock-places/berlin", BERLIN, role="lead")
    shop.stocked("SPLIT", 5)
    move = {"sku": "SPLIT", "quantity": 3, "from_place": "main", "to_place": "berlin", "reason": "transport 1"}
    asked(shop, "POST", "/stock-moves", move, role="lead")
    placed = shop.paid(("SPLIT", 5))
    path = f"/shipments?order_number={placed['number']}"

    shipments = eventually(lambda: found if len(found := asked(shop, "GET", path)["items"]) == 2 else [])

    by_place = {each["place"]: each for each in shipments}
    assert {place: each["lines"][0]["quantity"] for place, each in by_place.items()} == {"main": 2, "berlin": 3}
    berlin = by_place["berlin"]["number"]
    assert berlin in [each["number"] for each in asked(shop, "GET", "/shipments?place=berlin")["items"]]
    assert berlin in asked(shop, "GET", "/pick-list?place=berlin")["shipments"]
    assert asked(shop, "GET", f"/shipments/{berlin}/papers")["sender"]["city"] == "Berlin"
    sent = [hand_over(shop, each["number"]) for each in shipments]
    shop.until(placed, lambda order: all(each["dispatched_at"] for each in order["shipments"]))
    for each in sent:
        assert shop.show(placed)["status"] == "confirmed"
        (parcel,) = each["parcels"]
        at = rfc3339(clock.now() + timedelta(milliseconds=1))
        delivery = {"delivered_at": at, "evidence": "The carrier's driver told us by telephone."}
        asked(shop, "POST", f"/shipments/{each['number']}/parcels/{parcel['id']}/delivery", delivery)
    shop.until(placed, lambda order: order["status"] == "completed")
    there = {each["place"]: (each["on_hand"], each["reserved"]) for each in shop.stock("SPLIT")["places"]}
    assert there == {"main": (0, 0), "berlin": (0, 0)}


@pytest.mark.parametrize("path", ["/pick-list", "/pick-list.pdf"])
def test_a_place_that_is_not_known_is_said_so(shop: Shop, path: str) -> None:
    answer = shop.ask("GET", f"{path}?place=nowhere", role="warehouse")

    assert (answer.status_code, answer.json()["code"]) == (404, "stock_place_unknown")
