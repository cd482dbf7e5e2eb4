"""Where a scan was made, as far as it can be known: whose working days, and what the clocks showed there.

A zone is told only when the place leaves no choice: the country has one, or its region has, or the city gave the zone
its name. Otherwise it is UTC, and says so; a wrong local time is worse than none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.common.calendar import calendar_id
from services.common.calendar.places import certain_zone, is_country, is_region

UTC_ZONE = "UTC"
_SHAPES = {"US": re.compile(r"\d{5}(-?\d{4})?"), "CA": re.compile(r"[A-Z]\d[A-Z] ?\d[A-Z]\d")}
"""Postal codes that, with a state, tell the country when it is missing."""
_HOME = {"usps": "US", "canadapost": "CA"}
"""Posts that scan at home: where only the state is given, it is that country's."""


@dataclass(frozen=True)
class Where:
    """calendar: "CN", "US-CA", None when not even the country is known; zone: an IANA name, or "UTC"."""

    calendar: str | None = None
    zone: str = UTC_ZONE


def where(country: str, state: str = "", postal_code: str = "", city: str = "", carrier: str = "") -> Where:
    """Find the place from what a carrier says of it, all of which may be empty or wrong."""
    country = country.upper() if is_country(country.upper()) else _country_of(state, postal_code.upper(), carrier)
    if not country:
        return Where()
    finer = {"postal_code": postal_code, "city": city}
    return Where(calendar_id(country, state or None, **finer), certain_zone(country, state, **finer) or UTC_ZONE)


def country_of_text(location: str | None) -> str:
    """Return the country at the end of a location, such as "Denver, CO, US". Return "" if there is none."""
    last = (location or "").rpartition(",")[2].strip()
    return last if is_country(last) else ""


def _country_of(state: str, postal_code: str, carrier: str) -> str:
    for country, shape in _SHAPES.items():
        if is_region(country, state) and (shape.fullmatch(postal_code) or _HOME.get(carrier) == country):
            return country
    return ""
