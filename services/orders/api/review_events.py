"""What a review finds: the order goes on, or its customer is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.orders.api.order_event import OrderEvent
from services.orders.api.parts import Address, BoughtLine, Contact, Finding, ReportedAmount, ShipmentPart


@dataclass(frozen=True, kw_only=True)
class ReviewPassed(OrderEvent):
    passed_at: datetime
    customer: Contact
    delivery: Address
    lines: tuple[BoughtLine, ...]
    paid: ReportedAmount | None = None  # just now, and told of by this alone
    goods_by: str | None = None  # it waits for goods that are expected by that day
    parts: tuple[ShipmentPart, ...] = ()  # none: it leaves as one


@dataclass(frozen=True, kw_only=True)
class ReviewNeedsContact(OrderEvent):
    audience: ClassVar[str] = "internal"
    failed: tuple[Finding, ...]
    customer: Contact
    paid: ReportedAmount | None = None  # just now, and told of by this alone
