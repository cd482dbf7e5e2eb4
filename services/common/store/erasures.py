"""What waits to be erased: things that are still open when their customer asks, and are erased once they have ended.

    work.erasures.wait(order_number, request_id)      # it is open: later
    for each in work.erasures.waiting(over): …        # by a timer: erase what has ended
    work.erasures.done(order_number)

The first request that finds a thing open is the one that it is erased for; a second one changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.store import tables
from services.common.store.chain_keys import OWN, KeyMissing
from services.common.store.journal_rows import HELD
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
        self._gone: dict[str, None] = {}

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

    def asked(self) -> datetime | None:
        """Return since when one of the things waits, if any does; which one, its key says without another index."""
        return self._session.scalar(sa.select(_ROW.asked_at).order_by(_ROW.subject).limit(1))

    def done(self, subject: str) -> None:
        """Let it wait no longer."""
        self._session.execute(sa.delete(tables.erasures).where(_ROW.subject == subject))

    def drop_keys(self, *subjects: str) -> None:
        """Forget the keys of these chains: what was personal in their entries can be read no more, ever."""
        self._session.info.pop(HELD, None)
        self._session.execute(sa.update(_HEAD).where(_HEAD.c.subject.in_(subjects)).values(key=""))

    def drop_keys_of_order(self, order_number: str) -> None:
        """Forget the keys of all chains that have entries about an order, the order's own among them."""
        self._session.info.pop(HELD, None)
        about = sa.select(tables.journal.c.subject).where(tables.journal.c.order_number == order_number)
        which = sa.or_(_HEAD.c.subject == order_number, _HEAD.c.subject.in_(about))
        self._session.execute(sa.update(_HEAD).where(which).values(key=""))

    def forget_copies(self, *texts: str) -> None:
        """Drop what the kit keeps of a customer: replies to repeated commands, and messages that are given up.

        All of them are opened for that, so it is done as the unit of work ends (`end`), once for all that it erases.
        A message that no key of ours opens goes too: it cannot be told whose it is. Such a reply stays until its day
        is over: without it, what was done is done again. A message that was given up for want of its key stays as well:
        it was not handled yet, and is most likely another customer's.

        texts: what they are known by there, such as the number of an order or a mailbox. Messages by which
        services tell each other of an erasure name no person; without them it would never end.
        """
        self._gone.update(dict.fromkeys(texts))

    def end(self) -> None:
        """Drop the copies that are to be forgotten. Called as the unit of work ends."""
        texts, self._gone = (*self._gone,), {}
        if not texts:
            return
        known, inbox = tables.idempotency_keys.c, tables.inbox.c
        replies = sa.select(known.key, known.reply).where(known.reply.is_not(None))
        for keys in self._that_say(replies, texts, sealed=False):
            self._session.execute(sa.delete(tables.idempotency_keys).where(known.key.in_([key for (key,) in keys])))
        waits_for_key = sa.func.coalesce(inbox.error, "").like(f"{KeyMissing.__name__}:%")
        dead = sa.and_(inbox.dead_at.is_not(None), inbox.handler.not_in(TELL_OF_ERASURES), sa.not_(waits_for_key))
        given_up = sa.select(inbox.handler, inbox.event_id, inbox.message).where(dead, inbox.message.is_not(None))
        for found in self._that_say(given_up, texts, sealed=True):
            these = sa.tuple_(inbox.handler, inbox.event_id).in_(found)
            self._session.execute(sa.update(tables.inbox).where(these).values(message=None))

    def _that_say(
        self, query: sa.Select[Any], texts: Sequence[str], *, sealed: bool
    ) -> Iterator[list[tuple[str, ...]]]:
        """Yield pages of the keys of rows whose last column says one of the texts. sealed: or cannot be opened."""
        found = [tuple(row[:-1]) for row in self._session.execute(query) if _says(row[-1], texts, sealed)]
        for start in range(0, len(found), PAGE):
            yield found[start : start + PAGE]


def _says(stored: str, texts: Sequence[str], sealed: bool) -> bool:
    """Return whether JSON has one of the texts; a mailbox only as a whole, since others may end with it."""
    try:
        said = OWN.unwrap(stored)
    except KeyMissing:
        return sealed
    return any(text in said if "@" not in text else f'"{text}"' in said or f':{text}"' in said for text in texts)
