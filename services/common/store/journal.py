"""The journal: what a service did, entry by entry, and the source of all events (standard, section 2: "all order
processing links are recorded in real time to ensure the traceability of order data").

Entries are written in the same transaction as the rows they tell of, and never changed: the database refuses it. Each
entry carries the hash of the one before it in its subject's chain, so that `verify` finds an entry that was edited,
removed (the last one too: `journal_heads` knows where each chain ends) or slipped in.

    with self.transaction() as work:
        work.journal.record(order.confirm(...))        # written once, when the work commits

What an event marks as personal is sealed before the entry is hashed (`sealing`): the chain verifies whether its key is
there or not.

An entry's hash is SHA-256 over the canonical JSON of its fields in `_HASHED`, the previous hash among them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common import tracing
from services.common.basics.api import TimelineEntry
from services.common.basics.caller import Caller
from services.common.basics.clock import rfc3339
from services.common.basics.events import Event
from services.common.basics.ids import new_id
from services.common.basics.personal import paths_of
from services.common.basics.untyped import Fields
from services.common.store import journal_rows, tables
from services.common.store.journal_rows import GENESIS
from services.common.store.restored import JournalRestored, declares_gap
from services.common.store.sealing import seal, unseal

PUBLIC, INTERNAL = "public", "internal"
TIMELINE_LIMIT = 1000
PAGE = 1000
_HEAD = tables.journal_heads
ENTRIES = sa.select(tables.journal, _HEAD.c.key.label("chain_key")).outerjoin_from(
    tables.journal, _HEAD, _HEAD.c.subject == tables.journal.c.subject
)
"""Selects entries with the keys that open them."""
_HASHED = (
    "id", "subject", "subject_seq", "order_number", "type", "version", "actor", "occurred_at", "trace_id",
    "causation_id", "body", "audience", "prev_hash",
)  # fmt: skip


@dataclass(frozen=True)
class ChainFlaw:
    """What `verify` found: where, and what is wrong there."""

    subject: str
    subject_seq: int
    what: str


class _Pending(NamedTuple):
    event: Event
    caller: Caller
    recorder: object
    """The span it is recorded in (`tracing.here`)."""


class Journal:
    """The journal of one unit of work. Nothing is written before `flush`, which the work calls as it commits."""

    def __init__(self, session: Session, caller: Callable[[], Caller], now: datetime):
        self._session, self._caller, self._now = session, caller, now
        self._pending: list[_Pending] = []

    def record(self, *events: Event | None) -> None:
        """Record events, to be written with this transaction. None (nothing happened) is ignored."""
        caller, recorder = self._caller(), tracing.here()
        self._pending += [_Pending(event, caller, recorder) for event in events if event is not None]

    def begin(self, subject: str) -> None:
        """Begin the chain of something whose name was made up just now: it costs no question about its end."""
        journal_rows.begin_head(self._session, subject)

    @property
    def pending(self) -> list[Event]:
        """The events recorded by this work and not yet written."""
        return [each.event for each in self._pending]

    def flush(self, *, commit: bool = False) -> int:
        """Write what was recorded: the chains' heads are locked, in one order, so that chains never fork.

        commit: this is the last that the transaction does, and may end it (it does on PostgreSQL).
        """
        if not self._pending:
            return 0
        pending, self._pending = self._pending, []
        heads, keys = journal_rows.lock_heads(self._session, {each.event.subject for each in pending})
        entries = [self._entry(*each, heads, keys) for each in pending]
        journal_rows.write(self._session, entries, heads, [each.event.followed for each in pending], commit=commit)
        return len(entries)

    def go_on_after(self, gap: JournalRestored) -> None:
        """Continue a chain that lost its end, at once, with an entry that declares the gap."""
        locked, keys = journal_rows.lock_heads(self._session, {gap.subject})
        heads = {gap.subject: (gap.lost_to, locked[gap.subject][1])}
        journal_rows.write(
            self._session, [self._entry(gap, self._caller(), tracing.here(), heads, keys)], heads, [gap.followed]
        )

    def timeline(self, order_number: str, *, public_only: bool, limit: int = TIMELINE_LIMIT) -> list[TimelineEntry]:
        """Return the entries about one order as they travel (`as_published`), oldest first; the latest, if too many."""
        query = (
            ENTRIES.where(tables.journal.c.order_number == order_number)
            .order_by(tables.journal.c.position.desc())
            .limit(limit)
        )
        if public_only:
            query = query.where(tables.journal.c.audience == PUBLIC)
        return [as_published(dict(row)) for row in reversed(self._session.execute(query).mappings().all())]

    def verify(self, subject: str | None = None) -> Iterator[ChainFlaw]:
        """Yield every flaw in every chain (or in one). None at all is the proof."""
        yield from verify(self._session, subject)

    def _entry(
        self,
        event: Event,
        caller: Caller,
        recorder: object,
        heads: dict[str, tuple[int, str]],
        keys: Mapping[str, str],
    ) -> dict[str, object]:
        seq, prev_hash = heads[event.subject]
        body, actor = seal(event.body(), caller.actor, paths_of(type(event)), keys[event.subject])
        entry = {
            "id": new_id(),
            "subject": event.subject,
            "subject_seq": seq + 1,
            "order_number": event.order,
            "type": event.type,
            "version": event.version,
            "actor": actor,
            "occurred_at": self._now,
            "trace_id": caller.trace_id,
            "causation_id": caller.causation_id,
            "body": canonical(body),
            "audience": event.audience,
            "prev_hash": prev_hash,
        }
        entry["hash"] = entry_hash(entry)
        heads[event.subject] = (seq + 1, str(entry["hash"]))
        tracing.recorded(entry, recorder)
        return entry


def canonical(value: object) -> str:
    """Return the one JSON text of a value: sorted keys, no spaces, no NaN or infinity."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def entry_hash(entry: Fields) -> str:
    """Return the SHA-256, in hex, of an entry's fields and the hash before it."""
    fields = {name: entry[name] for name in _HASHED}
    fields["occurred_at"] = rfc3339(entry["occurred_at"])
    return hashlib.sha256(canonical(fields).encode()).hexdigest()


