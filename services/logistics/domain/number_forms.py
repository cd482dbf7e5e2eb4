"""Whose a tracking number is by its form, where that is certain: a label may be scanned under the wrong carrier.

Only forms that one carrier alone gives out, with their check digit where they have one. A number of 12 digits is many
carriers': of such ones nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from services.logistics.api.parts import fold_number

_POSTS: Mapping[str, str] = {
    "AU": "australiapost", "CA": "canadapost", "CN": "chinapost", "DE": "dhl", "FR": "laposte", "GB": "royalmail",
    "JP": "japanpost", "NL": "postnl", "SG": "singpost", "US": "usps",
}  # fmt: skip
"""The posts of the Universal Postal Union that end their numbers with these countries."""
_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
_UPS = re.compile(r"1Z[0-9A-Z]{15}[0-9]")
_POSTAL = re.compile(r"[A-Z]{2}([0-9]{8})([0-9])([A-Z]{2})")
_YUN = re.compile(r"YT[0-9]{16}")
_SF = re.compile(r"SF[0-9]{12,13}")


def is_postal(number: str) -> bool:
    """Return whether a number has the form of the posts, which many other carriers give out for them too."""
    return _POSTAL.fullmatch(fold_number(number)) is not None


def carrier_by(number: str) -> str | None:
    """Return the carrier that gives out numbers of this form, None where that is not certain."""
    folded = fold_number(number)
    if _UPS.fullmatch(folded) and _ups_digit(folded[2:-1]) == int(folded[-1]):
        return "ups"
    if postal := _POSTAL.fullmatch(folded):
        digits, check, country = postal.groups()
        return _POSTS.get(country) if _postal_digit(digits) == int(check) else None
    if _YUN.fullmatch(folded):
        return "yunexpress"
    return "sfexpress" if _SF.fullmatch(folded) else None


def _ups_digit(text: str) -> int:
    values = [int(each) if each.isdigit() else (ord(each) - 63) % 10 for each in text]
    return -(sum(values) + sum(values[1::2])) % 10


def _postal_digit(digits: str) -> int:
    rest = 11 - sum(weight * int(each) for weight, each in zip(_WEIGHTS, digits, strict=True)) % 11
    return {10: 0, 11: 5}.get(rest, rest)
