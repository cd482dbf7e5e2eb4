"""Canned replies: texts of which answers are made; of all, or of one person. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.common.basics.events import Event
from services.support.api import events as e
from services.support.api.articles import ArticleTopic
from services.support.api.canned import (
    ReplyScope,
    SaveReply,
    SharedNeedsLead,
    UnknownVariable,
    Variable,
    named_in,
)
from services.support.api.statuses import AgentCode, Category, Priority, Turn


@dataclass
class CannedReply:
    """A text with variables, and what it sets besides. owner: whose it is; None: all staff's."""

    id: str
    scope: ReplyScope
    owner: str | None
    name: str
    text: str
    saved_by: str
    saved_at: datetime
    topic: ArticleTopic | None = None
    then: Turn | None = None
    category: Category | None = None
    priority: Priority | None = None
    resolve: AgentCode | None = None
    uses: int = 0
    version: int = 1

    def visible_to(self, person: str) -> bool:
        """Return whether this person may answer with it."""
        return self.scope is ReplyScope.SHARED or self.owner == person

    def require_right(self, *, by_lead: bool) -> None:
        """Raise SharedNeedsLead unless such a person may change it."""
        if self.scope is ReplyScope.SHARED and not by_lead:
            raise SharedNeedsLead

    def revise(self, to: SaveReply, person: str, now: datetime, *, by_lead: bool) -> None:
        """Take the wish over. Raise UnknownVariable, or SharedNeedsLead for what is for leads."""
        if to.scope is ReplyScope.SHARED and not by_lead:
            raise SharedNeedsLead
        require_known(to.text)
        self.scope, self.owner = to.scope, person if to.scope is ReplyScope.OWN else None
        self.name, self.text, self.topic = to.name, to.text, to.topic
        self.then, self.category, self.priority, self.resolve = to.then, to.category, to.priority, to.resolve
        self.saved_by, self.saved_at = person, now

    def saved(self) -> list[Event]:
        """Return the event that tells of its newest text."""
        return [e.ReplySaved(reply_id=self.id, scope=self.scope, saved_version=self.version, saved_by=self.saved_by)]


def require_known(text: str) -> None:
    """Raise UnknownVariable if a text names what is no variable."""
    known = [each.value for each in Variable]
    if unknown := [name for name in named_in(text) if name not in known]:
        raise UnknownVariable(details={"unknown": unknown, "known": known})
