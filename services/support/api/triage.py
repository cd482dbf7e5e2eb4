"""Several tickets at once: put together, split, related, answered in bulk (standard, section 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar, NotRequired, TypedDict

from services.common.basics import ids
from services.common.basics.api import Api, command
from services.common.basics.caller import AGENT, LEAD
from services.common.basics.errors import Conflict, Invalid
from services.common.basics.rules import Ruled, When
from services.common.basics.shapes import (
    Between,
    EmailAddress,
    Example,
    Length,
    Line,
    Note,
    Nullable,
    Text,
    Version,
    Wrong,
)
from services.support.api.escalation import LeadAnswersFirst
from services.support.api.parts import SENTENCE, TicketNumber
from services.support.api.refusals import StillVerifying, TicketNotFound, VersionMoved, WrongStatus
from services.support.api.replies import TicketSummary
from services.support.api.statuses import AgentCode, Category, DeclineGround, Priority, Turn
from services.support.api.teams import TeamName
from services.support.api.ticket_forms import NOT_DECLINED, OF_DECLINING

MOST_AT_ONCE, MOST_SPLIT = 50, 20


class MergeCircle(Conflict):
    """A ticket is to go on in itself, or in one that goes on in it."""

    code = "merge_circle"
    message = "A ticket cannot go on in itself: the other one goes on in this one already, or is the same."


class OtherCustomer(Conflict):
    """The two tickets belong to two mailboxes."""

    code = "other_customer"
    message = "These tickets are of two mailboxes: what one wrote is not for the other. Relate them instead."


class PromiseStands(Conflict):
    """A complaint or a suggestion is to go on in another ticket."""

    code = "promise_stands"
    message = "A complaint or a suggestion has an end of its own that was promised: it is not put into another ticket."


class NotMerged(Conflict):
    """The ticket goes on in no other one."""

    code = "not_merged"
    message = "This ticket goes on by itself."


class NotSplittable(Invalid):
    """These messages cannot become a ticket of their own: see `detail`."""

    code = "not_splittable"
    message = "name messages of the customer, and leave at least one"


class NotRelated(Conflict):
    """The tickets are not related."""

    code = "not_related"
    message = "These tickets are not related."


class BatchStep(StrEnum):
    """What can be done with many tickets at once."""

    ANSWER = "answer"
    ASSIGN = "assign"
    AMEND = "amend"
    RESOLVE = "resolve"
    SPAM = "spam"
    RESTORE = "restore"


@dataclass(frozen=True)
class MergeTicket:
    """Into which ticket of the same customer, and why."""

    into: TicketNumber
    reason: Annotated[str, Line(200), Note("for staff; kept as a note"), Example("the same question twice")]
    version: Version | None = None


@dataclass(frozen=True)
class UnmergeTicket:
    """Why the ticket is a matter of its own."""

    reason: Annotated[str, Line(200), Note("for staff; kept as a note"), Example("it is about another parcel")]
    version: Version | None = None


@dataclass(frozen=True)
class SplitTicket:
    """Which messages of the customer become a ticket of their own, and what that is about."""

    positions: Annotated[list[Annotated[int, Between(1, 100_000)]], Length(1, MOST_SPLIT)]
    subject: Annotated[str, Line(200)]
    category: Annotated[Category, Nullable(), Note("that of the ticket, if left out")] | None = None
    version: Version | None = None


@dataclass(frozen=True)
class RelateTicket:
    """To which ticket. It may be another customer's: only staff see that they are related."""

    other: TicketNumber
    version: Version | None = None


@dataclass(frozen=True)
class BatchItem:
    """One ticket, and the version of it that was seen."""

    number: TicketNumber
    version: Annotated[int, Between(1, 2**31 - 1), Note("refuse this ticket if it is another one")] | None = None


_FIELDS: Mapping[BatchStep, tuple[str, ...]] = {
    BatchStep.ANSWER: ("body", "turn"),
    BatchStep.ASSIGN: ("assignee",),
    BatchStep.AMEND: ("category", "priority", "team"),
    BatchStep.RESOLVE: ("code", "note", "ground"),
    BatchStep.SPAM: ("reason",),
    BatchStep.RESTORE: ("reason",),
}
_NEEDS = {
    BatchStep.ANSWER: ("body",),
    BatchStep.RESOLVE: ("code",),
    BatchStep.SPAM: ("reason",),
    BatchStep.RESTORE: ("reason",),
}


