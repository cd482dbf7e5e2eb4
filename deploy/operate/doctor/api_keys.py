"""Keys of the shop's own systems: those that are old, that nothing uses, or that end soon."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import sqlalchemy as sa

from deploy.operate.doctor.finding import Finding, warning
from services.common.basics import clock
from services.support import tables

OLD, UNUSED, SOON = timedelta(days=365), timedelta(days=90), timedelta(days=14)
_KEY = tables.api_keys.c


def examine(service: str, connection: sa.Connection) -> Iterator[Finding]:
    if service != "support":
        return
    now = clock.now()
    for key in connection.execute(sa.select(tables.api_keys).order_by(_KEY.name)):
        where, since = f"key {key.name}", key.used_at or key.made_at
        if key.ends_at is not None and key.ends_at <= now + SOON:
            what = f"it ends at {key.ends_at:%Y-%m-%d %H:%M} UTC" if key.ends_at > now else "its time is over"
            yield warning("api_key_ends", where, what, "make another for the system that uses it, then end this one")
        elif since <= now - UNUSED:
            what = f"nothing has used it since {since:%Y-%m-%d}"
            yield warning("api_key_unused", where, what, "end it at /desk/keys if no system needs it")
        elif key.made_at <= now - OLD:
            what = f"it was made on {key.made_at:%Y-%m-%d}"
            yield warning("api_key_old", where, what, "make another for the system that uses it, then end this one")
