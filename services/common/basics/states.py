"""Statuses that move by a table, and versions that callers saw.

MOVES = {S.REQUESTED: frozenset({S.AUTHORIZED, S.REJECTED}), …}
self.status = moved(MOVES, self.status, S.AUTHORIZED, "the return")
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeVar

from services.common.basics.errors import Conflict

S = TypeVar("S", bound=StrEnum)


class WrongStatus(Conflict):
    """The thing is not in a status in which this can be done. `details`: `{"status"}`."""

    code = "wrong_status"
    message = "This cannot be done in the present status."


class VersionMoved(Conflict):
    """The thing has changed since the caller looked at it. `details`: version, current (as it is now)."""

    code = "version_moved"
    message = "Somebody changed this since you looked at it; look again."


def moved(moves: Mapping[S, frozenset[S]], status: S, to: S, thing: str) -> S:
    """Return `to` if the table has that step; a status that is not in it is an end. Raises WrongStatus."""
    if to not in moves.get(status, frozenset()):
        raise WrongStatus(f"{thing} is {status}", details={"status": status.value})
    return to


def require_status(status: S, allowed: tuple[S, ...], thing: str) -> None:
    """Raise WrongStatus unless the status is one of these."""
    if status not in allowed:
        raise WrongStatus(f"{thing} is {status}", details={"status": status.value})


def require_version(
    seen: int | None, version: int, show: Callable[[], object], refusal: type[VersionMoved] = VersionMoved
) -> None:
    """Raise the refusal, with the thing as `show` has it now, when the caller saw another version."""
    if seen is not None and seen != version:
        raise refusal(details={"version": version, "current": show()})
