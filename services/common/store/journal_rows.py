"""How the journal gets into the database: two statements for whatever a unit of work has recorded.

`lock_heads` locks the ends of the chains that are about to grow (and gives a chain that begins now its head, so that
two who begin it at once wait for each other). `write` adds the entries, their outbox rows and the new ends.

On PostgreSQL each is one statement, since a round trip there costs more than the work: every transaction that records
anything pays for these. Rows travel as one array a column, so that the statement's text is the same for any number of
them. SQLite is in the process and has neither arrays nor a data-modifying CTE: there, and with PLEDGE_PLAIN=journal
(`basics.speed`), `write` is three plain ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics import speed
from services.common.basics.speed import Piece
from services.common.store import tables
from services.common.store.chain_keys import OWN
from services.common.store.direct import Rows, run

GENESIS = "0" * 64
"""The hash before the first entry of a chain."""
Heads = dict[str, tuple[int, str]]
HELD = "heads that are held"
"""Where a session keeps them."""
_COLUMNS = tuple(column.name for column in tables.journal.columns if column.name != "position")


class Locked(NamedTuple):
    """The ends of chains, and the key of each ("" where it is erased)."""

    heads: Heads
    keys: dict[str, str]


def hold_head(session: Session, subject: str) -> str:
    """Return the key of a chain, for rows that are sealed with it (`sealed_rows`); it begins if it has not.

    It is locked from now on, and `lock_heads` does not ask for it again.
    """
    held: dict[str, tuple[tuple[int, str], str]] = session.info.setdefault(HELD, {})
    if subject not in held:
        heads, keys = _lock(session, [subject])
        held[subject] = (heads[subject], keys[subject])
    return held[subject][1]


def begin_head(session: Session, subject: str) -> None:
    """Begin a chain that has not begun yet; who is wrong about that fails. `lock_heads` does not ask for it."""
    key = OWN.new_key()
    run(session, _BEGIN, {"subject": subject, "subject_seq": 0, "hash": GENESIS, "key": key}, later=True)
    session.info.setdefault(HELD, {})[subject] = ((0, GENESIS), key)


def lock_heads(session: Session, subjects: set[str]) -> Locked:
    """Return the last entry of each chain and its key, locked in one order until the transaction ends.

    A chain that has no key yet is given one.
    """
    held = session.info.pop(HELD, {})
    others = sorted(subjects - held.keys())
    heads, keys = _lock(session, others) if others else Locked({}, {})
    for subject in subjects & held.keys():
        heads[subject], keys[subject] = held[subject]
    return Locked(heads, keys)


def _lock(session: Session, named: Sequence[str]) -> Locked:
    if _plainly(session):
        values = {"genesis": GENESIS, **{f"subject_{place}": subject for place, subject in enumerate(named)}}
        values |= {f"key_{place}": OWN.new_key() for place in range(len(named))}
        rows: Rows = session.execute(_lock_plainly(len(named)), values).all()
    else:
        keys = [OWN.new_key() for _ in named]
        rows = run(session, _LOCK, {"subjects": list(named), "keys": keys, "genesis": GENESIS})
    return Locked({row[0]: (row[1], row[2]) for row in rows}, {row[0]: row[3] for row in rows})


def write(
    session: Session,
    entries: Sequence[Mapping[str, object]],
    heads: Heads,
    followed: Sequence[bool],
    *,
    commit: bool = False,
) -> None:
    """Add the entries, in order, with an outbox row each, and move the heads of their chains.

    commit: nothing follows in this transaction (`postgres`).
    """
    if _plainly(session):
        _write_one_by_one(session, entries, heads, followed)
        return
    values: dict[str, object] = {name: [entry[name] for entry in entries] for name in _COLUMNS}
    values |= {"followed": list(followed), "heads": list(heads)}
    values |= {"seqs": [seq for seq, _ in heads.values()], "lasts": [last for _, last in heads.values()]}
    run(session, _WRITE, values, commit=commit)


def _plainly(session: Session) -> bool:
    """Return whether to use plain statements, which both databases know."""
    return not speed.is_on(Piece.JOURNAL) or session.get_bind().dialect.name == "sqlite"


def _write_one_by_one(
    session: Session, entries: Sequence[Mapping[str, object]], heads: Heads, followed: Sequence[bool]
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


_BEGIN = sa.insert(tables.journal_heads)
_ON_CONFLICT = (
    "ON CONFLICT (subject) DO UPDATE SET key = coalesce(journal_heads.key, excluded.key) "
    "RETURNING subject, subject_seq, hash, key"
)
_ARRAYS = {"subject_seq": "integer", "version": "integer", "occurred_at": "timestamptz"}
_LOCK = sa.text(
    "INSERT INTO journal_heads (subject, subject_seq, hash, key) SELECT subject, 0, :genesis, key "
    "FROM unnest(CAST(:subjects AS text[]), CAST(:keys AS text[])) AS named (subject, key) " + _ON_CONFLICT
)
_WRITE = sa.text(
    f"WITH entry AS (INSERT INTO journal ({', '.join(_COLUMNS)}) SELECT {', '.join(_COLUMNS)} FROM unnest("
    + ", ".join(f"CAST(:{name} AS {_ARRAYS.get(name, 'text')}[])" for name in _COLUMNS)
    + f") WITH ORDINALITY AS given ({', '.join(_COLUMNS)}, place) ORDER BY place), "
    "waiting AS (INSERT INTO outbox (entry_id, followed) SELECT id, followed FROM unnest(CAST(:id AS text[]), "
    "CAST(:followed AS boolean[])) WITH ORDINALITY AS given (id, followed, place) ORDER BY place) "
    "UPDATE journal_heads SET subject_seq = ended.seq, hash = ended.last FROM unnest(CAST(:heads AS text[]), "
    "CAST(:seqs AS integer[]), CAST(:lasts AS text[])) AS ended (subject, seq, last) "
    "WHERE journal_heads.subject = ended.subject"
)


@lru_cache(maxsize=64)
def _lock_plainly(count: int) -> sa.TextClause:
    rows = ", ".join(f"(:subject_{place}, 0, :genesis, :key_{place})" for place in range(count))
    return sa.text(f"INSERT INTO journal_heads (subject, subject_seq, hash, key) VALUES {rows} {_ON_CONFLICT}")
