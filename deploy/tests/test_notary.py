"""Signed ends of the journals: a rewritten tail with a perfect chain is found, and named."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.operate import signed
from deploy.operate.by_hand import main as by_hand
from deploy.operate.doctor.safety import unsigned
from deploy.operate.notary import DISTRUSTED, UNUSABLE, pause
from deploy.operate.notary import main as notary
from services import SERVICES
from services.common.basics import clock
from services.common.basics.caller import SYSTEM
from services.common.basics.money import Money
from services.common.store import tables
from services.common.store.database import Store, Work
from services.common.store.journal import entry_hash
from services.common.store.journal_rows import GENESIS
from services.common.store.migrations import migrate
from services.orders.api.product_events import ProductSaved

pytestmark = pytest.mark.pure
SUBJECTS = ("MUG", "TEA", "POT")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the databases of a platform that has just been prepared."""
    place = tmp_path_factory.mktemp("prepared")
    for service in SERVICES:
        migrate(service, f"sqlite:///{place}/{service}.db")
    return place


@pytest.fixture
def folder(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of such a platform, which is the test's own."""
    monkeypatch.setenv("PLEDGE_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("PLEDGE_NOTARY_DIR", str(tmp_path / "notary"))
    monkeypatch.delenv("PLEDGE_AMQP_URI", raising=False)
    shutil.copytree(prepared, tmp_path / "var")
    return tmp_path


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    found = Store(f"sqlite:///{folder}/var/orders.db")
    yield found
    found.dispose()


def record(store: Store, *subjects: str) -> None:
    for subject in subjects:
        with store.work(Work, SYSTEM) as work:
            work.journal.record(ProductSaved(sku=subject, price=Money(1250), product_version=1))


def rewrite(store: Store, change: Callable[[dict[str, Any]], None], subject: str, seq: int) -> None:
    """Change an entry as who owns the tables could: triggers dropped, and every hash after it computed again."""
    with store.engine.begin() as connection:
        for verb in ("update", "delete"):
            connection.execute(sa.text(f"DROP TRIGGER IF EXISTS journal_no_{verb}"))
        row, head = tables.journal.c, tables.journal_heads
        found = connection.execute(sa.select(tables.journal).where(row.subject == subject).order_by(row.subject_seq))
        last, at = GENESIS, 0
        for entry in [dict(each) for each in found.mappings()]:
            if entry["subject_seq"] == seq:
                change(entry)
            entry["prev_hash"] = last
            entry["hash"] = last = entry_hash(entry)
            at = entry["subject_seq"]
            connection.execute(sa.update(tables.journal).where(row.position == entry["position"]).values(**entry))
        connection.execute(sa.update(head).where(head.c.subject == subject).values(subject_seq=at, hash=last))


def dearer(entry: dict[str, Any]) -> None:
    entry["body"] = entry["body"].replace("12.50", "99.00")


def test_a_rewritten_tail_with_a_perfect_chain_is_named(
    folder: Path, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    record(store, "MUG", "MUG", "MUG", "TEA", "MUG")
    assert notary([]) == 0
    record(store, "TEA", "MUG")
    assert notary([]) == 0
    assert by_hand(["verify"]) == 0

    rewrite(store, dearer, "MUG", 3)
    capsys.readouterr()

    assert by_hand(["verify"]) == 1
    told = capsys.readouterr().out
    assert "orders       7 entries, no flaws" in told
    assert "subject='MUG', subject_seq=3" in told
    assert "rewritten: it is not what was signed" in told
    # and it is never signed over
    record(store, "POT")
    assert notary([]) == 1
    assert "MUG 3 rewritten" in capsys.readouterr().err


def test_journals_that_are_not_signed_are_told_of(folder: Path, store: Store) -> None:
    """Also one that is looked at each hour, and does not fit: nothing of it is signed from then on."""
    there, yesterday = folder / "notary", clock.now().timestamp() - 25 * 3600
    record(store, "MUG")
    assert [each.where for each in unsigned(there)] == [*SERVICES]
    notary([])
    assert [*unsigned(there)] == []

    os.utime(there / "orders.jsonl", (yesterday, yesterday))
    assert [(each.name, each.where) for each in unsigned(there)] == [("unsigned_journal", "orders")]
    notary([])  # nothing new, and all of it signed
    assert [*unsigned(there)] == []

    rewrite(store, dearer, "MUG", 1)
    os.utime(there / "orders.jsonl", (yesterday, yesterday))
    assert notary([]) == 1
    assert [each.where for each in unsigned(there)] == ["orders"]


def test_an_entry_that_is_gone_is_named(folder: Path, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    record(store, "MUG", "MUG")
    notary([])

    with store.engine.begin() as connection:
        connection.execute(sa.text("DROP TRIGGER journal_no_delete"))
        connection.execute(sa.text("DELETE FROM journal WHERE subject_seq = 2"))
        connection.execute(sa.text("UPDATE journal_heads SET subject_seq = 1, hash = (SELECT hash FROM journal)"))

    assert by_hand(["verify"]) == 1
    assert "removed: it is not what was signed" in capsys.readouterr().out


@pytest.mark.parametrize("harm", ["changed", "taken out", "swapped", "made up"])
def test_a_signed_file_that_was_touched_is_not_trusted(folder: Path, store: Store, harm: str) -> None:
    for subject in SUBJECTS:
        record(store, subject)
        notary([])
    path = folder / "notary" / "orders.jsonl"
    lines = path.read_text().splitlines()
    other = json.dumps({**json.loads(lines[0]), "number": 4, "signature": "00" * 64})

    harmed = {
        "changed": [lines[0].replace("MUG", "CUP"), *lines[1:]],
        "taken out": [lines[0], lines[2]],
        "swapped": [lines[1], lines[0], lines[2]],
        "made up": [*lines, other],
    }[harm]
    path.write_text("".join(f"{line}\n" for line in harmed))

    assert by_hand(["verify"]) == 1
    assert notary([]) == 1


def test_a_record_that_was_cut_off_is_written_again(folder: Path, store: Store) -> None:
    record(store, "MUG")
    notary([])
    path = folder / "notary" / "orders.jsonl"
    record(store, "TEA")
    with path.open("a") as file:
        file.write('{"service": "ord')

    assert notary([]) == 0

    assert by_hand(["verify"]) == 0
    assert [json.loads(line)["number"] for line in path.read_text().splitlines()] == [1, 2]


def test_many_chains_are_signed_in_several_records(folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signed, "SUBJECTS_OF_A_RECORD", 2)
    record(store, *SUBJECTS)
    assert notary([]) == 0
    record(store, *SUBJECTS)
    assert notary([]) == 0

    assert [each["number"] for each in signed.records(folder / "notary", "orders")] == [1, 2, 3, 4]


def test_two_that_sign_at_once_sign_each_entry_once(folder: Path, store: Store) -> None:
    record(store, *SUBJECTS)
    command = [sys.executable, "-W", "ignore", "-m", "deploy.operate.notary"]

    both = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(2)]

    assert [each.wait(timeout=120) for each in both] == [0, 0]
    entries = [json.loads(line)["entries"] for line in (folder / "notary/orders.jsonl").read_text().splitlines()]
    assert sorted(subject for each in entries for subject in each) == sorted(SUBJECTS)
    assert (folder / "notary/key").stat().st_mode & 0o777 == 0o600


def test_a_database_that_is_away_keeps_no_other_unsigned(folder: Path, store: Store) -> None:
    record(store, *SUBJECTS)
    (folder / "var" / "logistics.db").write_bytes(b"no database" * 100)

    assert notary([]) == UNUSABLE
    assert {each.stem for each in (folder / "notary").glob("*.jsonl")} == set(SERVICES) - {"logistics"}

    (folder / "notary" / "orders.jsonl").write_text("{}\n")
    assert notary([]) == DISTRUSTED
    assert [pause(code, 3600.0) for code in (0, DISTRUSTED, UNUSABLE)] == [3600.0, 3600.0, 60.0]


def test_a_key_that_others_may_read_signs_nothing(folder: Path, store: Store) -> None:
    notary([])
    (folder / "notary" / "key").chmod(0o644)

    assert notary([]) in (1, 2)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(SUBJECTS), min_size=1, max_size=4), min_size=1, max_size=4),
    st.data(),
)
def test_whatever_was_signed_is_found_when_it_changes(
    prepared: Path, tmp_path_factory: pytest.TempPathFactory, rounds: list[list[str]], data: Any
) -> None:
    place = tmp_path_factory.mktemp("signed")
    shutil.copy(prepared / "orders.db", place)
    store = Store(f"sqlite:///{place}/orders.db")
    for subjects in rounds:
        record(store, *subjects)
        with store.work(Work, reading=True) as work:
            assert signed.notarize(place, "orders", work.session, clock.now()) == len(subjects)
    entries = [subject for subjects in rounds for subject in subjects]
    subject = data.draw(st.sampled_from(sorted({*entries})))
    seq = data.draw(st.integers(1, entries.count(subject)))

    rewrite(store, dearer, subject, seq)

    with store.work(Work, reading=True) as work:
        assert list(work.journal.verify()) == []
        assert [(flaw.subject, flaw.subject_seq) for flaw in signed.compare(place, "orders", work.session)] == [
            (subject, seq)
        ]
    store.dispose()
