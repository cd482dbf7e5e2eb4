"""Addresses in mails."""

from __future__ import annotations

from collections.abc import Mapping

from services.common.addresses.envelopes import lines


def block(address: Mapping[str, str]) -> str:
    """Return the lines one below the other, each set in by two spaces."""
    return "\n".join(f"  {line}" for line in lines(address))
