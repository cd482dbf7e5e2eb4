"""Find and compare what cannot be read in the database: HMACs of it, under a key of the service.

    blind.of("ada@example.com")                           # "~1f0c…": equal texts have equal ones, and no other tells it
    row.email.in_(blind.forms(email))                     # where it may stand plainly too
    words = blind.words(address["name"])                  # " 91ac… 0b2e… ": one for each beginning of each word
    query.where(blind.mentions(row.search, "ada lov"))    # each word of it begins one that is kept

The key is made with the first text, and stands among the keys of the chains, under SUBJECT: sealed and sealed again as
they are (`chain_keys`), and read once by a process. A process that seals nothing writes plainly: `of` returns the text.

Who has a copy of the database learns which rows have equal words, and how these begin alike; who knows some of the
names can learn others. It is personal data all the same: an erasure of its customer overwrites it.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from base64 import b64decode
from collections.abc import Callable, Iterator
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics import searching
from services.common.basics.errors import Unavailable
from services.common.basics.personal import ERASED
from services.common.store import tables
from services.common.store.chain_keys import OWN, KeyMissing, Opens, plain_rows
from services.common.store.journal_rows import hold_head

log = logging.getLogger(__name__)

SUBJECT, MARK = "~search", "~"
LONGEST, SHOWN = 16, 12
"""Characters of the longest beginning that is kept; of an HMAC of a beginning."""
_HANGUL = range(0xAC00, 0xD7A4)
_ROW = tables.journal_heads.c
_known: WeakKeyDictionary[sa.Engine | sa.Connection, bytes] = WeakKeyDictionary()


class Blind:
    """The HMACs of one service, as one unit of work makes them."""

    def __init__(self, session: Session):
        self._session = session

    def of(self, text: str) -> str:
        """Return the text as it is stored, for comparing alone."""
        return MARK + _digest(self._begun(), text) if OWN.seals_rows and text != ERASED else text

    def forms(self, text: str) -> list[str]:
        """Return the ways in which a text may be stored."""
        key = self._asked()
        return [text] if key is None else [text, MARK + _digest(key, text)]

    def words(self, *texts: str | None) -> str:
        """Return what these texts are found by, as it is stored."""
        key = self._begun()
        found = {_digest(key, start)[:SHOWN] for term in _terms(*texts) for start in _beginnings(term)}
        return f"{MARK} {' '.join(sorted(found))} "

    def mentions(self, column: sa.ColumnElement[str], text: str) -> sa.ColumnElement[bool]:
        """Match the rows whose `words` begin with all words of a text; none if nothing of it can be looked for."""
        key = self._asked()
        if key is None:
            return sa.false()

        def holds(start: str) -> sa.ColumnElement[bool]:
            return column.contains(f" {_digest(key, start[:LONGEST])[:SHOWN]} ")

        words = [sa.or_(*(sa.and_(*map(holds, way)) for way in ways)) for ways in searching.wanted(text).words]
        return sa.and_(*words) if words else sa.false()

    def _begun(self) -> bytes:
        """Return the service's key, which is made if there is none."""
        if (key := self._read()) is None:
            self._session.info[SUBJECT] = True  # it may be rolled back, so this unit of work keeps it for itself
            key = b64decode(OWN.open(hold_head(self._session, SUBJECT)))
        return key

    def _asked(self) -> bytes | None:
        """Return the service's key for who asks. Raise Unavailable if it is sealed with one that we were not given."""
        try:
            return self._read()
        except KeyMissing as problem:
            log.warning("nothing can be looked for: %s", problem)
            raise Unavailable(code="service_unavailable") from problem

    def _read(self) -> bytes | None:
        """Return the service's key, if there is one. A process keeps what it read once that is sure to stay."""
        engine = self._session.get_bind()
        if engine in _known:
            return _known[engine]
        stored = self._session.scalar(sa.select(_ROW.key).where(_ROW.subject == SUBJECT))
        if stored is None:
            return None
        key = b64decode(OWN.open(stored))
        if SUBJECT not in self._session.info:
            _known[engine] = key
        return key


def begin(transaction: Opens, stopping: Callable[[], bool]) -> int:
    """Make the key, if there is none, in a transaction of its own: who needs it then waits for no other row."""
    if OWN.seals_rows and not stopping():
        with transaction() as session:
            Blind(session).of("")
    return 0


def blind_plain_texts(transaction: Opens, stopping: Callable[[], bool], column: sa.Column[str]) -> int:
    """Replace the texts that stand plainly in a column for comparing, page by page. Return how many these were."""
    (key,), done = column.table.primary_key.columns, 0
    plain = sa.and_(sa.not_(column.startswith(MARK)), column != ERASED)
    for found in plain_rows(transaction, stopping, key, plain):
        with transaction() as session:
            blind = Blind(session)
            for name, text in session.execute(sa.select(key, column).where(plain, key.in_(found)).order_by(key)).all():
                same = sa.and_(key == name, column == text)
                session.execute(sa.update(column.table).where(same).values({column: blind.of(text)}))
                done += 1
    return done


def _digest(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _terms(*texts: str | None) -> Iterator[str]:
    """Yield the terms of names; of Korean ones, where the given name is written on to the other, its syllables too."""
    for term in searching.terms(*texts):
        yield term
        if ord(term[0]) in _HANGUL:
            yield from (term[start:] for start in range(1, len(term) - 1))


def _beginnings(term: str) -> Iterator[str]:
    shortest = 1 if len(term) == 1 or searching.is_unspaced(term) else searching.SHORTEST
    return (term[:end] for end in range(shortest, min(len(term), LONGEST) + 1))
