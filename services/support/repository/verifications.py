"""Questions that are looked into, in the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.personal import ERASED
from services.common.basics.shapes import Page
from services.common.store.pages import page
from services.support import domain as d
from services.support import tables as t
from services.support.api import ListVerifications, VerificationNotFound, VerificationStatus

Shown = TypeVar("Shown")
_ROW = t.verifications.c


class Verifications:
    """The verifications; the lock on their ticket is what makes two decisions meet."""

    def __init__(self, session: Session):
        self._session = session

    def add(self, verification: d.Verification) -> None:
        self._session.add(verification)
        self._session.flush()

    def get(self, verification_id: str) -> d.Verification:
        """Return one. Raise VerificationNotFound."""
        found = self._session.get(d.Verification, verification_id)
        if found is None:
            raise VerificationNotFound
        return found

    def lock(self, verification: d.Verification) -> d.Verification:
        """Read it again, locked; its ticket is locked before it."""
        self._session.refresh(verification, with_for_update=True)
        return verification

    def page(self, show: Callable[[d.Verification], Shown], query: ListVerifications) -> Page[Shown]:
        """Return a page, the oldest first; without a status those that are not verified."""
        wanted = _ROW.status == query.status if query.status else _ROW.status != VerificationStatus.VERIFIED
        found = sa.select(d.Verification).where(wanted, _ROW.question != ERASED)
        return page(self._session, found, (_ROW.asked_at, _ROW.id), show, cursor=query.cursor, limit=query.limit)
