"""Who has how much to do, and who did it: by team and by person (standard, section 6: service efficiency)."""

from __future__ import annotations

from typing import Annotated, TypedDict

from services.common.basics.api import Api, Period, PeriodNotGood, query
from services.common.basics.caller import LEAD
from services.common.basics.shapes import Example, Note


class Load(TypedDict):
    """What there is to do now, and what was done in the period."""

    open: Annotated[int, Note("now: not resolved, whoever's turn it is")]
    ours: Annotated[int, Note("now: in which it is our turn")]
    overdue: Annotated[int, Note("now: ours and late")]
    assigned: Annotated[int, Note("in the period: how often a ticket was given to a person")]
    answered: Annotated[int, Note("in the period: public answers of a person")]


class TeamLoad(Load):
    """The load of a team; a ticket counts for the team that it belongs to now."""

    team: Annotated[str, Example("returns")]
    unassigned: Annotated[int, Note("now: ours, and of no person")]


class PersonLoad(Load):
    """The load of a person; who works here no more is shown while they have something, or did in the period."""

    email: str
    name: Annotated[str | None, Note("null for who was never entered as staff")]


class WorkloadReport(TypedDict):
    """By team, the team of all agents first; by person, by address."""

    teams: list[TeamLoad]
    people: list[PersonLoad]


class Workload(Api):
    """Who has how much to do."""

    @query(roles=(LEAD,), errors=(PeriodNotGood,))
    def report_workload(self, period: Period) -> WorkloadReport:
        """Count what each team and person has now, and what they were given and answered in a period."""
