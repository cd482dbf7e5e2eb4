"""Suggestions: received, reviewed, planned or declined, done, announced (standard, section 6: "continuously listen to
users' service suggestions, optimize service details in a targeted manner"). Pure.

    received → reviewed → planned → done → announced
        │         ⇅          │
    withdrawn  declined ←────┘

`received` and `withdrawn` follow the category of its ticket; a lead takes all other steps. Title, text and reason are
our own words and name no customer, so that the board can show them and an erasure leaves them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from services.common.basics.events import Event
from services.common.basics.folding import fold
from services.common.basics.states import moved
from services.support.api import events as e
from services.support.api.statuses import SuggestionStatus as _S
from services.support.api.suggestions import NamesCustomer, NotFollowed, PublicWordsMissing

SUGGESTION_MOVES = {
    _S.RECEIVED: frozenset({_S.REVIEWED, _S.WITHDRAWN}),
    _S.REVIEWED: frozenset({_S.PLANNED, _S.DECLINED}),
    _S.PLANNED: frozenset({_S.DONE, _S.DECLINED}),
    _S.DECLINED: frozenset({_S.REVIEWED}),
    _S.DONE: frozenset({_S.ANNOUNCED}),
    _S.ANNOUNCED: frozenset[_S](),
    _S.WITHDRAWN: frozenset({_S.RECEIVED}),
}
UNDECIDED = frozenset({_S.RECEIVED, _S.REVIEWED})
"""A lead has to decide: the clock `suggestion_review` runs."""

_MAILBOX = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_CASE = re.compile(r"\b(?:ORD|TIC|RET|CHG|SHP|PAY|REF|RMD|PRV)-[0-9A-Z]{4}|[#?&]token=", re.IGNORECASE)
_SHORTEST_NAME = 3


@dataclass(frozen=True)
class Words:
    """What a lead writes with a step; None leaves what stands there."""

    title: str | None = None
    text: str | None = None
    public: bool | None = None
    reason: str | None = None
    link: str | None = None


@dataclass
class Suggestion:
    """One suggestion, of one ticket. followers: how many mailboxes are told of each step, besides its author's."""

    id: str
    ticket_number: str
    received_at: datetime
    moved_at: datetime
    status: _S = _S.RECEIVED
    title: str | None = None
    text: str | None = None
    reason: str | None = None
    link: str | None = None
    public: bool = False
    followers: int = 0
    review_by: datetime | None = None
    version: int = 1

    def receive(self, order: str | None, now: datetime, review_by: datetime) -> list[Event]:
        """Record that a lead decides about it until then. order: the one that its ticket is proven to be about."""
        if self.status is _S.WITHDRAWN:
            self.status = _S.RECEIVED
        self.moved_at, self.review_by = now, review_by
        return [
            e.SuggestionReceived(
                ticket_number=self.ticket_number, order_number=order, suggestion_id=self.id, review_by=review_by
            )
        ]

    def withdraw(self, order: str | None, now: datetime) -> list[Event]:
        """End it, because its ticket is about something else; what a lead has reviewed stays a suggestion."""
        return self._move(_S.WITHDRAWN, order, now) if self.status is _S.RECEIVED else []

    def move(self, status: _S, words: Words, order: str | None, now: datetime, *, review_by: datetime) -> list[Event]:
        """Take a step with these words; a step to the status that it has changes the words alone.

        review_by: until when a lead decides about what is taken up again.

        Raise PublicWordsMissing for what is shown, or announced, without words of ours; WrongStatus for a step that
        does not follow.
        """
        shown = (self.public, self.title, self.text, self.reason, self.link)
        step = [] if status is self.status else self._move(status, order, now)
        if status is _S.REVIEWED and step:
            self.reason, self.review_by = None, self.review_by or review_by
        if status not in UNDECIDED:
            self.review_by = None
        self.title, self.text = words.title or self.title, words.text or self.text
        self.reason, self.link = words.reason or self.reason, words.link or self.link
        self.public = self.public if words.public is None else words.public
        if (self.public or status is _S.ANNOUNCED) and not (self.public and self.title and self.text):
            raise PublicWordsMissing
        if shown == (self.public, self.title, self.text, self.reason, self.link):
            return step
        edited = e.SuggestionEdited(
            ticket_number=self.ticket_number, order_number=order, suggestion_id=self.id, public=self.public
        )
        return [*step, edited]

    def require_follow(self) -> None:
        """Raise NotFollowed where no step is to come."""
        if self.status is _S.ANNOUNCED:
            raise NotFollowed

    def _move(self, status: _S, order: str | None, now: datetime) -> list[Event]:
        before, self.status = self.status, moved(SUGGESTION_MOVES, self.status, status, "the suggestion")
        self.moved_at = now
        if status is _S.WITHDRAWN:
            self.review_by = None
        return [
            e.SuggestionMoved(
                ticket_number=self.ticket_number, order_number=order, suggestion_id=self.id, from_status=before,
                status=status,
            )
        ]  # fmt: skip


@dataclass
class SuggestionFollower:
    """A mailbox that is told of each step of a suggestion; its owner was signed in."""

    suggestion_id: str
    email: str
    since: datetime


def require_no_customer(words: Words, name: str, email: str) -> None:
    """Raise NamesCustomer for words that hold the customer's name or mailbox, any mailbox, or the number of a case."""
    for text in (words.title, words.text, words.reason, words.link):
        if text and _names(text, name, email):
            raise NamesCustomer


def _names(text: str, name: str, email: str) -> bool:
    if _MAILBOX.search(text) or _CASE.search(text) or email.casefold() in text.casefold():
        return True
    whole, said = fold(name), fold(text)
    if whole and (re.search(rf"\b{re.escape(whole)}\b", said) if whole.isascii() else whole in said):
        return True
    parts = [part for part in name.split() if len(part) >= _SHORTEST_NAME]
    return any(re.search(rf"(?<!\w){re.escape(part)}(?!\w)", text) for part in (*parts[:1], *parts[-1:]))
