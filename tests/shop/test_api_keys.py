"""Keys of the shop's own systems over HTTP: made once, used as staff of few roles, ended at once, never a person."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.service import GatewayService
from services.common.basics.clock import now, rfc3339
from services.common.store.tables import metadata as kit
from services.common.testing import Platform, eventually
from services.support import tables
from services.support.tests.builders import mails_in, text_of
from tests.shop.conftest import Json, Shop, started
from tests.shop.test_people import signed_in


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="module")
def shop(folder: Path) -> Iterator[Shop]:
    with started(folder, PLEDGE_RATE_STAFF="40/minute") as found:
        yield found


@pytest.fixture
def mails(folder: Path) -> Any:
    """Return a function that returns the texts of the mails to an address so far."""
    return lambda email: [text_of(m) for m in mails_in(folder / "mail") if email in str(m["To"])]


@pytest.fixture
def boss(shop: Shop) -> str:
    """Return the access token of another admin for each test: what one writes is counted."""
    return shop._signed_in(f"ada.{uuid.uuid4().hex[:8]}@shop.example", ["admin"])


def wish(*roles: str, **more: Any) -> Json:
    return {"name": f"system-{uuid.uuid4().hex[:8]}", "roles": list(roles or ("agent",)), **more}


def make(shop: Shop, boss: str, *roles: str, **more: Any) -> Json:
    answer = shop.ask("POST", "/api-keys", token=boss, json=wish(*roles, **more))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def tickets(shop: Shop, key: Json) -> Any:
    return shop.ask("GET", "/tickets", token=key["secret"])


def test_a_key_asks_as_staff_of_its_roles_alone(shop: Shop, boss: str) -> None:
    key = make(shop, boss, "agent")

    assert tickets(shop, key).status_code == 200
    assert code(shop.ask("GET", "/refunds", token=key["secret"])) == (403, "role_required")
    assert code(shop.ask("GET", "/staff", token=key["secret"])) == (403, "role_required")


def test_a_key_is_shown_once_and_kept_as_a_hash(shop: Shop, boss: str) -> None:
    asked, sent = wish("agent"), {"Idempotency-Key": uuid.uuid4().hex}
    secret = shop.ask("POST", "/api-keys", token=boss, json=asked, headers=sent).json()["secret"]
    again = shop.ask("POST", "/api-keys", token=boss, json=asked, headers=sent)

    assert code(again) == (409, "api_key_name_taken")
    assert secret not in shop.ask("GET", "/api-keys", token=boss).text
    with shop.platform.store("support").reader.connect() as connection:
        for table in (*tables.metadata.sorted_tables, *kit.sorted_tables):
            for row in connection.execute(sa.select(table)):
                assert secret not in str(row), table.name


def test_an_ended_key_is_refused_at_once(shop: Shop, boss: str) -> None:
    key = make(shop, boss)
    assert tickets(shop, key).status_code == 200

    path = f"/api-keys/{key['key']['id']}"
    assert shop.ask("DELETE", path, token=boss).status_code == 200
    assert eventually(lambda: tickets(shop, key).status_code == 401)
    assert code(shop.ask("DELETE", path, token=boss)) == (404, "api_key_not_found")


@contextmanager
def another_gateway(shop: Shop) -> Iterator[Shop]:
    """Run a second gateway on the bus and the databases of a shop."""
    from nameko.containers import get_container_cls

    config = shop.platform.containers["gateway"].config
    container = get_container_cls(config)(GatewayService, config)
    platform = Platform(shop.platform.uri, {}, {**shop.platform.containers, "gateway": container})
    container.start()
    try:
        live = next(each for each in container.dependencies if each.attr_name == "live")
        eventually(lambda: live.connected)
        yield Shop(platform)
    finally:
        platform.close()
        container.stop()


def test_both_gateways_refuse_an_ended_key_at_once(shop: Shop, boss: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What they remember would be good for an hour: the event alone ends it."""
    monkeypatch.setattr("gateway.http.checks.SECONDS", 3600.0)
    key = make(shop, boss)
    with another_gateway(shop) as other:
        assert other.url != shop.url
        assert [tickets(each, key).status_code for each in (shop, other)] == [200, 200]

        assert other.ask("DELETE", f"/api-keys/{key['key']['id']}", token=boss).status_code == 200

        assert eventually(lambda: [tickets(each, key).status_code for each in (shop, other)] == [401, 401])


def test_a_key_is_over_when_its_time_is(shop: Shop, boss: str) -> None:
    key = make(shop, boss, ends_at=rfc3339(now() + timedelta(minutes=2)))
    assert tickets(shop, key).status_code == 200

    too_late = shop.ask("POST", "/api-keys", token=boss, json=wish(ends_at=rfc3339(now())))
    assert code(too_late) == (422, "key_ends_in_past")
    with shop.later(minutes=3):
        assert eventually(lambda: tickets(shop, key).status_code == 401)  # it is remembered for some seconds


def test_a_key_that_is_changed_opens_nothing(shop: Shop, boss: str) -> None:
    secret = make(shop, boss)["secret"]

    other = secret[:-1] + ("0" if secret[-1] != "0" else "1")
    for wrong in (other, secret[:-1], secret.upper(), secret + "0", "pledge_key_", f"acc_{secret}"):
        assert code(shop.ask("GET", "/tickets", token=wrong)) == (401, "token_invalid"), wrong


