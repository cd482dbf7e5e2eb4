"""An order as one answer: what orders knows, with its shipments and its returns, asked for at once."""

from __future__ import annotations

from typing import Any

from gateway.http.calls import authorized_for, gather, services
from services.aftersales.api.returns import ListReturns
from services.common.basics.errors import Unavailable

RETURNS_SHOWN = 100


def compose_order(number: str) -> dict[str, Any]:
    """The order with `shipments`, `returns`, all `commitments`, and in `missing` the services that did not answer.

    NotFound for a stranger; Unavailable only when orders itself does not answer.
    """
    authorized_for(number)
    worker = services()
    parts, missing = gather(
        orders=lambda: worker.orders.get_order(number),
        logistics=lambda: worker.logistics.get_tracking(number),
        aftersales=lambda: worker.aftersales.list_returns(ListReturns(order_number=number, limit=RETURNS_SHOWN)),
    )
    if "orders" in missing:
        raise Unavailable("orders do not answer just now", code="service_unavailable")
    order, tracking = parts["orders"], parts.get("logistics", {})
    shipments, returns = tracking.get("shipments", []), parts.get("aftersales", {}).get("items", [])
    promises = [clock for part in (order, tracking, *returns) for clock in part.get("commitments", [])]
    return {
        **order,
        "shipments": shipments,
        "returns": returns,
        "commitments": sorted(promises, key=lambda clock: str(clock["started_at"])),
        "missing": missing,
    }
