"""The inbox: each event handled exactly once in effect, and none forgotten.

`accept` marks events as handled in the very transaction that holds the handlers' effects, so that a redelivery, a
second replica or a crash between the two cannot double or lose it. What a handler could not do is `record_failure`d
with its message, retried with growing pauses, and parked as dead after the last attempt, where `redrive` picks it up.

A row is in one of four states: done (`done_at`), due (`next_attempt_at`), dead (`dead_at`), or being handled for the
first time (no row is visible to others before the transaction ends).

A message that is kept names customers, so it stands sealed in the database (`chain_keys`). That no key of ours opens it
counts as an attempt too: it ends as a dead letter that says which key it needs, and can be redriven with that key.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.message import Message
from services.common.store import tables
from services.common.store.chain_keys import OWN, KeyMissing
from services.common.store.direct import Rows, run
from services.common.store.statements import earliest
from services.common.store.upsert import Insert, dialect_insert

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 12
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=0.5), timedelta(minutes=5)
CLAIM = timedelta(seconds=30)
KEPT = timedelta(days=90)
_NEXT_ATTEMPT = earliest(tables.inbox.c.next_attempt_at)
SUBJECT, LAST = 64, 2**31 - 1
"""Characters of a chain's name, and the highest number of an entry, that fit a row."""


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after so many failed attempts: 0.5 s, 1 s, 2 s … 5 min."""
    return min(FIRST_PAUSE * int(2 ** (attempts - 1)), LONGEST_PAUSE)


class Kept(NamedTuple):
    """A message that is due for another attempt."""

    handler: str
    event_id: str
    message: str


class Inbox:
    """The inbox as one unit of work sees it."""

    def __init__(self, session: Session, now: datetime):
        self._session, self._now = session, now

    def accept(self, messages: Iterable[Message]) -> list[Message]:
        """Return the events that are to be handled now: neither done nor parked.

        One statement, in one order: a second transaction with the same event waits for the first and finds it done.
        """
        named = {(each.handler, each.id): each for each in messages}
        rows = [
            {"handler": handler, "event_id": id_, "done_at": self._now,
             "subject": each.subject, "subject_seq": each.subject_seq}
            for (handler, id_), each in sorted(named.items(), key=lambda item: item[0])
        ]  # fmt: skip
        if not rows:
            return []
        if self._session.get_bind().dialect.name == "sqlite":
            found: Rows = self._session.execute(_accept(dialect_insert(self._session)), rows).all()
        else:
            columns = {name: [row[name] for row in rows] for name in ("handler", "event_id", "subject", "subject_seq")}
            found = run(self._session, _ACCEPT, {**columns, "at": self._now})
        accepted = {(handler, id_) for handler, id_ in found}
        return [each for name, each in named.items() if name in accepted]

    def record_failure(self, handler: str, event_id: str, message: str, error: str, *, fatal: bool = False) -> bool:
        """Keep a message whose handler failed, for a later attempt.

        Return True if that was the last one (or `fatal`).
        """
        about = _place_of(message)  # in words that need no key: a restore compares them
        row, message, error = tables.inbox.c, OWN.wrap(_storable(message)), _storable(error)[:2000]
        insert = dialect_insert(self._session)(tables.inbox).values(
            handler=handler, event_id=event_id, message=message, error=error, attempts=1, **about
        )
        upsert = insert.on_conflict_do_update(
            index_elements=["handler", "event_id"],
            set_={"attempts": row.attempts + 1, "error": error, "message": message},
            where=sa.and_(row.done_at.is_(None), row.dead_at.is_(None)),
        ).returning(row.attempts)
        attempts = self._session.execute(upsert).scalar_one_or_none()
        if attempts is None:
            return False
        dead = fatal or attempts >= MAX_ATTEMPTS
        self._session.execute(
            sa.update(tables.inbox)
            .where(row.handler == handler, row.event_id == event_id)
            .values(self._next(attempts, dead))
        )
        return dead

    def next_attempt(self) -> datetime | None:
        """Return when the next attempt is due, if any is."""
        return self._session.execute(_NEXT_ATTEMPT).scalar_one_or_none()

    def claim_due(self, limit: int = 20) -> list[Kept]:
        """Return what is due for another attempt, claimed for `CLAIM`. What no key of ours opens has failed again."""
        row = tables.inbox.c
        due = (
            sa.select(row.handler, row.event_id, row.message, row.attempts)
            .where(row.next_attempt_at <= self._now)
            .order_by(row.next_attempt_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        found = []
        for item in self._session.execute(due).all():
            after: dict[str, object] = {"next_attempt_at": self._now + CLAIM}
            try:
                found.append(Kept(item.handler, item.event_id, OWN.unwrap(item.message)))
            except KeyMissing as problem:
                log.error("inbox: %s %s cannot be opened: %s", item.handler, item.event_id, problem)
                attempts = item.attempts + 1
                error = f"{type(problem).__name__}: {problem}"
                after = {"attempts": attempts, "error": error, **self._next(attempts, attempts >= MAX_ATTEMPTS)}
            this = sa.and_(row.handler == item.handler, row.event_id == item.event_id)
            self._session.execute(sa.update(tables.inbox).where(this).values(after))
        return found

    def _next(self, attempts: int, dead: bool) -> dict[str, object]:
        """Return when a message that failed so often is tried again, or that it is not."""
        later = self._now + pause_after(attempts)
        return {"next_attempt_at": None if dead else later, "dead_at": self._now if dead else None}

    def hand_over(self, kept: Kept, event: Message) -> None:
        """Keep what was claimed for that handler instead, unless it knows the event already."""
        row = tables.inbox.c
        self.record_failure(event.handler, event.id, kept.message, f"was kept for {kept.handler}")
        self._session.execute(sa.delete(tables.inbox).where(row.handler == kept.handler, row.event_id == kept.event_id))

    def dead(self, limit: int = 200) -> list[dict[str, object]]:
        """Return the parked messages, oldest first, with their errors."""
        row = tables.inbox.c
        query = sa.select(tables.inbox).where(row.dead_at.is_not(None)).order_by(row.dead_at).limit(limit)
        return [
            {
                "handler": item.handler,
                "event_id": item.event_id,
                "attempts": item.attempts,
                "error": item.error,
                "dead_at": item.dead_at,
                "message": _readable(item.message),
            }
            for item in self._session.execute(query)
        ]

    def redrive(self, event_ids: Iterable[str] | None = None) -> int:
        """Give parked messages (all, or these) new attempts, beginning now. Return how many there were."""
        row = tables.inbox.c
        update = sa.update(tables.inbox).where(row.dead_at.is_not(None), row.message.is_not(None))
        if event_ids is not None:
            update = update.where(row.event_id.in_(list(event_ids)))
        values = {"dead_at": None, "attempts": 0, "next_attempt_at": self._now}
        return int(self._session.execute(update.values(values)).rowcount)  # type: ignore[attr-defined]

    def forget_old(self) -> int:
        """Drop what was handled longer ago than any redelivery can come (90 days), and what dead messages said."""
        row = tables.inbox.c
        given_up = sa.and_(row.dead_at < self._now - KEPT, row.message.is_not(None))
        self._session.execute(sa.update(tables.inbox).where(given_up).values(message=None))
        delete = sa.delete(tables.inbox).where(tables.inbox.c.done_at < self._now - KEPT)
        return int(self._session.execute(delete).rowcount)  # type: ignore[attr-defined]


_ACCEPT = sa.text(
    "INSERT INTO inbox (handler, event_id, subject, subject_seq, done_at) SELECT new.*, CAST(:at AS timestamptz) "
    "FROM unnest(CAST(:handler AS text[]), CAST(:event_id AS text[]), CAST(:subject AS text[]), "
    "CAST(:subject_seq AS integer[])) AS new ON CONFLICT (handler, event_id) DO UPDATE SET done_at = excluded.done_at, "
    "subject = excluded.subject, subject_seq = excluded.subject_seq, next_attempt_at = NULL, error = NULL, "
    "message = NULL WHERE inbox.done_at IS NULL AND inbox.dead_at IS NULL RETURNING handler, event_id"
)
"""One text for any number of events."""


@lru_cache
def _accept(insert: Insert) -> sa.Executable:
    row, new = tables.inbox.c, insert(tables.inbox)
    known = {name: new.excluded[name] for name in ("done_at", "subject", "subject_seq")}
    return new.on_conflict_do_update(
        index_elements=["handler", "event_id"],
        set_={**known, "next_attempt_at": None, "error": None, "message": None},
        where=sa.and_(row.done_at.is_(None), row.dead_at.is_(None)),
    ).returning(row.handler, row.event_id)


def _place_of(message: str) -> dict[str, str | int]:
    """Return the chain of a message and its place there; nothing for what says neither."""
    try:
        told = json.loads(message)
        subject, seq = told["subject"], told["subject_seq"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    fits = isinstance(subject, str) and len(subject) <= SUBJECT and isinstance(seq, int) and 0 < seq <= LAST
    return {"subject": subject, "subject_seq": seq} if fits else {}


def _storable(text: str) -> str:
    """Escape what a database cannot store: NUL in PostgreSQL, and lone surrogates in both."""
    return text.replace("\0", "\\u0000").encode(errors="backslashreplace").decode()


def _readable(stored: str | None) -> object:
    """Return the envelope as JSON, or the text itself if it is not JSON."""
    message = opened(stored)
    try:
        return json.loads(message or "null")
    except ValueError:
        return message


def opened(stored: str | None) -> str | None:
    """Return a kept message for a person to read; in its place that it is sealed, where no key of ours opens it."""
    try:
        return OWN.unwrap(stored) if stored else stored
    except KeyMissing as problem:
        return f"sealed: {problem}"
