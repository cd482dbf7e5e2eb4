"""What carriers send: verified and read outside of a transaction, taken in within one."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from logging import getLogger

from prometheus_client import Counter

from services.common.basics import clock
from services.common.basics.errors import ServiceError
from services.logistics.adapters.carriers import Carriers
from services.logistics.api.refusals import BadSignature, BodyTooLarge, MalformedWebhook
from services.logistics.api.replies import CarrierReceipt
from services.logistics.handlers import tracking
from services.logistics.repository import Work

MAX_BODY = 1024 * 1024
REFUSED = Counter("pledge_carrier_webhooks_refused_total", "webhooks whose signature does not fit", ["carrier"])
UNMAPPED = Counter("pledge_tracking_unmapped_total", "scans whose code we do not know", ["carrier"])
UNMATCHED = Counter("pledge_tracking_unmatched_total", "reported tracking numbers that no parcel has yet", ["carrier"])

Transaction = Callable[..., AbstractContextManager[Work]]
log = getLogger(__name__)


def receive_carrier_webhook(
    transaction: Transaction, carriers: Carriers, carrier: str, headers: Mapping[str, str], raw_base64: str
) -> CarrierReceipt:
    """Take in what a carrier reports. Counts what nobody understands."""
    adapter, raw, now = carriers.get(carrier), raw_body(raw_base64), clock.now()
    if not adapter.verify(headers, raw, now):
        REFUSED.labels(carrier).inc()
        raise BadSignature
    webhook = adapter.parse(raw, now)
    with transaction() as work:
        received = tracking.receive_webhook(work, carrier, webhook)
    UNMAPPED.labels(carrier).inc(received.unmapped)
    UNMATCHED.labels(carrier).inc(received.unmatched)
    return {"accepted": True, "duplicate": received.duplicate, "events": received.events}


def find_late_and_stuck(transaction: Transaction, carriers: Carriers) -> None:
    """Ask the carriers of parcels that should have been heard of, then raise what is late or stuck."""
    _ask_carriers(transaction, carriers)
    with transaction() as work:
        tracking.raise_alerts(work)


def raw_body(encoded: str) -> bytes:
    """Read the bytes of a webhook, which travel in base64. Raises MalformedWebhook, BodyTooLarge beyond 1 MiB."""
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise MalformedWebhook("the body is not base64") from None
    if len(raw) > MAX_BODY:
        raise BodyTooLarge
    return raw


def _ask_carriers(transaction: Transaction, carriers: Carriers) -> None:
    if not carriers.can_be_asked:
        return
    with transaction(reading=True) as work:
        numbers = tracking.numbers_to_ask(work)
    try:
        scans = carriers.fetch(numbers, clock.now())
    except ServiceError as exc:
        log.warning("carriers: %s", exc)
        return
    with transaction() as work:
        tracking.take_scans(work, scans)
