"""What a shipment holds, and what a change that the customer agreed to leaves of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.common.money import ZERO, Money


@dataclass(frozen=True)
class ShipmentLine:
    line_id: int
    sku: str
    title: str
    quantity: int
    weight_g: int = 0
    hs_code: str | None = None
    origin_country: str | None = None
    unit_price: Money = ZERO


@dataclass(frozen=True)
class RemainingLine:
    """What a change left of an order's line."""

    line_id: int
    sku: str
    quantity: int


def apply_change(lines: Sequence[ShipmentLine], remaining: Sequence[RemainingLine]) -> tuple[ShipmentLine, ...]:
    """The lines after a change: what is not named is gone; a product in place of another keeps the line's number."""
    known = {(line.line_id, line.sku): line for line in lines}
    return tuple(
        replace(
            known.get((left.line_id, left.sku)) or ShipmentLine(left.line_id, left.sku, left.sku, left.quantity),
            quantity=left.quantity,
        )
        for left in remaining
        if left.quantity > 0
    )
