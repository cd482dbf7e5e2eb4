"""The ledger of orders: what was paid and paid back, and every movement of money between accounts (section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, NotRequired, TypedDict

from services.common.basics.api import Period, query
from services.common.basics.caller import CASE_STAFF, CUSTOMER, LEAD
from services.common.basics.errors import Invalid
from services.common.basics.shapes import Example, Note, Page, PageQuery, Timestamp
from services.orders.api.payments import AccountView, AttentionView, Payments, PaymentView, ReportedAmountView
from services.orders.api.refunds import RefundView
from services.orders.api.refusals import OrderNotFound


class LedgerAccount(StrEnum):
    """Where money is, or whose it is. A balance above zero is what is there, or what it cost; below, what is owed."""

    CUSTOMER = "customer"  # below zero: what we owe the customer, or keep for them
    PROVIDER = "provider"  # what the payment provider took for us and has not given back
    PLATFORM = "platform"  # below zero: what orders brought in; goodwill and losses are taken off
    CARRIER = "carrier"  # what sending costs us beyond the price: postage of returns; freight and duties are ours too
    BY_HAND = "by_hand"  # below zero: what people paid back otherwise, to be found in our bank's statements


class MovementKind(StrEnum):
    """Why money moved from one account to another."""

    CAPTURE = "capture"  # the provider took it from the customer
    SALE = "sale"  # it pays for the order
    SALE_REVERSED = "sale_reversed"  # the order, or a part of it, is not sold any more
    GOODWILL = "goodwill"  # we pay it for a complaint
    POSTAGE = "postage"  # we bear what sending goods back cost
    LOSS = "loss"  # a bank took it, and the order goes without
    REFUND = "refund"  # it went back
    PAID_BY_HAND = "paid_by_hand"  # it went back otherwise than by the provider
    REFUND_CAME_BACK = "refund_came_back"  # it was paid back, and the bank returned it to us
    BANK_REFUND = "bank_refund"  # the bank paid it back unasked
    CHARGEBACK = "chargeback"  # the customer's bank took it back
    RETURNED = "returned"  # money in another currency went back


class PeriodBackwards(Invalid):
    """The period ends before it begins."""

    code = "period_backwards"
    message = "The period ends before it begins."


class PeriodTooLong(Invalid):
    """More moved in that period than is summed up at once."""

    code = "period_too_long"
    message = "More moved in this period than is summed up at once. Ask for a shorter one, or take the file."


class MovementView(TypedDict):
    """One movement: `amount` goes from the `credit` account to the `debit` account, so that all add up to zero."""

    at: Timestamp
    kind: MovementKind
    debit: LedgerAccount
    credit: LedgerAccount
    amount: ReportedAmountView
    reference: Annotated[str, Note("the payment or refund, else the order")]
    entry: Annotated[str, Note("the journal's entry that it follows from")]


class OrderMovementView(MovementView):
    order_number: str
    provider: Annotated[str | None, Note("who holds the payment or refund; null where it is about none")]
    provider_reference: Annotated[str | None, Note("the provider's name for the payment or refund")]


class LedgerBalanceView(TypedDict):
    """What the movements of an account in one currency add up to."""

    account: LedgerAccount
    amount: ReportedAmountView


class OrderPaymentsView(TypedDict):
    """The money of one order: what was paid, what goes back, and for staff what they have to decide and the ledger.

    balances: each account and currency; those of a currency add up to zero.
    """

    order_number: str
    account: AccountView
    captures: Annotated[list[PaymentView], Note("payments that a provider took, the oldest first")]
    refunds: list[RefundView]
    attention: NotRequired[Annotated[list[AttentionView], Note("staff alone: what waits for a decision")]]
    movements: NotRequired[Annotated[list[MovementView], Note("staff alone")]]
    balances: NotRequired[Annotated[list[LedgerBalanceView], Note("staff alone")]]


@dataclass(frozen=True, kw_only=True)
class ListMovements(PageQuery):
    """From the first moment to the one after the last."""

    since: Annotated[datetime, Note("first moment, RFC 3339"), Example("2026-03-01T00:00:00Z")]
    until: Annotated[datetime, Note("the moment after the last"), Example("2026-04-01T00:00:00Z")]


class LedgerSumView(TypedDict):
    """One account in one currency over a period: what came in, what went out, and the difference."""

    account: LedgerAccount
    currency: Annotated[str, Example("USD")]
    debit: Annotated[str, Example("120.00")]
    credit: Annotated[str, Example("20.00")]
    balance: Annotated[str, Example("100.00")]


class LedgerReport(TypedDict):
    """The sums of a period. In each currency the balances add up to zero."""

    since: Timestamp
    until: Timestamp
    orders: Annotated[int, Note("whose money moved")]
    movements: int
    items: list[LedgerSumView]


class Ledgers(Payments):
    """Payments, and what the journal tells of all money that moved."""

    @query(roles=(CUSTOMER, *CASE_STAFF), errors=(OrderNotFound,), personal=True)
    def get_payments(self, number: str) -> OrderPaymentsView:
        """Show the money of an order: what was taken, what went and goes back.

        Staff also see what waits for a decision, and each movement between accounts, as the journal tells of it.
        """

    @query(roles=(LEAD,), errors=(PeriodBackwards,), personal=True)
    def list_movements(self, query: ListMovements) -> Page[OrderMovementView]:
        """List the movements of a period, in the order in which they were recorded.

        A page has the movements of so many entries of the journal, and so may have more or fewer than `limit`.
        """

    @query(roles=(LEAD,), errors=(PeriodBackwards, PeriodTooLong))
    def report_ledger(self, period: Period) -> LedgerReport:
        """Sum up the movements of a period by account and currency."""
