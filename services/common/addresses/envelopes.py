"""Addresses as an envelope shows them. Pure.

    lines({"city": "Shenzhen", "name": "Returns", ...})     # ["Returns", "18 Binhe Road", "518000 Shenzhen", "CHINA …"]

The order of the lines is that of the Universal Postal Union: who, street, place, country; the postal code stands where
the country's post has it. The order of the keys says nothing: the journal sorts them.
"""

from __future__ import annotations

from collections.abc import Mapping

from services.common.addresses.countries import countries, rules_of

_KNOWN = frozenset({"name", "company", "line1", "line2", "postal_code", "city", "region", "country", "reference"})


def lines(address: Mapping[str, str]) -> list[str]:
    """Return the lines of the address, without empty ones; the reference that stands on the parcel comes last."""
    code = address.get("country") or ""
    rules = rules_of(code) if code in countries() else None
    more = [value for name, value in sorted(address.items()) if name not in _KNOWN]
    reference = f"Reference: {address['reference']}" if address.get("reference") else ""
    found = [
        address.get("name"),
        address.get("company"),
        address.get("line1"),
        address.get("line2"),
        *more,
        _place(address, code_last=rules is not None and rules.code_last),
        f"{rules.name} ({code})" if rules else code,
        reference,
    ]
    return [line for line in found if line]


def _place(address: Mapping[str, str], *, code_last: bool) -> str:
    """Return "10115 Berlin", or "New York, NY 10001" where the code comes last."""
    city, region, code = (address.get(name) or "" for name in ("city", "region", "postal_code"))
    parts = (city, f"{region} {code}".strip()) if code_last else (f"{code} {city}".strip(), region)
    return ", ".join(filter(None, parts))
