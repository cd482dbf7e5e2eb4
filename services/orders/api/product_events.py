"""The facts about products and their stock that orders announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from services.common.basics.events import Event
from services.common.basics.money import Money


@dataclass(frozen=True, kw_only=True)
class ProductEvent(Event):
    """The base of what happens to one product, which is the subject of its chain in the journal."""

    source: ClassVar[str] = "orders"
    subject_field: ClassVar[str] = "sku"
    sku: str


@dataclass(frozen=True, kw_only=True)
class ProductSaved(ProductEvent):
    """What is known of a product now. What carriers and customs are told of it is None in events of before.

    backorder_until, backorder_at_most: it is sold beyond the stock.
    """

    price: Money
    product_version: int
    weight_g: int | None = None
    hs_code: str | None = None
    origin_country: str | None = None
    backorder_until: str | None = None
    backorder_at_most: int | None = None
    low_stock: int | None = None


@dataclass(frozen=True, kw_only=True)
class StockAdjusted(ProductEvent):
    """Followed by orders itself, which asks the customers when less is there than was promised.

    on_hand, reserved: at all places. place: where it was counted; None in events of before. came_back: with a return.
    """

    delta: int
    on_hand: int
    reserved: int
    reason: str
    place: str | None = None
    came_back: bool = False


@dataclass(frozen=True, kw_only=True)
class StockLow(ProductEvent):
    """Little of a product is left to sell: told when it sinks to its threshold, and again after goods came in."""

    title: str
    available: int
    low_stock: int


@dataclass(frozen=True, kw_only=True)
class StockFreed(ProductEvent):
    """An order gave back goods that others wait for; followed by orders itself, which looks whether that is enough."""
