"""Paid orders that staff keep back: nothing of them leaves until they are released (standard, section 2).

A hold asks nothing of the customer and promises nothing new: the time to dispatch goes on. So the hold is the house's
own trouble, and who is late by it is told as for every other delay.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, NotRequired, TypedDict

from services.common.basics import ids
from services.common.basics.api import Api, command, query
from services.common.basics.caller import AGENT, LEAD, REVIEWER, WAREHOUSE
from services.common.basics.errors import Conflict, NotFound
from services.common.basics.shapes import Example, Line, Note, Page, PageQuery, Pattern, Timestamp, Version
from services.orders.api.catalogue import VersionMoved
from services.orders.api.placing import AlreadyDispatched
from services.orders.api.refusals import OrderNotFound, WrongStatus


class OrderHoldReason(StrEnum):
    """Why an order is kept back."""

    FRAUD = "fraud"
    ADDRESS = "address"
    GOODS = "goods"
    CUSTOMER_ASKED = "customer_asked"
    OTHER = "other"


class OrderHeldAlready(Conflict):
    """A colleague keeps the order back already.

    details: reason, held_at.
    """

    code = "order_held_already"
    message = "A colleague keeps this order back already."


class OrderNotHeld(NotFound):
    """No colleague keeps the order back."""

    code = "order_not_held"
    message = "No colleague keeps this order back."


@dataclass(frozen=True)
class HoldOrder:
    """Why, and what the next colleague should know."""

    reason: OrderHoldReason
    note: Annotated[str, Line(500, min=0), Note("for staff"), Example("the bank asks about this card")] = ""
    version: Annotated[Version, Note("of the order")] | None = None


@dataclass(frozen=True)
class ListHolds(PageQuery):
    """Those that are there now, the oldest first; or those of one order, with those that were."""

    order_number: Annotated[str, Line(20), Pattern(ids.PATTERN, "Not a number."), Example(ids.number(ids.ORDER, 0))] | (
        None
    ) = None


class OrderHoldView(TypedDict):
    """A hold. released_at: null while it is there."""

    id: str
    order_number: str
    reason: OrderHoldReason
    note: str
    held_by: str
    held_at: Timestamp
    released_by: NotRequired[str | None]
    released_at: NotRequired[Timestamp | None]


class OrderHolds(Api):
    """Orders that staff keep back."""

    @command(
        roles=(REVIEWER, LEAD),
        errors=(OrderNotFound, VersionMoved, WrongStatus, AlreadyDispatched, OrderHeldAlready),
        personal=True,
    )
    def hold_order(self, number: str, hold: HoldOrder) -> OrderHoldView:
        """Keep a paid order back: nothing of it leaves until it is released.

        The clock to dispatch goes on, and nothing of the order changes. What has left already is gone: 409
        `already_dispatched`.
        """

    @command(roles=(REVIEWER, LEAD), errors=(OrderNotFound, OrderNotHeld), personal=True)
    def release_order(self, number: str) -> OrderHoldView:
        """Let an order go on that was kept back. What else holds it, such as a question to its customer, stays."""

    @query(roles=(AGENT, REVIEWER, WAREHOUSE, LEAD), personal=True)
    def list_holds(self, query: ListHolds) -> Page[OrderHoldView]:
        """List the orders that are kept back, or the holds of one order with those that are over."""
