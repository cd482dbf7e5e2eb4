"""Terms of promises: how much time a kind of clock has. Data, versioned. Pure.

Each service names its own in `api/terms.py`: the service standard (sections 1 to 6) where it names a time, and our
own where it asks for a timely answer. Texts that name a number read it from there (`in_words`). A clock keeps the
terms with which it started.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

HOUR = 3600


class Unit(StrEnum):
    WORKING_DAYS = "working_days"
    BUSINESS_SECONDS = "business_seconds"


@dataclass(frozen=True)
class Terms:
    """target in `unit`; earliest, in working days, is when the event is first expected and binds nobody."""

    unit: Unit
    target: int
    earliest: int | None = None
    version: str = "1"

    def __post_init__(self) -> None:
        if self.target < 1 or (self.earliest is not None and not 1 <= self.earliest <= self.target):
            raise ValueError(f"a promise needs 1 <= earliest <= target: {self}")
        if self.earliest is not None and self.unit is not Unit.WORKING_DAYS:
            raise ValueError(f"only working days have an earliest one: {self}")


def days(latest: int, earliest: int | None = None) -> Terms:
    return Terms(Unit.WORKING_DAYS, latest, earliest)


def hours(target: int) -> Terms:
    return Terms(Unit.BUSINESS_SECONDS, target * HOUR)


def terms_for(table: Mapping[str, Terms], kind: str, category: str | None = None) -> Terms:
    """Return the terms of a kind, for that category where it has its own. KeyError for a kind that nobody promised."""
    return table.get(f"{kind}.{category}") or table[kind]


def in_words(terms: Terms) -> str:
    """Say a term as a customer reads it: "1 to 3 working days", "2 working days", "8 business hours"."""
    if terms.unit is Unit.BUSINESS_SECONDS:
        return _counted(terms.target // HOUR, "business hour")
    between = f"{terms.earliest} to " if terms.earliest is not None else ""
    return between + _counted(terms.target, "working day")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def read_terms(data: Mapping[str, Any], base: Mapping[str, Terms]) -> dict[str, Terms]:
    """Change a table as a shop says:

        {"version": "2026-12", "terms": {"dispatch": {"working_days": 2, "earliest": 1},
                                         "first_response.product": {"business_seconds": 7200}}}

    What is changed carries that version, the rest keeps its own. ValueError for an unknown kind, unit or a version
    left out.
    """
    version, changes = data.get("version"), data.get("terms", {})
    if not isinstance(version, str) or not version:
        raise ValueError("changed terms need a version")
    known = {name.partition(".")[0] for name in base}
    return {**base, **{name: _terms(name, change, version, known) for name, change in changes.items()}}


def _terms(name: str, change: Mapping[str, Any], version: str, known: Collection[str]) -> Terms:
    if name.partition(".")[0] not in known:
        raise ValueError(f"{name}: no such promise")
    units = [unit for unit in Unit if unit.value in change]
    if len(units) != 1 or set(change) - {units[0].value, "earliest"}:
        raise ValueError(f"{name}: one of {', '.join(Unit)} and perhaps earliest, not {sorted(change)}")
    numbers = [change[key] for key in change]
    if not all(type(number) is int for number in numbers):
        raise ValueError(f"{name}: whole numbers only, not {numbers}")
    return Terms(units[0], change[units[0].value], change.get("earliest"), version)
