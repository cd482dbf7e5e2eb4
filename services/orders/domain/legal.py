"""Until when the law wants money repaid at the latest; the promise to repay is bound by it (`commitments.law`)."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from services.common.calendar import local_date, zone_of
from services.common.commitments import WITHDRAWAL, limit_for
from services.orders.domain.order import Order


class LegalTerm(NamedTuple):
    """The last moment to repay, in UTC, and the rule that says so, with its version."""

    due_at: datetime
    rule: str


def withdrawal_term(order: Order, declared_at: datetime) -> LegalTerm | None:
    """Return the term for what a consumer took back before it arrived; None where no rule is known.

    declared_at: when the customer said so. Before the delivery no day is too late for it, and there are no goods that
    the repayment could wait for.
    """
    to = order.delivery
    zone = zone_of(to.country, to.region, order.contact.time_zone, postal_code=to.postal_code, city=to.city)
    limit = limit_for(WITHDRAWAL, to.country, local_date(order.placed_at, zone))
    return None if limit is None else LegalTerm(limit.due_at(declared_at, zone), limit.label)
