"""Whom to tell when a ticket is taken higher: the one place that knows (standard, section 6: no delayed response)."""

from __future__ import annotations

from services.common.basics.caller import ADMIN, LEAD
from services.support.api.statuses import Above
from services.support.domain import Staff
from services.support.repository import Work


def leads(work: Work) -> list[Staff]:
    """Return the leads who work here, or the admins where there is no lead."""
    return work.people.with_role(LEAD) or work.people.with_role(ADMIN)


def above(work: Work) -> Above:
    """Return who answers a customer who is not content."""
    return Above.ADMIN if not work.people.with_role(LEAD) else Above.LEAD
