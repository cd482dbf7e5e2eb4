"""The terms of the promises: how much time each kind of clock has. Data, versioned. Pure.

The defaults are the platform's service standard (sections 1 to 6) where it names a time, and our own where it asks
for a timely answer. A shop may change them by configuration, with a version of its own; a clock keeps the terms with
which it started.
"""

from __future__ import annotations

from collections.abc import Mapping
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


DEFAULT_TERMS: Mapping[str, Terms] = {
    "review": days(1),
    "shortage_contact": hours(4),
    "dispatch": days(3, earliest=1),
    "delivery": days(12, earliest=6),
    "return_review": days(2),
    "verification": days(2),
    "refund": days(10, earliest=5),
    "first_response": hours(8),
    "first_response.complaint": hours(2),
    "first_response.aftersales": hours(4),
    "first_response.order": hours(4),
    "next_response": hours(8),
    "next_response.complaint": hours(2),
    "next_response.aftersales": hours(4),
    "next_response.order": hours(4),
    "complete_answer": days(3),
    "resolution": days(5),
}
"""By kind, and by kind and category of the ticket where that makes a difference."""


def terms_for(kind: str, category: str | None = None, table: Mapping[str, Terms] = DEFAULT_TERMS) -> Terms:
    """The terms of a kind, for that category where it has its own; KeyError for a kind that nobody promised."""
    return table.get(f"{kind}.{category}") or table[kind]


def read_terms(data: Mapping[str, Any], base: Mapping[str, Terms] = DEFAULT_TERMS) -> dict[str, Terms]:
    """The table with a shop's changes:

        {"version": "2026-12", "terms": {"dispatch": {"working_days": 2, "earliest": 1},
                                         "first_response.product": {"business_seconds": 7200}}}

    What is changed carries that version, the rest keeps its own. ValueError for an unknown kind, unit or a version
    left out.
    """
    version, changes = data.get("version"), data.get("terms", {})
    if not isinstance(version, str) or not version:
        raise ValueError("changed terms need a version")
    return {**base, **{name: _terms(name, change, version) for name, change in changes.items()}}


def _terms(name: str, change: Mapping[str, Any], version: str) -> Terms:
    if name.partition(".")[0] not in DEFAULT_TERMS:
        raise ValueError(f"{name}: no such promise")
    units = [unit for unit in Unit if unit.value in change]
    if len(units) != 1 or set(change) - {units[0].value, "earliest"}:
        raise ValueError(f"{name}: one of {', '.join(Unit)} and perhaps earliest, not {sorted(change)}")
    numbers = [change[key] for key in change]
    if not all(type(number) is int for number in numbers):
        raise ValueError(f"{name}: whole numbers only, not {numbers}")
    return Terms(units[0], change[units[0].value], change.get("earliest"), version)
