"""Goods that were ordered before they were in stock: what was promised, and when there is news to tell.

A day that a customer was told is a promise until they agree to another one; that it moved, or passed, is told as soon
as it is known, with the choice to wait, to take out what is missing, or to cancel for all that was paid. Days are
written as ISO 8601 has them, so that they compare as texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(eq=False)
class Backorder:
    """Pieces of a product that an order waits for.

    until      the day that was agreed to
    told       the day that was told last; None when it was told that none is known
    change_id  the question about it that was put last
    here_at    when they were here: from then on they are stock that is promised, as other stock is
    """

    order_number: str
    sku: str
    quantity: int
    until: str
    told: str | None
    placed_at: datetime
    here_at: datetime | None = None
    change_id: str | None = None
    id: int | None = None

    @property
    def is_open(self) -> bool:
        return self.here_at is None

    def agree(self) -> None:
        """Note that the customer waits until the day that they were told."""
        self.until = self.told or self.until

    def forget_question(self) -> None:
        """Have the news told again: the question about it is over without an answer to it."""
        self.told, self.change_id = self.until, None


@dataclass(frozen=True)
class News:
    """What the customer is to hear. until: the day; None: that none is known. asks: whether they must agree."""

    until: str | None
    asks: bool


def news_of(waiting: Backorder, expected: str | None, today: str) -> News | None:
    """Return what there is to tell of pieces that are not here. expected: the day that the catalogue says."""
    if not waiting.is_open:
        return None
    if expected is not None and expected >= today:
        return None if expected == waiting.told else News(expected, asks=expected > waiting.until)
    passed = waiting.until < today and waiting.told is not None and waiting.told < today
    return News(None, asks=True) if passed else None


def owed_from_stock(wanted: Mapping[str, int], waiting: Iterable[Backorder]) -> dict[str, int]:
    """Count, per SKU, the pieces of an order that were in stock when they were promised, or are by now."""
    owed = dict(wanted)
    for each in waiting:
        if each.is_open:
            owed[each.sku] = owed.get(each.sku, 0) - each.quantity
    return owed


def orderable(on_hand: int, reserved: int, at_most: int | None) -> int:
    """Count what can be ordered now, in stock or beyond it."""
    return max(on_hand - reserved + (at_most or 0), 0)
