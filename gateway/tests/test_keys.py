"""Keys of the shop's own systems at the gateway: whom they are taken for, how long they are remembered, who hears."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from gateway.http import auth
from gateway.http.auth import identify
from gateway.http.checks import OVER_SECONDS, SECONDS, Checks
from gateway.http.errors import Refused
from gateway.tests.tokens import access_token, key_access_token
from services.common.basics.clock import now
from services.common.basics.errors import Forbidden, Unavailable
from services.common.edge import keys, tokens
from services.common.edge.tokens import ACCESS_LIFETIME, KeyAccess

SECRET = tokens.KEY_PREFIX + "ab" * 32
KEYS = keys.Verifying.parse(keys.DEVELOPMENT_PUBLIC_KEYS)
KNOWN = {"id": "k1", "access_token": "acc_1"}


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Asked:
    """Answers with this token for each key."""

    def __init__(self, access_token: str | None):
        self.access_token, self.hashes = access_token, list[str]()

    def key(self, secret_hash: str) -> str | None:
        self.hashes.append(secret_hash)
        return self.access_token

    def session(self, access: tokens.Access) -> Any:
        raise AssertionError("no session is asked about")

    def order_link(self, number: str, link_id: str) -> bool:
        raise AssertionError("no link is asked about")

    def ticket(self, token: str) -> Any:
        raise AssertionError("no ticket is asked about")


def signed(*roles: str, at: datetime | None = None, lifetime: timedelta = ACCESS_LIFETIME) -> str:
    return key_access_token("k1", roles, at or now(), lifetime)


def away() -> Any:
    raise Unavailable("support does not answer")


def refusing() -> Any:
    raise Forbidden("over", code="key_over")


def counting(answers: list[Any]) -> Callable[[], Any]:
    return lambda: answers.pop(0)


def test_a_key_is_a_caller_of_its_own_kind() -> None:
    asked = Asked(signed("warehouse"))

    found = identify(f"Bearer {SECRET}", KEYS, now(), asked)

    assert (found.actor, found.email, found.roles) == (
        "key:stock-system:ada@shop.example", None, frozenset({"warehouse"}),
    )  # fmt: skip
    assert auth.session_of(found) == "k1"
    assert asked.hashes == [tokens.token_hash(SECRET)]


def test_a_key_is_never_a_lead_an_admin_or_a_customer() -> None:
    found = identify(f"Bearer {SECRET}", KEYS, now(), Asked(signed("agent", "lead", "admin", "customer")))

    assert found.roles == {"agent"}


def test_the_access_token_of_a_key_is_no_session() -> None:
    with pytest.raises(Refused):
        identify(f"Bearer {signed('agent')}", KEYS, now(), Asked(None))


def test_the_access_token_of_a_session_is_no_key() -> None:
    session = access_token("ada@shop.example", ["admin"], now())

    with pytest.raises(Unavailable):
        identify(f"Bearer {SECRET}", KEYS, now(), Asked(session))


def test_what_support_did_not_sign_is_not_believed() -> None:
    stranger = keys.Signing.parse(keys.private_keys(keys.OF_SUPPORT, "development", b"somebody else's"))
    forged = tokens.access_token(stranger, KeyAccess("k1", "x", "ada@shop.example", ["agent"]), now())

    with pytest.raises(Unavailable):
        identify(f"Bearer {SECRET}", KEYS, now(), Asked(forged))


def test_a_key_goes_on_a_quarter_of_an_hour_without_support() -> None:
    asked = Asked(signed("agent", at=now() - ACCESS_LIFETIME + timedelta(seconds=30)))

    assert identify(f"Bearer {SECRET}", KEYS, now(), asked).roles == {"agent"}
    with pytest.raises(Unavailable):
        identify(f"Bearer {SECRET}", KEYS, now() + timedelta(minutes=1), asked)


def test_a_stream_of_a_key_ends_when_it_must_be_looked_at() -> None:
    at = now().replace(microsecond=0)

    ends = auth.end_of(f"Bearer {SECRET}", KEYS, at, Asked(signed("agent", at=at)))

    assert ends == at + ACCESS_LIFETIME


def test_a_stream_of_a_key_ends_with_the_key() -> None:
    at = now().replace(microsecond=0)
    two_minutes = signed("agent", at=at, lifetime=timedelta(minutes=2))

    assert auth.end_of(f"Bearer {SECRET}", KEYS, at, Asked(two_minutes)) == at + timedelta(minutes=2)
    assert auth.end_of(f"Bearer {SECRET}", KEYS, at, Asked(None)) == at


def test_a_key_is_remembered_for_some_seconds() -> None:
    clock, answers = Clock(), [KNOWN, {**KNOWN, "access_token": "acc_2"}]
    checks = Checks(clock)

    assert [checks.key("h", counting(answers)) for _ in range(2)] == ["acc_1", "acc_1"]
    clock.seconds = SECONDS
    assert checks.key("h", counting(answers)) == "acc_2"


@pytest.mark.parametrize(
    ("event", "body"), [("api_key_ended", {"key_id": "k1"}), ("staff_changed", {"email": "ada@shop.example"})]
)
def test_each_gateway_forgets_a_key_that_ended(event: str, body: dict[str, str]) -> None:
    replicas = [Checks(Clock()), Checks(Clock())]
    for each in replicas:
        assert each.key("h", lambda: KNOWN) == "acc_1"

    for each in replicas:
        each.hear({"service": "support", "type": event, "body": body})

    assert [each.key("h", refusing) for each in replicas] == [None, None]


def test_a_key_that_is_not_known_waits_for_support() -> None:
    clock = Clock()
    checks = Checks(clock)
    checks.key("h", lambda: KNOWN)
    clock.seconds = SECONDS

    assert checks.key("h", away) == "acc_1"
    with pytest.raises(Unavailable):
        checks.key("another", away)


def test_support_that_is_away_is_asked_once_for_all() -> None:
    clock, asked = Clock(), list[str]()
    checks = Checks(clock)

    def away_for(name: str) -> Callable[[], Any]:
        def ask() -> Any:
            asked.append(name)
            raise Unavailable("support does not answer")

        return ask

    for name in ("a", "b", "a"):
        with pytest.raises(Unavailable):
            checks.key(name, away_for(name))
    assert checks.session("s", away_for("session"), {"email": "ada@shop.example", "roles": []}) is not None
    assert checks.order_link("ORD-1", "l", away_for("link"))
    assert asked == ["a"]

    clock.seconds = SECONDS
    assert checks.key("a", lambda: KNOWN) == "acc_1"


def test_a_refused_key_is_asked_about_once_an_hour() -> None:
    clock, answers = Clock(), list[Any]()
    checks = Checks(clock)
    assert checks.key("h", refusing) is None

    clock.seconds = OVER_SECONDS - 1
    assert checks.key("h", counting(answers)) is None
    clock.seconds = OVER_SECONDS
    with pytest.raises(IndexError):
        checks.key("h", counting(answers))


def test_a_key_that_was_refused_stays_refused_without_support() -> None:
    clock = Clock()
    checks = Checks(clock)
    assert checks.key("h", refusing) is None
    clock.seconds = SECONDS

    assert checks.key("h", away) is None


def test_made_up_keys_push_out_no_good_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.http.checks.MOST", 10)
    checks = Checks(Clock())
    checks.key("h", lambda: KNOWN)
    for number in range(100):
        assert checks.key(f"made up {number}", refusing) is None

    assert checks.key("h", away) == "acc_1"
    assert checks.key("made up 99", away) is None
    with pytest.raises(Unavailable):
        checks.key("made up 0", away)


def test_a_key_that_ended_is_not_remembered_as_good() -> None:
    clock = Clock()
    checks = Checks(clock)
    checks.key("h", lambda: KNOWN)
    clock.seconds = SECONDS

    assert checks.key("h", refusing) is None
    assert checks.key("h", away) is None