def as_published(row: Fields) -> TimelineEntry:
    """Return an entry as it travels and as timelines show it.

    Personal texts are opened where the row has its `chain_key` (see ENTRIES), and are "erased" where it has none.
    """
    body, actor = unseal(row["body"], row["actor"], row.get("chain_key"))
    return {
        "id": row["id"],
        "type": row["type"],
        "version": row["version"],
        "subject": row["subject"],
        "subject_seq": row["subject_seq"],
        "order_number": row["order_number"],
        "occurred_at": rfc3339(row["occurred_at"]),
        "actor": actor,
        "trace_id": row["trace_id"],
        "causation_id": row["causation_id"],
        "audience": row["audience"],
        "body": json.loads(body),
    }


def verify(session: Session, subject: str | None = None) -> Iterator[ChainFlaw]:
    """Walk the chains in (subject, seq) order and yield every flaw; memory stays small whatever their length."""
    query = sa.select(tables.journal)
    heads = sa.select(tables.journal_heads)
    if subject is not None:
        query = query.where(tables.journal.c.subject == subject)
        heads = heads.where(tables.journal_heads.c.subject == subject)
    ends: dict[str, tuple[int, str]] = {}
    yield from _broken_links(_walk(session, query, tables.journal.c.subject, tables.journal.c.subject_seq), ends)
    for head in _walk(session, heads, tables.journal_heads.c.subject):
        seq, last = ends.pop(head["subject"], (0, GENESIS))
        if seq < head["subject_seq"]:
            yield ChainFlaw(head["subject"], head["subject_seq"], f"removed: the chain ends at {seq}")
        elif (seq, last) != (head["subject_seq"], head["hash"]):
            yield ChainFlaw(head["subject"], seq, "inserted: the chain goes on past its recorded end")
    for orphan, (seq, _) in ends.items():
        yield ChainFlaw(orphan, seq, "inserted: a chain that was never begun")


def _walk(session: Session, query: sa.Select[object], *order: sa.Column[object]) -> Iterator[Fields]:
    """Yield all rows in that (unique) order, read page by page."""
    page = after = query.order_by(*order).limit(PAGE)
    while rows := session.execute(after).mappings().all():
        yield from map(dict, rows)
        last = sa.tuple_(*(rows[-1][column.name] for column in order))
        after = page.where(sa.tuple_(*order) > last)


def _broken_links(rows: Iterable[Fields], ends: dict[str, tuple[int, str]]) -> Iterator[ChainFlaw]:
    for row in rows:
        seq, last = ends.get(row["subject"], (0, GENESIS))
        if row["subject_seq"] != seq + 1 and not declares_gap(row, json.loads(row["body"]), seq):
            yield ChainFlaw(row["subject"], seq + 1, f"removed: {seq} is followed by {row['subject_seq']}")
        elif row["prev_hash"] != last:
            yield ChainFlaw(row["subject"], row["subject_seq"], "the link to the entry before it does not fit")
        if row["hash"] != entry_hash(row):
            yield ChainFlaw(row["subject"], row["subject_seq"], "edited: the entry does not fit its hash")
        ends[row["subject"]] = (row["subject_seq"], row["hash"])
