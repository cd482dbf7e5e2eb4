"""What happens to a return. Public facts are on the customer's timeline, so they hold nothing internal: no notes of
the review, no evidence, no names of staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.aftersales.api.statuses import Condition, Ground, ReturnReason
from services.common.basics.events import Event
from services.common.basics.money import Money


@dataclass(frozen=True)
class ReturnedLine:
    """So many pieces of a SKU come back for this reason."""

    sku: str
    quantity: int
    reason: ReturnReason


@dataclass(frozen=True)
class ArrivedUnit:
    """One piece, and how it arrived."""

    line_id: int
    unit: int
    sku: str
    condition: Condition


@dataclass(frozen=True)
class ClaimedUnit:
    """One piece, and what is given back for it."""

    line_id: int
    unit: int
    amount: Money


@dataclass(frozen=True, kw_only=True)
class ReturnEvent(Event):
    """The base: each belongs to a return's chain and to an order's timeline."""

    source: ClassVar[str] = "aftersales"
    subject_field: ClassVar[str] = "return_number"
    audience: ClassVar[str] = "public"

    return_number: str
    order_number: str


@dataclass(frozen=True, kw_only=True)
class ReturnRequested(ReturnEvent):
    lines: tuple[ReturnedLine, ...]
    requested_at: datetime


@dataclass(frozen=True, kw_only=True)
class ReturnInfoRequested(ReturnEvent):
    question: str


@dataclass(frozen=True, kw_only=True)
class ReturnInfoAnswered(ReturnEvent):
    followed: ClassVar[bool] = False


@dataclass(frozen=True, kw_only=True)
class ReturnAuthorized(ReturnEvent):
    """instructions: the address to send to; send_by: the last moment to hand the parcel over, in UTC."""

    instructions: Mapping[str, str]
    send_by: datetime


@dataclass(frozen=True, kw_only=True)
class ReturnRejectionProposed(ReturnEvent):
    """One person finds a ground; nothing is rejected before a second one confirms it."""

    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False

    ground: Ground


@dataclass(frozen=True, kw_only=True)
class ReturnRejected(ReturnEvent):
    """final: after an appeal; before that, the customer may appeal."""

    ground: Ground
    explanation: str
    final: bool


@dataclass(frozen=True, kw_only=True)
class ReturnAppealed(ReturnEvent):
    followed: ClassVar[bool] = False


@dataclass(frozen=True, kw_only=True)
class ReturnWithdrawn(ReturnEvent):
    followed: ClassVar[bool] = False


@dataclass(frozen=True, kw_only=True)
class ReturnSent(ReturnEvent):
    followed: ClassVar[bool] = False

    carrier: str | None
    tracking_number: str | None


@dataclass(frozen=True, kw_only=True)
class ReturnLapsed(ReturnEvent):
    followed: ClassVar[bool] = False


@dataclass(frozen=True, kw_only=True)
class ReturnReceived(ReturnEvent):
    """units: those of this receipt."""

    units: tuple[ArrivedUnit, ...]


@dataclass(frozen=True, kw_only=True)
class ReturnInspected(ReturnEvent):
    """How many units of this inspection were accepted and disputed, and what the accepted ones give back."""

    accepted: int
    disputed: int
    refund: Money


@dataclass(frozen=True, kw_only=True)
class RefundClaimed(ReturnEvent):
    """The payment ledger owes this. `claim` counts a return's claims."""

    audience: ClassVar[str] = "internal"

    claim: int
    amount: Money
    units: tuple[ClaimedUnit, ...]


@dataclass(frozen=True, kw_only=True)
class ReturnRefunded(ReturnEvent):
    amount: Money
    settled_at: datetime


@dataclass(frozen=True, kw_only=True)
class ReturnClosed(ReturnEvent):
    followed: ClassVar[bool] = False
