"""More is to be paid back than a day may pay: an alarm, a stop, and people who decide. Over HTTP."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from deploy.lab.people import LASTS
from services.common.basics.clock import now
from services.common.edge import tokens
from services.common.edge.keys import DEVELOPMENT_SUPPORT_KEYS, Signing
from services.common.runtime.config import ConfigError, Settings
from services.common.testing import eventually
from services.members import change_terms
from services.orders.api.ceiling import CEILINGS
from services.support.domain import Session
from services.support.repository import Work
from services.support.tests.builders import mails_in
from tests.shop.conftest import Json, Shop, started, usd

TERMS = {"version": "1", "terms": {}, "refunds_a_day": {"USD": {"alarm": "20.00", "stop": "30.00"}}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ceiling")


@pytest.fixture(scope="module")
def shop(folder: Path) -> Iterator[Shop]:
    """Run a shop that pays back 30 USD a day, where an admin needs a second factor."""
    change_terms(Settings.load({"PLEDGE_TERMS": json.dumps(TERMS)}))
    try:
        with started(folder, PLEDGE_SECOND_FACTOR="required") as found:
            found.staff("lead"), found.staff("admin")
            found.stocked("MUG", 100)
            yield found
    finally:
        change_terms(Settings.load({}))


def cancelled(shop: Shop) -> Json:
    """Return an order of 12.50 USD whose customer has cancelled it."""
    placed = shop.paid(("MUG", 1))
    asked = shop.ask("POST", f"/orders/{placed['number']}/cancellation", token=placed["access_token"], json={})
    assert asked.status_code == 202, asked.text
    return shop.until(placed, lambda order: order["refunds"]) | {"access_token": placed["access_token"]}


def refund(shop: Shop, placed: Json) -> str:
    return str(shop.show(placed)["refunds"][0]["status"])


def waiting(shop: Shop) -> list[Json]:
    listed = shop.ask("GET", "/payments/attention?limit=100", role="lead").json()["items"]
    return [case for case in listed if case["kind"] == "refund_ceiling"]


def settle(shop: Shop, case: Json, role: str = "", token: str = "") -> Any:
    body = {"decision": "release", "note": "looked into it", "version": case["version"]}
    return shop.ask("POST", f"/payments/{case['payment_id']}/settle", role=role, token=token, json=body)


def without_factor(shop: Shop, email: str) -> str:
    """Return the token of a session of that person that has shown no second factor."""
    session_id, digest = secrets.token_hex(16), tokens.token_hash(secrets.token_hex(16))
    with shop.platform.store("support").work(Work) as work:
        opened = Session(
            session_id, email, digest, digest, "a test", staff=True, factor=False, created_at=now(), used_at=now()
        )
        work.sessions.add(opened)
    access = tokens.Access(session_id, email, ["admin"])
    return tokens.access_token(Signing.parse(DEVELOPMENT_SUPPORT_KEYS), access, now(), LASTS)


def test_a_day_pays_back_its_ceiling_and_asks_people_for_more(shop: Shop, folder: Path) -> None:
    numbers = [cancelled(shop) for _ in range(4)]
    cases = eventually(lambda: found if len(found := waiting(shop)) == 2 else [])

    shown = shop.ask("GET", "/refunds/ceiling", role="lead").json()
    assert (shown["sent"], shown["room"], shown["waiting"]) == (usd("25.00"), usd("5.00"), 2)
    stopped = {case["order_number"] for case in cases}
    for placed in numbers:
        assert (refund(shop, placed) == "due") == (placed["number"] in stopped)
        clocks = {each["kind"]: each["status"] for each in shop.show(placed)["commitments"]}
        assert clocks["refund"] in ("running", "kept")
    queue = shop.ask("GET", "/refunds?status=due", role="lead").json()["items"]
    assert {each["order_number"] for each in queue if each["waits_since"]} == stopped
    _people_are_told_once(folder)

    # a lead does not decide, nor an admin who has shown no second factor
    refused = settle(shop, cases[0], "lead")
    assert (refused.status_code, refused.json()["code"]) == (403, "admin_required")
    weak = without_factor(shop, "admin@pledge.example")
    assert settle(shop, cases[0], token=weak).status_code == 403
    more = {"amount": usd("10.00"), "note": "the sale comes back", "version": shown["version"]}
    for token in (weak, shop.staff("lead")):
        assert shop.ask("POST", "/refunds/ceiling", token=token, json=more).status_code == 403

    assert settle(shop, cases[0], "admin").json()["decision"] == "release"
    released = next(placed for placed in numbers if placed["number"] == cases[0]["order_number"])
    eventually(lambda: refund(shop, released) != "due")
    assert [case["order_number"] for case in waiting(shop)] == [cases[1]["order_number"]]

    more["version"] = shop.ask("GET", "/refunds/ceiling", role="lead").json()["version"]
    nothing = shop.ask("POST", "/refunds/ceiling", role="admin", json={**more, "amount": usd("0.00")})
    assert nothing.json()["code"] == "nothing_raised"
    raised = shop.ask("POST", "/refunds/ceiling", role="admin", json={**more, "amount": usd("20.00")})
    assert (raised.status_code, raised.json()["raised"]) == (200, usd("20.00"))
    again = shop.ask("POST", "/refunds/ceiling", role="admin", json=more)
    assert (again.status_code, again.json()["code"]) == (412, "version_moved")
    last = next(placed for placed in numbers if placed["number"] == cases[1]["order_number"])
    eventually(lambda: refund(shop, last) != "due")
    eventually(lambda: waiting(shop) == [])


def _people_are_told_once(folder: Path) -> None:
    def told(subject: str) -> list[str]:
        return sorted(str(mail["To"]) for mail in mails_in(folder / "mail") if subject in str(mail["Subject"]))

    for subject in ("Much was paid back today", "Refunds wait for a person"):
        people = eventually(partial(_at_least_two, partial(told, subject)))
        assert {"lead@pledge.example", "admin@pledge.example"} <= set(people)
        assert len(people) == len(set(people))
    assert told("Payment needs a person") == []


def _at_least_two(told: Callable[[], list[str]]) -> list[str]:
    return found if len(found := told()) >= 2 else []


def test_a_forged_claim_for_goods_never_delivered_pays_nothing(shop: Shop) -> None:
    placed = shop.paid(("MUG", 2))
    number = placed["number"]
    claims: list[Json] = [
        {"units": [{"line_id": 1, "unit": 0}], "amount": usd("12.50")},
        {"units": [{"line_id": 1, "unit": 0}], "amount": usd("9999.00")},
        {"units": [], "amount": usd("20.00"), "cause": "postage"},
    ]
    for count, claim in enumerate(claims):
        body = {"order_number": number, "return_number": f"RET-{count}", "due_at": None, "law": None, **claim}
        shop.platform.publish("aftersales", "refund_claimed", body, subject=f"RET-{count}", subject_seq=1)

    def refused() -> list[Json]:
        listed = shop.ask("GET", "/payments/attention?limit=100", role="lead").json()["items"]
        return [case for case in listed if (case["kind"], case["order_number"]) == ("claim_refused", number)]

    cases = eventually(lambda: found if len(found := refused()) == 3 else [])
    assert {tuple(case["decisions"]) for case in cases} == {("pay", "refuse")}
    assert shop.show(placed)["refunds"] == []


@pytest.mark.pure
@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"EUR": {"alarm": "1.00", "stop": "2.00"}}, "refunds_a_day.EUR: nothing is paid back in it; there is USD"),
        ({"USD": {"alarm": "3.00", "stop": "2.00"}}, "refunds_a_day.USD: a ceiling needs 0 < alarm <= stop"),
        ({"USD": {"alarm": "0.00", "stop": "2.00"}}, "0 < alarm <= stop"),
        ({"USD": {"alarm": 1, "stop": "2.00"}}, "expected amounts as text"),
        ({"USD": {"alarm": "1e3", "stop": "2.00"}}, "not an amount"),
        ({"USD": {"stop": "2.00"}}, "expected alarm and stop"),
        ({"USD": []}, "expected alarm and stop"),
        ([], "refunds_a_day: expected"),
    ],
)
def test_a_ceiling_that_makes_no_sense_stops_the_start(said: object, problem: str) -> None:
    before = CEILINGS["USD"]

    with pytest.raises(ConfigError) as refused:
        change_terms(Settings.load({"PLEDGE_TERMS": json.dumps({**TERMS, "refunds_a_day": said})}))

    assert problem in str(refused.value)
    assert CEILINGS["USD"] == before
