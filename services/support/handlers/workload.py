"""Who has how much to do, and who did it (standard, section 6)."""

from __future__ import annotations

from collections import Counter
from typing import cast

from services.common.basics.api import Period
from services.support.api.workload import Load, PersonLoad, TeamLoad, WorkloadReport
from services.support.domain import owner_of
from services.support.handlers.assigning import ANSWERS
from services.support.repository import Work

COUNTED = ("open", "ours", "overdue", "assigned", "answered")


def report_workload(work: Work, period: Period) -> WorkloadReport:
    """Count by team and by person."""
    period.require_at_most_a_year()
    teams, staff = work.teams.every(), {each.email: each for each in work.people.every_staff()}
    by_team: dict[str, Counter[str]] = {team.name: Counter() for team in teams}
    by_person: dict[str, Counter[str]] = {
        each.email: Counter() for each in staff.values() if each.active and ANSWERS & {*each.roles}
    }

    def count(what: str, team: str, person: str | None, number: int) -> None:
        by_team.setdefault(team, Counter())[what] += number
        if person is not None:
            by_person.setdefault(person, Counter())[what] += number
        elif what == "ours":
            by_team[team]["unassigned"] += number

    for each in (*work.workload.standing(), *work.workload.answered(period.since, period.until)):
        count(each.what, owner_of(each.category, each.named, teams), each.person, each.number)
    for team, person, number in work.workload.assigned(period.since, period.until):
        count("assigned", team, person, number)
    people = [(email, staff[email].name if email in staff else None, by_person[email]) for email in sorted(by_person)]
    return {
        "teams": [
            cast(TeamLoad, {"team": name, "unassigned": found["unassigned"], **_load(found)})
            for name, found in by_team.items()
        ],
        "people": [cast(PersonLoad, {"email": email, "name": name, **_load(found)}) for email, name, found in people],
    }


def _load(found: Counter[str]) -> Load:
    return cast(Load, {what: found[what] for what in COUNTED})
