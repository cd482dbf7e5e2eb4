"""Mails that came in, and their outcome. Pure.

A mail proves one thing: it was sent to a reply address that we had given to its sender. Its header can say anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from services.support.api.mail_in import MailOutcome

TRIES = 5
"""Times that a mail is tried before it is kept aside: what it breaks may be ours."""
HOUR = timedelta(hours=1)
OPENED_BY_SENDER, OPENED_BY_ALL = 5, 200
"""Conversations that mails of one mailbox, and of all that prove nothing, may begin within an hour."""
ON_TICKET = 20
"""Mails that one conversation takes within an hour."""
NO_TEXT, NO_SUBJECT = "(The mail has no text.)", "(no subject)"


class MailKind(StrEnum):
    """What a mail is: of a person, of a program that answers by itself, or news of a mail that did not arrive."""

    LETTER = "letter"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"


@dataclass(frozen=True)
class IncomingFile:
    """A file that came along. said: the media type that its sender says it has."""

    name: str
    said: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class DeliveryReport:
    """What a mail server says of a mail of ours. failed: it gives up; else it goes on trying, or it has arrived.

    original: the Message-ID of ours, without brackets, where it is told.
    """

    failed: bool
    reason: str
    original: str | None = None


@dataclass(frozen=True)
class IncomingMail:
    """A mail as it was read.

    fingerprint: the same for one mail that comes by two ways. sender: None where there is none that we could answer.
    tokens: those of the reply addresses to which it was sent. text: what its writer wrote, without what they quote.
    left: how many files were left out because there are too many.
    """

    fingerprint: str
    kind: MailKind
    sender: str | None
    name: str
    subject: str
    text: str
    message_id: str | None = None
    tokens: tuple[str, ...] = ()
    files: tuple[IncomingFile, ...] = ()
    left: int = 0
    report: DeliveryReport | None = None


@dataclass
class IncomingRecord:
    """What is remembered of a mail: enough to take it once, and to find it in its folder. Nothing of its text.

    attempts: 0 once it was moved to the folder Aside; seen in the inbox after that, a person has put it back.
    """

    id: str
    received_at: datetime
    size: int
    sender: str | None = None
    message_id: str | None = None
    ticket_number: str | None = None
    outcome: MailOutcome = MailOutcome.TRYING
    reason: str | None = None
    attempts: int = 0

    @property
    def over(self) -> bool:
        """Whether it was dealt with: seen again, it is the same mail once more."""
        return self.outcome not in (MailOutcome.TRYING, MailOutcome.ASIDE)

    @property
    def only_moves(self) -> bool:
        """Whether all that is left to do is to move it, which another replica may be about to do."""
        return self.over or (self.outcome is MailOutcome.ASIDE and self.attempts > 0)

    def begin(self) -> bool:
        """Begin an attempt. Return whether a person has put it back after it was kept aside."""
        again = self.outcome is MailOutcome.ASIDE
        self.attempts += 1
        self.outcome, self.reason = MailOutcome.TRYING, None
        return again

    def end(self, outcome: MailOutcome, ticket_number: str | None = None) -> None:
        """Note what became of it."""
        self.outcome, self.ticket_number = outcome, ticket_number

    def put_aside(self, reason: str) -> None:
        """Note that it is kept aside for a person to look at, and why."""
        self.outcome, self.reason = MailOutcome.ASIDE, reason[:200]

    def moved_aside(self) -> None:
        """Note that it lies in the folder Aside. Seen in the inbox again, it is tried again."""
        if self.outcome is MailOutcome.ASIDE:
            self.attempts = 0


@dataclass
class UnreachableMailbox:
    """A mailbox whose server gave our mail back, until its owner writes to us."""

    email: str
    since: datetime
    reason: str
