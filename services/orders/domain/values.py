"""Values that an order is made of: who to reach, where to deliver, what was bought."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from services.common.basics.events import to_json
from services.common.basics.money import Money


@dataclass(frozen=True)
class Contact:
    """How the customer is reached, in their language and time zone."""

    name: str
    email: str
    phone: str = ""
    language: str = "en"
    time_zone: str = "UTC"


@dataclass(frozen=True)
class Address:
    """Where the goods go; `country` is ISO 3166-1 alpha-2."""

    name: str
    line1: str
    city: str
    postal_code: str
    country: str
    line2: str = ""
    region: str = ""


@dataclass(eq=False)
class OrderLine:
    """One product of an order.

    paid     what each unit cost the customer, split once when the order was placed (standard, section 4: in full)
    removed  the units that an accepted change took out; `paid` keeps its length, so that unit numbers never move
    """

    order_number: str
    line_id: int
    sku: str
    title: str
    unit_price: Money
    paid: tuple[Money, ...]
    weight_g: int
    hs_code: str | None
    origin_country: str
    removed: tuple[int, ...] = ()

    @property
    def units(self) -> tuple[int, ...]:
        """The units that are still part of the order."""
        return tuple(unit for unit in range(len(self.paid)) if unit not in self.removed)

    @property
    def quantity(self) -> int:
        return len(self.units)

    def paid_for(self, units: Iterable[int]) -> Money:
        return Money.total(self.paid[unit] for unit in units)

    def to_body(self) -> dict[str, Any]:
        """The line as events and replies show it: what is left of it."""
        return {
            "line_id": self.line_id,
            "sku": self.sku,
            "title": self.title,
            "quantity": self.quantity,
            "unit_price": to_json(self.unit_price),
            "units": list(self.units),
            "paid": [to_json(self.paid[unit]) for unit in self.units],
            "weight_g": self.weight_g,
            "hs_code": self.hs_code,
            "origin_country": self.origin_country,
        }


@dataclass(frozen=True)
class Consent:
    """Proof that the customer wants it: who, when, how, and the digest of exactly what was shown."""

    by: str
    at: str
    how: str
    option: str
    digest: str

    def to_body(self) -> dict[str, Any]:
        return asdict(self)
