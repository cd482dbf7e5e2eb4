"""Shipments and tracking over HTTP: who may ask, what reaches logistics, and how a refusal is answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from gateway.tests.conftest import Running, begin
from gateway.tests.peers import FOREIGN, ORDER, PEERS, Peer
from gateway.tests.test_errors import problem_of
from gateway.tests.tokens import access_token, order_token
from services.common.basics.clock import now
from services.common.basics.errors import Conflict, Forbidden, NotFound
from services.common.basics.ids import number
from services.common.bus.rpc import rpc
from services.common.edge.schemas import check_reply
from services.logistics.api.replies import ShipmentView, TrackingView

SHIPMENT = number("SHP", 5)
CONTRACTS = Path(__file__).parents[2] / "services" / "logistics" / "contracts"
STEPS: dict[str, dict[str, Any]] = {
    "sorted": {},
    "packed": {},
    "dispatched": {"parcels": [{"carrier": "FedEx", "tracking_number": "EZ4000000004", "weight_g": 700}]},
}


def example(name: str) -> dict[str, Any]:
    reply: dict[str, Any] = json.loads((CONTRACTS / f"rpc_{name}.v1.json").read_text())
    return reply


class LogisticsService(Peer):
    """Answers with what logistics promises; of ORDER it knows a shipment, of others none."""

    name = "logistics"

    @rpc
    def list_shipments(self, query: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("list_shipments"))

    @rpc
    def get_shipment(self, number: str) -> dict[str, Any]:
        return self.asked.answer(example("get_shipment"))

    @rpc
    def mark_sorted(self, number: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("get_shipment"))

    @rpc
    def mark_packed(self, number: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("get_shipment"))

    @rpc
    def mark_dispatched(self, number: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("mark_dispatched"))

    @rpc
    def get_tracking(self, order_number: str) -> dict[str, Any]:
        known = {} if order_number == ORDER else {"order_number": order_number, "shipments": []}
        return self.asked.answer({**example("get_tracking"), **known})


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with ExitStack() as stack:
        peers = (*(peer for peer in PEERS if peer.name != "logistics"), LogisticsService)
        yield begin(stack, tmp_path_factory.mktemp("data"), peers=peers)


@pytest.fixture
def api(running: Running) -> Running:
    for service in ("orders", "logistics"):
        running.asked(service).forget()
    return running


def bearer(role: str) -> dict[str, str]:
    if role == "link":
        return {"Authorization": f"Bearer {order_token(ORDER, now())}"}
    email = "ada@example.com" if role == "customer" else f"{role}@pledge.example"
    return {"Authorization": f"Bearer {access_token(email, [role], now())}"}


@pytest.mark.parametrize("step", STEPS)
def test_each_step_reaches_logistics_with_body_and_caller(api: Running, step: str) -> None:
    answer = api.post(f"/v1/shipments/{SHIPMENT}/{step}", STEPS[step], headers=bearer("warehouse"))

    assert answer.status_code == 200
    called, args, caller = api.asked("logistics").calls[0]
    assert (called, list(args), caller.roles) == (f"mark_{step}", [SHIPMENT, STEPS[step]], {"warehouse"})
    assert caller.idempotency_key


def test_the_queue_hands_its_filters_on(api: Running) -> None:
    path = f"/v1/shipments?status=packed&order_number={ORDER}&limit=5"

    answer = api.get(path, headers=bearer("warehouse"))

    assert answer.json() == example("list_shipments")
    query = {"status": "packed", "order_number": ORDER, "limit": 5}
    assert api.asked("logistics").calls[0][:2] == ("list_shipments", [query])


@pytest.mark.parametrize("role", ["customer", "link", "agent", "warehouse"])
def test_tracking_is_shown_to_the_customer_and_to_staff(api: Running, role: str) -> None:
    answer = api.get(f"/v1/orders/{ORDER}/tracking", headers=bearer(role))

    assert (answer.status_code, answer.json()) == (200, example("get_tracking"))


@pytest.mark.parametrize("role", ["customer", "link", "agent"])
def test_nothing_is_said_of_orders_the_caller_may_not_see(api: Running, role: str) -> None:
    answer = api.get(f"/v1/orders/{FOREIGN}/tracking", headers=bearer(role))

    assert problem_of(answer) == (404, "order_not_found")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/shipments", None),
        ("GET", f"/v1/shipments/{SHIPMENT}", None),
        ("POST", f"/v1/shipments/{SHIPMENT}/sorted", {}),
        ("GET", f"/v1/orders/{ORDER}/tracking", None),
    ],
)
def test_a_guest_is_asked_to_sign_in(api: Running, method: str, path: str, body: Any) -> None:
    answer = api.request(method, path, json=body)

    assert answer.status_code == 401
    assert api.asked("logistics").calls == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"{SHIPMENT}/sorted", {"force": True}),
        (f"{SHIPMENT}/dispatched", {"parcels": []}),
        (f"{SHIPMENT}/dispatched", {"parcels": [{"carrier": "fedex"}]}),
        (f"{SHIPMENT}/dispatched", {"parcels": [{"carrier": "fedex", "tracking_number": "1", "weight_g": "700"}]}),
    ],
)
def test_invalid_steps_are_refused_before_logistics_is_asked(api: Running, path: str, body: Any) -> None:
    answer = api.post(f"/v1/shipments/{path}", body, headers=bearer("warehouse"))

    assert problem_of(answer) == (422, "validation_failed")
    assert api.asked("logistics").calls == []


@pytest.mark.parametrize("path", ["SHP-0000-0001-X/sorted", "nonsense/sorted", "SHP-0000/packed"])
def test_a_number_that_can_be_none_is_not_found(api: Running, path: str) -> None:
    assert api.post(f"/v1/shipments/{path}", {}, headers=bearer("warehouse")).status_code == 404
    assert api.asked("logistics").calls == []


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (Conflict("on hold", code="shipment_on_hold"), 409),
        (Conflict("not packed", code="wrong_shipment_status"), 409),
        (Forbidden("no", code="role_required"), 403),
        (NotFound("no such shipment", code="shipment_not_found"), 404),
    ],
)
def test_a_refusal_comes_back_with_its_code(api: Running, refusal: Any, status: int) -> None:
    api.asked("logistics").refusal = refusal

    answer = api.post(f"/v1/shipments/{SHIPMENT}/dispatched", STEPS["dispatched"], headers=bearer("warehouse"))

    assert problem_of(answer) == (status, refusal.code)


@pytest.mark.parametrize("name", ["get_shipment", "mark_dispatched"])
def test_what_logistics_promises_is_what_is_documented(name: str) -> None:
    check_reply(ShipmentView, example(name))


def test_tracking_is_documented_as_it_is() -> None:
    tracking = example("get_tracking")

    check_reply(TrackingView, tracking)
