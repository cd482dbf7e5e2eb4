"""Whom to tell when a ticket is taken higher: the one place that knows (standard, section 6: no delayed response)."""

from __future__ import annotations

from services.common.basics.caller import ADMIN, AGENT, LEAD
from services.support.api.statuses import Above
from services.support.api.terms import LEAD_ANSWER, SUGGESTION_REVIEW
from services.support.domain import Staff, Ticket
from services.support.domain.ladder import AT_RISK, OVER
from services.support.repository import Work

FOR_LEADS = frozenset({LEAD_ANSWER, SUGGESTION_REVIEW})
"""The clocks that only a lead can stop: the first rung is for leads too."""


def leads(work: Work) -> list[Staff]:
    """Return the leads who work here, or the admins where there is no lead."""
    return work.people.with_role(LEAD) or work.people.with_role(ADMIN)


def above(work: Work) -> Above:
    """Return who answers a customer who is not content."""
    return Above.LEAD if work.people.with_role(LEAD) else Above.ADMIN


def whom_to_tell(work: Work, ticket: Ticket, kind: str, share: int) -> list[Staff]:
    """Return whom a rung of the ladder is for. share: of the working time of that kind of clock, in parts of 100.

    75: the assignee, or all who answer tickets where it is given to no one. 100: the assignee and the leads. 150: the
    admins, or the leads where there is none.
    """
    if share > OVER:
        return work.people.with_role(ADMIN) or leads(work)
    assignee = work.people.find_staff(ticket.assignee) if ticket.assignee else None
    own = [assignee] if assignee else []
    if share > AT_RISK or kind in FOR_LEADS:
        return [*own, *leads(work)]
    return own or work.people.with_role(AGENT) or leads(work)


def at_work(work: Work) -> bool:
    """Return whether it is a time to mail staff about tickets: the hours of the team."""
    return work.settings.team_time.hours.is_open(work.now)
