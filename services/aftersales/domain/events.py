"""What happens to a return. Public facts are on the customer's timeline, so they hold nothing internal: no notes of
the review, no evidence, no names of staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from services.common.basics.events import Event
from services.common.basics.money import Money


@dataclass(frozen=True, kw_only=True)
class ReturnEvent(Event):
    """The base: each belongs to a return's chain and to an order's timeline."""

    subject_field: ClassVar[str] = "return_number"
    audience: ClassVar[str] = "public"

    return_number: str
    order_number: str


@dataclass(frozen=True, kw_only=True)
class ReturnRequested(ReturnEvent):
    """lines: [{sku, quantity, reason}]."""

    lines: list[dict[str, Any]]
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

    ground: str


@dataclass(frozen=True, kw_only=True)
class ReturnRejected(ReturnEvent):
    """final: after an appeal; before that, the customer may appeal."""

    ground: str
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
    """units: [{line_id, unit, sku, condition}], those of this receipt."""

    units: list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class ReturnInspected(ReturnEvent):
    """How many units of this inspection were accepted and disputed, and what the accepted ones give back."""

    accepted: int
    disputed: int
    refund: Money


@dataclass(frozen=True, kw_only=True)
class RefundClaimed(ReturnEvent):
    """The payment ledger owes this. claim counts a return's claims; units: [{line_id, unit, amount}]."""

    audience: ClassVar[str] = "internal"

    claim: int
    amount: Money
    units: list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class ReturnRefunded(ReturnEvent):
    amount: Money
    settled_at: datetime


@dataclass(frozen=True, kw_only=True)
class ReturnClosed(ReturnEvent):
    followed: ClassVar[bool] = False
