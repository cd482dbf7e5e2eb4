"""The facts that orders announces. What a customer may read on the timeline is public, the rest internal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.common.basics.events import Event
from services.common.basics.money import Money
from services.orders.api.parts import (
    Address,
    BoughtLine,
    Consent,
    Contact,
    Finding,
    OfferedOption,
    RemovedUnits,
    ReportedAmount,
    ReturnPolicy,
    Totals,
)
from services.orders.api.statuses import ChangeKind, ChangeStatus, RefundCause


@dataclass(frozen=True, kw_only=True)
class OrderEvent(Event):
    """The base of what happens to one order, which is the subject of its chain in the journal."""

    source: ClassVar[str] = "orders"
    audience: ClassVar[str] = "public"
    order_number: str


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(OrderEvent):
    customer: Contact
    delivery: Address
    lines: tuple[BoughtLine, ...]
    totals: Totals
    return_policy: ReturnPolicy
    placed_at: datetime


@dataclass(frozen=True, kw_only=True)
class OrderExpired(OrderEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class OrderRevived(OrderEvent):
    """A payment arrived after the order had expired, and the goods were still there."""

    followed: ClassVar[bool] = False
    payment_id: str


@dataclass(frozen=True, kw_only=True)
class OrderCompleted(OrderEvent):
    completed_at: datetime


@dataclass(frozen=True, kw_only=True)
class OrderReopened(OrderEvent):
    """It was complete, and a delivery turned out to be none: it is confirmed again."""

    why: str


@dataclass(frozen=True, kw_only=True)
class PaymentStarted(OrderEvent):
    followed: ClassVar[bool] = False
    payment_id: str
    provider: str
    amount: Money


@dataclass(frozen=True, kw_only=True)
class PaymentCaptured(OrderEvent):
    """`amount` is what the provider says it took, in whatever currency it says."""

    payment_id: str
    amount: ReportedAmount
    captured_at: datetime


@dataclass(frozen=True, kw_only=True)
class PaymentFailed(OrderEvent):
    payment_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class PaymentDisputed(OrderEvent):
    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False
    payment_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class PaymentNeedsAttention(OrderEvent):
    """Money arrived that is not for the order and that we cannot send back by ourselves, since it is not in USD."""

    audience: ClassVar[str] = "internal"
    payment_id: str
    amount: ReportedAmount
    reason: str


@dataclass(frozen=True, kw_only=True)
class ReviewPassed(OrderEvent):
    passed_at: datetime
    customer: Contact
    delivery: Address
    lines: tuple[BoughtLine, ...]


@dataclass(frozen=True, kw_only=True)
class ReviewNeedsContact(OrderEvent):
    audience: ClassVar[str] = "internal"
    failed: tuple[Finding, ...]
    customer: Contact


@dataclass(frozen=True, kw_only=True)
class StockShort(OrderEvent):
    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False
    change_id: str
    sku: str
    short: int
    found_at: datetime


@dataclass(frozen=True, kw_only=True)
class StockCovered(OrderEvent):
    """What was missing is there again: the order of a customer who chose to wait may leave."""

    change_id: str
    sku: str


@dataclass(frozen=True, kw_only=True)
class ChangeRequested(OrderEvent):
    change_id: str
    kind: ChangeKind
    summary: str
    options: tuple[OfferedOption, ...]
    digest: str
    expires_at: datetime
    customer: Contact


@dataclass(frozen=True, kw_only=True)
class ChangeAccepted(OrderEvent):
    change_id: str
    option: str
    consent: Consent


@dataclass(frozen=True, kw_only=True)
class ChangeDeclined(OrderEvent):
    change_id: str


@dataclass(frozen=True, kw_only=True)
class ChangeClosed(OrderEvent):
    """Withdrawn, expired or stale: in each case the order stays as it is."""

    change_id: str
    status: ChangeStatus


@dataclass(frozen=True, kw_only=True)
class OrderChanged(OrderEvent):
    """The accepted change is in force. `lines` is what the order now consists of."""

    change_id: str
    lines: tuple[BoughtLine, ...]
    removed: tuple[RemovedUnits, ...]
    refund: Money
    delivery: Address


@dataclass(frozen=True, kw_only=True)
class CancellationRequested(OrderEvent):
    reason: str


@dataclass(frozen=True, kw_only=True)
class CancellationRefused(OrderEvent):
    """The goods had been handed over; the customer is told how to send them back."""

    followed: ClassVar[bool] = False
    reason: str


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(OrderEvent):
    reason: str
    refund: Money


@dataclass(frozen=True, kw_only=True)
class RefundEvent(OrderEvent):
    """`reference` is what the refund belongs to: a return, change request, order or payment."""

    audience: ClassVar[str] = "internal"
    refund_id: str
    amount: Money
    cause: RefundCause
    reference: str


@dataclass(frozen=True, kw_only=True)
class RefundDue(RefundEvent):
    """Money is owed; the timer that submits it comes within a second."""

    followed: ClassVar[bool] = False


@dataclass(frozen=True, kw_only=True)
class RefundSubmitted(RefundEvent):
    audience: ClassVar[str] = "public"


@dataclass(frozen=True, kw_only=True)
class RefundSettled(RefundEvent):
    audience: ClassVar[str] = "public"
    settled_at: datetime


@dataclass(frozen=True, kw_only=True)
class RefundFailed(RefundEvent):
    """manual: it is not tried again by itself; a person has to see to it."""

    reason: str
    manual: bool


@dataclass(frozen=True, kw_only=True)
class ProductEvent(Event):
    """The base of what happens to one product, which is the subject of its chain in the journal."""

    source: ClassVar[str] = "orders"
    subject_field: ClassVar[str] = "sku"
    sku: str


@dataclass(frozen=True, kw_only=True)
class ProductSaved(ProductEvent):
    followed: ClassVar[bool] = False
    price: Money
    product_version: int


@dataclass(frozen=True, kw_only=True)
class StockAdjusted(ProductEvent):
    """Followed by orders itself, which asks the customers when less is there than was promised."""

    delta: int
    on_hand: int
    reserved: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class StockFreed(ProductEvent):
    """An order gave back goods that others wait for; followed by orders itself, which looks whether that is enough."""
