"""The facts that orders announces. What a customer may read on the timeline is public, the rest internal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.common.basics.events import Event
from services.common.basics.money import ZERO, Money
from services.common.basics.personal import PersonalText
from services.orders.api.backorders import GoodsArrived as GoodsArrived
from services.orders.api.ceiling import PayoutEvent as PayoutEvent
from services.orders.api.ceiling import RefundCeilingRaised as RefundCeilingRaised
from services.orders.api.ceiling import RefundCeilingReached as RefundCeilingReached
from services.orders.api.ceiling import RefundCounted as RefundCounted
from services.orders.api.discounts import DiscountSaved as DiscountSaved
from services.orders.api.dispute_events import ChargebackReturned as ChargebackReturned
from services.orders.api.dispute_events import DisputeAnswered as DisputeAnswered
from services.orders.api.dispute_events import DisputeDecided as DisputeDecided
from services.orders.api.document_events import DocumentIssued as DocumentIssued
from services.orders.api.edit_events import EditRequested as EditRequested
from services.orders.api.exchange_events import ExchangeArranged as ExchangeArranged
from services.orders.api.exchange_events import ExchangeRefused as ExchangeRefused
from services.orders.api.exchange_events import ExchangeStopped as ExchangeStopped
from services.orders.api.foreign_events import ForeignMoneyReturned as ForeignMoneyReturned
from services.orders.api.goodwill_events import GoodwillGranted as GoodwillGranted
from services.orders.api.goodwill_events import GoodwillRefused as GoodwillRefused
from services.orders.api.goodwill_events import ResendOffered as ResendOffered
from services.orders.api.order_event import OrderEvent
from services.orders.api.part_events import OrderChanged as OrderChanged
from services.orders.api.part_events import OrderDivided as OrderDivided
from services.orders.api.parts import (
    Address,
    AppliedDiscount,
    BoughtLine,
    Consent,
    Contact,
    OfferedOption,
    ReportedAmount,
    ReturnPolicy,
    Totals,
)
from services.orders.api.places import StockMoved as StockMoved
from services.orders.api.places import StockPlaceSaved as StockPlaceSaved
from services.orders.api.privacy_events import ErasedOrder as ErasedOrder
from services.orders.api.privacy_events import OrderErased as OrderErased
from services.orders.api.privacy_events import OrdersSorted as OrdersSorted
from services.orders.api.privacy_events import WaitingOrder as WaitingOrder
from services.orders.api.product_events import ProductSaved as ProductSaved
from services.orders.api.product_events import StockAdjusted as StockAdjusted
from services.orders.api.product_events import StockFreed as StockFreed
from services.orders.api.product_events import StockLow as StockLow
from services.orders.api.reconciling import BooksUnread as BooksUnread
from services.orders.api.remedy_events import GoodsReceived as GoodsReceived
from services.orders.api.remedy_events import RemedyAccepted as RemedyAccepted
from services.orders.api.remedy_events import RemedyClosed as RemedyClosed
from services.orders.api.remedy_events import RemedyDrafted as RemedyDrafted
from services.orders.api.remedy_events import RemedyEvent as RemedyEvent
from services.orders.api.remedy_events import RemedyOvertaken as RemedyOvertaken
from services.orders.api.remedy_events import RemedyRequested as RemedyRequested
from services.orders.api.retention import ErasuresHeldUp as ErasuresHeldUp
from services.orders.api.review_events import ReviewNeedsContact as ReviewNeedsContact
from services.orders.api.review_events import ReviewPassed as ReviewPassed
from services.orders.api.statuses import (
    AttentionKind,
    CaptureUse,
    ChangeKind,
    ChangeStatus,
    EditBarrier,
    RefundCause,
    RefundStatus,
    SettleDecision,
)


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(OrderEvent):
    customer: Contact
    delivery: Address
    lines: tuple[BoughtLine, ...]
    totals: Totals
    return_policy: ReturnPolicy
    placed_at: datetime
    discount: AppliedDiscount | None = None
    goods_by: str | None = None  # what is not in stock is expected by that day


@dataclass(frozen=True, kw_only=True)
class OrderExpired(OrderEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class HoldReleased(OrderEvent):
    """Staff ended the hold of an unpaid order on the stock; it expires with it."""

    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False
    reason: str


@dataclass(frozen=True, kw_only=True)
class OrderRevived(OrderEvent):
    """A payment arrived after the order had expired, and the goods were still there."""

    followed: ClassVar[bool] = False
    payment_id: str


@dataclass(frozen=True, kw_only=True)
class OrderCompleted(OrderEvent):
    followed: ClassVar[bool] = False
    completed_at: datetime


@dataclass(frozen=True, kw_only=True)
class OrderReopened(OrderEvent):
    """It was complete, and a delivery turned out to be none: it is confirmed again."""

    followed: ClassVar[bool] = False
    why: str


@dataclass(frozen=True, kw_only=True)
class PaymentStarted(OrderEvent):
    followed: ClassVar[bool] = False
    payment_id: str
    provider: str
    amount: Money


@dataclass(frozen=True, kw_only=True)
class PaymentCaptured(OrderEvent):
    """`amount` is what the provider says it took, in whatever currency it says.

    use: what it is for; missing: what is still to be paid; surplus: what of it goes back. reviewed: the order that it
    confirms was reviewed in the same moment. review_tells: what the review found names it too (`paid`), so that the
    customer gets one mail of both.
    """

    payment_id: str
    amount: ReportedAmount
    captured_at: datetime
    use: CaptureUse = CaptureUse.ORDER
    missing: Money = ZERO
    surplus: Money = ZERO
    reviewed: bool = False
    review_tells: bool = False


@dataclass(frozen=True, kw_only=True)
class PaymentFailed(OrderEvent):
    payment_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class PaymentDisputed(OrderEvent):
    """The customer's bank asks for `amount` of a payment back."""

    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False
    payment_id: str
    reason: str
    amount: ReportedAmount | None = None


