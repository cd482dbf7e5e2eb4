"""Contact form, tickets and sign-in over HTTP: who may ask, what reaches support, and what comes back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from gateway.settings import RATES
from gateway.tests.conftest import Running, begin
from gateway.tests.peers import ORDER, PEERS, TICKET, TICKET_TOKEN, SupportService
from gateway.tests.test_errors import problem_of
from gateway.tests.tokens import access_token, order_token
from services.common.basics.clock import now
from services.common.basics.errors import Conflict, Forbidden, NotFound
from services.common.bus.rpc import rpc
from services.common.edge.schemas import check_reply
from services.support.api import SupportApi

CONTRACTS = Path(__file__).parents[2] / "services" / "support" / "contracts"
FORM = {
    "name": "Ada",
    "email": "ada@example.com",
    "category": "product",
    "topic": "materials",
    "subject": "Is it cotton?",
    "message": "What is the shirt made of?",
}
STEPS: dict[str, tuple[str, str, dict[str, Any], int]] = {
    "messages": ("customer", "post_message", {"body": "Thank you."}, 201),
    "assignment": ("agent", "assign_ticket", {"assignee": "grace@pledge.example"}, 200),
    "resolution": ("agent", "resolve_ticket", {"code": "answered"}, 200),
    "reopening": ("customer", "reopen_ticket", {}, 200),
    "closing": ("lead", "close_ticket", {}, 200),
    "spam": ("agent", "mark_spam", {"reason": "advertising"}, 200),
    "restoration": ("agent", "restore_ticket", {"reason": "a person"}, 200),
    "rating": ("customer", "rate_ticket", {"score": 5}, 201),
}


def example(name: str) -> dict[str, Any]:
    reply: dict[str, Any] = json.loads((CONTRACTS / f"rpc_{name}.v1.json").read_text())
    return reply


class TicketService(SupportService):
    """Answers with what support promises."""

    @rpc
    def open_ticket(self, form: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("open_ticket"))

    @rpc
    def list_tickets(self, query: dict[str, Any]) -> dict[str, Any]:
        first = query.get("limit") == 100 and "cursor" not in query
        return {**example("list_tickets"), "next_cursor": "after 100" if first else None}

    @rpc
    def get_ticket(self, number: str) -> dict[str, Any]:
        return self.asked.answer(example("get_ticket"))

    @rpc
    def post_message(self, number: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("post_message"))

    @rpc
    def assign_ticket(self, number: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("assign_ticket"))

    @rpc
    def resolve_ticket(self, number: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("resolve_ticket"))

    @rpc
    def reopen_ticket(self, number: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("reopen_ticket"))

    @rpc
    def close_ticket(self, number: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("close_ticket"))

    @rpc
    def mark_spam(self, number: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("mark_spam"))

    @rpc
    def restore_ticket(self, number: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("assign_ticket"))

    @rpc
    def rate_ticket(self, number: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("rate_ticket"))

    @rpc
    def request_ticket_link(self, number: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer({})

    @rpc
    def request_sign_in(self, body: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer({})

    @rpc
    def verify_sign_in(self, body: dict[str, Any]) -> dict[str, Any]:
        return self.asked.answer(example("verify_sign_in"))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with ExitStack() as stack:
        peers = (*(peer for peer in PEERS if peer.name != "support"), TicketService)
        rates = dict.fromkeys(RATES, "1000/minute")
        yield begin(stack, tmp_path_factory.mktemp("data"), peers=peers, **rates)


@pytest.fixture
def api(running: Running) -> Running:
    running.asked("support").forget()
    return running


def bearer(role: str, **headers: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {access_token(f'{role}@example.com', [role], now())}", **headers}


def test_anyone_may_write_and_gets_number_time_and_token(api):
    answer = api.post("/v1/contact", FORM)

    assert answer.status_code == 201
    assert answer.json() == example("open_ticket")
    method, args, caller = api.asked("support").calls[0]
    assert (method, list(args), caller.actor) == ("open_ticket", [FORM], "guest")


def test_who_holds_the_orders_link_writes_as_its_customer(api):
    token = order_token(ORDER, now())

    form = {**FORM, "category": "order", "order_number": ORDER}
    del form["topic"]
    api.post("/v1/contact", form, headers={"Authorization": f"Bearer {token}"})

    assert api.asked("support").calls[0][2].grants == {f"order:{ORDER}"}


@pytest.mark.parametrize("step", STEPS)
def test_each_step_reaches_support_with_its_body_and_its_caller(api, step):
    role, method, body, status = STEPS[step]

    answer = api.post(f"/v1/tickets/{TICKET}/{step}", body, headers=bearer(role))

    assert answer.status_code == status
    called, args, caller = api.asked("support").calls[0]
    assert (called, list(args), caller.roles) == (method, [TICKET, body], {role})


def test_a_ticket_is_shown_to_the_holder_of_its_link(api):
    answer = api.get(f"/v1/tickets/{TICKET}", token=TICKET_TOKEN)

    assert answer.status_code == 200
    assert answer.headers["ETag"] == f'"{example("get_ticket")["version"]}"'
    method, _, caller = api.asked("support").calls[-1]
    assert (method, caller.grants) == ("get_ticket", {f"ticket:{TICKET}"})


@pytest.mark.parametrize(
    "step", ["messages", "closing", "reopening", "assignment", "resolution", "spam", "restoration"]
)
def test_if_match_becomes_the_version_of_a_staff_step(api, step):
    body = STEPS[step][2]

    api.post(f"/v1/tickets/{TICKET}/{step}", body, headers=bearer("agent", **{"If-Match": '"3"'}))

    assert api.asked("support").calls[0][1] == [TICKET, {**body, "version": 3}]


def test_the_inbox_hands_its_filters_on(api):
    answer = api.get("/v1/tickets?status=open&category=complaint&limit=5", headers=bearer("agent"))

    assert answer.json() == example("list_tickets")
    query = {"status": "open", "category": "complaint", "limit": 5}
    assert api.asked("support").calls[0][:2] == ("list_tickets", [query])


def test_a_hundred_conversations_on_plain_pages_lead_to_more(api):
    token = access_token("ada@example.com", ["customer"], now())

    first = api.request("POST", "/plain/tickets", data={"token": token}).text
    last = api.request("POST", "/plain/tickets", data={"token": token, "cursor": "after 100"}).text

    assert ('name="cursor" value="after 100"' in first, "Older conversations" in last) == (True, False)
    asked = [args[0].get("cursor") for method, args, _ in api.asked("support").calls if method == "list_tickets"]
    assert asked == [None, "after 100"]


def test_anyone_may_ask_for_a_new_link_and_learns_nothing(api):
    answer = api.post(f"/v1/tickets/{TICKET}/link", {"email": "ada@example.com"})

    assert (answer.status_code, answer.json()) == (202, {})


def test_signing_in_always_looks_the_same(api):
    answer = api.post("/v1/sign-in", {"email": "ada@example.com"})

    assert (answer.status_code, answer.json()) == (202, {})


def test_a_right_code_becomes_an_access_token_with_roles(api):
    answer = api.post("/v1/sign-in/verify", {"email": "grace@pledge.example", "code": "1234 5678", "request": "r"})

    session = answer.json()
    assert (answer.status_code, session["roles"], session["expires_in"]) == (200, ["agent"], 900)
    assert session["access_token"].startswith("acc_")


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("open_ticket", "open_ticket"),
        ("list_tickets", "list_tickets"),
        ("get_ticket", "get_ticket"),
        ("get_ticket", "get_ticket_as_agent"),
        ("post_message", "post_message"),
        ("assign_ticket", "assign_ticket"),
        ("resolve_ticket", "resolve_ticket"),
        ("reopen_ticket", "reopen_ticket"),
        ("close_ticket", "close_ticket"),
        ("mark_spam", "mark_spam"),
        ("rate_ticket", "rate_ticket"),
        ("exchange_ticket_token", "exchange_ticket_token"),
        ("verify_sign_in", "verify_sign_in"),
    ],
)
def test_the_documented_answer_is_what_support_promises(method, name):
    check_reply(SupportApi.methods[method].reply, example(name))


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("GET", f"/{TICKET}"), ("POST", f"/{TICKET}/messages")])
def test_a_guest_has_to_say_who_they_are(api, method, path):
    answer = api.request(method, f"/v1/tickets{path}", json={"body": "x"} if method == "POST" else None)

    assert problem_of(answer) == (401, "sign_in_required")
    assert api.asked("support").calls == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("contact", {}),
        ("contact", {**FORM, "category": "gossip"}),
        ("contact", {**FORM, "robot": "no"}),
        ("contact", {**FORM, "email": "ada@example.com\r\nBcc: eve@example.com"}),
        ("contact", {**FORM, "subject": "a\u0000b"}),
        (f"tickets/{TICKET}/messages", {"body": " "}),
        (f"tickets/{TICKET}/messages", {"body": "x", "internal": "yes"}),
        (f"tickets/{TICKET}/messages", {"body": "x", "status": "closed"}),
        (f"tickets/{TICKET}/resolution", {"code": "settled", "request": "r"}),
        (f"tickets/{TICKET}/rating", {"score": 6}),
        (f"tickets/{TICKET}/closing", {"why": "x"}),
        ("sign-in", {"email": "nobody"}),
        ("sign-in/verify", {"email": "ada@example.com", "code": 12345678}),
    ],
)
def test_wrong_bodies_are_refused_before_support_is_asked(api, path, body):
    answer = api.post(f"/v1/{path}", body, headers=bearer("lead"))

    assert problem_of(answer) == (422, "validation_failed")
    assert answer.json()["errors"]
    assert api.asked("support").calls == []


@pytest.mark.parametrize(
    ("path", "body", "refusal", "status"),
    [
        (f"tickets/{TICKET}/messages", {"body": "x"}, NotFound("no such ticket", code="ticket_not_found"), 404),
        (f"tickets/{TICKET}/rating", {"score": 1}, Conflict("rated", code="already_rated"), 409),
        (
            f"tickets/{TICKET}/resolution",
            {"code": "answered"},
            Conflict("moved", code="version_moved"),
            412,
        ),
        (
            "sign-in/verify",
            {"email": "ada@example.com", "code": "1", "request": "r"},
            Forbidden("wrong", code="bad_code"),
            403,
        ),
    ],
)
def test_a_refusal_of_support_keeps_its_code(api, path, body, refusal, status):
    api.asked("support").refusal = refusal

    answer = api.post(f"/v1/{path}", body, headers=bearer("lead"))

    assert problem_of(answer) == (status, refusal.code)
