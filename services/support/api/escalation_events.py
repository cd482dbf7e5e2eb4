"""Tickets that are taken higher, by their customer or because time runs out; part of support's events (`events`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.common.basics.events import Event


@dataclass(frozen=True, kw_only=True)
class TakenHigher(Event):
    """The base of what happens to a ticket on its way up; the ticket is the subject of its chain in the journal."""

    source: ClassVar[str] = "support"
    subject_field: ClassVar[str] = "ticket_number"
    audience: ClassVar[str] = "public"
    followed: ClassVar[bool] = False

    ticket_number: str
    order_number: str | None


@dataclass(frozen=True, kw_only=True)
class TicketEscalated(TakenHigher):
    """The customer has asked for a lead."""

    cycle: int


@dataclass(frozen=True, kw_only=True)
class EscalationAnswered(TakenHigher):
    """A lead has answered the customer who had asked for one."""

    cycle: int


@dataclass(frozen=True, kw_only=True)
class RungTold(TakenHigher):
    """People were told that the time of a promise runs out. share: of its time, in parts of 100; told: whom."""

    audience: ClassVar[str] = "internal"

    kind: str
    share: int
    due_at: datetime
    told: list[str]
