"""What exists for speed alone, and its switches. Everything works without it, more slowly.

    if speed.is_on(Piece.FRAMES): ...        # asked where the piece stands, and nowhere else
    speed.do_without(["frames"])             # as a process starts: PLEDGE_PLAIN=frames

`PIECES` says of each piece where it stands, what it replaces and what it gains: how much more CPU, user and system
time, is taken without it. `python -m deploy.lab.bench.speed` measures it for whole orders. What gains less than 5 % of
an order and less than 10 % of a call is deleted.

A fault in one of these looks like a fault of the library below. Switch it off first, then look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import NamedTuple


class Piece(StrEnum):
    """The names in PLEDGE_PLAIN."""

    FRAMES = "frames"
    STATEMENTS = "statements"
    PREPARED = "prepared"
    DIRECT = "direct"
    MEMORY = "memory"
    JOURNAL = "journal"
    WORKERS = "workers"


NAMES = "(({0})( ({0}))*)?".format("|".join(Piece))
"""The pattern of PLEDGE_PLAIN: some names with a space between them, or none."""


class About(NamedTuple):
    """Where a piece stands, what serves without it, and what it gains."""

    stands_in: str
    replaces: str
    gain: str


PIECES: Mapping[Piece, About] = {
    Piece.FRAMES: About(
        "services/common/bus/fast: fastamqp.py, amqp_frames.py",
        "py-amqp's generic reading and writing of frames",
        "+26 % for a call over RabbitMQ (0.51 → 0.63 ms), +4 % ± 4 % for an order; it bounds waits as well",
    ),
    Piece.STATEMENTS: About(
        "services/common/store/postgres.py: the dialect",
        "SQLAlchemy's psycopg2 dialect: a round trip each for BEGIN, every statement and COMMIT",
        "+11 % ± 3 % for an order",
    ),
    Piece.PREPARED: About(
        "services/common/store/prepared.py",
        "each statement read and planned by PostgreSQL each time",
        "+6 % for an order, PostgreSQL's part alone +27 %",
    ),
    Piece.DIRECT: About(
        "services/common/store/direct.py",
        "SQLAlchemy's session, engine and results for the kit's own statements",
        "+8 % for an order; a row that is added if it is new: 0.13 → 0.29 ms",
    ),
    Piece.JOURNAL: About(
        "services/common/store/journal_rows.py: _LOCK, _WRITE",
        "the plain statements of SQLite: four where PostgreSQL can do it in two",
        "+9 % ± 3 % for the three transactions of an order in orders, some 5 % for an order",
    ),
    Piece.MEMORY: About(
        "services/common/runtime/runner.py: settle_memory",
        "Python's own pace of garbage collection",
        "+4 % to +9 % for an order",
    ),
    Piece.WORKERS: About(
        "services/common/runtime/workers.py: KeptPool, PooledCall",
        "eventlet's pool, which makes a greenthread for each call",
        "+18 % for a call over RabbitMQ, +9 % for a request through the gateway",
    ),
}

_off: set[Piece] = set()


def is_on(piece: Piece) -> bool:
    """Return whether this process uses the piece."""
    return piece not in _off


def do_without(names: Iterable[str]) -> None:
    """Switch these pieces off, and all others on. Raise ValueError for a name that is none."""
    wanted = {Piece(name) for name in names}
    _off.clear()
    _off.update(wanted)


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Switch these pieces off for the time of a block."""
    before = list(_off)
    do_without(names)
    try:
        yield
    finally:
        do_without(before)
