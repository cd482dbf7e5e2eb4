"""Which mailbox is read, and the addresses that customers answer to.

with opened(settings) as box:                  # or MailboxAway is raised
    for found in box.waiting(20):              # the oldest first
        raw = box.read(found.name)             # only after a look at found.size
        box.done(found.name)                   # into the folder Done; after the commit
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from services.common.basics.guard import forbid_in_transaction
from services.common.runtime.config import setting
from services.support.adapters.mail.sending import MailSettings
from services.support.adapters.mailbox.imap import ImapBox
from services.support.adapters.mailbox.maildir import Maildir
from services.support.adapters.mailbox.places import Found

MAILDIR = "maildir:"
LOCAL_LIMIT = 21
"""Characters that our address may have before the @: the token of a reply address needs the rest of 64."""


@dataclass(frozen=True)
class MailInSettings(MailSettings):
    """Where customers' mail comes in: what this adapter is told, beside how mail leaves."""

    mail_in: str = setting(
        "PLEDGE_MAIL_IN", default="", secret=True, pattern=r"((imaps?|imap\+starttls)://\S+|maildir:\S+)",
        form="imaps://user:password@host/INBOX, imap+starttls://… or maildir:/path",
        doc="the mailbox to which customers' answers come; empty: mail is not read, and our mails say so",
    )  # fmt: skip
    mail_in_address: str = setting(
        "PLEDGE_MAIL_IN_ADDRESS", default="", pattern=r"[^@\s<>+]+@[^@\s<>]+", form="an e-mail address",
        doc=f"its address, at most {LOCAL_LIMIT} characters before the @; what is sent to name+…@ it has to get too. "
        "Empty: PLEDGE_MAIL_FROM",
    )  # fmt: skip
    mail_in_seconds: int = setting(
        "PLEDGE_MAIL_IN_SECONDS", default=20, at_least=1, doc="seconds between two looks into it"
    )

    @property
    def address(self) -> str:
        """Our address, to which strangers write."""
        return self.mail_in_address or self.mail_from

    def reply_address(self, token: str) -> str:
        """Return the address to which one customer answers about one thing."""
        local, _, domain = self.address.partition("@")
        return f"{local}+{token}@{domain}"

    def tokens_in(self, *headers: str) -> tuple[str, ...]:
        """Return the tokens of reply addresses in these headers, each once."""
        local, _, domain = (re.escape(part) for part in self.address.partition("@"))
        found = re.findall(rf"(?<![\w.+-]){local}\+([0-9a-z]{{1,50}})@{domain}(?![\w.-])", " ".join(headers), re.I)
        return tuple(dict.fromkeys(each.lower() for each in found))[:3]

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        if self.mail_in and len(self.address.partition("@")[0]) > LOCAL_LIMIT:
            yield f"PLEDGE_MAIL_IN_ADDRESS is {self.address!r}; expected at most {LOCAL_LIMIT} characters before the @"


class Box(Protocol):
    """An open mailbox."""

    def waiting(self, limit: int) -> list[Found]:
        """Return the oldest mails that wait."""

    def read(self, name: str, most: int | None = None) -> bytes:
        """Return a mail, or its first bytes. Raise FileNotFoundError if it is gone: another replica has moved it."""

    def done(self, name: str) -> None:
        """Move it to those that were dealt with. One that is gone is no error."""

    def aside(self, name: str) -> None:
        """Move it to those that a person has to look at."""

    def count_aside(self) -> int:
        """Count those."""

    def forget(self, before: datetime) -> None:
        """Remove what was dealt with before that moment."""


def opened(settings: MailInSettings) -> AbstractContextManager[Box]:
    """Open the mailbox. Raise MailboxAway when it cannot be read."""
    forbid_in_transaction("reading mail")
    if settings.mail_in.startswith(MAILDIR):
        return Maildir.opened(Path(settings.mail_in.removeprefix(MAILDIR)))
    return ImapBox.opened(settings.mail_in)
