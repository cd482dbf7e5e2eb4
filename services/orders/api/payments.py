"""Paying an order, and what payment providers report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, TypedDict

from services.common.basics.api import SIGNATURE, Api, command
from services.common.basics.caller import CUSTOMER
from services.common.basics.errors import Forbidden, Invalid, NotFound
from services.common.basics.shapes import Example, Line, MoneyView, Timestamp
from services.orders.api.refusals import CustomerRequired, OrderNotFound, WrongStatus
from services.orders.api.statuses import PaymentStatus, RefundCause, RefundStatus


class UnknownProvider(NotFound):
    """Nobody of this name takes money for us."""

    code = "unknown_provider"
    message = "There is no such payment provider."


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


@dataclass(frozen=True)
class StartPayment:
    provider: Annotated[str, Line(20), Example("sandbox")] | None = None


class PaymentView(TypedDict):
    """The payment that counts: the one that pays for the order, else the latest attempt."""

    id: str
    status: PaymentStatus
    provider: str
    amount: MoneyView
    captured: MoneyView
    refunded: MoneyView
    captured_at: Timestamp | None
    reason: str | None


class ClientData(TypedDict, total=False):
    """What the provider's own client needs to pay. It is as good as the money: it is never stored."""

    client_secret: str
    url: str


class PayablePayment(PaymentView, ClientData):
    """A payment, with what the provider's client needs while it can still be paid."""


class StartedPayment(ClientData):
    """What the client needs to pay."""

    payment_id: str
    provider: str
    status: PaymentStatus
    amount: MoneyView


class RefundView(TypedDict):
    """Money on its way back to the account it came from."""

    id: str
    status: RefundStatus
    amount: MoneyView
    cause: RefundCause
    reference: str
    created_at: Timestamp
    submitted_at: Timestamp | None
    settled_at: Timestamp | None


class PaymentWebhookReceipt(TypedDict):
    """What was received counts once, however often it is sent."""

    accepted: bool
    duplicate: bool


class Payments(Api):
    """Payments and the reports of providers."""

    @command(roles=(CUSTOMER,), errors=(OrderNotFound, CustomerRequired, WrongStatus, UnknownProvider), keyed=False)
    def start_payment(self, number: str, choice: StartPayment) -> StartedPayment:
        """Start paying, or try again after a decline.

        The answer is what the provider's own client needs; the amount is the order's and cannot be chosen.
        """

    @command(roles=(SIGNATURE,), errors=(UnknownProvider, BadSignature, UnreadableWebhook, BadRawBody))
    def receive_payment_webhook(
        self, provider: str, headers: Mapping[str, str], raw_body_base64: str
    ) -> PaymentWebhookReceipt:
        """Receive what happened to a payment or a refund.

        Forged or unsigned: 403 `bad_signature`. Known already: 200 with `duplicate`.
        """
