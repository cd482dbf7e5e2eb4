"""How orders are shown."""

from __future__ import annotations

from typing import Annotated, NotRequired, TypedDict

from services.common.basics.shapes import CommitmentView, MoneyView, Note, Timestamp
from services.orders.api.backorders import BackorderView
from services.orders.api.changes import ChangeView, EditState
from services.orders.api.parts import AddressView, AppliedDiscountView, ContactView, OrderLineView
from services.orders.api.payments import AccountView, PayablePayment, PaymentView
from services.orders.api.refunds import RefundView
from services.orders.api.remedies import RemedyView
from services.orders.api.statuses import CheckName, CheckResult, OrderStage, OrderStatus, ReviewStatus


class TotalsView(TypedDict):
    """What the lines that are shown cost, after a discount; shipping and duties are always 0.00.

    ordered: the total when the order was placed, before changes took lines out.
    """

    goods: MoneyView
    shipping: MoneyView
    duties: MoneyView
    total: MoneyView
    ordered: MoneyView
    discount: NotRequired[Annotated[MoneyView, Note("what the lines cost less than their prices; taken off already")]]
    tax: NotRequired[Annotated[MoneyView, Note("included in the total; see the lines")]]
    refunded: NotRequired[Annotated[MoneyView, Note("what of it went back or is on its way; see `refunds`")]]


class CheckView(TypedDict):
    """One recorded check of a review; staff see on what evidence and by whom."""

    check: CheckName
    result: CheckResult
    at: Timestamp
    evidence: NotRequired[Annotated[str, Note("for staff")]]
    by: NotRequired[Annotated[str, Note("for staff")]]


class ReviewState(TypedDict):
    status: ReviewStatus
    due_at: Timestamp | None


class ReviewView(ReviewState):
    """A review with its checks, oldest first: the last of each kind counts."""

    checks: list[CheckView]


class CustomerName(TypedDict):
    name: str
    email: str


class CancellationState(TypedDict):
    requested: bool
    reason: str


class ReturnPolicyView(TypedDict):
    version: str
    days: int


class OrderHead(TypedDict):
    """What is shown of an order wherever it is shown."""

    number: str
    status: OrderStatus
    stage: OrderStage
    version: int
    totals: TotalsView
    placed_at: Timestamp


class OrderSummary(OrderHead):
    """An order in a list."""

    contact: CustomerName
    review: ReviewState


class OrderBody(OrderHead):
    """All of an order that orders knows, but its payment."""

    contact: ContactView
    delivery: AddressView
    lines: list[OrderLineView]
    discount: NotRequired[AppliedDiscountView | None]
    review: ReviewView
    refunds: list[RefundView]
    changes: list[ChangeView]
    backorders: NotRequired[Annotated[list[BackorderView], Note("pieces that it waits for, where it does")]]
    remedies: Annotated[list[RemedyView], Note("parcels that do not arrive, and what the customer chose")]
    commitments: list[CommitmentView]
    cancellation: CancellationState
    return_policy: ReturnPolicyView
    expires_at: Annotated[Timestamp | None, Note("while it waits for its payment")]
    confirmed_at: Timestamp | None
    completed_at: Timestamp | None


class OrderView(OrderBody):
    """All of an order that orders knows."""

    payment: PaymentView | None
    account: AccountView
    edit: EditState


class Repetition(TypedDict):
    repeated: NotRequired[Annotated[bool, Note("true: it was placed before, with the same Idempotency-Key")]]


class PlacedOrder(OrderBody, Repetition):
    """An order that was just placed, with what its client needs to pay it."""

    payment: PayablePayment
