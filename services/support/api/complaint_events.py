"""What happens to a complaint; part of support's events (`events`), which has their base."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.common.basics.events import Event
from services.common.basics.money import Money
from services.common.basics.personal import PersonalText
from services.support.api.statuses import ComplaintDecision, ComplaintRemedy, ComplaintStatus


@dataclass(frozen=True, kw_only=True)
class ComplaintEvent(Event):
    """The base of what happens to the complaint of one ticket, which is the subject of its chain in the journal."""

    source: ClassVar[str] = "support"
    subject_field: ClassVar[str] = "ticket_number"
    audience: ClassVar[str] = "public"
    followed: ClassVar[bool] = False

    ticket_number: str
    order_number: str | None


@dataclass(frozen=True, kw_only=True)
class ComplaintReceived(ComplaintEvent):
    """What a customer wrote is a complaint. acknowledge_by, decide_by: until when a person takes it up, and decides."""

    acknowledge_by: datetime
    decide_by: datetime


@dataclass(frozen=True, kw_only=True)
class ComplaintAcknowledged(ComplaintEvent):
    """A person has taken it up and told the customer."""


@dataclass(frozen=True, kw_only=True)
class ComplaintMoved(ComplaintEvent):
    """It took a step between us; `why` says why a colleague, or orders, did not agree to a decision."""

    audience: ClassVar[str] = "internal"

    from_status: ComplaintStatus
    status: ComplaintStatus
    why: PersonalText = ""


@dataclass(frozen=True, kw_only=True)
class ComplaintDecided(ComplaintEvent):
    """It is decided and the customer is told. final: after their objection, by other people."""

    decision: ComplaintDecision
    remedy: ComplaintRemedy | None
    final: bool


@dataclass(frozen=True, kw_only=True)
class ComplaintObjected(ComplaintEvent):
    """The customer does not accept the decision. decide_by: until when other people decide again."""

    decide_by: datetime


@dataclass(frozen=True, kw_only=True)
class ComplaintImproved(ComplaintEvent):
    """A lead recorded what was changed because of it."""

    audience: ClassVar[str] = "internal"


@dataclass(frozen=True, kw_only=True)
class GoodwillAsked(ComplaintEvent):
    """Orders is asked to pay back an amount for a complaint, out of what was paid for its order.

    ask: counts what was asked for this complaint; the answer has it too. by, agreed_by: who decided it, and the second
    person, where there was one.
    """

    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = True

    ask: int
    amount: Money
    by: str
    agreed_by: str | None


@dataclass(frozen=True, kw_only=True)
class ResendAsked(ComplaintEvent):
    """Orders is asked to offer the customer that a parcel is sent again. ask, by: as with a refund."""

    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = True

    ask: int
    by: str
