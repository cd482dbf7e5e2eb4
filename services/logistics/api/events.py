"""The facts that logistics publishes. All carry the order's number; the subject is the shipment.

What the customer may see on the order's timeline is public; an example of each is in `contracts/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.common.basics.events import Event
from services.common.basics.personal import PersonalText
from services.logistics.api.cost_events import InvoiceRowDecided as InvoiceRowDecided
from services.logistics.api.cost_events import InvoiceUploaded as InvoiceUploaded
from services.logistics.api.cost_events import LandedCostAccrued as LandedCostAccrued
from services.logistics.api.cost_events import LandedCostMoved as LandedCostMoved
from services.logistics.api.label_events import LabelMoved as LabelMoved
from services.logistics.api.parts import Eta, HandedOn, HandedOver, PickUp, Promise, Rest, ShipmentLine
from services.logistics.api.shipment_event import ShipmentEvent as ShipmentEvent
from services.logistics.api.statuses import Cause, Health, Missing, ParcelStatus, ShipmentStatus


@dataclass(frozen=True, kw_only=True)
class ShipmentCreated(ShipmentEvent):
    """The warehouse has work: these lines are to leave; `at` is when the review was passed."""

    at: datetime
    lines: tuple[ShipmentLine, ...]


@dataclass(frozen=True, kw_only=True)
class ShipmentSorted(ShipmentEvent):
    """The warehouse began to sort."""

    at: datetime


@dataclass(frozen=True, kw_only=True)
class ShipmentPacked(ShipmentEvent):
    """The goods are in their boxes."""

    at: datetime


@dataclass(frozen=True, kw_only=True)
class BoxPhotographed(ShipmentEvent):
    """The warehouse kept photos of the box: files that were sent, by their ids. They are kept as long as it is."""

    audience: ClassVar[str] = "internal"

    uploads: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ShipmentWeighed(ShipmentEvent):
    """The warehouse weighed the closed box, goods and packing together."""

    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False

    gross_weight_g: int


@dataclass(frozen=True, kw_only=True)
class ShipmentDispatched(ShipmentEvent):
    """The last parcel was handed to its carrier; `promise` is the delivery window, which is never changed.

    `dispatched_at` is the hand-over as the warehouse says, `recorded_at` when it said so. rest: what it held before and
    is not in it any more. zone: that of the place it goes to, in which the promised days begin and end.
    """

    dispatched_at: datetime
    parcels: tuple[HandedOver, ...]
    promise: Promise
    recorded_at: datetime | None = None
    zone: str | None = None
    rest: Rest | None = None


@dataclass(frozen=True, kw_only=True)
class ShipmentAdjusted(ShipmentEvent):
    """The customer agreed to a change: these lines are to be sent now, `redirected` to another address than before.

    What was packed is opened for it.
    """

    audience: ClassVar[str] = "internal"

    lines: tuple[ShipmentLine, ...]
    redirected: bool


@dataclass(frozen=True, kw_only=True)
class ShipmentRecalled(ShipmentEvent):
    """It will not leave the warehouse."""


@dataclass(frozen=True, kw_only=True)
class ShipmentClosed(ShipmentEvent):
    """It is not awaited any more: its parcels did not arrive, and the customer decided what is done instead."""

    closed_at: datetime


@dataclass(frozen=True, kw_only=True)
class RecallRefused(ShipmentEvent):
    """It has left already; `cause` is what asked for it back: a cancellation or a change."""

    audience: ClassVar[str] = "internal"

    reason: str
    cause: Cause


@dataclass(frozen=True, kw_only=True)
class EditCleared(ShipmentEvent):
    """The customer's own edit can be done: nothing is packed, and the order waits here until it is done."""

    audience: ClassVar[str] = "internal"

    change_id: str


@dataclass(frozen=True, kw_only=True)
class EditRefused(ShipmentEvent):
    """The customer's own edit came too late: the shipment is packed, dispatched or recalled, as `status` says."""

    audience: ClassVar[str] = "internal"

    change_id: str
    status: ShipmentStatus


@dataclass(frozen=True, kw_only=True)
class ParcelEvent(ShipmentEvent):
    """The base: something about one parcel."""

    parcel_id: str
    carrier: str
    tracking_number: str


@dataclass(frozen=True, kw_only=True)
class ParcelNotArriving(ParcelEvent):
    """A parcel will not arrive, since the time and for the reason that are given; once for each reason.

    parcels: all parcels of the shipment that do not arrive. lines: what is in them; empty where a person has to say,
    because other parcels of the shipment arrive and it was not noted which box holds what.
    """

    parcels: tuple[str, ...]
    reason: Missing
    since: datetime
    lines: tuple[ShipmentLine, ...]


@dataclass(frozen=True, kw_only=True)
class ParcelTurnedUp(ParcelEvent):
    """A parcel of which it was said that it does not arrive has turned up; `reason` is what was said."""

    reason: Missing
    status: ParcelStatus


@dataclass(frozen=True, kw_only=True)
class TrackingUpdated(ParcelEvent):
    """The newest scan of a parcel. A change of status where the two differ, else a sign of life elsewhere.

    Scans only ever go forward in the carrier's time: a late report of an older one is kept, and told only when it
    changes the status. `time_zone` is the scan's; `taken_back` counts the deliveries told before that did not hold.
    `pick_up` is where it waits, when it does and that is known.
    """

    status: ParcelStatus
    previous_status: ParcelStatus
    occurred_at: datetime
    local_time: str
    location: PersonalText | None
    message: PersonalText
    health: Health
    time_zone: str | None = None
    taken_back: int = 0
    pick_up: PickUp | None = None


