"""Why tickets were set aside."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.support.domain.guard import Quarantine


class Quarantines:
    """One row for each ticket that was not taken in at once."""

    def __init__(self, session: Session):
        self._session = session

    def find(self, number: str) -> Quarantine | None:
        return self._session.get(Quarantine, number)
