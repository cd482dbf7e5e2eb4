"""Paying an order, and what payment providers report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, TypedDict

from services.common.basics.api import SIGNATURE, Api, command, query
from services.common.basics.caller import CUSTOMER, LEAD
from services.common.basics.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from services.common.basics.shapes import (
    Example,
    Line,
    MoneyView,
    Note,
    Page,
    PageQuery,
    Pattern,
    Text,
    Timestamp,
    Version,
)
from services.common.basics.states import VersionMoved
from services.orders.api.refusals import (
    AdminRequired,
    CustomerRequired,
    OrderNotFound,
    SecondPersonRequired,
    WrongStatus,
)
from services.orders.api.statuses import AttentionKind, PaymentStatus, SettleDecision


class UnknownProvider(NotFound):
    """No payment provider has this name."""

    code = "unknown_provider"
    message = "There is no such payment provider."


class ProviderUnavailable(Unavailable):
    """The payment provider does not answer, or is not set up; whether it did anything is not known."""

    code = "provider_unavailable"
    message = "The payment provider does not answer just now; try again in a moment."


class ProviderRefused(Conflict):
    """The payment provider heard it and does not do it: no money moves by it."""

    code = "provider_refused"
    message = "The payment provider does not do this."


class BadSignature(Forbidden):
    """The webhook is not signed by its provider."""

    code = "bad_signature"
    message = "The signature does not fit this body, or is missing, too old or not configured."


class UnreadableWebhook(Invalid):
    """The webhook is signed by its provider and holds nonsense."""

    code = "unreadable_webhook"
    message = "The signature fits, and the body is not what the provider's documentation says."


class BadRawBody(Invalid):
    """What was handed on as the bytes of a webhook is not base64."""

    code = "bad_raw_body"
    message = "the raw body is not base64"


class PaymentNotFound(NotFound):
    """No money of that payment is in front of a person."""

    code = "payment_not_found"
    message = "No payment of this number is in front of a person."


class DecisionNotOffered(Conflict):
    """That is no decision about what is open.

    details: decisions.
    """

    code = "decision_not_offered"
    message = "What is open about this payment is not decided like that."


@dataclass(frozen=True)
class SettlePayment:
    """note: what was found and done, as it is to be on record. version: of the case, as it was listed."""

    decision: SettleDecision
    note: Annotated[str, Text(2000)]
    version: Version | None = None
    reference: Annotated[str, Line(200, 0), Note("of the case, when a payment has several")] | None = None


class AttentionView(TypedDict):
    """Money in front of a person. `decisions` are what may be decided; none: see to the refund."""

    payment_id: str
    order_number: str | None
    kind: AttentionKind
    amount: ReportedAmountView
    reason: str
    reference: Annotated[str, Note("the refund, return, dispute or report it is about")]
    opened_at: Timestamp
    due_at: Timestamp
    holds_payouts: Annotated[bool, Note("meanwhile its amount, of a dispute, or else no refund of the order is sent")]
    holds_dispatch: Annotated[bool, Note("nothing of the order leaves meanwhile")]
    decisions: list[SettleDecision]
    settled_at: Timestamp | None
    decision: SettleDecision | None
    settled_by: Annotated[str | None, Note("who decided; null when it has settled by itself")]
    note: Annotated[str | None, Note("what they found and did")]
    version: int


@dataclass(frozen=True)
class ListAttention(PageQuery):
    """What waits for a person, or what is settled."""

    settled: bool = False


@dataclass(frozen=True)
class StartPayment:
    provider: Annotated[str, Line(20), Example("sandbox")] | None = None


class ReportedAmountView(TypedDict):
    """What a provider took, as its currency writes it: 1500 JPY have no decimals."""

    amount: Annotated[str, Pattern(r"-?\d+(\.\d{1,4})?", "Not an amount."), Example("1500")]
    currency: Annotated[str, Example("JPY")]


class PaymentView(TypedDict):
    """The payment that counts: the one that pays for the order, else the latest attempt.

    captured: what of it arrived in USD. received: what arrived, in whatever currency.
    """

    id: str
    status: PaymentStatus
    provider: str
    amount: MoneyView
    captured: MoneyView
    refunded: MoneyView
    captured_at: Timestamp | None
    reason: str | None
    received: ReportedAmountView | None
    disputed_at: Annotated[Timestamp | None, Note("since when the customer's bank asks for it back")]
    underway_until: Annotated[Timestamp | None, Note("until when the bank may take to decide, while it works on it")]


class AccountView(TypedDict):
    """The money of an order, in USD: what was captured is kept, went or goes back, or is in front of a person.

    captured = kept + refunded + attention; missing: what still has to be paid.
    """

    captured: MoneyView
    kept: MoneyView
    refunded: MoneyView
    attention: MoneyView
    missing: MoneyView


class ClientData(TypedDict, total=False):
    """What the provider's own client needs to pay. It is as good as the money: it is never stored."""

    client_secret: str
    publishable_key: Annotated[str, Note("for the provider's own script in a browser")]
    url: str


class PayablePayment(PaymentView, ClientData):
    """A payment, with what the provider's client needs while it can still be paid."""


class StartedPayment(ClientData):
    """What the client needs to pay."""

    payment_id: str
    provider: str
    status: PaymentStatus
    amount: MoneyView


class PaymentWebhookReceipt(TypedDict):
    """What was received counts once, however often it is sent."""

    accepted: bool
    duplicate: bool


class Payments(Api):
    """Payments and the reports of providers."""

    @command(
        roles=(CUSTOMER,),
        errors=(OrderNotFound, CustomerRequired, WrongStatus, UnknownProvider, ProviderUnavailable, ProviderRefused),
        keyed=False,
    )
    def start_payment(self, number: str, choice: StartPayment) -> StartedPayment:
        """Start paying, or try again after a decline.

        The answer is what the provider's own client needs. The amount cannot be chosen: it is what the order still
        needs, all of it or, when less arrived than it costs, the rest.
        """

    @command(roles=(SIGNATURE,), errors=(UnknownProvider, BadSignature, UnreadableWebhook, BadRawBody))
    def receive_payment_webhook(
        self, provider: str, headers: Mapping[str, str], raw_body_base64: str
    ) -> PaymentWebhookReceipt:
        """Receive what happened to a payment or a refund.

        Forged or unsigned: 403 `bad_signature`. Known already: 200 with `duplicate`.
        """

    @query(roles=(LEAD,))
    def list_attention(self, query: ListAttention) -> Page[AttentionView]:
        """List the money that does not match and waits for a person, the next due first; or what is settled of it.

        Another currency, too little, a dispute, a refund that the bank made by itself or does not make.
        """

    @command(
        roles=(LEAD,),
        errors=(PaymentNotFound, DecisionNotOffered, WrongStatus, AdminRequired, SecondPersonRequired, VersionMoved),
    )
    def settle_payment(self, payment_id: str, settling: SettlePayment) -> AttentionView:
        """Decide about money that waits for a person, and say why.

        Each case offers its `decisions`. When several cases of a payment are open, the oldest that offers this one is
        meant. A refund that the bank refuses is not settled here: try it again, or record how it was paid. One that the
        day's ceiling stopped is released by an admin (403 `admin_required`) who has not asked for it.
        """
