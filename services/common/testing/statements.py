"""What handlers ask of their database, so that tests can hold the number of statements.

counting = Counting(store)
counting.note("place", lambda: placing.place_order(transaction, wanted))
assert counting.beyond({"place": 14}) == {}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import sqlalchemy as sa

from services.common.store.database import Store

JOURNAL_SAVES = 2
"""The journal takes four statements on SQLite, and two on PostgreSQL."""
_LOCK = re.compile(
    r"SELECT (\S+)\s+FROM \S+\s+WHERE \1 (= \S+|IN \(SELECT .*) FOR UPDATE|SELECT pg_advisory_xact_lock\(.*\)",
    re.DOTALL,
)
"""What is locked before it is read (`store.statements.lock`), which SQLite need not."""


@contextmanager
def noting_statements(store: Store) -> Iterator[list[str]]:
    """Note what is asked of a database meanwhile, without BEGIN."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            asked.append(statement)

    engines = {store.engine, store.reader}
    for engine in engines:
        sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        for engine in engines:
            sa.event.remove(engine, "before_cursor_execute", note)


class Counting:
    """Notes the statements of acts on one database, by name."""

    def __init__(self, store: Store):
        self._store, self.told = store, dict[str, list[str]]()

    def note(self, name: str, act: Callable[[], object]) -> None:
        with noting_statements(self._store) as asked:
            act()
        self.told[name] = asked

    def beyond(self, most: Mapping[str, int]) -> dict[str, list[str]]:
        """Return the statements of the acts that took more than they may. most: on SQLite."""
        return {name: asked for name, asked in self.told.items() if len(asked) > most[name] - self._saved(asked)}

    def _saved(self, asked: list[str]) -> int:
        if self._store.is_sqlite:
            return 0
        records = any("INSERT INTO journal_heads" in each for each in asked)
        return JOURNAL_SAVES * records - sum(_LOCK.fullmatch(each.strip()) is not None for each in asked)
