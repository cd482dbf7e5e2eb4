"""The warehouse's papers: what to pick, what goes with a box, and what customs is told of it (standard, section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, TypedDict

from services.common.basics import ids
from services.common.basics.api import Api, command, query
from services.common.basics.caller import LEAD, WAREHOUSE
from services.common.basics.errors import Conflict
from services.common.basics.shapes import (
    Between,
    Example,
    Length,
    Line,
    MoneyView,
    Note,
    Number,
    PlaceCode,
    Timestamp,
)
from services.common.basics.states import VersionMoved
from services.logistics.api.refusals import ShipmentNotFound, ShipmentOnHold, StockPlaceUnknown, WrongShipmentStatus
from services.logistics.api.replies import DestinationView, ShipmentLineView, ShipmentView
from services.logistics.api.shipments import ShipmentVersion

MOST_AT_ONCE = 20
MOST_TO_PICK = 200


class CustomsForm(StrEnum):
    """What customs wants to read of a shipment."""

    CN22 = "cn22"
    CN23 = "cn23"
    COMMERCIAL_INVOICE = "commercial-invoice"


class PaperKind(StrEnum):
    """What can be printed of a shipment. customs: the forms that it needs; all: these, with slip and label."""

    PACKING_SLIP = "packing-slip"
    ADDRESS_LABEL = "address-label"
    CN22 = "cn22"
    CN23 = "cn23"
    COMMERCIAL_INVOICE = "commercial-invoice"
    CUSTOMS = "customs"
    ALL = "all"


class Fact(StrEnum):
    """What a customs form cannot do without. Of a product, unless it says otherwise."""

    HS_CODE = "hs_code"
    ORIGIN_COUNTRY = "origin_country"
    WEIGHT = "weight_g"
    VALUE = "value"
    GROSS_WEIGHT = "gross_weight_g"  # of the box: it was not weighed
    TOO_LIGHT = "gross_weight_below_net"  # of the box: it weighs less than the goods in it
    CARRIER = "carrier"  # of the shipment: its carrier was not named


class LighterThanGoods(Conflict):
    """The box weighs less than the goods in it, as the catalogue knows them. `details`: `{"net_weight_g"}`."""

    code = "lighter_than_goods"
    message = "The box weighs less than the catalogue says that its goods do."


@dataclass(frozen=True)
class WeighShipment:
    """The weight of the closed box, goods and packing together."""

    gross_weight_g: Annotated[int, Between(1, 1_000_000), Example(900)]
    version: ShipmentVersion | None = None


@dataclass(frozen=True)
class PapersOf:
    """Who will carry it, if it is not handed over yet: the post wants other forms than an express carrier."""

    carrier: Annotated[str, Line(40), Note("in any spelling; once it left, that of its parcels counts")] | None = None


@dataclass(frozen=True)
class PapersOfMany:
    """Of which shipments."""

    numbers: Annotated[tuple[Annotated[str, Number(ids.SHIPMENT)], ...], Length(1, MOST_AT_ONCE)]
    carrier: Annotated[str, Line(40), Note("of those that are not handed over yet")] | None = None


@dataclass(frozen=True)
class PickListOf:
    """Without a time: all that waits in the warehouse, of all places or of one."""

    due_before: Annotated[datetime, Note("only what must leave before then")] | None = None
    place: Annotated[PlaceCode, Note("only what leaves from there")] | None = None


class SenderView(TypedDict):
    """Who sends it, and from where."""

    name: str
    line1: str
    city: str
    postal_code: str
    country: str


class MissingFactView(TypedDict):
    """A fact that a form needs and that is not known."""

    sku: Annotated[str | None, Note("of which product; null: of the box or the shipment")]
    fact: Fact


class DeclaredItemView(TypedDict):
    """What customs is told of one kind of goods."""

    sku: str
    title: str
    quantity: int
    hs_code: str
    origin_country: str
    net_weight_g: int
    value: Annotated[MoneyView, Note("what was paid for these pieces")]


class DeclarationView(TypedDict):
    """What customs is told: each kind of goods, and their sums."""

    items: list[DeclaredItemView]
    value: MoneyView
    net_weight_g: int
    gross_weight_g: int


class BoxPapersView(TypedDict):
    """What the papers of one of several parcels say."""

    parcel_id: str
    tracking_number: str
    lines: list[ShipmentLineView]
    forms: list[CustomsForm]
    declared: Annotated[DeclarationView | None, Note("null while a fact is missing, or it was not weighed by itself")]


class PapersView(TypedDict):
    """What the papers of a shipment say. Where a fact is missing there is no declaration, and no form."""

    number: str
    order_number: str
    lines: list[ShipmentLineView]
    sender: SenderView
    destination: DestinationView
    parcels: Annotated[list[str], Note("tracking numbers, once it is handed over")]
    carrier: str | None
    abroad: Annotated[bool, Note("it crosses a customs border")]
    forms: Annotated[list[CustomsForm], Note("what customs wants; none within a customs union")]
    missing: list[MissingFactView]
    declared: DeclarationView | None
    incoterm: Annotated[str, Note("duties are ours: the customer pays none"), Example("DDP")]
    ioss_number: Annotated[str | None, Note("for the EU up to 150 EUR, where the shop has one")]
    dispatched_at: Timestamp | None
    time_zone: Annotated[str, Note("of the warehouse"), Example("Asia/Shanghai")]
    boxes: Annotated[list[BoxPapersView], Note("where it left in several parcels, and it was said what is in each")]


class PapersList(TypedDict):
    items: list[PapersView]


class PickedBoxView(TypedDict):
    shipment_number: str
    pieces: int


class PickRowView(TypedDict):
    """What to take from one shelf, and for which boxes."""

    shelf: str | None
    sku: str
    title: str
    pieces: int
    boxes: list[PickedBoxView]


class PickListView(TypedDict):
    """What to pick, in the order of the shelves; `on_hold` shipments are not in it."""

    rows: list[PickRowView]
    pieces: int
    shipments: Annotated[list[str], Note("the next dispatch first")]
    on_hold: int
    more: Annotated[bool, Note(f"more than {MOST_TO_PICK} shipments wait; the rest comes with the next list")]
    time_zone: Annotated[str, Note("of the warehouse"), Example("Asia/Shanghai")]


PRINTED = (ShipmentNotFound, ShipmentOnHold, WrongShipmentStatus)


class Papers(Api):
    """Pick lists, packing slips, labels and customs forms."""

    @query(roles=(WAREHOUSE, LEAD), errors=(StockPlaceUnknown,))
    def get_pick_list(self, of: PickListOf) -> PickListView:
        """List what to take from which shelf for the shipments that are to be packed."""

    @query(roles=(WAREHOUSE, LEAD), errors=PRINTED, personal=True)
    def get_papers(self, number: str, of: PapersOf) -> PapersView:
        """Tell what the papers of a shipment say, which forms customs wants, and which facts are missing.

        409 `shipment_on_hold` while nothing may leave, 409 `wrong_shipment_status` for what was recalled.
        """

    @query(roles=(WAREHOUSE, LEAD), errors=PRINTED, personal=True)
    def list_papers(self, of: PapersOfMany) -> PapersList:
        """Tell the same of many shipments, in the order in which they are named."""

    @command(
        roles=(WAREHOUSE,),
        errors=(ShipmentNotFound, WrongShipmentStatus, LighterThanGoods, VersionMoved),
        personal=True,
    )
    def weigh_shipment(self, number: str, weighing: WeighShipment) -> ShipmentView:
        """Record what the closed box weighs; customs is told. A change of what is in it takes the weight back.

        Another weight than before gives back a label that was bought for it.
        409 `wrong_shipment_status` unless it is being packed or packed, 409 `lighter_than_goods`.
        """
