"""An order as one answer: what orders knows, with its shipments and its returns."""

from __future__ import annotations

from typing import Annotated

from gateway.http.calls import ask, authorized_for, caller, services
from services.aftersales.api import AftersalesApi
from services.aftersales.api.replies import ReturnView
from services.aftersales.api.returns import ListReturns
from services.common.basics.api import declared_by
from services.common.basics.errors import Unavailable
from services.common.basics.shapes import Note, Page
from services.logistics.api.replies import TrackedShipmentView
from services.orders.api import OrderView

RETURNS_SHOWN = 100
NO_RETURNS: Page[ReturnView] = {"items": [], "next_cursor": None}


class WholeOrder(OrderView):
    """An order with everything about it."""

    shipments: list[TrackedShipmentView]
    returns: list[ReturnView]
    missing: Annotated[list[str], Note("the services that did not answer just now")]


def compose_order(number: str) -> WholeOrder:
    """Return the order with `shipments`, `returns`, all `commitments`, and in `missing` the services that did not
    answer.

    Orders and logistics are asked at once; after-sales only when something has left us, for nothing else is returned.
    Returns are not shown to staff who have nothing to do with them. Raise NotFound for strangers; Unavailable only if
    orders itself does not answer.
    """
    authorized_for(number)
    worker = services()
    asked = ask(lambda: worker.orders.get_order(number))
    tracking = ask(lambda: worker.logistics.get_tracking(number))
    order, shipped = asked.reply, tracking.reply
    if order is None:
        raise Unavailable("orders do not answer just now", code="service_unavailable")
    wanted = ListReturns(order_number=number, limit=RETURNS_SHOWN)
    reads_returns = declared_by(AftersalesApi.list_returns).admits(caller(), AftersalesApi.links)
    left = shipped is None or any(each["dispatched_at"] for each in shipped["shipments"])
    listed = ask(lambda: worker.aftersales.list_returns(wanted) if reads_returns and left else NO_RETURNS)
    returned = listed.reply
    returns = returned["items"] if returned else []
    promises = [*order["commitments"], *(shipped["commitments"] if shipped else [])]
    promises += [clock for item in returns for clock in item["commitments"]]
    silent = {"logistics": shipped, "aftersales": returned}
    return {
        **order,
        "shipments": shipped["shipments"] if shipped else [],
        "returns": returns,
        "commitments": sorted(promises, key=lambda clock: clock["started_at"]),
        "missing": sorted(name for name, reply in silent.items() if reply is None),
    }
