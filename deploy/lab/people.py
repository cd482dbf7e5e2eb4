"""People who are signed in already: for load and faults, and for tests that are about something else."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from services.common.basics.caller import STAFF
from services.common.basics.clock import now
from services.common.edge import tokens
from services.common.edge.keys import DEVELOPMENT_SUPPORT_KEYS, Signing
from services.common.store.database import Store
from services.support.domain import Session, Staff
from services.support.repository import Work

LASTS = timedelta(hours=20)


def signed_in(
    store: Store, email: str, roles: Iterable[str], now: datetime, keys: str = DEVELOPMENT_SUPPORT_KEYS
) -> str:
    """Enter a session, and the person where they have roles. Return an access token that is good for hours."""
    session_id, wanted = secrets.token_hex(16), sorted(roles)
    with store.work(Work) as work:
        if wanted:
            work.people.add_staff([Staff(email, email.partition("@")[0], wanted)])
        digest = tokens.token_hash(session_id)
        work.sessions.add(
            Session(session_id, email, digest, digest, "a test", staff=False, factor=True, created_at=now, used_at=now)
        )
    access = tokens.Access(session_id, email, wanted or ["customer"])
    return tokens.access_token(Signing.parse(keys), access, now, LASTS)


def member_of_staff(database_url: str, email: str, keys: str = DEVELOPMENT_SUPPORT_KEYS) -> str:
    """Return the access token, good for hours, of a person who may do everything. keys: what support signs with."""
    store = Store(database_url, pool_size=1)
    try:
        return signed_in(store, email, STAFF, now(), keys)
    finally:
        store.dispose()
