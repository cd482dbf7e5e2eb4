"""Who asks: the Bearer token of a request becomes a Caller, whom every service call carries on.

acc_…   a signed-in person; support says who, and with which roles now (`checks`)
pledge_key_…  a system of the shop; support exchanges its key for an access token, which says its roles now
ord_…   the customer of one order, from the link in an e-mail
tic_…   the customer of one ticket; support alone knows whether it is still good      (nothing)   a guest
str_…   who asked for it a moment ago, for the live stream of one order and nothing else: `?ticket=`

A token that is wrong, changed or expired is refused with 401, also where a guest would do: a client must learn that
its session is over. Whether this caller may see this order is for the owning service to say, not for the gateway.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Protocol

from gateway.http.checks import keys_unavailable
from gateway.http.errors import Refused
from services.common.basics import ids
from services.common.basics.caller import KEY_ROLES, ROLES, STAFF, Caller, key_actor
from services.common.basics.errors import Forbidden, NotFound
from services.common.basics.untyped import Fields
from services.common.edge import tokens
from services.common.edge.keys import Verifying

GUEST = Caller("guest")
MAX_TOKEN = 4096
SESSION, KEY = "session:", "key:"
"""The grants that name the session of who signed in, and the key of a system of the shop."""


def unauthorized(code: str, message: str) -> Refused:
    """Return 401 with the header that says how to sign in."""
    return Refused(401, code, message, headers={"WWW-Authenticate": 'Bearer realm="pledge"'})


def says_signed_in(header: str | None) -> bool:
    """Return whether this Authorization header has the form of a sign-in or a key. Nothing is verified."""
    return _token_of(header).startswith((tokens.ACCESS_PREFIX, tokens.KEY_PREFIX))


class Asks(Protocol):
    """How `identify` finds out what a token alone does not say."""

    def session(self, access: tokens.Access) -> Fields | None:
        """Return the session's owner and the roles that count in it now; None when it is over."""

    def key(self, secret_hash: str) -> str | None:
        """Return an access token for the key with this hash; None when the key is not good."""

    def order_link(self, number: str, link_id: str) -> bool:
        """Return whether the link of an order is still good."""

    def ticket(self, token: str) -> Fields:
        """Return the answer of support's exchange_ticket_token."""


def identify(header: str | None, keys: Verifying, now: datetime, asks: Asks) -> Caller:
    """Return the caller of a request with this Authorization header; 401 (`token_invalid`) for a bad token."""
    if header is None:
        return GUEST
    scheme, _, token = header.strip().partition(" ")
    if scheme.lower() != "bearer" or not token or len(token) > MAX_TOKEN or not token.isascii():
        raise unauthorized("token_invalid", "Authorization must be a Bearer token.")
    found = _caller(token.strip(), keys, now, asks)
    if found is None:
        raise unauthorized("token_invalid", "This token is not valid, or no longer.")
    return found


def identify_by_ticket(
    ticket: str, order_number: str, keys: Verifying, now: datetime
) -> tuple[Caller, datetime | None]:
    """Return the caller who asked for this stream ticket, and when their stream ends. Raise 401 for an invalid one."""
    claims = tokens.read_stream(keys, ticket, now) if len(ticket) <= MAX_TOKEN else None
    if claims is None or claims["order_number"] != order_number:
        raise unauthorized("token_invalid", "This ticket is not valid, or no longer; ask for another.")
    ends = claims["ends"]
    return Caller.from_headers(claims["caller"]), None if ends is None else datetime.fromtimestamp(ends, UTC)


def end_of(header: str | None, keys: Verifying, now: datetime, asks: Asks) -> datetime | None:
    """Return until when the token of this Authorization header is valid. `identify` must have accepted it.

    That of a key is its access token's end: a quarter of an hour, or when the key's own time is over.
    """
    token = _token_of(header)
    if not tokens.is_key(token):
        return tokens.ends_at(keys, token, now)
    access_token = asks.key(tokens.token_hash(token))
    return (access_token and tokens.ends_at(keys, access_token, now)) or now


def session_of(caller: Caller) -> str | None:
    """Return the id of the session of a caller who signed in, or of the key that a system of the shop came with."""
    return next((grant.partition(":")[2] for grant in caller.grants if grant.startswith((SESSION, KEY))), None)


def require_somebody(caller: Caller) -> None:
    """Raise 401 (`sign_in_required`) for a guest without any grant."""
    if not caller.roles and all(grant.startswith(SESSION) for grant in caller.grants):
        raise unauthorized("sign_in_required", "Sign in, or use the link from our e-mail.")


def _caller(token: str, keys: Verifying, now: datetime, asks: Asks) -> Caller | None:
    if token.startswith(tokens.ACCESS_PREFIX):
        access = tokens.read_access(keys, token, now)
        session = asks.session(access) if access else None
        return None if session is None or access is None else _signed_in(f"{SESSION}{access.session_id}", session)
    if tokens.is_key(token):
        access_token = asks.key(tokens.token_hash(token))
        return None if access_token is None else _of_key(access_token, keys, now)
    if token.startswith(tokens.ORDER_PREFIX):
        link = tokens.read_order(keys, token, now)
        if link is None or not asks.order_link(*link):
            return None
        return Caller(f"customer:{link.order_number}", grants=frozenset({f"order:{link.order_number}"}))
    if token.startswith(tokens.TICKET_PREFIX):
        try:
            ticket = asks.ticket(token)
        except (NotFound, Forbidden):
            return None
        return _of_ticket(ticket)
    return None


def _token_of(header: str | None) -> str:
    return (header or "").strip().partition(" ")[2].strip()


def _of_key(access_token: str, keys: Verifying, now: datetime) -> Caller:
    """Return the system of the shop whose key was exchanged for this access token. It has no mailbox."""
    access = tokens.read_key_access(keys, access_token, now)
    if access is None:  # remembered from before support went away
        raise keys_unavailable()
    roles = frozenset(access.roles) & KEY_ROLES
    return Caller(key_actor(access.name, access.made_by), None, roles, frozenset({f"{KEY}{access.key_id}"}))


def _signed_in(grant: str, session: Fields) -> Caller:
    """Return the person who signed in, with the roles that we know; support can give no other right."""
    email, roles = str(session["email"]), frozenset(session["roles"]) & ROLES
    return Caller(f"{'staff' if roles & STAFF else 'customer'}:{email}", email, roles, frozenset({grant}))


def _of_ticket(ticket: Fields) -> Caller | None:
    """Return the holder of a ticket's link; what support grants counts for that ticket only."""
    number = ids.fold_number(str(ticket["ticket_number"]), ids.TICKET)
    if number is None:
        return None
    mine = re.compile(rf"(ticket|mailbox|reads):{number}|renewed:{number}:[0-9]+")
    grants = frozenset(grant for grant in map(str, ticket["grants"]) if mine.fullmatch(grant))
    return Caller(f"customer:{number}", grants=grants)
