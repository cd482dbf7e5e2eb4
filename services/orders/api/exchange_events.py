"""Goods that are exchanged: what a return asks for is sent, or not; part of orders' events (`events`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from services.common.basics.shapes import DEFAULT_PLACE
from services.orders.api.order_event import OrderEvent
from services.orders.api.parts import RemovedUnits
from services.orders.api.statuses import WhyNotSent


@dataclass(frozen=True, kw_only=True)
class ExchangeEvent(OrderEvent):
    """The base of what happens about one shipment in exchange for the pieces of a return."""

    return_number: str
    shipment_number: str


@dataclass(frozen=True, kw_only=True)
class ExchangeArranged(ExchangeEvent):
    """The same pieces are promised from the shelf and sent once more, at no charge. lines: `units` of them by line.

    place: the stock place that sends them.
    """

    lines: tuple[RemovedUnits, ...]
    place: str = DEFAULT_PLACE


@dataclass(frozen=True, kw_only=True)
class ExchangeRefused(ExchangeEvent):
    """Nothing is sent in exchange: the return pays back instead, and tells its customer."""

    audience: ClassVar[str] = "internal"

    why: WhyNotSent


@dataclass(frozen=True, kw_only=True)
class ExchangeStopped(ExchangeEvent):
    """The customer prefers the money: the shipment is to stay here, if it has not left."""

    audience: ClassVar[str] = "internal"
