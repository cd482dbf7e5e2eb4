"""Mail that comes in: what became of it, and what a person has to look at (standard, section 5).

Customers answer our mails by mail, and strangers write to our address. What cannot be read or taken is never lost: it
lies in a folder of the mailbox, and is listed here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, TypedDict

from services.common.basics.api import Api, query
from services.common.basics.caller import ADMIN, LEAD
from services.common.basics.personal import Personal
from services.common.basics.shapes import Example, Note, Page, PageQuery, Timestamp


class MailOutcome(StrEnum):
    """What became of a mail. `aside`: it lies in the folder Aside, and waits for a person."""

    TRYING = "trying"
    ADDED = "added"
    OPENED = "opened"
    AUTOMATIC = "automatic"
    BOUNCED = "bounced"
    ASIDE = "aside"


class MailAside(TypedDict):
    """A mail that was not taken in. Moved back into the inbox with any mail program, it is tried again."""

    id: str
    received_at: Timestamp
    sender: Annotated[str | None, Personal(), Note("as the mail says"), Example("ada@example.com")]
    size: Annotated[int, Note("in bytes")]
    reason: Annotated[str, Example("it has more than 26214400 bytes")]


class MailIn(Api):
    """For those who run the shop."""

    @query(roles=(ADMIN, LEAD), personal=True)
    def list_mail_aside(self, query: PageQuery) -> Page[MailAside]:
        """List mails that were kept aside, the newest first."""
