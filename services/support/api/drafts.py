"""Drafts: what a member of staff began to write on a ticket and has not sent (standard, section 1: efficiency).

A draft is its writer's alone. It is kept while they write, found again at another machine, and gone when it is sent. No
event tells of it, and no journal keeps it: nothing has been said yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, TypedDict

from services.common.basics import states
from services.common.basics.api import Api, command
from services.common.basics.caller import AGENT, LEAD
from services.common.basics.shapes import Between, Example, Note, Seen, Text, Timestamp
from services.support.api.parts import TicketNumber
from services.support.api.refusals import TicketNotFound, WrongStatus

MOST = 2**31 - 1


class DraftKind(StrEnum):
    """What is being written: words for the customer, or a note for staff. A ticket has one draft of each."""

    ANSWER = "answer"
    NOTE = "note"


class DraftMoved(states.VersionMoved):
    """The draft has another version than the one that its writer saw: they wrote on, or sent it, in another tab.

    details: version, current (the draft as it is kept).
    """

    message = "You wrote on elsewhere, or sent it, since this was shown; nothing is overwritten."


@dataclass(frozen=True)
class SaveDraft:
    """What is written so far; empty: there is none any more."""

    kind: DraftKind
    body: Annotated[str, Text(10_000, 0), Example("The shirt is made of")]
    version: (
        Annotated[int, Between(0, MOST), Seen(), Note("refuse if it is another one; 0: nothing was kept before")] | None
    ) = None


class DraftView(TypedDict):
    """A draft of the reader's own. `body` is empty once it was sent."""

    kind: DraftKind
    body: str
    saved_at: Timestamp
    version: int


class Drafts(Api):
    """What staff write and have not sent."""

    @command(roles=(AGENT, LEAD), errors=(TicketNotFound, DraftMoved, WrongStatus), keyed=False)
    def save_draft(self, number: TicketNumber, draft: SaveDraft) -> DraftView:
        """Keep what the caller is writing on a ticket. Only they are shown it, with the ticket; a repeat does no harm.

        It is gone when the message is sent: name its version there (`draft`), so that what was under way to be kept
        does not come back. Dropped 30 days after the last word, and with what the ticket says of its customer.
        """