@dataclass(frozen=True, kw_only=True)
class PaymentNeedsAttention(OrderEvent):
    """Money is in front of a person, who has until `due_at` to decide."""

    audience: ClassVar[str] = "internal"
    payment_id: str
    amount: ReportedAmount
    reason: str
    kind: AttentionKind = AttentionKind.OTHER_CURRENCY
    due_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class PaymentSettled(OrderEvent):
    """A person decided about money that was in front of them; without a decision it has settled by itself."""

    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False
    payment_id: str
    kind: AttentionKind
    decision: SettleDecision | None
    note: str


@dataclass(frozen=True, kw_only=True)
class UnknownPaymentFound(Event):
    """A provider reports money of a payment that is none of ours; a person finds out whose it is."""

    source: ClassVar[str] = "orders"
    subject_field: ClassVar[str] = "payment_id"
    payment_id: str
    amount: ReportedAmount
    reason: str


@dataclass(frozen=True, kw_only=True)
class UnknownPaymentSettled(Event):
    """A person found out about money that belongs to no order of ours, and said what was done."""

    source: ClassVar[str] = "orders"
    subject_field: ClassVar[str] = "payment_id"
    followed: ClassVar[bool] = False
    payment_id: str
    decision: SettleDecision | None
    note: str
    by: str


@dataclass(frozen=True, kw_only=True)
class DispatchHeld(OrderEvent):
    """Nothing of the order may leave while this hold is there: its money is looked into, or staff keep it back.

    pauses: whether the time to dispatch stands still meanwhile.
    """

    audience: ClassVar[str] = "internal"
    hold_id: str
    reason: str
    note: PersonalText = ""
    pauses: bool = True


@dataclass(frozen=True, kw_only=True)
class DispatchReleased(OrderEvent):
    """The hold is gone."""

    audience: ClassVar[str] = "internal"
    hold_id: str


