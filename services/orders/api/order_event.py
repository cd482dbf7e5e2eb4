"""The base of what happens to an order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from services.common.basics.events import Event


@dataclass(frozen=True, kw_only=True)
class OrderEvent(Event):
    """The base of what happens to one order, which is the subject of its chain in the journal."""

    source: ClassVar[str] = "orders"
    audience: ClassVar[str] = "public"
    order_number: str
