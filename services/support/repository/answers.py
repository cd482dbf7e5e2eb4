"""People's answers in the database: those that rest on nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.personal import ERASED
from services.common.basics.shapes import Page, PageQuery
from services.common.store.pages import page
from services.support import domain as d
from services.support import tables as t
from services.support.api import Category

T = TypeVar("T")
_SAID, _ASKED = t.messages.c, t.tickets.c


class Answers:
    """What staff answered. `cited`: how many things an answer rests on, None for what is no answer."""

    def __init__(self, session: Session):
        self._session = session

    def without_basis(self, show: Callable[[d.TicketMessage, d.Ticket], T], query: PageQuery) -> Page[T]:
        """Return a page of answers to questions before buying that rest on nothing, the newest first."""
        before_buying = sa.or_(_ASKED.category == Category.PRODUCT, _ASKED.topic.is_not(None))
        of = sa.select(sa.literal(1)).where(_ASKED.number == _SAID.ticket_number, before_buying)
        found = sa.select(d.TicketMessage).where(_SAID.cited == 0, _SAID.body != ERASED, of.exists())
        keys = (_SAID.posted_at, _SAID.ticket_number, _SAID.position)

        def shown(message: d.TicketMessage) -> T:
            return show(message, self._session.get_one(d.Ticket, message.ticket_number))

        return page(self._session, found, keys, shown, cursor=query.cursor, limit=query.limit, descending=True)
