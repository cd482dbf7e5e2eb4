"""Access to an order: who may see it, and who may decide about it (its customer alone)."""

from __future__ import annotations

from services.common.basics.caller import AFTERSALES, AGENT, CUSTOMER, LEAD, REVIEWER
from services.common.basics.clock import rfc3339
from services.common.basics.states import require_version
from services.orders import views
from services.orders.api import Consent, CustomerRequired, OrderNotFound, VersionMoved
from services.orders.domain import Order
from services.orders.repository import Work


def is_customer(work: Work, order: Order) -> bool:
    """Return whether the caller is the order's customer: by the order's link, or signed in with its e-mail address."""
    return work.caller.owns(f"order:{order.order_number}", order.email)


def reads_mailbox(work: Work, order: Order) -> bool:
    """Return whether the caller has shown that they read the order's mail: its link alone could be forwarded."""
    return work.caller.has(CUSTOMER) and work.caller.email == order.email


def is_case_staff(work: Work) -> bool:
    """Return whether the caller works on customers' orders. The warehouse does not: it sees shipments, in logistics."""
    return work.caller.has(AGENT, REVIEWER, LEAD, AFTERSALES)


def may_see(work: Work, order: Order) -> bool:
    return is_case_staff(work) or is_customer(work, order)


def order_of_link(work: Work) -> str | None:
    """Return the number of the order to which the caller came by its link."""
    return next((grant.partition(":")[2] for grant in work.caller.grants if grant.startswith("order:")), None)


def get_visible_order(work: Work, number: str, *, lock: bool = False) -> Order:
    """Return the order to its customer and to staff who work on it.

    Raise OrderNotFound for anyone else, whether it exists or not.
    """
    return visible(work, work.orders.get(number, lock=lock))


def visible(work: Work, order: Order) -> Order:
    """Return the order if the caller may see it. Raise OrderNotFound otherwise."""
    if not may_see(work, order):
        raise OrderNotFound
    return order


def get_own_order(work: Work, number: str) -> Order:
    """Return the customer's own order, locked. Raise CustomerRequired for staff of any role."""
    order = get_visible_order(work, number, lock=True)
    if not is_customer(work, order):
        raise CustomerRequired
    return order


def same_version(order: Order, seen: int | None) -> None:
    """Raise VersionMoved, with the order as it is now, if the caller saw another version of it."""
    require_version(seen, order.version, lambda: views.order_summary(order), VersionMoved)


def build_consent(work: Work, order: Order, option: str, digest: str) -> Consent:
    """Return what the customer just decided, as proof."""
    if not is_customer(work, order):
        raise CustomerRequired
    by_link = f"order:{order.order_number}" in work.caller.grants
    return Consent(
        by=work.caller.email or order.email,
        at=rfc3339(work.now),
        how="link" if by_link else "signed_in",
        option=option,
        digest=digest,
    )
