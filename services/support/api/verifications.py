"""Questions that are looked into: recorded, drafted, checked by a second person (standard, section 1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, TypedDict

from services.common.basics.api import Api, command, query
from services.common.basics.caller import AGENT, LEAD
from services.common.basics.rules import Ruled, When
from services.common.basics.shapes import Example, Note, Page, PageQuery, Text, Timestamp, Version
from services.support.api.basis import Cited, ShownBasis, UnknownBasis
from services.support.api.canned import UnfilledVariables
from services.support.api.parts import TicketNumber
from services.support.api.refusals import (
    AnswerTooShort,
    OwnDraft,
    ReasonRequired,
    StillVerifying,
    TicketNotFound,
    VerificationNotFound,
    VersionMoved,
    WrongStatus,
)
from services.support.api.statuses import VerificationDecision, VerificationStatus

WRITING = (VersionMoved, WrongStatus, AnswerTooShort, UnfilledVariables)
QUESTION = Example("Can the kettle be used on 110 V, with which plug?")
KNOWN = Example("The label says 220-240 V; the maker's sheet of 2024 names a 110 V model.")
ANSWER = Example("No: this kettle needs 220 to 240 V. The model KET-110 is made for 110 V.")
VerificationId = Annotated[str, Text(36), Example("01a20741-af0f-78bd-abd5-59d22ef0d5df")]


@dataclass(frozen=True)
class VerifyTicket:
    """What is looked into. `draft`: the complete answer, where it is written already."""

    question: Annotated[str, Text(2000), QUESTION, Note("in words for the customer, who reads it")]
    known: Annotated[str, Text(5000), KNOWN, Note("for colleagues")]
    evidence: Annotated[str, Text(5000), Note("where it can be looked up")] | None = None
    draft: Annotated[str, Text(10_000), ANSWER] | None = None
    basis: Cited = ()
    version: Version | None = None


@dataclass(frozen=True)
class DraftAnswer:
    """The complete answer, for a second person to check; what was found out since, if anything."""

    draft: Annotated[str, Text(10_000), ANSWER]
    known: Annotated[str, Text(5000)] | None = None
    evidence: Annotated[str, Text(5000)] | None = None
    basis: Cited = ()
    version: Version | None = None


@dataclass(frozen=True)
class DecideVerification(Ruled):
    """`text` is what goes out in the place of the draft; `send_back` needs a note that says why."""

    decision: VerificationDecision
    text: Annotated[str, Text(10_000), ANSWER] | None = None
    note: Annotated[str, Text(2000)] | None = None
    version: Version | None = None

    rules = (
        When(
            "decision",
            (VerificationDecision.SEND_BACK,),
            needs=("note",),
            forbids=("text",),
            refusal=ReasonRequired,
        ),
    )


@dataclass(frozen=True)
class ListVerifications(PageQuery):
    """Without `status`: all that are not verified yet."""

    status: VerificationStatus | None = None


class VerificationView(TypedDict):
    """A question that is looked into. `note`: why the last draft was sent back; `answer`: what went out."""

    id: str
    ticket_number: TicketNumber
    status: VerificationStatus
    question: str
    known: str
    evidence: str | None
    asked_by: str
    asked_at: Timestamp
    draft: str | None
    drafted_by: str | None
    drafted_at: Timestamp | None
    decided_by: str | None
    decided_at: Timestamp | None
    note: str | None
    answer: str | None
    basis: Annotated[list[ShownBasis], Note("what the draft rests on; it goes out with the answer")]
    version: int


class Verifications(Api):
    """What cannot be answered at once."""

    @command(
        roles=(AGENT, LEAD),
        errors=(
            TicketNotFound,
            VersionMoved,
            WrongStatus,
            AnswerTooShort,
            StillVerifying,
            UnknownBasis,
            UnfilledVariables,
        ),
        personal=True,
    )
    def verify_ticket(self, number: TicketNumber, request: VerifyTicket) -> VerificationView:
        """Record a question that cannot be answered at once; the ticket is then `verifying`.

        The customer is told what is looked into, that the complete answer comes within 3 working days, and that we
        write each working day until then: clocks `complete_answer` and `update`.
        """

    @query(roles=(AGENT, LEAD), personal=True)
    def list_verifications(self, query: ListVerifications) -> Page[VerificationView]:
        """List what is looked into, the oldest first."""

    @query(roles=(AGENT, LEAD), errors=(VerificationNotFound,), personal=True)
    def get_verification(self, verification_id: VerificationId) -> VerificationView:
        """Show one question that is or was looked into."""

    @command(
        roles=(AGENT, LEAD),
        errors=(VerificationNotFound, UnknownBasis, *WRITING),
        personal=True,
    )
    def draft_answer(self, verification_id: VerificationId, request: DraftAnswer) -> VerificationView:
        """Write the complete answer, or another one; leads are told that it waits for a second person."""

    @command(
        roles=(AGENT, LEAD),
        errors=(
            VerificationNotFound,
            VersionMoved,
            WrongStatus,
            AnswerTooShort,
            UnfilledVariables,
            OwnDraft,
            ReasonRequired,
        ),
        personal=True,
    )
    def decide_verification(self, verification_id: VerificationId, request: DecideVerification) -> VerificationView:
        """Approve the draft, as it is or edited, and send it to the customer; or send it back with the reason.

        Its author cannot: 403 `second_person_required`.
        """
