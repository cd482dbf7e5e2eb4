"""People: the contact of an order, members of staff, links that let a guest in, and codes to sign in with."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.support.api.sorting import OrderState

LINK_LIFETIME = timedelta(days=30)
LINK_FRESH = timedelta(days=7)
CODE_LIFETIME = timedelta(minutes=10)
CODE_TRIES = 5
CODE_DIGITS = 8
CODES_PER_WINDOW = 5
CODES_AT_ONCE = 3
"""So many of a window are mailed at any time. The others are mailed when the newest one has lived half of its life, so
that who floods an address does not use them up before its owner comes."""
CODE_WINDOW = timedelta(minutes=15)


@dataclass
class OrderContact:
    """Whom to write to about an order, as orders last told us; `seq` is the subject_seq it came with.

    contents: what was bought and where it goes, as mails show it. state: how far the order is, None if not known.
    country: where it goes.
    """

    order_number: str
    seq: int
    email: str
    name: str
    language: str | None = None
    time_zone: str | None = None
    contents: str | None = None
    state: OrderState | None = None
    country: str | None = None


@dataclass
class Staff:
    """A person who works here, and as what."""

    email: str
    name: str
    roles: list[str]
    active: bool = True
    version: int = 1


@dataclass
class TicketLink:
    """A link that lets a guest into one ticket. Only the token's hash is kept; the token follows from the serial.

    mailed: its holder reads the customer's mailbox, because it went out by mail and nowhere else, or was given to
    who had shown that already. reads: its holder holds the link of the order too, and reads what is said about
    it. renewed: asked for again, so that older links end when it is used.
    """

    token_hash: str
    ticket_number: str
    serial: int
    mailed: bool
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    renewed: bool = False
    reads: bool = False

    def good(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at

    def fresh(self, now: datetime) -> bool:
        """Return whether it will still be valid when the mail is read some days later."""
        return self.good(now + LINK_FRESH)


@dataclass
class OrderLink:
    """A link to an order that was given out: `checkout` when it was placed, or the id of the mail that has it."""

    order_number: str
    id: str
    made_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None


@dataclass
class LinkRequest:
    """A request for a new link to a ticket. It is handled later, so that the answer tells nothing."""

    id: str
    ticket_number: str
    email: str
    requested_at: datetime


@dataclass
class SignInCode:
    """A one-time code. It is kept nowhere: it follows from the secret and this row's random id."""

    id: str
    email: str
    created_at: datetime
    expires_at: datetime
    tries: int = 0
    used_at: datetime | None = None

    def lasts(self, now: datetime) -> bool:
        """Return whether there is time to find it in the mailbox: at least half of its life."""
        return self.expires_at - now >= CODE_LIFETIME / 2

    def matches(self, secrets: tuple[str, ...], code: str) -> bool:
        """Return whether that is the code. The check takes the same time for every wrong code."""
        return sign_in_code_matches(secrets, self.id, code)


def sign_in_code_matches(secrets: tuple[str, ...], code_id: str, code: str) -> bool:
    """Return whether these are the digits of a code's id, in the same time for every wrong code."""
    return any([hmac.compare_digest(sign_in_code(secret, code_id).encode(), code.encode()) for secret in secrets])


def sign_in_code(secret: str, code_id: str) -> str:
    """Return the eight digits that belong to a code's id."""
    mac = hmac.new(secret.encode(), f"sign-in\n{code_id}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(mac, 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}}"
