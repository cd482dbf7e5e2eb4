"""A mail: stored with its reason, sent after the commit, until it is sent or given up.

The text is kept as it goes out, but for the link at its end: links carry secrets, and those are made when the mail is.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.common.basics.events import Event
from services.common.basics.personal import ERASED
from services.support.api.events import CustomerNotified, NotificationFailed

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(hours=1)
MAX_ATTEMPTS = 24
LEASE = timedelta(minutes=5)
"""So long an attempt has: then another worker may try again."""


class Link(StrEnum):
    """Where the link at the end of a mail leads, or that it is a code.

    `rating`: to the ticket, and beside it stands a link for each score.
    """

    ORDER = "order"
    TICKET = "ticket"
    RATING = "rating"
    DESK = "desk"
    CODE = "code"
    EXPORT = "export"


class NotificationStatus(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after so many failed attempts: 10 s, 20 s … 1 h; a day in all."""
    doubled: timedelta = FIRST_PAUSE * 2 ** min(attempts - 1, 20)
    return min(doubled, LONGEST_PAUSE)


@dataclass
class Notification:
    """key makes it unique: the same news is never written down twice. `link_key` is the order's number, the serial of
    the ticket's link (where a rating is asked for with the cycle, `2:1`) or the id of the code. `tells_customer`: sent,
    it counts as having told the customer. greets: the name to greet by. thread, in_reply_to: the `message_id` of the
    first mail about the same thing, and of the last.
    answers: the Message-ID, with brackets, of the mail of the recipient that came since. language: of its text.
    """

    key: str
    recipient: str
    subject: str
    text: str
    link: Link
    link_key: str
    about: str
    reference: str
    created_at: datetime
    next_attempt_at: datetime | None
    ticket_number: str | None = None
    order_number: str | None = None
    tells_customer: bool = True
    not_after: datetime | None = None
    status: NotificationStatus = NotificationStatus.PENDING
    attempts: int = 0
    sent_at: datetime | None = None
    error: str | None = None
    greets: str | None = None
    thread: str | None = None
    in_reply_to: str | None = None
    answers: str | None = None
    language: str | None = None

    def erase(self) -> None:
        """Forget to whom it went, and what it said."""
        self.recipient = self.subject = self.text = ERASED
        self.greets = self.error = self.answers = self.language = None

    @property
    def message_id(self) -> str:
        """The same for every attempt, so that a mail sent twice can be recognised as one."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:32]

    def expired(self, now: datetime) -> bool:
        return self.not_after is not None and now > self.not_after

    def sent(self, now: datetime) -> list[Event]:
        """Record that the mail was handed over to the server."""
        if self.status is not NotificationStatus.PENDING:
            return []
        self.status, self.sent_at, self.next_attempt_at, self.error = NotificationStatus.SENT, now, None, None
        if not self.tells_customer:
            return []
        return [
            CustomerNotified(
                ticket_number=self.ticket_number,
                order_number=self.order_number,
                about=self.about,
                reference=self.reference,
                notified_at=now,
            )
        ]

    def failed(self, reason: str, now: datetime, *, for_good: bool = False) -> list[Event]:
        """Record that this attempt failed. After the last one, or `for_good`, give up and tell a person."""
        if self.status is not NotificationStatus.PENDING:
            return []
        self.error = reason[:500]
        if not (for_good or self.attempts >= MAX_ATTEMPTS):
            self.next_attempt_at = now + pause_after(self.attempts)
            return []
        self.status, self.next_attempt_at = NotificationStatus.FAILED, None
        if not self.tells_customer:
            return []
        return [
            NotificationFailed(
                ticket_number=self.ticket_number,
                order_number=self.order_number,
                about=self.about,
                reference=self.reference,
                reason=self.error,
            )
        ]

    def came_back(self, reason: str) -> list[Event]:
        """Record that a mail server gave this mail back after it had been handed over; once."""
        if self.status is not NotificationStatus.SENT:
            return []
        self.status, self.error = NotificationStatus.FAILED, reason[:500]
        return [
            NotificationFailed(
                ticket_number=self.ticket_number,
                order_number=self.order_number,
                about=self.about,
                reference=self.reference,
                reason=self.error,
            )
        ]
