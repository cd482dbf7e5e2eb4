"""What support reads of the events of orders: each class has the fields that are used here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from services.common.basics.events import Event
from services.common.basics.money import ZERO, Money


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
class BoughtLine:
    sku: str
    quantity: int
    title: str = ""
    unit_price: Money | None = None


@dataclass(frozen=True, kw_only=True)
class Totals:
    total: Money


@dataclass(frozen=True, kw_only=True)
class ReportedAmount:
    """Money as a provider took it, in whatever currency."""

    amount: str
    currency: str


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(OrderEvent):
    customer: Customer
    lines: tuple[BoughtLine, ...] = ()
    totals: Totals | None = None
    delivery: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class PaymentCaptured(OrderEvent):
    amount: ReportedAmount | None = None
    use: str = "order"
    missing: Money = ZERO
    surplus: Money = ZERO


class PaymentFailed(OrderEvent): ...


@dataclass(frozen=True, kw_only=True)
class ReviewPassed(OrderEvent):
    customer: Customer
    lines: tuple[BoughtLine, ...] = ()
    delivery: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Finding:
    check: str


@dataclass(frozen=True, kw_only=True)
class ReviewNeedsContact(OrderEvent):
    failed: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True)
class OfferedOption:
    label: str
    option: str = ""


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
class OrderChanged(OrderEvent):
    change_id: str
    lines: tuple[BoughtLine, ...]
    refund: Money


class CancellationRequested(OrderEvent): ...


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(OrderEvent):
    """remedy_id: it ended because all of it that did not arrive was paid back."""

    refund: Money
    held: bool = False
    remedy_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class RemedyEvent(OrderEvent):
    remedy_id: str


@dataclass(frozen=True, kw_only=True)
class RemedyRequested(RemedyEvent):
    summary: str
    options: tuple[OfferedOption, ...]


@dataclass(frozen=True, kw_only=True)
class RemedyAccepted(RemedyEvent):
    option: str
    refund: Money
    ask_again_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class RemedyClosed(RemedyEvent):
    status: str
    delivered: bool = False


@dataclass(frozen=True, kw_only=True)
class RemedyOvertaken(RemedyEvent):
    option: str
    parcel_status: str


class OrderExpired(OrderEvent): ...


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
    after_settled: bool = False


@dataclass(frozen=True, kw_only=True)
class PaymentNeedsAttention(OrderEvent):
    payment_id: str
    amount: ReportedAmount
    reason: str
    kind: str = "other_currency"
    due_at: datetime | None = None
