"""Rates of included taxes as a table: by country, each from a day on.

Only countries count in which the shop is registered (`PLEDGE_TAX_NUMBERS`): a shop that shows a tax owes it. The rates
are the standard ones; compare them with those of the tax office before you rely on them. A shop with reduced rates, or
with taxes of regions, puts another `Taxes` in the place of this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from services.orders.api import Address
from services.orders.domain.tax import TaxRate

FIRST = date(2020, 1, 1)
"""Before anything was sold here."""

RATES: Mapping[str, tuple[tuple[date, str], ...]] = {
    "AT": ((FIRST, "20"),),
    "AU": ((FIRST, "10"),),
    "BE": ((FIRST, "21"),),
    "BG": ((FIRST, "20"),),
    "CH": ((FIRST, "7.7"), (date(2024, 1, 1), "8.1")),
    "CY": ((FIRST, "19"),),
    "CZ": ((FIRST, "21"),),
    "DE": ((FIRST, "19"), (date(2020, 7, 1), "16"), (date(2021, 1, 1), "19")),
    "DK": ((FIRST, "25"),),
    "EE": ((FIRST, "20"), (date(2024, 1, 1), "22"), (date(2025, 7, 1), "24")),
    "ES": ((FIRST, "21"),),
    "FI": ((FIRST, "24"), (date(2024, 9, 1), "25.5")),
    "FR": ((FIRST, "20"),),
    "GB": ((FIRST, "20"),),
    "GR": ((FIRST, "24"),),
    "HR": ((FIRST, "25"),),
    "HU": ((FIRST, "27"),),
    "IE": ((FIRST, "23"), (date(2020, 9, 1), "21"), (date(2021, 3, 1), "23")),
    "IT": ((FIRST, "22"),),
    "LT": ((FIRST, "21"),),
    "LU": ((FIRST, "17"), (date(2023, 1, 1), "16"), (date(2024, 1, 1), "17")),
    "LV": ((FIRST, "21"),),
    "MT": ((FIRST, "18"),),
    "NL": ((FIRST, "21"),),
    "NO": ((FIRST, "25"),),
    "NZ": ((FIRST, "15"),),
    "PL": ((FIRST, "23"),),
    "PT": ((FIRST, "23"),),
    "RO": ((FIRST, "19"), (date(2025, 8, 1), "21")),
    "SE": ((FIRST, "25"),),
    "SG": ((FIRST, "7"), (date(2023, 1, 1), "8"), (date(2024, 1, 1), "9")),
    "SI": ((FIRST, "22"),),
    "SK": ((FIRST, "20"), (date(2025, 1, 1), "23")),
}


class TaxTable:
    """The rates of the countries in which the shop has a number: {country: number}."""

    def __init__(self, numbers: Mapping[str, str]):
        self._numbers = numbers

    def rate(self, to: Address, hs_code: str | None, on: date) -> TaxRate | None:
        number = self._numbers.get(to.country)
        if number is None:
            return None
        percent = [percent for since, percent in RATES[to.country] if since <= on]
        return TaxRate(to.country, Decimal(percent[-1]), number) if percent else None
