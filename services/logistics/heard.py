"""What logistics reads of orders' events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.common.basics.events import Event
from services.logistics.api.parts import ShipmentLine


@dataclass(frozen=True)
class Customer:
    email: str
    time_zone: str | None = None


@dataclass(frozen=True)
class Delivery:
    country: str
    name: str = ""
    line1: str = ""
    line2: str | None = ""
    company: str | None = ""
    city: str = ""
    region: str | None = ""
    postal_code: str | None = ""


@dataclass(frozen=True, kw_only=True)
class OrderEvent(Event):
    source: ClassVar[str] = "orders"
    order_number: str


@dataclass(frozen=True, kw_only=True)
class ReviewPassed(OrderEvent):
    passed_at: datetime
    customer: Customer
    delivery: Delivery
    lines: tuple[ShipmentLine, ...]


@dataclass(frozen=True, kw_only=True)
class ChangeEvent(OrderEvent):
    change_id: str


@dataclass(frozen=True, kw_only=True)
class ChangeRequested(ChangeEvent):
    pauses: bool = True


@dataclass(frozen=True, kw_only=True)
class ChangeDeclined(ChangeEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class ChangeClosed(ChangeEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class StockCovered(ChangeEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class HoldEvent(OrderEvent):
    hold_id: str


@dataclass(frozen=True, kw_only=True)
class DispatchHeld(HoldEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class DispatchReleased(HoldEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class OrderChanged(ChangeEvent):
    lines: tuple[ShipmentLine, ...]
    delivery: Delivery | None = None


@dataclass(frozen=True, kw_only=True)
class CancellationRequested(OrderEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(OrderEvent):
    """remedy_id: it ended because all of it that did not arrive was paid back."""

    remedy_id: str | None = None


@dataclass(frozen=True)
class MissingLine:
    line_id: int
    sku: str
    quantity: int


@dataclass(frozen=True, kw_only=True)
class RemedyAccepted(OrderEvent):
    remedy_id: str
    option: str
    shipment_number: str
    parcels: tuple[str, ...]
    lines: tuple[MissingLine, ...]
    replacement: str | None = None
