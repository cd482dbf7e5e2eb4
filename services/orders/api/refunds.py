"""Refunds: money on its way back, and what people do when the bank does not pay it (standard, section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, TypedDict

from services.common.basics.api import Api, command, query
from services.common.basics.caller import LEAD
from services.common.basics.errors import Conflict, NotFound
from services.common.basics.shapes import MoneyView, Note, Page, PageQuery, Text, Timestamp, Version
from services.common.basics.states import VersionMoved
from services.orders.api.refusals import SecondPersonRequired, WrongStatus
from services.orders.api.statuses import RefundCause, RefundStatus


class RefundNotFound(NotFound):
    """No refund of this number."""

    code = "refund_not_found"
    message = "There is no such refund."


class PayoutHeld(Conflict):
    """Nothing of this order is paid out while money of it is in front of a person."""

    code = "payout_held"
    message = "A payment of this order is in front of a person; nothing is paid out until that is settled."


@dataclass(frozen=True)
class ListRefunds(PageQuery):
    status: Annotated[RefundStatus, Note("all by default")] | None = None


@dataclass(frozen=True)
class RetryRefund:
    version: Version | None = None


@dataclass(frozen=True)
class RecordPaidRefund:
    """How a refund was paid by hand, to the account that the payment came from.

    proof: what shows it, such as the bank's reference. decision: `not_paid` takes back what was recorded.
    """

    proof: Annotated[str, Text(2000)]
    decision: Literal["paid", "not_paid"] = "paid"
    version: Version | None = None


@dataclass(frozen=True)
class PaidByHand:
    """What one person recorded: by whom, on what proof, when (RFC 3339)."""

    by: str
    proof: str
    at: str


class PaidByHandView(TypedDict):
    by: str
    proof: str
    at: Timestamp


class RefundView(TypedDict):
    """Money on its way back to the account it came from."""

    id: str
    status: RefundStatus
    amount: MoneyView
    cause: RefundCause
    reference: str
    created_at: Timestamp
    due_at: Timestamp
    submitted_at: Timestamp | None
    settled_at: Timestamp | None


class StaffRefundView(RefundView):
    """A refund as leads see it. `held`: it waits until money of the order that is in front of a person is settled."""

    order_number: str
    payment_id: str
    provider: str
    reason: Annotated[str | None, Note("why the bank did not pay it")]
    attempt: int
    payment_reference: Annotated[str | None, Note("the provider's name for the payment")]
    provider_reference: Annotated[str | None, Note("the provider's name for the refund, as far as it has taken it")]
    held: bool
    waits_since: Annotated[Timestamp | None, Note("since when the day's ceiling on refunds has stopped it")]
    paid_by_hand: Annotated[PaidByHandView | None, Note("recorded by one person, to be confirmed by another")]
    version: int


class Refunds(Api):
    """Money on its way back."""

    @query(roles=(LEAD,))
    def list_refunds(self, query: ListRefunds) -> Page[StaffRefundView]:
        """List refunds, the next due first."""

    @command(roles=(LEAD,), errors=(RefundNotFound, WrongStatus, VersionMoved))
    def retry_refund(self, refund_id: str, retry: RetryRefund) -> StaffRefundView:
        """Have the bank try again at once to pay a refund that failed.

        It is sent under a new key, and never while a payment by hand is on record.
        """

    @command(roles=(LEAD,), errors=(RefundNotFound, WrongStatus, SecondPersonRequired, PayoutHeld, VersionMoved))
    def record_paid_refund(self, refund_id: str, paid: RecordPaidRefund) -> StaffRefundView:
        """Record that a refund was paid by hand to the original account, with proof.

        It is settled when a second person has recorded the same.
        """
