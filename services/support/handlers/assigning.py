"""Who gets a ticket: handed out by load, taken back from who is off or has left (standard, section 6: no delayed
response).

`hand_out` runs every second and does all that is to be done, whatever made it necessary: a new ticket, one whose
customer wrote again, a person who came back, a cap that was raised. It holds the row of `agents`, as do those who
change teams or say who is there; so two replicas hand out one after the other, and a person who goes off is given no
ticket meanwhile. Run twice, or cut off, it does nothing twice: what is assigned is not handed out again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.common.basics.caller import ADMIN, AGENT, LEAD
from services.support.api import NoSuchAgent
from services.support.api.teams import ALL_AGENTS, Availability, PersonOff, Why
from services.support.domain import Staff, Ticket
from services.support.domain.teams import Colleague, Presence, Room, Team, hand_out, owner_of
from services.support.handlers.own_mails import tell_of_assignment
from services.support.repository import Transaction, Work

ANSWERS = frozenset({AGENT, LEAD, ADMIN})
"""Who takes part in conversations with customers; an admin does in all of it."""
AT_A_TIME = 50
"""Tickets that are handed out in one transaction."""


def team_of(work: Work, ticket: Ticket) -> str:
    """Return the name of the team that the ticket belongs to."""
    return owner_of(ticket.category, ticket.team, work.teams.every())


def members_of(team: Team, staff: list[Staff]) -> list[str]:
    """Return who is in the team now: of `agents` all agents, else those named who answer customers."""
    here = {person.email: person for person in staff if person.active}
    if team.name == ALL_AGENTS:
        return sorted(email for email, person in here.items() if AGENT in person.roles)
    return [email for email in team.members if email in here and ANSWERS & {*here[email].roles}]


def why_not(person: Staff | None, presence: Presence | None, work: Work) -> Why | None:
    """Return why this person keeps no ticket that waits for us; None if they do."""
    if person is None or not person.active or not ANSWERS & {*person.roles}:
        return Why.LEFT
    return Why.OFF if presence is not None and presence.at(work.now) is Availability.OFF else None


def require_there(work: Work, email: str) -> None:
    """Raise NoSuchAgent for who does not answer customers, PersonOff for who is off."""
    why = why_not(work.people.any_staff(email), work.teams.presence(email), work)
    if why is Why.LEFT:
        raise NoSuchAgent
    if why is Why.OFF:
        raise PersonOff


def follow_team(work: Work, ticket: Ticket, before: str) -> None:
    """Give a ticket back to its team, if that is another one than before and who has the ticket is not in it."""
    teams = {team.name: team for team in work.teams.every()}
    now = owner_of(ticket.category, ticket.team, teams.values())
    if now == before or ticket.assignee is None or not ticket.our_turn:
        return
    if ticket.assignee not in members_of(teams[now], work.people.every_staff()):
        work.tickets.keep(ticket, work.tickets.clocks(ticket), ticket.assign(None, team=now))


def take_back(work: Work, ticket: Ticket) -> bool:
    """Give a ticket in which it is our turn back to its team, if who has it is off or has left. Return whether it was.

    What waits for the customer stays where it is until the customer writes.
    """
    if ticket.assignee is None or not ticket.our_turn:
        return False
    why = why_not(work.people.any_staff(ticket.assignee), work.teams.presence(ticket.assignee), work)
    if why is None:
        return False
    work.tickets.keep(ticket, work.tickets.clocks(ticket), ticket.assign(None, why, team_of(work, ticket)))
    return True


def take_all_back(work: Work, *emails: str) -> int:
    """Give back what waits for us and is held by these people, 100 tickets at most. Return how many it was."""
    numbers = work.teams.held_by(emails) if emails else []
    found = [work.tickets.get_if_free(number) for number in numbers]
    return sum(take_back(work, ticket) for ticket in found if ticket is not None)


def next_turn(work: Work) -> datetime | None:
    """Return when there is something to hand out or to take back: now, or when the next person says to be back."""
    if plan(work).any:
        return work.now
    back = (each.back_at for each in work.teams.presences().values())
    return min((at for at in back if at is not None and at > work.now), default=None)


def hand_out_in_turns(transaction: Transaction) -> None:
    """Hand out until nothing is left to do. That is looked for without a lock: to find nothing costs little."""
    while True:
        with transaction(reading=True) as work:
            if not plan(work).any:
                return
        with transaction() as work:
            if hand_out_tickets(work) == 0:
                return  # others have them in hand; the next time sees


def hand_out_tickets(work: Work) -> int:
    """Take back what is held by who is off or has left, then hand out. Return how many tickets changed hands.

    The rest, beyond what is done in one transaction, is for the next time.
    """
    work.teams.lock()
    back = take_all_back(work, *plan(work).gone)
    return back + sum(_give(work, *each) for each in plan(work).given)


@dataclass(frozen=True)
class Plan:
    """What is to be done. gone: who is to give back what they have; given: number, team and address, in their order."""

    gone: list[str]
    given: list[tuple[str, str, str]]

    @property
    def any(self) -> bool:
        return bool(self.gone or self.given)


def plan(work: Work) -> Plan:
    """Find what is to be taken back, and who gets what waits."""
    teams, loads = work.teams.every(), work.teams.loads()
    if not loads and not any(team.automatic for team in teams):
        return Plan([], [])
    staff, said = work.people.every_staff(), work.teams.presences()
    known = {person.email: person for person in staff}
    gone = sorted(email for email in loads if why_not(known.get(email), said.get(email), work) is not None)
    rooms, people = _rooms(work, teams, staff, said, loads)
    waiting = [
        each
        for room in rooms
        if (free := room.free(people))
        for each in work.teams.waiting(room.team, teams, min(free, AT_A_TIME))
    ]
    oldest = sorted(waiting, key=lambda each: each.due_at)[:AT_A_TIME]  # of equal ones, as `waiting` gave them
    return Plan(gone, [(each.number, each.team, email) for each, email in hand_out(oldest, rooms, people, work.now)])


def _rooms(
    work: Work, teams: list[Team], staff: list[Staff], said: dict[str, Presence], loads: dict[str, int]
) -> tuple[list[Room], dict[str, Colleague]]:
    """Return the teams that hand out by themselves with who of them is there, and what those people have."""
    away = {email for email, each in said.items() if each.at(work.now) is not Availability.ACTIVE}
    rooms = [
        Room(team.name, team.cap or work.settings.tickets_per_person, sorted({*members_of(team, staff)} - away))
        for team in teams
        if team.automatic
    ]
    emails = {email for room in rooms for email in room.members}
    turns = work.teams.turns(emails) if emails else {}
    return rooms, {email: Colleague(email, loads.get(email, 0), turns.get(email)) for email in emails}


def _give(work: Work, number: str, team: str, email: str) -> bool:
    """Assign it, unless another person has it in hand, or has moved it, just now: then it is for the next time."""
    ticket = work.tickets.get_if_free(number)
    if ticket is None or ticket.assignee is not None or not ticket.our_turn or team_of(work, ticket) != team:
        return False
    work.tickets.keep(ticket, work.tickets.clocks(ticket), ticket.assign(email, Why.TURN, team))
    tell_of_assignment(work, ticket)
    return True
