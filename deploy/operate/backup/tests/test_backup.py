"""Backups of the embedded form's files: what is in them, when they are refused, what a restore leaves behind.

The same on RabbitMQ and PostgreSQL, with services that run, is in tests/e2e/test_restore.py.
"""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from deploy.operate.backup import manifest
from deploy.operate.backup.__main__ import main
from deploy.operate.backup.manifest import Refused
from deploy.operate.backup.replay import all_stores, replay
from deploy.operate.backup.restore import restore
from deploy.operate.backup.take import take
from deploy.operate.by_hand import opened
from deploy.run.embedded import only_process
from services import SERVICES
from services.common.basics import clock
from services.common.basics.clock import rfc3339
from services.common.basics.message import Message
from services.common.runtime.config import ConfigError, Settings
from services.common.runtime.uploads import UploadStore
from services.common.store import tables
from services.common.store.chain_keys import OWN
from services.common.store.database import Work
from services.common.store.inbox import KEPT
from services.common.store.journal import as_published
from services.common.store.migrations import migrate
from services.common.testing import event_like
from services.logistics.api.events import ShipmentCreated, ShipmentPacked, ShipmentSorted
from services.orders.api import ReviewPassed
from services.support.api.events import CustomerNotified

FILES = (manifest.NAME, "uploads.tar", "uploads.tar.sha256")
ORDER, SHIPMENT = "ORD-0000-0001-5", "SHP-0000-0001-1"


@dataclass
class Shop:
    """The four databases of an embedded form that does not run."""

    folder: Path

    @property
    def environ(self) -> dict[str, str]:
        return {"PLEDGE_DATA_DIR": str(self.folder / "data")}

    @property
    def settings(self) -> Settings:
        return Settings.load(self.environ)

    def record(self, service: str, *events: Any) -> list[dict[str, Any]]:
        """Record these in a service. Return them as they travel."""
        with opened(self.settings.database_url(service)) as store:
            with store.work(Work) as work:
                work.journal.record(*events)
            return self.rows(service, tables.journal)[-len(events) :]

    def handle(self, service: str, source: str, handler: str, entry: dict[str, Any]) -> None:
        """Let a service handle an entry of another's journal."""
        message = Message.read({**as_published(entry), "service": source}, handler=handler)
        with opened(self.settings.database_url(service)) as store, store.work(Work) as work:
            assert work.inbox.accept([message])

    def rows(self, service: str, table: sa.Table) -> list[dict[str, Any]]:
        with opened(self.settings.database_url(service)) as store, store.reader.connect() as connection:
            return [dict(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key)).mappings()]

    def published(self, service: str) -> None:
        with opened(self.settings.database_url(service)) as store, store.engine.begin() as connection:
            connection.execute(sa.delete(tables.outbox))

    def waiting(self, service: str) -> list[str]:
        return [row["entry_id"] for row in self.rows(service, tables.outbox)]

    def flaws(self, service: str) -> list[Any]:
        with opened(self.settings.database_url(service)) as store, store.work(Work, reading=True) as work:
            return list(work.journal.verify())


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = Shop(tmp_path_factory.mktemp("empty"))
    for service in SERVICES:
        migrate(service, made.settings.database_url(service))
    return made.folder


@pytest.fixture
def shop(tmp_path: Path, empty: Path) -> Shop:
    return Shop(Path(shutil.copytree(empty, tmp_path / "shop")))


def review_passed(order: str = ORDER) -> ReviewPassed:
    facts: dict[str, Any] = dict.fromkeys(field.name for field in fields(ReviewPassed))
    return ReviewPassed(**{**facts, "order_number": order})


def steps() -> list[Any]:
    ids, now = {"shipment_number": SHIPMENT, "order_number": ORDER}, clock.now()
    return [
        ShipmentCreated(**ids, at=now, lines=()),
        ShipmentSorted(**ids, at=now),
        ShipmentPacked(**ids, at=now),
    ]


