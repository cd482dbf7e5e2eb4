"""How long a kind of data is kept, and why: data that timers go by and `docs/privacy.md` lists. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class KeptData:
    """what: the kind of data; span: so long after `since` it goes by itself; why: what it is kept for."""

    what: str
    span: timedelta
    since: str
    why: str


def years(number: int) -> timedelta:
    """Return so many years, leap days included."""
    return timedelta(days=number * 365 + (number + 3) // 4)
