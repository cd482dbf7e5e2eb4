"""What other services tell: orders placed, changed and delivered, and where the money is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from services.aftersales.domain import ClaimStatus, Order, OrderUnit
from services.aftersales.handlers.shared import Body, changed
from services.aftersales.repository import Work


def remember_order(work: Work, event: Body) -> None:
    """Keep what a later return needs: the pieces, what was paid for each, and the policy of that day."""
    order = Order(
        order_number=event["order_number"],
        email=event["customer"]["email"],
        time_zone=event["customer"]["time_zone"],
        policy_version=event["return_policy"]["version"],
        policy_days=event["return_policy"]["days"],
        placed_at=event["placed_at"],
    )
    order.add(_units(order.order_number, event["lines"]))
    work.orders.remember(order)


def change_order(work: Work, event: Body) -> None:
    """The customer agreed to a change; pieces only ever leave or join, so that changes may come in any order."""
    order = work.orders.get(event["order_number"], lock=True)
    order.add(_units(order.order_number, event["lines"]))
    order.remove((line["line_id"], unit) for line in event["removed"] for unit in line["units"])


def cancel_order(work: Work, event: Body, at: datetime) -> None:
    work.orders.get(event["order_number"], lock=True).cancel(at)


def open_return_window(work: Work, event: Body) -> None:
    """The window runs from the delivery of the last parcel."""
    order = work.orders.get(event["order_number"], lock=True)
    order.deliver(event["delivered_at"], event["time_zone"])


def hear_of_refund(work: Work, status: ClaimStatus, event: Body, seq: int) -> None:
    """News of the payment ledger; only `settled` stops the refund's clock, a failure lets it run on."""
    if event["cause"] != "return":
        return
    item = work.returns.get(event["reference"], lock=True)
    at = event["settled_at"] or work.now
    claim, events = item.hear_of_refund(status, event["refund_id"], event["amount"], seq, at, work.now)
    if claim is None:
        return
    changed(work, item, *events)
    if claim.settled and claim.clock_id is not None:
        clock = work.clock(claim.clock_id)
        if clock.stop(max(at, clock.started_at)):
            work.commitments.save(clock)
        item.due_at = work.now


def _units(order_number: str, lines: Iterable[Body]) -> list[OrderUnit]:
    """The pieces of these lines; a line that does not say what was paid tells nothing new."""
    return [
        OrderUnit(order_number, line["line_id"], unit, line["sku"], line["title"], paid)
        for line in lines
        for unit, paid in zip(line["units"] or range(len(line["paid"])), line["paid"], strict=True)
    ]
