"""Catalogue, orders, review and change requests over HTTP: what reaches orders, and what comes back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from gateway.resources.composition import WholeOrder
from gateway.resources.orders import NewOrder
from gateway.tests.conftest import Running, begin
from gateway.tests.peers import ORDER, PEERS, AftersalesService, LogisticsService, OrdersService
from gateway.tests.test_errors import problem_of
from gateway.tests.tokens import access_token, order_token, read_order
from services.common.basics.clock import now
from services.common.basics.errors import Conflict
from services.common.basics.ids import number
from services.common.bus.rpc import rpc
from services.common.edge.schemas import check_reply
from services.orders.api import OrdersApi

CHANGE = number("CHG", 5)
CONTRACTS = Path(__file__).parents[2] / "services"
FORM = {
    "contact": {"name": "Ada", "email": "ada@example.com", "phone": "+44 20 7946 0018"},
    "delivery": {"name": "Ada", "line1": "12 St James's Square", "city": "London", "postal_code": "SW1Y 4JH",
                 "country": "GB"},
    "lines": [{"sku": "MUG", "quantity": 2}],
}  # fmt: skip
PRODUCT = {"title": "A mug", "price": {"amount": "12.50", "currency": "USD"}}
PAYMENT, REFUND = number("PAY", 1), number("REF", 1)
DISPUTE = "01a22a09-cc27-77cf-8078-d6558fc9acee"
RAISE = {"amount": {"amount": "500.00", "currency": "USD"}, "note": "the sale comes back"}
SETTLING = {"decision": "won", "note": "the bank let us keep it"}
ANSWER = {"decision": "accept", "option": "wait", "digest": "0" * 64}
CALLS: list[tuple[str, str, str, dict[str, Any], int, list[Any]]] = [
    # method and path, who, body, status, what reaches orders
    ("POST /v1/orders", "guest", "place_order", FORM, 201, [FORM]),
    (f"POST /v1/orders/{ORDER}/payments", "link", "start_payment", {}, 201, [ORDER, {}]),
    (f"POST /v1/orders/{ORDER}/cancellation", "link", "cancel_order", {"reason": "x"}, 202, [ORDER, {"reason": "x"}]),
    (f"POST /v1/orders/{ORDER}/changes", "agent", "propose_change", {"kind": "cancel", "reason": "x"}, 201,
     [ORDER, {"kind": "cancel", "reason": "x"}]),
    (f"POST /v1/changes/{CHANGE}/answer", "link", "answer_change", ANSWER, 200, [CHANGE, ANSWER]),
    (f"POST /v1/orders/{ORDER}/review", "reviewer", "decide_review", {"decision": "pass"}, 200,
     [ORDER, {"decision": "pass"}]),
    (f"POST /v1/payments/{PAYMENT}/settle", "lead", "settle_payment", SETTLING, 200, [PAYMENT, SETTLING]),
    (f"POST /v1/disputes/{DISPUTE}/answer", "lead", "answer_dispute", {"note": "sent"}, 200,
     [DISPUTE, {"note": "sent"}]),
    ("POST /v1/payments/books/compare", "lead", "compare_books", {}, 200, []),
    ("POST /v1/refunds/ceiling", "admin", "raise_refund_ceiling", RAISE, 200, [RAISE]),
    (f"POST /v1/refunds/{REFUND}/retry", "lead", "retry_refund", {}, 200, [REFUND, {}]),
    (f"POST /v1/refunds/{REFUND}/paid", "lead", "record_paid_refund", {"proof": "transfer 1"}, 200,
     [REFUND, {"proof": "transfer 1"}]),
    ("PUT /v1/products/MUG", "admin", "put_product", PRODUCT, 200, ["MUG", PRODUCT]),
    ("POST /v1/products/MUG/stock", "admin", "adjust_stock", {"delta": -1, "reason": "x"}, 200,
     ["MUG", {"delta": -1, "reason": "x"}]),
]  # fmt: skip
LISTS: list[tuple[str, str, str]] = [
    ("/v1/products?q=mug", "guest", "list_products"),
    ("/v1/products/MUG", "guest", "get_product"),
    ("/v1/orders?status=confirmed", "customer", "list_orders"),
    (f"/v1/orders/{ORDER}/changes", "link", "list_changes"),
    ("/v1/reviews", "reviewer", "list_reviews"),
    ("/v1/payments/attention", "lead", "list_attention"),
    ("/v1/disputes", "lead", "list_disputes"),
    (f"/v1/disputes/{DISPUTE}", "lead", "get_dispute"),
    ("/v1/payments/books", "lead", "list_books"),
    ("/v1/refunds?status=manual", "lead", "list_refunds"),
    ("/v1/refunds/ceiling", "lead", "get_refund_ceiling"),
]
SHOWN = sorted(
    path.name.removeprefix("rpc_").removesuffix(".v1.json") for path in CONTRACTS.glob("orders/contracts/rpc_*.json")
)


def example(name: str, service: str = "orders") -> dict[str, Any]:
    reply: dict[str, Any] = json.loads((CONTRACTS / service / "contracts" / f"rpc_{name}.v1.json").read_text())
    return reply


class Logistics(LogisticsService):
    """Answers with what logistics promises."""

    @rpc
    def get_tracking(self, number: str) -> dict[str, Any]:
        return example("get_tracking", "logistics")


class Aftersales(AftersalesService):
    """Answers with what aftersales promises."""

    @rpc
    def list_returns(self, query: dict[str, Any]) -> dict[str, Any]:
        return {"items": [example("get_return", "aftersales")], "next_cursor": None}


class Orders(OrdersService):
    """Answers with what orders promises."""

    @rpc
    def place_order(self, form: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("place_order"))

    @rpc
    def get_order(self, number: str) -> dict[str, Any]:
        return self.asked.answer(example("get_order"))

    @rpc
    def list_orders(self, query: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("list_orders"))

    @rpc
    def start_payment(self, number: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("start_payment"))

    @rpc
    def cancel_order(self, number: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("cancel_order"))

    @rpc
    def list_changes(self, number: str) -> dict[str, Any]:
        return self.asked.answer(example("list_changes"))

    @rpc
    def propose_change(self, number: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("propose_change"))

    @rpc
    def answer_change(self, change_id: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("answer_change"))

    @rpc
    def list_reviews(self, query: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("list_reviews"))

    @rpc
    def decide_review(self, number: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("decide_review"))

    @rpc
    def list_attention(self, query: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("list_attention"))

    @rpc
    def settle_payment(self, payment_id: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("settle_payment"))

    @rpc
    def list_disputes(self, query: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("list_disputes"))

    @rpc
    def get_dispute(self, dispute_id: str) -> dict[str, Any]:
        return self.asked.answer(example("get_dispute"))

    @rpc
    def answer_dispute(self, dispute_id: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("answer_dispute"))

    @rpc
    def list_books(self) -> dict[str, Any]:
        return self.asked.answer(example("list_books"))

    @rpc
    def compare_books(self) -> dict[str, Any]:
        return self.asked.answer(example("compare_books"))

    @rpc
    def list_refunds(self, query: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("list_refunds"))

    @rpc
    def get_refund_ceiling(self) -> dict[str, Any]:
        return self.asked.answer(example("get_refund_ceiling"))

    @rpc
    def raise_refund_ceiling(self, body: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("raise_refund_ceiling"))

    @rpc
    def retry_refund(self, refund_id: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("retry_refund"))

    @rpc
    def record_paid_refund(self, refund_id: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("record_paid_refund"))

    @rpc
    def list_products(self, query: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("list_products"))

    @rpc
    def get_product(self, sku: str) -> dict[str, Any]:
        return self.asked.answer(example("get_product"))

    @rpc
    def put_product(self, sku: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("put_product"))

    @rpc
    def adjust_stock(self, sku: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("adjust_stock"))

    @rpc
    def import_products(self, text: str) -> dict[str, Any]:
        return self.asked.answer({"imported": 1})


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with ExitStack() as stack:
        others = (peer for peer in PEERS if peer.name not in {"orders", "logistics", "aftersales"})
        peers = (*others, Orders, Logistics, Aftersales)
        yield begin(stack, tmp_path_factory.mktemp("data"), peers=peers)


@pytest.fixture
def api(running: Running) -> Running:
    running.asked("orders").forget()
    return running


def bearer(role: str) -> dict[str, str]:
    if role == "guest":
        return {}
    if role == "link":
        return {"Authorization": f"Bearer {order_token(ORDER, now())}"}
    return {"Authorization": f"Bearer {access_token(f'{role}@pledge.example', [role], now())}"}


@pytest.mark.parametrize(("call", "who", "reaches", "body", "status", "args"), CALLS, ids=[each[2] for each in CALLS])
def test_each_command_reaches_orders_as_it_was_sent(
    api: Running, call: str, who: str, reaches: str, body: dict[str, Any], status: int, args: list[Any]
) -> None:
    method, path = call.split()

    answer = api.request(method, path, json=body, headers={**bearer(who), "Idempotency-Key": "k-1"})

    assert answer.status_code == status
    assert answer.json().items() >= example(reaches).items()
    called, given, caller = api.asked("orders").calls[0]
    assert (called, list(given), caller.idempotency_key) == (reaches, args, "k-1")


@pytest.mark.parametrize(("path", "who", "reaches"), LISTS)
def test_what_is_read_comes_as_orders_gave_it(api: Running, path: str, who: str, reaches: str) -> None:
    answer = api.get(path, headers=bearer(who))

    assert (answer.status_code, answer.json()) == (200, example(reaches))
    assert api.asked("orders").calls[0][0] == reaches


@pytest.mark.parametrize("name", SHOWN)
def test_the_documentation_shows_what_orders_promises(name: str) -> None:
    declared = OrdersApi.methods[name.removesuffix("_as_staff")]

    check_reply(declared.reply, example(name))


def test_a_composed_order_is_what_the_documentation_shows(api: Running) -> None:
    shown = api.get(f"/v1/orders/{ORDER}", headers=bearer("agent")).json()
    placed = api.post("/v1/orders", FORM).json()

    assert shown["shipments"]
    assert shown["returns"]
    assert shown["missing"] == []
    check_reply(WholeOrder, shown)
    check_reply(NewOrder, placed)


def test_a_guest_gets_a_token_for_the_order_they_placed(api: Running) -> None:
    order = api.post("/v1/orders", FORM).json()

    link = read_order(order["access_token"], now())
    assert link is not None
    assert link.order_number == order["number"]


@pytest.mark.parametrize(("call", "who", "reaches", "body", "status", "args"), CALLS[1:], ids=[c[2] for c in CALLS[1:]])
def test_an_unknown_caller_is_asked_to_sign_in(
    api: Running, call: str, who: str, reaches: str, body: dict[str, Any], status: int, args: list[Any]
) -> None:
    method, path = call.split()

    assert api.request(method, path, json=body).status_code == 401
    assert api.asked("orders").calls == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/orders", {**FORM, "total": "0.01"}),
        ("/v1/orders", {**FORM, "lines": [{"sku": "MUG", "quantity": 1, "unit_price": "0.01"}]}),
        ("/v1/orders", {**FORM, "lines": []}),
        (f"/v1/orders/{ORDER}/changes", {"kind": "cancel", "reason": "x", "force": True}),
        (f"/v1/orders/{ORDER}/review", {"decision": "cancel"}),
        (f"/v1/changes/{CHANGE}/answer", {"decision": "accept"}),
        ("/v1/products/MUG/stock", {"delta": 1.5, "reason": "x"}),
    ],
)
def test_invalid_orders_are_refused_before_orders_is_asked(api: Running, path: str, body: Any) -> None:
    answer = api.post(path, body, headers=bearer("admin"))

    assert problem_of(answer) == (422, "validation_failed")
    assert api.asked("orders").calls == []


def test_an_edit_names_the_version_it_saw(api: Running) -> None:
    headers = {**bearer("admin"), "If-Match": '"3"'}
    seen = api.request("PUT", "/v1/products/MUG", json=PRODUCT, headers=headers)
    api.asked("orders").refusal = Conflict("moved", code="version_moved", details={"version": 4})

    moved = api.request("PUT", "/v1/products/MUG", json=PRODUCT, headers=headers)

    assert seen.headers["ETag"] == f'"{example("put_product")["version"]}"'
    assert list(api.asked("orders").calls[0][1]) == ["MUG", {**PRODUCT, "version": 3}]
    assert problem_of(moved) == (412, "version_moved")


@pytest.mark.parametrize("code", ["out_of_stock", "idempotency_key_reused", "change_stale", "already_dispatched"])
def test_a_refusal_keeps_its_code(api: Running, code: str) -> None:
    api.asked("orders").refusal = Conflict("no", code=code)

    assert problem_of(api.post("/v1/orders", FORM)) == (409, code)


def test_a_csv_is_handed_on_as_text(api: Running) -> None:
    csv = {**bearer("admin"), "Content-Type": "text/csv"}

    taken = api.request("POST", "/v1/products/import", data="sku\nMUG\n".encode("utf-8-sig"), headers=csv)
    garbled = api.request("POST", "/v1/products/import", data=b"\xff", headers=csv)
    other = api.request("POST", "/v1/products/import", json={}, headers=bearer("admin"))

    assert (taken.status_code, taken.json()) == (200, {"imported": 1})
    assert list(api.asked("orders").calls[0][1]) == ["sku\nMUG\n"]
    assert (problem_of(garbled), other.status_code) == ((400, "malformed_csv"), 415)
