"""Keys by which the shop's own systems ask. Of a key only the hash of its secret is kept. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.common.basics.caller import ADMIN
from services.support.domain.people import Staff

MOST_KEYS = 50
MOST_ACTOR = 254
"""Characters of a key's name with its maker: it stands where the mailbox of a person does."""
USE_NOTED = timedelta(days=1)
"""How exactly it is known when a key was last used."""


@dataclass
class ApiKey:
    """A key. used_at: when it was last used, to the day."""

    id: str
    name: str
    secret_hash: str
    roles: list[str]
    made_at: datetime
    made_by: str
    ends_at: datetime | None = None
    used_at: datetime | None = None

    def over(self, now: datetime) -> bool:
        return self.ends_at is not None and self.ends_at <= now

    def good(self, maker: Staff | None, now: datetime) -> bool:
        """Return whether it counts: in its time, and while who made it is an admin."""
        return may_make(maker) and not self.over(now)

    def is_use_noted(self, now: datetime) -> bool:
        """Return whether it is known that it was used in the last day."""
        return self.used_at is not None and now < self.used_at + USE_NOTED

    def use(self, now: datetime) -> None:
        """Note that it is used, once a day."""
        if not self.is_use_noted(now):
            self.used_at = now


def may_make(person: Staff | None) -> bool:
    """Return whether that person's keys are good."""
    return person is not None and person.active and ADMIN in person.roles
