"""How good answers are: a lead reads some of them, and says how polite, truthful and complete each is (standard,
sections 1 and 6: "improve service efficiency and service quality").

Read are one answer in twenty, each draft that a second person sent back, and what a customer rated with 1 or 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, TypedDict

from services.common.basics.api import Api, Period, command, query
from services.common.basics.caller import AGENT, LEAD
from services.common.basics.errors import Conflict, Forbidden, NotFound
from services.common.basics.shapes import (
    Between,
    EmailAddress,
    Example,
    Line,
    Note,
    Page,
    PageQuery,
    Text,
    Timestamp,
    Version,
)
from services.support.api.parts import TicketNumber
from services.support.api.refusals import VersionMoved


class QualityReason(StrEnum):
    """Why a lead reads it. `sample`: drawn by lot, one answer in twenty."""

    SAMPLE = "sample"
    SENT_BACK = "sent_back"
    LOW_RATING = "low_rating"


class QualityState(StrEnum):
    """open: a lead is to read it; read: one has."""

    OPEN = "open"
    READ = "read"


class QualityNotFound(NotFound):
    """There is no such answer to be read, or it is not the caller's to see."""

    code = "quality_not_found"
    message = "There is no such answer among those that are read."


class OwnAnswer(Forbidden):
    """The author of an answer is to say how good it is."""

    code = "second_person_required"
    message = "another person than the author of the answer reads it"


class AlreadyRead(Conflict):
    """A lead has read it already."""

    code = "already_read"
    message = "Somebody has read this answer already."


Mark = Annotated[int, Between(1, 5), Example(4)]
QualityId = Annotated[str, Line(36), Example("01a20741-af0f-78bd-abd5-59d22ef0d5df")]


@dataclass(frozen=True)
class ReviewAnswer:
    """1 (not at all) to 5 (fully) each; the note is for the author."""

    polite: Mark
    truthful: Mark
    complete: Mark
    note: Annotated[str, Text(2000), Note("for the author of the answer")] | None = None
    version: Version | None = None


@dataclass(frozen=True)
class ListQuality(PageQuery):
    """Leads see what others than they have answered; agents what was read of their own."""

    state: QualityState | None = None
    reason: QualityReason | None = None
    agent: Annotated[str, EmailAddress(), Example("agent@pledge.example")] | None = None


class QualityView(TypedDict):
    """An answer that a lead reads. `remark`: why a draft was sent back, or what the customer said of it; `score`: how
    the customer rated it."""

    id: str
    reason: QualityReason
    ticket_number: TicketNumber
    agent: str
    question: str | None
    answer: str
    answered_at: Timestamp
    remark: str | None
    score: int | None
    drawn_at: Timestamp
    read_by: str | None
    read_at: Timestamp | None
    polite: int | None
    truthful: int | None
    complete: int | None
    note: str | None
    version: int


class AgentQuality(TypedDict):
    """What was found of one person's answers of the period: how many were read, and the average of each mark."""

    agent: str
    read: int
    open: int
    polite: float | None
    truthful: float | None
    complete: float | None


class QualityReport(TypedDict):
    """By person, in the order of their addresses."""

    items: list[AgentQuality]


class Quality(Api):
    """What leads find when they read answers."""

    @query(roles=(AGENT, LEAD), personal=True)
    def list_quality(self, query: ListQuality) -> Page[QualityView]:
        """List answers that are to be read, or were: to leads those of others, to agents what was read of their own."""

    @command(roles=(LEAD,), errors=(QualityNotFound, OwnAnswer, AlreadyRead, VersionMoved), personal=True)
    def review_answer(self, review_id: QualityId, request: ReviewAnswer) -> QualityView:
        """Say how polite, truthful and complete an answer is. Its author cannot: 403 `second_person_required`."""

    @query(roles=(LEAD,))
    def report_quality(self, query: Period) -> QualityReport:
        """Report by person what was found of the answers that were given in a period."""
