"""The clocks of a service in its database, and the sweep that tells what is late (standard, section 6: no "delayed
response"; every promise has a clock, an owner and a proof).

    work.commitments.start(clock)                           # commitments.start(...) made it
    work.commitments.stop("dispatch", shipment.number, handed_over_at)

The verdict of a clock follows from recorded times alone (commitments.py). The sweep only tells: it records a warning
while a quarter of the time is left and a breach when none is, each once, by one of several replicas; and of a breach
who broke it, again once it has ended, if later facts say otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.api import KindReport, ListBreaches, RunningCommitment
from services.common.basics.events import Event
from services.common.basics.shapes import BreachCause, CommitmentView, Page
from services.common.basics.untyped import JsonDict
from services.common.commitments import Clock, Notice, Verdict
from services.common.commitments.causes import Attribution
from services.common.commitments.clock import RECALLED
from services.common.commitments.events import BreachAttributed, CommitmentAtRisk, CommitmentBreached
from services.common.store import tables
from services.common.store.direct import run
from services.common.store.pages import page
from services.common.store.statements import add_rows, earliest

CauseOf = Callable[[Clock], Attribution]
_ROW = tables.commitments
_SAVE = sa.update(_ROW).where(_ROW.c.id == sa.bindparam("of"))
_LATEST = (
    sa.select(_ROW.c.clock)
    .where(_ROW.c.subject == sa.bindparam("subject"), _ROW.c.kind == sa.bindparam("kind"))
    .order_by(_ROW.c.started_at.desc(), _ROW.c.id.desc())
    .limit(1)
)
_LATEST_LOCKED = _LATEST.with_for_update()
_ON_SUBJECT = (
    sa.select(_ROW.c.clock)
    .where(_ROW.c.subject == sa.bindparam("subject"))
    .order_by(_ROW.c.started_at, _ROW.c.id)
    .with_for_update()
)
_OF_ORDER = (
    sa.select(_ROW.c.clock).where(_ROW.c.order_number == sa.bindparam("order")).order_by(_ROW.c.started_at, _ROW.c.id)
)
_NEXT_NOTICE = earliest(_ROW.c.next_notice_at)

_CAUSE = sa.func.coalesce(_ROW.c.clock["cause"].as_string(), BreachCause.UNKNOWN.value)
_AGE = attrgetter("started_at", "id")


def _unsaid(clock: Clock) -> Attribution:
    return Attribution(BreachCause.UNKNOWN)


class Commitments:
    """The clocks as one unit of work sees them."""

    def __init__(self, session: Session, now: datetime):
        self._session, self._now = session, now
        self._held: dict[str, list[Clock]] = {}

    def hold(self, subject: str, *, new: bool = False) -> list[Clock]:
        """Lock all clocks on that subject until the transaction ends. Return them, oldest first.

        They are read once: what this unit of work asks of them later it knows already. new: there are none yet.
        """
        if subject not in self._held:
            found = () if new else run(self._session, _ON_SUBJECT, {"subject": subject})
            self._held[subject] = [Clock.from_record(record) for (record,) in found]
        return self._as_held(subject)

    def on(self, subject: str) -> list[Clock]:
        """Return all clocks on that subject, oldest first, as this unit of work left them."""
        return self._as_held(subject) if subject in self._held else self.of_subjects([subject])

    def start(self, *clocks: Clock) -> None:
        """Keep new clocks. What they are about may change further in this transaction, and is written once."""
        with self._session.no_autoflush:
            add_rows(self._session, _ROW, [_columns(clock) for clock in clocks])
        for clock in clocks:
            self._note(clock)

    def find(self, kind: str, subject: str, *, lock: bool = False) -> Clock | None:
        """Return the latest clock of that kind on that subject, or None."""
        if subject in self._held:
            return next((clock for clock in reversed(self._as_held(subject)) if clock.kind == kind), None)
        query, names = _LATEST_LOCKED if lock else _LATEST, {"subject": subject, "kind": kind}
        return next((Clock.from_record(record) for (record,) in run(self._session, query, names)), None)

    def running(self, kind: str, subject: str) -> Clock | None:
        """Return the clock like `find`, locked, but only if it has not stopped."""
        clock = self.find(kind, subject, lock=True)
        return clock if clock is not None and clock.stopped_at is None else None

    def stop(self, kind: str, subject: str, at: datetime) -> Clock | None:
        """Stop the clock at `at`. Return it, or None if there is none. Stopping again is harmless."""
        clock = self.find(kind, subject, lock=True)
        if clock is not None and clock.stop(max(at, clock.started_at)):
            self.save(clock)
        return clock

    def recall(self, kind: str, subject: str, at: datetime) -> Clock | None:
        """End the clock of what is not wanted any more. Return it, or None if there is none."""
        clock = self.find(kind, subject, lock=True)
        if clock is not None and clock.recall(max(at, clock.started_at)):
            self.save(clock)
        return clock

    def reopen(self, kind: str, subject: str) -> Clock | None:
        """Restart a clock that was stopped by a false report. Return it, or None if there is none."""
        clock = self.find(kind, subject, lock=True)
        if clock is not None and clock.reopen():
            self.save(clock)
        return clock

    def advance(self, kind: str, subject: str, earlier: Clock) -> Clock | None:
        """Have a clock run as the one that began earlier would, due no later than it was; the clock, or None."""
        clock = self.find(kind, subject, lock=True)
        if clock is not None and clock.advance(earlier):
            self.save(clock)
        return clock

    def pause(self, kind: str, subject: str, reason: str, at: datetime | None = None) -> Clock | None:
        """Pause the clock, if it runs."""
        clock = self.running(kind, subject)
        if clock is not None and clock.paused_at is None:
            clock.pause(max(at or self._now, clock.started_at), reason)
            self.save(clock)
        return clock

    def resume(self, kind: str, subject: str, at: datetime | None = None) -> Clock | None:
        """Resume the clock, if it is paused."""
        clock = self.running(kind, subject)
        if clock is not None and clock.paused_at is not None:
            clock.resume(at or self._now)
            self.save(clock)
        return clock

    def save(self, clock: Clock) -> None:
        """Write back a clock that was loaded with a lock."""
        columns = _columns(clock)
        run(self._session, _SAVE, {"of": columns.pop("id"), **columns}, later=True)
        self._note(clock)

    def of_subjects(self, subjects: Iterable[str]) -> list[Clock]:
        """Return all clocks on these subjects, oldest first."""
        query = sa.select(_ROW.c.clock).where(_ROW.c.subject.in_(sorted(subjects)))
        found = self._session.execute(query.order_by(_ROW.c.started_at, _ROW.c.id)).scalars()
        return [Clock.from_record(record) for record in found]

    def of_order(self, order_number: str) -> list[CommitmentView]:
        """Return all clocks of an order, oldest first, as the API shows them."""
        found = run(self._session, _OF_ORDER, {"order": order_number})
        return [Clock.from_record(record).view(self._now) for (record,) in found]

    def list_running(self, *, cursor: str | None = None, limit: int | None = None) -> Page[RunningCommitment]:
        """Return a page of the clocks that have not stopped, the next due first."""
        query = sa.select(_ROW.c.clock, _ROW.c.due_at, _ROW.c.id).where(_ROW.c.stopped_at.is_(None))
        return page(self._session, query, (_ROW.c.due_at, _ROW.c.id), self._for_staff, cursor=cursor, limit=limit)

    def list_breaches(self, wanted: ListBreaches) -> Page[RunningCommitment]:
        """Return a page of the clocks started in that time that were broken, the latest due first."""
        wanted.require_at_most_a_year()
        query = sa.select(_ROW.c.clock, _ROW.c.due_at, _ROW.c.id).where(
            _ROW.c.started_at >= wanted.since, _ROW.c.started_at < wanted.until, self._broken
        )
        if wanted.cause is not None:
            query = query.where(_CAUSE.in_([wanted.cause.value]))
        keys, cursor, limit = (_ROW.c.due_at, _ROW.c.id), wanted.cursor, wanted.limit
        return page(self._session, query, keys, self._for_staff, cursor=cursor, limit=limit, descending=True)

    def _for_staff(self, row: sa.Row[tuple[object, ...]]) -> RunningCommitment:
        clock = Clock.from_record(row.clock)
        shown: RunningCommitment = {
            **clock.view(self._now), "owner": clock.owner, "order_number": clock.order_number,
        }  # fmt: skip
        if shown["status"] is Verdict.BREACHED:
            shown["cause"] = clock.cause or BreachCause.UNKNOWN
        return shown

    @property
    def _late(self) -> sa.ColumnElement[bool]:
        return sa.func.coalesce(_ROW.c.stopped_at, self._now) > _ROW.c.due_at

    @property
    def _broken(self) -> sa.ColumnElement[bool]:
        """Match what is broken: late, and not standing still since before it was due."""
        paused = sa.func.coalesce(_ROW.c.paused_at <= _ROW.c.due_at, False)
        return self._late & (_ROW.c.stopped_at.is_not(None) | ~paused)

    def report(self, since: datetime, until: datetime) -> list[KindReport]:
        """Count, per kind, the clocks started in that time that were kept, breached, recalled or still run.

        Of the breached it is counted, too, who broke them.
        """
        late, done = self._late, _ROW.c.stopped_at.is_not(None)
        recalled = sa.func.coalesce(_ROW.c.clock["pause_reason"].as_string() == RECALLED, False)
        counts = (
            sa.select(
                _ROW.c.kind,
                sa.func.count().label("started"),
                sa.func.count().filter(done & ~late & ~recalled).label("kept"),
                sa.func.count().filter(done & ~late & recalled).label("recalled"),
                sa.func.count().filter(self._broken).label("breached"),
                *(sa.func.count().filter(self._broken & (cause.value == _CAUSE)) for cause in BreachCause),
            )
            .where(_ROW.c.started_at >= since, _ROW.c.started_at < until)
            .group_by(_ROW.c.kind)
            .order_by(_ROW.c.kind)
        )
        return [
            _counted(kind, n, kept, ended, breached, dict(zip(BreachCause, causes, strict=True)))
            for kind, n, kept, ended, breached, *causes in self._session.execute(counts)
        ]

    def next_notice(self) -> datetime | None:
        """Return when the next notice is due, if any is."""
        return self._session.execute(_NEXT_NOTICE).scalar_one_or_none()

    def sweep(self, cause_of: CauseOf = _unsaid, limit: int = 100) -> list[Event]:
        """Return the notices that are due now, marked as told, and who broke what is broken.

        The caller records the events in the same transaction.
        """
        query = (
            sa.select(_ROW.c.clock)
            .where(_ROW.c.next_notice_at <= self._now)
            .order_by(_ROW.c.next_notice_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        events: list[Event] = []
        for record in self._session.execute(query).scalars().all():
            clock = Clock.from_record(record)
            notice = clock.notice(self._now)
            if notice is not None:
                clock.told(notice, self._now)
                events.append(_event(clock, notice, self._now))
            if clock.awaits_cause(self._now):
                found = cause_of(clock)
                if clock.attribute(found.cause):
                    events.append(_attributed(clock, found, self._now))
            self.save(clock)
        return events

    def _note(self, clock: Clock) -> None:
        """Keep what is known of its subject's clocks true."""
        if (held := self._held.get(clock.subject)) is not None:
            held[:] = sorted([*(each for each in held if each.id != clock.id), replace(clock)], key=_AGE)

    def _as_held(self, subject: str) -> list[Clock]:
        return [replace(clock) for clock in self._held[subject]]  # what is not saved is not known


