"""What is kept beside the parcels: numbers that are no parcel's, and what we do to get news of each parcel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics import ids
from services.common.basics.personal import ERASED
from services.common.basics.shapes import Page
from services.common.store.pages import page
from services.common.store.statements import earliest
from services.common.store.upsert import dialect_insert
from services.logistics import tables
from services.logistics.api.parts import fold_number
from services.logistics.api.refusals import UnmatchedNotFound
from services.logistics.api.statuses import ParcelStatus
from services.logistics.api.tracking import ListUnmatched
from services.logistics.domain import TrackingEvent, Watch

_ROW = tables.unmatched_scans.c
NAMED = ("status", "message", "location", "occurred_at", "received_at", "source")
"""What is shown of the newest scan of a number that is no parcel's."""
_NOT_DISMISSED = {"dismissed_at": None, "dismissed_by": None, "dismissed_for": None}


@dataclass(frozen=True)
class UnmatchedScan:
    """The newest scan of a number that is no parcel's.

    parcel_id, settled_at: whose it is, once a person said so. dismissed_…: that it is none of ours, and why.
    """

    id: str
    tracking_number: str
    carrier: str
    source: str
    status: ParcelStatus | None
    message: str
    location: str | None
    occurred_at: datetime
    received_at: datetime
    settled_at: datetime | None
    parcel_id: str | None
    dismissed_at: datetime | None
    dismissed_by: str | None
    dismissed_for: str | None


class Unmatched:
    """Numbers that were scanned and are no parcel's; one row for each number and carrier."""

    def __init__(self, session: Session):
        self._session = session

    def list(self, wanted: ListUnmatched) -> Page[UnmatchedScan]:
        """Return a page of those that are not settled, or of those that are dismissed, the longest waiting first."""
        listed = _ROW.dismissed_at.is_not(None) if wanted.dismissed else _ROW.settled_at.is_(None)
        query = sa.select(tables.unmatched_scans).where(listed)
        keys = (_ROW.received_at, _ROW.id)
        return page(self._session, query, keys, _read, cursor=wanted.cursor, limit=wanted.limit)

    def get(self, id_: str, *, lock: bool = False) -> UnmatchedScan:
        """Return one of them. Raise NotFound `unmatched_not_found` if there is none."""
        query = sa.select(tables.unmatched_scans).where(_ROW.id == id_)
        found = self._session.execute(query.with_for_update() if lock else query).one_or_none()
        if found is None:
            raise UnmatchedNotFound
        return _read(found)

    def note(self, newest: Iterable[TrackingEvent]) -> None:
        """List these scans' numbers, one scan for each number and carrier.

        What is listed again is open again, unless it is dismissed.
        """
        insert = dialect_insert(self._session)(tables.unmatched_scans)
        for scan in newest:
            shown = {name: getattr(scan, name) for name in NAMED}
            key = {"tracking_number": fold_number(scan.tracking_number), "carrier": scan.carrier}
            new = insert.values(id=ids.new_id(), settled_at=None, parcel_id=None, **key, **shown)
            settled = sa.case((_ROW.dismissed_at.is_not(None), _ROW.settled_at), else_=sa.null())
            again = {**shown, "settled_at": settled}
            self._session.execute(new.on_conflict_do_update(index_elements=["tracking_number", "carrier"], set_=again))

    def settle(self, keys: Iterable[tuple[str, str]], now: datetime) -> None:
        """Settle scans with these numbers of these carriers, because they have a parcel now."""
        wanted = sorted(set(keys))
        if wanted:
            mine = sa.tuple_(_ROW.tracking_number, _ROW.carrier).in_(wanted)
            waits = sa.or_(_ROW.settled_at.is_(None), _ROW.dismissed_at.is_not(None))
            change = sa.update(tables.unmatched_scans).where(mine, waits)
            self._session.execute(change.values(settled_at=now, **_NOT_DISMISSED))

    def attach(self, id_: str, parcel_id: str | None, now: datetime | None) -> None:
        """Attach its scans to a parcel, or with None detach them again."""
        change = sa.update(tables.unmatched_scans).where(_ROW.id == id_)
        self._session.execute(change.values(parcel_id=parcel_id, settled_at=now, **_NOT_DISMISSED))

    def dismiss(self, id_: str, by: str, reason: str, now: datetime) -> None:
        """Take it from the list: it is no parcel of ours."""
        change = sa.update(tables.unmatched_scans).where(_ROW.id == id_)
        said = {"dismissed_at": now, "dismissed_by": by, "dismissed_for": reason}
        self._session.execute(change.values(settled_at=now, **said))

    def erase_words(self, numbers: Iterable[str]) -> None:
        """Overwrite what carriers said in words under these numbers while they were listed."""
        mine = _ROW.tracking_number.in_(sorted({fold_number(number) for number in numbers}))
        change = sa.update(tables.unmatched_scans).where(mine)
        self._session.execute(change.values(message=ERASED, location=sa.case((_ROW.location.is_not(None), ERASED))))


def _read(row: sa.Row[tuple[object, ...]]) -> UnmatchedScan:
    return UnmatchedScan(**row._mapping)


_WATCHES = (
    sa.select(Watch)
    .where(tables.watches.c.parcel_id.in_(sa.bindparam("parcels", expanding=True)))
    .order_by(tables.watches.c.parcel_id)
)
_WATCHES_LOCKED = _WATCHES.with_for_update()


class Watches:
    """What we do to get news of parcels."""

    def __init__(self, session: Session):
        self._session = session
        self._added: dict[str, Watch] = {}

    def add(self, watch: Watch) -> None:
        self._session.add(watch)
        self._added[watch.parcel_id] = watch

    def of_parcels(self, parcel_ids: Iterable[str], *, lock: bool = False) -> dict[str, Watch]:
        """Return the watches by parcel. A parcel that an older release sent has none."""
        wanted = set(parcel_ids)
        if wanted <= self._added.keys():  # they are new: no other process knows them
            return {id_: self._added[id_] for id_ in wanted}
        found = self._session.scalars(_WATCHES_LOCKED if lock else _WATCHES, {"parcels": sorted(wanted)})
        return {watch.parcel_id: watch for watch in found}

    def next_registering(self) -> datetime | None:
        """Return when the next parcel is to be registered, if any is."""
        return self._session.scalar(earliest(tables.watches.c.register_at))

    def to_register(self, now: datetime, limit: int = 20) -> Sequence[Watch]:
        """Return those to register with their carrier. Each is locked for one replica."""
        row = tables.watches.c
        query = sa.select(Watch).where(row.register_at <= now).order_by(row.register_at).limit(limit)
        return self._session.scalars(query.with_for_update(skip_locked=True)).all()

    def to_ask(self, now: datetime, limit: int = 20) -> Sequence[Watch]:
        """Return those to ask their carrier for. Each is locked for one replica."""
        row = tables.watches.c
        query = sa.select(Watch).where(row.ask_at <= now).order_by(row.ask_at).limit(limit)
        return self._session.scalars(query.with_for_update(skip_locked=True)).all()
