"""The warehouse: what must leave and until when, and the steps on the way out (standard, sections 2 and 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar

from services.common.basics.api import Api, command, query
from services.common.basics.caller import AGENT, LEAD, WAREHOUSE
from services.common.basics.rules import Ruled, Some
from services.common.basics.shapes import (
    Between,
    Example,
    Length,
    Line,
    Note,
    OrderNumber,
    Page,
    PageQuery,
    PlaceCode,
    Seen,
    Text,
    Wrong,
)
from services.common.basics.states import VersionMoved
from services.logistics.api.parts import carrier_code, fold_number
from services.logistics.api.refusals import (
    AlreadyDelivered,
    ImpossibleTime,
    LabelNotUsed,
    LeavesWhole,
    NoLabel,
    NotDelivered,
    NothingFollows,
    NotInShipment,
    ParcelNotFound,
    PartOfShipment,
    ShipmentNotFound,
    ShipmentOnHold,
    TrackingNumberTaken,
    WrongShipmentStatus,
)
from services.logistics.api.replies import ShipmentView
from services.logistics.api.statuses import Health, ShipmentStatus

ShipmentVersion = Annotated[int, Between(0, 2**31 - 1), Seen(), Note("refuse if it is another one; or send If-Match")]


NUMBERS_HAVE = "A tracking number has letters or digits."


@dataclass(frozen=True)
class ListShipments(PageQuery):
    """Without anything to look for: what is still in the warehouse, of all places or of one."""

    status: ShipmentStatus | None = None
    order_number: OrderNumber | None = None
    q: Annotated[str, Line(100), Note("number of order, shipment or parcel, or how words of a name begin")] | None = (
        None
    )
    health: Annotated[Health, Note("of its worst parcel")] | None = None
    carrier: Annotated[str, Line(40), Note("in any spelling, by any of its names")] | None = None
    due_before: Annotated[datetime, Note("what must leave, or arrive, before then and has not")] | None = None
    place: Annotated[PlaceCode, Note("that it leaves from")] | None = None
    doubted: Annotated[bool, Note("true: those whose scans do not fit the stated hand-over")] | None = None

    @property
    def looks_everywhere(self) -> bool:
        """Whether it looks beyond the warehouse."""
        asked = (self.status, self.order_number, self.q, self.health, self.carrier, self.due_before)
        return any(asked) or self.doubted is not None


@dataclass(frozen=True)
class Step:
    """Nothing needs to be said."""

    version: ShipmentVersion | None = None


@dataclass(frozen=True)
class PackedGiven:
    """So many pieces of a line of the shipment."""

    line_id: Annotated[int, Between(1, 100_000), Note("as the shipment's lines name it")]
    quantity: Annotated[int, Between(1, 100_000)]


@dataclass(frozen=True)
class ParcelGiven:
    """A parcel as it is handed over."""

    carrier: Annotated[str, Line(40), Note("in any spelling"), Example("fedex")]
    tracking_number: Annotated[str, Line(64), Example("794644790138")]
    weight_g: Annotated[int, Between(1, 1_000_000)] | None = None
    lines: (
        Annotated[tuple[PackedGiven, ...], Length(1, 100), Note("what is in it; said of each parcel, or of none")]
        | None
    ) = None


@dataclass(frozen=True)
class MarkDispatched:
    """All parcels of the shipment, when the last one is handed over; none named: the one under the bought label."""

    examples: ClassVar[Mapping[str, object]] = {
        "typed": {"parcels": [{"carrier": "easypost", "tracking_number": "EZ1000000001"}]},
    }

    parcels: Annotated[tuple[ParcelGiven, ...], Length(1, 50)] | None = None
    handed_over_at: Annotated[datetime, Note("when the last one was handed over, if not just now")] | None = None
    rest_follows: (
        Annotated[bool, Note("true: what is in none of the parcels is the order's next shipment; say what is in them")]
        | None
    ) = None
    version: ShipmentVersion | None = None

    def __post_init__(self) -> None:
        keys = [(carrier_code(parcel.carrier), fold_number(parcel.tracking_number)) for parcel in self.parcels or ()]
        if any(not carrier for carrier, _ in keys):
            raise Wrong({"parcels": "A carrier's name has letters or digits."})
        if not all(number.isascii() and number.isalnum() for _, number in keys):
            raise Wrong({"parcels": NUMBERS_HAVE})
        if len({*keys}) != len(keys):
            raise Wrong({"parcels": "Two parcels have the same tracking number."})
        said = [[each.line_id for each in parcel.lines] for parcel in self.parcels or () if parcel.lines is not None]
        if said and len(said) < len(self.parcels or ()):
            raise Wrong({"parcels": "Say of each parcel what is in it, or of none."})
        if self.rest_follows and not said:
            raise Wrong({"parcels": "Say what is in the parcels: what is in none of them follows."})
        if any(len({*lines}) < len(lines) for lines in said):
            raise Wrong({"parcels": "A parcel names each line once."})


@dataclass(frozen=True)
class CorrectHandOver:
    """When the last parcel was truly handed over, and how we know."""

    handed_over_at: Annotated[datetime, Example("2026-03-06T17:30:00Z")]
    reason: Annotated[str, Line(500, 3), Example("the van left on Friday; the list was typed in on Monday")]
    version: ShipmentVersion | None = None


@dataclass(frozen=True)
class CorrectParcel(Ruled):
    """What is right, and why it was wrong."""

    examples: ClassVar[Mapping[str, object]] = {
        "a number": {"tracking_number": "794644790138", "reason": "two digits were swapped on the list"},
    }

    reason: Annotated[str, Line(500, 3), Example("two digits were swapped on the list")]
    carrier: Annotated[str, Line(40), Note("in any spelling"), Example("fedex")] | None = None
    tracking_number: Annotated[str, Line(64), Example("794644790138")] | None = None
    version: ShipmentVersion | None = None

    rules = (Some(("carrier", "tracking_number"), "Say which carrier or number is right."),)

    def __post_init__(self) -> None:
        super().__post_init__()
        number = fold_number(self.tracking_number or "1")
        if not (number.isascii() and number.isalnum()):
            raise Wrong({"tracking_number": NUMBERS_HAVE})
        if self.carrier is not None and not carrier_code(self.carrier):
            raise Wrong({"carrier": "A carrier's name has letters or digits."})


@dataclass(frozen=True)
class RecordDelivery:
    """A delivery that no carrier tells us of, and how we know of it."""

    delivered_at: Annotated[datetime, Example("2026-03-12T15:20:00Z")]
    evidence: Annotated[str, Text(2000, 10), Example("Signed for by A. Lovelace; the carrier's letter of 13 March.")]
    version: ShipmentVersion | None = None


@dataclass(frozen=True)
class DenyDelivery:
    """How we know that a parcel is not where it was said to be."""

    evidence: Annotated[str, Text(2000, 10), Example("The customer has nothing, and the photo shows another house.")]
    version: ShipmentVersion | None = None


OF_A_PARCEL = (ShipmentNotFound, ParcelNotFound, WrongShipmentStatus, VersionMoved)


class Shipments(Api):
    """Sorting, packing and handing over within 3 working days of the review."""

    @query(roles=(WAREHOUSE, AGENT, LEAD), personal=True)
    def list_shipments(self, query: ListShipments) -> Page[ShipmentView]:
        """List shipments by the time at which they must have left."""

    @query(roles=(WAREHOUSE, AGENT, LEAD), errors=(ShipmentNotFound,), personal=True)
    def get_shipment(self, number: str) -> ShipmentView:
        """Show a shipment."""

    @command(roles=(WAREHOUSE,), errors=(ShipmentNotFound, WrongShipmentStatus, VersionMoved), personal=True)
    def mark_sorted(self, number: str, step: Step) -> ShipmentView:
        """Begin to sort.

        409 `wrong_shipment_status` unless it is queued.
        """

    @command(roles=(WAREHOUSE,), errors=(ShipmentNotFound, WrongShipmentStatus, VersionMoved), personal=True)
    def mark_packed(self, number: str, step: Step) -> ShipmentView:
        """Say that the goods are in their boxes.

        409 `wrong_shipment_status` unless it is being sorted.
        """

    @command(
        roles=(WAREHOUSE,),
        errors=(
            ShipmentNotFound,
            WrongShipmentStatus,
            ShipmentOnHold,
            TrackingNumberTaken,
            VersionMoved,
            ImpossibleTime,
            NoLabel,
            LabelNotUsed,
            NotInShipment,
            PartOfShipment,
            NothingFollows,
            LeavesWhole,
        ),
        personal=True,
    )
    def mark_dispatched(self, number: str, handed_over: MarkDispatched) -> ShipmentView:
        """Say that all parcels are handed to their carriers, the last one now or at `handed_over_at`.

        The delivery window is fixed with it. `warnings` in the reply name parcels of which we get no news by
        ourselves. 422 `impossible_time` for a hand-over before the review or in the future. 409 `wrong_shipment_status`
        unless it is packed, 409 `shipment_on_hold` while a change awaits the customer's answer, 409
        `tracking_number_taken`. Without parcels it leaves under the label that was bought for it, 422 `no_label` if
        there is none. 409 `label_not_used` unless a bought label is among the parcels, and for one that was given back.
        Where it is said what is in the parcels, it is said of all pieces: 422 `not_in_shipment`, `part_of_shipment`.
        With `rest_follows` the other pieces are the order's next shipment, which must leave when this one had to: 422
        `nothing_follows` if there are none, 409 `leaves_whole` for what is sent again or in exchange, 409
        `label_not_used` while a label is bought: it is for all pieces.
        """

    @command(
        roles=(WAREHOUSE, LEAD),
        errors=(ShipmentNotFound, WrongShipmentStatus, VersionMoved, ImpossibleTime),
        personal=True,
    )
    def correct_hand_over(self, number: str, correction: CorrectHandOver) -> ShipmentView:
        """Correct when a shipment was handed over, with the reason.

        The dispatch clock is judged by it. The delivery window ends earlier by it, never later. What carriers scanned
        outweighs it. 422 `impossible_time` before the review or in the future.
        """

    @command(roles=(WAREHOUSE, LEAD), errors=(*OF_A_PARCEL, TrackingNumberTaken), personal=True)
    def correct_parcel(self, number: str, parcel_id: str, correction: CorrectParcel) -> ShipmentView:
        """Correct a parcel's tracking number or carrier, with the reason.

        It is told of under the right number from then on, and what was scanned under the wrong one is not its any more.
        """

    @command(roles=(WAREHOUSE, AGENT, LEAD), errors=(*OF_A_PARCEL, ImpossibleTime, AlreadyDelivered), personal=True)
    def record_delivery(self, number: str, parcel_id: str, delivery: RecordDelivery) -> ShipmentView:
        """Record, with evidence, that a parcel reached the customer, where no carrier tells us.

        422 `impossible_time` unless it is after the hand-over and the newest scan, and not in the future.
        """

    @command(roles=(WAREHOUSE, AGENT, LEAD), errors=(*OF_A_PARCEL, NotDelivered), personal=True)
    def deny_delivery(self, number: str, parcel_id: str, denial: DenyDelivery) -> ShipmentView:
        """Record, with evidence, that a parcel did not reach the customer, whatever was reported before.

        The delivery is taken back: clock, order and return window wait for the true one. 409 `not_delivered`.
        """
