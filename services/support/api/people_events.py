"""What happens to those who sign in: sessions, second factors, who works here; part of support's events (`events`)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import ClassVar

from services.common.basics.events import Event


@dataclass(frozen=True, kw_only=True)
class SessionStarted(Event):
    """A person signed in; the entry's actor says who."""

    source: ClassVar[str] = "support"
    subject_field: ClassVar[str] = "session_id"
    followed: ClassVar[bool] = False

    session_id: str
    device: str
    new_browser: bool
    second_factor: bool


@dataclass(frozen=True, kw_only=True)
class SessionEnded(Event):
    """A session is over, because a person ended it: its tokens are worth nothing from now on."""

    source: ClassVar[str] = "support"
    subject_field: ClassVar[str] = "session_id"
    followed: ClassVar[bool] = False

    session_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class StaffChanged(Event):
    """An admin changed who works here, or as what. before: the roles until now, none for who is new or was away."""

    source: ClassVar[str] = "support"
    followed: ClassVar[bool] = False

    email: str
    name: str
    roles: list[str]
    before: list[str]
    active: bool
    second_factor_reset: bool = False

    @property
    def subject(self) -> str:
        return "staff-" + hashlib.sha256(self.email.encode()).hexdigest()[:32]


@dataclass(frozen=True, kw_only=True)
class FactorSet(Event):
    """A person set up a second factor; the entry's actor says who. kind: `one_time_password` or `passkey`."""

    source: ClassVar[str] = "support"
    subject_field: ClassVar[str] = "session_id"
    followed: ClassVar[bool] = False

    session_id: str
    kind: str = "one_time_password"


@dataclass(frozen=True, kw_only=True)
class FactorRemoved(Event):
    """A person removed a second factor of theirs; last: there is none left."""

    source: ClassVar[str] = "support"
    subject_field: ClassVar[str] = "session_id"
    followed: ClassVar[bool] = False

    session_id: str
    kind: str
    last: bool