@dataclass(frozen=True, kw_only=True)
class ParcelFactsTold(ParcelEvent):
    """A carrier told something of a parcel beside its scans; `news` names what is new, the rest is what holds.

    eta, first_eta: when the carrier expects to deliver it, and when it first did; our own promise is not changed by it.
    A place to pick it up is news at most a few times, and holds while it waits there.
    """

    news: tuple[str, ...]
    eta: Eta | None = None
    first_eta: Eta | None = None
    pick_up: PickUp | None = None
    received_by: PersonalText | None = None
    signature_url: PersonalText | None = None
    photo_url: PersonalText | None = None
    handed_on: HandedOn | None = None
    taken_back: int = 0


@dataclass(frozen=True, kw_only=True)
class ParcelDelivered(ParcelEvent):
    """The carrier says it is delivered; `taken_back`: how often that was told before and did not hold."""

    delivered_at: datetime
    taken_back: int = 0


@dataclass(frozen=True, kw_only=True)
class DeliveryTakenBack(ParcelEvent):
    """The delivery at `delivered_at` was told and is none: neither the parcel nor its shipment is delivered.

    status is the parcel's now. Followers that count from the delivery count from the next `shipment_delivered` instead.
    """

    delivered_at: datetime
    status: ParcelStatus
    why: PersonalText


@dataclass(frozen=True, kw_only=True)
class ShipmentDelivered(ShipmentEvent):
    """Its last parcel is delivered. Country and zone are the destination's: the return window counts its days."""

    delivered_at: datetime
    country: str
    time_zone: str


@dataclass(frozen=True, kw_only=True)
class ParcelException(ParcelEvent):
    """A parcel needs a person: `reason` is late, lost, returning, returned or what the carrier names."""

    status: ParcelStatus
    reason: str


@dataclass(frozen=True, kw_only=True)
class ParcelStuck(ParcelEvent):
    """There was no news of a parcel for too long; `last_event_at` is None if there never was any."""

    audience: ClassVar[str] = "internal"

    last_event_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class HandOverDoubted(ShipmentEvent):
    """The first scan does not fit the hand-over that the warehouse stated: it is much earlier, or days later."""

    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False

    handed_over_at: datetime
    first_scan_at: datetime


@dataclass(frozen=True, kw_only=True)
class HandOverCorrected(ShipmentEvent):
    """The hand-over was at another time than was told: a carrier's scans prove it, or a person corrected it.

    `promise` is the delivery window that holds since; it ends no later than the one before.
    """

    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False

    handed_over_at: datetime
    previous_at: datetime
    promise: Promise
    reason: str


@dataclass(frozen=True, kw_only=True)
class ParcelCorrected(ParcelEvent):
    """A person corrected the carrier or number of a parcel."""

    audience: ClassVar[str] = "internal"

    previous_carrier: str
    previous_tracking_number: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class DeliveryRecorded(ParcelEvent):
    """A person recorded that a parcel was delivered, with evidence; `parcel_delivered` follows."""

    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False

    delivered_at: datetime
    evidence: PersonalText


@dataclass(frozen=True, kw_only=True)
class DeliveryDenied(ParcelEvent):
    """A person recorded, with evidence, that the delivery at `delivered_at` is none; `delivery_taken_back` follows."""

    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False

    delivered_at: datetime
    evidence: PersonalText


@dataclass(frozen=True, kw_only=True)
class ScansDismissed(Event):
    """A person said that what is scanned under a number is no parcel of ours; what waited is the subject."""

    source: ClassVar[str] = "logistics"
    subject_field: ClassVar[str] = "unmatched_id"
    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False

    unmatched_id: str
    carrier: str
    tracking_number: str
    by: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class WebhooksReread(Event):
    """A person had carriers' webhooks read again, with what we know of their codes by now."""

    source: ClassVar[str] = "logistics"
    subject_field: ClassVar[str] = "reading_id"
    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False

    reading_id: str
    webhooks: int
    carrier: str | None = None
    tracking_number: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ScansUploaded(Event):
    """A person uploaded scans of carriers that tell us nothing by themselves."""

    source: ClassVar[str] = "logistics"
    subject_field: ClassVar[str] = "upload_id"
    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False

    upload_id: str
    rows: int
    added: int
    refused: int


@dataclass(frozen=True, kw_only=True)
class ScansAttached(ParcelEvent):
    """A person said that what is scanned under another number, or by another carrier, is this parcel."""

    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False

    scanned_carrier: str
    scanned_number: str
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class ShipmentsErased(Event):
    """Whom the shipments of an order went to is not known here any more."""

    source: ClassVar[str] = "logistics"

    order_number: str
    request_id: str


@dataclass(frozen=True, kw_only=True)
class WareSaved(Event):
    """The warehouse said where a product lies, and which GTIN is printed on it."""

    source: ClassVar[str] = "logistics"
    subject_field: ClassVar[str] = "sku"
    followed: ClassVar[bool] = False

    sku: str
    shelf: str | None
    gtin: str | None
    ware_version: int
