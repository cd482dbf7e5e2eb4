"""Webhooks: queued in the transaction of the event that they tell of, sent after it, their outcomes noted in another.

A crash between sending and noting sends once more, under the same `webhook-id`. Several are under way at a time, of one
address not more than `AT_ONCE`: one that is slow holds up no other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Protocol

from services.common.basics import clock, ids
from services.common.basics.caller import ADMIN
from services.common.basics.events import Event
from services.common.basics.message import Message
from services.common.basics.personal import paths_of
from services.common.store.chain_keys import OWN, KeyMissing
from services.common.store.database import in_one
from services.support.adapters.hooks import Answer, post
from services.support.adapters.mail.hooks import stopped
from services.support.api.terms import WEBHOOKS_KEPT
from services.support.api.webhook_events import DisabledReason, WebhookEndpointMoved
from services.support.domain.webhooks import MOST_ENDPOINTS, WebhookDelivery, WebhookEndpoint, body_of, headers_of
from services.support.handlers.mailing import queue_mail
from services.support.repository import Transaction, Work

AT_ONCE = 3
CALLS = AT_ONCE * MOST_ENDPOINTS
"""Enough for all that may be under way: addresses that are silent leave room for the others."""
PAGE = "desk/webhooks"


class Calls(Protocol):
    """Calls to the world outside, several at a time (`runtime.parallel`)."""

    def run(self, call: Callable[[], None]) -> None: ...

    def wait(self) -> bool: ...


def queue_event(work: Work, event: Event, message: Message) -> None:
    """Write down to whom an event is to be sent; without what is personal in it."""
    wanting = work.webhooks.who_wants(event.type)
    if not wanting:
        return
    body = body_of(event.type, message.occurred_at, event.body(), paths_of(type(event)))
    work.webhooks.queue(
        WebhookDelivery(
            ids.new_id(), endpoint_id, message.id, event.type, event.order, body,
            message.occurred_at, work.now, work.now,
        )
        for endpoint_id in wanting
    )  # fmt: skip


def send_due(transaction: Transaction, calls: Calls) -> None:
    """Send what is due, and what becomes due meanwhile."""
    give_up(transaction)  # what was queued while its address was being disabled
    under_way: Counter[str] = Counter()
    while True:
        begun = False
        while _begin_one(transaction, calls, under_way):
            begun = True
        if not calls.wait() and not begun:
            return


def _begin_one(transaction: Transaction, calls: Calls, under_way: Counter[str]) -> bool:
    """Begin to send what is due first. Return False if nothing is due, or only for addresses that are busy."""
    busy = [endpoint_id for endpoint_id, number in under_way.items() if number >= AT_ONCE]
    with transaction() as work:
        due, here = work.webhooks.claim_due(busy), work.settings.webhooks_to_here
    if due is None:
        return False
    delivery, endpoint = due
    under_way[endpoint.id] += 1
    calls.run(partial(_send, transaction, under_way, delivery, endpoint, here))
    return True


def give_up(transaction: Transaction) -> None:
    """End what waits for addresses that are disabled: some at a time, for there may be many."""
    while in_one(transaction, lambda work: work.webhooks.give_up()):
        pass


def forget(work: Work) -> None:
    """Drop what was sent so long ago that it is not to be sent again."""
    work.webhooks.forget(work.now - WEBHOOKS_KEPT.span)


def note(work: Work, sent: WebhookDelivery, answer: Answer) -> bool:
    """Record what came of an attempt. An address that is disabled by it is told to the admins. Return whether one is.

    sent: as it was claimed. What waits for a disabled address is then to be given up.
    """
    delivery = work.webhooks.find(sent.id)
    if delivery is None:
        return False  # its address was removed meanwhile
    well = delivery.note(sent.next_attempt_at, answer.status, answer.reply, answer.problem, work.now)
    endpoint = work.webhooks.lock(delivery.endpoint_id)
    events = endpoint.note(answer.status, work.now, well=well) if endpoint.is_on else []
    for event in events:
        endpoint.version += 1
        _tell_admins(work, endpoint, event)
    work.journal.record(*events)
    return bool(events)


def _send(
    transaction: Transaction, under_way: Counter[str], delivery: WebhookDelivery, endpoint: WebhookEndpoint, here: bool
) -> None:
    """Send one that is claimed; write down the outcome."""
    try:
        answer = _answer(delivery, endpoint, here)
        if in_one(transaction, lambda work: note(work, delivery, answer)):
            give_up(transaction)
    finally:
        under_way[endpoint.id] -= 1


def _answer(delivery: WebhookDelivery, endpoint: WebhookEndpoint, here: bool) -> Answer:
    now = clock.now()
    try:
        secrets = [OWN.unwrap(stored) for stored in endpoint.secrets_at(now)]
    except KeyMissing:
        return Answer(None, problem="its secret cannot be opened")
    headers = headers_of(delivery.event_id, delivery.body, secrets, now)
    return post(endpoint.url, delivery.body, headers, here=here)


def _tell_admins(work: Work, endpoint: WebhookEndpoint, event: WebhookEndpointMoved) -> None:
    mail = stopped(endpoint.host[:100], gone=event.reason is DisabledReason.GONE)
    for admin in work.people.with_role(ADMIN):
        key = f"webhook:{endpoint.id}:{endpoint.disabled_at}:{admin.email}"
        queue_mail(
            work, mail, admin.email, PAGE, key=key, about="webhook_stopped", reference=endpoint.id, tells_customer=False
        )
