"""What waits to be erased: things that are still open when their customer asks, and are erased once they have ended.

    work.erasures.wait(order_number, request_id)      # it is open: later
    for each in work.erasures.waiting(over): …        # by a timer: erase what has ended
    work.erasures.done(order_number)

The first request that finds a thing open is the one that it is erased for; a second one changes nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.store import tables
from services.common.store.upsert import add_if_new

_ROW, _HEAD = tables.erasures.c, tables.journal_heads
PAGE = 100
TELL_OF_ERASURES = ("on_orders_sorted", "on_order_erased", "on_shipments_erased", "on_returns_erased")


class Waiting(NamedTuple):
    """A thing (an order's, return's or ticket's number) and the request that it is to be erased for."""

    subject: str
    request_id: str


class Erasures:
    """The things that wait, as one unit of work sees them."""

    def __init__(self, session: Session, now: datetime):
        self._session, self._now = session, now

    def wait(self, subject: str, request_id: str) -> None:
        """Remember to erase this once it has ended."""
        row = {"subject": subject, "request_id": request_id, "asked_at": self._now}
        add_if_new(self._session, tables.erasures, row)

    def waiting(self, over: sa.ColumnElement[bool], after: str = "") -> list[Waiting]:
        """Return a page of what waits and has ended, in the order of its numbers: what is open holds up nothing.

        over: the condition on a row of `tables.erasures` that its subject has ended.
        """
        query = sa.select(_ROW.subject, _ROW.request_id).where(over, _ROW.subject > after)
        return [Waiting(*found) for found in self._session.execute(query.order_by(_ROW.subject).limit(PAGE))]

    def done(self, subject: str) -> None:
        """Let it wait no longer."""
        self._session.execute(sa.delete(tables.erasures).where(_ROW.subject == subject))

    def drop_keys(self, *subjects: str) -> None:
        """Forget the keys of these chains: what was personal in their entries can be read no more, ever."""
        self._session.execute(sa.update(_HEAD).where(_HEAD.c.subject.in_(subjects)).values(key=""))

    def drop_keys_of_order(self, order_number: str) -> None:
        """Forget the keys of all chains that have entries about an order, the order's own among them."""
        about = sa.select(tables.journal.c.subject).where(tables.journal.c.order_number == order_number)
        which = sa.or_(_HEAD.c.subject == order_number, _HEAD.c.subject.in_(about))
        self._session.execute(sa.update(_HEAD).where(which).values(key=""))

    def forget_copies(self, *texts: str) -> None:
        """Drop what the kit keeps of a customer: replies to repeated commands, and messages that are given up.

        It reads all of them, so forget a page of customers at once.

        texts: what they are known by there, such as the number of an order or a mailbox. Messages by which
        services tell each other of an erasure name no person; without them it would never end.
        """
        if not texts:
            return
        reply, inbox = tables.idempotency_keys.c.reply, tables.inbox.c
        said, told = (sa.or_(*(_says(column, text) for text in texts)) for column in (reply, inbox.message))
        self._session.execute(sa.delete(tables.idempotency_keys).where(said))
        given_up = sa.and_(inbox.dead_at.is_not(None), inbox.handler.not_in(TELL_OF_ERASURES))
        self._session.execute(sa.update(tables.inbox).where(given_up, told).values(message=None))


def _says(column: sa.ColumnElement[str], text: str) -> sa.ColumnElement[bool]:
    """Return whether the JSON in a column has that text; a mailbox only as a whole, since others may end with it."""
    if "@" not in text:
        return column.contains(text, autoescape=True)
    return sa.or_(*(column.contains(f'{before}{text}"', autoescape=True) for before in ('"', ":")))
