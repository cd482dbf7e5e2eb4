"""Exact amounts of US dollars, in integer cents (standard, section 4: all settlements in USD).

There is no other currency and no float anywhere: `Money` is made from cents or from a decimal string, and `split`
shares an amount so that the parts always add up to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

CURRENCY = "USD"
MAX_CENTS = 10**12
"""The most that one amount from outside may be."""
MAX_SUM = 1000 * MAX_CENTS
"""The most that amounts may add up to: several payments of the largest amount are still counted."""
_DECIMAL = re.compile(r"(-?)(\d{1,13})(?:\.(\d{2}))?\Z", re.ASCII)


@dataclass(frozen=True, order=True, slots=True)
class Money:
    """An amount of USD. `Money(1234)` is 12.34."""

    cents: int

    def __post_init__(self) -> None:
        if type(self.cents) is not int or abs(self.cents) > MAX_SUM:
            raise ValueError(f"not an amount in cents: {self.cents!r}")

    @classmethod
    def parse(cls, text: str) -> Money:
        """Parse `"12.34"` or `"12"`. Raise ValueError for anything else, also fractions of a cent and exponents."""
        found = _DECIMAL.match(text)
        if not found:
            raise ValueError(f"not an amount: {text[:40]!r}")
        sign, whole, cents = found.groups()
        return cls((-1 if sign else 1) * (int(whole) * 100 + int(cents or 0)))

    @classmethod
    def total(cls, amounts: Iterable[Money]) -> Money:
        return cls(sum(amount.cents for amount in amounts))

    def __str__(self) -> str:
        return f"{'-' if self.cents < 0 else ''}{abs(self.cents) // 100}.{abs(self.cents) % 100:02}"

    def __add__(self, other: Money) -> Money:
        return Money(self.cents + other.cents)

    def __sub__(self, other: Money) -> Money:
        return Money(self.cents - other.cents)

    def __mul__(self, times: int) -> Money:
        return Money(self.cents * times)

    def __bool__(self) -> bool:
        return self.cents != 0


ZERO = Money(0)


def split(total: Money, weights: Sequence[int]) -> list[Money]:
    """Share `total` in proportion to `weights` (not negative); the parts add up to it exactly.

    The cents that division leaves over go to the largest remainders, the first among equals. All weights zero: the
    parts are as equal as can be. ValueError without weights.
    """
    if not weights or min(weights) < 0:
        raise ValueError("weights must be given and not negative")
    shares = list(weights) if any(weights) else [1] * len(weights)
    sign, cents, whole = (-1 if total.cents < 0 else 1), abs(total.cents), sum(shares)
    parts = [cents * share // whole for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda i: -(cents * shares[i] % whole))
    for i in by_remainder[: cents - sum(parts)]:
        parts[i] += 1
    return [Money(sign * part) for part in parts]
