"""Who gets a ticket: teams, who is there, and whose turn it is (standard, section 6: no delayed response). Pure.

    for number, email in hand_out(waiting, rooms):      # the oldest deadline first, to who has fewest
        ...

`hand_out` keeps four promises, whatever it is given: only who has room gets a ticket, the oldest deadline is
served first, nothing waits while a member of its team has room, and the same facts give the same result.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from services.common.basics.events import Event
from services.support.api import events as e
from services.support.api.statuses import Category
from services.support.api.teams import ALL_AGENTS, Availability

_NEVER_YET = datetime(1, 1, 1, tzinfo=UTC)


@dataclass
class Team:
    """A team. cap: None where the shop's own counts. `agents` has no categories and members of its own."""

    name: str
    categories: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    automatic: bool = False
    cap: int | None = None
    version: int = 1

    def change(
        self, categories: Iterable[Category], members: Iterable[str], *, automatic: bool, cap: int | None
    ) -> list[Event]:
        """Replace all of it; no event where nothing changes."""
        wanted = sorted({each.value for each in categories}), sorted({*members}), automatic, cap
        if wanted == (self.categories, self.members, self.automatic, self.cap):
            return []
        self.categories, self.members, self.automatic, self.cap = wanted
        taken = [Category(each) for each in self.categories]
        return [e.TeamChanged(name=self.name, categories=taken, members=self.members, automatic=automatic, cap=cap)]


@dataclass
class Presence:
    """Whether a person is there, as they or a lead said last. back_at: from when on they are there again."""

    email: str
    status: Availability
    changed_at: datetime
    back_at: datetime | None = None

    def at(self, now: datetime) -> Availability:
        """Return what holds at that moment."""
        over = self.back_at is not None and self.back_at <= now
        return Availability.ACTIVE if over else self.status


@dataclass
class Assignment:
    """A ticket was given to a person at that moment, for that team."""

    id: str
    ticket_number: str
    assignee: str
    team: str
    assigned_at: datetime


def owner_of(category: str, named: str | None, teams: Iterable[Team]) -> str:
    """Return the name of the team that a ticket of that category belongs to. named: by a person or a rule."""
    by_name = {team.name: team for team in teams}
    if named in by_name:
        return by_name[named].name
    return next((team.name for team in by_name.values() if category in team.categories), ALL_AGENTS)


def left_over(teams: Iterable[Team]) -> list[Category]:
    """Return the categories that no team takes: those of `agents`."""
    taken = {category for team in teams for category in team.categories}
    return [each for each in Category if each.value not in taken]


@dataclass(frozen=True)
class Unassigned:
    """A ticket without an assignee in which it is our turn."""

    number: str
    team: str
    due_at: datetime


@dataclass
class Colleague:
    """Who may get tickets. load: how many wait for them; turn: when they got one last, None for never."""

    email: str
    load: int
    turn: datetime | None = None

    @property
    def rank(self) -> tuple[int, datetime, str]:
        """Sort who is next first: the fewest, then who waited longest or never got one, then by address."""
        return self.load, self.turn or _NEVER_YET, self.email


@dataclass(frozen=True)
class Room:
    """A team that hands out by itself: who of it is there, and how many tickets each may have."""

    team: str
    cap: int
    members: Collection[str]

    def free(self, people: Mapping[str, Colleague]) -> int:
        """Return how many tickets the team has room for."""
        return sum(max(self.cap - people[each].load, 0) for each in self.members)


def hand_out(
    waiting: Iterable[Unassigned], rooms: Iterable[Room], people: Mapping[str, Colleague], now: datetime
) -> Iterator[tuple[Unassigned, str]]:
    """Yield who gets which ticket, the oldest deadline first, and count it in `people`.

    Of equal deadlines the one that is named first in `waiting` comes first.
    """
    by_team = {room.team: room for room in rooms}
    for ticket in sorted(waiting, key=lambda each: each.due_at):
        room = by_team.get(ticket.team)
        free = [people[each] for each in room.members if people[each].load < room.cap] if room else []
        if free:
            chosen = min(free, key=lambda each: each.rank)
            chosen.load, chosen.turn = chosen.load + 1, now
            yield ticket, chosen.email
