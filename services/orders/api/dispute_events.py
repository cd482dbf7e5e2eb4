"""What becomes of a payment that the customer's bank disputes; part of orders' events (`events`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.orders.api.order_event import OrderEvent
from services.orders.api.parts import ReportedAmount
from services.orders.api.statuses import DisputeStatus


@dataclass(frozen=True, kw_only=True)
class DisputeAnswered(OrderEvent):
    """The bank has our evidence. note: what a person sent; empty where the provider told us."""

    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False
    payment_id: str
    dispute_id: str
    note: str


@dataclass(frozen=True, kw_only=True)
class DisputeDecided(OrderEvent):
    """The bank has decided: the money is ours (won) or the customer's (lost). before: what it had said until then."""

    audience: ClassVar[str] = "internal"
    payment_id: str
    dispute_id: str
    outcome: DisputeStatus
    before: DisputeStatus
    amount: ReportedAmount
    decided_at: datetime


@dataclass(frozen=True, kw_only=True)
class ChargebackReturned(OrderEvent):
    """The bank gave back what it had taken for a dispute: it is money of the payment again.

    refund_id: what had stood for it in the books; empty where that is owed again, or is of another currency.
    """

    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False
    payment_id: str
    refund_id: str
    amount: ReportedAmount
