"""Addresses in mails."""

from __future__ import annotations

from collections.abc import Mapping

from services.common.addresses.envelopes import lines
from services.support.adapters.mail.words import _


def goes_to(address: Mapping[str, str]) -> str:
    """Return what stands below the goods: where they go."""
    return f"\n\n{_('It goes to:')}\n\n{block(address)}"


def block(address: Mapping[str, str]) -> str:
    """Return the lines one below the other, each set in by two spaces."""
    return "\n".join(f"  {line}" for line in lines(address))


def recipient_of(contents: str | None) -> str:
    """Return the name on the parcel, of contents as they were listed; empty where it was not kept."""
    *before, address = (contents or "").split("\n\n")
    return address.partition("\n")[0].strip() if before else ""
