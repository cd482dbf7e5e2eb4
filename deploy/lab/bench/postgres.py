"""What the database server counts by itself: commits, WAL and its fsyncs, and when a transaction was committed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import psycopg2


class Counters(NamedTuple):
    """Since the server began; the difference of two is what happened between them."""

    transactions: int  # reading ones too
    wal_bytes: int
    wal_fsyncs: int

    def __sub__(self, before: Counters) -> Counters:
        return Counters(*(now - then for now, then in zip(self, before, strict=True)))

    def __add__(self, other: tuple[int, ...]) -> Counters:  # type: ignore[override]
        return Counters(*(one + two for one, two in zip(self, other, strict=True)))


class Server:
    """A database server, asked as its superuser. The url is that of the database `postgres`."""

    def __init__(self, url: str):
        self.url = url.replace("+psycopg2", "")

    def counters(self) -> Counters:
        self.ask("SELECT pg_stat_force_next_flush()")
        commits, written = "SELECT sum(xact_commit) FROM pg_stat_database", "SELECT wal_sync FROM pg_stat_wal"
        (found,) = self.ask(f"SELECT ({commits}), pg_current_wal_lsn() - '0/0', ({written})")
        return Counters(*(int(each) for each in found))

    def ask(self, statement: str, values: Sequence[object] = (), database: str = "postgres") -> list[tuple[Any, ...]]:
        """Return the rows of one statement, in autocommit."""
        with self.cursor(database) as cursor:
            cursor.execute(statement, values or None)
            found: list[tuple[object, ...]] = cursor.fetchall() if cursor.description else []
        return found

    @contextmanager
    def cursor(self, database: str = "postgres") -> Iterator[psycopg2.extensions.cursor]:
        connection = psycopg2.connect(f"{self.url.rpartition('/')[0]}/{database}")
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()

    def set(self, name: str, value: str) -> None:
        """Set a setting of the server, from now on for all sessions."""
        with self.cursor() as cursor:
            cursor.execute(f"ALTER SYSTEM SET {name} = %s", [value])
            cursor.execute("SELECT pg_reload_conf()")

    @contextmanager
    def while_set(self, settings: Mapping[str, str]) -> Iterator[None]:
        """Set these settings of the server inside the block, and restore its usual ones afterwards."""
        for name, value in settings.items():
            self.set(name, value)
        try:
            yield
        finally:
            for name in settings:
                self.ask(f"ALTER SYSTEM RESET {name}")
            self.ask("SELECT pg_reload_conf()")

    def commit_times(self, database: str, table: str, key: str) -> dict[str, float]:
        """Return when each row's transaction was committed, in epoch seconds. It needs track_commit_timestamp."""
        moment = "extract(epoch FROM pg_xact_commit_timestamp(xmin))"
        rows = self.ask(f"SELECT {key}, {moment} FROM {table}", database=database)  # noqa: S608 (our own names)
        return {str(name): float(at) for name, at in rows if at}
