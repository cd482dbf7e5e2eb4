"""How the journal gets into the database: two statements for whatever a unit of work has recorded.

`lock_heads` locks the ends of the chains that are about to grow (and gives a chain that begins now its head, so that
two who begin it at once wait for each other). `write` adds the entries, their outbox rows and the new ends.

On PostgreSQL each is one statement, since a round trip there costs more than the work: every transaction that records
anything pays for these. SQLite is in the process and has no data-modifying CTE: there, `write` is three plain ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common import tables

GENESIS = "0" * 64
"""The hash before the first entry of a chain."""
Heads = dict[str, tuple[int, str]]
_COLUMNS = tuple(column.name for column in tables.journal.columns if column.name != "position")


def lock_heads(session: Session, subjects: set[str]) -> Heads:
    """(sequence number, hash) of the last entry of each chain, locked in one order until the work ends."""
    named = {f"subject_{place}": subject for place, subject in enumerate(sorted(subjects))}
    found = session.execute(_lock(len(named)), {**named, "genesis": GENESIS})
    return {subject: (seq, last) for subject, seq, last in found}


def write(session: Session, entries: Sequence[Mapping[str, Any]], heads: Heads, followed: Sequence[bool]) -> None:
    """Add the entries, in order, with an outbox row each, and move the heads of their chains."""
    if session.get_bind().dialect.name == "sqlite":
        _write_one_by_one(session, entries, heads, followed)
        return
    values: dict[str, Any] = {}
    for place, (entry, flag) in enumerate(zip(entries, followed, strict=True)):
        values |= {f"{name}_{place}": entry[name] for name in _COLUMNS}
        values[f"followed_{place}"] = flag
    for place, (subject, (seq, last)) in enumerate(heads.items()):
        values |= {f"head_{place}": subject, f"seq_{place}": seq, f"last_{place}": last}
    session.execute(_write(len(entries), len(heads)), values)


def _write_one_by_one(
    session: Session, entries: Sequence[Mapping[str, Any]], heads: Heads, followed: Sequence[bool]
) -> None:
    head = tables.journal_heads
    session.execute(sa.insert(tables.journal), [dict(entry) for entry in entries])
    waiting = [{"entry_id": entry["id"], "followed": flag} for entry, flag in zip(entries, followed, strict=True)]
    session.execute(sa.insert(tables.outbox), waiting)
    move = sa.update(head).where(head.c.subject == sa.bindparam("of"))
    session.connection().execute(
        move.values(subject_seq=sa.bindparam("seq"), hash=sa.bindparam("last")),
        [{"of": subject, "seq": seq, "last": last} for subject, (seq, last) in heads.items()],
    )


@lru_cache(maxsize=64)
def _lock(count: int) -> sa.TextClause:
    rows = ", ".join(f"(:subject_{place}, 0, :genesis)" for place in range(count))
    return sa.text(
        f"INSERT INTO journal_heads (subject, subject_seq, hash) VALUES {rows} "  # noqa: S608 (only names of parameters)
        "ON CONFLICT (subject) DO UPDATE SET subject_seq = journal_heads.subject_seq "
        "RETURNING subject, subject_seq, hash"
    )


@lru_cache(maxsize=256)
def _write(entries: int, heads: int) -> sa.TextClause:
    journal = ", ".join(f"({', '.join(f':{name}_{place}' for name in _COLUMNS)})" for place in range(entries))
    outbox = ", ".join(f"(:id_{place}, :followed_{place})" for place in range(entries))
    ends = ", ".join(f"(:head_{place}, :seq_{place}, :last_{place})" for place in range(heads))
    return sa.text(
        f"WITH entry AS (INSERT INTO journal ({', '.join(_COLUMNS)}) VALUES {journal}), "  # noqa: S608 (as above)
        f"waiting AS (INSERT INTO outbox (entry_id, followed) VALUES {outbox}) "
        "UPDATE journal_heads SET subject_seq = ended.seq, hash = ended.last "
        f"FROM (VALUES {ends}) AS ended (subject, seq, last) WHERE journal_heads.subject = ended.subject"
    )
