"""A file that was sent: what it is, what it belongs to, until when it is kept (standard, section 5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.support.api.terms import FILES_KEPT
from services.support.api.uploads import MediaType

UNNAMED_KEPT = FILES_KEPT.span
"""How long a file is kept that nothing names."""
RESERVED_KEPT = timedelta(days=30)
"""How long a file is kept for a return whose event has not come yet."""


@dataclass
class Upload:
    """One file. `form`: the form or the person of staff that it was sent from.

    It is begun, then `ready`, then named by a message (ticket_number, position), or held by a return or a shipment
    (return_number: the number of either). kept_until: None once it is named, as long as that is kept. What is over is
    never taken back: its bytes are about to be removed. same_as: the file whose bytes these are, for a second message
    that has it too.
    """

    id: str
    form: str
    by_staff: bool
    name: str
    begun_at: datetime
    kept_until: datetime | None
    ready_at: datetime | None = None
    media_type: MediaType | None = None
    size: int = 0
    picture: bool = False
    ticket_number: str | None = None
    position: int | None = None
    return_number: str | None = None
    order_number: str | None = None
    same_as: str | None = None

    @property
    def bytes_of(self) -> str:
        """The name under which the bytes are kept."""
        return self.same_as or self.id

    def again(self, upload_id: str) -> Upload:
        """Return it once more, for another message: with an end of its own, and the same bytes."""
        return replace(self, id=upload_id, same_as=self.bytes_of, ticket_number=None, position=None)

    def is_over(self, now: datetime) -> bool:
        """Return whether its time has ended."""
        return self.kept_until is not None and self.kept_until <= now

    def is_free(self, now: datetime, *, by_staff: bool) -> bool:
        """Return whether it can be named now, by staff or by others: each name what they sent themselves."""
        named = self.ticket_number is not None or self.return_number is not None
        return self.ready_at is not None and not named and not self.is_over(now) and self.by_staff is by_staff

    def is_free_or_evidence(self, now: datetime, by_staff: bool) -> bool:
        """Return whether it can be held, or is: a request that is repeated names it again."""
        return self.return_number is not None or self.is_free(now, by_staff=by_staff)

    def finish(self, name: str, media_type: MediaType, size: int, now: datetime, *, picture: bool) -> None:
        """Note what it is; a second time changes nothing but that."""
        self.name, self.media_type, self.size, self.picture = name, media_type, size, picture
        self.ready_at = self.ready_at or now

    def reserve(self, now: datetime) -> None:
        """Keep it for a month: what is to name it is on its way."""
        self.kept_until = now + RESERVED_KEPT

    def keep(self) -> None:
        """Keep it as long as what names it."""
        self.kept_until = None

    def hold(self, number: str, order_number: str) -> None:
        """Let a return or a shipment name it, unless something else has: one that another names stays there."""
        if self.return_number is None and self.ticket_number is None:
            self.return_number, self.order_number = number, order_number
            self.keep()
