"""Public numbers and entry ids.

A number is what people read to each other: a prefix that says what it is, eight characters that cannot be taken for
one another (no I, L, O, U, Z) and a check character: any one character wrong and any two swapped are noticed before a
look-up, since 31 is prime. It says nothing about how many there are and cannot be guessed: ORD-7K3M-9Q2X-C.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
import unicodedata
from uuid import UUID

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXY"
COUNT = len(ALPHABET) ** 8
ORDER, SHIPMENT, RETURN, TICKET, CHANGE, PAYMENT, REFUND = "ORD", "SHP", "RET", "TIC", "CHG", "PAY", "REF"
REMEDY, PRIVACY = "RMD", "PRV"
CHARACTER = "[0-9A-HJKMNP-TV-Y]"
PATTERN = f"[A-Z]{{3}}-{CHARACTER}{{4}}-{CHARACTER}{{4}}-{CHARACTER}"
_NUMBER = re.compile(PATTERN + r"\Z")
_LOOK_ALIKES = str.maketrans(
    "OILZUАВСЕНКМОРТХУІЗΑΒΕΗΚΜΝΟΡΤΧΥΖΙ",  # Latin, Cyrillic, Greek
    "0112VABCEHKM0PTXY13ABEHKMN0PTXY21",
)


def number(prefix: str, which: int) -> str:
    """Return the number of that kind for an integer from 0 to `COUNT` - 1."""
    chars = [ALPHABET[which // 31**place % 31] for place in range(7, -1, -1)]
    return f"{prefix}-{''.join(chars[:4])}-{''.join(chars[4:])}-{_check(prefix, chars)}"


def new_number(prefix: str) -> str:
    """Return a random number. The table keeps it unique; 850,000,000,000 possible ones make a clash rare."""
    return number(prefix, secrets.randbelow(COUNT))


def number_after(prefix: str, *cause: object) -> str:
    """Return the number that follows from a cause: the same each time, if the same has to be done again."""
    digest = hashlib.sha256("\0".join(str(part) for part in (prefix, *cause)).encode()).digest()
    return number(prefix, int.from_bytes(digest) % COUNT)


def renamed(number: str, prefix: str) -> str:
    """Return the number of another kind with the same eight characters, for things that belong together one to one."""
    chars = number[4:8] + number[9:13]
    return f"{prefix}-{chars[:4]}-{chars[4:]}-{_check(prefix, list(chars))}"


def shipment_of(order_number: str, part: int) -> str:
    """Return the number of a part of an order that is sent: the first is named as the order is."""
    return renamed(order_number, SHIPMENT) if part == 1 else number_after(SHIPMENT, order_number, part)


def is_number(text: str, prefix: str) -> bool:
    """Return whether `text` is a well-formed number of that kind, including its check character."""
    if not _NUMBER.match(text) or not text.startswith(prefix + "-"):
        return False
    return text[-1] == _check(prefix, list(text[4:8] + text[9:13]))


def fold_number(text: str, prefix: str) -> str | None:
    """Return the number of that kind that a person typed, or None if it is none.

    Case, blanks, dashes and other marks count for nothing; letters that are not in the alphabet stand for the digits
    that they look like (O for 0, I and L for 1, Z for 2, U for V); the prefix may be left out. The check character
    makes a typing error an unknown number.
    """
    if is_number(text, prefix):
        return text
    typed = unicodedata.normalize("NFKC", text[:100]).upper().translate(_LOOK_ALIKES)
    typed = "".join(str(unicodedata.digit(char, char)) for char in typed)
    chars = "".join(char for char in typed if char in ALPHABET)
    start = prefix.translate(_LOOK_ALIKES)
    if len(chars) == len(start) + 9 and chars.startswith(start):
        chars = chars[len(start) :]
    if len(chars) != 9 or any(char.isalnum() and char not in ALPHABET for char in typed):
        return None
    found = f"{prefix}-{chars[:4]}-{chars[4:8]}-{chars[8]}"
    return found if is_number(found, prefix) else None


def new_id() -> str:
    """Return a UUID whose first 48 bits are the time in milliseconds (version 7): new rows go to an index's end."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 7 << 76
    value = value & ~(0b11 << 62) | 0b10 << 62
    return str(UUID(int=value))


def _check(prefix: str, chars: list[str]) -> str:
    values = [*prefix.encode(), *(ALPHABET.index(char) for char in chars)]
    return ALPHABET[sum(place * value for place, value in enumerate(values, 1)) % 31]
