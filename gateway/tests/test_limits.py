"""Floods are limited; all other callers are served."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from gateway.http.limits import address_of
from gateway.tests.peers import FOREIGN, ORDER, TICKET


def knock(gateway: Any, times: int, **headers: str) -> list[int]:
    return [gateway.post("/v1/sign-in", {}, headers=headers).status_code for _ in range(times)]


def test_who_knocks_too_often_is_asked_to_wait(start: Any) -> None:
    gateway = start(PLEDGE_RATE_SIGN_IN="3/minute")

    answers = knock(gateway, 4)
    refused = gateway.post("/v1/sign-in", {})

    assert 429 not in answers[:3]
    assert answers[3] == 429
    assert refused.json()["code"] == "too_many_requests"
    assert 1 <= int(refused.headers["Retry-After"]) <= 61


@pytest.mark.parametrize(
    ("setting", "path"),
    [
        ("PLEDGE_RATE_ORDERS", "/v1/orders"),
        ("PLEDGE_RATE_ORDERS", f"/v1/orders/{ORDER}/payments"),
        ("PLEDGE_RATE_MESSAGES", f"/v1/tickets/{TICKET}/messages"),
    ],
)
def test_orders_payments_and_messages_are_limited_per_address(start: Any, setting: str, path: str) -> None:
    gateway = start(PLEDGE_TRUSTED_PROXIES="1", **{setting: "2/minute"})

    def ask(address: str) -> int:
        return int(gateway.post(path, {}, headers={"X-Forwarded-For": address}).status_code)

    assert 429 not in [ask("192.0.2.1"), ask("192.0.2.1")]
    assert ask("192.0.2.1") == 429
    assert ask("192.0.2.2") != 429


def test_payments_of_all_orders_share_one_limit(start: Any) -> None:
    gateway = start(PLEDGE_RATE_ORDERS="1/minute")

    answers = [gateway.post(f"/v1/orders/{number}/payments", {}).status_code for number in (ORDER, FOREIGN)]

    assert answers == [401, 429]
    assert gateway.post("/v1/orders", {}).status_code == 422


def test_listing_orders_is_no_placing(start: Any, an_agent: str) -> None:
    gateway = start(PLEDGE_RATE_ORDERS="1/minute")
    gateway.post("/v1/orders", {})

    assert {gateway.get(f"/v1/orders/{ORDER}", an_agent).status_code for _ in range(3)} == {200}
    assert gateway.get("/v1/orders?limit=0", an_agent).status_code == 422


def test_reading_is_not_limited(start: Any) -> None:
    gateway = start(PLEDGE_RATE_SIGN_IN="1/minute", PLEDGE_RATE_CONTACT="1/minute")

    assert {gateway.get("/contact").status_code for _ in range(5)} == {200}


def test_all_addresses_together_have_a_limit(start: Any) -> None:
    gateway = start(PLEDGE_RATE_GLOBAL="2/minute")

    assert knock(gateway, 3)[2] == 429


def test_a_forwarded_address_needs_a_trusted_proxy(start: Any) -> None:
    gateway = start(PLEDGE_RATE_SIGN_IN="1/minute")

    assert knock(gateway, 1, **{"X-Forwarded-For": "192.0.2.1"}) != [429]
    assert knock(gateway, 1, **{"X-Forwarded-For": "192.0.2.2"}) == [429]


@pytest.mark.parametrize(
    ("forwarded", "proxies", "address"),
    [
        ("", 0, "203.0.113.9"),
        ("192.0.2.1", 0, "203.0.113.9"),
        ("192.0.2.1", 1, "192.0.2.1"),
        ("6.6.6.6, 192.0.2.1", 1, "192.0.2.1"),
        ("6.6.6.6, 192.0.2.1, 10.0.0.1", 2, "192.0.2.1"),
        ("192.0.2.1", 2, "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", 1, "2001:db8:1:2::/64"),
        ("6.6.6.6,, 192.0.2.1", 1, "192.0.2.1"),
        ("192.0.2.1:40312", 1, "192.0.2.1"),
        ("[2001:db8:1:2:3:4:5:6]:40312", 1, "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", 1, "192.0.2.1"),
        ("fe80::1%eth0", 1, "fe80::/64"),
        ("x" * 500, 1, "x" * 64),
    ],
)
def test_the_address_is_what_the_outermost_trusted_proxy_saw(forwarded: str, proxies: int, address: str) -> None:
    environ = EnvironBuilder(headers=[("X-Forwarded-For", forwarded)]).get_environ()
    environ["REMOTE_ADDR"] = "203.0.113.9"

    assert address_of(Request(environ), proxies) == address
