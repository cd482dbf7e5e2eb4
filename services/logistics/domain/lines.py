"""What a shipment holds and where it goes, and what a change that the customer agreed to makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.common.basics.personal import ERASED
from services.logistics.api.parts import ShipmentLine


@dataclass(frozen=True)
class Destination:
    """address: its lines as the customer wrote them; the rest says whose working days a promise is counted in."""

    address: Mapping[str, str | None]
    country: str
    region: str
    time_zone: str


def erased_destination(known: Destination) -> Destination:
    """Return a destination of which only country, region and time zone are left: promises were counted in them."""
    address = {name: ERASED if value else value for name, value in known.address.items()}
    return replace(known, address={**address, "country": known.country})


def apply_change(lines: Sequence[ShipmentLine], after: Sequence[ShipmentLine]) -> tuple[ShipmentLine, ...]:
    """Return the lines after a change. Lines not named are removed; of known lines quantity and value change."""
    known = {(line.line_id, line.sku): line for line in lines}
    kept = [line for line in after if line.quantity > 0]
    return tuple(
        replace(known.get((line.line_id, line.sku), line), quantity=line.quantity, value=line.value) for line in kept
    )
