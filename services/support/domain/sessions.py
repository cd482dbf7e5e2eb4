"""Who is signed in: codes that are good in one browser, sessions that can be ended, second factors. Pure.

A code is mailed; what was given to the browser that asked for it (`SignInRequest`) must come back with it. Tries count
for the browser: a stranger who guesses uses up their own. Of a session only the hash of its refresh token is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.common.basics.caller import ADMIN, CUSTOMER, LEAD
from services.support.domain.people import CODE_TRIES, Staff

STAFF_IDLE, STAFF_LASTS = timedelta(hours=8), timedelta(hours=24)
CUSTOMER_IDLE, CUSTOMER_LASTS = timedelta(days=30), timedelta(days=90)
SESSIONS_OF_ONE = 100
CODE_TRIES_OF_ALL = 100
"""Wrong guesses at one code, from all browsers that it was given for."""

FACTOR_TRIES, FACTOR_WINDOW = 5, timedelta(minutes=15)
RECOVERY_CODES = 10
PASSKEY_WINDOW, PASSKEYS_OF_ONE = timedelta(minutes=10), 10
PRIVILEGED = frozenset({ADMIN, LEAD})
"""The roles that count only in a session that passed the second factor, where one is required or there."""


@dataclass
class SignInRequest:
    """A browser asked for a code; only the hash of what it was given is kept."""

    request_hash: str
    email: str
    code_id: str
    created_at: datetime
    tries: int = 0

    @property
    def open(self) -> bool:
        return self.tries < CODE_TRIES


@dataclass
class Session:
    """A person signed in. device: as the browser names itself; factor: a second factor was shown.

    used_at: when it was last refreshed, so that it ends when it is not used.
    """

    id: str
    email: str
    refresh_hash: str
    browser_hash: str
    device: str
    staff: bool
    factor: bool
    created_at: datetime
    used_at: datetime
    ended_at: datetime | None = None

    @property
    def ends_at(self) -> datetime:
        """When it is over without anybody doing anything: not used for a while, or too old."""
        idle, lasts = (STAFF_IDLE, STAFF_LASTS) if self.staff else (CUSTOMER_IDLE, CUSTOMER_LASTS)
        return min(self.used_at + idle, self.created_at + lasts)

    def good(self, now: datetime) -> bool:
        return self.ended_at is None and now < self.ends_at


@dataclass
class KnownBrowser:
    """A browser from which that address has signed in."""

    email: str
    browser_hash: str
    seen_at: datetime


@dataclass
class Factor:
    """What a person has besides their mailbox: a one-time password app. It counts once it was confirmed.

    sealed: its secret, encrypted. last_step: the time step of the last password taken, which is good once.
    """

    id: str
    email: str
    sealed: str
    created_at: datetime
    confirmed_at: datetime | None = None
    last_step: int = 0
    misses: int = 0
    missed_at: datetime | None = None

    def locked(self, now: datetime) -> bool:
        """Return whether there were so many wrong ones lately that none is looked at."""
        return self.misses >= FACTOR_TRIES and self.missed_at is not None and now < self.missed_at + FACTOR_WINDOW

    def miss(self, now: datetime) -> None:
        """Count a wrong one."""
        fresh = self.missed_at is not None and now < self.missed_at + FACTOR_WINDOW
        self.misses, self.missed_at = (self.misses + 1 if fresh else 1), now

    def take(self, step: int | None) -> bool:
        """Use the password of that time step up. Return False where there is none, or it was used before."""
        if step is None or step <= self.last_step:
            return False
        self.last_step, self.misses, self.missed_at = step, 0, None
        return True


@dataclass
class Passkey:
    """A key that a person's device or security key keeps (WebAuthn). It counts once it was confirmed.

    challenge: what the device signed to be taken. credential, public_key: base64url. signs: the device's own count of
    its signatures, which tells a copy.
    """

    id: str
    email: str
    challenge: str
    created_at: datetime
    name: str = ""
    credential: str | None = None
    public_key: str | None = None
    signs: int = 0
    confirmed_at: datetime | None = None
    used_at: datetime | None = None

    def fresh(self, now: datetime) -> bool:
        """Return whether it may still be confirmed."""
        return self.confirmed_at is None and now < self.created_at + PASSKEY_WINDOW


@dataclass
class RecoveryCode:
    """A code that stands in once for a second factor that is lost; only its hash is kept."""

    email: str
    code_hash: str
    used_at: datetime | None = None


def roles_of(person: Staff | None, session: Session, *, has_factor: bool, required: bool) -> list[str]:
    """Return the roles that count in this session now; a person without any is a customer."""
    if person is None:
        return [CUSTOMER]
    withheld = PRIVILEGED if (required or has_factor) and not session.factor else frozenset()
    return sorted(set(person.roles) - withheld) or [CUSTOMER]


def needs_factor(person: Staff | None) -> bool:
    """Return whether that person has a role that a second factor guards."""
    return person is not None and bool(PRIVILEGED & set(person.roles))


def has_admin(people: Iterable[Staff]) -> bool:
    """Return whether an admin is left, who may change who works here."""
    return any(person.active and ADMIN in person.roles for person in people)
