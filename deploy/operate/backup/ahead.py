"""Find services that know more of a restored service's chains than the service itself, and what that was.

Every inbox keeps which entry of which chain it handled. Where that is past the end of the owner's chain, the entry was
recorded after the backup and is lost to its owner.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

import sqlalchemy as sa

from services.common.runtime.messaging import subscriptions
from services.common.store import tables
from services.common.store.database import Store, Work
from services.common.store.restored import JournalRestored
from services.members import service_class

MARGIN = timedelta(hours=24)
"""How far before a backup one looks: clocks differ, transactions take their time, queues may have been held up."""
BATCH = 500
_ROW = tables.inbox.c


@dataclass
class Ahead:
    """One chain: its last number here, the last that others know, and what they know beyond ours."""

    subject: str
    own_seq: int
    known_seq: int = 0
    lost: dict[int, str] = field(default_factory=dict)
    known_by: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        what = ", ".join(self.lost[seq] for seq in sorted(self.lost))
        return (
            f"{self.subject}: {self.own_seq} here, {self.known_seq} known to {', '.join(sorted(self.known_by))}: {what}"
        )


def find(service: str, own: Store, others: Mapping[str, Store], since: datetime) -> list[Ahead]:
    """Find the chains of `service` that others know further than it does, by what they handled since that time."""
    found: dict[str, Ahead] = {}
    for other, store in others.items():
        types = {method: type_ for source, type_, method in subscriptions(service_class(other)) if source == service}
        rows = _known(store, list(types), since)
        while known := list(islice(rows, BATCH)):
            ends = _ends(own, {subject for subject, _, _ in known})
            for subject, seq, handler in known:
                end = ends.get(subject, 0)
                if seq > end:
                    ahead = found.setdefault(subject, Ahead(subject, end))
                    ahead.known_seq = max(seq, ahead.known_seq)
                    ahead.lost[seq] = types[handler]
                    ahead.known_by.add(other)
    return sorted(found.values(), key=lambda each: each.subject)


def declare(own: Store, chains: list[Ahead], backup_of: datetime) -> None:
    """Continue those chains past what others know, each with an entry that says what was lost."""
    with own.work(Work) as work:
        orders = _orders(work, [each.subject for each in chains])
        for each in chains:
            gap = JournalRestored(
                chain=each.subject,
                order_number=orders.get(each.subject),
                backup_of=backup_of,
                lost_from=each.own_seq + 1,
                lost_to=each.known_seq,
                lost=tuple(each.lost[seq] for seq in sorted(each.lost)),
                known_by=tuple(sorted(each.known_by)),
            )
            work.journal.go_on_after(gap)


def to_do_again(store: Store) -> dict[str, list[str]]:
    """Return what restores have lost and what was not recorded again since: {chain: [types]}."""
    journal = tables.journal.c
    marks = sa.select(journal.subject).where(journal.type == JournalRestored.type)
    query = sa.select(journal.subject, journal.type, journal.body).where(journal.subject.in_(marks))
    missing: dict[str, list[str]] = defaultdict(list)
    with store.reader.connect() as connection:
        for subject, type_, body in connection.execute(query.order_by(journal.subject, journal.subject_seq)):
            if type_ == JournalRestored.type:
                missing[subject] += json.loads(body)["lost"]
            elif type_ in missing[subject]:
                missing[subject].remove(type_)
    return {subject: types for subject, types in missing.items() if types}


def _known(store: Store, handlers: list[str], since: datetime) -> Iterator[tuple[str, int, str]]:
    """Yield (subject, its number, handler) of what was handled, and of what failed and waits to be."""
    done = sa.select(_ROW.subject, _ROW.subject_seq, _ROW.handler).where(
        _ROW.handler.in_(handlers), _ROW.done_at >= since, _ROW.subject.is_not(None)
    )
    waiting = sa.select(_ROW.message, _ROW.subject, _ROW.subject_seq, _ROW.handler).where(
        _ROW.handler.in_(handlers), _ROW.done_at.is_(None), _ROW.message.is_not(None)
    )
    with store.reader.connect() as connection:
        for subject, seq, handler in connection.execute(done):
            yield subject, seq, handler
        for message, subject, seq, handler in connection.execute(waiting):
            if subject is not None:
                yield subject, seq, handler
            elif not message.startswith("~"):  # of a release before; what it sealed cannot be read without its key
                envelope = json.loads(message)
                yield envelope["subject"], envelope["subject_seq"], handler


def _ends(store: Store, subjects: set[str]) -> dict[str, int]:
    head = tables.journal_heads.c
    with store.reader.connect() as connection:
        rows = connection.execute(sa.select(head.subject, head.subject_seq).where(head.subject.in_(subjects)))
        return {subject: seq for subject, seq in rows}


def _orders(work: Work, subjects: list[str]) -> dict[str, str]:
    """Return the order that each chain belongs to, as far as something is left of it."""
    journal = tables.journal.c
    query = sa.select(journal.subject, journal.order_number).where(
        journal.subject.in_(subjects), journal.order_number.is_not(None)
    )
    return {subject: number for subject, number in work.session.execute(query)}
