"""Suggestions and who follows them, in the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.shapes import Page
from services.common.store.pages import page
from services.common.store.upsert import add_if_new, values_of
from services.support import domain as d
from services.support import tables as t
from services.support.api import ListSuggestions, SuggestionNotFound, SuggestionStatus, TicketStatus

Shown = TypeVar("Shown")
RESTING = (SuggestionStatus.DECLINED, SuggestionStatus.DONE, SuggestionStatus.WITHDRAWN)
_ROW, _FOLLOWER = t.suggestions.c, t.suggestion_followers.c


class Suggestions:
    """The suggestions; the lock on their ticket is what makes two steps follow one another."""

    def __init__(self, session: Session):
        self._session = session

    def add(self, suggestion: d.Suggestion) -> None:
        self._session.add(suggestion)
        self._session.flush()

    def get(self, suggestion_id: str) -> d.Suggestion:
        """Return one. Raise SuggestionNotFound."""
        found = self._session.get(d.Suggestion, suggestion_id)
        if found is None:
            raise SuggestionNotFound
        return found

    def lock(self, suggestion: d.Suggestion) -> d.Suggestion:
        """Read it again, locked; its ticket is locked before it."""
        self._session.refresh(suggestion, with_for_update=True)
        return suggestion

    def of_ticket(self, number: str) -> d.Suggestion | None:
        """Return the suggestion of a ticket, locked."""
        query = sa.select(d.Suggestion).where(_ROW.ticket_number == number).with_for_update()
        return self._session.execute(query).scalar_one_or_none()

    def page(self, show: Callable[[d.Suggestion], Shown], query: ListSuggestions, *, to_staff: bool) -> Page[Shown]:
        """Return a page, the newest first: to staff all but those of spam, to others what is public."""
        found = sa.select(d.Suggestion).where(_ROW.status != SuggestionStatus.WITHDRAWN)
        if query.status is not None:
            found = found.where(_ROW.status == query.status)
        if query.id is not None:
            found = found.where(_ROW.id == query.id)
        if to_staff:
            spam = sa.select(t.tickets.c.number).where(t.tickets.c.status == TicketStatus.SPAM)
            found = found.where(_ROW.ticket_number.not_in(spam))
        else:
            found = found.where(_ROW.public.is_(True))
        keys = (_ROW.received_at, _ROW.id)
        return page(self._session, found, keys, show, cursor=query.cursor, limit=query.limit, descending=True)

    def follow(self, follower: d.SuggestionFollower) -> bool:
        """Insert a follower unless it is there. Return True if inserted."""
        return add_if_new(self._session, t.suggestion_followers, values_of(follower, t.suggestion_followers))

    def unfollow(self, suggestion_id: str, email: str) -> bool:
        """Delete a follower. Return True if there was one."""
        this = sa.and_(_FOLLOWER.suggestion_id == suggestion_id, _FOLLOWER.email == email)
        gone = sa.delete(t.suggestion_followers).where(this).returning(_FOLLOWER.email)
        return self._session.scalar(gone) is not None

    def count(self, suggestion: d.Suggestion, by: int) -> None:
        """Count followers. That is no change of the suggestion: its version stays."""
        row = sa.update(t.suggestions).where(_ROW.id == suggestion.id)
        self._session.execute(row.values(followers=_ROW.followers + by))
        self._session.refresh(suggestion, ["followers"])

    def followers(self, suggestion_id: str) -> list[str]:
        """Return the mailboxes that are told of each step."""
        query = sa.select(_FOLLOWER.email).where(_FOLLOWER.suggestion_id == suggestion_id).order_by(_FOLLOWER.email)
        return list(self._session.scalars(query))

    def let_go(self, suggestion_id: str) -> None:
        """Forget who followed what has come to its end."""
        self._session.execute(sa.delete(t.suggestion_followers).where(_FOLLOWER.suggestion_id == suggestion_id))

    def forget_followers(self, before: datetime) -> None:
        """Forget who followed what was declined, done or withdrawn before that moment, and has not moved since."""
        over = sa.select(_ROW.id).where(_ROW.status.in_(RESTING), _ROW.moved_at < before)
        self._session.execute(sa.delete(t.suggestion_followers).where(_FOLLOWER.suggestion_id.in_(over)))

    def followed_by(self, email: str) -> list[str]:
        """Return the ids of what a mailbox follows."""
        query = sa.select(_FOLLOWER.suggestion_id).where(_FOLLOWER.email == email).order_by(_FOLLOWER.suggestion_id)
        return list(self._session.scalars(query))
