"""People over HTTP: they sign in and leave, are added and taken away, and no stranger gets in or keeps them out."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa

from services.common.basics import clock
from services.common.basics.clock import now
from services.common.edge import keys, tokens
from services.common.store.database import Work
from services.common.store.tables import schedule
from services.common.testing import eventually
from services.support import tables
from services.support.domain.sessions import STAFF_IDLE
from services.support.tests.builders import mails_in, text_of
from tests.shop.conftest import Json, Shop, started

CODE = re.compile(r"^Your code: ([\d ]+)$", re.MULTILINE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("people")


@pytest.fixture(scope="module")
def shop(folder: Path) -> Iterator[Shop]:
    with started(folder) as found:
        yield found


@pytest.fixture
def mails(shop: Shop, folder: Path) -> Any:
    """Return a function that returns the texts of the mails to an address so far."""
    sending = schedule.c.name == "support.send_mail", schedule.c.next_at > clock.now() + timedelta(minutes=1)

    def sent(email: str) -> list[str]:
        with shop.platform.store("support").work(Work) as work:  # a turn that began at the moment of `at` ends after it
            work.session.execute(sa.delete(schedule).where(*sending))
        return [text_of(m) for m in mails_in(folder / "mail") if email in str(m["To"])]

    return sent


@pytest.fixture
def boss(shop: Shop) -> str:
    return shop.staff("admin")


@contextmanager
def at(shop: Shop, moment: datetime) -> Iterator[None]:
    """Let it be that moment; what support does by the clock goes on afterwards."""
    with clock.frozen(moment):
        yield
    with shop.platform.store("support").work(Work) as work:
        work.session.execute(sa.delete(schedule))


def somebody(name: str = "ada") -> str:
    return f"{name}.{uuid.uuid4().hex[:8]}@example.com"


def ask(shop: Shop, email: str) -> str:
    answer = shop.ask("POST", "/sign-in", json={"email": email})
    assert answer.status_code == 202
    return str(answer.json()["request"])


def code_of(mails: Any, email: str, known: int = 0) -> str:
    return str(eventually(lambda: CODE.findall("\n".join(mails(email)))[known:])[-1])


def verify(shop: Shop, email: str, code: str, request: str, **more: str) -> Any:
    given = {"email": email, "code": code, "request": request, **more}
    return shop.ask("POST", "/sign-in/verify", json=given, headers={"User-Agent": "Firefox/140.0 (Linux)"})


def signed_in(shop: Shop, mails: Any, email: str, **more: str) -> Json:
    known = len(CODE.findall("\n".join(mails(email))))
    request = ask(shop, email)
    answer = verify(shop, email, code_of(mails, email, known), request, **more)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def sees_tickets(shop: Shop, session: Json) -> int:
    return int(shop.ask("GET", "/tickets", token=session["access_token"]).status_code)


def hire(shop: Shop, boss: str, *roles: str) -> str:
    email = somebody("grace")
    answer = shop.ask("PUT", f"/staff/{email}", token=boss, json={"name": "Grace", "roles": list(roles)})
    assert answer.status_code == 200, answer.text
    return email


def test_a_code_is_good_only_in_the_browser_that_asked(shop: Shop, mails: Any) -> None:
    email = somebody()
    mine = ask(shop, email)
    code = code_of(mails, email)
    stranger = ask(shop, email)

    assert verify(shop, email, code, stranger).json()["code"] == "bad_code"
    assert verify(shop, email, code, "made-up").json()["code"] == "bad_code"
    assert verify(shop, somebody(), code, mine).json()["code"] == "bad_code"
    assert verify(shop, email, code, mine).status_code == 200
    assert verify(shop, email, code, mine).json()["code"] == "bad_code"


def test_strangers_who_ask_and_guess_lock_no_person_out(shop: Shop, mails: Any) -> None:
    email = somebody()
    for _ in range(8):
        stranger = ask(shop, email)
        for _ in range(6):
            assert verify(shop, email, "00000000", stranger).status_code == 403

    mine = ask(shop, email)
    eventually(lambda: len(CODE.findall("\n".join(mails(email)))) == 3)  # mails to an address are limited
    newest = [verify(shop, email, code, mine) for code in CODE.findall("\n".join(mails(email)))]

    assert 200 in {answer.status_code for answer in newest}


def test_strangers_who_ask_all_day_lock_no_person_out(shop: Shop, mails: Any) -> None:
    """Codes end after ten minutes: who asks for many at once must not leave an address without one."""
    email, began = somebody(), now()

    def codes() -> list[str]:
        shop.wake_timers()
        return CODE.findall("\n".join(mails(email)))

    for minutes, mailed in ((0, 3), (5.5, 4), (11, 5), (14.5, 5)):
        with at(shop, began + timedelta(minutes=minutes)):
            for _ in range(4):
                ask(shop, email)
            mine = ask(shop, email)
            eventually(lambda mailed=mailed: len(codes()) == mailed)  # type: ignore[misc]
    with at(shop, began + timedelta(minutes=14.5)):
        answers = {verify(shop, email, code, mine).status_code for code in codes()}

    assert 200 in answers


def test_a_stranger_who_asks_uses_up_nobodys_share(shop: Shop, mails: Any) -> None:
    """What an address, or a pair of a ticket and an address, is sent is counted apart from what others ask for."""
    email, eve = somebody(), somebody("eve")
    form = {"name": "Ada", "email": email, "category": "product", "subject": "Cotton?", "message": "Is it cotton?"}
    opened = shop.ask("POST", "/contact", json=form).json()
    session, link = [signed_in(shop, mails, email) for _ in range(5)][-1], f"/tickets/{opened['ticket_number']}/link"
    mailed = len(mails(email))

    for _ in range(6):
        assert shop.ask("POST", link, json={"email": eve}).status_code == 202
    copy = shop.ask("POST", "/privacy/export", token=session["access_token"], json={})
    asked = shop.ask("POST", link, json={"email": email})

    assert (copy.status_code, asked.status_code) == (202, 202), copy.text
    for what in ("asked for a copy of the data", "asked for a new link to your conversation"):
        eventually(lambda what=what: [text for text in mails(email)[mailed:] if what in text])  # type: ignore[misc]
    assert not mails(eve)


def test_signing_out_ends_the_session_at_once(shop: Shop, mails: Any) -> None:
    session = signed_in(shop, mails, somebody())
    assert sees_tickets(shop, session) == 200

    assert shop.ask("POST", "/sign-out", token=session["access_token"], json={}).status_code == 200

    eventually(lambda: sees_tickets(shop, session) == 401)
    refresh = shop.ask("POST", "/sign-in/refresh", json={"refresh_token": session["refresh_token"]})
    assert (refresh.status_code, refresh.json()["code"]) == (403, "session_over")


def test_sessions_are_listed_and_ended_by_their_owner_alone(shop: Shop, mails: Any) -> None:
    email = somebody()
    first, second = (signed_in(shop, mails, email) for _ in range(2))
    eve = signed_in(shop, mails, somebody("eve"))

    listed = shop.ask("GET", "/sessions", token=first["access_token"]).json()["items"]
    assert {item["id"]: item["current"] for item in listed} == {
        first["session_id"]: True, second["session_id"]: False
    }  # fmt: skip
    assert "Firefox" in listed[0]["device"]
    one = f"/sessions/{second['session_id']}"
    assert shop.ask("DELETE", one, token=eve["access_token"]).json()["code"] == "session_not_found"
    assert shop.ask("DELETE", one, token=first["access_token"]).status_code == 200
    eventually(lambda: sees_tickets(shop, second) == 401)
    assert sees_tickets(shop, first) == 200
    assert shop.ask("DELETE", "/sessions", token=first["access_token"]).status_code == 200
    eventually(lambda: sees_tickets(shop, first) == 401)
    assert sees_tickets(shop, eve) == 200


def test_a_session_goes_on_as_long_as_it_is_used(shop: Shop, mails: Any, boss: str) -> None:
    session = signed_in(shop, mails, hire(shop, boss, "agent"))
    wish = {"refresh_token": session["refresh_token"]}

    with at(shop, now() + tokens.ACCESS_LIFETIME):
        assert sees_tickets(shop, session) == 401
        fresh = shop.ask("POST", "/sign-in/refresh", json=wish)
        assert (fresh.status_code, fresh.json()["roles"]) == (200, ["agent"])
        assert sees_tickets(shop, fresh.json()) == 200
    with at(shop, now() + tokens.ACCESS_LIFETIME + STAFF_IDLE):
        assert shop.ask("POST", "/sign-in/refresh", json=wish).json()["code"] == "session_over"


def test_who_is_deactivated_is_out_at_once(shop: Shop, mails: Any, boss: str) -> None:
    email = hire(shop, boss, "agent")
    session = signed_in(shop, mails, email)
    assert session["roles"] == ["agent"]
    assert shop.ask("GET", "/commitments", token=session["access_token"]).status_code == 200

    gone = shop.ask("DELETE", f"/staff/{email}", token=boss)

    assert (gone.json()["active"], gone.json()["sessions"]) == (False, 0)
    eventually(lambda: sees_tickets(shop, session) == 401)
    assert signed_in(shop, mails, email)["roles"] == ["customer"]
    recorded = [entry for entry in shop.platform.journal("support", "staff_changed") if entry["body"]["email"] == email]
    assert [(entry["actor"], entry["body"]["active"]) for entry in recorded] == [
        ("staff:admin@pledge.example", True), ("staff:admin@pledge.example", False)
    ]  # fmt: skip


def test_roles_are_read_each_time_and_not_from_the_token(shop: Shop, mails: Any, boss: str) -> None:
    email = hire(shop, boss, "agent")
    session = signed_in(shop, mails, email)
    clocks = "/commitments"
    assert shop.ask("GET", clocks, token=session["access_token"]).status_code == 200

    shop.ask("PUT", f"/staff/{email}", token=boss, json={"name": "Grace", "roles": ["warehouse"]})

    eventually(lambda: shop.ask("GET", clocks, token=session["access_token"]).status_code == 403)
    assert shop.ask("GET", "/shipments", token=session["access_token"]).status_code == 200


def test_only_an_admin_sees_and_changes_staff(shop: Shop, mails: Any, boss: str) -> None:
    email = hire(shop, boss, "agent")
    paths = (("GET", "/staff"), ("GET", f"/staff/{email}"), ("DELETE", f"/staff/{email}"),
             ("DELETE", f"/staff/{email}/second-factor"))  # fmt: skip

    for role in ("agent", "lead", "warehouse"):
        for method, path in paths:
            assert shop.ask(method, path, role=role).status_code == 403
        wish = {"name": "Eve", "roles": ["admin"]}
        assert shop.ask("PUT", f"/staff/{role}@pledge.example", role=role, json=wish).status_code == 403
    assert shop.ask("GET", "/staff").status_code == 401
    assert email in {item["email"] for item in shop.ask("GET", "/staff", token=boss).json()["items"]}


@pytest.mark.parametrize(
    ("wish", "status", "code"),
    [
        ({"name": "X", "roles": ["emperor"]}, 422, "validation_failed"),
        ({"name": "X", "roles": []}, 422, "validation_failed"),
        ({"name": "", "roles": ["agent"]}, 422, "validation_failed"),
        ({"name": "X", "roles": ["agent"], "version": 99}, 412, "version_moved"),
    ],
)
def test_a_wrong_wish_about_staff_is_refused(shop: Shop, boss: str, wish: Json, status: int, code: str) -> None:
    answer = shop.ask("PUT", "/staff/grace@shop.example", token=boss, json=wish)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_the_last_admin_stays_one(shop: Shop, boss: str) -> None:
    me = "/staff/admin@pledge.example"
    others = [
        item["email"]
        for item in shop.ask("GET", "/staff", token=boss).json()["items"]
        if "admin" in item["roles"] and item["email"] != "admin@pledge.example"
    ]
    for email in others:
        shop.ask("DELETE", f"/staff/{email}", token=boss)

    assert shop.ask("DELETE", me, token=boss).json()["code"] == "last_admin"
    demoted = shop.ask("PUT", me, token=boss, json={"name": "Ada", "roles": ["agent"]})
    assert demoted.json()["code"] == "last_admin"
    assert shop.ask("GET", me, token=boss).json()["active"]


def test_two_admins_who_remove_each_other_leave_one(shop: Shop, boss: str) -> None:
    one, other = hire(shop, boss, "admin"), hire(shop, boss, "admin")
    tokens_of = {email: shop._signed_in(email, ["admin"]) for email in (one, other)}
    codes: list[int] = []

    def remove(by: str, email: str) -> None:
        codes.append(shop.ask("DELETE", f"/staff/{email}", token=tokens_of[by]).status_code)

    at_once = [threading.Thread(target=remove, args=pair) for pair in ((one, other), (other, one))]
    for each in at_once:
        each.start()
    for each in at_once:
        each.join()

    assert "admin@pledge.example" in {
        item["email"] for item in shop.ask("GET", "/staff", token=boss).json()["items"] if item["active"]
    }
    for email in (one, other):
        shop.ask("DELETE", f"/staff/{email}", token=boss)


def enrol(shop: Shop, session: Json) -> tuple[pyotp.TOTP, list[str]]:
    begun = shop.ask("POST", "/second-factor", token=session["access_token"], json={}).json()
    app = pyotp.TOTP(begun["secret"])
    wish = {"one_time_password": app.at(now())}
    confirmed = shop.ask("POST", "/second-factor/confirmation", token=session["access_token"], json=wish)
    assert confirmed.status_code == 200, confirmed.text
    return app, confirmed.json()["recovery_codes"]


def test_a_second_factor_is_asked_for_and_good_once(shop: Shop, mails: Any, boss: str) -> None:
    email = hire(shop, boss, "lead")
    app, recovery = enrol(shop, signed_in(shop, mails, email))
    assert len(set(recovery)) == 10

    request = ask(shop, email)
    code = code_of(mails, email, 1)
    assert verify(shop, email, code, request).json()["code"] == "second_factor_required"
    used = app.at(now())
    assert verify(shop, email, code, request, one_time_password=used).json()["code"] == "bad_second_factor"
    with at(shop, now() + 2 * tokens.STREAM_LIFETIME):
        good = verify(shop, email, code, request, one_time_password=app.at(now()))
    assert (good.status_code, good.json()["second_factor"], good.json()["roles"]) == (200, "passed", ["lead"])

    assert signed_in(shop, mails, email, one_time_password=recovery[0])["second_factor"] == "passed"
    request = ask(shop, email)
    again = verify(shop, email, code_of(mails, email, 3), request, one_time_password=recovery[0])
    assert again.json()["code"] == "bad_second_factor"


def test_who_guesses_at_a_second_factor_is_stopped(shop: Shop, mails: Any, boss: str) -> None:
    email = hire(shop, boss, "lead")
    app, _ = enrol(shop, signed_in(shop, mails, email))
    guesses = ["000000"] * 5
    request = ask(shop, email)
    code = code_of(mails, email, 1)
    for guess in guesses:
        assert verify(shop, email, code, request, one_time_password=guess).status_code == 403

    request = ask(shop, email)
    later = now() + tokens.STREAM_LIFETIME
    with at(shop, later):
        answer = verify(shop, email, code_of(mails, email, 2), request, one_time_password=app.at(later))

    assert answer.json()["code"] == "bad_second_factor"  # locked for a quarter of an hour


def test_a_session_before_the_factor_loses_its_lead(shop: Shop, mails: Any, boss: str) -> None:
    email = hire(shop, boss, "agent", "lead")
    old = signed_in(shop, mails, email)
    enrol(shop, signed_in(shop, mails, email))

    shown = shop.ask("POST", "/sign-in/refresh", json={"refresh_token": old["refresh_token"]}).json()

    assert (shown["roles"], shown["second_factor"]) == (["agent"], "missing")
    fresh = shop.ask("POST", "/second-factor", token=shown["access_token"], json={})
    assert fresh.json()["code"] == "second_factor_required"


def test_a_lost_factor_is_taken_away_by_an_admin(shop: Shop, mails: Any, boss: str) -> None:
    email = hire(shop, boss, "lead")
    session = signed_in(shop, mails, email)
    enrol(shop, session)

    assert not shop.ask("DELETE", f"/staff/{email}/second-factor", token=boss).json()["second_factor"]

    eventually(lambda: sees_tickets(shop, session) == 401)
    eventually(lambda: any("took the second factor" in text for text in mails(email)))
    assert signed_in(shop, mails, email)["second_factor"] == "none"


def test_a_sign_in_from_a_new_browser_is_told(shop: Shop, mails: Any) -> None:
    email = somebody()
    first = signed_in(shop, mails, email)
    known = signed_in(shop, mails, email, browser=first["browser"])
    assert known["browser"] == first["browser"]
    assert not [text for text in mails(email) if "had not seen before" in text]

    signed_in(shop, mails, email)

    eventually(lambda: [text for text in mails(email) if "had not seen before (Firefox on Linux)" in text])


def test_no_secret_of_a_session_is_stored(shop: Shop, mails: Any) -> None:
    session = signed_in(shop, mails, somebody())

    with shop.platform.store("support").work(Work, reading=True) as work:
        kept = str([work.session.execute(sa.select(table)).all() for table in tables.metadata.tables.values()])

    assert session["session_id"] in kept
    for secret in ("access_token", "refresh_token", "browser"):
        assert session[secret] not in kept


def test_no_secret_of_a_second_factor_is_stored(shop: Shop, mails: Any, boss: str) -> None:
    app, recovery = enrol(shop, signed_in(shop, mails, hire(shop, boss, "lead")))

    with shop.platform.store("support").work(Work, reading=True) as work:
        kept = str([work.session.execute(sa.select(table)).all() for table in tables.metadata.tables.values()])

    folded = kept.replace("-", "").upper()
    assert not [
        secret for secret in (app.secret, *recovery) if secret in kept or secret.replace("-", "").upper() in folded
    ]


def forged(session_id: str, email: str, seed: bytes, at: datetime) -> str:
    signing = keys.Signing.parse(keys.private_keys(keys.OF_SUPPORT, "development", seed))
    return tokens.access_token(signing, tokens.Access(session_id, email, ["admin"]), at)


def test_a_token_signed_by_anybody_else_opens_nothing(shop: Shop) -> None:
    gateway = keys.Signing.parse(keys.DEVELOPMENT_GATEWAY_KEYS)
    with pytest.raises(LookupError):
        tokens.access_token(gateway, tokens.Access("s", "admin@pledge.example", ["admin"]), now())

    for token in (
        forged("s", "admin@pledge.example", b"a stolen secret of logistics", now()),
        tokens.access_token(
            keys.Signing.parse(keys.DEVELOPMENT_SUPPORT_KEYS), tokens.Access("no-such", "e@x.example", ["admin"]), now()
        ),
    ):
        assert shop.ask("GET", "/staff", token=token).status_code == 401


def test_the_links_of_an_order_are_listed_and_ended(shop: Shop) -> None:
    shop.stocked("LINKED", 5)
    placed = dict(shop.order(("LINKED", 1)).json())
    path, token = f"/orders/{placed['number']}/links", placed["access_token"]
    items = eventually(lambda: [*shop.ask("GET", path, token=token).json()["items"]])
    assert {item["kind"] for item in items} <= {"first", "mail"}
    other = dict(shop.order(("LINKED", 1)).json())
    assert shop.ask("GET", path, token=other["access_token"]).status_code == 404
    assert shop.ask("DELETE", path, token=other["access_token"]).status_code == 404
    assert shop.ask("GET", path, role="warehouse").status_code in (403, 404)

    assert shop.ask("DELETE", f"{path}/checkout", role="agent").status_code == 200

    eventually(lambda: shop.ask("GET", f"/orders/{placed['number']}", token=token).status_code == 401)
    assert "checkout" not in {item["id"] for item in shop.ask("GET", path, role="agent").json()["items"]}
    assert shop.ask("GET", f"/orders/{other['number']}", token=other["access_token"]).status_code == 200


def test_the_links_of_a_ticket_are_listed_and_ended(shop: Shop) -> None:
    form = {"name": "Ada", "email": somebody(), "category": "product", "subject": "Cotton?", "message": "Is it cotton?"}
    opened = shop.ask("POST", "/contact", json=form).json()
    path, token = f"/tickets/{opened['ticket_number']}/links", opened["access_token"]
    kinds = {item["kind"]: item["id"] for item in shop.ask("GET", path, token=token).json()["items"]}
    assert {*kinds} == {"first", "mail"}

    assert shop.ask("DELETE", f"{path}/{kinds['first']}", token=token).status_code == 200

    assert shop.ask("GET", f"/tickets/{opened['ticket_number']}", token=token).status_code == 401
    assert [item["kind"] for item in shop.ask("GET", path, role="agent").json()["items"]] == ["mail"]
