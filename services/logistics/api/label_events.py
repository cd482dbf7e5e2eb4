"""What becomes of a label that was bought of a carrier, or was to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from services.common.basics.money import Money
from services.logistics.api.labels import LabelStatus
from services.logistics.api.shipment_event import ShipmentEvent


@dataclass(frozen=True, kw_only=True)
class LabelMoved(ShipmentEvent):
    """A label went on: it is wanted, bought, used, given back, or was not to be had.

    amount: what it costs. reason: why it was given back, or the code of why it was not sold.
    """

    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False

    label_id: str
    seller: str
    carrier: str
    service: str
    amount: Money
    previous_status: LabelStatus | None
    status: LabelStatus
    tracking_number: str | None
    reason: str | None = None
