"""How logistics shows shipments and tracking: JSON, typed."""

from __future__ import annotations

from typing import Annotated, TypedDict

from services.common.basics.shapes import CommitmentView, Example, Format, MoneyView, Note, Timestamp
from services.logistics.api.statuses import FlawKind, Health, Missing, ParcelStatus, ShipmentStatus


class PromiseView(TypedDict):
    """The delivery window of 6 to 12 working days of the destination; fixed at dispatch, and never ends later."""

    earliest_at: Timestamp
    due_at: Timestamp
    calendar: Annotated[str, Example("DE-BY")]
    calendar_version: str
    provisional: Annotated[bool, Note("true past the horizon of that calendar's data")]


class DeliveryEstimate(TypedDict):
    """By when what is paid now would leave us, and between when it would arrive, if each promise is just kept."""

    leaves_by: Timestamp
    leaves_zone: Annotated[str, Note("in whose days it leaves"), Example("Asia/Shanghai")]
    earliest_at: Timestamp
    due_at: Timestamp
    calendar: Annotated[str, Note("whose working days the way takes"), Example("DE-BY")]
    time_zone: Annotated[str, Note("in whose days"), Example("Europe/Berlin")]
    provisional: Annotated[bool, Note("true past the horizon of that calendar's data")]


Day = Annotated[str, Format("date"), Example("2026-03-11")]


class CarrierEtaView(TypedDict):
    """When the carrier itself expects to deliver, on one day or in some; it changes nothing of what we promise."""

    first: Day
    last: Day
    said_at: Annotated[Timestamp, Note("when the carrier said so")] | None
    first_said: Annotated[list[Day], Note("what it expected at first, as [first, last]; empty if the same")]


class PickUpView(TypedDict):
    """Where a parcel waits for its customer, as far as the carrier says it."""

    name: Annotated[str, Example("Kiosk Schmidt")] | None
    address: Annotated[str, Example("Valentinskamp 88, 20355 Hamburg")] | None
    hours: Annotated[str, Example("Mo-Sa 8-20")] | None
    note: str | None
    until: Annotated[Day, Note("the last day it is kept")] | None


class HandedOnView(TypedDict):
    """Who has a parcel for the last part of the way."""

    carrier_name: str | None
    tracking_number: str | None
    tracking_url: Annotated[str, Note("that carrier's own page for it")] | None


class PositionView(TypedDict):
    latitude: float
    longitude: float
    at: Timestamp


class AttemptView(TypedDict):
    """A delivery that was tried and failed."""

    at: Timestamp
    local_time: Annotated[str, Example("2026-03-09T15:00:00-06:00")]
    reason: str | None


class ParcelFactsView(TypedDict):
    """What carriers tell of a parcel beside its scans. A place holds while it waits there, a receiver once it is there.

    Links lead to the carrier's pictures, which it may remove.
    """

    carrier_eta: CarrierEtaView | None
    pick_up: PickUpView | None
    received_by: Annotated[str, Note("who took it, as the carrier wrote it down")] | None
    signature_url: str | None
    photo_url: str | None
    handed_on: HandedOnView | None
    position: PositionView | None
    attempts: list[AttemptView]


class PackedLineView(TypedDict):
    """So many pieces of a line of the shipment."""

    line_id: int
    sku: str
    title: str
    quantity: int


class ParcelView(TypedDict):
    """One box, where its carrier's scans say it is, and how it is doing against the promise."""

    id: str
    carrier: str
    tracking_number: str
    weight_g: int | None
    status: ParcelStatus
    health: Health
    last_event_at: Timestamp | None
    delivered_at: Timestamp | None
    reopened_at: Annotated[Timestamp, Note("when a later scan took a delivery back")] | None
    missing: Annotated[Missing, Note("why it will not arrive")] | None
    closed_at: Annotated[Timestamp, Note("since when nobody waits for it, as the customer decided")] | None
    facts: ParcelFactsView
    lines: Annotated[list[PackedLineView], Note("what is in it, where that is known")] | None


class UsualView(TypedDict):
    """How long our parcels took from the same place to the same country with this carrier, when this one left."""

    days_half: Annotated[int, Note("half of them took at most so many whole days")]
    days_most: Annotated[int, Note("nine of ten took at most so many")]
    deliveries: Annotated[int, Note("of so many, the latest of a year"), Example(120)]
    counts: Annotated[bool, Note("whether these are enough to call a parcel at risk that takes longer")]


class SentParcelView(ParcelView):
    """A parcel as staff see it: what is usual is told to no customer, and judged by here."""

    usual: Annotated[UsualView, Note("null while none has arrived")] | None


class ShipmentLineView(TypedDict):
    line_id: int
    sku: str
    title: str
    quantity: int
    weight_g: int
    hs_code: str | None
    origin_country: str | None
    unit_price: MoneyView


