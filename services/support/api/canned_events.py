"""What happens to canned replies; part of support's events (`events`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from services.common.basics.events import Event
from services.support.api.canned import ReplyScope


@dataclass(frozen=True, kw_only=True)
class ReplyEvent(Event):
    """The base of what happens to a canned reply, which is the subject of its chain in the journal."""

    source: ClassVar[str] = "support"
    subject_field: ClassVar[str] = "reply_id"
    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False

    reply_id: str
    scope: ReplyScope


@dataclass(frozen=True, kw_only=True)
class ReplySaved(ReplyEvent):
    """A reply has a new text, or is new."""

    saved_version: int
    saved_by: str


@dataclass(frozen=True, kw_only=True)
class ReplyDeleted(ReplyEvent):
    """A reply is gone; what was answered with it stays."""

    deleted_by: str
