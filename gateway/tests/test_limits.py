"""Floods are limited; all other callers are served."""

from __future__ import annotations

import re
import tempfile
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from gateway.app import create_app
from gateway.http.limits import address_of
from gateway.live.sharing import SharedWindows
from gateway.service import GatewayService
from gateway.settings import RATES, GatewaySettings
from gateway.tests.conftest import Running
from gateway.tests.peers import FOREIGN, KEY_SECRET, ORDER, TICKET
from gateway.tests.tokens import access_token
from services.common.basics.clock import now
from services.common.basics.ids import number
from services.common.edge.tokens import KEY_PREFIX
from services.common.runtime.config import ENVIRON, container_config
from services.common.runtime.telemetry import ObservedContainer
from services.common.testing import eventually
from services.support.api.uploads import MOST_FILES


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


CONTACT = {
    "name": "Ada",
    "email": "ada@example.com",
    "category": "complaint",
    "subject": "Hello",
    "message": "How are you?",
}


def test_the_same_act_by_another_way_counts_as_the_same(start: Any) -> None:
    gateway = start(PLEDGE_RATE_MESSAGES="2/minute")
    ways = [f"/v1/tickets/{TICKET}/messages", f"/v1/tickets/{TICKET}/reopening"]

    answers = [gateway.post(way, {}, headers=bearer(a_customer())).status_code for way in ways * 2]

    assert [status == 429 for status in answers] == [False, False, True, True]


