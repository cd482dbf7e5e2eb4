"""Returns over HTTP: who may ask, what reaches aftersales, and how a refusal is answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from gateway.tests.conftest import Running, begin
from gateway.tests.peers import ORDER, PEERS, Peer
from gateway.tests.test_errors import problem_of
from gateway.tests.tokens import access_token, order_token
from services.aftersales.api.replies import ReturnView
from services.common.basics.clock import now
from services.common.basics.errors import Conflict, Forbidden, NotFound
from services.common.basics.ids import number
from services.common.bus.rpc import rpc
from services.common.edge.schemas import check_reply

RETURN = number("RET", 5)
CONTRACTS = Path(__file__).parents[2] / "services" / "aftersales" / "contracts"
LINE = {"sku": "LAMP-1", "quantity": 1}
PARTS = {part: {"result": "ok"} for part in ("product_status", "order_information", "return_reason")}
WANTED = {"order_number": ORDER, "lines": [{**LINE, "reason": "changed_mind"}]}
STEPS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "review": ("aftersales", "review_return", {"decision": "authorize", "parts": PARTS}),
    "receipt": ("aftersales", "receive_return", {"lines": [{**LINE, "condition": "received_ok"}]}),
    "inspection": ("aftersales", "inspect_return", {"units": [{"line_id": 1, "unit": 0, "outcome": "accepted"}]}),
    "second-look": ("aftersales", "take_second_look", {"lines": [{**LINE, "outcome": "rejected"}]}),
    "disposition": ("aftersales", "dispose_return", {"lines": [{**LINE, "disposition": "restock"}]}),
    "sent-back": ("aftersales", "send_back", {"carrier": "ups", "tracking_number": "1Z"}),
    "info": ("customer", "answer_info", {"answer": "Yes."}),
    "appeal": ("customer", "appeal_return", {"statement": "It is in the box."}),
    "withdrawal": ("customer", "withdraw_return", {}),
    "outcome": ("customer", "choose_refund", {"outcome": "refund"}),
}


def example(name: str) -> dict[str, Any]:
    reply: dict[str, Any] = json.loads((CONTRACTS / f"rpc_{name}.v1.json").read_text())
    return reply


class AftersalesService(Peer):
    """Answers with what aftersales promises."""

    name = "aftersales"

    @rpc
    def request_return(self, request: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("request_return"))

    @rpc
    def get_return(self, number: str) -> dict[str, Any]:
        return self.asked.answer(example("get_return"))

    @rpc
    def list_returns(self, query: dict[str, Any]) -> dict[str, Any]:
        return {"items": [example("get_return")], "next_cursor": None}

    @rpc
    def review_return(self, number: str, request: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("review_return"))

    @rpc
    def receive_return(self, number: str, request: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("review_return"))

    @rpc
    def inspect_return(self, number: str, request: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("review_return"))

    @rpc
    def take_second_look(self, number: str, request: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("review_return"))

    @rpc
    def dispose_return(self, number: str, request: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("review_return"))

    @rpc
    def send_back(self, number: str, request: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("review_return"))

    @rpc
    def answer_info(self, number: str, request: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("get_return"))

    @rpc
    def appeal_return(self, number: str, request: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("get_return"))

    @rpc
    def choose_refund(self, number: str, request: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("get_return"))

    @rpc
    def withdraw_return(self, number: str, request: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("get_return"))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with ExitStack() as stack:
        peers = (*(peer for peer in PEERS if peer.name != "aftersales"), AftersalesService)
        yield begin(stack, tmp_path_factory.mktemp("data"), peers=peers)


@pytest.fixture
def api(running: Running) -> Running:
    running.asked("aftersales").forget()
    return running


def bearer(role: str, **headers: str) -> dict[str, str]:
    if role == "link":
        return {"Authorization": f"Bearer {order_token(ORDER, now())}", **headers}
    return {"Authorization": f"Bearer {access_token(f'{role}@example.com', [role], now())}", **headers}


@pytest.mark.parametrize("role", ["customer", "link"])
def test_a_customer_or_a_link_holder_may_request_a_return(api, role):
    answer = api.post("/v1/returns", WANTED, headers=bearer(role))

    assert answer.status_code == 201
    assert answer.json() == example("request_return")
    assert answer.headers["ETag"] == '"1"'
    method, args, _ = api.asked("aftersales").calls[0]
    assert (method, list(args)) == ("request_return", [WANTED])


@pytest.mark.parametrize("step", STEPS)
def test_each_step_reaches_aftersales_with_body_and_caller(api, step):
    role, method, body = STEPS[step]

    answer = api.post(f"/v1/returns/{RETURN}/{step}", body, headers=bearer(role))

    assert answer.status_code == 200
    called, args, caller = api.asked("aftersales").calls[0]
    assert (called, list(args), caller.roles) == (method, [RETURN, body], {role})


@pytest.mark.parametrize("step", STEPS)
def test_if_match_becomes_the_version_of_each_step(api, step):
    role, _, body = STEPS[step]

    api.post(f"/v1/returns/{RETURN}/{step}", body, headers=bearer(role, **{"If-Match": '"3"'}))

    assert api.asked("aftersales").calls[0][1] == [RETURN, {**body, "version": 3}]


def test_a_list_hands_its_filters_on(api):
    answer = api.get(f"/v1/returns?order_number={ORDER}&status=received&limit=5", headers=bearer("lead"))

    assert answer.json()["next_cursor"] is None
    query = {"order_number": ORDER, "status": "received", "limit": 5}
    assert api.asked("aftersales").calls[0][:2] == ("list_returns", [query])


@pytest.mark.parametrize("name", ["request_return", "get_return", "review_return"])
def test_the_documented_answer_is_what_aftersales_promises(name):
    check_reply(ReturnView, example(name))


@pytest.mark.parametrize("path", ["", f"/{RETURN}"])
def test_a_guest_has_to_say_who_they_are(api, path):
    assert problem_of(api.get(f"/v1/returns{path}")) == (401, "sign_in_required")
    assert api.asked("aftersales").calls == []


def test_a_number_that_is_none_is_not_found(api):
    for bad in ("RET-1", f"{RETURN[:-1]}{'0' if RETURN[-1] != '0' else '1'}", ORDER):
        assert problem_of(api.get(f"/v1/returns/{bad}", headers=bearer("lead"))) == (404, "not_found")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("", {}),
        ("", {**WANTED, "refund": "all"}),
        ("", {**WANTED, "lines": []}),
        ("", {**WANTED, "evidence": ["javascript:alert(1)"]}),
        ("", {**WANTED, "lines": [{**LINE, "quantity": 1.5, "reason": "other"}]}),
        (f"/{RETURN}/review", {"decision": "maybe"}),
        (f"/{RETURN}/receipt", {"lines": [{**LINE, "condition": "awaiting"}]}),
        (f"/{RETURN}/inspection", {"lines": [{**LINE, "outcome": "accepted", "refund": "1.00"}]}),
        (f"/{RETURN}/inspection", {"lines": [{**LINE, "outcome": "disputed", "note": "scratched"}]}),
        (f"/{RETURN}/second-look", {"lines": [{**LINE, "outcome": "unconfirmed"}]}),
        (f"/{RETURN}/disposition", {"lines": [{**LINE, "disposition": "sold"}]}),
        (f"/{RETURN}/info", {}),
        (f"/{RETURN}/appeal", {"statement": "\u0000"}),
        (f"/{RETURN}/withdrawal", {"why": "x"}),
    ],
)
def test_invalid_bodies_are_refused_before_aftersales_is_asked(api, path, body):
    answer = api.post(f"/v1/returns{path}", body, headers=bearer("lead"))

    assert problem_of(answer) == (422, "validation_failed")
    assert answer.json()["errors"]
    assert api.asked("aftersales").calls == []


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (Conflict("too late", code="return_window_closed"), 409),
        (Conflict("too early", code="not_delivered_yet"), 409),
        (NotFound("no such order", code="order_not_found"), 404),
        (Forbidden("not you", code="second_person_required"), 403),
        (Conflict("moved", code="version_moved"), 412),
    ],
)
def test_a_refusal_of_aftersales_keeps_its_code(api, refusal, status):
    api.asked("aftersales").refusal = refusal

    answer = api.post("/v1/returns", WANTED, headers=bearer("customer"))

    assert problem_of(answer) == (status, refusal.code)
