"""What becomes of the costs of a shipment, and of the invoices that carriers send for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.common.basics.events import Event
from services.common.basics.money import ZERO, Money
from services.common.basics.personal import PersonalText
from services.logistics.api.costs import PAYER, CostStatus, RowOutcome
from services.logistics.api.shipment_event import ShipmentEvent


@dataclass(frozen=True, kw_only=True)
class LandedCostMoved(ShipmentEvent):
    """The costs went on: estimated again, billed, settled. amount: the best that is known, none where no rule says it.

    reason: what a person said, if one decided.
    """

    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False

    previous_status: CostStatus | None
    status: CostStatus
    amount: Money | None
    difference: Money | None = None
    decision: str | None = None
    reason: PersonalText | None = None


@dataclass(frozen=True, kw_only=True)
class LandedCostAccrued(ShipmentEvent):
    """The shipment left, so this is owed: by the platform, and nothing by the customer."""

    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False

    country: str
    accrued_at: datetime
    duty: Money
    import_vat: Money
    disbursement: Money
    brokerage: Money
    freight: Money
    payer: str = PAYER
    customer_charged: Money = ZERO


@dataclass(frozen=True, kw_only=True)
class InvoiceUploaded(Event):
    """A person uploaded a carrier's invoice."""

    source: ClassVar[str] = "logistics"
    subject_field: ClassVar[str] = "upload_id"
    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False

    upload_id: str
    invoices: tuple[str, ...]
    rows: int
    counted: int
    held: int
    refused: int
    amount: Money


@dataclass(frozen=True, kw_only=True)
class InvoiceRowDecided(Event):
    """A person decided about a row of an invoice that had waited. reason: what they said."""

    source: ClassVar[str] = "logistics"
    subject_field: ClassVar[str] = "row_id"
    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False

    row_id: str
    invoice: str
    previous_outcome: RowOutcome
    outcome: RowOutcome
    shipment_number: str | None
    order_number: str | None = None
    reason: PersonalText
