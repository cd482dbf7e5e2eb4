"""The facts about teams, and about who is there (part of `events`)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.common.basics.events import Event
from services.support.api.statuses import Category
from services.support.api.teams import Availability


@dataclass(frozen=True, kw_only=True)
class TeamEvent(Event):
    """The base of what happens to a team; the entry's actor says who did it."""

    source: ClassVar[str] = "support"
    followed: ClassVar[bool] = False

    name: str

    @property
    def subject(self) -> str:
        return f"team-{self.name}"


@dataclass(frozen=True, kw_only=True)
class TeamChanged(TeamEvent):
    """A lead added or changed a team: all of it, as it is now."""

    categories: list[Category]
    members: list[str]
    automatic: bool
    cap: int | None


@dataclass(frozen=True, kw_only=True)
class TeamRemoved(TeamEvent):
    """A lead removed a team."""


@dataclass(frozen=True, kw_only=True)
class RulesChanged(Event):
    """A lead changed the rules that sort what comes in; all of them, in their order, of addresses the domain alone."""

    source: ClassVar[str] = "support"
    followed: ClassVar[bool] = False

    rules: list[Mapping[str, object]]

    @property
    def subject(self) -> str:
        return "rules"


@dataclass(frozen=True, kw_only=True)
class AvailabilityChanged(Event):
    """A person is there, away or off from now on. taken_back: how many tickets went back to the team."""

    source: ClassVar[str] = "support"
    followed: ClassVar[bool] = False

    email: str
    status: Availability
    back_at: datetime | None
    taken_back: int = 0

    @property
    def subject(self) -> str:
        return "staff-" + hashlib.sha256(self.email.encode()).hexdigest()[:32]
