"""Passkeys: public keys of people's devices, as second factors."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.support import domain as d
from services.support import tables as t


class Passkeys:
    """The passkeys of people; those that are not confirmed do not count."""

    def __init__(self, session: Session):
        self._session = session

    def of(self, email: str, *, lock: bool = True) -> list[d.Passkey]:
        """Return a person's passkeys in one order, the confirmed ones and those that were only begun."""
        row = t.passkeys.c
        query = sa.select(d.Passkey).where(row.email == email).order_by(row.created_at, row.id)
        return list(self._session.execute(query.with_for_update() if lock else query).scalars())

    def confirmed(self, email: str, *, lock: bool = True) -> list[d.Passkey]:
        """Return those that count."""
        return [each for each in self.of(email, lock=lock) if each.confirmed_at is not None]

    def is_known(self, credential: str) -> bool:
        """Return whether anyone has that credential."""
        query = sa.select(t.passkeys.c.id).where(t.passkeys.c.credential == credential).limit(1)
        return self._session.execute(query).first() is not None

    def add(self, passkey: d.Passkey) -> None:
        self._session.add(passkey)

    def remove(self, passkeys: Iterable[d.Passkey]) -> None:
        for each in passkeys:
            self._session.delete(each)
        self._session.flush()
