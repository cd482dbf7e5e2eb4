"""Files that were sent, in the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.personal import ERASED
from services.common.store.statements import earliest
from services.support import domain as d
from services.support import tables as t
from services.support.api.uploads import UploadMissing, UploadNotFound

_ROW = t.uploads.c


class Uploads:
    """The files of forms, messages, returns and shipments."""

    def __init__(self, session: Session, now: datetime):
        self._session, self._now = session, now

    def add(self, upload: d.Upload) -> None:
        self._session.add(upload)

    def count_waiting(self, form: str) -> int:
        """Count the files of a form that nothing names yet."""
        waiting = sa.and_(_ROW.form == form, _ROW.kept_until > self._now)
        return self._session.scalar(sa.select(sa.func.count()).select_from(t.uploads).where(waiting)) or 0

    def get(self, upload_id: str, *, lock: bool = False) -> d.Upload:
        """Return a file. Raise UploadNotFound for one that is over."""
        found = self._session.get(d.Upload, upload_id, with_for_update=lock)
        if found is None or found.is_over(self._now):
            raise UploadNotFound
        return found

    def take(self, wanted: Iterable[str], *, by_staff: bool) -> list[d.Upload]:
        """Return these files, locked, to be named. Raise UploadMissing unless each can be, now and by who asks."""
        return self._locked(wanted, "attachments", lambda each: each.is_free(self._now, by_staff=by_staff))

    def reserve(self, wanted: Iterable[str], *, by_staff: bool, field: str) -> None:
        """Keep files until an event names them; one that is held is kept already. Raise UploadMissing."""
        for upload in self._locked(wanted, field, lambda each: each.is_free_or_evidence(self._now, by_staff)):
            if upload.return_number is None:
                upload.reserve(self._now)

    def _locked(self, wanted: Iterable[str], field: str, fits: Callable[[d.Upload], bool]) -> list[d.Upload]:
        wanted = list(dict.fromkeys(wanted))
        if not wanted:
            return []
        query = sa.select(d.Upload).where(_ROW.id.in_(wanted)).order_by(_ROW.id).with_for_update()
        found = {each.id: each for each in self._session.scalars(query)}
        missing = [place for place, each in enumerate(wanted) if each not in found or not fits(found[each])]
        if missing:
            errors = [{"field": f"{field}.{place}", "message": UploadMissing.message} for place in missing]
            raise UploadMissing(details={"errors": errors})
        return [found[each] for each in wanted]

    def attach(self, message: d.TicketMessage, wanted: Iterable[str], *, by_staff: bool) -> None:
        """Let a message have these files, from now on and as long as it is kept."""
        for upload in self.take(wanted, by_staff=by_staff):
            upload.keep()
            message.attachments.append(upload)

    def end_of_ticket(self, number: str) -> None:
        """Let the files of a ticket end now."""
        self._end(_ROW.ticket_number == number)

    def end_of_returns(self, order_number: str) -> None:
        """Let the files of an order's returns and shipments end now."""
        self._end(sa.and_(_ROW.order_number == order_number, _ROW.return_number.is_not(None)))

    def next_end(self) -> datetime | None:
        """Return when the time of the next file ends."""
        return self._session.scalar(earliest(_ROW.kept_until))

    def over(self, limit: int = 100) -> list[str]:
        """Return the ids of files whose time has ended."""
        query = sa.select(_ROW.id).where(_ROW.kept_until <= self._now).order_by(_ROW.kept_until).limit(limit)
        return list(self._session.scalars(query))

    def unshared(self, ids: Iterable[str]) -> list[str]:
        """Return under which names the bytes of these files are kept, where no other file has the same."""
        ids = list(ids)
        name = sa.func.coalesce(_ROW.same_as, _ROW.id)
        names = {*self._session.scalars(sa.select(name).where(_ROW.id.in_(ids)))}
        others = sa.and_(_ROW.id.not_in(ids), sa.or_(_ROW.id.in_(names), _ROW.same_as.in_(names)))
        return sorted(names - {*self._session.scalars(sa.select(name).where(others))})

    def forget(self, ids: Iterable[str]) -> None:
        """Drop files whose bytes are removed."""
        self._session.execute(sa.delete(t.uploads).where(_ROW.id.in_(list(ids)), _ROW.kept_until <= self._now))

    def _end(self, which: sa.ColumnElement[bool]) -> None:
        self._session.flush()
        self._session.execute(sa.update(t.uploads).where(which).values(kept_until=self._now, name=ERASED))
