"""The keys of the journal's chains, as they stand in the database: sealed with a key that the service's process holds.

    OWN.use("2026-11-29-ab12:<64 hex digits>, 2026-03-02-…:<…>")       # once, as the process starts
    stored = OWN.new_key()              # "2026-11-29-ab12.<base64>": a new key of a chain, sealed (AES-256-GCM)
    OWN.open(stored)                    # the key itself; KeyMissing when none of ours sealed it
    OWN.wrap("a reply that is kept")    # "~2026-11-29-ab12.<base64>": a text that has no chain, sealed with our own key
    OWN.unwrap(stored)                  # the text itself, also where it stands there plainly

So who has a copy of the database, or a backup, reads no personal data in the journal, nor in what is kept for a repeat:
replies to commands, and messages that wait for another try. The first of our keys seals, all of them open: to change
one, put the new one before it, and drop the old one 90 days later. The next start seals again what it sealed, but for
what carriers sent, which is kept that long. A key that stands there in plain form (of a release before, or of a process
without keys of its own) is taken as it is, and `seal_plain_keys` seals it when the next process starts.

With `use(…, writes=False)` nothing is sealed, neither keys nor texts, and everything sealed is read: for the time in
which processes of a release before, which cannot read it, still run beside ours (PLEDGE_SEAL_JOURNAL=0).
"""

from __future__ import annotations

import os
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.orm import Session

from services.common.store import tables

_NONCE, _KEY, _MARK = 12, 32, "."
_WRAPPED = re.compile(r"~[A-Za-z0-9-]{1,16}\.[A-Za-z0-9+/]+=*")
_TEXT = b"a text without a chain"
_HEAD = tables.journal_heads
PAGE, READ = 200, 1000


class KeyMissing(Exception):
    """A chain's key is sealed with a key that this process was not given."""


class ChainKeys:
    """Our keys by name, of this process."""

    def __init__(self) -> None:
        self._keys: dict[str, AESGCM] = {}
        self.writes = self.rows = True

    def use(self, text: str, *, writes: bool = True, rows: bool = True) -> None:
        """Take these keys; with "" none. Without `writes` nothing is sealed from now on, without `rows` no row."""
        pairs = (part.strip().split(":") for part in text.split(",") if part.strip())
        self._keys = {name: AESGCM(bytes.fromhex(key)) for name, key in pairs}
        self.writes, self.rows = writes, rows

    @property
    def seals_rows(self) -> bool:
        """Whether rows are sealed, and what they are found by."""
        return self.writes and self.rows

    @property
    def name(self) -> str:
        """The name of the key that seals, "" if none does."""
        return next(iter(self._keys), "") if self.writes else ""

    def new_key(self) -> str:
        """Return a new key of a chain, as it is stored."""
        return self.seal(b64encode(os.urandom(_KEY)).decode())

    def seal(self, key: str) -> str:
        """Return a chain's key as it is stored."""
        if not self.name:
            return key
        nonce = os.urandom(_NONCE)
        sealed = self._keys[self.name].encrypt(nonce, b64decode(key), None)
        return f"{self.name}{_MARK}{b64encode(nonce + sealed).decode()}"

    def open(self, stored: str) -> str:
        """Return a chain's key from how it is stored. Raise KeyMissing if none of ours sealed it."""
        name, mark, sealed = stored.partition(_MARK)
        if not mark:
            return stored
        try:
            raw = b64decode(sealed)
            return b64encode(self._keys[name].decrypt(raw[:_NONCE], raw[_NONCE:], None)).decode()
        except (KeyError, InvalidTag, ValueError) as problem:
            raise KeyMissing(f"PLEDGE_JOURNAL_KEYS has not the key {name!r} that sealed this chain's") from problem

    def can_open(self, stored: str) -> bool:
        """Return whether one of ours sealed that key of a chain, or none did."""
        try:
            self.open(stored)
        except KeyMissing:
            return False
        return True

    def wrap(self, text: str) -> str:
        """Return a text as it is stored; itself where this process seals nothing."""
        if not self.name:
            return text
        nonce = os.urandom(_NONCE)
        sealed = self._keys[self.name].encrypt(nonce, text.encode(), _TEXT)
        return f"~{self.name}{_MARK}{b64encode(nonce + sealed).decode()}"

    def unwrap(self, stored: str) -> str:
        """Return a text from how it is stored. Raise KeyMissing if none of ours sealed it."""
        if not stored.startswith("~"):
            return stored
        name, _, sealed = stored[1:].partition(_MARK)
        try:
            raw = b64decode(sealed)
            return self._keys[name].decrypt(raw[:_NONCE], raw[_NONCE:], _TEXT).decode()
        except (KeyError, InvalidTag, ValueError) as problem:
            if not _WRAPPED.fullmatch(stored):
                return stored  # a text that begins so itself
            raise KeyMissing(f"PLEDGE_JOURNAL_KEYS has not the key {name!r} that sealed this text") from problem


