"""What leads find when they read answers; part of support's events (`events`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from services.common.basics.events import Event


@dataclass(frozen=True, kw_only=True)
class AnswerReviewed(Event):
    """A lead has read an answer. `agent` wrote it; 1 (not at all) to 5 (fully) each."""

    source: ClassVar[str] = "support"
    subject_field: ClassVar[str] = "ticket_number"
    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False

    ticket_number: str
    review_id: str
    agent: str
    polite: int
    truthful: int
    complete: int
