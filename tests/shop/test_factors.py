"""Passkeys over HTTP, beside one-time passwords: set up, shown, removed, and refused where they are not right."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.common.basics.clock import now
from services.common.testing.authenticator import Authenticator
from services.support.domain.sessions import PASSKEY_WINDOW
from tests.shop.conftest import Json, Shop, started
from tests.shop.test_people import ask, at, boss, code_of, enrol, hire, mails, signed_in, verify

__all__ = ["boss", "mails"]
HOST = "http://localhost:8000"
KEYS = "/second-factor/passkeys"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("factors")


@pytest.fixture(scope="module")
def shop(folder: Path) -> Iterator[Shop]:
    with started(folder, PLEDGE_PUBLIC_URL=HOST) as found:
        yield found


def begin(shop: Shop, session: Json) -> Json:
    answer = shop.ask("POST", KEYS, token=session["access_token"], json={})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def confirm(shop: Shop, session: Json, made: Json) -> Any:
    wish = {"name": "My phone", **made}
    return shop.ask("POST", f"{KEYS}/confirmation", token=session["access_token"], json=wish)


def with_passkey(shop: Shop, mails: Any, email: str) -> tuple[Authenticator, Json, Json]:
    """Sign in and set up a passkey: the device, the session, and what was answered."""
    session, device = signed_in(shop, mails, email), Authenticator(HOST)
    answer = confirm(shop, session, device.make(begin(shop, session)))
    assert answer.status_code == 201, answer.text
    return device, session, dict(answer.json())


def challenged(shop: Shop, mails: Any, email: str, known: int) -> tuple[str, str, Json]:
    """Ask for a code and send it: the code, its request, and what a device is asked."""
    request = ask(shop, email)
    code = code_of(mails, email, known)
    refused = verify(shop, email, code, request)
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_required")
    return code, request, dict(refused.json()["passkeys"])


def show(shop: Shop, email: str, code: str, request: str, shown: Json) -> Any:
    given = {"email": email, "code": code, "request": request, "passkey": shown}
    return shop.ask("POST", "/sign-in/verify", json=given)


def test_a_lead_signs_in_with_a_passkey(shop: Shop, mails: Any, boss: str) -> None:
    email = hire(shop, boss, "lead")
    device, session, made = with_passkey(shop, mails, email)
    assert (made["name"], len({*made["recovery_codes"]})) == ("My phone", 10)
    listed = shop.ask("GET", "/second-factor", token=session["access_token"]).json()
    assert (listed["one_time_password"], listed["recovery_codes_left"]) == (False, 10)
    assert [each["id"] for each in listed["passkeys"]] == [made["id"]]

    code, request, asked = challenged(shop, mails, email, 1)
    assert asked["known"] == [device.credential]
    shown = device.show(asked)
    good = show(shop, email, code, request, shown)

    assert (good.status_code, good.json()["second_factor"], good.json()["roles"]) == (200, "passed", ["lead"])
    assert show(shop, email, code, request, shown).json()["code"] == "bad_code"  # used up


def test_an_answer_is_good_for_one_sign_in_on_one_site(shop: Shop, mails: Any, boss: str) -> None:
    email = hire(shop, boss, "admin")
    device, _, _ = with_passkey(shop, mails, email)
    code, request, asked = challenged(shop, mails, email, 1)
    elsewhere = Authenticator("http://localhost.attacker.example")
    elsewhere._key, elsewhere._id = device._key, device._id
    signed = device.show(asked)
    other = bytearray(base64.urlsafe_b64decode(signed["client_data"] + "=="))
    wrong = {
        "of another site": elsewhere.show(asked),
        "for another host": device.show({**asked, "host": "attacker.example"}),
        "of another challenge": device.show({**asked, "challenge": "AQID"}),
        "of another key": {**Authenticator(HOST).show(asked), "id": device.credential},
        "of a key that is not known": Authenticator(HOST).show(asked),
    }

    for what, shown in wrong.items():
        refused = show(shop, email, code, request, shown)
        assert (refused.status_code, refused.json()["code"]) == (403, "bad_second_factor"), what
    locked = show(shop, email, code, request, device.show(asked))
    assert locked.json()["code"] == "bad_code"  # five tries of this browser are used up
    code, request, again = challenged(shop, mails, email, 2)
    assert again["challenge"] != asked["challenge"] == json.loads(other)["challenge"]
    assert show(shop, email, code, request, device.show(asked)).status_code == 403  # signed for the other sign-in
    assert show(shop, email, code, request, device.show(again)).status_code == 200


@pytest.mark.parametrize("part", ["id", "client_data", "authenticator_data", "signature"])
def test_an_unreadable_passkey_is_refused(shop: Shop, mails: Any, boss: str, part: str) -> None:
    email = hire(shop, boss, "lead")
    device, session, _ = with_passkey(shop, mails, email)
    code, request, asked = challenged(shop, mails, email, 1)
    good = device.show(asked)

    for garbage in ("A", "AAAA", good[part][:-6], "e30", "oWE"):
        refused = show(shop, email, code, request, {**good, part: garbage})
        assert refused.status_code == 403, (garbage, refused.text)
    assert show(shop, email, code, request, {**good, part: "no base64!"}).status_code == 422
    made = Authenticator(HOST).make(begin(shop, session))
    for field in ("client_data", "attestation", "id"):
        answer = confirm(shop, session, {**made, field: "oWE"})
        assert (answer.status_code, answer.json()["code"]) == (403, "bad_passkey"), field
    assert confirm(shop, session, made).status_code == 201


def test_a_copied_device_is_noticed(shop: Shop, mails: Any, boss: str) -> None:
    """A copy signs with a count that was seen before."""
    email = hire(shop, boss, "lead")
    device, _, _ = with_passkey(shop, mails, email)
    code, request, asked = challenged(shop, mails, email, 1)
    assert show(shop, email, code, request, device.show(asked)).status_code == 200

    device.signs = 0
    code, request, asked = challenged(shop, mails, email, 2)

    assert show(shop, email, code, request, device.show(asked)).json()["code"] == "bad_second_factor"


def test_a_passkey_must_be_confirmed_in_time(shop: Shop, mails: Any, boss: str) -> None:
    email = hire(shop, boss, "lead")
    session, device = signed_in(shop, mails, email), Authenticator(HOST)
    made = device.make(begin(shop, session))

    with at(shop, now() + PASSKEY_WINDOW):
        assert confirm(shop, session, made).json()["code"] == "no_factor_begun"
    assert confirm(shop, session, made).status_code == 201
    assert confirm(shop, session, made).json()["code"] == "no_factor_begun"


def test_factors_are_changed_only_in_a_session_that_showed_one(shop: Shop, mails: Any, boss: str) -> None:
    email = hire(shop, boss, "agent", "lead")
    old = signed_in(shop, mails, email)
    _, session, made = with_passkey(shop, mails, email)
    one = f"{KEYS}/{made['id']}"

    for method, path in (("POST", KEYS), ("POST", "/second-factor"), ("DELETE", one)):
        refused = shop.ask(method, path, token=old["access_token"], json={})
        assert refused.json()["code"] == "second_factor_required", path
    eve = signed_in(shop, mails, "eve@example.com")
    assert shop.ask("DELETE", one, token=eve["access_token"]).json()["code"] == "passkey_not_found"
    assert shop.ask("GET", "/second-factor", token=eve["access_token"]).json()["passkeys"] == []
    app, _ = enrol(shop, session)
    assert app
    assert shop.ask("DELETE", one, token=session["access_token"]).status_code == 200
    listed = shop.ask("GET", "/second-factor", token=session["access_token"]).json()
    assert (listed["one_time_password"], listed["passkeys"], listed["recovery_codes_left"]) == (True, [], 10)


def test_without_its_last_factor_no_session_counts_as_passed(shop: Shop, mails: Any, boss: str) -> None:
    email = hire(shop, boss, "lead")
    _, session, made = with_passkey(shop, mails, email)

    assert shop.ask("DELETE", f"{KEYS}/{made['id']}", token=session["access_token"]).status_code == 200

    fresh = shop.ask("POST", "/sign-in/refresh", json={"refresh_token": session["refresh_token"]}).json()
    assert fresh["second_factor"] == "none"
    listed = shop.ask("GET", "/second-factor", token=session["access_token"]).json()
    assert (listed["passkeys"], listed["recovery_codes_left"]) == ([], 0)


def test_recovery_codes_stand_in_for_a_passkey_once(shop: Shop, mails: Any, boss: str) -> None:
    email = hire(shop, boss, "lead")
    _, _, made = with_passkey(shop, mails, email)

    assert signed_in(shop, mails, email, one_time_password=made["recovery_codes"][0])["second_factor"] == "passed"
    request = ask(shop, email)
    again = verify(shop, email, code_of(mails, email, 2), request, one_time_password=made["recovery_codes"][0])
    assert again.json()["code"] == "bad_second_factor"


def test_an_admin_takes_a_lost_passkey_away(shop: Shop, mails: Any, boss: str) -> None:
    email = hire(shop, boss, "lead")
    with_passkey(shop, mails, email)
    assert shop.ask("GET", f"/staff/{email}", token=boss).json()["second_factor"]

    assert not shop.ask("DELETE", f"/staff/{email}/second-factor", token=boss).json()["second_factor"]

    assert signed_in(shop, mails, email)["second_factor"] == "none"
