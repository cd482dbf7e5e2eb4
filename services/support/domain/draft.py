"""A draft: what one person is writing on a ticket. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.support.api.drafts import DraftKind, DraftMoved


@dataclass
class Draft:
    """`body` is empty once it was sent; the row stays, so that what is kept late is known to be late."""

    ticket_number: str
    person: str
    kind: DraftKind
    body: str
    saved_at: datetime
    version: int = 0

    def write(self, body: str, now: datetime) -> None:
        """Keep these words from now on; none, where they were sent."""
        self.body, self.saved_at = body, now

    def require_seen(self, seen: int | None, body: str, show: Callable[[], object]) -> None:
        """Raise DraftMoved if its writer saw another version, unless the words are the same."""
        if seen is not None and seen != self.version and body != self.body:
            raise DraftMoved(details={"version": self.version, "current": show()})
