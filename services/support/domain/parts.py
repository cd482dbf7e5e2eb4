"""What a ticket is made from and refuses with: form, message, rating, errors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.common.basics.errors import Conflict
from services.support.domain.statuses import Author, Category, Topic


class WrongStatus(Conflict):
    """The ticket's status does not allow that."""

    code = "wrong_status"
    message = "The ticket's status does not allow that."


class NotAnswered(Conflict):
    """The customer still waits for an answer: answer first, then resolve."""

    code = "not_answered"
    message = "The customer still waits for an answer: answer first, then resolve."


class ReopenWindowOver(Conflict):
    """It was closed too long ago to be taken up again; a new message opens a new ticket linked to it."""

    code = "reopen_window_over"
    message = "It was closed too long ago to be taken up again; a new message opens a new ticket linked to it."


class AlreadyRated(Conflict):
    """This resolution has been rated."""

    code = "already_rated"
    message = "This resolution has been rated."


@dataclass(frozen=True)
class Form:
    """What the contact form says. `order_number` and `sku` are claims, checked by nobody yet."""

    name: str
    email: str
    category: Category
    subject: str
    message: str
    topic: Topic | None = None
    order_number: str | None = None
    sku: str | None = None


@dataclass
class Message:
    """One entry of the thread, kept to the letter. `actor` is for staff; the customer is shown the author's kind."""

    ticket_number: str
    position: int
    author: Author
    actor: str
    body: str
    internal: bool
    cycle: int
    posted_at: datetime


@dataclass
class Rating:
    """How satisfied the customer was with one resolution, 1 to 5; given once."""

    ticket_number: str
    cycle: int
    score: int
    comment: str | None
    rated_at: datetime
