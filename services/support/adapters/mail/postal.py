"""Addresses in mails."""

from __future__ import annotations

from collections.abc import Mapping

from services.common.addresses.envelopes import lines

GOES_TO = "\n\nIt goes to:\n\n"
"""What stands between the goods and the address."""


def block(address: Mapping[str, str]) -> str:
    """Return the lines one below the other, each set in by two spaces."""
    return "\n".join(f"  {line}" for line in lines(address))


def recipient_of(contents: str | None) -> str:
    """Return the name on the parcel, of contents as they were listed; empty where it was not kept."""
    return (contents or "").partition(GOES_TO)[2].partition("\n")[0].strip()
