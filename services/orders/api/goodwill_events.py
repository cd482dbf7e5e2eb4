"""What orders answers when support asks for a complaint to be made good; part of orders' events (`events`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.common.basics.money import Money
from services.orders.api.order_event import OrderEvent


@dataclass(frozen=True, kw_only=True)
class GoodwillGranted(OrderEvent):
    """It is paid back, by the refund of that number. due_at: until when its promise says that the money is there."""

    audience: ClassVar[str] = "internal"
    ticket_number: str
    ask: int
    refund_id: str
    amount: Money
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class ResendOffered(OrderEvent):
    """The customer is asked what we do about the parcel: sent again, paid back, or waited for. They choose."""

    audience: ClassVar[str] = "internal"
    ticket_number: str
    ask: int
    remedy_id: str


@dataclass(frozen=True, kw_only=True)
class GoodwillRefused(OrderEvent):
    """It is not done. needs_second_person: it can be asked again, once a second person agrees."""

    audience: ClassVar[str] = "internal"
    ticket_number: str
    ask: int
    why: str
    needs_second_person: bool = False
