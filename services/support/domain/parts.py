"""What belongs to a ticket: the messages of its thread and the ratings of its resolutions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from services.support.api.basis import ShownBasis
from services.support.api.statuses import Author
from services.support.domain.upload import Upload


@dataclass
class TicketMessage:
    """One entry of the thread, kept exactly. `actor` is for staff; the customer is shown the author's kind.

    proven: of a customer's, whether its writer had shown that they read the customer's mail; None where an older
    release did not note it. version, public_version: those of the ticket once this was written, so that a later writer
    can be told what they have not seen. verified_by: who agreed to it, of an answer that a second person checked.
    attachments: the files that came along.
    basis: what an answer rests on, as its author saw it; cited: of how many things, None for what is no answer.
    """

    ticket_number: str
    position: int
    author: Author
    actor: str
    body: str
    internal: bool
    cycle: int
    posted_at: datetime
    proven: bool | None = True
    version: int = 0
    public_version: int = 0
    verified_by: str | None = None
    attachments: list[Upload] = field(default_factory=list)
    basis: list[ShownBasis] | None = None
    cited: int | None = None

    def cite(self, basis: list[ShownBasis] | None, *, answers: bool) -> None:
        """Note what it rests on. answers: it answers what the customer asked, and ought to rest on something."""
        self.basis = basis or None
        self.cited = len(basis or ()) if answers or basis else None

    @property
    def named_basis(self) -> tuple[str, ...]:
        """What it rests on, as the journal keeps it: "article free-shipping 3"."""
        return tuple(
            f"{each['kind']} {each.get('sku') or each.get('slug')} {each['version']}" for each in self.basis or ()
        )


@dataclass
class Rating:
    """How satisfied the customer was with one resolution, 1 to 5; given once."""

    ticket_number: str
    cycle: int
    score: int
    comment: str | None
    rated_at: datetime
