"""Shares of what is counted, for reports. Pure."""

from __future__ import annotations

from collections.abc import Iterable


def share_of(part: int, whole: int) -> float | None:
    """Return the part of the whole, 0 to 1 with four decimals; None of nothing."""
    return round(part / whole, 4) if whole else None


def reached_by(share: float, counted: Iterable[tuple[int, int]]) -> int | None:
    """Return the least value that this share of all has reached; None of nothing.

    counted: values, each with how many have it. `reached_by(0.9, …)` of days: nine of ten took no longer.
    """
    known = sorted(counted)
    wanted, reached = share * sum(number for _, number in known), 0
    for value, number in known:
        reached += number
        if number and reached >= wanted:
            return value
    return None
