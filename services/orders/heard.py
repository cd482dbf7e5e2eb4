"""The events of other services that orders follows, as far as it needs them.

They stand in for the declarations of their emitters (`services.<source>.api`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.common.basics.events import Event
from services.common.basics.money import Money


@dataclass(frozen=True, kw_only=True)
class ShipmentEvent(Event):
    source: ClassVar[str] = "logistics"
    subject_field: ClassVar[str] = "shipment_number"
    shipment_number: str
    order_number: str


@dataclass(frozen=True)
class ShippedLine:
    sku: str
    quantity: int


@dataclass(frozen=True, kw_only=True)
class ShipmentCreated(ShipmentEvent):
    lines: tuple[ShippedLine, ...]


@dataclass(frozen=True, kw_only=True)
class ShipmentSorted(ShipmentEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class ShipmentPacked(ShipmentEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class ShipmentDispatched(ShipmentEvent):
    dispatched_at: datetime


@dataclass(frozen=True, kw_only=True)
class TrackingUpdated(ShipmentEvent):
    status: str


@dataclass(frozen=True, kw_only=True)
class ShipmentDelivered(ShipmentEvent):
    delivered_at: datetime


@dataclass(frozen=True, kw_only=True)
class DeliveryTakenBack(ShipmentEvent):
    why: str


@dataclass(frozen=True, kw_only=True)
class ShipmentRecalled(ShipmentEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class RecallRefused(ShipmentEvent):
    reason: str
    cause: str


@dataclass(frozen=True)
class ClaimedUnit:
    line_id: int
    unit: int


@dataclass(frozen=True, kw_only=True)
class RefundClaimed(Event):
    source: ClassVar[str] = "aftersales"
    subject_field: ClassVar[str] = "return_number"
    return_number: str
    order_number: str
    amount: Money
    units: tuple[ClaimedUnit, ...]


@dataclass(frozen=True, kw_only=True)
class CustomerNotified(Event):
    source: ClassVar[str] = "support"
    subject_field: ClassVar[str] = "reference"
    about: str
    notified_at: datetime
    order_number: str | None = None
    reference: str | None = None
