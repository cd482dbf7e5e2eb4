"""What carriers send: verified and read outside of a transaction, taken in within one."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from logging import getLogger

from prometheus_client import Counter

from services.common.basics import clock
from services.common.basics.shapes import Page
from services.common.store.database import in_one
from services.logistics import views
from services.logistics.adapters.carriers import Carriers, Webhook
from services.logistics.adapters.carriers.reading import LONGEST_PART, MOST_FLAWS
from services.logistics.api.refusals import BadSignature, BodyTooLarge, InTestMode, MalformedWebhook
from services.logistics.api.replies import CarrierReceipt, FlawView
from services.logistics.api.statuses import FlawKind
from services.logistics.api.tracking import ListFlaws
from services.logistics.domain import TrackingEvent
from services.logistics.domain.flaws import Flaw
from services.logistics.handlers import tracking
from services.logistics.handlers.words import note_flaws, of_erased
from services.logistics.repository import Work

MAX_BODY = 1024 * 1024
MINUTE = timedelta(minutes=1)
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
        _note_refused(transaction, carrier, BadSignature.message, b"", at_most_every=MINUTE)
        raise BadSignature
    try:
        webhook = adapter.parse(raw, now)
    except (MalformedWebhook, InTestMode) as refused:
        _note_refused(transaction, carrier, refused.message, raw)
        raise
    received = in_one(transaction, lambda work: _take_in(work, carrier, webhook, raw))
    count(carrier, webhook, received)
    return {"accepted": True, "duplicate": received.duplicate, "events": received.events}


def _take_in(work: Work, carrier: str, webhook: Webhook, raw: bytes) -> tracking.Received:
    received = tracking.receive_webhook(work, carrier, webhook)
    if not received.duplicate:
        note_flaws(work, carrier, flaws_of(webhook), webhook.numbers)
        if not received.gone and not of_erased(work, webhook.numbers - received.numbers):
            work.raw.keep(carrier, raw, webhook.numbers, work.now)
    return received


def flaws_of(webhook: Webhook) -> list[Flaw]:
    """Return all that could not be taken as it came."""
    unknown = {(event.code, event.tracking_number): event for event in webhook.events if event.unmapped}
    codes = [unknown_code(event) for event in unknown.values()]
    errors = webhook.lookup_errors
    lookups = [Flaw(FlawKind.LOOKUP_ERROR, error, tracking_number=webhook.number) for error in errors]
    return [*webhook.flaws, *codes[:MOST_FLAWS], *lookups[:MOST_FLAWS]]


def unknown_code(event: TrackingEvent) -> Flaw:
    """Return the flaw that its code is unknown to us."""
    detail = f"code {event.code!r}: {event.message}"
    return Flaw(FlawKind.UNKNOWN_CODE, detail, tracking_number=event.tracking_number)


def list_flaws(work: Work, wanted: ListFlaws) -> Page[FlawView]:
    """List what could not be taken as it came, the latest first."""
    found = work.flaws.page(wanted)
    return {"items": [views.flaw_view(item) for item in found["items"]], "next_cursor": found["next_cursor"]}


def _note_refused(
    transaction: Transaction, carrier: str, why: str, raw: bytes, at_most_every: timedelta = timedelta()
) -> None:
    """Keep a request that was refused as a whole. Of an unsigned one only its arrival is kept."""
    part = raw[:LONGEST_PART].decode("ascii", "backslashreplace")[:LONGEST_PART].replace("\0", "")
    with transaction() as work:
        work.flaws.note(carrier, [Flaw(FlawKind.REFUSED, why, part)], work.now, at_most_every)


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
