"""How aftersales shows a return: JSON, typed."""

from __future__ import annotations

from typing import Annotated, NotRequired, TypedDict

from services.aftersales.api.statuses import (
    ClaimStatus,
    Condition,
    Decision,
    Disposition,
    Ground,
    Outcome,
    PostageGround,
    PostageOutcome,
    Result,
    ReturnOutcome,
    ReturnReason,
    ReturnStatus,
)
from services.common.basics.shapes import CommitmentView, MoneyView, Note, Timestamp


class ReturnLine(TypedDict):
    sku: str
    quantity: int
    reason: ReturnReason


class ReturnSentBackView(TypedDict):
    """How a rejected piece goes back to the customer."""

    carrier: str | None
    tracking_number: str | None
    at: Timestamp


class ReturnExchangeView(TypedDict):
    """The shipment that brings another piece, and when it has."""

    shipment_number: str
    delivered_at: Timestamp | None


class ReturnUnitView(TypedDict):
    """One piece: how it arrived and what the inspection found are two things."""

    line_id: int
    unit: int
    sku: str
    title: str
    reason: ReturnReason
    paid: MoneyView
    condition: Condition
    outcome: Outcome | None
    note: Annotated[str, Note("why it is rejected; for staff also what an inspector found who is not confirmed yet")]
    ground: Ground | None
    evidence: Annotated[list[str], Note("links to what shows the ground")]
    sent_back: ReturnSentBackView | None
    withdrawn: Annotated[bool, Note("the customer keeps this piece after all")]
    exchange: Annotated[ReturnExchangeView | None, Note("another one that is sent instead of money")]
    disposition: NotRequired[Annotated[Disposition | None, Note("for staff")]]
    found_by: NotRequired[Annotated[str | None, Note("for staff: who found `outcome`")]]
    confirmed_by: NotRequired[Annotated[str | None, Note("for staff: who confirmed it")]]


class ReturnReview(TypedDict):
    """The decision that is in force."""

    decision: Decision
    parts: dict[str, Result]
    at: Timestamp


class ReturnQuestion(TypedDict):
    question: str
    asked_at: Timestamp
    answer: str | None
    answered_at: Timestamp | None


class ReturnRejection(TypedDict):
    """final: after an appeal; before that, the customer may appeal."""

    ground: Ground
    explanation: str | None
    final: bool


class ReturnAppeal(TypedDict):
    statement: str
    at: Timestamp | None


class ReturnShipment(TypedDict):
    carrier: str | None
    tracking_number: str | None


class ReturnClaim(TypedDict):
    amount: MoneyView
    status: ClaimStatus
    claimed_at: Timestamp
    settled_at: Timestamp | None


class ReturnRefund(TypedDict):
    """amount: what was accepted so far; settled: what has arrived on the customer's account."""

    amount: MoneyView
    settled: MoneyView
    claims: list[ReturnClaim]


class PostageView(TypedDict):
    """What sending the goods back has cost the customer, and what became of it. `postage` counts those of a return."""

    postage: int
    amount: MoneyView
    receipt: str
    evidence: list[str]
    asked_at: Timestamp
    outcome: Annotated[PostageOutcome, Note("customers see what one person found as asked")]
    ground: PostageGround | None
    note: Annotated[str, Note("why it was declined")]
    status: Annotated[ClaimStatus | None, Note("where its money is")]
    settled_at: Timestamp | None
    asked_by: NotRequired[Annotated[str, Note("for staff")]]
    found_by: NotRequired[Annotated[str | None, Note("for staff: who found `outcome`")]]
    confirmed_by: NotRequired[Annotated[str | None, Note("for staff: who confirmed it")]]


class ReturnLaw(TypedDict):
    """The legal rule under which the customer declared it, and when it has to be repaid if the goods have come."""

    rule: str
    due_at: Timestamp | None


class ReturnDates(TypedDict, total=False):
    """When it came how far; what has not happened is left out."""

    requested_at: Timestamp
    authorized_at: Timestamp
    sent_at: Timestamp
    received_at: Timestamp
    inspected_at: Timestamp
    refunded_at: Timestamp
    closed_at: Timestamp


class PartFound(TypedDict):
    result: Result
    note: str


class ReturnDecision(TypedDict):
    """One decision of a person, for staff."""

    decision: Decision
    parts: dict[str, PartFound]
    ground: Ground | None
    words: str
    by: str
    at: Timestamp
    answer: str | None
    answered_at: Timestamp | None


class SendTo(TypedDict):
    """Where the goods go, line by line as it is written on the parcel; the reference tells whose they are."""

    name: str
    line1: str
    city: str
    postal_code: str
    country: str
    reference: str


class ReturnView(TypedDict):
    """A return. Staff see the single decisions in `decisions`, customers the one that is in force in `review`."""

    number: str
    order_number: str
    status: ReturnStatus
    version: int
    outcome: Annotated[ReturnOutcome, Note("what the customer wants for what is accepted from now on")]
    description: str
    evidence: list[str]
    lines: list[ReturnLine]
    units: list[ReturnUnitView]
    review: ReturnReview | None
    question: ReturnQuestion | None
    rejection: ReturnRejection | None
    appeal: ReturnAppeal | None
    appeal_by: Annotated[Timestamp | None, Note("until when the customer may appeal what is rejected now")]
    instructions: SendTo | None
    send_by: Timestamp | None
    shipment: ReturnShipment | None
    refund: ReturnRefund
    postage: list[PostageView]
    dates: ReturnDates
    commitments: list[CommitmentView]
    law: ReturnLaw | None
    due_at: NotRequired[Annotated[Timestamp, Note("for staff: when the next thing is due")]]
    email: NotRequired[Annotated[str, Note("for staff")]]
    requested_by: NotRequired[Annotated[str | None, Note("for staff: who of the staff asked in the customer's name")]]
    decisions: NotRequired[list[ReturnDecision]]
