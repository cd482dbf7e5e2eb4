"""Teams and who is there: a lead sets teams up, each person says whether they are there (standard, section 6)."""

from __future__ import annotations

from services.common.basics.clock import rfc3339
from services.common.basics.events import Event
from services.common.basics.states import require_version
from services.support.api import Category, NoSuchAgent, StaffNotFound
from services.support.api.events import AvailabilityChanged, TeamChanged, TeamRemoved
from services.support.api.teams import (
    ALL_AGENTS,
    MOST_TEAMS,
    Availability,
    AvailabilityList,
    AvailabilityView,
    BackInPast,
    CategoryTaken,
    PutAvailability,
    PutTeam,
    TeamList,
    TeamMoved,
    TeamNotFound,
    TeamOfAll,
    TeamView,
    TooManyTeams,
)
from services.support.domain import Staff
from services.support.domain.teams import Presence, Team, left_over
from services.support.handlers.assigning import ANSWERS, members_of, take_all_back
from services.support.handlers.sessions import own_mailbox
from services.support.repository import Work


def list_teams(work: Work) -> TeamList:
    """List the teams, with what waits in each."""
    teams, staff = work.teams.every(), work.people.every_staff()
    counts = work.teams.counts(teams)
    return {"items": [_shown(team, teams, staff, counts[team.name]) for team in teams]}


def get_team(work: Work, name: str) -> TeamView:
    """Show one of them."""
    found = next((each for each in list_teams(work)["items"] if each["name"] == name), None)
    if found is None:
        raise TeamNotFound
    return found


def put_team(work: Work, name: str, wish: PutTeam) -> TeamView:
    """Add or change a team. What waits is handed out by its rules from then on."""
    work.teams.lock()
    teams = work.teams.every()
    team = next((each for each in teams if each.name == name), None)
    require_version(
        wish.version, team.version if team else 0, lambda: get_team(work, name) if team else None, TeamMoved
    )
    if name == ALL_AGENTS and (wish.categories or wish.members):
        raise TeamOfAll
    if team is None and len(teams) >= MOST_TEAMS:
        raise TooManyTeams
    _require_free(teams, name, wish)
    for email in wish.members:
        person = work.people.find_staff(email)
        if person is None or not ANSWERS & {*person.roles}:
            raise NoSuchAgent(details={"email": email})
    events: list[Event]
    if team is None:
        team = Team(name, sorted(wish.categories), sorted({*wish.members}), wish.automatic, wish.cap)
        work.add(team)
        events = [
            TeamChanged(
                name=name, categories=wish.categories, members=team.members, automatic=team.automatic, cap=team.cap
            )
        ]
    else:
        events = team.change(wish.categories, wish.members, automatic=wish.automatic, cap=wish.cap)
    work.session.flush()
    work.journal.record(*events)
    return get_team(work, name)


def delete_team(work: Work, name: str) -> TeamList:
    """Remove a team; what belonged to it belongs to the team of its category."""
    work.teams.lock()
    if name == ALL_AGENTS:
        raise TeamOfAll
    work.teams.remove(work.teams.get(name))
    work.session.flush()
    work.journal.record(TeamRemoved(name=name))
    return list_teams(work)


def list_availability(work: Work) -> AvailabilityList:
    """List who answers customers, by address."""
    return {"items": _presences(work, [each for each in work.people.every_staff() if each.active and _answers(each)])}


def get_own_availability(work: Work) -> AvailabilityView:
    """Show whether the caller is there. Raise NoSession for a system of the shop, which is never there."""
    return _presences(work, [_person(work, own_mailbox(work))])[0]


def put_own_availability(work: Work, wish: PutAvailability) -> AvailabilityView:
    """Note whether the caller is there. Raise NoSession as `get_own_availability` does."""
    return _put(work, own_mailbox(work), wish)


def put_availability(work: Work, email: str, wish: PutAvailability) -> AvailabilityView:
    """Note it for a colleague."""
    return _put(work, email.strip().lower(), wish)


def _put(work: Work, email: str, wish: PutAvailability) -> AvailabilityView:
    if wish.back_at is not None and wish.back_at <= work.now:
        raise BackInPast
    person = _person(work, email)
    work.teams.lock()
    presence = work.teams.presence(email)
    if presence is None:
        presence = Presence(email, Availability.ACTIVE, work.now)
        work.add(presence)
    before = presence.at(work.now), presence.back_at if presence.at(work.now) is Availability.OFF else None
    presence.status, presence.back_at = wish.status, wish.back_at
    if before != (wish.status, wish.back_at):
        presence.changed_at = work.now
        work.session.flush()
        back = take_all_back(work, email) if wish.status is Availability.OFF else 0
        work.journal.record(AvailabilityChanged(email=email, status=wish.status, back_at=wish.back_at, taken_back=back))
    return _presences(work, [person])[0]


def _person(work: Work, email: str) -> Staff:
    person = work.people.find_staff(email)
    if person is None or not _answers(person):
        raise StaffNotFound
    return person


def _answers(person: Staff) -> bool:
    return bool(ANSWERS & {*person.roles})


def _require_free(teams: list[Team], name: str, wish: PutTeam) -> None:
    for other in teams:
        for category in wish.categories:
            if other.name != name and category.value in other.categories:
                raise CategoryTaken(details={"category": category.value, "team": other.name})


def _shown(team: Team, teams: list[Team], staff: list[Staff], counts: tuple[int, int]) -> TeamView:
    return {
        "name": team.name,
        "categories": left_over(teams) if team.name == ALL_AGENTS else [Category(each) for each in team.categories],
        "members": members_of(team, staff),
        "automatic": team.automatic,
        "cap": team.cap,
        "ours": counts[0],
        "unassigned": counts[1],
        "version": team.version,
    }


def _presences(work: Work, people: list[Staff]) -> list[AvailabilityView]:
    said, loads, everybody = work.teams.presences(), work.teams.loads(), work.people.every_staff()
    members = {team.name: {*members_of(team, everybody)} for team in work.teams.every()}
    shown: list[AvailabilityView] = []
    for person in people:
        found = said.get(person.email)
        status = found.at(work.now) if found else Availability.ACTIVE
        back_at = found.back_at if found and status is not Availability.ACTIVE else None
        shown.append(
            {
                "email": person.email,
                "name": person.name,
                "status": status,
                "back_at": rfc3339(back_at) if back_at else None,
                "teams": [name for name, emails in members.items() if person.email in emails],
                "ours": loads.get(person.email, 0),
            }
        )
    return shown
