"""Reading what a report says beside its scans. What has no sense is as if it was not said: it costs nothing else."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from services.logistics.adapters.carriers.reading import child, text
from services.logistics.api.parts import Eta, HandedOn, PickUp
from services.logistics.domain.facts import Position

LONGEST_LINK, LONGEST_NAME, LONGEST_WORDS = 500, 120, 300
AROUND = timedelta(days=180)
"""A day farther than that from when it is said is a placeholder, or a slip of the carrier."""
_LINK = re.compile(r"https://[!#$&-;=?-Z_a-z~%\[\]@]+", re.ASCII)
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})([T ].{0,30})?", re.ASCII)


class Who(NamedTuple):
    """Who took a parcel, and what proves it."""

    received_by: str | None
    signature_url: str | None = None
    photo_url: str | None = None


def day(parent: Mapping[str, object], name: str) -> date | None:
    """Return the day under that name, as it is written: of a time its own day, wherever its clocks are."""
    value = parent.get(name)
    found = _DAY.fullmatch(value.strip()) if isinstance(value, str) else None
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def expected(first: date | None, last: date | None, said_at: datetime) -> Eta | None:
    """Return the days in which they expect to deliver, given at least one of them."""
    begin, end = first or last, last or first
    if begin is None or end is None or begin > end:
        return None
    said = said_at.astimezone(UTC).date()
    return Eta(begin, end) if abs(begin - said) <= AROUND and abs(end - said) <= AROUND else None


def some(parent: Mapping[str, object], name: str, longest: int = LONGEST_NAME) -> str | None:
    """Return one line of text, cleaned and cut, or None."""
    return text(parent, name, longest) or None


def link(parent: Mapping[str, object], name: str) -> str | None:
    """Return the address of a page or picture that a browser may be sent to, or None."""
    value = parent.get(name)
    if not isinstance(value, str) or len(value) > LONGEST_LINK or not _LINK.fullmatch(value):
        return None
    try:
        parts = urlsplit(value)
        return value if parts.hostname and "." in parts.hostname and parts.username is None else None
    except ValueError:
        return None


def pick_up(
    parent: Mapping[str, object], *, name: str, address: str, hours: str, note: str, until: str
) -> PickUp | None:
    """Return where it waits, read from the fields of these names; None if not even the place is said."""
    found = PickUp(
        some(parent, name),
        some(parent, address, LONGEST_WORDS),
        some(parent, hours, LONGEST_WORDS),
        some(parent, note, LONGEST_WORDS),
        day(parent, until),
    )
    return found if found.name or found.address else None


def handed_on(parent: Mapping[str, object], carrier: str, number: str, of: str) -> HandedOn | None:
    """Return who has it for the last part of the way. of: the number that the report is about, which is no other."""
    found = HandedOn(some(parent, carrier, 80), some(parent, number, 64))
    return found if (found.carrier or found.tracking_number) and found.tracking_number != of else None


def position(parent: Mapping[str, object], at: datetime) -> Position | None:
    """Return where on the globe it was at that time; none in the Gulf of Guinea, where what is not known is put."""
    latitude, longitude = _degrees(parent.get("latitude"), 90), _degrees(parent.get("longitude"), 180)
    if latitude is None or longitude is None or (latitude, longitude) == (0, 0):
        return None
    return Position(f"{latitude:.6f}", f"{longitude:.6f}", at.astimezone(UTC))


def stated(parent: Mapping[str, object], name: str, said_at: datetime) -> Eta | None:
    """Return the days of AfterShip's kind of estimate, `{"datetime", "datetime_min", "datetime_max"}`, of a carrier."""
    given = child(parent, name)
    if "carrier" not in text(given, "source", 40).casefold():
        return None
    return expected(
        day(given, "datetime_min") or day(given, "datetime"),
        day(given, "datetime_max") or day(given, "datetime"),
        said_at,
    )


def _degrees(value: object, most: int) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str) or len(str(value)[:41]) > 40:
        return None
    try:
        degrees = float(value)
    except (ValueError, OverflowError):
        return None
    return degrees if math.isfinite(degrees) and abs(degrees) <= most else None
