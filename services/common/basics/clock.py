"""Time: one place that reads the clock, so that tests can freeze it. Aware UTC only.

Only entrypoints and the kit read the clock; the domain is given the time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_offset: timedelta | None = None
_frozen: list[datetime] = []


def now() -> datetime:
    """Return the current time, aware, in UTC, to the microsecond."""
    if _frozen:
        return _frozen[-1]
    moment = datetime.now(UTC)
    return moment + _offset if _offset else moment


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Make `now()` return `at` inside the block, for tests. Greenthreads may leave their blocks in any order."""
    moment = at.astimezone(UTC)
    _frozen.append(moment)
    try:
        yield
    finally:
        del _frozen[len(_frozen) - 1 - _frozen[::-1].index(moment)]


@contextmanager
def shifted(by: timedelta) -> Iterator[None]:
    """Make `now()` run ahead of (or behind) the real clock by `by`, for tests."""
    global _offset
    before, _offset = _offset, by
    try:
        yield
    finally:
        _offset = before


def rfc3339(moment: datetime) -> str:
    """Format a time as `2026-03-02T09:30:00Z`, with microseconds if it has any. Raise ValueError for a naive time."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse_rfc3339(text: str) -> datetime:
    """Parse what `rfc3339` wrote to an aware UTC time. Raise ValueError for anything without a zone."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone: {text!r}")
    return moment.astimezone(UTC)


def sortable(time: str) -> str:
    """Return a form of an RFC 3339 UTC time that sorts as text: `…:00Z` comes before `…:00.5Z`."""
    return time.replace("Z", "" if "." in time else ".")
