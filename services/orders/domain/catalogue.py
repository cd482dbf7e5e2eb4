"""The catalogue and the stock behind it (standard, section 1: parameters, materials, usage, matching suggestions)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from services.common.basics.errors import Conflict, Invalid
from services.common.basics.money import Money
from services.orders.domain.events import ProductSaved


class VersionMoved(Conflict):
    """Somebody changed it since you read it."""

    code = "version_moved"
    message = "Somebody changed it since you read it."


class UnknownProduct(Invalid):
    """There is no such product for sale."""

    code = "unknown_product"
    message = "There is no such product for sale."


class OutOfStock(Conflict):
    """Not enough of it is left; nothing was reserved and nothing charged.

    details: sku, wanted.
    """

    code = "out_of_stock"
    message = "Not enough of it is left; nothing was reserved and nothing charged."


class StockTooLow(Conflict):
    """There cannot be less than nothing on the shelf."""

    code = "stock_too_low"
    message = "There cannot be less than nothing on the shelf."


class Cause(StrEnum):
    """Why a count in the stock ledger moved."""

    RECEIVED = "received"
    CORRECTED = "corrected"
    RESERVED = "reserved"
    RELEASED = "released"
    DISPATCHED = "dispatched"


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
    parameters: Mapping[str, Any] = field(default_factory=dict)
    materials: str = ""
    usage: str = ""
    matches: tuple[str, ...] = ()
    active: bool = True
    version: int = 0

    def revise(self, facts: Mapping[str, Any], version: int | None) -> ProductSaved:
        """Take these facts over; VersionMoved when `version` is given and not the current one."""
        if version is not None and version != self.version:
            raise VersionMoved(details={"version": self.version})
        for name, value in facts.items():
            setattr(self, name, value)
        self.version += 1
        return ProductSaved(sku=self.sku, price=self.price, product_version=self.version)
