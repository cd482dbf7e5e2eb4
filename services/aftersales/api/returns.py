"""Returns: the customer asks, the after-sales team decides, the goods come, the money goes (standard, section 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from services.aftersales.api.pieces import (
    MAX_LINES,
    MAX_UNITS,
    SOME_PIECES,
    DisposeReturn,
    Evidence,
    InspectedPieces,
    ReceivedPieces,
    SendBack,
    TakeSecondLook,
)
from services.aftersales.api.postage import AskPostage, DecidePostage
from services.aftersales.api.refusals import (
    AlreadyPaidBack,
    AppealClosed,
    DisputeWithoutNote,
    NotDeliveredYet,
    NotRestockable,
    OrderWasCancelled,
    PostageNotFound,
    PostageUndecided,
    ReturnNotFound,
    ReturnWindowClosed,
    ReviewIncomplete,
    SecondPersonRequired,
    TooMuchPostage,
    UnitNotExpected,
    UnitsNotReturnable,
)
from services.aftersales.api.replies import ReturnView
from services.aftersales.api.statuses import (
    Decision,
    Ground,
    Part,
    Result,
    ReturnOutcome,
    ReturnReason,
    ReturnStatus,
    WaitsFor,
)
from services.common.basics import ids
from services.common.basics.api import Api, OrderNotFound, command, query
from services.common.basics.caller import AFTERSALES, AGENT, CUSTOMER, LEAD
from services.common.basics.rules import Either, Ruled, When
from services.common.basics.shapes import (
    Length,
    Line,
    Note,
    OrderNumber,
    Page,
    PageQuery,
    Quantity,
    Sku,
    Text,
    Version,
)
from services.common.basics.states import VersionMoved, WrongStatus

# requests


@dataclass(frozen=True)
class RequestedLine:
    sku: Sku
    quantity: Quantity
    reason: ReturnReason


@dataclass(frozen=True)
class RequestReturn:
    examples: ClassVar[Mapping[str, object]] = {
        "one": {
            "order_number": ids.number(ids.ORDER, 0),
            "description": "not the colour of the picture",
            "lines": [{"sku": "MUG-CLAY-350", "quantity": 1, "reason": "not_as_described"}],
        }
    }

    order_number: OrderNumber
    lines: Annotated[tuple[RequestedLine, ...], Length(1, MAX_LINES)]
    description: Annotated[str, Text(4000, min=0)] = ""
    evidence: Evidence = ()
    outcome: (
        Annotated[
            ReturnOutcome,
            Note("exchange: the same products once more, free of charge, instead of the money; default: refund"),
        ]
        | None
    ) = None


@dataclass(frozen=True)
class ListReturns(PageQuery):
    order_number: OrderNumber | None = None
    status: ReturnStatus | None = None
    waits_for: Annotated[WaitsFor, Note("for staff: returns with a piece that waits for this")] | None = None


@dataclass(frozen=True)
class Checked:
    """What was found in one part of the review; the note is the evidence, for staff only."""

    result: Result
    note: Annotated[str, Text(4000, min=0), Note("the evidence; for staff only")] = ""


@dataclass(frozen=True)
class ReviewParts:
    """What was found in the three parts (standard, section 4)."""

    product_status: Checked | None = None
    order_information: Checked | None = None
    return_reason: Checked | None = None

    @property
    def found(self) -> dict[Part, Checked]:
        """The parts that were looked at."""
        named = {part: getattr(self, part.value) for part in Part}
        return {part: checked for part, checked in named.items() if checked is not None}


NEEDED = "Needed for this decision."
ALL_OK = {part.value: {"result": "ok", "note": "as the customer says"} for part in Part}


@dataclass(frozen=True)
class ReviewReturn(Ruled):
    """authorize: all three parts ok. reject: all three parts, a ground and an explanation. info: a question."""

    examples: ClassVar[Mapping[str, object]] = {
        "authorize": {"decision": "authorize", "parts": ALL_OK},
        "info": {"decision": "info", "question": "Which of the two did you mean?"},
        "reject": {
            "decision": "reject",
            "parts": {**ALL_OK, "product_status": {"result": "not_ok", "note": "scratched, see photo 2"}},
            "ground": "used_beyond_trying",
            "explanation": "The mug was used.",
        },
    }

    decision: Decision
    parts: ReviewParts = field(default_factory=ReviewParts)
    ground: Ground | None = None
    explanation: Annotated[str, Text(4000), Note("for the customer")] = ""
    question: Annotated[str, Text(4000), Note("for the customer")] = ""
    version: Version | None = None

    rules = (
        When("decision", (Decision.AUTHORIZE,), ("parts",), complaint=NEEDED),
        When("decision", (Decision.REJECT,), ("ground", "explanation", "parts"), complaint=NEEDED),
        When("decision", (Decision.INFO,), ("question",), complaint=NEEDED),
    )


@dataclass(frozen=True)
class AnswerInfo(Ruled):
    """The answer to the question, or that the goods were sent: one of the two."""

    examples: ClassVar[Mapping[str, object]] = {
        "answer": {"answer": "the blue one"},
        "sent": {"sent": True, "carrier": "fedex", "tracking_number": "794644790138"},
    }

    answer: Annotated[str, Text(4000)] | None = None
    sent: Literal[True] | None = None
    carrier: Annotated[str, Line(64)] | None = None
    tracking_number: Annotated[str, Line(64)] | None = None
    version: Version | None = None

    rules = (
        Either(
            (("answer",), ("sent", "carrier", "tracking_number")),
            "Either answer, or sent (with carrier and tracking_number if known).",
            whole=False,
        ),
    )


@dataclass(frozen=True)
class ReceiveReturn(Ruled):
    """`units` and `lines` are two names for one list, so that either can be said naturally."""

    examples: ClassVar[Mapping[str, object]] = {
        "lines": {"lines": [{"sku": "MUG-CLAY-350", "quantity": 1, "condition": "received_ok"}]},
        "units": {"units": [{"line_id": 1, "unit": 0, "condition": "damaged"}]},
    }

    units: Annotated[tuple[ReceivedPieces, ...], Length(0, MAX_UNITS)] = ()
    lines: Annotated[tuple[ReceivedPieces, ...], Length(0, MAX_LINES)] = ()
    version: Version | None = None

    rules = (SOME_PIECES,)


@dataclass(frozen=True)
class InspectReturn(Ruled):
    """`units` and `lines` are two names for one list, so that either can be said naturally."""

    examples: ClassVar[Mapping[str, object]] = {
        "lines": {"lines": [{"sku": "MUG-CLAY-350", "quantity": 1, "outcome": "accepted", "note": "unused"}]},
    }

    units: Annotated[tuple[InspectedPieces, ...], Length(0, MAX_UNITS)] = ()
    lines: Annotated[tuple[InspectedPieces, ...], Length(0, MAX_LINES)] = ()
    version: Version | None = None

    rules = (SOME_PIECES,)


@dataclass(frozen=True)
class AppealReturn:
    statement: Annotated[str, Text(4000)]
    version: Version | None = None


@dataclass(frozen=True)
class WithdrawReturn:
    """Nothing needs to be said."""

    version: Version | None = None


@dataclass(frozen=True)
class ChooseRefund:
    """The customer wants money instead of what they had wanted to exchange."""

    outcome: Literal["refund"]
    version: Version | None = None


STEP = (ReturnNotFound, WrongStatus, VersionMoved)
STAFF_STEP = STEP


class Returns(Api):
    """Sending goods back within 60 days of delivery, and getting all of the money."""

    @command(
        roles=(CUSTOMER, AGENT, AFTERSALES, LEAD),
        errors=(OrderNotFound, NotDeliveredYet, ReturnWindowClosed, OrderWasCancelled, UnitsNotReturnable),
        personal=True,
    )
    def request_return(self, request: RequestReturn) -> ReturnView:
        """Ask to send goods back.

        Possible from the delivery to the end of day 60 after it, in the customer's zone; before: 409
        `not_delivered_yet`, after: 409 `return_window_closed`. A piece is in one return only: 409 `not_returnable`
        says why for each line. With `outcome` `exchange`, what is accepted is sent once more, as a shipment of its own;
        if none is left by then, it is paid back instead, and the customer is told.
        """

    @query(roles=(CUSTOMER, AGENT, AFTERSALES, LEAD), personal=True)
    def list_returns(self, query: ListReturns) -> Page[ReturnView]:
        """List returns: customers their own, the newest first; staff all of them, what waits longest first."""

    @query(roles=(CUSTOMER, AGENT, AFTERSALES, LEAD), errors=(ReturnNotFound,), personal=True)
    def get_return(self, number: str) -> ReturnView:
        """Show a return."""

    @command(roles=(AFTERSALES, LEAD), errors=(*STAFF_STEP, ReviewIncomplete, SecondPersonRequired), personal=True)
    def review_return(self, number: str, review: ReviewReturn) -> ReturnView:
        """Record what was found in the three parts, and decide.

        A rejection is proposed by one person and confirmed by another with the same ground; an appeal is decided by a
        third: 403 `second_person_required`.
        """

    @command(roles=(CUSTOMER,), errors=(*STEP, OrderNotFound, ReturnWindowClosed, UnitsNotReturnable), personal=True)
    def answer_info(self, number: str, told: AnswerInfo) -> ReturnView:
        """Answer the team's question, or tell that the goods were sent."""

    @command(roles=(AFTERSALES, LEAD), errors=(*STAFF_STEP, UnitNotExpected, UnitsNotReturnable), personal=True)
    def receive_return(self, number: str, receipt: ReceiveReturn) -> ReturnView:
        """Record what arrived and how; the rest may come later."""

    @command(
        roles=(AFTERSALES, LEAD),
        errors=(*STAFF_STEP, UnitNotExpected, AlreadyPaidBack, DisputeWithoutNote),
        personal=True,
    )
    def inspect_return(self, number: str, inspection: InspectReturn) -> ReturnView:
        """Judge what arrived. What is accepted is refunded in full, to the original payment.

        A second person has to look (`second-look`) at what is disputed, at what is accepted though it is not here, at
        what its inspector asked for, and at what one person alone would pay out above `PLEDGE_FOUR_EYES_ABOVE`.
        """

    @command(
        roles=(AFTERSALES, LEAD),
        errors=(*STAFF_STEP, UnitNotExpected, AlreadyPaidBack, DisputeWithoutNote, SecondPersonRequired),
        personal=True,
    )
    def take_second_look(self, number: str, look: TakeSecondLook) -> ReturnView:
        """Decide what an inspection left to a second person, or what the customer appealed.

        The inspector, and staff who requested the return, cannot: 403 `second_person_required`. An appeal is
        decided by neither of the two who rejected.
        """

    @command(roles=(AFTERSALES, LEAD), errors=(*STAFF_STEP, UnitNotExpected, NotRestockable), personal=True)
    def dispose_return(self, number: str, disposal: DisposeReturn) -> ReturnView:
        """Record that accepted pieces went back on the shelf, or were scrapped; each piece once."""

    @command(roles=(AFTERSALES, LEAD), errors=(*STAFF_STEP, UnitNotExpected), personal=True)
    def send_back(self, number: str, sent: SendBack) -> ReturnView:
        """Record that rejected goods were handed to a carrier, back to the customer."""

    @command(
        roles=(CUSTOMER, AGENT, AFTERSALES, LEAD),
        errors=(*STEP, OrderNotFound, PostageUndecided, TooMuchPostage),
        personal=True,
    )
    def ask_postage(self, number: str, asked: AskPostage) -> ReturnView:
        """Ask to have the postage of a return paid back, once the goods have arrived.

        It goes back to the account that paid the order, as far as money of the order is left there; a person pays the
        rest.
        """

    @command(roles=(AFTERSALES, LEAD), errors=(*STEP, PostageNotFound, SecondPersonRequired), personal=True)
    def decide_postage(self, number: str, decided: DecidePostage) -> ReturnView:
        """Pay postage back, or decline it on a ground of the list.

        A second person has to say the same for a decline, and for what one person alone would pay out above
        `PLEDGE_FOUR_EYES_ABOVE`. Who asked for it does not decide it: 403 `second_person_required`.
        """

    @command(roles=(CUSTOMER,), errors=(*STEP, AppealClosed), personal=True)
    def appeal_return(self, number: str, appeal: AppealReturn) -> ReturnView:
        """Contest a rejection, of a return or of pieces after their inspection; another person decides."""

    @command(roles=(CUSTOMER,), errors=STEP, personal=True)
    def withdraw_return(self, number: str, withdrawal: WithdrawReturn) -> ReturnView:
        """Keep the goods after all: all of them before they are sent, later those that have not arrived."""

    @command(roles=(CUSTOMER,), errors=STEP, personal=True)
    def choose_refund(self, number: str, chosen: ChooseRefund) -> ReturnView:
        """Take the money instead of an exchange; the choice is recorded as the customer's consent.

        Possible until all of the exchange has arrived. What is being sent is stopped if it has not left us, and is paid
        back then; what has left is not stopped, and may be returned when it has come.
        """
