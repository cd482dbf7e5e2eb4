"""Goods that may be ordered before they are in stock, and the day that customers are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar, TypedDict

from services.common.basics.shapes import Between, Example, Format, Note, Nullable, Pattern, Timestamp
from services.orders.api.order_event import OrderEvent

NO_DAY = "Not a day, such as 2026-12-15."
Day = Annotated[str, Format("date"), Example("2026-12-15")]
WantedDay = Annotated[str, Pattern(r"\d{4}-\d{2}-\d{2}", NO_DAY), Example("2026-12-15"), Nullable()]
AtMost = Annotated[int, Between(1, 100_000), Nullable(), Note("pieces beyond the stock, of all orders"), Example(20)]
Threshold = Annotated[int, Between(1, 1_000_000), Nullable(), Note("leads are told once it sinks to it"), Example(5)]


def is_day(text: str | None) -> bool:
    """Return whether it is a day of the calendar, or nothing."""
    try:
        return text is None or date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


class BackorderTermsView(TypedDict):
    """What may be ordered beyond the stock. until: the day by which it is expected. left: pieces."""

    until: Day
    left: int


class QuotedBackorderView(TypedDict):
    """Pieces of a line that are not in stock, and the day by which they are expected."""

    sku: str
    quantity: int
    until: Day


class BackorderView(TypedDict):
    """Pieces that an order waits for. It leaves as a whole within the time to dispatch, which counts from when they
    are here.

    until: the day that its customer was promised. told: the day that they were told last, None if it is not known;
    it binds only who agreed to wait for it.
    """

    sku: str
    quantity: int
    until: Day
    told: Day | None
    here_at: Annotated[Timestamp | None, Note("when they were here")]


@dataclass(frozen=True, kw_only=True)
class GoodsArrived(OrderEvent):
    """Pieces that the order waited for are here, and are kept for it. waits: for others, still."""

    followed: ClassVar[bool] = False
    sku: str
    quantity: int
    waits: bool
