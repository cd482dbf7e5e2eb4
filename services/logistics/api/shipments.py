"""The warehouse: what must leave and until when, and the steps on the way out (standard, sections 2 and 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from services.common.basics.api import Api, command, query
from services.common.basics.caller import AGENT, LEAD, WAREHOUSE
from services.common.basics.shapes import Between, Example, Length, Line, Note, OrderNumber, Page, PageQuery, Wrong
from services.logistics.api.parts import carrier_code
from services.logistics.api.refusals import ShipmentNotFound, ShipmentOnHold, TrackingNumberTaken, WrongShipmentStatus
from services.logistics.api.replies import ShipmentView
from services.logistics.api.statuses import ShipmentStatus


@dataclass(frozen=True)
class ListShipments(PageQuery):
    """Without a status or an order: what is still in the warehouse."""

    status: ShipmentStatus | None = None
    order_number: OrderNumber | None = None


@dataclass(frozen=True)
class Step:
    """Nothing needs to be said."""


@dataclass(frozen=True)
class ParcelGiven:
    """A parcel as it is handed over."""

    carrier: Annotated[str, Line(40), Note("in any spelling"), Example("fedex")]
    tracking_number: Annotated[str, Line(64), Example("794644790138")]
    weight_g: Annotated[int, Between(1, 1_000_000)] | None = None


@dataclass(frozen=True)
class MarkDispatched:
    """All parcels of the shipment, when the last one is handed over."""

    parcels: Annotated[tuple[ParcelGiven, ...], Length(1, 50)]

    def __post_init__(self) -> None:
        keys = [(carrier_code(parcel.carrier), parcel.tracking_number) for parcel in self.parcels]
        if any(not carrier for carrier, _ in keys):
            raise Wrong({"parcels": "A carrier's name has letters or digits."})
        if len({*keys}) != len(keys):
            raise Wrong({"parcels": "Two parcels have the same tracking number."})


class Shipments(Api):
    """Sorting, packing and handing over within 3 working days of the review."""

    @query(roles=(WAREHOUSE, AGENT, LEAD))
    def list_shipments(self, query: ListShipments) -> Page[ShipmentView]:
        """List shipments by the time at which they must have left."""

    @query(roles=(WAREHOUSE, AGENT, LEAD), errors=(ShipmentNotFound,))
    def get_shipment(self, number: str) -> ShipmentView:
        """Show a shipment."""

    @command(roles=(WAREHOUSE,), errors=(ShipmentNotFound, WrongShipmentStatus))
    def mark_sorted(self, number: str, step: Step) -> ShipmentView:
        """Begin to sort.

        409 `wrong_shipment_status` unless it is queued.
        """

    @command(roles=(WAREHOUSE,), errors=(ShipmentNotFound, WrongShipmentStatus))
    def mark_packed(self, number: str, step: Step) -> ShipmentView:
        """Say that the goods are in their boxes.

        409 `wrong_shipment_status` unless it is being sorted.
        """

    @command(roles=(WAREHOUSE,), errors=(ShipmentNotFound, WrongShipmentStatus, ShipmentOnHold, TrackingNumberTaken))
    def mark_dispatched(self, number: str, handed_over: MarkDispatched) -> ShipmentView:
        """Say that all parcels are handed to their carriers, the last one now.

        The delivery window is fixed with it. 409 `wrong_shipment_status` unless it is packed, 409 `shipment_on_hold`
        while a change awaits the customer's answer, 409 `tracking_number_taken`.
        """
