"""Public numbers and entry ids.

A number is what people read to each other: a prefix that says what it is, eight characters of Crockford's base 32
(no I, L, O, U) and a check character, so that a slip of the pen is noticed before a look-up. It says nothing about
how many there are and cannot be guessed in sequence: ORD-7K3M-9Q2X-C.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from uuid import UUID

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ORDER, SHIPMENT, RETURN, TICKET, CHANGE, PAYMENT, REFUND = "ORD", "SHP", "RET", "TIC", "CHG", "PAY", "REF"
PATTERN = r"[A-Z]{3}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]"
_NUMBER = re.compile(PATTERN + r"\Z")


def number(prefix: str, entropy: int) -> str:
    """The number of that kind for 40 bits of entropy."""
    chars = [ALPHABET[(entropy >> shift) & 31] for shift in range(35, -5, -5)]
    return f"{prefix}-{''.join(chars[:4])}-{''.join(chars[4:])}-{_check(prefix, chars)}"


def new_number(prefix: str) -> str:
    """A fresh number; uniqueness is the table's to hold, 40 random bits make a clash rare."""
    return number(prefix, secrets.randbits(40))


def is_number(text: str, prefix: str) -> bool:
    """Whether `text` is a well-formed number of that kind, check character included."""
    if not _NUMBER.match(text) or not text.startswith(prefix + "-"):
        return False
    return text[-1] == _check(prefix, list(text[4:8] + text[9:13]))


def new_id() -> str:
    """A UUID whose first 48 bits are the time in milliseconds (version 7): new rows land at an index's end."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 7 << 76
    value = value & ~(0b11 << 62) | 0b10 << 62
    return str(UUID(int=value))


def _check(prefix: str, chars: list[str]) -> str:
    weights = enumerate([*prefix.encode(), *(ALPHABET.index(char) for char in chars)], 1)
    return ALPHABET[sum(place * value for place, value in weights) % 31]
