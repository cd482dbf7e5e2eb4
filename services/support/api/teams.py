"""Teams and who is there: who gets a ticket (standard, sections 5 and 6: every demand processed, no delayed response).

A ticket belongs to the team that takes its category, or to the one that a person or a rule named. What no team takes
belongs to `agents`, the team of all who have the role agent: it is always there and needs no setting up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, TypedDict

from services.common.basics.api import Api, command, query
from services.common.basics.caller import AGENT, LEAD
from services.common.basics.errors import Conflict, Invalid, NotFound
from services.common.basics.rules import Ruled, When
from services.common.basics.shapes import (
    Between,
    EmailAddress,
    Example,
    Length,
    Note,
    Nullable,
    Pattern,
    Timestamp,
    Version,
)
from services.common.basics.states import VersionMoved
from services.support.api.articles import SLUG_PATTERN
from services.support.api.factors import NoSession
from services.support.api.people import StaffNotFound
from services.support.api.refusals import NoSuchAgent
from services.support.api.statuses import Category

ALL_AGENTS = "agents"
"""The team that is always there: all who have the role agent, for what no other team takes."""

MOST_TEAMS, MOST_MEMBERS = 50, 200
TeamName = Annotated[
    str, Pattern(SLUG_PATTERN, "Small letters and digits, at most 32, with single hyphens."), Example("returns")
]
Cap = Annotated[int, Between(1, 1000), Note("open tickets in which it is our turn, of one person")]


class Availability(StrEnum):
    """Whether a person gets tickets. `away`: none for now; `off`: none, and what waits for us goes back to the team."""

    ACTIVE = "active"
    AWAY = "away"
    OFF = "off"


class Why(StrEnum):
    """Why a ticket changed hands: a person decided it, it was a person's turn, or who had it is off or has left."""

    BY_HAND = "by_hand"
    TURN = "turn"
    OFF = "off"
    LEFT = "left"


class TeamNotFound(NotFound):
    """There is no team of this name."""

    code = "team_not_found"
    message = "There is no team of this name."


class TeamMoved(VersionMoved):
    """The team has another version than the one that the caller saw."""

    message = "Somebody else changed this team meanwhile; look again."


class CategoryTaken(Conflict):
    """Another team takes one of these categories; details: category, team."""

    code = "category_taken"
    message = "Another team takes this category: take it away there first."


class TeamOfAll(Conflict):
    """The team of all agents cannot be removed, and has no categories or members of its own."""

    code = "team_of_all"
    message = "This team is of all agents and takes what no other team takes; it stays, and nobody is put into it."


class TooManyTeams(Conflict):
    """There are as many teams as there can be."""

    code = "too_many_teams"
    message = f"There are {MOST_TEAMS} teams; remove one first."


class PersonOff(Conflict):
    """The person is off, and gets no tickets until they are back."""

    code = "person_off"
    message = "This person is off: nobody is given a ticket then."


class UnknownTeam(Invalid):
    """A ticket is to go to a team that there is not."""

    code = "unknown_team"
    message = "There is no team of this name."


class BackInPast(Invalid):
    """The end of an absence is over."""

    code = "back_in_past"
    message = "The day on which you are back has to be in the future."


@dataclass(frozen=True)
class PutTeam:
    """What the team takes, who is in it, and how it hands out. All is replaced.

    `agents` has no categories and members of its own.
    """

    categories: Annotated[list[Category], Length(0, len(Category)), Example(["aftersales"])]
    members: Annotated[list[Annotated[str, EmailAddress()]], Length(0, MOST_MEMBERS), Example(["agent@pledge.example"])]
    automatic: Annotated[bool, Note("each ticket goes to who has fewest; false: people take them by hand")] = False
    cap: Cap | None = None
    version: Version | None = None

    examples: ClassVar[Mapping[str, object]] = {
        "a team": {"categories": ["aftersales"], "members": ["agent@pledge.example"], "automatic": True, "cap": 15}
    }


@dataclass(frozen=True)
class PutAvailability(Ruled):
    """back_at: from when on they are there again; without it until they say so."""

    examples: ClassVar[Mapping[str, object]] = {
        "away": {"status": "away"},
        "off": {"status": "off", "back_at": "2100-01-04T01:00:00Z"},
    }

    status: Availability
    back_at: Annotated[datetime, Nullable(), Example("2100-01-04T01:00:00Z")] | None = None

    rules = (When("status", (Availability.ACTIVE, Availability.AWAY), forbids=("back_at",)),)


class TeamView(TypedDict):
    """A team. `members`: who is in it now; `cap`: null where the shop's own counts (`PLEDGE_TICKETS_PER_PERSON`)."""

    name: str
    categories: Annotated[list[Category], Note("of `agents`: what no other team takes")]
    members: list[str]
    automatic: bool
    cap: int | None
    ours: Annotated[int, Note("its open tickets in which it is our turn")]
    unassigned: Annotated[int, Note("those of them that nobody has")]
    version: int


class TeamList(TypedDict):
    """The teams, `agents` first."""

    items: list[TeamView]


class AvailabilityView(TypedDict):
    """Whether a person is there, and how much they have."""

    email: str
    name: str
    status: Availability
    back_at: Timestamp | None
    teams: list[str]
    ours: Annotated[int, Note("open tickets in which it is our turn")]


class AvailabilityList(TypedDict):
    """Who answers customers, by address."""

    items: list[AvailabilityView]


class Teams(Api):
    """Who gets which tickets, and who is there."""

    @query(roles=(AGENT, LEAD))
    def list_teams(self) -> TeamList:
        """List the teams, with what waits in each."""

    @query(roles=(AGENT, LEAD), errors=(TeamNotFound,))
    def get_team(self, name: TeamName) -> TeamView:
        """Show a team."""

    @command(roles=(LEAD,), errors=(TeamMoved, CategoryTaken, NoSuchAgent, TeamOfAll, TooManyTeams))
    def put_team(self, name: TeamName, team: PutTeam) -> TeamView:
        """Add a team, or change it.

        An automatic team gives each ticket to the active member with the fewest that wait for us, below the cap, the
        oldest deadline first. 409 `category_taken`, `no_such_agent` for a member who answers no tickets.
        """

    @command(roles=(LEAD,), errors=(TeamNotFound, TeamOfAll))
    def delete_team(self, name: TeamName) -> TeamList:
        """Remove a team. Its tickets stay with who has them, and belong to the team of their category."""

    @query(roles=(AGENT, LEAD))
    def list_availability(self) -> AvailabilityList:
        """List who answers customers: whether they are there, and how much they have."""

    @query(roles=(AGENT, LEAD), errors=(NoSession,))
    def get_own_availability(self) -> AvailabilityView:
        """Say whether you are there, and how much you have."""

    @command(roles=(AGENT, LEAD), errors=(BackInPast, NoSession))
    def put_own_availability(self, wish: PutAvailability) -> AvailabilityView:
        """Say that you are there, away for a while, or off. Off: what waits for us goes back to the team at once."""

    @command(roles=(LEAD,), errors=(BackInPast, StaffNotFound))
    def put_availability(self, email: str, wish: PutAvailability) -> AvailabilityView:
        """Say the same for a colleague who is ill or forgot it."""
