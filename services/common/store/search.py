"""Find things by the words in them: a small table of terms per service, on both databases alike.

    search_words = search.table(metadata)
    search.put(session.connection(), search_words, number, "who", terms(name, email))
    query.where(search.matches(row.number, search_words, wanted(q)))

`basics.searching` makes terms and folds them. A term is found by its beginning, so the index on the term serves each
search, of two characters too. It needs no extension: trigrams (pg_trgm) and SQLite's FTS5 know no two characters, and
what FTS5 has deleted stays in its segments, where no erasure reaches it.

A subject's terms are kept in parts, so that one of them can be replaced. They are personal data: an erasure of the
subject calls `forget`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from services.common.basics import searching
from services.common.basics.personal import ERASED
from services.common.basics.searching import LONGEST, Wanted
from services.common.store.statements import LATER
from services.common.store.upsert import insert_new

Begins = Callable[[str], sa.Select[tuple[str]]]
"""Selects the subjects that have a term with this beginning."""

# by code points on both databases, whatever the language of the database
TERM = sa.String(LONGEST).with_variant(sa.String(LONGEST, collation="C"), "postgresql")
_LAST = "\U0010ffff"


def table(metadata: sa.MetaData) -> sa.Table:
    """Return the table of terms of a service."""
    return sa.Table(
        "search_words",
        metadata,
        sa.Column("subject", sa.String(20), primary_key=True),
        sa.Column("part", sa.String(10), primary_key=True),
        sa.Column("word", TERM, primary_key=True),
        sa.Index("ix_search_words_word_subject", "word", "subject"),
    )


def put(connection: sa.Connection, words: sa.Table, subject: str, part: str, terms: Iterable[str]) -> None:
    """Add terms to a part of what a subject is found by. Terms that it has already make no difference."""
    found = sorted({term for term in terms if term})
    if found and connection.dialect.name == "postgresql":  # many rows at once are a round trip; this is none
        connection.execute(_put(words), {"subject": subject, "part": part, "words": found}, execution_options=LATER)
    elif found:
        rows = [{"subject": subject, "part": part, "word": term} for term in found]
        connection.execute(insert_new(connection, words), rows, execution_options=LATER)


@cache
def _put(words: sa.Table) -> sa.Executable:
    """Return the statement that adds an array of terms."""
    subject, part = sa.bindparam("subject", type_=sa.String), sa.bindparam("part", type_=sa.String)
    given = sa.select(subject, part, sa.func.unnest(sa.bindparam("words", type_=postgresql.ARRAY(sa.Text))))
    return postgresql.insert(words).from_select(["subject", "part", "word"], given).on_conflict_do_nothing()


def replace(connection: sa.Connection, words: sa.Table, subject: str, part: str, terms: Iterable[str]) -> None:
    """Replace a part of what a subject is found by."""
    _forget(connection, words, words.c.subject == subject, words.c.part == part)
    put(connection, words, subject, part, terms)


def forget(session: Session, words: sa.Table, subject: str, *parts: str) -> None:
    """Forget these parts of what a subject is found by, after all that is still to be written of it."""
    session.flush()
    _forget(session.connection(), words, words.c.subject == subject, words.c.part.in_(parts))


def _forget(connection: sa.Connection, words: sa.Table, *which: sa.ColumnElement[bool]) -> None:
    connection.execute(sa.delete(words).where(*which))


def begins(words: sa.Table) -> Begins:
    """Return the selection of the subjects that have a term with a beginning."""
    row = words.c
    return lambda start: sa.select(row.subject).where(row.word >= start, row.word < start + _LAST)


def is_told(words: sa.Table, part: str, subject: sa.ColumnElement[str], erased: sa.ColumnElement[bool]) -> sa.Exists:
    """Match the subjects whose part has the terms of its row: any, or those of an erasure where that was.

    Code of a release without a search writes rows and erases them, during an update or after going back.
    """
    row = words.c
    right = sa.or_(~erased, row.word == searching.terms(ERASED)[0])
    return sa.exists().where(row.subject == subject, row.part == part, right)


def matches(subject: sa.ColumnElement[str], wanted: Wanted, having: Begins) -> sa.ColumnElement[bool]:
    """Match the subjects that hold all that is wanted; none where nothing is left of it to look for.

    One set is made of them, by unions and intersections: under OR a database would walk all rows.
    """
    words = [_set(sa.union, [_set(sa.intersect, [*map(having, way)]) for way in ways]) for ways in wanted.words]
    found = [having(each) for each in wanted.whole] + ([_set(sa.intersect, words)] if words else [])
    return subject.in_(_set(sa.union, found)) if found else sa.false()


def _set(
    join: Callable[..., sa.CompoundSelect[tuple[str]]], sets: Sequence[sa.Select[tuple[str]]]
) -> sa.Select[tuple[str]]:
    return sets[0] if len(sets) == 1 else sa.select(join(*sets).subquery().c[0])
