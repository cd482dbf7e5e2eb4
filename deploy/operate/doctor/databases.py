"""Each service's database: reachable, up to date, on time, and what waits or was given up in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from deploy.operate.by_hand import opened
from deploy.operate.doctor import api_keys, sealed
from deploy.operate.doctor.finding import Finding, critical, warning
from services import SERVICES
from services.common.basics import clock
from services.common.runtime.config import Settings
from services.common.store import tables
from services.common.store.migrations import alembic_config
from services.common.store.rights import may_change_its_journal

LAG, SKEW, NOTICE_GRACE = timedelta(seconds=30), timedelta(seconds=1), timedelta(minutes=2)
SEVERAL_ATTEMPTS = 3
_IN = tables.inbox.c


def examine(settings: Settings) -> Iterator[Finding]:
    for service in SERVICES:
        url = sa.make_url(settings.database_url(service))
        if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
            what, remedy = f"{url.database} does not exist: nothing was ever started there", "make run makes it"
            yield critical("database_unreachable", service, what, f"{remedy}; or correct PLEDGE_DATA_DIR")
            continue
        with opened(settings.database_url(service)) as store:
            try:
                with store.reader.connect() as connection:
                    yield from _of_database(service, connection)
                    if not settings.development:
                        yield from sealed.plain(service, connection)
            except SQLAlchemyError as problem:
                yield _unreachable(service, str(getattr(problem, "orig", problem)).strip())


def _of_database(service: str, connection: sa.Connection) -> Iterator[Finding]:
    yield from _clock_skew(service, connection)
    yield from _owns_its_journal(service, connection)
    pending = list(_migration_pending(service, connection))
    yield from pending
    if not pending:  # else tables may be other than this code knows
        yield from sealed.old_keys(service, connection)
        yield from _journal_lag(service, connection)
        yield from _dead_letters(service, connection)
        yield from _retries(service, connection)
        yield from _untold_breaches(service, connection)
        yield from api_keys.examine(service, connection)


def _owns_its_journal(service: str, connection: sa.Connection) -> Iterator[Finding]:
    if sa.inspect(connection).has_table(tables.journal.name) and may_change_its_journal(connection):
        yield warning(
            "owns_its_journal", service, "the role that runs owns the tables, and could rewrite the journal",
            f"migrate as another role: set PLEDGE_{service.upper()}_OWNER_URL, see docs/operations-security.md",
        )  # fmt: skip


def _unreachable(service: str, why: str) -> Finding:
    remedy = f"start it, or correct PLEDGE_{service.upper()}_DATABASE_URL; calls are answered with 503 meanwhile"
    return critical("database_unreachable", service, why, remedy)


def _clock_skew(service: str, connection: sa.Connection) -> Iterator[Finding]:
    if connection.dialect.name == "sqlite":
        return  # its clock is this machine's
    begin = monotonic()
    theirs = connection.scalar(sa.text("SELECT clock_timestamp()")).astimezone(UTC)
    skew, trip = theirs - clock.now(), timedelta(seconds=monotonic() - begin)
    if abs(skew) > SKEW + trip:
        way = "ahead of" if skew > timedelta() else "behind"
        yield warning(
            "clock_skew", service, f"its database server is {abs(skew).total_seconds():.1f} s {way} this machine",
            "have NTP set the clocks of all machines: promises are counted by them",
        )  # fmt: skip


def _migration_pending(service: str, connection: sa.Connection) -> Iterator[Finding]:
    script = ScriptDirectory.from_config(alembic_config(service))
    known, newest = {each.revision for each in script.walk_revisions()}, script.get_current_head()
    there = None
    if sa.inspect(connection).has_table("alembic_version"):
        there = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    if there is not None and there not in known:
        yield critical(
            "migration_unknown", service, f"its tables are of revision {there}, which this release does not know",
            "start the release that made them, or restore a backup of this one",
        )  # fmt: skip
    elif there != newest:
        yield critical(
            "migration_pending", service, f"its tables are of revision {there or 'none'}, the code expects {newest}",
            "run the migrate step: make migrate, or the migrate container",
        )  # fmt: skip


def _journal_lag(service: str, connection: sa.Connection) -> Iterator[Finding]:
    out, journal = tables.outbox, tables.journal
    waiting = sa.select(sa.func.count(), sa.func.min(journal.c.occurred_at)).join_from(
        out, journal, journal.c.id == out.c.entry_id
    )
    count, oldest = connection.execute(waiting).one()
    if count and (age := clock.now() - _utc(oldest)) > LAG:
        what = f"{count} entries are not published yet, the oldest {age.total_seconds():.0f} s old"
        yield critical(
            "journal_lag", service, what,
            f"see that {service} runs, reaches the broker, and does not log that PLEDGE_JOURNAL_KEYS lacks a key; "
            "right after a replay this is how it should be",
        )  # fmt: skip


def _dead_letters(service: str, connection: sa.Connection) -> Iterator[Finding]:
    for handler, count, error in _by_handler(connection, _IN.dead_at, _IN.dead_at.is_not(None)):
        yield critical(
            "dead_letters", f"{service}.{handler}", f"{count} messages were given up, the newest with {error}",
            "make dead-letters shows them; repair the cause, then make redrive",
        )  # fmt: skip


def _retries(service: str, connection: sa.Connection) -> Iterator[Finding]:
    due = sa.and_(_IN.next_attempt_at.is_not(None), _IN.attempts >= SEVERAL_ATTEMPTS)
    for handler, count, error in _by_handler(connection, _IN.next_attempt_at, due):
        yield warning(
            "retries_waiting", f"{service}.{handler}", f"{count} messages failed several times, the last with {error}",
            "it is tried again by itself, and parked in the end; repair the cause meanwhile",
        )  # fmt: skip


def _by_handler(
    connection: sa.Connection, newest_by: sa.ColumnElement[datetime], which: sa.ColumnElement[bool]
) -> list[tuple[str, int, str]]:
    """Return (handler, how many, error of the newest)."""
    count = sa.func.count().over(partition_by=_IN.handler)
    place = sa.func.row_number().over(partition_by=_IN.handler, order_by=newest_by.desc())
    ranked = sa.select(_IN.handler, count.label("count"), _IN.error, place.label("place")).where(which).subquery()
    rows = connection.execute(sa.select(ranked.c.handler, ranked.c.count, ranked.c.error).where(ranked.c.place == 1))
    return [(handler, number, (error or "no error")[:300]) for handler, number, error in rows]


def _untold_breaches(service: str, connection: sa.Connection) -> Iterator[Finding]:
    row, now = tables.commitments.c, clock.now()
    overdue = sa.and_(row.due_at <= now - NOTICE_GRACE, row.next_notice_at <= now - NOTICE_GRACE)
    kinds = sa.select(row.kind, sa.func.count(), sa.func.min(row.due_at)).where(overdue).group_by(row.kind)
    for kind, count, oldest in connection.execute(kinds.order_by(row.kind)):
        yield critical(
            "breach_untold", f"{service}.{kind}",
            f"{count} promises were broken, one at {_utc(oldest):%Y-%m-%d %H:%M} UTC, and nobody was told",
            f"see that {service} runs and that its timers do: its sweep tells customers and leads",
        )  # fmt: skip


def _utc(at: datetime | str) -> datetime:
    """Convert to UTC. SQLite forgets a column's type in an aggregate."""
    parsed = datetime.fromisoformat(at) if isinstance(at, str) else at
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
