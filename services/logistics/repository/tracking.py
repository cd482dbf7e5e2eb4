"""The log of scans, by the numbers of parcels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.personal import ERASED
from services.common.store import statements
from services.common.store.tables import UtcDateTime
from services.common.store.upsert import Insert, add_if_new, dialect_insert
from services.logistics import tables
from services.logistics.api.parts import fold_number
from services.logistics.api.terms import RECEIPTS_KEPT
from services.logistics.domain import TrackingEvent

MAX_SCANS = 2000
_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('tracking ' || :number, 0))")
_EVENT_FIELDS = tuple(each.name for each in fields(TrackingEvent))
_KEYS: sa.BindParameter[str] = sa.bindparam("keys", expanding=True)
_SPELLED: sa.BindParameter[str] = sa.bindparam("spelled", expanding=True)
_EVENT, _SAID = tables.tracking_events.c, tables.scan_reports.c


def _scans() -> sa.Executable:
    """Select the newest scans of each of some numbers, the latest first."""
    last = sa.func.coalesce(_SAID.reported_at, _EVENT.reported_at, type_=UtcDateTime()).label("reported_at")
    newest = sa.func.row_number().over(
        partition_by=_EVENT.tracking_number, order_by=(_EVENT.occurred_at.desc(), _EVENT.id)
    )
    each = (
        sa.select(*(last if name == "reported_at" else _EVENT[name] for name in _EVENT_FIELDS))
        .outerjoin_from(tables.tracking_events, tables.scan_reports, _SAID.digest == _EVENT.digest)
        .where(_EVENT.tracking_number.in_(_SPELLED))
        .add_columns(newest.label("newest"))
        .subquery()
        .c
    )
    kept = sa.select(*(each[name] for name in _EVENT_FIELDS)).where(each.newest <= sa.bindparam("most"))
    return kept.order_by(each.occurred_at.desc())


_SCANS = _scans()


@cache
def _add_scans(insert: Insert) -> sa.Executable:
    """Add scans that are not in the log yet. Values that are given as it runs do not have it compiled each time."""
    return insert(tables.tracking_events).on_conflict_do_nothing().returning(_EVENT.digest)


@cache
def _note_reports(insert: Insert) -> sa.Executable:
    """Note when scans were last reported."""
    said = insert(tables.scan_reports)
    later, own = said.excluded.reported_at, _SAID.reported_at
    return said.on_conflict_do_update(index_elements=["digest"], set_={"reported_at": later}, where=own < later)


_HEARD_OF = sa.union_all(
    sa.select(_EVENT.tracking_number).where(_EVENT.tracking_number.in_(_SPELLED)),
    sa.select(tables.said_of_numbers.c.tracking_number).where(tables.said_of_numbers.c.tracking_number.in_(_KEYS)),
).limit(1)


def spelled(numbers: Iterable[str]) -> dict[str, list[str]]:
    """Return what rows with these numbers have: the number folded, and as it may have been written before."""
    raw = set(numbers)
    keys = {fold_number(number) for number in raw}
    return {"keys": sorted(keys), "spelled": sorted(raw | keys)}


def batched(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))


class Tracking:
    """The log of scans, and the receipts of the webhooks that brought them."""

    def __init__(self, session: Session):
        self._session = session

    def lock(self, numbers: Iterable[str]) -> None:
        """Lock these tracking numbers, in any spelling, against other writers until the transaction ends."""
        if self._session.get_bind().dialect.name == "postgresql":
            for number in sorted({fold_number(number) for number in numbers}):
                statements.change_later(self._session, _LOCK, {"number": number})

    def accept(self, carrier: str, key: str, now: datetime) -> bool:
        """Return whether this webhook is new. A second one at the same moment waits for the first."""
        receipt = {"carrier": carrier, "key": key, "received_at": now}
        return add_if_new(self._session, tables.webhook_receipts, receipt)

    def add(self, events: Sequence[TrackingEvent]) -> list[TrackingEvent]:
        """Keep those that are not in the log yet; which these were. Of all of them it is kept that they were said."""
        new = {event.digest: event for event in sorted(events, key=lambda each: each.said_at)}
        add = _add_scans(dialect_insert(self._session))
        found: list[TrackingEvent] = []
        for digests in batched(sorted(new), 500):
            rows = [self._row(new[digest]) for digest in digests]
            made = set(self._session.scalars(add, rows if len(rows) > 1 else rows[0]))
            found += [new[digest] for digest in digests if digest in made]
            self._note_said([new[digest] for digest in digests if digest not in made])
        return found

    def _note_said(self, events: Sequence[TrackingEvent]) -> None:
        """Record that known scans were reported again, which decides which of two meanings of a scan holds."""
        if events:
            rows = [{"digest": each.digest, "reported_at": each.said_at} for each in events]
            self._session.execute(_note_reports(dialect_insert(self._session)), rows)

    def of_numbers(self, numbers: Iterable[str]) -> list[TrackingEvent]:
        """Return the newest 2,000 scans of each of these numbers, in any spelling and with any carrier."""
        given = {"spelled": spelled(numbers)["spelled"], "most": MAX_SCANS}
        return [TrackingEvent(*row) for row in self._session.execute(_SCANS, given)]

    def has_heard_of(self, numbers: Iterable[str]) -> bool:
        """Return whether anything was scanned or said of one of these numbers."""
        return self._session.scalar(_HEARD_OF, spelled(numbers)) is not None

    def heard_until(self, numbers: Iterable[str]) -> dict[str, datetime]:
        """Return when each of these numbers, folded, was scanned last, by any carrier."""
        mine = _EVENT.tracking_number.in_({fold_number(number) for number in numbers})
        last = sa.func.max(_EVENT.occurred_at, type_=UtcDateTime())
        query = sa.select(_EVENT.tracking_number, last).where(mine).group_by(_EVENT.tracking_number)
        return {number: at for number, at in self._session.execute(query)}

    def erase_words(self, numbers: Iterable[str]) -> None:
        """Overwrite what carriers said in words about parcels of these numbers, which may name who took them."""
        row = tables.tracking_events.c
        erased = sa.update(tables.tracking_events).where(row.tracking_number.in_(spelled(numbers)["spelled"]))
        where = sa.case((row.location.is_not(None), ERASED))
        self._session.execute(erased.values(message=ERASED, location=where))

    def forget_old_receipts(self, now: datetime) -> None:
        """Drop the receipts that no carrier will send again."""
        row = tables.webhook_receipts
        self._session.execute(sa.delete(row).where(row.c.received_at < now - RECEIPTS_KEPT.span))

    @staticmethod
    def _row(event: TrackingEvent) -> dict[str, object]:
        return {"digest": event.digest, **{name: getattr(event, name) for name in _EVENT_FIELDS}}
