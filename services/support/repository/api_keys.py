"""Keys by which the shop's own systems ask."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.support import tables as t
from services.support.domain.api_keys import ApiKey

_ROW = t.api_keys.c


class ApiKeys:
    """All keys there are: one that is ended is gone, its journal stays."""

    def __init__(self, session: Session):
        self._session = session

    def every(self) -> list[ApiKey]:
        """Return all of them by name."""
        return list(self._session.execute(sa.select(ApiKey).order_by(_ROW.name)).scalars())

    def find(self, key_id: str) -> ApiKey | None:
        return self._session.get(ApiKey, key_id, with_for_update=True)

    def of_secret(self, secret_hash: str, *, lock: bool = False) -> ApiKey | None:
        query = sa.select(ApiKey).where(_ROW.secret_hash == secret_hash)
        return self._session.execute(query.with_for_update() if lock else query).scalar_one_or_none()

    def made_by(self, email: str) -> list[ApiKey]:
        """Return the keys that a person made, locked in one order."""
        query = sa.select(ApiKey).where(_ROW.made_by == email).order_by(_ROW.id).with_for_update()
        return list(self._session.execute(query).scalars())

    def add(self, key: ApiKey) -> None:
        self._session.add(key)

    def remove(self, key: ApiKey) -> None:
        self._session.delete(key)
