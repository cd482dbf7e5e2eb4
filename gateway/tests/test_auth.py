"""Which callers are admitted, as whom, and which are refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from gateway.http.auth import identify
from gateway.tests.peers import FOREIGN, ORDER, TICKET, TICKET_TOKEN
from gateway.tests.tokens import KEYS, SUPPORT, access_token, order_token
from services.common.basics.caller import Caller
from services.common.basics.clock import now
from services.common.basics.ids import number
from services.common.edge.keys import OF_SUPPORT, Signing, private_keys
from services.common.edge.tokens import ACCESS_LIFETIME, ORDER_LIFETIME, Access
from services.orders.api.terms import RETURN_DAYS

ADMIN = "admin@pledge.example"
TIMELINE = f"/v1/orders/{ORDER}/timeline"


STRANGER = Signing.parse(private_keys(OF_SUPPORT, "development", b"somebody else's"))


def access(email: str, *roles: str, keys: Signing = SUPPORT, age: timedelta = timedelta(0)) -> str:
    return access_token(email, roles, now() - age, keys)


def test_services_know_a_customer_by_email_and_role(gateway: Any) -> None:
    answer = gateway.get(TIMELINE, access("ada@example.com", "customer"))

    assert answer.status_code == 200
    caller = gateway.asked("orders").calls[-1][2]
    assert (caller.actor, caller.email, caller.roles) == (
        "customer:ada@example.com", "ada@example.com", frozenset({"customer"}),
    )  # fmt: skip


def test_an_orders_link_is_good_for_that_order_only(gateway: Any) -> None:
    token = order_token(ORDER, now())

    assert gateway.get(TIMELINE, token).status_code == 200
    assert gateway.asked("support").calls[-1][2].grants == {f"order:{ORDER}"}
    assert gateway.get(f"/v1/orders/{FOREIGN}/timeline", token).json()["code"] == "order_not_found"


def test_the_link_of_a_ticket_is_asked_about_at_support(gateway: Any) -> None:
    gateway.get(TIMELINE, TICKET_TOKEN)

    caller = gateway.asked("orders").calls[-1][2]
    assert (caller.actor, caller.grants) == (f"customer:{TICKET}", {f"ticket:{TICKET}"})


def test_other_services_trust_what_orders_says(gateway: Any) -> None:
    gateway.get(TIMELINE, access("ada@example.com", "customer"))

    assert gateway.asked("orders").calls[0][0] == "authorize_order_access"
    assert f"order:{ORDER}" in gateway.asked("logistics").calls[-1][2].grants


def test_a_customer_of_another_order_learns_nothing(gateway: Any) -> None:
    answer = gateway.get(TIMELINE, access("eve@example.com", "customer"))

    assert (answer.status_code, answer.json()["code"]) == (404, "order_not_found")
    assert not gateway.asked("support").calls


BAD_TOKENS = {
    "expired": access("ada@example.com", "customer", age=ACCESS_LIFETIME),
    "expired order": order_token(ORDER, now() - ORDER_LIFETIME),
    "of another key": access("ada@example.com", "admin", keys=STRANGER),
    "of another kind": "acc_" + order_token(ORDER, now()).removeprefix("ord_"),
    "changed": access("ada@example.com", "customer")[:-1] + "!",
    "unknown ticket": "tic_nothing-like-it",
    "no kind": "eyJhbGciOiJub25lIn0.e30.",
    "too long": "acc_" + "x" * 5000,
    "empty kind": "acc_",
}


@pytest.mark.parametrize("token", BAD_TOKENS.values(), ids=BAD_TOKENS.keys())
@pytest.mark.parametrize("path", [TIMELINE, "/v1/health"])
def test_a_bad_token_is_refused_where_a_guest_would_do(gateway: Any, path: str, token: str) -> None:
    answer = gateway.get(path, token)

    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer ", "nonsense", "Bearer caf\xe9"])
def test_another_authorization_than_bearer_is_refused(gateway: Any, header: str) -> None:
    answer = gateway.request("GET", "/v1/health", headers={"Authorization": header.encode("latin-1")})

    assert answer.json()["code"] == "token_invalid"


def test_a_guest_must_sign_in_before_any_look_up(gateway: Any) -> None:
    answer = gateway.get(TIMELINE)

    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_required")
    assert not gateway.asked("orders").calls


def test_an_unknown_role_gives_no_right(gateway: Any) -> None:
    answer = gateway.get(TIMELINE, access("ada@example.com", "emperor"))

    assert answer.json()["code"] == "sign_in_required"


class Generous:
    """Support as it would answer if it were broken into: more than it was asked for."""

    def session(self, access: Access) -> dict[str, Any]:
        return {"email": "eve@example.com", "roles": ["customer", "emperor"], "grants": [f"order:{ORDER}"]}

    def key(self, secret_hash: str) -> str | None:
        raise AssertionError("no key is asked about")

    def order_link(self, number: str, link_id: str) -> bool:
        raise AssertionError("no link is asked about")

    def ticket(self, token: str) -> dict[str, Any]:
        of_others = [f"ticket:{number('TIC', 4)}", f"order:{ORDER}", "session:1", f"renewed:{TICKET}:x"]
        asked_for = [f"ticket:{TICKET}", f"renewed:{TICKET}:2"]
        return {"ticket_number": TICKET, "grants": [*asked_for, *of_others], "roles": ["admin"], "email": ADMIN}


@pytest.mark.pure
def test_support_gives_no_more_than_it_is_asked_for() -> None:
    by_ticket = identify("Bearer tic_x", KEYS, now(), Generous())
    by_session = identify(f"Bearer {access('eve@example.com', 'customer')}", KEYS, now(), Generous())

    assert by_ticket == Caller(f"customer:{TICKET}", grants=frozenset({f"ticket:{TICKET}", f"renewed:{TICKET}:2"}))
    assert (by_session.roles, len(by_session.grants)) == (frozenset({"customer"}), 1)


def test_webhooks_carry_no_idempotency_key(gateway: Any) -> None:
    gateway.post("/v1/webhooks/payments/sandbox", {}, headers={"Idempotency-Key": "not for webhooks"})

    assert gateway.asked("orders").calls[-1][2].idempotency_key is None


def test_an_orders_link_lasts_through_the_return_window() -> None:
    longest_way = timedelta(days=45)  # review, dispatch and delivery, with holidays in between

    assert timedelta(days=RETURN_DAYS) + longest_way <= ORDER_LIFETIME
