"""What carriers said of numbers beside their scans."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.store.upsert import dialect_insert
from services.logistics import tables
from services.logistics.api.parts import fold_number
from services.logistics.api.terms import SAID_KEPT
from services.logistics.domain.facts import Notes, Told, join, newest, notes_of, still_said

_ROW = tables.said_of_numbers.c
_KEY = ("tracking_number", "carrier", "source")
_OF_NUMBERS = (
    sa.select(*(_ROW[name] for name in (*_KEY, "notes", "newest_at")))
    .where(_ROW.tracking_number.in_(sa.bindparam("numbers", expanding=True)))
    .order_by(*(_ROW[name] for name in _KEY))
)


@dataclass(frozen=True)
class Said:
    """All that one source said of a number that a carrier has, and when the last of it was said."""

    tracking_number: str
    carrier: str
    source: str
    notes: Notes
    newest_at: datetime

    @property
    def at(self) -> datetime:
        return self.newest_at


class SaidOfNumbers:
    """One row for each number, carrier and source. Writers hold the lock on the number (`Tracking.lock`)."""

    def __init__(self, session: Session):
        self._session = session

    def of_numbers(self, numbers: Iterable[str]) -> list[Said]:
        wanted = sorted({fold_number(number) for number in numbers})
        return [Said(*row) for row in self._session.execute(_OF_NUMBERS, {"numbers": wanted})]

    def keep(self, told: Iterable[Told], rows: Iterable[Said]) -> list[Said]:
        """Keep what these reports say, with what is known already. A row that it would not change is not written.

        rows: all that is kept of these numbers, and perhaps of others. Return them as they are now.
        """
        known = {(row.tracking_number, row.carrier, row.source): row.notes for row in rows}
        changed: set[tuple[str, str, str]] = set()
        for each in told:
            key, new = (fold_number(each.tracking_number), each.carrier, each.source), notes_of(each)
            after = join(still_said(known.get(key, {}), each.said_at), new)
            if after and after != known.get(key):
                known[key] = after
                changed.add(key)
        for key in sorted(changed):
            row = dict(zip(_KEY, key, strict=True))
            value = {"notes": known[key], "newest_at": newest(known[key])}
            new_row = dialect_insert(self._session)(tables.said_of_numbers).values(**row, **value)
            self._session.execute(new_row.on_conflict_do_update(index_elements=list(_KEY), set_=value))
        return [Said(*key, known[key], newest(known[key])) for key in sorted(known)]

    def erase(self, numbers: Iterable[str]) -> None:
        """Remove what was said of these numbers."""
        folded = sorted({fold_number(number) for number in numbers})
        self._session.execute(sa.delete(tables.said_of_numbers).where(_ROW.tracking_number.in_(folded)))

    def forget_old(self, now: datetime) -> None:
        """Remove what was said long ago of numbers that are no parcel's: no erasure reaches it."""
        mine = sa.select(tables.parcels.c.tracking_key).where(tables.parcels.c.tracking_key == _ROW.tracking_number)
        unmatched = tables.unmatched_scans.c
        attached = sa.select(unmatched.parcel_id).where(
            unmatched.tracking_number == _ROW.tracking_number, unmatched.parcel_id.is_not(None)
        )
        old = sa.delete(tables.said_of_numbers).where(_ROW.newest_at < now - SAID_KEPT.span)
        self._session.execute(old.where(~mine.exists(), ~attached.exists()))
