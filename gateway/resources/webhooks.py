"""What carriers and payment providers tell us: the raw bytes go to the service that can verify their signature."""

from __future__ import annotations

import base64
from typing import Any

from flask import request
from marshmallow import fields

from gateway.http import bodies
from gateway.http.calls import services
from gateway.http.resource import Resource
from gateway.http.schemas import Answer
from services.common.basics.api import SIGNATURE
from services.orders.api import OrdersApi, PaymentWebhookReceipt

_OURS = {"authorization", "cookie"}  # no webhook's business
RAW_BODY = {
    "description": "Exactly the bytes that were signed, at most 1 MiB.",
    "required": True,
    "content": {"application/json": {"schema": {}}, "*/*": {"schema": {}}},
}

blp = Resource("webhooks", "For carriers and payment providers; each request is signed in its sender's own way")


class WebhookReceipt(Answer):
    """What was received counts once, however often it is sent."""

    accepted = fields.Boolean(required=True)
    duplicate = fields.Boolean(required=True)


@blp.route("/webhooks/carriers/<name:carrier>", methods=["POST"])
@blp.allows(SIGNATURE)
@blp.doc(requestBody=RAW_BODY)
@blp.answers(200, WebhookReceipt)
def receive_carrier_webhook(carrier: str) -> dict[str, Any]:
    """Receive tracking events from a carrier.

    Forged or unsigned: 403 `bad_signature`. Known already: 200 with `duplicate`.
    """
    return services().logistics.receive_carrier_webhook(carrier, *_signed_request())  # type: ignore[no-any-return]


@blp.post("/webhooks/payments/<name:provider>", OrdersApi.receive_payment_webhook)
@blp.doc(requestBody=RAW_BODY)
def receive_payment_webhook(provider: str) -> PaymentWebhookReceipt:
    return services().orders.receive_payment_webhook(provider, *_signed_request())


def _signed_request() -> tuple[dict[str, str], str]:
    """The headers, by names in lower case, and the bytes of the body in base64."""
    body = bodies.raw_body()
    headers = {name.lower(): value for name, value in request.headers.items() if name.lower() not in _OURS}
    return headers, base64.b64encode(body).decode()
