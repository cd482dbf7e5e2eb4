"""Complaints: acknowledged, investigated, decided with reasons, closed by the customer or a lead (standard, section 6;
the steps are those of ISO 10002)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar

from services.common.basics.api import Api, command, query
from services.common.basics.caller import AGENT, CUSTOMER, LEAD
from services.common.basics.money import Money
from services.common.basics.rules import Ruled, When
from services.common.basics.shapes import (
    Country,
    EmailAddress,
    Example,
    Note,
    Page,
    PageQuery,
    Text,
    Version,
)
from services.support.api.complaint_views import ComplaintReport, ComplaintView, DecidedComplaint
from services.support.api.escalation import LeadAnswersFirst
from services.support.api.parts import TicketNumber
from services.support.api.refusals import (
    AlreadyObjected,
    AnswerRepeats,
    AnswerTooShort,
    CauseNeedsLead,
    ComplaintNotFound,
    NoSuchAgent,
    NothingDecided,
    OtherPersonDecides,
    RefundNeedsOrder,
    RemedyUnfit,
    ReopenWindowOver,
    StillVerifying,
    TicketNotFound,
    VersionMoved,
    WrongStatus,
)
from services.support.api.statuses import (
    ComplaintCause,
    ComplaintDecision,
    ComplaintRemedy,
    ComplaintStatus,
    ComplaintStep,
)
from services.support.api.suggestions import NamesCustomer
from services.support.api.teams import PersonOff

SAID = Example("We have read what you wrote and look into it now.")
REASONS = Example("The parcel waited three days in our warehouse. You were right to complain.")
Since = Annotated[datetime, Note("first moment, RFC 3339"), Example("2026-03-01T00:00:00Z")]
Until = Annotated[datetime, Note("the moment after the last"), Example("2100-12-31T00:00:00Z")]
OF_DECISIONS = ("decision", "remedy", "remedy_note", "amount", "cause", "country")


@dataclass(frozen=True)
class StepComplaint(Ruled):
    """The step, and what belongs to it.

    acknowledged: `message`, `owner`. investigated: `findings`, `message` for what the customer is told of them.
    decided: `decision`, `message` with the reasons, `cause`, `remedy`, with `amount` for a refund and `remedy_note` for
    another one; `country` of the customer where the order does not say it. sent_back: `note`. improved: `changed`.
    """

    examples: ClassVar[Mapping[str, object]] = {
        "acknowledged": {"step": "acknowledged", "message": SAID.value},
    }

    step: ComplaintStep
    message: Annotated[str, Text(10_000), SAID, Note("in words for the customer, who reads it")] | None = None
    owner: Annotated[str, EmailAddress(), Example("agent@pledge.example"), Note("who investigates it")] | None = None
    findings: Annotated[str, Text(5000), Note("what was found, for colleagues")] | None = None
    decision: ComplaintDecision | None = None
    remedy: ComplaintRemedy | None = None
    remedy_note: Annotated[str, Text(2000), Note("the remedy in words for the customer")] | None = None
    amount: Annotated[Money, Note("of a refund, in USD")] | None = None
    cause: ComplaintCause | None = None
    country: Annotated[Country, Note("the customer's, for who else helps them")] | None = None
    note: Annotated[str, Text(2000), Note("why it is sent back, for colleagues")] | None = None
    changed: Annotated[str, Text(2000), Note("what was changed because of it")] | None = None
    version: Version | None = None

    rules = (
        When("step", (ComplaintStep.ACKNOWLEDGED,), needs=("message",)),
        When("step", (ComplaintStep.INVESTIGATED,), needs=("findings",)),
        When("step", (ComplaintStep.DECIDED,), needs=("decision", "message", "cause")),
        When("step", (ComplaintStep.SENT_BACK,), needs=("note",)),
        When("step", (ComplaintStep.IMPROVED,), needs=("changed",)),
        When(
            "step",
            tuple(each for each in ComplaintStep if each is not ComplaintStep.DECIDED),
            forbids=OF_DECISIONS,
        ),
        When("remedy", (ComplaintRemedy.REFUND,), needs=("amount",)),
        When("remedy", (ComplaintRemedy.OTHER,), needs=("remedy_note",)),
        When("remedy", (ComplaintRemedy.APOLOGY, ComplaintRemedy.RESEND, ComplaintRemedy.OTHER), forbids=("amount",)),
    )


@dataclass(frozen=True)
class ObjectToDecision:
    """Why the customer does not accept the decision."""

    message: Annotated[str, Text(10_000), Example("The parcel was late a second time; nobody looked at that.")]
    version: Version | None = None


@dataclass(frozen=True)
class ListComplaints(PageQuery):
    """Without `status`: all that are not decided yet."""

    status: ComplaintStatus | None = None


@dataclass(frozen=True)
class ReportComplaints:
    """By the time of the decision; without `since` the last 90 days."""

    since: Since | None = None
    until: Until | None = None


@dataclass(frozen=True)
class ListDecided(PageQuery):
    """The same period, as a list."""

    since: Since | None = None
    until: Until | None = None


class Complaints(Api):
    """Complaints, from their receipt to the decision and what was learnt from it."""

    @command(
        roles=(AGENT, LEAD),
        errors=(
            TicketNotFound, VersionMoved, WrongStatus, ComplaintNotFound, NoSuchAgent, AnswerTooShort, AnswerRepeats,
            StillVerifying, OtherPersonDecides, RemedyUnfit, RefundNeedsOrder, NothingDecided, CauseNeedsLead,
            PersonOff, LeadAnswersFirst, NamesCustomer,
        ),
        personal=True,
    )  # fmt: skip
    def step_complaint(self, number: TicketNumber, request: StepComplaint) -> ComplaintView:
        """Take the next step: acknowledged, investigated (again with each news), decided.

        What an agent does not uphold in all waits for a second person (`agreed` or `sent_back`), and so does a refund
        above `PLEDGE_FOUR_EYES_ABOVE`. A refund, or a new parcel, is told to the customer once orders has it. After an
        objection only those decide who had not: 403 `second_person_required`.
        """

    @command(
        roles=(CUSTOMER,),
        errors=(
            TicketNotFound, VersionMoved, WrongStatus, ComplaintNotFound, NothingDecided, AlreadyObjected,
            ReopenWindowOver,
        ),
    )  # fmt: skip
    def object_to_decision(self, number: TicketNumber, request: ObjectToDecision) -> ComplaintView:
        """Object to the decision about a complaint, once; then other people decide again."""

    @query(roles=(AGENT, LEAD), personal=True)
    def list_complaints(self, query: ListComplaints) -> Page[ComplaintView]:
        """List complaints, those first that are to be decided first."""

    @query(roles=(LEAD,))
    def report_complaints(self, query: ReportComplaints) -> ComplaintReport:
        """Count what was decided by cause, with what was changed because of it."""

    @query(roles=(LEAD,))
    def list_decided_complaints(self, query: ListDecided) -> Page[DecidedComplaint]:
        """List the complaints that were decided in a period, the oldest first."""
