"""What support reads of other services' events: each class has the fields of the emitter's event that are used here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.common.basics.events import Event
from services.common.basics.money import Money


@dataclass(frozen=True, kw_only=True)
class Customer:
    name: str
    email: str
    language: str | None = None
    time_zone: str | None = None


@dataclass(frozen=True, kw_only=True)
class OrderEvent(Event):
    source: ClassVar[str] = "orders"
    order_number: str


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(OrderEvent):
    customer: Customer


class PaymentCaptured(OrderEvent): ...


class PaymentFailed(OrderEvent): ...


@dataclass(frozen=True, kw_only=True)
class ReviewPassed(OrderEvent):
    customer: Customer


@dataclass(frozen=True, kw_only=True)
class Finding:
    check: str


@dataclass(frozen=True, kw_only=True)
class ReviewNeedsContact(OrderEvent):
    failed: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True)
class OfferedOption:
    label: str


@dataclass(frozen=True, kw_only=True)
class ChangeRequested(OrderEvent):
    change_id: str
    summary: str
    options: tuple[OfferedOption, ...]
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class ChangeAccepted(OrderEvent):
    change_id: str
    option: str


@dataclass(frozen=True, kw_only=True)
class ChangeDeclined(OrderEvent):
    change_id: str


@dataclass(frozen=True, kw_only=True)
class ChangeClosed(OrderEvent):
    change_id: str


@dataclass(frozen=True, kw_only=True)
class BoughtLine:
    sku: str
    quantity: int


@dataclass(frozen=True, kw_only=True)
class OrderChanged(OrderEvent):
    change_id: str
    lines: tuple[BoughtLine, ...]
    refund: Money


class CancellationRequested(OrderEvent): ...


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(OrderEvent):
    refund: Money


class OrderExpired(OrderEvent): ...


class OrderCompleted(OrderEvent): ...


@dataclass(frozen=True, kw_only=True)
class RefundSettled(OrderEvent):
    refund_id: str
    amount: Money
    cause: str


@dataclass(frozen=True, kw_only=True)
class RefundFailed(OrderEvent):
    refund_id: str
    amount: Money
    cause: str
    reason: str
    manual: bool


@dataclass(frozen=True, kw_only=True)
class ReportedAmount:
    """Money as a provider took it, in whatever currency."""

    amount: str
    currency: str


@dataclass(frozen=True, kw_only=True)
class PaymentNeedsAttention(OrderEvent):
    payment_id: str
    amount: ReportedAmount
    reason: str


@dataclass(frozen=True, kw_only=True)
class ShipmentEvent(Event):
    source: ClassVar[str] = "logistics"
    order_number: str
    shipment_number: str


@dataclass(frozen=True, kw_only=True)
class DispatchedParcel:
    carrier: str
    tracking_number: str


@dataclass(frozen=True, kw_only=True)
class DeliveryPromise:
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class ShipmentDispatched(ShipmentEvent):
    parcels: tuple[DispatchedParcel, ...]
    promise: DeliveryPromise


@dataclass(frozen=True, kw_only=True)
class RecallRefused(ShipmentEvent):
    cause: str


@dataclass(frozen=True, kw_only=True)
class ParcelEvent(ShipmentEvent):
    parcel_id: str
    tracking_number: str


@dataclass(frozen=True, kw_only=True)
class TrackingUpdated(ParcelEvent):
    status: str


class ParcelDelivered(ParcelEvent): ...


@dataclass(frozen=True, kw_only=True)
class ParcelException(ParcelEvent):
    status: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ParcelStuck(ParcelEvent):
    last_event_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ReturnEvent(Event):
    source: ClassVar[str] = "aftersales"
    order_number: str
    return_number: str


class ReturnRequested(ReturnEvent): ...


@dataclass(frozen=True, kw_only=True)
class ReturnInfoRequested(ReturnEvent):
    question: str


@dataclass(frozen=True, kw_only=True)
class ReturnAuthorized(ReturnEvent):
    instructions: Mapping[str, str]
    send_by: datetime


@dataclass(frozen=True, kw_only=True)
class ReturnRejected(ReturnEvent):
    explanation: str


class ReturnReceived(ReturnEvent): ...


@dataclass(frozen=True, kw_only=True)
class ReturnInspected(ReturnEvent):
    accepted: int
    disputed: int
    refund: Money


@dataclass(frozen=True, kw_only=True)
class ReturnRefunded(ReturnEvent):
    amount: Money
