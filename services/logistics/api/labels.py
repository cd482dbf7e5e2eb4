"""Labels: what carriers would take for a box, one of them bought, printed, given back; and what they cost us.

The customer pays nothing of it (standard, section 3). A label is bought once, however often one presses, and whatever
the carrier answers: it is wanted first, then paid for, and what is not known is asked for until it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, TypedDict

from services.common.basics.api import Api, Period, PeriodNotGood, command, query
from services.common.basics.caller import LEAD, WAREHOUSE
from services.common.basics.errors import Conflict, NotFound, Unavailable
from services.common.basics.shapes import Example, Line, MoneyView, Note, Page, PageQuery, Timestamp
from services.common.basics.states import VersionMoved
from services.logistics.api.refusals import ShipmentNotFound, ShipmentOnHold, WrongShipmentStatus
from services.logistics.api.shipments import ShipmentVersion

AN_OFFER = "0195f3c0-7a54-7c2e-9d1b-6f0a3e2b4c5d"


class LabelStatus(StrEnum):
    """Where a label is on its way."""

    WANTED = "wanted"  # asked for; whether it is paid is not known yet
    BOUGHT = "bought"  # paid, and to be printed
    USED = "used"  # a parcel left under it
    VOIDING = "voiding"  # given back; the carrier has not said yet that our money is
    VOIDED = "voided"  # given back, and so is the money
    NOT_REFUNDED = "not_refunded"  # given back, and the carrier keeps the money
    FAILED = "failed"  # not bought


class CostKind(StrEnum):
    """A movement of what labels cost."""

    BOUGHT = "bought"
    REFUNDED = "refunded"


class LabelNotFound(NotFound):
    """The shipment has no such label."""

    code = "label_not_found"
    message = "There is no such label."


class LabelsNotSold(Conflict):
    """No carrier that sells labels is set up here: type the number of a label that you have."""

    code = "labels_not_sold"
    message = "No carrier sells labels here. Hand over with a label that you have."


class LabelFactsMissing(Conflict):
    """A carrier cannot say what it takes without these. `details`: `{"missing": [{"sku", "fact"}]}`."""

    code = "label_facts_missing"
    message = "A carrier needs facts that are not known: the weight of the box, or what customs is told."


class RateGone(Conflict):
    """What was offered does not hold any more: it is too old, or the box or its address has changed."""

    code = "rate_gone"
    message = "This rate does not hold any more. Compare the rates again."


class LabelExists(Conflict):
    """The shipment has a label that is wanted or bought. `details`: `{"label_id", "status"}`."""

    code = "label_exists"
    message = "This shipment has a label, or one is being bought. Give it back first."


class AddressRefused(Conflict):
    """The carrier does not take this address; its words are the message."""

    code = "address_refused"
    message = "The carrier does not take this address."


class LabelRefused(Conflict):
    """The carrier does not sell this label; its words are the message. Nothing was paid."""

    code = "label_refused"
    message = "The carrier does not sell this label."


class CarrierBusy(Unavailable):
    """The carrier takes no more requests for a moment. Nothing was paid."""

    code = "carrier_busy"
    message = "The carrier takes no more requests just now. Try again in a moment."


class CarrierUnavailable(Unavailable):
    """The carrier does not answer."""

    code = "carrier_unavailable"
    message = "The carrier does not answer."


class LabelUsed(Conflict):
    """A parcel left under this label: it cannot be given back."""

    code = "label_used"
    message = "The parcel left under this label. It cannot be given back."


class LabelNotPrintable(Conflict):
    """A label that is not bought, or not any more, is not printed. `details`: `{"status"}`."""

    code = "label_not_printable"
    message = "There is nothing to print of this label."


@dataclass(frozen=True)
class AskRates:
    """Nothing needs to be said: address, weight and what customs is told are known."""

    version: ShipmentVersion | None = None


@dataclass(frozen=True)
class BuyLabel:
    """A rate of an offer, as they were shown."""

    examples: ClassVar[Mapping[str, object]] = {"one": {"offer": AN_OFFER, "rate": "standard"}}

    offer: Annotated[str, Line(36), Example(AN_OFFER)]
    rate: Annotated[str, Line(80), Example("standard")]
    version: ShipmentVersion | None = None


@dataclass(frozen=True)
class ListLabelCosts(PageQuery):
    """The movements of a period, the oldest first."""

    since: Annotated[datetime, Note("first moment, RFC 3339")] | None = None
    until: Annotated[datetime, Note("the moment after the last")] | None = None


class RateView(TypedDict):
    """What a carrier takes, and how fast it says that it is."""

    offer: Annotated[str, Example(AN_OFFER)]
    rate: Annotated[str, Example("standard")]
    seller: Annotated[str, Note("whom we would buy it of"), Example("easypost")]
    carrier: Annotated[str, Example("usps")]
    service: Annotated[str, Example("Priority")]
    amount: MoneyView
    days: Annotated[int | None, Note("to the delivery, as the carrier says")]


class RateProblem(TypedDict):
    """Why a seller offers nothing, or less, in its own words."""

    seller: Annotated[str, Example("easypost")]
    code: Annotated[str, Example("address_refused")]
    detail: str


class RatesView(TypedDict):
    """What the carriers offer, the cheapest first."""

    shipment_number: str
    expires_at: Timestamp
    rates: list[RateView]
    problems: list[RateProblem]


class LabelProblem(TypedDict):
    """Why it is not as it should be."""

    code: Annotated[str, Example("carrier_unavailable")]
    detail: str


class LabelView(TypedDict):
    """A label. `tracking_number` is known once it is bought."""

    id: str
    shipment_number: str
    seller: str
    carrier: str
    service: str
    status: LabelStatus
    amount: MoneyView
    tracking_number: str | None
    problem: LabelProblem | None
    wanted_at: Timestamp
    wanted_by: str
    bought_at: Timestamp | None


class LabelList(TypedDict):
    """The labels of a shipment, the latest first. sold: whether any can be bought here."""

    items: list[LabelView]
    sold: bool


class LabelPaper(TypedDict):
    """The label as its carrier printed it."""

    name: str
    pdf_base64: str


class LabelCostView(TypedDict):
    """A movement: what was paid for a label, or what came back of it (below 0)."""

    id: str
    at: Timestamp
    kind: CostKind
    amount: MoneyView
    label_id: str
    shipment_number: str
    order_number: str
    seller: str
    carrier: str
    service: str


class LabelCostRow(TypedDict):
    """What the labels of one carrier and service cost in the period."""

    seller: str
    carrier: str
    service: str
    bought: int
    refunded: int
    paid: MoneyView
    back: MoneyView
    cost: Annotated[MoneyView, Note("what was paid less what came back")]


class LabelCosts(TypedDict):
    since: Timestamp
    until: Timestamp
    items: list[LabelCostRow]
    cost: MoneyView


OF_A_LABEL = (ShipmentNotFound, LabelNotFound)
REFUSED = (AddressRefused, LabelRefused, CarrierBusy, CarrierUnavailable)


class Labels(Api):
    """Labels, bought of carriers; and the ledger of what they cost."""

    @command(
        roles=(WAREHOUSE,),
        errors=(
            ShipmentNotFound, ShipmentOnHold, WrongShipmentStatus, LabelsNotSold, LabelFactsMissing, VersionMoved,
            CarrierUnavailable, CarrierBusy,
        ),
        keyed=False,
    )  # fmt: skip
    def ask_rates(self, number: str, asked: AskRates) -> RatesView:
        """Ask all carriers that sell labels what they take for this box. It must be weighed.

        One that does not answer, or does not take the address, costs only its own rates: see `problems`.
        """

    @command(
        roles=(WAREHOUSE,),
        errors=(
            ShipmentNotFound, ShipmentOnHold, WrongShipmentStatus, RateGone, LabelExists, LabelFactsMissing,
            VersionMoved, *REFUSED,
        ),
    )  # fmt: skip
    def buy_label(self, number: str, wanted: BuyLabel) -> LabelView:
        """Buy a label, once: while one is wanted or bought, a second one is refused.

        A carrier that does not answer leaves it `wanted`: it is asked again by itself, and the box can be handed over
        with another label meanwhile; then this one is given back. 409 `rate_gone` wants new rates.
        """

    @query(roles=(WAREHOUSE, LEAD), errors=(ShipmentNotFound,))
    def list_labels(self, number: str) -> LabelList:
        """List the labels of a shipment."""

    @query(
        roles=(WAREHOUSE, LEAD), errors=(*OF_A_LABEL, LabelNotPrintable, CarrierUnavailable, CarrierBusy), personal=True
    )
    def get_label_paper(self, number: str, label_id: str) -> LabelPaper:
        """Give the label as PDF, as often as wanted, while it is bought or used."""

    @command(roles=(WAREHOUSE,), errors=(*OF_A_LABEL, LabelUsed))
    def void_label(self, number: str, label_id: str) -> LabelView:
        """Give a label back; what it cost comes back when the carrier says so, which may take weeks.

        409 `label_used` once a parcel left under it. The same again is harmless.
        """

    @query(roles=(WAREHOUSE, LEAD))
    def list_label_costs(self, wanted: ListLabelCosts) -> Page[LabelCostView]:
        """List what was paid for labels, and what came back."""

    @query(roles=(WAREHOUSE, LEAD), errors=(PeriodNotGood,))
    def report_label_costs(self, period: Period) -> LabelCosts:
        """Report what labels cost in a period, by carrier and service."""
