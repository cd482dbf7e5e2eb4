"""What an order consists of, and which shipment brings what of it; part of orders' events (`events`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from services.common.basics.money import Money
from services.orders.api.order_event import OrderEvent
from services.orders.api.parts import Address, BoughtLine, RemovedUnits, ShipmentPart


@dataclass(frozen=True, kw_only=True)
class OrderChanged(OrderEvent):
    """The accepted change is in force. `lines` is what the order now consists of; own: the customer's own edit.

    parts: where it leaves in several shipments, what those bring that are still here.
    """

    change_id: str
    lines: tuple[BoughtLine, ...]
    removed: tuple[RemovedUnits, ...]
    refund: Money
    delivery: Address
    own: bool = False
    parts: tuple[ShipmentPart, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OrderDivided(OrderEvent):
    """Which pieces each of these shipments brings. A shipment that is told of again brings these instead.

    arrived: goods that were waited for came in at another place than they were promised from. All is here now, and the
    warehouses are told what to send (`lines`, to `delivery`): it ends the hold of that name.
    """

    audience: ClassVar[str] = "internal"

    parts: tuple[ShipmentPart, ...]
    arrived: str = ""
    lines: tuple[BoughtLine, ...] = ()
    delivery: Address | None = None
