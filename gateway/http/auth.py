"""Who asks: the Bearer token of a request becomes a Caller, whom every service call carries on.

acc_…   a signed-in person, with roles        ord_…   the customer of one order, from the link in an e-mail
tic_…   the customer of one ticket; support alone knows whether it is still good      (nothing)   a guest
str_…   who asked for it a moment ago, for the live stream of one order and nothing else: `?ticket=`

A token that is wrong, changed or expired is refused with 401, also where a guest would do: a client must learn that
its session is over. Whether this caller may see this order is for the owning service to say, not for the gateway.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from gateway.http.errors import Refused
from services.common.basics.caller import ROLES, Caller
from services.common.basics.errors import Forbidden, NotFound
from services.common.basics.untyped import Fields
from services.common.edge import tokens

GUEST = Caller("guest")
MAX_TOKEN = 4096


def unauthorized(code: str, message: str) -> Refused:
    """Return 401 with the header that says how to sign in."""
    return Refused(401, code, message, headers={"WWW-Authenticate": 'Bearer realm="pledge"'})


def says_signed_in(header: str | None) -> bool:
    """Return whether this Authorization header has the form of a sign-in. Nothing is verified."""
    return (header or "").strip().partition(" ")[2].strip().startswith(tokens.ACCESS_PREFIX)


def identify(header: str | None, secret: str, now: datetime, exchange: Callable[[str], Mapping[str, object]]) -> Caller:
    """Return the caller of a request with this Authorization header. Raise 401 (`token_invalid`) for an invalid token.

    exchange: support's exchange_ticket_token, only called for ticket tokens.
    """
    if header is None:
        return GUEST
    scheme, _, token = header.strip().partition(" ")
    if scheme.lower() != "bearer" or not token or len(token) > MAX_TOKEN or not token.isascii():
        raise unauthorized("token_invalid", "Authorization must be a Bearer token.")
    found = _caller(token.strip(), secret, now, exchange)
    if found is None:
        raise unauthorized("token_invalid", "This token is not valid, or no longer.")
    return found


def identify_by_ticket(ticket: str, order_number: str, secret: str, now: datetime) -> tuple[Caller, datetime | None]:
    """Return the caller who asked for this stream ticket, and when their stream ends. Raise 401 for an invalid one."""
    claims = tokens.read_stream(secret, ticket, now) if len(ticket) <= MAX_TOKEN else None
    if claims is None or claims["order_number"] != order_number:
        raise unauthorized("token_invalid", "This ticket is not valid, or no longer; ask for another.")
    ends = claims["ends"]
    return Caller.from_headers(claims["caller"]), None if ends is None else datetime.fromtimestamp(ends, UTC)


def end_of(header: str | None, secret: str) -> datetime | None:
    """Return until when the token of this Authorization header is valid. `identify` must have accepted it."""
    return tokens.ends_at(secret, (header or "").strip().partition(" ")[2].strip())


def require_somebody(caller: Caller) -> None:
    """Raise 401 (`sign_in_required`) for a guest without any grant."""
    if not caller.roles and not caller.grants:
        raise unauthorized("sign_in_required", "Sign in, or use the link from our e-mail.")


def _caller(token: str, secret: str, now: datetime, exchange: Callable[[str], Fields]) -> Caller | None:
    if token.startswith(tokens.ACCESS_PREFIX):
        claims = tokens.read_access(secret, token, now)
        return None if claims is None else _signed_in(claims)
    if token.startswith(tokens.ORDER_PREFIX):
        number = tokens.read_order(secret, token, now)
        return None if number is None else Caller(f"customer:{number}", grants=frozenset({f"order:{number}"}))
    if token.startswith(tokens.TICKET_PREFIX):
        try:
            ticket = exchange(token)
        except (NotFound, Forbidden):
            return None
        return Caller(f"customer:{ticket['ticket_number']}", grants=frozenset(ticket["grants"]))
    return None


def _signed_in(claims: Fields) -> Caller:
    return Caller(claims["actor"], claims["email"], frozenset(claims["roles"]) & ROLES)
