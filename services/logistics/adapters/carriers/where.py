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

_THREE_LETTERS = {
    "ARE": "AE", "ARG": "AR", "AUS": "AU", "AUT": "AT", "BEL": "BE", "BGD": "BD", "BGR": "BG", "BHR": "BH",
    "BRA": "BR", "CAN": "CA", "CHE": "CH", "CHL": "CL", "CHN": "CN", "COL": "CO", "CRI": "CR", "CYP": "CY",
    "CZE": "CZ", "DEU": "DE", "DNK": "DK", "DOM": "DO", "ECU": "EC", "EGY": "EG", "ESP": "ES", "EST": "EE",
    "FIN": "FI", "FRA": "FR", "GBR": "GB", "GRC": "GR", "GTM": "GT", "HKG": "HK", "HRV": "HR", "HUN": "HU",
    "IDN": "ID", "IND": "IN", "IRL": "IE", "ISL": "IS", "ISR": "IL", "ITA": "IT", "JOR": "JO", "JPN": "JP",
    "KAZ": "KZ", "KEN": "KE", "KHM": "KH", "KOR": "KR", "KWT": "KW", "LKA": "LK", "LTU": "LT", "LUX": "LU",
    "LVA": "LV", "MAC": "MO", "MAR": "MA", "MEX": "MX", "MLT": "MT", "MYS": "MY", "NGA": "NG", "NLD": "NL",
    "NOR": "NO", "NZL": "NZ", "OMN": "OM", "PAK": "PK", "PAN": "PA", "PER": "PE", "PHL": "PH", "POL": "PL",
    "PRI": "PR", "PRT": "PT", "QAT": "QA", "ROU": "RO", "RUS": "RU", "SAU": "SA", "SGP": "SG", "SRB": "RS",
    "SVK": "SK", "SVN": "SI", "SWE": "SE", "THA": "TH", "TUR": "TR", "TWN": "TW", "UKR": "UA", "URY": "UY",
    "USA": "US", "UZB": "UZ", "VNM": "VN", "ZAF": "ZA",
}  # fmt: skip
"""Countries by three letters, as some write them, on the usual lanes; of another the place stays unknown."""


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


def country_code(given: str) -> str:
    """Return the two letters of a country that is given by two or three, "" if it is not known."""
    code = given.upper()
    return _THREE_LETTERS.get(code, "") if len(code) == 3 else code if is_country(code) else ""


def in_words(*parts: str) -> str | None:
    """Return a place as it is shown, from what is known of it."""
    return ", ".join(part for part in parts if part)[:200] or None


def country_of_text(location: str | None) -> str:
    """Return the country at the end of a location, such as "Denver, CO, US". Return "" if there is none."""
    last = (location or "").rpartition(",")[2].strip()
    return last if is_country(last) else ""


def _country_of(state: str, postal_code: str, carrier: str) -> str:
    for country, shape in _SHAPES.items():
        if is_region(country, state) and (shape.fullmatch(postal_code) or _HOME.get(carrier) == country):
            return country
    return ""
