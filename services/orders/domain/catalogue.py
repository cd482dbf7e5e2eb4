"""The catalogue and the stock behind it (standard, section 1: parameters, materials, usage, matching suggestions)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum

from services.common.basics.folding import fold
from services.common.basics.money import Money
from services.common.basics.untyped import JsonDict
from services.orders.api import ProductSaved, SaveProduct

FACTS = tuple(each.name for each in fields(SaveProduct) if each.name != "version")
TOLD = ("weight_g", "hs_code", "origin_country", "backorder_until", "backorder_at_most", "low_stock")
"""What is told of a product when it is saved."""


class Cause(StrEnum):
    """Why a count in the stock ledger moved."""

    RECEIVED = "received"
    CORRECTED = "corrected"
    RESERVED = "reserved"
    RELEASED = "released"
    DISPATCHED = "dispatched"
    RESTOCKED = "restocked"  # came back and can be sold again
    RETURNED = "returned"  # came back and cannot; SCRAPPED takes it off again
    SCRAPPED = "scrapped"
    MOVED = "moved"  # from one place to another: what is there, or what is promised from there


@dataclass(eq=False)
class Product:
    """What a product page and a support agent can tell; weights in grams, prices in USD."""

    sku: str
    title: str
    price: Money
    weight_g: int
    origin_country: str
    hs_code: str | None = None
    description: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    materials: str = ""
    usage: str = ""
    matches: tuple[str, ...] = ()
    active: bool = True
    backorder_until: str | None = None
    backorder_at_most: int | None = None
    low_stock: int | None = None
    version: int = 0
    sku_key: str | None = None
    search: str | None = None

    def takes_backorders(self, today: str) -> bool:
        """Return whether it may be ordered before it is in stock: a day that has passed is no day to promise."""
        return self.backorder_until is not None and self.backorder_until >= today

    def facts(self) -> JsonDict:
        """Return what `SaveProduct` says of it."""
        return {name: getattr(self, name) for name in FACTS}

    def revise(self, to: SaveProduct) -> ProductSaved:
        """Take all of it over."""
        for name in FACTS:
            setattr(self, name, getattr(to, name))
        self.search = fold(f"{self.title} {self.sku} {self.description}")
        self.version += 1
        told = {name: getattr(self, name) for name in TOLD}
        return ProductSaved(sku=self.sku, price=self.price, product_version=self.version, **told)
