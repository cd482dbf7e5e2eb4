"""Statements that are asked often are prepared on the server: read once a connection, and planned once.

    statement = as_prepared(connection, "SELECT … WHERE number = %(number)s")      # an EXECUTE, once it is prepared

None is marked: what this process has asked OFTEN is prepared, on each connection that asks for it, before the next
transaction there begins. So a statement that cannot be prepared harms none; it is asked plainly for ever. Whether one
plan serves all values is the server's to judge (plan_cache_mode). A name says what it is about, for who reads the
server's log or `pg_stat_activity`, and has a digest of the text: one name is one text, whichever process prepared it.

It outlives transactions and belongs to its connection. Where a pooler hands the server's connections from one
transaction to the next, leave it out: PLEDGE_PLAIN=prepared.
"""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from hashlib import sha256

import psycopg2
from psycopg2.extensions import connection

from services.common.basics import speed
from services.common.basics.speed import Piece

log = logging.getLogger(__name__)

OFTEN, KNOWN, MOST = 5, 2000, 150
"""How often a text is asked before it is prepared; how many texts are counted; how many a connection has prepared."""
OUTDATED = frozenset({"0A000", "26000"})
"""SQLSTATE: cached plan must not change result type; no such statement. The words are in the server's language."""
_NAME, _DIGEST = 44, 12
_VALUE = re.compile(r"%\(([^)]*)\)s|%%")
_VERB = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b")
_ABOUT = re.compile(r"FOR UPDATE(?: SKIP LOCKED)?|(?:(?:INSERT|DELETE)\s+)?(?:INTO|FROM|UPDATE)\s+(?!SET\b)\w+")


class Preparable:
    """A text that can be prepared, and how often it was asked."""

    def __init__(self, verb: str, statement: str):
        names: list[str] = []

        def place(found: re.Match[str]) -> str:
            if found[1] is None:
                return "%"
            if found[1] not in names:
                names.append(found[1])
            return f"${names.index(found[1]) + 1}"

        text = _VALUE.sub(place, statement)
        about = " ".join(" ".join(_ABOUT.findall(statement)).split())
        name = about if about.startswith(verb) else f"{verb} {about}"
        self.name = f"{name[:_NAME]} {sha256(text.encode()).hexdigest()[:_DIGEST]}"
        self.prepare = f'PREPARE "{self.name}" AS {text}'
        self.execute = f'EXECUTE "{self.name}" (' + ", ".join(f"%({each})s" for each in names) + ")"
        self.asked, self.usable = 0, bool(names)


class Preparing(connection):
    """A connection that knows what is prepared on it."""

    def __init__(self, *arguments: object, **options: object):
        super().__init__(*arguments, **options)
        self.prepared: set[str] = set()
        self.wanted: set[Preparable] = set()

    def prepare_wanted(self) -> None:
        """Prepare what was asked often. Called between two transactions."""
        wanted, self.wanted = self.wanted, set()
        for form in wanted:
            try:
                with self.cursor() as cursor:
                    cursor.execute(form.prepare)
                self.prepared.add(form.name)
            except psycopg2.Error as problem:
                if self.closed or problem.pgcode is None:
                    raise
                log.info("asked plainly, since it cannot be prepared (%s): %s", problem, form.prepare)
                form.usable = form.usable and not isinstance(problem, psycopg2.ProgrammingError)


def as_prepared(connection: Preparing, statement: str) -> str:
    """Return how to ask for the same with the same values; the statement itself as long as it is not prepared."""
    if not speed.is_on(Piece.PREPARED) or (form := _form(statement)) is None:
        return statement
    if form.name in connection.prepared:
        return form.execute
    form.asked += 1
    if form.usable and form.asked >= OFTEN and len(connection.prepared) + len(connection.wanted) < MOST:
        connection.wanted.add(form)
    return statement


def is_outdated(problem: object) -> bool:
    """Return whether a table is not what it was when a statement was prepared, or the statement is not known at all."""
    return isinstance(problem, psycopg2.Error) and problem.pgcode in OUTDATED


@lru_cache(KNOWN)
def _form(statement: str) -> Preparable | None:
    verb = _VERB.match(statement)
    return Preparable(verb[1], statement) if verb else None
