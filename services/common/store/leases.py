"""Leases: one replica has something to itself for a while, longer than a transaction, since it asks other machines.

    held = work.leases.take("support.mailbox", LEASE)            # None: another replica has it
    held = work.leases.renew("support.mailbox", held, LEASE)     # with each step; LeaseLost if it ran out
    work.leases.end("support.mailbox", held)

A replica that is killed leaves a lease that runs out by itself. What is done under one must be right when it is done
twice: who lost a lease learns it with the next step. Each is a row of `schedule`, beside the timers' beats.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.store import tables
from services.common.store.upsert import dialect_insert

_ROW = tables.schedule.c
PREFIX = "lease "


class LeaseLost(Exception):
    """The lease ran out, and another replica may have it."""


class Leases:
    """The leases, as one unit of work sees them."""

    def __init__(self, session: Session, now: datetime):
        self._session, self._now = session, now

    def take(self, name: str, span: timedelta) -> datetime | None:
        """Lease this for so long. Return until when; None while another replica has it."""
        until = self._now + span
        insert = dialect_insert(self._session)(tables.schedule).values(name=PREFIX + name, next_at=until)
        free = insert.on_conflict_do_update(
            index_elements=["name"], set_={"next_at": until}, where=_ROW.next_at <= self._now
        )
        return until if self._session.execute(free.returning(_ROW.name)).first() else None

    def renew(self, name: str, held: datetime, span: timedelta) -> datetime:
        """Lease for longer what is held until `held`. Return until when; raise LeaseLost if it ran out."""
        until = self._now + span
        mine = sa.update(tables.schedule).where(*self._held(name, held)).values(next_at=until)
        if self._session.execute(mine.returning(_ROW.name)).first() is None:
            raise LeaseLost(name)
        return until

    def end(self, name: str, held: datetime) -> None:
        """Give back what is held until `held`."""
        self._session.execute(sa.delete(tables.schedule).where(*self._held(name, held)))

    def _held(self, name: str, held: datetime) -> tuple[sa.ColumnElement[bool], ...]:
        return _ROW.name == PREFIX + name, _ROW.next_at == held
