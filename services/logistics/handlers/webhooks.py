"""What carriers send: verified and read outside of a transaction, taken in within one."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from logging import getLogger

from prometheus_client import Counter

from services.common.basics import clock
from services.logistics.adapters.carriers import Carriers, Webhook
from services.logistics.api.refusals import BadSignature, BodyTooLarge, MalformedWebhook
from services.logistics.api.replies import CarrierReceipt
from services.logistics.handlers import tracking
from services.logistics.repository import Work

MAX_BODY = 1024 * 1024
REFUSED = Counter("pledge_carrier_webhooks_refused_total", "webhooks whose signature does not fit", ["carrier"])
UNMAPPED = Counter("pledge_tracking_unmapped_total", "scans whose code we do not know", ["carrier"])
SKIPPED = Counter("pledge_tracking_skipped_total", "scans that could not be read", ["carrier"])
LOOKUPS = Counter("pledge_tracking_lookup_errors_total", "numbers that a carrier could not look up", ["carrier"])
UNMATCHED = Counter("pledge_tracking_unmatched_total", "reported tracking numbers that no parcel has yet", ["carrier"])

Transaction = Callable[..., AbstractContextManager[Work]]
log = getLogger(__name__)


def receive_carrier_webhook(
    transaction: Transaction, carriers: Carriers, carrier: str, headers: Mapping[str, str], raw_base64: str
) -> CarrierReceipt:
    """Take in what a carrier reports. Count what is not understood."""
    adapter, raw, now = carriers.get(carrier), raw_body(raw_base64), clock.now()
    if not adapter.verify(headers, raw, now):
        REFUSED.labels(carrier).inc()
        raise BadSignature
    webhook = adapter.parse(raw, now)
    with transaction() as work:
        received = tracking.receive_webhook(work, carrier, webhook)
    count(carrier, webhook, received)
    return {"accepted": True, "duplicate": received.duplicate, "events": received.events}


def count(carrier: str, webhook: Webhook, received: tracking.Received) -> None:
    """Show operators what was not understood. A webhook that came twice counts once."""
    if not received.duplicate:
        UNMAPPED.labels(carrier).inc(received.unmapped)
        UNMATCHED.labels(carrier).inc(received.unmatched)
        SKIPPED.labels(carrier).inc(webhook.skipped)
        LOOKUPS.labels(carrier).inc(len(webhook.lookup_errors))
        for error in webhook.lookup_errors:
            log.warning("%s cannot look up a number: %s", carrier, error)


def raw_body(encoded: str) -> bytes:
    """Read the bytes of a webhook, which travel in base64. Raises MalformedWebhook, BodyTooLarge beyond 1 MiB."""
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise MalformedWebhook("the body is not base64") from None
    if len(raw) > MAX_BODY:
        raise BodyTooLarge
    return raw
