"""Payments that customers' banks dispute: until when the bank wants an answer, what we sent it, how it decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, TypedDict

from services.common.basics.api import Api, command, query
from services.common.basics.caller import LEAD
from services.common.basics.errors import NotFound
from services.common.basics.shapes import Note, Page, PageQuery, Text, Timestamp, Version
from services.common.basics.states import VersionMoved
from services.orders.api.payments import ReportedAmountView
from services.orders.api.refusals import WrongStatus
from services.orders.api.statuses import DisputeStatus


class DisputeNotFound(NotFound):
    """No dispute has this id."""

    code = "dispute_not_found"
    message = "There is no dispute of this id."


class DisputeView(TypedDict):
    """A dispute as the provider tells of it. While it is open its amount waits for the bank's decision."""

    id: str
    payment_id: str
    order_number: str
    provider: str
    reference: Annotated[str, Note("the provider's name for it")]
    amount: ReportedAmountView
    reason: Annotated[str, Note("what the customer told their bank")]
    status: DisputeStatus
    opened_at: Timestamp
    answer_by: Annotated[Timestamp, Note("until when a lead sends the evidence; later the bank may not read it")]
    answered_at: Timestamp | None
    answered_by: Annotated[str | None, Note("who sent the evidence; the provider, if it told us so")]
    ended_at: Timestamp | None
    version: int


@dataclass(frozen=True)
class ListDisputes(PageQuery):
    """Those without a decision, or those that are decided."""

    ended: bool = False


@dataclass(frozen=True)
class AnswerDispute:
    """note: what was sent, and how. version: refuse if the dispute has changed since."""

    note: Annotated[str, Text(2000)]
    version: Version | None = None


class Disputes(Api):
    """What customers' banks dispute."""

    @query(roles=(LEAD,))
    def list_disputes(self, query: ListDisputes) -> Page[DisputeView]:
        """List the disputes that the bank has not decided, the next to answer first; or those that it has."""

    @query(roles=(LEAD,), errors=(DisputeNotFound,))
    def get_dispute(self, dispute_id: str) -> DisputeView:
        """Show one dispute."""

    @command(roles=(LEAD,), errors=(DisputeNotFound, WrongStatus, VersionMoved))
    def answer_dispute(self, dispute_id: str, answer: AnswerDispute) -> DisputeView:
        """Record that the evidence was sent to the bank. From then on the decision is the bank's."""
