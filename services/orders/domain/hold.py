"""How long an unpaid order holds stock, and what counts as one stranger's.

An order holds its stock for the minutes of `PLEDGE_HOLD_MINUTES` from placing. Starting a payment does not make it
longer, and neither does a payment that was declined: only what the provider itself reports as under way does, up to
the end of that session. So goods cannot be kept from others without paying.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from services.common.basics.folding import fold
from services.orders.api import Address, PaymentStatus


class Attempt(Protocol):
    """What of a payment says whether it is under way."""

    status: PaymentStatus
    underway_until: datetime | None


class Held(Protocol):
    """An order that waits for its payment."""

    expires_at: datetime


def held_until(order: Held, attempts: Iterable[Attempt]) -> datetime:
    """Return the moment from which the order's stock is free again unless it is paid."""
    ends = (attempt.underway_until for attempt in attempts if attempt.status is PaymentStatus.PENDING)
    return max([order.expires_at, *(end for end in ends if end is not None)])


def mailbox_key(email: str) -> str:
    """Return what the addresses of one mailbox have in common, as SHA-256 in hex: `ada+x@…` is read where `ada@…` is.

    It is for counting alone. Mail goes to the address that was given.
    """
    local, _, domain = email.rpartition("@")
    mailbox = f"{local.partition('+')[0] or local}@{domain}"
    return hashlib.sha256(fold(mailbox).encode()).hexdigest()


def place_key(address: Address) -> str:
    """Return what two spellings of one address have in common, as SHA-256 in hex; who receives it is left out."""
    parts = (address.line1, address.line2, address.postal_code, address.city, address.country)
    letters = "".join(char for char in fold(" ".join(parts)) if char.isalnum())
    return hashlib.sha256(letters.encode()).hexdigest()