def test_a_key_is_no_person(shop: Shop, boss: str) -> None:
    secret = make(shop, boss, "agent", "reviewer", "warehouse", "aftersales")["secret"]
    refused = [
        ("GET", "/sessions"), ("DELETE", "/sessions"), ("POST", "/sign-out"), ("POST", "/second-factor"),
        ("GET", "/api-keys"), ("POST", "/api-keys"), ("GET", "/staff/reads"), ("GET", "/staff"),
        ("GET", "/webhook-endpoints"),
    ]  # fmt: skip

    for method, path in refused:
        answer = shop.ask(method, path, token=secret, json=wish() if (method, path) == ("POST", "/api-keys") else None)
        assert answer.status_code == 403, (method, path, answer.text)


def test_a_key_gives_no_consent_of_a_customer(shop: Shop, boss: str) -> None:
    shop.stocked("MUG-KEY", 3)
    placed = shop.paid(("MUG-KEY", 1))
    secret = make(shop, boss, "agent", "reviewer")["secret"]

    answer = shop.ask("POST", f"/orders/{placed['number']}/cancellation", token=secret, json={"reason": "changed_mind"})

    assert answer.status_code == 403, answer.text
    assert shop.show(placed)["status"] != "cancelled"


def test_a_key_that_places_an_order_is_not_its_customer(shop: Shop, boss: str) -> None:
    shop.stocked("MUG-KEY", 3)
    secret = make(shop, boss, "agent")["secret"]

    answer = shop.order(("MUG-KEY", 1), token=secret)

    assert answer.status_code == 201, answer.text
    assert "access_token" not in answer.json()


def test_what_a_key_does_is_recorded_with_who_made_it(shop: Shop, boss: str) -> None:
    shop.stocked("MUG-SAID", 3)
    placed = shop.paid(("MUG-SAID", 1))
    key = make(shop, boss, "reviewer")

    held = shop.ask("POST", f"/orders/{placed['number']}/hold", token=key["secret"], json={"reason": "goods"})
    assert held.status_code == 201, held.text
    story = shop.ask("GET", f"/orders/{placed['number']}/timeline", token=key["secret"]).json()["items"]
    assert any(each["actor"] == f"key:{key['key']['name']}:{key['key']['made_by']}" for each in story)


def test_keys_of_who_is_no_admin_any_more_end(shop: Shop, boss: str, mails: Any) -> None:
    email = f"eve.{uuid.uuid4().hex[:8]}@shop.example"
    shop.ask("PUT", f"/staff/{email}", token=boss, json={"name": "Eve", "roles": ["admin"]})
    key = make(shop, signed_in(shop, mails, email)["access_token"])
    assert tickets(shop, key).status_code == 200

    shop.ask("PUT", f"/staff/{email}", token=boss, json={"name": "Eve", "roles": ["agent"]})

    assert eventually(lambda: tickets(shop, key).status_code == 401)
    shop.ask("PUT", f"/staff/{email}", token=boss, json={"name": "Eve", "roles": ["admin"]})
    assert tickets(shop, key).status_code == 401
    assert eventually(lambda: [each for each in mails("admin@pledge.example") if key["key"]["name"] in each][1:])


def test_each_key_has_its_own_share(shop: Shop, boss: str) -> None:
    greedy, modest = make(shop, boss, "warehouse"), make(shop, boss, "warehouse")

    asked = [shop.ask("POST", "/sign-out", token=greedy["secret"]).status_code for _ in range(41)]
    assert (asked[-1], 429 in asked[:40]) == (429, False)
    assert shop.ask("POST", "/sign-out", token=modest["secret"]).status_code == 403


def test_of_two_keys_of_one_name_at_once_one_is_made(shop: Shop, boss: str) -> None:
    asked, outcomes = wish(), []

    def act() -> None:
        outcomes.append(shop.ask("POST", "/api-keys", token=boss, json=asked).status_code)

    threads = [threading.Thread(target=act) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sorted(outcomes) == [201, *[409] * 5]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"roles": ["admin"]}, "roles"), ({"roles": ["lead"]}, "roles"), ({"roles": []}, "roles"),
        ({"name": "Stock:System"}, "name"), ({"name": "-"}, "name"), ({"name": "x" * 33}, "name"),
        ({"ends_at": "tomorrow"}, "ends_at"),
    ],
)  # fmt: skip
def test_a_wrong_wish_about_a_key_is_refused(shop: Shop, changed: Json, field: str) -> None:
    answer = shop.ask("POST", "/api-keys", role="admin", json={**wish(), **changed})

    assert code(answer) == (422, "validation_failed")
    assert [each["field"].partition("/")[0].partition(".")[0] for each in answer.json()["errors"]] == [field]


def test_its_use_is_noted_once_a_day(shop: Shop, boss: str) -> None:
    key = make(shop, boss)

    def used() -> Any:
        items = shop.ask("GET", "/api-keys", token=boss).json()["items"]
        return next(each["used_at"] for each in items if each["id"] == key["key"]["id"])

    assert used() is None
    tickets(shop, key)
    first = eventually(used)
    tickets(shop, key)
    assert used() == first
