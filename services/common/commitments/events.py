"""What every service tells of its clocks: each once, by one of several replicas (`store.commitments`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.common.basics.events import Event
from services.common.basics.shapes import BreachCause


@dataclass(frozen=True, kw_only=True)
class ClockEvent(Event):
    """A clock, and when this was told of it."""

    subject_field: ClassVar[str] = "promised_on"

    kind: str
    promised_on: str
    order_number: str | None
    owner: str
    started_at: datetime
    due_at: datetime
    told_at: datetime


@dataclass(frozen=True, kw_only=True)
class CommitmentAtRisk(ClockEvent):
    """A quarter of the time is left."""


@dataclass(frozen=True, kw_only=True)
class CommitmentBreached(ClockEvent):
    """The promise was not kept in time; support tells the customer and the lead."""

    audience = "public"


@dataclass(frozen=True)
class TimeHeld:
    """How long someone had in hands what was promised, day and night."""

    cause: BreachCause
    seconds: int


@dataclass(frozen=True, kw_only=True)
class BreachAttributed(ClockEvent):
    """With whom the time of a broken promise was lost; told again when later facts say otherwise.

    held: how long each had it, where that is measured. final: what was promised has happened, or is wanted no more.
    """

    followed = False
    cause: BreachCause
    held: tuple[TimeHeld, ...]
    final: bool
