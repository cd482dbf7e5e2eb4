"""The journal: what a service did, entry by entry, and the source of all events (standard, section 2: "all order
processing links are recorded in real time to ensure the traceability of order data").

Entries are written in the same transaction as the rows they tell of, and never changed: the database refuses it. Each
entry carries the hash of the one before it in its subject's chain, so that `verify` finds an entry that was edited,
removed (the last one too: `journal_heads` knows where each chain ends) or slipped in.

    with self.work() as work:
        work.journal.record(order.confirm(...))        # written once, when the work commits

An entry's hash is SHA-256 over the canonical JSON of its fields in `_HASHED`, the previous hash among them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common import journal_rows, tables, tracing
from services.common.caller import Caller
from services.common.clock import rfc3339
from services.common.events import Event
from services.common.ids import new_id
from services.common.journal_rows import GENESIS

PUBLIC, INTERNAL = "public", "internal"
TIMELINE_LIMIT = 1000
_HASHED = (
    "id", "subject", "subject_seq", "order_number", "type", "version", "actor", "occurred_at", "trace_id",
    "causation_id", "body", "audience", "prev_hash",
)  # fmt: skip


@dataclass(frozen=True)
class Flaw:
    """What `verify` found: where, and what is wrong there."""

    subject: str
    subject_seq: int
    what: str


class Journal:
    """The journal of one unit of work. Nothing is written before `flush`, which the work calls as it commits."""

    def __init__(self, session: Session, caller: Caller, now: datetime):
        self._session, self._caller, self._now = session, caller, now
        self._pending: list[Event] = []

    def record(self, *events: Event | None) -> None:
        """Have the events written with this work; None (nothing happened) is passed over."""
        self._pending += [event for event in events if event is not None]

    @property
    def pending(self) -> list[Event]:
        """The events recorded by this work and not yet written."""
        return list(self._pending)

    def flush(self) -> int:
        """Write what was recorded: the chains' heads are locked, in one order, so that chains never fork."""
        if not self._pending:
            return 0
        events, self._pending = self._pending, []
        heads = journal_rows.lock_heads(self._session, {event.subject for event in events})
        entries = [self._entry(event, heads) for event in events]
        journal_rows.write(self._session, entries, heads, [event.followed for event in events])
        return len(entries)

    def timeline(self, order_number: str, *, public_only: bool, limit: int = TIMELINE_LIMIT) -> list[dict[str, Any]]:
        """The entries about one order, oldest first, in the form that travels (`wire`); the latest, if too many."""
        query = (
            sa.select(tables.journal)
            .where(tables.journal.c.order_number == order_number)
            .order_by(tables.journal.c.position.desc())
            .limit(limit)
        )
        if public_only:
            query = query.where(tables.journal.c.audience == PUBLIC)
        return [wire(dict(row)) for row in reversed(self._session.execute(query).mappings().all())]

    def verify(self, subject: str | None = None) -> Iterator[Flaw]:
        """Every flaw in every chain (or in one): none is the proof."""
        yield from verify(self._session, subject)

    def _entry(self, event: Event, heads: dict[str, tuple[int, str]]) -> dict[str, Any]:
        seq, prev_hash = heads[event.subject]
        entry = {
            "id": new_id(),
            "subject": event.subject,
            "subject_seq": seq + 1,
            "order_number": event.order,
            "type": event.type,
            "version": event.version,
            "actor": self._caller.actor,
            "occurred_at": self._now,
            "trace_id": self._caller.trace_id,
            "causation_id": self._caller.causation_id,
            "body": canonical(event.body()),
            "audience": event.audience,
            "prev_hash": prev_hash,
        }
        entry["hash"] = entry_hash(entry)
        heads[event.subject] = (seq + 1, str(entry["hash"]))
        tracing.recorded(entry)
        return entry


def canonical(value: Any) -> str:
    """The one JSON text of a value: sorted keys, no spaces, no floats that are not numbers."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def entry_hash(entry: Mapping[str, Any]) -> str:
    """SHA-256, in hex, of an entry's fields and the hash before it."""
    fields = {name: entry[name] for name in _HASHED}
    fields["occurred_at"] = rfc3339(entry["occurred_at"])
    return hashlib.sha256(canonical(fields).encode()).hexdigest()


def wire(row: Mapping[str, Any]) -> dict[str, Any]:
    """An entry as it travels and as timelines show it."""
    return {
        "id": row["id"],
        "type": row["type"],
        "version": row["version"],
        "subject": row["subject"],
        "subject_seq": row["subject_seq"],
        "order_number": row["order_number"],
        "occurred_at": rfc3339(row["occurred_at"]),
        "actor": row["actor"],
        "trace_id": row["trace_id"],
        "causation_id": row["causation_id"],
        "audience": row["audience"],
        "body": json.loads(row["body"]),
    }


def verify(session: Session, subject: str | None = None) -> Iterator[Flaw]:
    """Walk the chains in (subject, seq) order and yield every flaw; memory stays small whatever their length."""
    query = sa.select(tables.journal).order_by(tables.journal.c.subject, tables.journal.c.subject_seq)
    heads = sa.select(tables.journal_heads)
    if subject is not None:
        query = query.where(tables.journal.c.subject == subject)
        heads = heads.where(tables.journal_heads.c.subject == subject)
    ends: dict[str, tuple[int, str]] = {}
    rows = session.execute(query.execution_options(yield_per=1000)).mappings()
    yield from _broken_links(map(dict, rows), ends)
    for head in session.execute(heads.execution_options(yield_per=1000)):
        seq, last = ends.pop(head.subject, (0, GENESIS))
        if seq < head.subject_seq:
            yield Flaw(head.subject, head.subject_seq, f"removed: the chain ends at {seq}")
        elif (seq, last) != (head.subject_seq, head.hash):
            yield Flaw(head.subject, seq, "inserted: the chain goes on past its recorded end")
    for orphan, (seq, _) in ends.items():
        yield Flaw(orphan, seq, "inserted: a chain that was never begun")


def _broken_links(rows: Iterable[Mapping[str, Any]], ends: dict[str, tuple[int, str]]) -> Iterator[Flaw]:
    for row in rows:
        seq, last = ends.get(row["subject"], (0, GENESIS))
        if row["subject_seq"] != seq + 1:
            yield Flaw(row["subject"], seq + 1, f"removed: {seq} is followed by {row['subject_seq']}")
        elif row["prev_hash"] != last:
            yield Flaw(row["subject"], row["subject_seq"], "the link to the entry before it does not fit")
        if row["hash"] != entry_hash(row):
            yield Flaw(row["subject"], row["subject_seq"], "edited: the entry does not fit its hash")
        ends[row["subject"]] = (row["subject_seq"], row["hash"])