def _only(step: BatchStep) -> When:
    others = tuple(dict.fromkeys(name for names in _FIELDS.values() for name in names if name not in _FIELDS[step]))
    return When("step", (step,), needs=_NEEDS.get(step, ()), forbids=others, forbidden="Not for this step.")


@dataclass(frozen=True)
class BatchTickets(Ruled):
    """One step for many tickets, each named once. Each field belongs to one step.

    body, turn: the answer, and whose turn it is then; it may name what support knows of the ticket, {customer.name}.
    assignee: whose they are; left out, they go back to their team. category, priority, team: what is corrected. code,
    note, ground: how they ended. reason: why they are spam, or are not.
    """

    examples: ClassVar[Mapping[str, object]] = {
        "back to the team": {"step": "assign", "items": [{"number": ids.number(ids.TICKET, 0)}]},
    }

    step: BatchStep
    items: Annotated[list[BatchItem], Length(1, MOST_AT_ONCE)]
    body: Annotated[str, Text(10_000), SENTENCE] | None = None
    turn: Turn | None = None
    assignee: Annotated[str, EmailAddress(), Nullable(), Example("agent@pledge.example")] | None = None
    category: Category | None = None
    priority: Priority | None = None
    team: TeamName | None = None
    code: AgentCode | None = None
    note: Annotated[str, Text(2000)] | None = None
    reason: Annotated[str, Line(200)] | None = None
    ground: Annotated[DeclineGround, Note("why they are declined; left out: `other`")] | None = None

    rules = (
        *(_only(step) for step in BatchStep),
        When("code", NOT_DECLINED, forbids=("ground",), forbidden=OF_DECLINING),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if len({item.number for item in self.items}) < len(self.items):
            raise Wrong({"items": "Each ticket once."})


class BatchOutcome(TypedDict):
    """What came of one ticket: the ticket as it is now, or the kind, the code and the words of its refusal."""

    number: TicketNumber
    ticket: NotRequired[TicketSummary]
    kind: NotRequired[str]
    code: NotRequired[str]
    detail: NotRequired[str]


class BatchResult(TypedDict):
    """One outcome for each ticket, in the order in which they were named. done: for how many it was done."""

    items: list[BatchOutcome]
    done: int


class SplitResult(TicketSummary):
    """The ticket after it. `split`: the new one."""

    split: TicketSummary


MERGING = (TicketNotFound, VersionMoved, WrongStatus)


class Triage(Api):
    """What staff do with several tickets at once."""

    @command(
        roles=(AGENT, LEAD),
        errors=(*MERGING, MergeCircle, OtherCustomer, PromiseStands, StillVerifying, LeadAnswersFirst),
        personal=True,
    )
    def merge_ticket(self, number: TicketNumber, request: MergeTicket) -> TicketSummary:
        """Let it go on in another open ticket of the same customer, who is told.

        What is promised on it goes on there, with the times that it has. What its customer writes to it later goes
        there too. A complaint or a suggestion is never merged away. POST …/unmerge brings both back.
        """

    @command(roles=(AGENT, LEAD), errors=(*MERGING, NotMerged), personal=True)
    def unmerge_ticket(self, number: TicketNumber, request: UnmergeTicket) -> TicketSummary:
        """Let it go on by itself again: as it was, with its promises as if they had never stopped.

        What was written since then stays in the other ticket.
        """

    @command(roles=(AGENT, LEAD), errors=(*MERGING, NotSplittable), personal=True)
    def split_ticket(self, number: TicketNumber, request: SplitTicket) -> SplitResult:
        """Make a ticket of its own of some messages of the customer, who is told.

        They stay where they are too. What is not answered yet is promised from the moment at which it was asked.
        """

    @command(roles=(AGENT, LEAD), errors=(*MERGING, MergeCircle), personal=True)
    def relate_ticket(self, number: TicketNumber, request: RelateTicket) -> TicketSummary:
        """Note that it has to do with another ticket, for staff."""

    @command(roles=(AGENT, LEAD), errors=(TicketNotFound, NotRelated), personal=True)
    def unrelate_ticket(self, number: TicketNumber, other: TicketNumber) -> TicketSummary:
        """Note that they have nothing to do with one another."""

    @command(roles=(AGENT, LEAD), personal=True)
    def batch_tickets(self, request: BatchTickets) -> BatchResult:
        """Answer, assign, correct, resolve, put away or bring back up to 50 tickets, each by itself.

        Each ticket has its own outcome: one that is refused costs that ticket alone. With an Idempotency-Key each is
        done at most once, also when the request is sent again: after an outage, which ends the whole, it goes on there.
        """
