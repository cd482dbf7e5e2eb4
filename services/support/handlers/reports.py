"""Reports for leads: the period is looked at, what happened in it is counted, and the domain makes rows of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from services.common.basics.api import Period
from services.common.basics.clock import rfc3339
from services.support.api.reports import (
    DeflectionReport,
    RejectionReport,
    ReportOf,
    SatisfactionReport,
    TimesReport,
)
from services.support.api.statuses import Category
from services.support.api.teams import UnknownTeam
from services.support.domain import owner_of
from services.support.domain.reports import Cell, FactKind, deflection, rejections, satisfaction, times
from services.support.repository import Work
from services.support.repository.reports import Belongs

R = TypeVar("R")


def report_satisfaction(work: Work, of: ReportOf) -> SatisfactionReport:
    """Report how customers rated what ended."""
    items = _rows(work, of, satisfaction, FactKind.ENDED, FactKind.RATED)
    return {"since": rfc3339(of.since), "until": rfc3339(of.until), "items": items}


def report_times(work: Work, of: ReportOf) -> TimesReport:
    """Report how soon customers were answered."""
    items = _rows(work, of, times, FactKind.ANSWERED, FactKind.ENDED)
    return {"since": rfc3339(of.since), "until": rfc3339(of.until), "items": items}


def report_rejections(work: Work, of: ReportOf) -> RejectionReport:
    """Report what was refused, and by whom."""
    items = _rows(work, of, rejections, FactKind.ENDED)
    return {"since": rfc3339(of.since), "until": rfc3339(of.until), "items": items}


def report_deflection(work: Work, period: Period) -> DeflectionReport:
    """Report what articles answered before it was sent."""
    of = ReportOf(period.since, period.until)
    items = _rows(work, of, deflection, FactKind.OPENED, FactKind.DEFLECTED)
    return {"since": rfc3339(of.since), "until": rfc3339(of.until), "items": items}


def _rows(work: Work, of: ReportOf, rows: Callable[[list[Cell], list[Cell]], R], *kinds: FactKind) -> R:
    of.require_at_most_a_year()
    teams = work.teams.every()
    team = _belongs(work, of.team) if of.team else None
    cells = work.reports.cells(kinds, of.since, of.until, of.category, team)
    days = work.reports.cells(kinds, of.since, of.until, of.category, team, by_day=True)
    return rows([each._replace(team=owner_of(each.category or "", each.team, teams)) for each in cells], days)


def _belongs(work: Work, name: str) -> Belongs:
    teams = work.teams.every()
    if name not in {team.name for team in teams}:
        raise UnknownTeam
    categories = frozenset(each.value for each in Category if owner_of(each, None, teams) == name)
    return Belongs(name, categories, frozenset(team.name for team in teams))
