"""Where an order's parcels are, as their carriers tell it, and the window in which they are promised (section 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from services.common.basics import ids
from services.common.basics.api import ANYONE, SIGNATURE, Api, OrderNotFound, command, query
from services.common.basics.caller import AGENT, ANY_STAFF, CUSTOMER, LEAD, WAREHOUSE
from services.common.basics.shapes import Country, Example, Line, Note, Page, PageQuery
from services.logistics.api.refusals import (
    AlreadyDismissed,
    BadSignature,
    BodyTooLarge,
    InTestMode,
    MalformedWebhook,
    ParcelNotFound,
    UnknownCarrier,
    UnmatchedNotFound,
    UnmatchedSettled,
)
from services.logistics.api.replies import (
    CarrierReceipt,
    DeliveryEstimate,
    FlawView,
    ShipmentView,
    TrackingView,
    UnmatchedView,
)
from services.logistics.api.statuses import FlawKind


@dataclass(frozen=True)
class ListFlaws(PageQuery):
    """Without anything to look for: all of them."""

    carrier: Annotated[str, Line(40), Note("in any spelling"), Example("easypost")] | None = None
    kind: FlawKind | None = None


@dataclass(frozen=True)
class AttachScans:
    """Whose the scans are, and how we know."""

    parcel_id: Annotated[str, Line(24), Example(f"{ids.number(ids.SHIPMENT, 0)}-01")]
    reason: Annotated[str, Line(500, 3), Example("the carrier gave it a number of its own")] | None = None


@dataclass(frozen=True)
class ListUnmatched(PageQuery):
    """Those that wait for their parcel, or those that a person dismissed."""

    dismissed: bool = False


@dataclass(frozen=True)
class DismissScans:
    """How we know that they are not about a parcel of ours."""

    reason: Annotated[str, Line(500, 3), Example("another shop's parcel; the carrier mixed up the accounts")]


@dataclass(frozen=True)
class EstimateDelivery:
    """Where it would go. What is left out of the address is not counted with: its country's calendar holds."""

    country: Country
    review_by: Annotated[datetime, Note("when the review would end at the latest"), Example("2026-03-02T15:59:59Z")]
    region: Annotated[str, Line(120, min=0)] = ""
    postal_code: Annotated[str, Line(20, min=0)] = ""
    city: Annotated[str, Line(120, min=0)] = ""


class Tracking(Api):
    """Where an order's parcels are."""

    @query(roles=(ANYONE,))
    def estimate_delivery(self, wanted: EstimateDelivery) -> DeliveryEstimate:
        """Tell by when what is paid now would leave and arrive, as it would be promised."""

    @query(roles=(CUSTOMER, *ANY_STAFF), errors=(OrderNotFound,), personal=True)
    def get_tracking(self, order_number: str) -> TrackingView:
        """Tell where an order's parcels are."""

    @command(roles=(SIGNATURE,), errors=(BadSignature, UnknownCarrier, MalformedWebhook, BodyTooLarge, InTestMode))
    def receive_carrier_webhook(self, carrier: str, headers: Mapping[str, str], raw_base64: str) -> CarrierReceipt:
        """Receive tracking events from a carrier.

        Forged or unsigned: 403 `bad_signature`. Known already: 200 with `duplicate`. A scan that cannot be read costs
        that scan; the others count. In production the carrier's test mode is refused: 403 `test_mode`.
        """

    @query(roles=(WAREHOUSE, AGENT, LEAD))
    def list_flaws(self, query: ListFlaws) -> Page[FlawView]:
        """List what carriers sent or answered that could not be taken as it is, the latest first.

        Parts that cannot be read, codes that we do not know, requests that were refused, numbers that a carrier could
        not look up, calls that it did not answer; each once, with how often it came. Kept for 90 days.
        """

    @query(roles=(WAREHOUSE, AGENT, LEAD))
    def list_unmatched(self, query: ListUnmatched) -> Page[UnmatchedView]:
        """List the numbers that carriers scan and that are no parcel's, the longest waiting first."""

    @command(
        roles=(WAREHOUSE, AGENT, LEAD), errors=(UnmatchedNotFound, UnmatchedSettled, ParcelNotFound), personal=True
    )
    def attach_unmatched(self, unmatched_id: str, attachment: AttachScans) -> ShipmentView:
        """Say whose parcel is scanned under such a number.

        What was and will be scanned under it is that parcel's. 409 `already_matched` when it was matched before, or the
        number was found to be a parcel's. Scans that were dismissed can be attached.
        """

    @command(roles=(WAREHOUSE, AGENT, LEAD), errors=(UnmatchedNotFound, UnmatchedSettled, AlreadyDismissed))
    def dismiss_unmatched(self, unmatched_id: str, dismissal: DismissScans) -> UnmatchedView:
        """Say that what is scanned under such a number is no parcel of ours, with the reason.

        It leaves the list, and later scans of the number do not bring it back; a parcel that gets the number has its
        scans all the same. 409 `already_matched` when it has a parcel, 409 `already_dismissed` the second time.
        """
