"""What became of money that is not in USD; part of orders' events (`events`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from services.orders.api.order_event import OrderEvent
from services.orders.api.parts import ReportedAmount


@dataclass(frozen=True, kw_only=True)
class ForeignMoneyReturned(OrderEvent):
    """So much of a payment in another currency is back where it came from, or with the customer's bank."""

    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False
    payment_id: str
    amount: ReportedAmount