def _counted(
    kind: str, started: int, kept: int, recalled: int, breached: int, causes: dict[BreachCause, int]
) -> KindReport:
    running = started - kept - recalled - breached
    found: KindReport = {"kind": kind, "started": started, "kept": kept, "breached": breached, "running": running}
    if recalled:
        found["recalled"] = recalled
    by_cause = {f"by_{cause.value}": number for cause, number in causes.items() if number}
    return cast(KindReport, {**found, **by_cause})


def _event(clock: Clock, notice: Notice, now: datetime) -> Event:
    kind = CommitmentBreached if notice is Notice.BREACH else CommitmentAtRisk
    return kind(**_named(clock, now))


def _attributed(clock: Clock, found: Attribution, now: datetime) -> Event:
    assert clock.cause is not None, "attributed"
    return BreachAttributed(**_named(clock, now), cause=clock.cause, held=found.held, final=clock.cause_final)


def _named(clock: Clock, now: datetime) -> JsonDict:
    return {
        "kind": clock.kind,
        "promised_on": clock.subject,
        "order_number": clock.order_number,
        "owner": clock.owner,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "told_at": now,
    }


def _columns(clock: Clock) -> dict[str, object]:
    return {
        "id": clock.id,
        "kind": clock.kind,
        "subject": clock.subject,
        "order_number": clock.order_number,
        "owner": clock.owner,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "next_notice_at": clock.next_notice_at,
        "paused_at": clock.paused_at,
        "stopped_at": clock.stopped_at,
        "clock": clock.to_record(),
    }
