"""Access to a return, what every step records, and how it is shown."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

from services.aftersales import views
from services.aftersales.api.events import ReturnEvent
from services.aftersales.api.refusals import ReturnNotFound, UnitsNotReturnable
from services.aftersales.api.replies import ReturnView
from services.aftersales.api.returns import ListReturns
from services.aftersales.domain import Return
from services.aftersales.repository import ORDER_GRANT, Work
from services.common.basics.caller import AFTERSALES, AGENT, LEAD, Caller
from services.common.basics.errors import Forbidden
from services.common.basics.shapes import Page
from services.common.basics.states import VersionMoved


def get_return(work: Work, number: str) -> Return:
    """Return it to its customer, and to staff who deal with returns or customers; for others there is none."""
    item = work.returns.get(number)
    if not (sees_all(work.caller) or is_customer(work.caller, item.order_number, item.email)):
        raise ReturnNotFound
    return item


def list_returns(work: Work, query: ListReturns) -> Page[ReturnView]:
    found = work.returns.page_for(work.caller, query)
    numbers = [item.number for item in found["items"]]
    clocks = work.commitments.of_subjects(numbers) if numbers else []
    items = [views.return_view(item, clocks, work.now, to_staff=sees_all(work.caller)) for item in found["items"]]
    return {"items": items, "next_cursor": found["next_cursor"]}


def show(work: Work, item: Return) -> ReturnView:
    """Show a return as it is now, in the form for this caller."""
    clocks = work.commitments.on(item.number)
    return views.return_view(item, clocks, work.now, to_staff=sees_all(work.caller))


def sees_all(caller: Caller) -> bool:
    return caller.has(AGENT, AFTERSALES, LEAD)


def may_see_order(work: Work, order_number: str) -> bool:
    """Return True for staff, for the order's customer, and for an unknown order: it has no entries here."""
    email = work.orders.email_of(order_number)
    return email is None or work.caller.is_staff or is_customer(work.caller, order_number, email)


def is_customer(caller: Caller, order_number: str, email: str) -> bool:
    return caller.owns(f"{ORDER_GRANT}{order_number}", email)


def of_customer(work: Work, number: str, version: int | None) -> Return:
    """Lock the return for a step that only its customer may take, unless it moved since they looked."""
    item = work.returns.get(number, lock=True)
    if is_customer(work.caller, item.order_number, item.email):
        _require_seen(work, item, version)
        return item
    if work.caller.is_staff:
        raise Forbidden("only the customer may do this", code="role_required")
    raise ReturnNotFound


def of_customer_or_staff(work: Work, number: str, version: int | None) -> Return:
    """Lock the return for a step of its customer that staff may write down in their name."""
    item = work.returns.get(number, lock=True)
    if not (sees_all(work.caller) or is_customer(work.caller, item.order_number, item.email)):
        raise ReturnNotFound
    _require_seen(work, item, version)
    return item


def of_staff(work: Work, number: str, version: int | None) -> Return:
    """Lock the return for a step of the after-sales team, unless it moved since they looked."""
    item = work.returns.get(number, lock=True)
    _require_seen(work, item, version)
    return item


def _require_seen(work: Work, item: Return, version: int | None) -> None:
    """Raise VersionMoved when the caller saw another version; its details show what happened and how it stands."""
    if version is None or version == item.version:
        return
    entries = work.journal.timeline(item.order_number, public_only=not sees_all(work.caller))
    own = ((each["occurred_at"], each["type"]) for each in entries if each["subject"] == item.number)
    steps = [list(step) for _, step in groupby(own, key=itemgetter(0))]
    missed = steps[max(len(steps) - max(item.version - version, 0), 0) :]
    changes = [{"type": type_, "occurred_at": at} for step in missed for at, type_ in step]
    raise VersionMoved(details={"version": item.version, "changes": changes, "current": show(work, item)})


def take_back(work: Work, item: Return) -> None:
    """Give a lapsed return its pieces again, unless another return has them."""
    work.orders.lock(item.order_number)
    gone = {unit.key for unit in item.units} & work.returns.taken(item.order_number)
    if gone:
        raise UnitsNotReturnable("another return has these pieces by now")


def record(work: Work, item: Return, *events: ReturnEvent) -> None:
    """Count the step and write it down."""
    item.version += 1
    work.journal.record(*events)
