"""What was given up is shown and redriven, and what comes next is told, the soonest first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.common.basics import clock
from services.common.store import letters, tables
from services.common.store.database import Store, Work
from services.common.testing import fresh_store

MINUTE = timedelta(minutes=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with fresh_store("toy", tmp_path) as store:
        yield store


def give_up(store: Store, event_id: str, message: str = '{"type": "thing_happened"}') -> None:
    with store.work(Work) as work:
        work.inbox.record_failure("on_thing", event_id, message, "KeyError: 'sku'", fatal=True)


def test_what_was_given_up_is_listed_in_pages(store: Store) -> None:
    for event_id, message in (("a", '{"type": "thing_happened"}'), ("b", "no JSON"), ("c", '["a list"]')):
        give_up(store, event_id, message)

    with store.work(Work, reading=True) as work:
        first = letters.list_dead(work.session, limit=2)
        rest = letters.list_dead(work.session, cursor=first["next_cursor"], limit=2)

    found = [*first["items"], *rest["items"]]
    assert [each["event_id"] for each in found] == ["a", "b", "c"]
    assert [each["message"] for each in found] == [
        {"type": "thing_happened"},
        {"text": "no JSON"},
        {"text": '["a list"]'},
    ]
    assert {(each["handler"], each["error"]) for each in found} == {("on_thing", "KeyError: 'sku'")}
    assert rest["next_cursor"] is None


def test_what_comes_next_is_told_the_soonest_first(store: Store) -> None:
    now = clock.now()
    jobs = {"toy.sweep": now + timedelta(seconds=1), "toy.forget_old": now + 2 * MINUTE}
    with store.engine.begin() as connection:
        rows = [{"name": name, "next_at": at} for name, at in jobs.items()]
        connection.execute(sa.insert(tables.schedule), rows)
    with store.work(Work) as work:
        work.inbox.record_failure("on_thing", "a", "{}", "away")

    with store.work(Work, reading=True) as work:
        found = letters.list_upcoming(work.session, now)

    assert [(each["kind"], each["what"], each["subject"]) for each in found] == [
        ("retry", "on_thing", "a"),
        ("job", "forget_old", None),
    ]
