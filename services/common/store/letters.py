"""What a service has given up, and what it will do by itself next: for those who run it.

`list_dead` shows the parked messages of the inbox; that they were redriven is recorded (`LettersRedriven`).
`list_upcoming` reads the tables from which the service takes its work: jobs, notices about promises, further tries.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.api import DeadLetter, Upcoming
from services.common.basics.clock import rfc3339
from services.common.basics.events import Event
from services.common.basics.shapes import Page
from services.common.store import tables
from services.common.store.inbox import opened
from services.common.store.leases import PREFIX
from services.common.store.pages import page

OF_EACH = 20
OFTEN = timedelta(seconds=30)
"""Jobs that are due again within that time run all day, and are not worth a line."""


@dataclass(frozen=True, kw_only=True)
class LettersRedriven(Event):
    """A person gave messages that were given up another chance; the actor says who."""

    subject_field: ClassVar[str] = "inbox"
    followed: ClassVar[bool] = False

    inbox: str
    events: tuple[str, ...]
    redriven: int


def list_dead(session: Session, *, cursor: str | None = None, limit: int | None = None) -> Page[DeadLetter]:
    """Return a page of the messages that were given up, the oldest first."""
    row = tables.inbox.c
    query = sa.select(row.dead_at, row.event_id, row.handler, row.attempts, row.error, row.message).where(
        row.dead_at.is_not(None)
    )
    return page(session, query, (row.dead_at, row.event_id, row.handler), _show, cursor=cursor, limit=limit)


def _show(row: sa.Row[tuple[datetime, str, str, int, str | None, str | None]]) -> DeadLetter:
    return {
        "event_id": row.event_id,
        "handler": row.handler,
        "attempts": row.attempts,
        "error": row.error or "",
        "dead_at": rfc3339(row.dead_at),
        "message": _readable(opened(row.message)),
    }


def _readable(message: str | None) -> Mapping[str, object] | None:
    try:
        found = json.loads(message or "null")
    except ValueError:
        return {"text": message}
    return cast("Mapping[str, object]", found) if found is None or isinstance(found, dict) else {"text": message}


def list_upcoming(session: Session, now: datetime) -> list[Upcoming]:
    """Return what comes next, the soonest first."""
    clock, message, job = tables.commitments.c, tables.inbox.c, tables.schedule.c
    promises = sa.select(clock.next_notice_at, clock.kind, clock.subject, clock.order_number).where(
        clock.next_notice_at.is_not(None)
    )
    retries = sa.select(message.next_attempt_at, message.handler, message.event_id).where(
        message.next_attempt_at.is_not(None)
    )
    jobs = sa.select(job.next_at, job.name).where(job.next_at > now + OFTEN, ~job.name.startswith(PREFIX))
    found = [
        *(_upcoming("job", at, name.partition(".")[2]) for at, name in _soonest(session, jobs, job.next_at)),
        *(_upcoming("promise", *row) for row in _soonest(session, promises, clock.next_notice_at)),
        *(_upcoming("retry", *row) for row in _soonest(session, retries, message.next_attempt_at)),
    ]
    return sorted(found, key=lambda each: each["at"])


def _soonest(session: Session, query: sa.Select[Any], at: sa.ColumnElement[datetime]) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.execute(query.order_by(at).limit(OF_EACH))]


def _upcoming(
    kind: Literal["job", "promise", "retry"],
    at: datetime,
    what: str,
    subject: str | None = None,
    order_number: str | None = None,
) -> Upcoming:
    return {"at": rfc3339(at), "kind": kind, "what": what, "subject": subject, "order_number": order_number}
