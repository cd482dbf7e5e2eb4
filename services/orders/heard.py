"""The events of other services that orders follows, as far as it needs them.

They stand in for the declarations of their emitters (`services.<source>.api`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.common.basics.events import Event
from services.common.basics.money import Money


@dataclass(frozen=True, kw_only=True)
class ShipmentEvent(Event):
    source: ClassVar[str] = "logistics"
    subject_field: ClassVar[str] = "shipment_number"
    shipment_number: str
    order_number: str


@dataclass(frozen=True)
class ShippedLine:
    sku: str
    quantity: int


@dataclass(frozen=True)
class SentParcel:
    parcel_id: str


@dataclass(frozen=True)
class MissingLine:
    line_id: int
    sku: str
    quantity: int


@dataclass(frozen=True, kw_only=True)
class ShipmentCreated(ShipmentEvent):
    lines: tuple[ShippedLine, ...]


@dataclass(frozen=True, kw_only=True)
class ShipmentSorted(ShipmentEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class ShipmentPacked(ShipmentEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class ShipmentDispatched(ShipmentEvent):
    dispatched_at: datetime
    parcels: tuple[SentParcel, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TrackingUpdated(ShipmentEvent):
    status: str


@dataclass(frozen=True, kw_only=True)
class ShipmentDelivered(ShipmentEvent):
    delivered_at: datetime


@dataclass(frozen=True, kw_only=True)
class DeliveryTakenBack(ShipmentEvent):
    why: str


@dataclass(frozen=True, kw_only=True)
class ShipmentRecalled(ShipmentEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class RecallRefused(ShipmentEvent):
    reason: str
    cause: str


@dataclass(frozen=True, kw_only=True)
class ParcelNotArriving(ShipmentEvent):
    parcels: tuple[str, ...]
    reason: str
    lines: tuple[MissingLine, ...]


@dataclass(frozen=True, kw_only=True)
class ParcelTurnedUp(ShipmentEvent):
    parcel_id: str
    status: str


@dataclass(frozen=True, kw_only=True)
class ShipmentClosed(ShipmentEvent):
    closed_at: datetime


@dataclass(frozen=True)
class ClaimedUnit:
    line_id: int
    unit: int


@dataclass(frozen=True, kw_only=True)
class RefundClaimed(Event):
    """due_at: when the law wants it repaid at the latest, and `law` the rule, where there is one.

    cause: "return" for units, or "postage", which has none; claim counts those of a return.
    """

    source: ClassVar[str] = "aftersales"
    subject_field: ClassVar[str] = "return_number"
    return_number: str
    order_number: str
    amount: Money
    units: tuple[ClaimedUnit, ...]
    due_at: datetime | None = None
    law: str | None = None
    claim: int = 0
    cause: str = "return"


@dataclass(frozen=True)
class DisposedUnit:
    """So many pieces of a product; disposition: restock or scrap."""

    sku: str
    quantity: int
    disposition: str


@dataclass(frozen=True, kw_only=True)
class ReturnDisposed(Event):
    """What became of pieces that came back; each piece is told of once."""

    source: ClassVar[str] = "aftersales"
    subject_field: ClassVar[str] = "number"
    number: str
    order_number: str
    units: tuple[DisposedUnit, ...]


@dataclass(frozen=True, kw_only=True)
class TicketOpened(Event):
    """A conversation began; who wrote first is the message's actor."""

    source: ClassVar[str] = "support"
    subject_field: ClassVar[str] = "ticket_number"
    ticket_number: str
    order_number: str | None = None


@dataclass(frozen=True, kw_only=True)
class MessagePosted(TicketOpened):
    """Somebody wrote in a conversation."""


@dataclass(frozen=True, kw_only=True)
class CustomerNotified(Event):
    source: ClassVar[str] = "support"
    subject_field: ClassVar[str] = "reference"
    about: str
    notified_at: datetime
    order_number: str | None = None
    reference: str | None = None
