"""How a complaint is shown: to its customer what is told, to staff who does what too (standard, section 6)."""

from __future__ import annotations

from typing import Annotated, NotRequired, TypedDict

from services.common.basics.shapes import MoneyView, Note, Timestamp
from services.support.api.parts import TicketNumber
from services.support.api.statuses import (
    ComplaintCause,
    ComplaintDecision,
    ComplaintRemedy,
    ComplaintStatus,
    RefundState,
)


class NextBodyView(TypedDict):
    """Who outside our house helps a consumer of that country; as_of: when we looked it up."""

    name: str
    url: str
    as_of: str


class ComplaintRefundView(TypedDict):
    """How far the refund is; due_at: until when the money is there."""

    amount: MoneyView
    state: RefundState
    due_at: Timestamp
    settled_at: Timestamp | None


class DecisionView(TypedDict):
    """What was decided, with the reasons. `cause`, `by` and `agreed_by` are for staff."""

    decision: ComplaintDecision
    reasons: str
    remedy: ComplaintRemedy | None
    remedy_note: Annotated[str | None, Note("the remedy in words")]
    amount: Annotated[MoneyView | None, Note("of a refund")]
    remedy_id: Annotated[str | None, Note("the question about a parcel, on the page of the order")]
    next_body: Annotated[NextBodyView | None, Note("who else helps, where we did not agree in all")]
    decided_at: Timestamp | None
    refund: ComplaintRefundView | None
    cause: NotRequired[ComplaintCause]
    by: NotRequired[str]
    agreed_by: NotRequired[str | None]


class ComplaintView(TypedDict):
    """A complaint and its steps.

    acknowledge_by, decide_by: until when; null once it is done, and while it is the customer's turn. told: the last
    news. earlier: the decision that the customer objected to. Customers see what only waits for a colleague, or for
    orders, as `investigating`.
    """

    ticket_number: TicketNumber
    status: ComplaintStatus
    received_at: Timestamp
    acknowledge_by: Timestamp | None
    acknowledged_at: Timestamp | None
    told: str | None
    told_at: Timestamp | None
    decide_by: Timestamp | None
    decision: DecisionView | None
    may_object: bool
    objected_at: Timestamp | None
    earlier: DecisionView | None
    version: Annotated[int, Note("the ticket's, for If-Match")]
    owner: NotRequired[Annotated[str | None, Note("who investigates")]]
    findings: NotRequired[Annotated[str | None, Note("what was found, for colleagues")]]
    proposal: NotRequired[Annotated[DecisionView | None, Note("waits for a second person, or for orders")]]
    why: NotRequired[Annotated[str | None, Note("why the last proposal came back, or needs a second person")]]
    changed: NotRequired[Annotated[str | None, Note("what was changed because of it")]]


class CauseCount(TypedDict):
    """The complaints of one cause that were decided in the period. changed: how many of them changed something."""

    cause: ComplaintCause
    total: int
    upheld: int
    partly: int
    not_upheld: int
    refunded: MoneyView
    changed: int


class Improvement(TypedDict):
    """What was changed because of a complaint."""

    ticket_number: TicketNumber
    cause: ComplaintCause
    decided_at: Timestamp
    changed: str


class ComplaintReport(TypedDict):
    """Complaints of a period, by the day of their decision. open: those that are not decided now.

    improvements: the latest hundred.
    """

    since: str
    until: str
    decided: int
    objected: int
    open: int
    causes: list[CauseCount]
    improvements: list[Improvement]


class DecidedComplaint(TypedDict):
    """One decided complaint, as a row of the report."""

    ticket_number: TicketNumber
    received_at: Timestamp
    decided_at: Timestamp
    cause: ComplaintCause
    decision: ComplaintDecision
    remedy: ComplaintRemedy | None
    refunded: MoneyView | None
    objected: bool
    changed: str | None
