"""Tokens as support and the gateway sign them in development; the peers know every session that is made here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from services.common.edge import tokens
from services.common.edge.keys import (
    DEVELOPMENT_GATEWAY_KEYS,
    DEVELOPMENT_PUBLIC_KEYS,
    DEVELOPMENT_SUPPORT_KEYS,
    Signing,
    Verifying,
)

SUPPORT, GATEWAY = Signing.parse(DEVELOPMENT_SUPPORT_KEYS), Signing.parse(DEVELOPMENT_GATEWAY_KEYS)
KEYS = Verifying.parse(DEVELOPMENT_PUBLIC_KEYS).with_those_of(GATEWAY)


def session_id(email: str, roles: Iterable[str]) -> str:
    """Return an id from which the peer of support reads the session's owner."""
    return f"{email} {' '.join(roles)}"


def session_of(session: str) -> dict[str, Any]:
    email, *roles = session.split(" ")
    return {"email": email, "roles": [role for role in roles if role]}


def access_token(email: str, roles: Iterable[str], now: datetime, keys: Signing = SUPPORT) -> str:
    roles = list(roles)
    return tokens.access_token(keys, tokens.Access(session_id(email, roles), email, roles), now)


def key_access_token(
    key_id: str, roles: Iterable[str], now: datetime, lifetime: timedelta = tokens.ACCESS_LIFETIME
) -> str:
    """Return what support gives for a key of the shop's stock system."""
    claims = tokens.KeyAccess(key_id, "stock-system", "ada@shop.example", list(roles))
    return tokens.access_token(SUPPORT, claims, now, lifetime)


def order_token(order_number: str, now: datetime) -> str:
    return tokens.order_token(GATEWAY, order_number, now)


def read_order(token: str, now: datetime) -> tokens.LinkClaims | None:
    return tokens.read_order(KEYS, token, now)


def stream_token(order_number: str, caller: Mapping[str, Any], ends: datetime | None, now: datetime) -> str:
    return tokens.stream_token(GATEWAY, order_number, caller, ends, now)
