"""What aftersales reads of other services' events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.common.basics.events import Event
from services.common.basics.money import Money


@dataclass(frozen=True)
class Customer:
    email: str
    time_zone: str = ""


@dataclass(frozen=True)
class Delivery:
    country: str | None = None


@dataclass(frozen=True)
class Policy:
    version: str
    days: int


@dataclass(frozen=True)
class BoughtLine:
    """`units` numbers the pieces that `paid` tells of; without it they count from 0."""

    line_id: int
    sku: str
    title: str = ""
    paid: tuple[Money, ...] = ()
    units: tuple[int, ...] | None = None


@dataclass(frozen=True)
class RemovedLine:
    line_id: int
    units: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(Event):
    source: ClassVar[str] = "orders"
    order_number: str
    customer: Customer
    lines: tuple[BoughtLine, ...]
    return_policy: Policy
    placed_at: datetime
    delivery: Delivery = Delivery()


@dataclass(frozen=True, kw_only=True)
class OrderChanged(Event):
    source: ClassVar[str] = "orders"
    order_number: str
    lines: tuple[BoughtLine, ...] = ()
    removed: tuple[RemovedLine, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RemedyAccepted(Event):
    """lines: the pieces that did not arrive."""

    source: ClassVar[str] = "orders"
    order_number: str
    option: str
    lines: tuple[RemovedLine, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(Event):
    source: ClassVar[str] = "orders"
    order_number: str


@dataclass(frozen=True, kw_only=True)
class RefundEvent(Event):
    source: ClassVar[str] = "orders"
    order_number: str
    refund_id: str
    amount: Money
    cause: str
    reference: str


@dataclass(frozen=True, kw_only=True)
class RefundSubmitted(RefundEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class RefundFailed(RefundEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class RefundSettled(RefundEvent):
    settled_at: datetime


@dataclass(frozen=True, kw_only=True)
class ShipmentDelivered(Event):
    source: ClassVar[str] = "logistics"
    order_number: str
    delivered_at: datetime
    country: str | None = None
    time_zone: str | None = None
    shipment_number: str = ""


@dataclass(frozen=True, kw_only=True)
class DeliveryTakenBack(Event):
    source: ClassVar[str] = "logistics"
    order_number: str
    shipment_number: str
