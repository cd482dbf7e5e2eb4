"""Who may take a step with a return, and what every step leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.aftersales.domain import Return, ReturnEvent, UnitsNotReturnable
from services.aftersales.repository import ORDER_GRANT, ReturnNotFound, Work
from services.aftersales.rules import Rules
from services.common.basics.caller import AFTERSALES, AGENT, LEAD, Caller
from services.common.basics.errors import Conflict, Forbidden
from services.common.basics.ids import new_id
from services.common.commitments import Clock

Body = Mapping[str, Any]


class VersionMoved(Conflict):
    """Somebody changed the return since you looked at it; look again."""

    code = "version_moved"
    message = "Somebody changed the return since you looked at it; look again."


def require_sight(caller: Caller, item: Return) -> None:
    """The customer, and staff who deal with returns or customers; to anybody else there is no such return."""
    if is_customer(caller, item.order_number, item.email):
        return
    if not caller.is_staff:
        raise ReturnNotFound
    caller.require(AGENT, AFTERSALES, LEAD)


def is_customer(caller: Caller, order_number: str, email: str) -> bool:
    return caller.owns(f"{ORDER_GRANT}{order_number}", email)


def of_customer(work: Work, number: str) -> Return:
    """The return, locked, for a step that only its customer may take."""
    item = work.returns.get(number, lock=True)
    if is_customer(work.caller, item.order_number, item.email):
        return item
    if work.caller.is_staff:
        raise Forbidden("only the customer may do this", code="role_required")
    raise ReturnNotFound


def of_staff(work: Work, number: str, version: int | None) -> Return:
    """The return, locked, for a step of the after-sales team, unless it moved since they looked."""
    work.caller.require(AFTERSALES, LEAD)
    item = work.returns.get(number, lock=True)
    if version is not None and version != item.version:
        raise VersionMoved(details={"version": item.version})
    return item


def take_back(work: Work, item: Return) -> None:
    """A lapsed return gets its pieces again, unless another return has them."""
    work.orders.get(item.order_number, lock=True)
    gone = {unit.key for unit in item.units} & work.returns.taken(item.order_number)
    if gone:
        raise UnitsNotReturnable("another return has these pieces by now")


def changed(work: Work, item: Return, *events: ReturnEvent) -> None:
    item.version += 1
    work.journal.record(*events)


def start_clock(work: Work, rules: Rules, kind: str, number: str, order_number: str) -> Clock:
    clock = rules.clock(kind, number, order_number, work.now, new_id())
    work.commitments.start(clock)
    return clock
