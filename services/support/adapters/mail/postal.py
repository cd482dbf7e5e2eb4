"""Addresses as an envelope shows them. Pure.

    lines({"city": "Shenzhen", "name": "Returns", ...})     # ["Returns", "18 Binhe Road", "518000 Shenzhen", "CN"]

The order of the lines is that of the Universal Postal Union: who, street, postal code and place, country. The order
of the keys says nothing: the journal sorts them.
"""

from __future__ import annotations

from collections.abc import Mapping

_KNOWN = frozenset({"name", "line1", "line2", "postal_code", "city", "region", "country", "reference"})


def lines(address: Mapping[str, str]) -> list[str]:
    """Return the lines of the address, without empty ones; the reference that stands on the parcel comes last."""
    place = " ".join(filter(None, (address.get("postal_code"), address.get("city"))))
    region = address.get("region")
    more = [value for name, value in sorted(address.items()) if name not in _KNOWN]
    reference = f"Reference: {address['reference']}" if address.get("reference") else ""
    found = [
        address.get("name"),
        address.get("line1"),
        address.get("line2"),
        *more,
        f"{place}, {region}" if place and region else place or region,
        address.get("country"),
        reference,
    ]
    return [line for line in found if line]


def block(address: Mapping[str, str]) -> str:
    """Return the lines one below the other, each set in by two spaces."""
    return "\n".join(f"  {line}" for line in lines(address))