def test_a_backup_says_what_it_holds_and_is_for_its_owner_only(shop: Shop) -> None:
    shop.record("orders", review_passed())

    folder = take(shop.environ)

    items = manifest.read(folder)
    assert {*items} == {*SERVICES}
    assert (items["orders"].position, items["support"].position) == (1, 0)
    assert folder.stat().st_mode & 0o077 == 0
    assert {path.name for path in folder.iterdir()} == {*(f"{name}.db" for name in SERVICES), *FILES}
    with pytest.raises(Refused, match="exists already"):
        take(shop.environ, folder)


def test_writes_before_a_checkpoint_are_in_the_backup(shop: Shop) -> None:
    with opened(shop.settings.database_url("orders")) as store:
        with store.work(Work) as work:
            work.journal.record(review_passed())
        assert Path(f"{shop.settings.data_dir}/orders.db-wal").stat().st_size > 0

        folder = take(shop.environ)

    assert manifest.read(folder)["orders"].position == 1


def test_a_restore_brings_data_back_and_keeps_what_it_replaced(shop: Shop) -> None:
    shop.record("orders", review_passed())
    folder = take(shop.environ)
    shop.record("orders", review_passed("ORD-0000-0002-7"))

    restore(shop.environ, folder, "orders")

    assert [row["subject"] for row in shop.rows("orders", tables.journal)] == [ORDER]
    (kept,) = shop.settings.data_dir.glob("orders.replaced-*.db")
    assert sqlite3.connect(kept).execute("SELECT count(*) FROM journal").fetchone() == (2,)
    assert not [*shop.settings.data_dir.glob("*.restoring*")]


def test_files_that_were_sent_are_in_the_backup(shop: Shop) -> None:
    names = [f"{letter}b0e5b6c-5a52-4f0a-9d6f-0c2b7e0f6a11" for letter in "abc"]
    store = UploadStore(shop.settings.data_dir / "uploads")
    for name in names[:2]:
        store.keep(name, io.BytesIO(name.encode()))
    folder = take(shop.environ)
    store.remove(names[0])
    store.keep(names[2], io.BytesIO(b"sent later"))

    restore(shop.environ, folder, "support")

    assert {*store.names()} == {*names}
    with store.open(names[0]) as file:
        assert file.read() == names[0].encode()
    (folder / "uploads.tar").write_bytes(b"another")
    with pytest.raises(Refused, match=r"uploads\.tar is not what"):
        restore(shop.environ, folder, "support")


def test_only_what_a_restored_service_missed_is_republished(shop: Shop) -> None:
    known, missed = shop.record("orders", review_passed(), review_passed("ORD-0000-0002-7"))
    shop.handle("logistics", "orders", "on_review_passed", known)
    folder = take(shop.environ)
    shop.handle("logistics", "orders", "on_review_passed", missed)
    shop.published("orders")

    restore(shop.environ, folder, "logistics")

    assert shop.waiting("orders") == [missed["id"]]
    with all_stores(shop.settings) as stores:
        assert sum(replay(stores, ["logistics"], clock.now() - timedelta(hours=1)).values()) == 0


def test_a_replay_leaves_out_what_does_not_matter(shop: Shop) -> None:
    def told(about: str) -> CustomerNotified:
        return event_like(CustomerNotified, {"order_number": ORDER, "about": about})

    _, missed = shop.record("support", told("order_placed"), told("change_requested"))
    shop.published("support")

    with all_stores(shop.settings) as stores:
        counts = replay(stores, ["orders"], clock.now() - timedelta(hours=1))

    assert (counts["support", "orders"], shop.waiting("support")) == (1, [missed["id"]])


