"""What happens to a return. Public facts are on the customer's timeline, so they hold nothing internal: no notes of
the review, no evidence, no names of staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.aftersales.api.statuses import (
    ClaimCause,
    Condition,
    Disposition,
    ExchangeEnd,
    Ground,
    Outcome,
    PostageGround,
    PostageOutcome,
    ReturnOutcome,
    ReturnReason,
)
from services.common.basics.events import Event
from services.common.basics.money import Money
from services.common.basics.personal import PersonalText


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


@dataclass(frozen=True)
class JudgedUnit:
    """One piece, and what one person found; ground, note and evidence where it was found wanting."""

    line_id: int
    unit: int
    sku: str
    outcome: Outcome
    ground: Ground | None
    note: PersonalText
    evidence: tuple[PersonalText, ...]


@dataclass(frozen=True)
class NamedUnit:
    """One piece."""

    line_id: int
    unit: int
    sku: str


@dataclass(frozen=True)
class DisposedUnits:
    """So many pieces of a SKU went back on the shelf, or were scrapped."""

    sku: str
    quantity: int
    disposition: Disposition


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
    """law: the rule under which no review is needed, with its version. outcome: what the customer wants."""

    lines: tuple[ReturnedLine, ...]
    requested_at: datetime
    law: str | None = None
    outcome: ReturnOutcome = ReturnOutcome.REFUND


@dataclass(frozen=True, kw_only=True)
class ReturnFilesNamed(ReturnEvent):
    """Files that were sent are evidence of this return from now on, and are kept as long. uploads: their ids."""

    audience: ClassVar[str] = "internal"

    uploads: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ReturnInfoRequested(ReturnEvent):
    question: PersonalText


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
    """Two people rejected a return or, when `units` names some, these pieces of it after their inspection.

    final: after an appeal, or without one in time; before that, the customer may appeal until `appeal_by`.
    goods_back: the goods are with us, and are sent back to the customer.
    """

    ground: Ground
    explanation: PersonalText
    final: bool
    units: tuple[NamedUnit, ...] = ()
    appeal_by: datetime | None = None
    goods_back: bool = False


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
    """How many units of this inspection were accepted, and what these give back.

    disputed: found wanting; unconfirmed: found in order. A second person looks at both before anything is decided.
    exchanged: how many of the accepted are to be exchanged, and give nothing back.
    """

    accepted: int
    disputed: int
    refund: Money
    unconfirmed: int = 0
    exchanged: int = 0


@dataclass(frozen=True, kw_only=True)
class ReturnSecondLookWanted(ReturnEvent):
    """`by` found this, and a second person has to look: at what is to be rejected, or paid."""

    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False

    units: tuple[JudgedUnit, ...]
    by: str


@dataclass(frozen=True, kw_only=True)
class ReturnSentBack(ReturnEvent):
    """Pieces that were rejected for good are on their way back to the customer."""

    units: tuple[NamedUnit, ...]
    carrier: str | None
    tracking_number: str | None


@dataclass(frozen=True, kw_only=True)
class ReturnPiecesWithdrawn(ReturnEvent):
    """The customer keeps these pieces after all; the others go on."""

    followed: ClassVar[bool] = False

    units: tuple[NamedUnit, ...]


@dataclass(frozen=True, kw_only=True)
class ReturnDisposed(ReturnEvent):
    """What became of accepted pieces; `number` is the return's, as in the API."""

    audience: ClassVar[str] = "internal"

    number: str
    units: tuple[DisposedUnits, ...]


@dataclass(frozen=True, kw_only=True)
class RefundClaimed(ReturnEvent):
    """The payment ledger owes this. `claim` counts a return's claims.

    due_at: when the law wants it repaid at the latest, and `law` the rule, where there is one
    cause: for goods, or for the postage of sending them; that has no units
    """

    audience: ClassVar[str] = "internal"

    claim: int
    amount: Money
    units: tuple[ClaimedUnit, ...]
    due_at: datetime | None = None
    law: str | None = None
    cause: ClaimCause = ClaimCause.RETURN


@dataclass(frozen=True, kw_only=True)
class ExchangeClaimed(ReturnEvent):
    """Another one of each of these pieces is to be sent, as this shipment, instead of money for them."""

    audience: ClassVar[str] = "internal"

    shipment_number: str
    units: tuple[ClaimedUnit, ...]


@dataclass(frozen=True, kw_only=True)
class ExchangeWithdrawn(ReturnEvent):
    """The customer prefers the money: this shipment is not to leave, if it has not."""

    audience: ClassVar[str] = "internal"

    shipment_number: str


@dataclass(frozen=True, kw_only=True)
class ReturnRefundChosen(ReturnEvent):
    """The customer wants money for what they had wanted to exchange: this is their consent, `actor` who gave it.

    law: the rule under which this is a withdrawal from the purchase, with its version.
    waits: another piece is being sent already, and is stopped if it has not left.
    """

    chosen_at: datetime
    law: str | None = None
    waits: bool = False


@dataclass(frozen=True, kw_only=True)
class ReturnExchangeEnded(ReturnEvent):
    """These pieces are not exchanged: `refund` is paid back for them instead."""

    units: tuple[NamedUnit, ...]
    why: ExchangeEnd
    refund: Money


@dataclass(frozen=True, kw_only=True)
class ReturnExchanged(ReturnEvent):
    """Another one of each of these pieces was delivered, and may come back in its own time."""

    followed: ClassVar[bool] = False

    units: tuple[NamedUnit, ...]
    shipment_number: str
    delivered_at: datetime


@dataclass(frozen=True, kw_only=True)
class ReturnExchangeTakenBack(ReturnEvent):
    """What was told of a delivery in exchange was wrong: it is awaited again."""

    followed: ClassVar[bool] = False

    units: tuple[NamedUnit, ...]
    shipment_number: str


@dataclass(frozen=True, kw_only=True)
class ReturnPostageAsked(ReturnEvent):
    """The customer tells what it cost to send the goods. `postage` counts those of a return."""

    postage: int
    amount: Money


@dataclass(frozen=True, kw_only=True)
class ReturnPostageLookWanted(ReturnEvent):
    """`by` found this about the postage, and a second person has to look."""

    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False

    postage: int
    outcome: PostageOutcome
    by: str


@dataclass(frozen=True, kw_only=True)
class ReturnPostageDecided(ReturnEvent):
    """Accepted, and paid back; or declined by two people on this ground."""

    postage: int
    amount: Money
    outcome: PostageOutcome
    ground: PostageGround | None = None
    explanation: PersonalText = ""


@dataclass(frozen=True, kw_only=True)
class ReturnRefunded(ReturnEvent):
    """pays: for goods, or for the postage of sending them. credit_note: orders issued one with it."""

    amount: Money
    settled_at: datetime
    pays: ClaimCause = ClaimCause.RETURN
    credit_note: bool = False


@dataclass(frozen=True, kw_only=True)
class ReturnRefundTakenBack(ReturnEvent):
    """The bank had paid this back, and took that back: it is owed again. Orders' `refund_failed` tells of it."""

    followed: ClassVar[bool] = False

    amount: Money
    pays: ClaimCause = ClaimCause.RETURN


@dataclass(frozen=True, kw_only=True)
class ReturnClosed(ReturnEvent):
    followed: ClassVar[bool] = False


@dataclass(frozen=True, kw_only=True)
class ReturnsErased(Event):
    """Whose order and returns these are is not known here any more; or not yet, because of what is `waiting`."""

    source: ClassVar[str] = "aftersales"

    order_number: str
    request_id: str
    waiting: str = ""
