"""Tokens that grant access, made here and read here.

access   who signed in, with roles, for eight hours; signed
order    leave to act as the customer of one order: what the link in an e-mail carries; signed. Good for 120 days: from
         the order to the end of the return window, even when the parcel comes late; each later mail has a new one
stream   leave to open the live stream of one order within a minute, for a browser's EventSource, which sends no header
ticket   256 bits derived from the secret, the ticket and a serial, so that a lost mail can be sent again although
         only the token's hash is stored; the owner of tickets stores hash, expiry and revocation

Signed means that a change of one bit makes it worthless (itsdangerous, HMAC-SHA512 with a salt per kind).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache

from itsdangerous import BadData, URLSafeSerializer

from services.common.basics.untyped import Fields, JsonDict

ACCESS_LIFETIME = timedelta(hours=8)
ORDER_LIFETIME = timedelta(days=120)
TICKET_LIFETIME = timedelta(days=30)
STREAM_LIFETIME = timedelta(minutes=1)
ACCESS_PREFIX, ORDER_PREFIX, TICKET_PREFIX, STREAM_PREFIX = "acc_", "ord_", "tic_", "str_"


def access_token(secret: str, actor: str, email: str, roles: Iterable[str], now: datetime) -> str:
    """Return the token that a signed-in person sends with each request."""
    claims = {"actor": actor, "email": email, "roles": sorted(roles)}
    return ACCESS_PREFIX + _sign(secret, "access", claims, now + ACCESS_LIFETIME)


def order_token(secret: str, order_number: str, now: datetime) -> str:
    """Return the token that the customer of one order sends. It needs no account."""
    return ORDER_PREFIX + _sign(secret, "order", {"order_number": order_number}, now + ORDER_LIFETIME)


def read_access(secret: str, token: str, now: datetime) -> dict[str, object] | None:
    """Return `{actor, email, roles}`, or None if the token is expired, changed or not ours."""
    return _read(secret, "access", token.removeprefix(ACCESS_PREFIX), now)


def read_order(secret: str, token: str, now: datetime) -> str | None:
    """Return the order number, or None if the token is expired, changed or not ours."""
    claims = _read(secret, "order", token.removeprefix(ORDER_PREFIX), now)
    return None if claims is None else str(claims["order_number"])


def stream_token(secret: str, order_number: str, caller: Fields, ends: datetime | None, now: datetime) -> str:
    """Return the token that opens the live stream of that order in the caller's name.

    ends: when the stream must end.
    """
    claims = {"order_number": order_number, "caller": dict(caller), "ends": ends and ends.timestamp()}
    return STREAM_PREFIX + _sign(secret, "stream", claims, now + STREAM_LIFETIME)


def read_stream(secret: str, token: str, now: datetime) -> JsonDict | None:
    """Return `{order_number, caller, ends}`, or None if the token is expired, changed or not ours."""
    return _read(secret, "stream", token.removeprefix(STREAM_PREFIX), now)


def ends_at(secret: str, token: str) -> datetime | None:
    """Return until when a signed token is valid, or None for other kinds. The token must have been verified before."""
    salt = {ACCESS_PREFIX: "access", ORDER_PREFIX: "order"}.get(token[:4])
    if salt is None:
        return None
    claims = _serializer(secret, salt).loads(token[4:])
    return datetime.fromtimestamp(claims["until"], UTC)


def ticket_token(secret: str, ticket_number: str, serial: int) -> str:
    """Return the token of a ticket's link. A new serial gives a new token."""
    mac = hmac.new(secret.encode(), f"ticket\n{ticket_number}\n{serial}".encode(), hashlib.sha256).digest()
    return TICKET_PREFIX + base64.urlsafe_b64encode(mac).decode().rstrip("=")


def token_hash(token: str) -> str:
    """Return the hash of a ticket's token, the only form in which it is stored."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _sign(secret: str, salt: str, claims: JsonDict, until: datetime) -> str:
    return str(_serializer(secret, salt).dumps({**claims, "until": int(until.timestamp())}))


def _read(secret: str, salt: str, token: str, now: datetime) -> dict[str, object] | None:
    try:
        claims: JsonDict = _serializer(secret, salt).loads(token)
        return claims if claims.pop("until") > now.timestamp() else None
    except (BadData, KeyError, TypeError, AttributeError, UnicodeError):
        return None


@cache  # few secrets and salts; the key made of them is all that it holds
def _serializer(secret: str, salt: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt=f"pledge-{salt}", signer_kwargs={"digest_method": hashlib.sha512})
