"""Tickets that are put together, split or related; part of support's events (`events`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.common.basics.events import Event


@dataclass(frozen=True, kw_only=True)
class Triaged(Event):
    """The base of what staff do with several tickets; each of them has its own entry, in its own chain."""

    source: ClassVar[str] = "support"
    subject_field: ClassVar[str] = "ticket_number"
    audience: ClassVar[str] = "public"
    followed: ClassVar[bool] = False

    ticket_number: str
    order_number: str | None


@dataclass(frozen=True, kw_only=True)
class TicketMerged(Triaged):
    """It goes on in another ticket of the same customer; what is written to it goes there."""

    into: str


@dataclass(frozen=True, kw_only=True)
class TicketUnmerged(Triaged):
    """It goes on by itself again."""

    out_of: str


@dataclass(frozen=True, kw_only=True)
class TicketTookIn(Triaged):
    """Another ticket of the same customer goes on in this one."""

    other: str


@dataclass(frozen=True, kw_only=True)
class TicketGaveBack(Triaged):
    """A ticket that went on in this one goes on by itself again."""

    other: str


@dataclass(frozen=True, kw_only=True)
class TicketSplit(Triaged):
    """Some messages of the customer are a ticket of their own. answer_by: until when a person answers there."""

    other: str
    messages: int
    answer_by: datetime


@dataclass(frozen=True, kw_only=True)
class TicketRelated(Triaged):
    """Staff noted that it has to do with another ticket, or that it has not. related: which of the two."""

    audience: ClassVar[str] = "internal"

    other: str
    related: bool = True
