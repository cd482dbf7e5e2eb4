"""Canned replies in the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.shapes import Page
from services.common.store.pages import page
from services.support import tables as t
from services.support.api.canned import ListReplies, ReplyNotFound
from services.support.domain.canned import CannedReply

T = TypeVar("T")
_ROW = t.canned_replies.c


class CannedReplies:
    """The replies of all, and each person's own."""

    def __init__(self, session: Session):
        self._session = session

    def add(self, reply: CannedReply) -> None:
        self._session.add(reply)
        self._session.flush()

    def get(self, reply_id: str, person: str, *, lock: bool = False) -> CannedReply:
        """Return one that this person may answer with. Raise ReplyNotFound."""
        found = self._session.get(CannedReply, reply_id, with_for_update=lock or None, populate_existing=lock)
        if found is None or not found.visible_to(person):
            raise ReplyNotFound
        return found

    def page(self, show: Callable[[CannedReply], T], wanted: ListReplies, person: str) -> Page[T]:
        """Return a page by name: of all, and this person's own."""
        query = sa.select(CannedReply).where(sa.or_(_ROW.owner.is_(None), _ROW.owner == person))
        if wanted.q is not None:
            words = [sa.func.lower(each).contains(wanted.q.lower(), autoescape=True) for each in (_ROW.name, _ROW.text)]
            query = query.where(sa.or_(*words))
        if wanted.topic is not None:
            query = query.where(_ROW.topic == wanted.topic)
        if wanted.scope is not None:
            query = query.where(_ROW.scope == wanted.scope)
        return page(self._session, query, (_ROW.name, _ROW.id), show, cursor=wanted.cursor, limit=wanted.limit)

    def count(self, reply_id: str) -> None:
        """Count a use. That is no change of the reply: its version stays."""
        self._session.execute(sa.update(t.canned_replies).where(_ROW.id == reply_id).values(uses=_ROW.uses + 1))

    def delete(self, reply: CannedReply) -> None:
        self._session.delete(reply)
        self._session.flush()
