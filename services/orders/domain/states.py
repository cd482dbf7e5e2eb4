"""Tables of allowed transitions, and the one way to make one."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from services.orders.api import WrongStatus

Status = TypeVar("Status", bound=StrEnum)


def moved(table: Mapping[Status, frozenset[Status]], now: Status, to: Status) -> Status:
    """Return `to` if the table allows this move. Raise WrongStatus otherwise."""
    if to not in table.get(now, frozenset()):
        raise WrongStatus(f"{now} cannot become {to}", details={"status": now.value})
    return to
