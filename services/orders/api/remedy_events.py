"""The facts about parcels that do not arrive that orders announces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.common.basics.money import Money
from services.common.basics.personal import PersonalText
from services.common.basics.shapes import DEFAULT_PLACE
from services.orders.api.order_event import OrderEvent
from services.orders.api.parts import (
    Consent,
    OfferedOption,
    PiecesBack,
    RemovedUnits,
)
from services.orders.api.statuses import (
    RemedyReason,
    RemedyStatus,
)


@dataclass(frozen=True, kw_only=True)
class RemedyEvent(OrderEvent):
    """The base of what happens about a parcel that does not arrive."""

    remedy_id: str
    shipment_number: str
    parcels: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RemedyDrafted(RemedyEvent):
    """Before the customer can be asked, a person has to say what is in the parcel."""

    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False
    reason: RemedyReason


@dataclass(frozen=True, kw_only=True)
class RemedyRequested(RemedyEvent):
    """The customer is asked what we shall do."""

    reason: RemedyReason
    summary: PersonalText
    options: tuple[OfferedOption, ...]
    digest: str


@dataclass(frozen=True, kw_only=True)
class RemedyAccepted(RemedyEvent):
    """The customer has chosen: resend, refund or wait.

    lines: the pieces that are concerned, `units` of them by line. replacement: the shipment that is sent instead.
    ask_again_at: when the customer who waits is asked once more. place: the stock place that sends them.
    """

    option: str
    consent: Consent
    lines: tuple[RemovedUnits, ...]
    refund: Money
    replacement: str | None
    ask_again_at: datetime | None
    place: str = DEFAULT_PLACE


@dataclass(frozen=True, kw_only=True)
class RemedyClosed(RemedyEvent):
    """The question is over without having changed anything: the parcel has turned up, or another question is asked.

    delivered: it has turned up at the customer's, of which logistics tells them.
    """

    status: RemedyStatus
    delivered: bool = False


@dataclass(frozen=True, kw_only=True)
class RemedyOvertaken(RemedyEvent):
    """A parcel has turned up after the customer had decided: a person looks what is to be done.

    option: what was decided. parcel_status: where the parcel is.
    """

    option: str
    parcel_id: str
    parcel_status: str
    replacement: str | None


@dataclass(frozen=True, kw_only=True)
class GoodsReceived(RemedyEvent):
    """Goods that did not reach the customer are on the shelf again."""

    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False
    lines: tuple[PiecesBack, ...]
    note: PersonalText