@dataclass(frozen=True, kw_only=True)
class StockShort(OrderEvent):
    audience: ClassVar[str] = "internal"
    followed: ClassVar[bool] = False
    change_id: str
    sku: str
    short: int
    found_at: datetime


@dataclass(frozen=True, kw_only=True)
class StockCovered(OrderEvent):
    """What was missing is there again: the order of a customer who chose to wait may leave."""

    change_id: str
    sku: str


@dataclass(frozen=True, kw_only=True)
class ChangeRequested(OrderEvent):
    """`pauses`: the order waits for the answer, and so does the promise to dispatch it (`domain.change`)."""

    change_id: str
    kind: ChangeKind
    summary: PersonalText
    options: tuple[OfferedOption, ...]
    digest: str
    expires_at: datetime
    customer: Contact
    pauses: bool = True


@dataclass(frozen=True, kw_only=True)
class ChangeAccepted(OrderEvent):
    change_id: str
    option: str
    consent: Consent


@dataclass(frozen=True, kw_only=True)
class ChangeDeclined(OrderEvent):
    change_id: str


@dataclass(frozen=True, kw_only=True)
class ChangeClosed(OrderEvent):
    """Withdrawn, expired or stale: in each case the order stays as it is.

    own: it was the customer's own edit, which could not be done; `because` says why.
    """

    change_id: str
    status: ChangeStatus
    own: bool = False
    because: EditBarrier | None = None


@dataclass(frozen=True, kw_only=True)
class CancellationRequested(OrderEvent):
    reason: PersonalText


@dataclass(frozen=True, kw_only=True)
class CancellationRefused(OrderEvent):
    """The goods had been handed over; the customer is told how to send them back."""

    followed: ClassVar[bool] = False
    reason: PersonalText


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(OrderEvent):
    """held: the refund, or `waits` of it, waits until the bank has decided about a dispute.

    remedy_id: it ended because all that was left of it did not arrive and was paid back, as the customer chose.
    """

    reason: PersonalText
    refund: Money
    held: bool = False
    remedy_id: str | None = None
    waits: Money = ZERO


@dataclass(frozen=True, kw_only=True)
class RefundEvent(OrderEvent):
    """`reference` is what the refund belongs to: a return, change request, order or payment."""

    audience: ClassVar[str] = "internal"
    refund_id: str
    amount: Money
    cause: RefundCause
    reference: str


@dataclass(frozen=True, kw_only=True)
class RefundDue(RefundEvent):
    """Money is owed; the timer that submits it comes within a second.

    taken_out_of: the refund of which this was a part; empty for one that was none.
    """

    followed: ClassVar[bool] = False
    taken_out_of: str = ""


@dataclass(frozen=True, kw_only=True)
class RefundSubmitted(RefundEvent):
    audience: ClassVar[str] = "public"


@dataclass(frozen=True, kw_only=True)
class RefundSettled(RefundEvent):
    """credit_note: one was issued with it; not for what was paid past our books, nor by an older release."""

    audience: ClassVar[str] = "public"
    settled_at: datetime
    credit_note: bool = False


@dataclass(frozen=True, kw_only=True)
class RefundFailed(RefundEvent):
    """manual: it is not tried again by itself; a person has to see to it.

    after_settled: the bank had reported that it was paid.
    """

    reason: str
    manual: bool
    after_settled: bool = False


@dataclass(frozen=True, kw_only=True)
class RefundPartMoved(RefundEvent):
    """One of several refunds that pay one claim got on; of the claim as a whole the other events tell."""

    followed: ClassVar[bool] = False
    claim_id: str
    status: RefundStatus


@dataclass(frozen=True, kw_only=True)
class HandPaymentRecorded(RefundEvent):
    """A person says that a refund was paid by hand, or (`paid` false) that it was not; another one has to confirm."""

    followed: ClassVar[bool] = False
    by: str
    proof: str
    paid: bool = True
    confirmed: bool = False
