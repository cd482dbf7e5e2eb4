"""Reading again what carriers sent: when we have learned a code of theirs, it counts for what came before, too.

One webhook in each transaction, the oldest first. It is read as of when it came, and what it says is told a moment
later than what it was taken for before: so the new meaning holds over the old one, and a later report over both.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from logging import getLogger

from services.common.basics import ids
from services.common.basics.errors import ServiceError
from services.common.store.chain_keys import KeyMissing
from services.logistics.adapters.carriers import Carriers
from services.logistics.api.events import WebhooksReread
from services.logistics.api.sources import MarkedWebhooks, RereadWebhooks
from services.logistics.domain import TrackingEvent
from services.logistics.handlers import tracking
from services.logistics.handlers.webhooks import unknown_code
from services.logistics.repository import Work
from services.logistics.repository.raw import RawWebhook

AT_A_TIME = 200
MOMENT = timedelta(microseconds=1)
Transaction = Callable[..., AbstractContextManager[Work]]
log = getLogger(__name__)


def reread_webhooks(work: Work, wanted: RereadWebhooks) -> MarkedWebhooks:
    """Mark webhooks to be read again, and record who wanted it."""
    marked = work.raw.mark(wanted)
    if marked:
        work.journal.record(
            WebhooksReread(
                reading_id=ids.new_id(),
                carrier=wanted.carrier,
                tracking_number=wanted.tracking_number,
                since=wanted.since,
                until=wanted.until,
                webhooks=marked,
            )
        )
    return {"webhooks": marked}


def read_marked(transaction: Transaction, carriers: Carriers) -> int:
    """Read the webhooks again that are marked, some at a time. Return how many were."""
    for done in range(AT_A_TIME):
        with transaction() as work:
            webhook = work.raw.take()
            if webhook is None:
                return done
            _read(work, carriers, webhook)
    return AT_A_TIME


def _read(work: Work, carriers: Carriers, kept: RawWebhook) -> None:
    """Read one again. One that cannot be read any more is left as it is: what it said stands."""
    work.caller = replace(work.caller, actor=f"carrier:{kept.carrier}")
    try:
        webhook = carriers.get(kept.carrier).parse(kept.body, kept.received_at)
    except (ServiceError, KeyMissing) as problem:
        log.warning("%s: a webhook of %s cannot be read again: %s", kept.carrier, kept.received_at, problem)
        return
    events = webhook.events
    tracking.take_scans(work, [_told_later(event, kept.readings) for event in events], webhook.told)
    work.flaws.settle(kept.carrier, [unknown_code(event) for event in events if not event.unmapped])


def _told_later(event: TrackingEvent, readings: int) -> TrackingEvent:
    return replace(event, reported_at=event.said_at + readings * MOMENT)
