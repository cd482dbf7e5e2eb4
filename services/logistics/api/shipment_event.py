"""The base of the facts about one shipment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from services.common.basics.events import Event


@dataclass(frozen=True, kw_only=True)
class ShipmentEvent(Event):
    """The base: something about one shipment of one order."""

    source: ClassVar[str] = "logistics"
    subject_field: ClassVar[str] = "shipment_number"
    audience: ClassVar[str] = "public"

    shipment_number: str
    order_number: str
