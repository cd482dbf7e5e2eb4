"""Parcels that do not arrive: the customer decides whether we send again, pay back, or wait (standard, section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, NotRequired, TypedDict

from services.common.basics import ids
from services.common.basics.api import Api, command, query
from services.common.basics.caller import AGENT, CUSTOMER, LEAD, WAREHOUSE
from services.common.basics.errors import Conflict, Invalid, NotFound
from services.common.basics.ids import PATTERN
from services.common.basics.shapes import (
    Example,
    Length,
    Line,
    Note,
    Page,
    PageQuery,
    Pattern,
    Timestamp,
    Version,
    Wrong,
)
from services.orders.api.catalogue import OutOfStock, VersionMoved
from services.orders.api.changes import ChangeOptionView, ConsentRequired, ConsentView, OtherDigest, UnknownOption
from services.orders.api.parts import LineLeftView, WantedLine
from services.orders.api.refusals import CustomerRequired, OrderNotFound, WrongStatus
from services.orders.api.statuses import RemedyReason, RemedyStatus


class RemedyNotFound(NotFound):
    """The customer has not been asked what to do about a parcel."""

    code = "remedy_not_found"
    message = "There is no question about a parcel that does not arrive."


class RemedyStale(Conflict):
    """The parcel has turned up, or the order has moved on."""

    code = "remedy_stale"
    message = "This has been settled in the meantime; nothing was changed."


class ShipmentNotSent(NotFound):
    """The order has no such shipment on its way."""

    code = "shipment_not_sent"
    message = "The order has no such shipment on its way."


class MissingLinesNeeded(Invalid):
    """The shipment has several parcels, or not so many pieces: which of them do not arrive has to be said."""

    code = "missing_lines_needed"
    message = "Say which pieces do not arrive; the shipment has several parcels, or not so many pieces of them."


class GoodsAlreadyBack(Conflict):
    """What came back was put on the shelf before."""

    code = "goods_already_back"
    message = "That these goods came back was recorded before."


@dataclass(frozen=True)
class AnswerRemedy:
    option: Literal["resend", "refund", "wait"]
    digest: Annotated[
        str,
        Line(64),
        Pattern("[0-9a-f]{64}", "Not a digest."),
        Note("of the question as it was shown"),
        Example("0" * 64),
    ]


@dataclass(frozen=True)
class OpenRemedy:
    """What an agent found out about a shipment that does not arrive.

    parcels, lines: needed where other parcels of the shipment arrive; without them it is all of it.
    """

    shipment_number: Annotated[str, Line(20), Pattern(PATTERN, "Not a number."), Example(ids.number(ids.SHIPMENT, 0))]
    reason: RemedyReason
    evidence: Annotated[str, Line(1000, min=3), Note("how we know; for staff")]
    parcels: Annotated[tuple[Annotated[str, Line(24)], ...], Length(0, 50)] = ()
    lines: Annotated[tuple[WantedLine, ...], Length(1, 50)] | None = None
    version: Annotated[Version, Note("of the order")] | None = None

    def __post_init__(self) -> None:
        if any(not parcel.startswith(self.shipment_number) for parcel in self.parcels):
            raise Wrong({"parcels": "Not a parcel of this shipment."})


@dataclass(frozen=True)
class ReceiveGoods:
    """Goods that the carrier brought back and that are on the shelf again."""

    lines: Annotated[tuple[WantedLine, ...], Length(1, 50)]
    note: Annotated[str, Line(200, min=3), Note("what state they are in")]


@dataclass(frozen=True)
class ListRemedies(PageQuery):
    """Without a status: what is not settled."""

    status: RemedyStatus | None = None


class RemedyView(TypedDict):
    """What does not arrive, and what its customer may choose, or has chosen."""

    id: str
    order_number: str
    shipment_number: str
    parcels: list[str]
    reason: RemedyReason
    status: RemedyStatus
    summary: str
    lines: Annotated[list[LineLeftView], Note("the pieces that do not arrive")]
    options: list[ChangeOptionView]
    digest: Annotated[str, Note("comes back with the answer")]
    consent: ConsentView | None
    replacement: Annotated[str, Note("the shipment that is sent instead")] | None
    created_at: Timestamp
    told_at: Annotated[Timestamp, Note("when the customer was told")] | None
    due_at: Annotated[Timestamp, Note("until when the customer hears from us")]
    decided_at: Timestamp | None
    goods_back_at: Annotated[Timestamp, Note("when the warehouse had the goods again")] | None
    evidence: NotRequired[Annotated[str, Note("for staff")]]
    proposed_by: NotRequired[Annotated[str, Note("for staff")]]


class Remedies(Api):
    """Parcels that do not arrive."""

    @query(roles=(AGENT, LEAD, WAREHOUSE), personal=True)
    def list_remedies(self, query: ListRemedies) -> Page[RemedyView]:
        """List the shipments that do not arrive and are not settled, the next due first."""

    @command(
        roles=(CUSTOMER,),
        errors=(
            OrderNotFound,
            CustomerRequired,
            RemedyNotFound,
            WrongStatus,
            OtherDigest,
            UnknownOption,
            RemedyStale,
            ConsentRequired,
            OutOfStock,
        ),
    )
    def answer_remedy(self, number: str, answer: AnswerRemedy) -> RemedyView:
        """Choose what we do about a parcel that does not arrive: send again, pay back, or wait.

        `digest` says what was looked at: another one is 409 `digest_mismatch`. Settled meanwhile, because the parcel
        has turned up: 409 `remedy_stale`. Nothing is decided by silence.
        """

    @command(
        roles=(AGENT,),
        errors=(OrderNotFound, VersionMoved, ShipmentNotSent, WrongStatus, MissingLinesNeeded),
        personal=True,
    )
    def open_remedy(self, number: str, remedy: OpenRemedy) -> RemedyView:
        """Ask the customer what to do about a shipment of which we know by other means that it does not arrive.

        It changes nothing by itself, and only the customer can answer.
        """

    @command(roles=(WAREHOUSE,), errors=(RemedyNotFound, MissingLinesNeeded, GoodsAlreadyBack), personal=True)
    def receive_goods(self, remedy_id: str, goods: ReceiveGoods) -> RemedyView:
        """Put goods that the carrier brought back to us on the shelf again, once for each question."""
