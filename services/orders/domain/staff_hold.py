"""A paid order that staff keep back, and when they may. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.common.basics.clock import rfc3339
from services.orders.api import AlreadyDispatched, DispatchHeld, DispatchReleased, OrderStatus, WrongStatus
from services.orders.api.order_holds import OrderHeldAlready, OrderHoldReason
from services.orders.domain.fulfillment import Fulfillment
from services.orders.domain.order import Order


class StaffHold:
    """released_at: None while it is there; an order has one such at most."""

    def __init__(self, id: str, order_number: str, reason: OrderHoldReason, note: str, by: str, at: datetime):
        self.id, self.order_number, self.reason, self.note = id, order_number, reason, note
        self.held_by, self.held_at = by, at
        self.released_by: str | None = None
        self.released_at: datetime | None = None

    def held(self) -> DispatchHeld:
        return DispatchHeld(
            order_number=self.order_number, hold_id=self.id, reason=self.reason.value, note=self.note, pauses=False
        )

    def release(self, by: str, at: datetime) -> DispatchReleased:
        """End it: a colleague lets the order go on, or nothing of it is here any more."""
        self.released_by, self.released_at = by, at
        return DispatchReleased(order_number=self.order_number, hold_id=self.id)


def require_holdable(order: Order, shipments: Sequence[Fulfillment], there: StaffHold | None) -> None:
    """Raise WrongStatus unless it is paid and under way, AlreadyDispatched once all has left, OrderHeldAlready."""
    if order.status is not OrderStatus.CONFIRMED:
        raise WrongStatus("only a paid order can be kept back", details={"status": order.status.value})
    if shipments and all(each.has_left or each.is_over for each in shipments):
        raise AlreadyDispatched("Its goods have left the warehouse.", details={"next": "Ask the carrier."})
    if there is not None:
        raise OrderHeldAlready(details={"reason": there.reason.value, "held_at": rfc3339(there.held_at)})
