"""What both kinds of mailbox share: the names of their folders, a mail that waits, and that one cannot be read."""

from __future__ import annotations

from typing import NamedTuple

DONE, ASIDE = "Done", "Aside"
"""The folders of what was dealt with, and of what a person has to look at."""


class MailboxAway(Exception):
    """The mailbox cannot be read now; the message says why, without its password."""


class Found(NamedTuple):
    """A mail that waits. name: what the mailbox calls it; size: in bytes."""

    name: str
    size: int
