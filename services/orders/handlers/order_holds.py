"""Orders that staff keep back, and let go on. A hold ends by itself with what it holds.

The warehouse may have handed the goods over in the moment before the hold reached it. Then the hold has ended, by the
carrier's hand-over, and the desk says so.
"""

from __future__ import annotations

from services.common.basics import ids
from services.common.basics.caller import SYSTEM
from services.common.basics.clock import rfc3339
from services.common.basics.shapes import Page
from services.orders.api.order_holds import HoldOrder, ListHolds, OrderHoldView, OrderNotHeld
from services.orders.domain import Order
from services.orders.domain.staff_hold import StaffHold, require_holdable
from services.orders.handlers import access
from services.orders.repository import Work


def hold_order(work: Work, number: str, wish: HoldOrder) -> OrderHoldView:
    """Keep a paid order back, from this moment on; logistics hears it and lets nothing of the order out."""
    order = work.orders.get(number, lock=True)
    access.same_version(order, wish.version)
    require_holdable(order, work.fulfillments.of_order(number), work.order_holds.there(number))
    hold = StaffHold(ids.new_id(), number, wish.reason, wish.note, work.caller.actor, work.now)
    work.order_holds.add(hold)
    work.journal.record(hold.held())
    return hold_view(hold)


def release_order(work: Work, number: str) -> OrderHoldView:
    """Let the order go on. Raise OrderNotHeld if no colleague keeps it back."""
    work.orders.get(number, lock=True)
    hold = work.order_holds.there(number)
    if hold is None:
        raise OrderNotHeld
    work.journal.record(hold.release(work.caller.actor, work.now))
    return hold_view(hold)


def end_hold(work: Work, order: Order) -> None:
    """End the hold of an order of which nothing is here any more: it has left, or it is cancelled."""
    hold = work.order_holds.there(order.order_number)
    if hold is not None:
        work.journal.record(hold.release(SYSTEM.actor, work.now))


def list_holds(work: Work, query: ListHolds) -> Page[OrderHoldView]:
    return work.order_holds.page(hold_view, query.order_number, cursor=query.cursor, limit=query.limit)


def hold_view(hold: StaffHold) -> OrderHoldView:
    return {
        "id": hold.id,
        "order_number": hold.order_number,
        "reason": hold.reason,
        "note": hold.note,
        "held_by": hold.held_by,
        "held_at": rfc3339(hold.held_at),
        "released_by": hold.released_by,
        "released_at": None if hold.released_at is None else rfc3339(hold.released_at),
    }
