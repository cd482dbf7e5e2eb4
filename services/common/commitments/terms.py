"""Terms of promises: how much time a kind of clock has. Data, versioned.

Each service names its own in `api/terms.py`: the service standard (sections 1 to 6) where it names a time, and our
own where it asks for a timely answer. Texts that name a number read it from there (`in_words`). A clock keeps the
terms with which it started.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

MINUTE, HOUR = 60, 3600


class TimeUnit(StrEnum):
    WORKING_DAYS = "working_days"
    BUSINESS_SECONDS = "business_seconds"
    CALENDAR_DAYS = "calendar_days"


MOST = {  # about a year; longer is no promise
    TimeUnit.WORKING_DAYS: 250,
    TimeUnit.BUSINESS_SECONDS: 250 * 8 * HOUR,
    TimeUnit.CALENDAR_DAYS: 366,
}


@dataclass(frozen=True)
class Terms:
    """target in `unit`; earliest, in working days, is when the event is first expected and binds no one."""

    unit: TimeUnit
    target: int
    earliest: int | None = None
    version: str = "1"

    def __post_init__(self) -> None:
        if self.target < 1 or (self.earliest is not None and not 1 <= self.earliest <= self.target):
            raise ValueError(f"a promise needs 1 <= earliest <= target: {self}")
        if self.earliest is not None and self.unit is not TimeUnit.WORKING_DAYS:
            raise ValueError(f"only working days have an earliest one: {self}")


def days(latest: int, earliest: int | None = None) -> Terms:
    return Terms(TimeUnit.WORKING_DAYS, latest, earliest)


def calendar_days(target: int) -> Terms:
    return Terms(TimeUnit.CALENDAR_DAYS, target)


def hours(target: int) -> Terms:
    return Terms(TimeUnit.BUSINESS_SECONDS, target * HOUR)


class Table(Mapping[str, Terms]):
    """What one service promises, by kind, and by `kind.category` where that makes a difference."""

    def __init__(self, own: Mapping[str, Terms]):
        self._own = self._in_force = dict(own)

    def change(self, changes: Mapping[str, Terms]) -> None:
        """Put a shop's changes in force instead of the earlier ones. For a process that starts."""
        self._in_force = {**self._own, **changes}

    def __getitem__(self, name: str) -> Terms:
        return self._in_force[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._in_force)

    def __len__(self) -> int:
        return len(self._in_force)


def terms_for(table: Mapping[str, Terms], kind: str, category: str | None = None) -> Terms:
    """Return the terms of a kind, for that category where it has its own. KeyError for an unknown kind."""
    return table.get(f"{kind}.{category}") or table[kind]


def in_words(terms: Terms) -> str:
    """Say a term as a customer reads it: "1 to 3 working days", "2 working days", "8 business hours"."""
    if terms.unit is TimeUnit.BUSINESS_SECONDS:
        hours_, rest = divmod(terms.target, HOUR)
        return _counted(terms.target // MINUTE, "business minute") if rest else _counted(hours_, "business hour")
    if terms.unit is TimeUnit.CALENDAR_DAYS:
        return _counted(terms.target, "calendar day")
    between = f"{terms.earliest} to " if terms.earliest not in (None, terms.target) else ""
    return between + _counted(terms.target, "working day")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def read_terms(data: object, base: Mapping[str, Terms]) -> dict[str, Terms]:
    """Read what a shop changes in a table; the rest keeps its terms and its version.

        {"version": "2026-12", "terms": {"dispatch": {"working_days": 2, "earliest": 1},
                                         "first_response.product": {"business_seconds": 7200}}}

    ValueError for a promise that the table does not have, a unit that is not its kind's, a number out of bounds, a
    part of a minute, or a version left out.
    """
    if not isinstance(data, dict) or set(data) != {"version", "terms"} or not isinstance(data["terms"], dict):
        raise ValueError('expected {"version": "…", "terms": {…}}, and refunds_a_day or not')
    version = data["version"]
    if not isinstance(version, str) or not re.fullmatch(r"[\w.-]{1,32}", version):
        raise ValueError("version: 1 to 32 letters, digits, dots or dashes")
    return {name: _terms(name, change, version, base) for name, change in data["terms"].items()}


def fingerprint(text: str) -> str:
    """Return 12 characters that are the same for the same changes of terms, however the JSON is written."""
    said = json.dumps(json.loads(text), sort_keys=True) if text else ""
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def _terms(name: str, change: object, version: str, base: Mapping[str, Terms]) -> Terms:
    if name not in base:
        raise ValueError(f"{name}: no such promise; there are {', '.join(sorted(base))}")
    unit = base[name].unit  # a clock counts as its kind does: its start gives a calendar, or hours
    if not isinstance(change, dict) or unit not in change or set(change) - {unit, "earliest"}:
        raise ValueError(f"{name}: expected {unit}, and earliest or not")
    if not all(type(number) is int and 1 <= number <= MOST[unit] for number in change.values()):
        raise ValueError(f"{name}: expected whole numbers from 1 to {MOST[unit]}")
    if unit is TimeUnit.BUSINESS_SECONDS and change[unit] % MINUTE:
        raise ValueError(f"{name}: expected whole minutes, in seconds")
    try:
        return Terms(unit, change[unit], change.get("earliest"), version)
    except ValueError as problem:
        raise ValueError(f"{name}: {problem}") from None