class DestinationView(TypedDict, total=False):
    """The address as the customer wrote it, with its time zone."""

    name: str | None
    line1: str | None
    company: str | None
    line2: str | None
    city: str | None
    region: str | None
    postal_code: str | None
    country: str | None
    time_zone: str


class WarningView(TypedDict):
    """Something that a person should look at; nothing was refused because of it."""

    code: Annotated[str, Example("carrier_without_adapter")]
    parcel_id: str | None
    detail: str


class ShipmentView(TypedDict):
    """What leaves together for one order; what the customer is charged for it is 0.00, always."""

    number: str
    order_number: str
    status: ShipmentStatus
    place: Annotated[str, Note("the stock place that it leaves from"), Example("main")]
    on_hold: Annotated[bool, Note("it is kept here, as a change waits or staff want it; nothing leaves meanwhile")]
    review_passed_at: Timestamp
    dispatch_due_at: Timestamp
    sorted_at: Timestamp | None
    packed_at: Timestamp | None
    dispatched_at: Annotated[Timestamp, Note("the hand-over: as stated, or earlier where the scans prove it")] | None
    stated_at: Annotated[Timestamp, Note("the hand-over as the warehouse stated it")] | None
    recalled_at: Timestamp | None
    delivered_at: Timestamp | None
    closed_at: Annotated[Timestamp, Note("since when nobody waits for it: it did not arrive")] | None
    promise: PromiseView | None
    health: Health | None
    lines: list[ShipmentLineView]
    destination: DestinationView
    customer_charged: MoneyView
    parcels: list[SentParcelView]
    photos: Annotated[list[str], Note("of the box, for staff: files that were sent, `/v1/uploads/…`")]
    first_scan_at: Annotated[Timestamp, Note("when a carrier first had a parcel of it in hands")] | None
    gross_weight_g: Annotated[int | None, Note("of the closed box, as the warehouse weighed it")]
    version: Annotated[int, Note("for If-Match; what is scanned counts too")]
    warnings: list[WarningView]


class ScanView(TypedDict):
    """One scan; `status` is null where the carrier's code means nothing to us, and nothing changed."""

    status: ParcelStatus | None
    reason: Annotated[str, Note("what the carrier gives as the reason")] | None
    message: str
    occurred_at: Timestamp
    local_time: Annotated[str, Example("2026-03-10T15:20:00-06:00"), Note("as clocks showed it there, with the offset")]
    time_zone: Annotated[str, Note('of that place; "UTC" where the carrier does not say where it was')] | None
    location: str | None
    carrier_code: str


class TrackedParcelView(ParcelView):
    """A parcel with all its scans, oldest first, and who really carries it."""

    carrier_name: Annotated[str, Note("as the carrier calls itself"), Example("USPS")]
    tracking_url: Annotated[str, Note("the carrier's own page for this parcel")] | None
    events: list[ScanView]


class TrackedShipmentView(TypedDict):
    number: str
    status: ShipmentStatus
    health: Health | None
    dispatch_due_at: Timestamp
    dispatched_at: Timestamp | None
    delivered_at: Timestamp | None
    closed_at: Annotated[Timestamp, Note("since when nobody waits for it: it did not arrive")] | None
    promise: PromiseView | None
    parcels: list[TrackedParcelView]
    lines: Annotated[list[PackedLineView], Note("what it brings; an order may leave in several shipments")]


class TrackingView(TypedDict):
    """The shipments of an order; none before its review is passed."""

    order_number: str
    shipments: list[TrackedShipmentView]
    commitments: Annotated[list[CommitmentView], Note("the clocks of dispatch and delivery")]


class DismissalView(TypedDict):
    """Who said that scans are not about a parcel of ours, and why."""

    by: str
    at: Timestamp
    reason: str


class UnmatchedView(TypedDict):
    """A number that a carrier scans and that is no parcel's, with its newest scan."""

    id: str
    tracking_number: str
    carrier: str
    source: str
    status: ParcelStatus | None
    message: str
    location: str | None
    occurred_at: Timestamp
    received_at: Timestamp
    dismissed: DismissalView | None


class FlawView(TypedDict):
    """Something that a carrier sent or answered that could not be taken as it is, and how often it came."""

    id: str
    carrier: Annotated[str, Example("easypost")]
    kind: FlawKind
    tracking_number: str | None
    detail: Annotated[str, Example("datetime is not a time with a zone")]
    part: Annotated[str, Note("what was sent, or its begin; as JSON")] | None
    times: int
    first_at: Timestamp
    last_at: Timestamp


class CarrierReceipt(TypedDict):
    """What was received counts once, however often it is sent; `events`: the scans that were new."""

    accepted: bool
    duplicate: bool
    events: int