def test_a_restored_chain_continues_past_what_others_know(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    created, sorted_, packed = steps()
    shop.handle("orders", "logistics", "on_shipment_created", *shop.record("logistics", created))
    folder = take(shop.environ)
    shop.record("logistics", sorted_)
    shop.handle("orders", "logistics", "on_shipment_packed", *shop.record("logistics", packed))

    restore(shop.environ, folder, "logistics")

    marks = [row for row in shop.rows("logistics", tables.journal) if row["type"] == "journal_restored"]
    assert [(row["subject_seq"], row["order_number"]) for row in marks] == [(4, ORDER)]
    assert json.loads(marks[0]["body"])["known_by"] == ["orders"]
    assert main(["lost"], shop.environ) == 1
    assert f"logistics    {SHIPMENT}: shipment_packed\n" in capsys.readouterr().out
    shop.record("logistics", packed)
    assert main(["lost"], shop.environ) == 0
    assert shop.flaws("logistics") == []


@pytest.mark.parametrize("keys", ["", f"2026-11-29-cd34:{'2e' * 32}"], ids=["plain", "sealed"])
def test_what_failed_at_a_follower_and_waits_there_is_known_too(shop: Shop, keys: str) -> None:
    """Sealed by the follower with a key that the operator does not hold, as after an outage."""
    folder = take(shop.environ)
    (entry,) = shop.record("logistics", steps()[0])
    text = json.dumps({**as_published(entry), "service": "logistics"})
    OWN.use(keys)
    with opened(shop.settings.database_url("orders")) as store, store.work(Work) as work:
        work.inbox.record_failure("on_shipment_created", entry["id"], text, "not now")
    OWN.use("")

    restore(shop.environ, folder, "logistics")

    assert [row["subject_seq"] for row in shop.rows("logistics", tables.journal)] == [2]


def test_a_platform_that_runs_is_not_restored(shop: Shop) -> None:
    folder = take(shop.environ)

    with only_process(shop.settings.data_dir), pytest.raises(ConfigError, match="another process works"):
        restore(shop.environ, folder, "orders")


@pytest.mark.parametrize(("harm", "why"), [
    ({"sha256": "0" * 64}, "not what the manifest says"),
    ({"revision": "9999"}, "revision 9999, which this release does not know"),
    ({"form": "postgresql"}, "is of postgresql, the database is not"),
    ({"position": 7}, "does not hold what its manifest says"),
    ({"file": "elsewhere.db"}, "is missing"),
    ({"taken_at": "yesterday"}, "is not readable"),
])  # fmt: skip
def test_a_backup_that_does_not_fit_is_refused_unchanged(
    shop: Shop, harm: dict[str, Any], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = take(shop.environ)
    shop.record("orders", review_passed())
    kept = json.loads((folder / manifest.NAME).read_text())
    kept["orders"] |= harm
    (folder / manifest.NAME).write_text(json.dumps(kept))

    code = main(["restore", "--from", str(folder)], shop.environ)

    assert code == 2
    assert why in capsys.readouterr().err
    assert len(shop.rows("orders", tables.journal)) == 1
    assert not [*shop.settings.data_dir.glob("*.replaced*"), *shop.settings.data_dir.glob("*.restoring*")]


def test_a_folder_without_this_services_backup_is_refused(shop: Shop) -> None:
    with pytest.raises(Refused, match="no backup, or one that was cut short"):
        restore(shop.environ, shop.folder)

    manifest.write(shop.folder, [])
    with pytest.raises(Refused, match="holds no backup of orders"):
        restore(shop.environ, shop.folder, "orders")


def test_a_backup_of_an_older_release_is_brought_up_to_date(shop: Shop) -> None:
    url = shop.settings.database_url("orders")
    Path(f"{shop.settings.data_dir}/orders.db").unlink()
    migrate("orders", url, "0001")
    folder = take(shop.environ)

    restore(shop.environ, folder, "orders")

    assert manifest.read(folder)["orders"].revision == "0001"
    assert shop.rows("orders", tables.inbox) == []  # the new columns are there


def test_nothing_is_replayed_that_inboxes_have_forgotten(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    too_old = rfc3339(clock.now() - KEPT - timedelta(days=1))

    assert main(["replay", "--since", too_old], shop.environ) == 2
    assert "would be done twice" in capsys.readouterr().err
    assert main(["replay"], shop.environ) == 2
    assert main(["replay", "--since", rfc3339(clock.now())], shop.environ) == 0
