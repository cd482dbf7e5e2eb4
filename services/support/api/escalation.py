"""The customer's own way to a lead (standard, section 6: no perfunctory reception).

Once for each cycle of a ticket. A matter that was taken up again is a new cycle with clocks of its own, and no lead has
seen yet what went wrong in it; only staff can end a cycle, so there is no asking without end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from services.common.basics.api import Api, command
from services.common.basics.caller import CUSTOMER
from services.common.basics.errors import Conflict, Invalid
from services.common.basics.shapes import Example, Note, Text, Version
from services.support.api.parts import TicketNumber
from services.support.api.refusals import ANSWER_MIN, ReopenWindowOver, TicketNotFound, VersionMoved
from services.support.api.replies import TicketSummary

REASON = Example("I have asked three times, and each answer was about another product.")


class AlreadyEscalated(Conflict):
    """The customer has asked for a lead before, in this cycle of the ticket."""

    code = "already_escalated"
    message = "You have asked for a lead already; write to us if there is more to say."


class NotEscalatable(Conflict):
    """The ticket was put away as spam, or for another one: no lead looks at it there."""

    code = "not_escalatable"
    message = "No lead looks at this conversation as it is. Write a message first: that takes the matter up again."


class ReasonTooShort(Invalid):
    """The reason has less than a sentence."""

    code = "reason_too_short"
    message = f"Please say in a sentence what is wrong, in {ANSWER_MIN} characters at least."


class LeadAnswersFirst(Conflict):
    """The customer has asked for a lead, and no lead has answered yet."""

    code = "lead_answers_first"
    message = "The customer has asked for a lead: a lead answers first, then it can be resolved."


@dataclass(frozen=True)
class EscalateTicket:
    """Why the customer is not content, in a sentence at least."""

    reason: Annotated[str, Text(10_000), REASON, Note("becomes a message of the thread")]
    version: Version | None = None


class Escalation(Api):
    """What a customer does who is not content with how a matter goes."""

    @command(
        roles=(CUSTOMER,),
        errors=(
            TicketNotFound, VersionMoved, ReasonTooShort, NotEscalatable, AlreadyEscalated, ReopenWindowOver,
        ),
        personal=True,
    )  # fmt: skip
    def escalate_ticket(self, number: TicketNumber, request: EscalateTicket) -> TicketSummary:
        """Ask that a lead answers, once for each cycle of a ticket; then 409 `already_escalated`.

        Every lead is told at once, or every admin where there is no lead, and one of them answers within a working day:
        clock `lead_answer`. What was resolved or closed up to 14 days ago is taken up again by it.
        """
