"""Moments as people write them: a day, or a time with its zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from services.common.basics.clock import parse_rfc3339
from services.common.basics.shapes import Example, Note, Pattern

NO_MOMENT = "Not a day, and not a time with a zone (RFC 3339)."
_DAY, _LAST_DAY = len("2026-03-02"), datetime.max.replace(tzinfo=UTC) - timedelta(days=1)

Moment = Annotated[
    str,
    Pattern(r"\d{4}-\d{2}-\d{2}([Tt ].{1,29})?", NO_MOMENT),
    Example("2026-03-02"),
    Note("a day (UTC), or a time with its zone"),
]


def begin_of(moment: str | None) -> datetime | None:
    """Return when a day, or a second, begins. Raise ValueError for what is neither."""
    if moment is None:
        return None
    if len(moment) == _DAY:
        return datetime.combine(date.fromisoformat(moment), time(), UTC)
    return parse_rfc3339(moment)


def end_of(moment: str | None) -> datetime | None:
    """Return the first moment after a day, or a second. Raise ValueError for what is neither."""
    last = begin_of(moment)
    if last is None or last >= _LAST_DAY:
        return None
    return last + (timedelta(days=1) if len(moment or "") == _DAY else timedelta(seconds=1))