OWN = ChainKeys()


class Opens(Protocol):
    """Opens a transaction."""

    def __call__(self) -> AbstractContextManager[Session]: ...


def seal_plain_keys(transaction: Opens, stopping: Callable[[], bool]) -> int:
    """Seal what is stored in plain form, or by another of our keys, page by page; any number of processes at once.

    Return how many were sealed.
    """
    sealed, after = 0, ""
    if not OWN.name:
        return sealed
    ours = _HEAD.c.key.startswith(f"{OWN.name}{_MARK}", autoescape=True)
    others = sa.select(_HEAD.c.subject, _HEAD.c.key).where(_HEAD.c.key != "", sa.not_(ours)).order_by(_HEAD.c.subject)
    while not stopping():
        with transaction() as session:
            page = session.execute(others.where(_HEAD.c.subject > after).limit(PAGE)).all()
            for subject, stored in page:
                try:
                    new = OWN.seal(OWN.open(stored))
                except KeyMissing:
                    continue  # the next that needs it says so
                same = sa.and_(_HEAD.c.subject == subject, _HEAD.c.key == stored)
                session.execute(sa.update(_HEAD).where(same).values(key=new))
                sealed += 1
        if len(page) < PAGE:
            return sealed
        after = page[-1].subject
    return sealed


def plain_rows(
    transaction: Opens, stopping: Callable[[], bool], key: sa.ColumnElement[str], plain: sa.ColumnElement[bool]
) -> Iterator[list[str]]:
    """Yield the keys of the rows that stand plainly, some at a time, while this process seals rows.

    The table is walked by its key, READ rows at a time: no index knows what stands plainly.
    """
    looked, after = sa.select(key, plain).order_by(key).limit(READ), ""
    while OWN.seals_rows and not stopping():
        with transaction() as session:
            page = session.execute(looked.where(key > after)).all()
        found = [name for name, is_plain in page if is_plain]
        yield from (found[start : start + PAGE] for start in range(0, len(found), PAGE))
        if len(page) < READ:
            return
        after = page[-1][0]


def seal_kept_texts(transaction: Opens, stopping: Callable[[], bool]) -> int:
    """Seal replies and messages that stand in plain form, or are sealed by another of our keys, page by page.

    Return how many were sealed.
    """
    known, message = tables.idempotency_keys.c, tables.inbox.c
    waits = sa.or_(message.next_attempt_at.is_not(None), message.dead_at.is_not(None))  # which have indexes
    sealed = seal_texts(transaction, stopping, known.reply, (known.key,), sa.true())
    return sealed + seal_texts(transaction, stopping, message.message, (message.handler, message.event_id), waits)


def seal_texts(
    transaction: Opens,
    stopping: Callable[[], bool],
    text: sa.Column[Any],
    key: tuple[sa.Column[Any], ...],
    where: sa.ColumnElement[bool],
) -> int:
    """Seal the texts of a column that stand plainly, or are sealed by another of our keys. key: of its rows."""
    ours, row = text.startswith(f"~{OWN.name}{_MARK}", autoescape=True), sa.tuple_(*key)
    others = sa.select(text, *key).where(where, text.is_not(None), sa.not_(ours)).order_by(*key).limit(PAGE)
    sealed, after = 0, None
    while OWN.name and not stopping():
        with transaction() as session:
            page = session.execute(others if after is None else others.where(row > after)).all()
            for stored, *name in page:
                try:
                    new = OWN.wrap(OWN.unwrap(stored))
                except KeyMissing:
                    continue  # who needs it says so
                same = sa.and_(row == tuple(name), text == stored)
                session.execute(sa.update(text.table).where(same).values({text: new}))
                sealed += 1
        if len(page) < PAGE:
            break
        after = tuple(page[-1][1:])
    return sealed