def test_every_route_that_writes_has_a_limit(start: Any) -> None:
    rates: Any = dict.fromkeys(RATES, "0/minute")
    gateway = start(**rates)
    writing = [
        (method, re.sub(r"<[^>]*\(([A-Z]{3})\):[^>]*>", lambda of: number(of[1], 1), rule.rule))
        for rule in routes()
        for method in rule.methods - {"GET", "HEAD", "OPTIONS"}
    ]
    path = {"<sku:sku>": "MUG", "<name:carrier>": "simulator", "<name:provider>": "sandbox",
            "<name:service>": "orders",
            "<parcel:parcel_id>": f"{number('SHP', 1)}-01",
            "<session:session_id>": "0" * 32, "<email:email>": "agent@pledge.example", "<link:link_id>": "0" * 32,
            "<refund>": "r", "<name:act>": "rates", "<token>": "t",
            "<slug:slug>": "which-dye", "<slug:name>": "parcels", "<discount:code>": "SPRING-10",
            "<place:code>": "main",
            "<id>": "01a20754-ee94-760f-a6fc-682105ef84bb"}  # fmt: skip
    asked = [
        (method, re.sub("<[^>]*>", lambda of: path[re.sub("<id:.*>", "<id>", of[0])], rule)) for method, rule in writing
    ]

    answers = {(method, at): gateway.request(method, at, json={}).status_code for method, at in asked}

    assert len(answers) > 40
    assert {at: status for at, status in answers.items() if status != 429} == {}


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return the files that were opened for what comes, closed or not."""
    found: list[object] = []
    make = tempfile.TemporaryFile

    def counted(*args: Any, **how: Any) -> Any:
        found.append(file := make(*args, **how))
        return file

    monkeypatch.setattr(tempfile, "TemporaryFile", counted)
    return found


def form_with(files: int, **fields: str) -> dict[str, Any]:
    parts = [("files", (f"{at}.txt", b"", "text/plain")) for at in range(files)]
    return {"data": {**CONTACT, **fields}, "files": parts, "headers": {"Accept": "text/html"}}


@pytest.mark.parametrize(("files", "status", "said"), [(1000, 413, "Error 413"), (20, 422, "5 files at most")])
def test_a_form_with_many_files_opens_few(
    gateway: Running, opened: list[object], files: int, status: int, said: str
) -> None:
    answer = gateway.request("POST", "/plain/contact", **form_with(files))

    assert (answer.status_code, said in answer.text) == (status, True), answer.text
    assert len(opened) <= MOST_FILES + 1  # the body itself may be one


def test_a_form_is_counted_before_it_is_read(start: Any, opened: list[object]) -> None:
    gateway = start(PLEDGE_RATE_UPLOADS="1/minute", PLEDGE_RATE_WRITES="2/minute")
    ours: Any = {"data": {"order_number": "7"}}
    forged = {**ours, "headers": {"Sec-Fetch-Site": "cross-site"}}

    answers = [gateway.request("POST", "/plain/contact", **form_with(6)) for _ in range(2)]
    strange = [gateway.request("POST", "/plain/link", **forged).status_code for _ in range(3)]
    links = [gateway.request("POST", "/plain/link", **ours).status_code for _ in range(3)]

    assert [answer.status_code for answer in answers] == [422, 429]
    assert "5 files at most" in answers[0].text
    assert "Too many requests" in answers[1].text
    assert len(opened) == MOST_FILES
    assert strange == [403] * 3
    assert links == [422, 422, 429]  # what other sites have sent does not count


def test_a_message_over_the_limit_is_shown_as_it_was_typed(start: Any) -> None:
    gateway = start(PLEDGE_RATE_CONTACT="0/minute")

    refused = gateway.request("POST", "/plain/contact", **form_with(0, message="Mine alone"))

    assert (refused.status_code, "Mine alone" in refused.text) == (429, True)


def routes() -> list[Any]:
    return list(create_app(GatewaySettings.load({})).url_map.iter_rules())


def a_customer() -> str:
    """Return a token that begins to be good now: one that was made when the tests were read may have ended by now."""
    return str(access_token("ada@example.com", ["customer"], now()))


def test_an_account_has_a_limit_wherever_it_asks_from(start: Any) -> None:
    gateway = start(PLEDGE_TRUSTED_PROXIES="1", PLEDGE_RATE_ORDERS="2/minute")

    def ask(address: str) -> int:
        headers = {"X-Forwarded-For": address, **bearer(a_customer())}
        return int(gateway.post("/v1/orders", {}, headers=headers).status_code)

    assert [ask(f"192.0.2.{host}") == 429 for host in range(4)] == [False, False, True, True]


def test_staff_of_one_office_count_each_for_themselves(start: Any) -> None:
    gateway = start(PLEDGE_RATE_MESSAGES="1/minute", PLEDGE_RATE_STAFF="2/minute")
    grace, henry = (access_token(f"{name}@x.example", ["agent"], now()) for name in "gh")

    def ask(token: str) -> bool:
        path = f"/v1/tickets/{TICKET}/messages"
        return bool(gateway.post(path, {}, headers=bearer(token)).status_code == 429)

    assert [ask(grace), ask(grace), ask(grace), ask(henry)] == [False, False, True, False]


def test_a_forged_sign_in_counts_by_address(start: Any) -> None:
    gateway = start(PLEDGE_RATE_MESSAGES="2/minute")
    path = f"/v1/tickets/{TICKET}/messages"

    answers = [gateway.post(path, {}, headers=bearer("acc_forged")).status_code for _ in range(3)]

    assert answers == [401, 401, 429]


def test_made_up_keys_are_counted_by_address_on_reads_too(start: Any) -> None:
    gateway = start(PLEDGE_RATE_WRITES="3/minute", PLEDGE_TRUSTED_PROXIES="1")
    path, asked = f"/v1/orders/{ORDER}", gateway.asked("support")

    def ask(secret: str, address: str = "192.0.2.1") -> int:
        return int(gateway.get(path, secret, headers={"X-Forwarded-For": address}).status_code)

    assert ask(KEY_SECRET) == 200
    made_up = [KEY_PREFIX + f"{each:064x}" for each in range(5)]
    assert [ask(each) for each in made_up] == [401, 401, 401, 429, 429]
    assert [name for name, _, _ in asked.calls].count("check_api_key") == 4  # the good one, and three made-up ones
    assert ask(made_up[0]) == 401  # known to be refused: support is not asked
    assert ask(KEY_SECRET) == 200
    assert ask(made_up[4], "192.0.2.2") == 401


def test_a_site_with_many_networks_counts_as_one_client(start: Any) -> None:
    gateway = start(PLEDGE_TRUSTED_PROXIES="1", PLEDGE_RATE_SIGN_IN="2/minute")

    def ask(address: str) -> int:
        return int(gateway.post("/v1/sign-in", {}, headers={"X-Forwarded-For": address}).status_code)

    flood = [ask(f"2001:db8:1:{network:x}::1") for network in range(30)]

    assert [status == 429 for status in flood] == [False] * 8 + [True] * 22
    assert ask("2001:db8:2::1") != 429
    assert ask("192.0.2.1") != 429


def test_a_mailbox_is_not_flooded_and_stays_usable(start: Any) -> None:
    gateway = start(PLEDGE_TRUSTED_PROXIES="1", PLEDGE_RATE_RECIPIENT="3/minute")

    def write(address: str, mailbox: str, **headers: str) -> bool:
        form = {**CONTACT, "email": mailbox}
        answer = gateway.post("/v1/contact", form, headers={"X-Forwarded-For": address, **headers})
        return bool(answer.status_code == 429)

    flood = [write("192.0.2.1", "ada@example.com") for _ in range(6)]
    by_plus = write("192.0.2.1", "ada+other@example.com")

    assert flood == [False] * 3 + [True] * 3
    assert by_plus
    assert not write("192.0.2.1", "bob@example.com")
    assert not write("192.0.2.2", "ada@example.com"), "who writes from elsewhere may be the owner"
    assert not write("192.0.2.1", "ada@example.com", **bearer(a_customer())), "who has proven it"


def test_answers_say_what_is_left(start: Any) -> None:
    gateway = start(PLEDGE_RATE_CONTACT="2/minute;50/hour")

    first, _, refused = (gateway.post("/v1/contact", {}) for _ in range(3))

    assert first.headers["RateLimit-Policy"] == '"contact-address-60";q=2;w=60, "contact-address-3600";q=50;w=3600'
    assert re.fullmatch('"contact-address-60";r=1;t=(60|61)', first.headers["RateLimit"])
    assert refused.headers["RateLimit"].startswith('"contact-address-60";r=0;t=')
    assert refused.headers["Retry-After"] == refused.headers["RateLimit"].rpartition("=")[2]
    assert re.search(r"try again in \d+ seconds", refused.json()["detail"])
    assert "RateLimit" not in gateway.get("/v1/health").headers


def test_what_one_gateway_lets_through_the_others_count(start: Any) -> None:
    first = start(PLEDGE_RATE_SIGN_IN="3/minute")
    with ExitStack() as stack:
        environ = {**first.containers["gateway"].config[ENVIRON]}
        container = ObservedContainer(GatewayService, container_config(environ))
        container.start()
        stack.callback(container.kill)
        stack.callback(container.stop)
        second = Running(first.uri, {"gateway": container})
        eventually(lambda: second.live.connected and all(map(shares, (first, second))))

        assert 429 not in knock(first, 3)

        eventually(lambda: knock(second, 1) == [429])


def shares(gateway: Running) -> bool:
    found = next(each for each in gateway.containers["gateway"].extensions if isinstance(each, SharedWindows))
    return found.connected


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


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
