"""What carriers sent, as it came: packed, sealed, found by its tracking numbers."""

from __future__ import annotations

import hashlib
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.store.chain_keys import OWN
from services.common.store.upsert import add_those_new
from services.logistics import tables
from services.logistics.api.parts import carrier_code, fold_number
from services.logistics.api.sources import RereadWebhooks
from services.logistics.api.terms import RAW_KEPT

_ROW, _NUMBER = tables.raw_webhooks.c, tables.raw_webhook_numbers.c


@dataclass(frozen=True)
class RawWebhook:
    """readings: how often it was read again before."""

    id: str
    carrier: str
    received_at: datetime
    stored: str
    readings: int

    @property
    def body(self) -> bytes:
        """The bytes that came. Raise KeyMissing if they were sealed with a key that we do not have any more."""
        return zlib.decompress(b64decode(OWN.open(self.stored)))


class RawWebhooks:
    """One row for each body that brought scans."""

    def __init__(self, session: Session):
        self._session = session

    def keep(self, carrier: str, raw: bytes, numbers: Iterable[str], now: datetime) -> None:
        """Keep a webhook with the numbers that it is about; one without any could not be erased, and is not kept."""
        found = sorted({fold_number(number) for number in numbers if number})
        id_ = hashlib.sha256(carrier.encode() + b"\0" + raw).hexdigest()
        body = OWN.seal(b64encode(zlib.compress(raw)).decode())
        row = {"id": id_, "carrier": carrier, "received_at": now, "body": body, "readings": 0, "to_read": False}
        if found:
            add_those_new(self._session, tables.raw_webhooks, row)
            for number in found:
                its = {"tracking_number": number, "webhook_id": id_}
                add_those_new(self._session, tables.raw_webhook_numbers, its)

    def mark(self, wanted: RereadWebhooks) -> int:
        """Mark those to read again. Return how many."""
        change = sa.update(tables.raw_webhooks).values(to_read=True)
        if wanted.carrier is not None:
            change = change.where(_ROW.carrier == carrier_code(wanted.carrier))
        if wanted.since is not None:
            change = change.where(_ROW.received_at >= wanted.since)
        if wanted.until is not None:
            change = change.where(_ROW.received_at < wanted.until)
        if wanted.tracking_number is not None:
            theirs = sa.select(_NUMBER.webhook_id).where(_NUMBER.tracking_number == fold_number(wanted.tracking_number))
            change = change.where(_ROW.id.in_(theirs))
        marked: int = self._session.execute(change).rowcount  # type: ignore[attr-defined]
        return marked

    def next_marked(self) -> datetime | None:
        """Return since when the oldest is kept that is marked, if any is."""
        oldest = sa.select(_ROW.received_at).where(_ROW.to_read).order_by(_ROW.received_at, _ROW.id).limit(1)
        return self._session.scalar(oldest)

    def take(self) -> RawWebhook | None:
        """Take the oldest that is marked: it is locked for one replica, and not marked any more."""
        marked = sa.select(_ROW.id).where(_ROW.to_read).order_by(_ROW.received_at, _ROW.id).limit(1)
        id_ = self._session.scalar(marked.with_for_update(skip_locked=True))
        if id_ is None:
            return None
        taken = sa.update(tables.raw_webhooks).where(_ROW.id == id_)
        taken = taken.values(to_read=False, readings=_ROW.readings + 1)
        row = self._session.execute(
            taken.returning(_ROW.id, _ROW.carrier, _ROW.received_at, _ROW.body, _ROW.readings)
        ).one()
        return RawWebhook(*row)

    def erase(self, numbers: Iterable[str]) -> None:
        """Remove the webhooks that one of these numbers stands in."""
        folded = sorted({fold_number(number) for number in numbers})
        theirs = sa.select(_NUMBER.webhook_id).where(_NUMBER.tracking_number.in_(folded))
        self._remove(_ROW.id.in_(theirs))

    def forget_old(self, now: datetime) -> None:
        """Remove what is older than carriers' codes are worth to be read again."""
        self._remove(_ROW.received_at < now - RAW_KEPT.span)

    def _remove(self, which: sa.ColumnElement[bool]) -> None:
        ids = list(self._session.scalars(sa.select(_ROW.id).where(which)))
        for start in range(0, len(ids), 500):
            some = ids[start : start + 500]
            self._session.execute(sa.delete(tables.raw_webhook_numbers).where(_NUMBER.webhook_id.in_(some)))
            self._session.execute(sa.delete(tables.raw_webhooks).where(_ROW.id.in_(some)))
