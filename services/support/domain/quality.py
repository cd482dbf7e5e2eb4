"""Answers that a lead reads: which are drawn, and what is found. Pure.

Whether an answer is drawn follows from its ticket and place alone, so that it is drawn once however often, and
wherever, the same step is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID, uuid5

from services.common.basics.caller import is_same_person
from services.common.basics.events import Event
from services.support.api import events as e
from services.support.api.quality import AlreadyRead, OwnAnswer, QualityReason, ReviewAnswer

ONE_IN = 20
LOW = 2
"""The best rating that counts as a low one."""
_PLACE = UUID("6f0f4f3e-9c55-4c39-8f3a-0e6a5d1b7c11")


def is_drawn(ticket_number: str, position: int) -> bool:
    """Return whether the answer at this place of a thread belongs to the sample."""
    lot = sha256(f"{ticket_number}:{position}".encode()).digest()
    return int.from_bytes(lot[:8]) % ONE_IN == 0


def id_of(reason: QualityReason, mark: str) -> str:
    """Return the id of what is read for that reason; `mark` tells it from all others of its kind."""
    return str(uuid5(_PLACE, f"{reason}:{mark}"))


@dataclass
class QualityReview:
    """An answer that a lead reads, as it was sent, rated or sent back; with what they found, once they have."""

    id: str
    reason: QualityReason
    ticket_number: str
    agent: str
    answer: str
    question: str | None
    remark: str | None
    score: int | None
    answered_at: datetime
    drawn_at: datetime
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None
    polite: int | None = None
    truthful: int | None = None
    complete: int | None = None
    note: str | None = None
    version: int = 1

    def review(self, found: ReviewAnswer, by: str, now: datetime) -> list[Event]:
        """Note what a lead found. Raise OwnAnswer for the author, AlreadyRead for what was read."""
        if is_same_person(by, self.agent):
            raise OwnAnswer
        if self.reviewed_at is not None:
            raise AlreadyRead
        self.polite, self.truthful, self.complete, self.note = found.polite, found.truthful, found.complete, found.note
        self.reviewed_by, self.reviewed_at = by, now
        return [
            e.AnswerReviewed(
                ticket_number=self.ticket_number,
                review_id=self.id,
                agent=self.agent,
                polite=found.polite,
                truthful=found.truthful,
                complete=found.complete,
            )
        ]
