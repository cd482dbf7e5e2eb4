"""Entries of a journal are found by type and period, however they stand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.common.basics import clock
from services.common.store import journal_reading
from services.common.store.database import Store, Work
from services.common.testing import customer, fresh_store
from services.common.tests.toys import NobodyCares, ThingHappened

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOURS = (0, 3, 2, 5, 5, 6, 9, 12)  # a transaction that takes its time is written later than others that began after it


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with fresh_store("toy", tmp_path) as store:
        for number, hour in enumerate(HOURS):
            with clock.frozen(BEGIN + timedelta(minutes=20 * hour)), store.work(Work, customer()) as work:
                work.journal.record(ThingHappened(thing=f"t{number % 3}", number=number, order_number="ORD-1"))
                work.journal.record(NobodyCares(thing=f"t{number % 3}", number=number))
        yield store


def of_period(work: Work, since: datetime, until: datetime) -> list[int]:
    """Return the numbers of what happened in a period, read in pages of two."""
    places, cursor, found = journal_reading.places_of(work.session, since, until), None, []
    while True:
        page = journal_reading.page_of_period(
            work.session, since, until, places, ["thing_happened"], cursor=cursor, limit=2
        )
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    told = journal_reading.of_chains(work.session, {chain for chain, _ in found}, ["thing_happened"])
    numbers = {each["id"]: each["body"]["number"] for each in told}
    return [int(str(numbers[entry])) for _, entry in found]


def test_a_period_is_read_in_the_order_of_the_journal(store: Store) -> None:
    with store.work(Work, reading=True) as work:
        for first in range(14):
            for last in range(first, 14):
                since, until = (BEGIN + timedelta(minutes=20 * hour) for hour in (first, last))

                expected = [number for number, hour in enumerate(HOURS) if first <= hour < last]
                assert of_period(work, since, until) == expected


def test_a_period_may_be_all_of_time(store: Store) -> None:
    with store.work(Work, reading=True) as work:
        found = of_period(work, datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))

    assert found == list(range(len(HOURS)))


def test_chains_are_read_from_their_beginning_by_type(store: Store) -> None:
    with store.work(Work, reading=True) as work:
        found = journal_reading.of_chains(work.session, {"t1", "t2"}, ["thing_happened"])

    assert [(each["subject"], each["body"]["number"]) for each in found] == [
        ("t1", 1), ("t1", 4), ("t1", 7), ("t2", 2), ("t2", 5),
    ]  # fmt: skip
