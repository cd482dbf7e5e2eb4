"""What carriers and payment providers tell us: the raw bytes go to the service that can verify their signature."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask import request
from marshmallow import fields

from gateway.http import bodies
from gateway.http.calls import services
from gateway.http.resource import Resource
from gateway.http.schemas import Answer
from services.common.basics.api import SIGNATURE
from services.logistics.api import LogisticsApi
from services.logistics.api.replies import CarrierReceipt

T = TypeVar("T")
_OURS = {"authorization", "cookie"}  # no webhook's business
EXAMPLE = {
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
RAW_BODY = {
    "description": "Exactly the bytes that were signed, at most 1 MiB.",
    "required": True,
    "content": {"application/json": {"schema": {}, "example": EXAMPLE}},
}

blp = Resource("webhooks", "For carriers and payment providers; each request is signed in its sender's own way")


class WebhookReceipt(Answer):
    """What was received counts once, however often it is sent."""

    accepted = fields.Boolean(required=True)
    duplicate = fields.Boolean(required=True)


@blp.post("/webhooks/carriers/<name:carrier>", LogisticsApi.receive_carrier_webhook, body=RAW_BODY)
def receive_carrier_webhook(carrier: str) -> CarrierReceipt:
    return _receive(services().logistics.receive_carrier_webhook, carrier)


@blp.route("/webhooks/payments/<name:provider>", methods=["POST"])
@blp.allows(SIGNATURE)
@blp.doc(requestBody=RAW_BODY)
@blp.answers(200, WebhookReceipt)
def receive_payment_webhook(provider: str) -> dict[str, Any]:
    """Receive what happened to a payment or a refund.

    Forged or unsigned: 403 `bad_signature`. Known already: 200 with `duplicate`.
    """
    return _receive(services().orders.receive_payment_webhook, provider)


def _receive(receive: Callable[[str, Mapping[str, str], str], T], sender: str) -> T:
    body = bodies.raw_body()
    headers = {name.lower(): value for name, value in request.headers.items() if name.lower() not in _OURS}
    return receive(sender, headers, base64.b64encode(body).decode())
