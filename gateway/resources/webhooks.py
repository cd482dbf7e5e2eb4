"""What carriers and payment providers tell us: the raw bytes go to the service that can verify their signature."""

from __future__ import annotations

import base64

from flask import request

from gateway.http import bodies, limits
from gateway.http.calls import services
from gateway.http.resource import Resource
from services.logistics.api import LogisticsApi
from services.logistics.api.replies import CarrierReceipt
from services.orders.api import OrdersApi, PaymentWebhookReceipt

_OURS = {"authorization", "cookie"}  # no webhook's business
TRACKER = {
    "id": "evt_1",
    "object": "Event",
    "description": "tracker.updated",
    "result": {
        "id": "trk_1",
        "object": "Tracker",
        "tracking_code": "EZ1000000001",
        "carrier": "USPS",
        "status": "in_transit",
        "tracking_details": [
            {
                "object": "TrackingDetail",
                "status": "in_transit",
                "message": "On its way",
                "datetime": "2026-11-28T20:00:00Z",
                "source": "USPS",
                "tracking_location": {"city": "NEW YORK", "state": "NY", "country": "US"},
            }
        ],
    },
}
PAYMENT = {
    "id": "evt_1",
    "type": "payment.captured",
    "created": "2026-11-28T20:00:00Z",
    "data": {
        "id": "cap_1",
        "payment_id": "PAY-0000-0000-0",
        "reference": "acct_1",
        "amount_cents": 1250,
        "currency": "USD",
    },
}


def raw(example: object) -> dict[str, object]:
    """Return what the document says of a body of which every byte counts."""
    return {
        "description": "Exactly the bytes that were signed, at most 1 MiB.",
        "required": True,
        "content": {"application/json": {"schema": {}, "example": example}},
    }


MOST_BYTES = 1 << 20

blp = Resource("webhooks", "For carriers and payment providers; each request is signed in its sender's own way")


@blp.post(
    "/webhooks/carriers/<name:carrier>",
    LogisticsApi.receive_carrier_webhook,
    body=raw(TRACKER),
    body_limit=MOST_BYTES,
    limit=limits.WEBHOOKS,
)
def receive_carrier_webhook(carrier: str) -> CarrierReceipt:
    return services().logistics.receive_carrier_webhook(carrier, *_signed_request())


@blp.post(
    "/webhooks/payments/<name:provider>",
    OrdersApi.receive_payment_webhook,
    body=raw(PAYMENT),
    body_limit=MOST_BYTES,
    limit=limits.WEBHOOKS,
)
def receive_payment_webhook(provider: str) -> PaymentWebhookReceipt:
    return services().orders.receive_payment_webhook(provider, *_signed_request())


def _signed_request() -> tuple[dict[str, str], str]:
    """Return the headers, by names in lower case, and the bytes of the body in base64."""
    body = bodies.raw_body()
    headers = {name.lower(): value for name, value in request.headers.items() if name.lower() not in _OURS}
    return headers, base64.b64encode(body).decode()
