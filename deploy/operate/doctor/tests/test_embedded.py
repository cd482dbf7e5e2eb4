"""Each trouble of the embedded form, brought about for real, is found; without it there is none."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from deploy.operate.by_hand import main as by_hand
from deploy.operate.by_hand import opened
from deploy.operate.doctor import mail_in
from deploy.operate.doctor.__main__ import examine, main
from deploy.operate.doctor.sealed import plain
from deploy.run.embedded import only_process
from deploy.run.own_keys import with_own_keys
from services import SERVICES
from services.common.basics import clock
from services.common.basics.ids import new_id
from services.common.commitments import start
from services.common.runtime.config import DEVELOPMENT_SECRET
from services.common.runtime.uploads import UploadStore
from services.common.store import tables
from services.common.store.chain_keys import OWN
from services.common.store.database import Store, Work
from services.common.store.migrations import migrate
from services.logistics.tables import raw_webhooks
from services.orders.api import REVIEW, TERMS, OrderExpired
from services.support.api.uploads import MediaType
from services.support.domain import Upload
from services.support.domain.api_keys import ApiKey
from services.support.domain.webhooks import WebhookEndpoint
from services.support.repository import Work as SupportWork

pytestmark = pytest.mark.pure
URL = "sqlite:///{}/orders.db"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("empty")
    for service in SERVICES:
        migrate(service, f"sqlite:///{folder}/{service}.db")
    with_own_keys({}, folder)
    return folder


@pytest.fixture
def stopped(tmp_path: Path, empty: Path) -> Path:
    return Path(shutil.copytree(empty, tmp_path / "data"))


@pytest.fixture
def data(stopped: Path) -> Iterator[Path]:
    """Yield the folder of a platform that seems to run: its lock is held."""
    with only_process(stopped):
        yield stopped


@contextmanager
def orders(data: Path) -> Iterator[Store]:
    with opened(URL.format(data)) as store:
        yield store


def environ_of(data: Path, horizon: str = "2100-12-31") -> dict[str, str]:
    """Return settings under which the calendar of the teams and the warehouse is certain until then."""
    closures = data / "closures.yaml"
    closures.write_text(f"CN: {{horizon: {horizon}}}\n")
    return {"PLEDGE_DATA_DIR": str(data), "PLEDGE_CLOSURES": str(closures)}


def found(data: Path, **more: str) -> dict[str, Any]:
    return {finding.name: finding for finding in examine({**environ_of(data), **more})}


def test_a_platform_that_does_not_run_is_not_well(stopped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--watch", "0"], {"PLEDGE_DATA_DIR": str(stopped)}) == 1

    told = capsys.readouterr().out
    assert "not_running" in told
    assert "make run starts it" in told
    assert "all is well" not in told


def test_a_folder_that_is_left_by_its_process_is_not_running(stopped: Path) -> None:
    with only_process(stopped):
        assert "not_running" not in found(stopped)

    assert "not_running" in found(stopped)


def test_a_healthy_platform_has_no_findings(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with orders(data) as store, store.work(Work) as work:
        work.journal.record(OrderExpired(order_number="ORD-1"))  # on its way, as there always are some

    assert main(["--watch", "0"], environ_of(data)) == 0
    assert capsys.readouterr().out == "all is well\n"


def test_where_it_cannot_look_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--watch", "0"], {"PLEDGE_AMQP_URI": "carrier pigeons"}) == 2
    assert "PLEDGE_AMQP_URI" in capsys.readouterr().err


def test_a_missing_or_invalid_database_is_found(data: Path) -> None:
    (data / "orders.db").unlink()
    assert "does not exist" in found(data)["database_unreachable"].what
    assert not (data / "orders.db").exists()

    (data / "orders.db").write_text("a poem, and rather a long one at that" * 10)
    assert "not a database" in found(data)["database_unreachable"].what


def test_pending_and_unknown_migrations_are_found(data: Path) -> None:
    (data / "orders.db").unlink()
    migrate("orders", URL.format(data), "0001")
    pending = found(data)["migration_pending"]
    assert (pending.where, "revision 0001" in pending.what, "make migrate" in pending.remedy) == ("orders", True, True)

    with orders(data) as store, store.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    assert {*found(data)} == {"migration_unknown"}


def test_files_that_are_not_where_they_should_be_are_found(data: Path) -> None:
    sent = Upload(
        "0b0e5b6c-5a52-4f0a-9d6f-0c2b7e0f6a11", "form", False, "cup.jpg", clock.now(), None, clock.now(), MediaType.JPEG
    )
    with opened(URL.format(data).replace("orders", "support")) as store, store.work(SupportWork) as work:
        work.uploads.add(sent)
    assert found(data)["files_missing"].what.startswith("1 of 1 files are not there")

    UploadStore(data / "uploads").keep(sent.id, io.BytesIO(b"a picture"))

    assert "files_missing" not in found(data)


def test_unpublished_entries_are_found_with_their_age(data: Path) -> None:
    with clock.frozen(clock.now() - timedelta(minutes=5)), orders(data) as store, store.work(Work) as work:
        work.journal.record(OrderExpired(order_number="ORD-1"), OrderExpired(order_number="ORD-2"))

    assert found(data)["journal_lag"].what.startswith("2 entries are not published yet, the oldest 30")


def test_dead_letters_are_counted_with_the_newest_error(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = clock.now()
    with orders(data) as store:
        for place, (handler, error) in enumerate([("on_a", "old"), ("on_a", "new"), ("on_b", "other")]):
            with clock.frozen(at + timedelta(seconds=place)), store.work(Work) as work:
                work.inbox.record_failure(handler, f"event-{place}", "{}", error, fatal=True)

    letters = [each for each in examine({"PLEDGE_DATA_DIR": str(data)}) if each.name == "dead_letters"]

    assert [(each.where, each.what) for each in letters] == [
        ("orders.on_a", "2 messages were given up, the newest with new"),
        ("orders.on_b", "1 messages were given up, the newest with other"),
    ]
    assert main(["--watch", "0"], {"PLEDGE_DATA_DIR": str(data)}) == 1
    assert "→ make dead-letters shows them" in capsys.readouterr().out


def test_repeated_failures_are_found_and_a_single_one_is_not(data: Path) -> None:
    with orders(data) as store:
        for attempt in range(3):
            assert "retries_waiting" not in found(data), attempt
            with store.work(Work) as work:
                work.inbox.record_failure("on_a", "event", "{}", "no such order")

    assert found(data)["retries_waiting"].what == "1 messages failed several times, the last with no such order"


def test_an_unannounced_broken_promise_is_found(data: Path) -> None:
    begun = clock.now() - timedelta(days=30)
    review = start(
        "review", "ORD-1", begun, id=new_id(), owner="orders", terms=TERMS[REVIEW], calendar="CN",
        zone="Asia/Shanghai", order_number="ORD-1",
    )  # fmt: skip
    with orders(data) as store, store.work(Work) as work:
        work.commitments.start(review)
    assert found(data)["breach_untold"].where == "orders.review"

    with orders(data) as store:
        for _ in range(2):  # a warning, then the breach
            with store.work(Work) as work:
                work.commitments.sweep()
    assert "breach_untold" not in found(data)


def test_a_disk_that_is_nearly_full_is_found(data: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", small]).returncode:
        pytest.skip("no leave to mount a small disk")
    try:
        shutil.copytree(data, small / "data")

        assert "MB are left" in found(small / "data")["disk_nearly_full"].what
    finally:
        subprocess.run(["umount", small], check=True)


def test_keys_that_are_known_open_or_old_are_found(data: Path) -> None:
    assert found(data, PLEDGE_SECRET=DEVELOPMENT_SECRET)["default_secret"].where == "PLEDGE_SECRET"

    (data / "keys" / "secret").chmod(0o644)
    assert found(data)["open_key"].where.endswith("keys/secret")
    (data / "keys" / "secret").chmod(0o600)

    (data / "keys" / "signing_keys").unlink()
    with clock.frozen(clock.now() - timedelta(days=366)):
        with_own_keys({}, data)
    assert {*found(data)} == {"old_key"}

    (data / "keys" / "signing_keys").unlink()
    with_own_keys({}, data)
    assert found(data) == {}

    for told, made in ((None, clock.now()), ("old_key", clock.now() - timedelta(days=366))):
        head = {"subject": f"ORD-{told}", "subject_seq": 1, "hash": "0" * 64, "key": f"{made.date()}-ab12.c2VhbGVk"}
        with orders(data) as store, store.work(Work) as work:
            work.session.execute(sa.insert(tables.journal_heads), head)
        assert [*found(data)] == [*filter(None, [told])]


@pytest.mark.parametrize(
    ("made", "used", "ends", "told"),
    [
        (0, None, None, None), (91, None, None, "api_key_unused"), (91, 89, None, None),
        (91, 90, None, "api_key_unused"), (366, 1, None, "api_key_old"),
        (1, 1, 13, "api_key_ends"), (1, 1, 15, None), (1, 1, -1, "api_key_ends"),
    ],
)  # fmt: skip
def test_a_key_that_is_old_unused_or_over_is_found(
    data: Path, made: int, used: int | None, ends: int | None, told: str | None
) -> None:
    now = clock.now()
    used_at = None if used is None else now - timedelta(days=used)
    ends_at = None if ends is None else now + timedelta(days=ends)
    key = ApiKey("k", "stock-system", "h", ["agent"], now - timedelta(days=made), "a@x.example", ends_at, used_at)
    with opened(f"sqlite:///{data}/support.db") as store, store.work(SupportWork) as work:
        work.api_keys.add(key)

    assert [*found(data)] == [*filter(None, [told])]


def test_what_is_done_by_hand_leaves_no_key_of_a_chain_open(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLEDGE_DATA_DIR", str(data))
    monkeypatch.setattr(OWN, "_keys", {})
    with opened(f"sqlite:///{data}/logistics.db") as store, store.work(Work) as work:
        row = {"carrier": "usps", "received_at": clock.now(), "readings": 0, "to_read": False}
        work.session.execute(sa.insert(raw_webhooks), {"id": "1", "body": "a.sealed", **row})

    assert by_hand(["remap"]) == 0

    with opened(f"sqlite:///{data}/logistics.db") as store, store.reader.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(tables.journal_heads)) == 1
        assert list(plain("logistics", connection)) == []


def test_an_old_key_is_found_in_all_that_it_seals(data: Path) -> None:
    old, new = ((clock.now() - timedelta(days=days)).date() for days in (366, 0))
    sealed = f"{old}-ab12.c2VhbGVk"
    at = {"attempts": 1, "next_attempt_at": clock.now() + timedelta(days=1)}
    reply = {"command": "c", "fingerprint": "f", "created_at": clock.now()}
    with orders(data) as store, store.work(Work) as work:
        work.session.execute(sa.insert(tables.idempotency_keys), {"key": "a", "reply": f"~{sealed}", **reply})
        work.session.execute(sa.insert(tables.idempotency_keys), {"key": "b", "reply": f"~{new}-cd34.bmV3", **reply})
        work.session.execute(sa.insert(tables.idempotency_keys), {"key": "c", "reply": '{"v": 1.5}', **reply})
        work.session.execute(
            sa.insert(tables.inbox), {"handler": "h", "event_id": "e", "message": f"~{sealed}", "error": "away", **at}
        )
    with opened(f"sqlite:///{data}/logistics.db") as store, store.work(Work) as work:
        row = {"carrier": "usps", "received_at": clock.now(), "readings": 0, "to_read": False}
        rows = [{"id": str(number), "body": body, **row} for number, body in enumerate((sealed, "cGxhaW4="))]
        work.session.execute(sa.insert(raw_webhooks), rows)

    with opened(f"sqlite:///{data}/support.db") as store, store.work(Work) as work:
        hook = WebhookEndpoint("e", "https://shop.example/", [], None, f"~{sealed}", clock.now(), "root")
        work.session.add(hook)

    told = {finding.where: finding.what for finding in examine(environ_of(data)) if finding.name == "old_key"}
    open_ones: dict[str, str] = {}
    for service in ("orders", "logistics"):
        with opened(f"sqlite:///{data}/{service}.db") as store, store.reader.connect() as connection:
            open_ones |= {finding.where: finding.what for finding in plain(service, connection)}

    assert told == {
        "orders PLEDGE_JOURNAL_KEYS": f"sealed with a key of {old}: replies that are kept for repeats, "
        "messages that wait for another try or were given up",
        "logistics PLEDGE_JOURNAL_KEYS": f"sealed with a key of {old}: webhooks of carriers",
        "support PLEDGE_JOURNAL_KEYS": f"sealed with a key of {old}: secrets that sign webhooks",
    }
    assert open_ones == {
        "orders idempotency_keys": "1 replies that are kept for repeats stand in its database in plain form",
        "logistics raw_webhooks": "1 webhooks of carriers stand in its database in plain form",
    }


@pytest.mark.parametrize(("days", "told"), [(59, True), (60, False), (-1, True)])
def test_a_calendar_that_ends_in_60_days_is_found(data: Path, days: int, told: bool) -> None:
    last = clock.now().date() + timedelta(days)

    findings = {finding.name: finding for finding in examine(environ_of(data, last.isoformat()))}

    assert ("calendar_ends" in findings) == told
    assert not told or f"certain until {last}" in findings["calendar_ends"].what


def test_the_calendars_that_promises_run_in_are_watched(data: Path) -> None:
    promise = start(
        "review", "ORD-1", clock.now(), id=new_id(), owner="orders", terms=TERMS[REVIEW], calendar="AZ",
        zone="Asia/Baku", order_number="ORD-1",
    )  # fmt: skip
    with orders(data) as store, store.work(Work) as work:
        work.commitments.start(promise)
    assert found(data)["calendar_ends"].where == "AZ"

    with orders(data) as store, store.work(Work) as work:
        work.commitments.stop("review", "ORD-1", clock.now())
    assert "calendar_ends" not in found(data)


def test_the_calendars_of_the_countries_shipped_to_are_watched(data: Path) -> None:
    findings = [str(finding) for finding in examine({**environ_of(data), "PLEDGE_SHIP_TO": "AZ,DE"})]

    assert len(findings) == 1
    assert "calendar_ends in AZ" in findings[0]


def test_a_mailbox_that_cannot_be_read_is_reported(data: Path) -> None:
    environ = {"PLEDGE_DATA_DIR": str(data), "PLEDGE_MAIL_IN": f"maildir:{data / 'box'}"}

    assert [found.name for found in mail_in.examine(environ)] == []
    (data / "box" / ".Aside" / "cur" / "1").write_bytes(b"x")
    assert [found.name for found in mail_in.examine(environ)] == ["mail_aside"]
    shutil.rmtree(data / "box")
    (data / "box").write_bytes(b"no folder")
    assert [found.name for found in mail_in.examine(environ)] == ["mail_not_read"]
    away = {**environ, "PLEDGE_MAIL_IN": "imap://ada:secret@127.0.0.1:1/INBOX"}
    (found,) = mail_in.examine(away)
    assert found.name == "mail_not_read"
    assert "secret" not in str(found)
