"""The log of what carriers sent or answered that could not be taken as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.personal import ERASED
from services.common.basics.shapes import Page
from services.common.store.pages import page
from services.common.store.upsert import dialect_insert
from services.logistics import tables
from services.logistics.api.parts import carrier_code, fold_number
from services.logistics.api.tracking import ListFlaws
from services.logistics.domain.flaws import LONGEST_DETAIL, Flaw

_ROW = tables.carrier_flaws.c
KEPT = timedelta(days=90)


class Flaws:
    """One row for each flaw, however often it came."""

    def __init__(self, session: Session):
        self._session = session

    def note(self, carrier: str, flaws: Iterable[Flaw], now: datetime, at_most_every: timedelta = timedelta()) -> None:
        """Keep these flaws of a carrier, or count them once more, unless that was done so short a time ago."""
        insert = dialect_insert(self._session)(tables.carrier_flaws)
        for digest, flaw in sorted({flaw.digest(carrier): flaw for flaw in flaws}.items()):
            new = insert.values(
                digest=digest, carrier=carrier, kind=flaw.kind, tracking_number=fold_number(flaw.tracking_number)[:64],
                detail=flaw.detail[:LONGEST_DETAIL], part=flaw.part, times=1, first_at=now, last_at=now,
            )  # fmt: skip
            again = {"times": _ROW.times + 1, "last_at": now}
            old = _ROW.last_at <= now - at_most_every
            self._session.execute(new.on_conflict_do_update(index_elements=["digest"], set_=again, where=old))

    def settle(self, carrier: str, flaws: Iterable[Flaw]) -> None:
        """Drop these flaws of a carrier: they are none any more."""
        digests = sorted({flaw.digest(carrier) for flaw in flaws})
        for start in range(0, len(digests), 500):
            self._session.execute(sa.delete(tables.carrier_flaws).where(_ROW.digest.in_(digests[start : start + 500])))

    def erase_words(self, numbers: Iterable[str]) -> None:
        """Overwrite what was sent and said about these numbers."""
        raw = set(numbers)
        mine = _ROW.tracking_number.in_(sorted({*raw, *(fold_number(number) for number in raw)}))
        self._session.execute(sa.update(tables.carrier_flaws).where(mine).values(detail=ERASED, part=""))

    def page(self, wanted: ListFlaws) -> Page[Mapping[str, Any]]:
        """Return a page of flaws, the newest first."""
        query = sa.select(tables.carrier_flaws)
        if wanted.carrier is not None:
            query = query.where(_ROW.carrier == carrier_code(wanted.carrier))
        if wanted.kind is not None:
            query = query.where(_ROW.kind == wanted.kind)
        keys = (_ROW.last_at, _ROW.digest)
        return page(self._session, query, keys, _as_mapping, cursor=wanted.cursor, limit=wanted.limit, descending=True)

    def forget_old(self, now: datetime) -> None:
        """Drop what has not come for long."""
        self._session.execute(sa.delete(tables.carrier_flaws).where(_ROW.last_at < now - KEPT))


def _as_mapping(row: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = row._mapping
    return found
