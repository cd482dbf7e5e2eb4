"""What orders announces when a customer wants their data erased."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.common.basics.events import Event
from services.orders.api.order_event import OrderEvent


@dataclass(frozen=True)
class ErasedOrder:
    """kept_until: how long the law wants the record of the sale, if it was one."""

    order_number: str
    kept_until: datetime | None = None


@dataclass(frozen=True)
class WaitingOrder:
    """An order that is in use, and why."""

    order_number: str
    why: str


@dataclass(frozen=True, kw_only=True)
class OrdersSorted(Event):
    """The orders of who asked: those that were erased at once, and those that are erased when they have ended."""

    source: ClassVar[str] = "orders"
    subject_field: ClassVar[str] = "request_id"

    request_id: str
    erased: tuple[ErasedOrder, ...]
    waiting: tuple[WaitingOrder, ...]


@dataclass(frozen=True, kw_only=True)
class OrderErased(OrderEvent):
    """Whose order it was is not known any more; who keeps something of its customer erases it too."""

    audience: ClassVar[str] = "internal"
    request_id: str
