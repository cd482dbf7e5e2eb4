"""Addresses that our events are sent to: added, changed, removed by an admin; what was sent to them, and sent again."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from services.common.basics import ids
from services.common.basics.clock import rfc3339
from services.common.basics.shapes import Page
from services.common.basics.states import require_version
from services.common.bus.travel import write_argument
from services.common.store.chain_keys import OWN
from services.common.store.database import in_one
from services.support import views
from services.support.adapters.hooks import Refused, addresses_of
from services.support.api.parts import Accepted
from services.support.api.webhook_events import DisabledReason, EndpointStep
from services.support.api.webhooks import (
    AddEndpoint,
    ChangeEndpoint,
    DeliveryView,
    EndpointList,
    EndpointView,
    ListDeliveries,
    NewEndpoint,
    TooManyEndpoints,
    UnknownEventType,
    WebhookEndpointMovedOn,
    WebhookEndpointOff,
    WebhookUrlRefused,
)
from services.support.domain.webhooks import MOST_ENDPOINTS, WebhookDelivery, WebhookEndpoint, new_secret
from services.support.handlers.access import acting
from services.support.handlers.delivering import give_up
from services.support.repository import Transaction, Work

SECRET_BYTES = 32


def list_endpoints(work: Work, event_types: Iterable[str]) -> EndpointList:
    """List all addresses, and what can be sent."""
    return {"items": [_shown(work, each) for each in work.webhooks.endpoints()], "event_types": list(event_types)}


def add_endpoint(transaction: Transaction, wish: AddEndpoint, known: Iterable[str]) -> NewEndpoint:
    """Look where the URL leads, outside of a transaction, then add the address.

    A repeat makes another one: no reply is kept that has a secret in it.
    """
    types = _known(wish.event_types, known)
    _require_reachable(transaction, wish.url)
    return in_one(transaction, lambda work: _add(work, wish, types))


def change_endpoint(
    transaction: Transaction, endpoint_id: str, wish: ChangeEndpoint, known: Iterable[str]
) -> EndpointView:
    """Take what is given; another URL is looked at first, but not for what was done before."""
    types = _known(wish.event_types, known) if wish.event_types else None
    asked = [endpoint_id, write_argument(wish)]
    with transaction(reading=True) as work:
        looks = wish.url is not None and not work.repeats("change_webhook_endpoint", asked)
    if wish.url is not None and looks:
        _require_reachable(transaction, wish.url)
    changed = in_one(
        transaction,
        lambda work: work.once("change_webhook_endpoint", asked, lambda: _change(work, endpoint_id, wish, types)),
    )
    if wish.enabled is False:
        give_up(transaction)
    return changed


def renew_secret(transaction: Transaction, endpoint_id: str) -> NewEndpoint:
    """Make another secret, a repeat too; the one before signs too for a while."""
    return in_one(transaction, lambda work: _renew(work, endpoint_id))


def _renew(work: Work, endpoint_id: str) -> NewEndpoint:
    endpoint, secret = work.webhooks.lock(endpoint_id), _secret()
    work.journal.record(endpoint.renew(OWN.wrap(secret), work.now))
    endpoint.version += 1
    return {"endpoint": _shown(work, endpoint), "secret": secret}


def remove_endpoint(transaction: Transaction, endpoint_id: str) -> Accepted:
    """Disable an address, drop what was sent to it, some at a time, and then remove it."""
    in_one(transaction, lambda work: _stop(work, work.webhooks.locked(endpoint_id)))
    while in_one(transaction, lambda work: work.webhooks.clear(endpoint_id)):
        pass
    return in_one(
        transaction,
        lambda work: work.once("remove_webhook_endpoint", [endpoint_id], lambda: _remove(work, endpoint_id)),
    )


def list_deliveries(work: Work, query: ListDeliveries) -> Page[DeliveryView]:
    """List what was sent, and waits to be sent."""
    return work.webhooks.page(_delivery, query)


def replay_delivery(work: Work, delivery_id: str) -> DeliveryView:
    """Have an event sent once more, at once."""
    delivery = work.webhooks.get(delivery_id)
    if not work.webhooks.lock(delivery.endpoint_id).is_on:
        raise WebhookEndpointOff
    work.journal.record(delivery.replay(work.now))
    return _delivery(delivery)


def _add(work: Work, wish: AddEndpoint, types: list[str]) -> NewEndpoint:
    if len(work.webhooks.endpoints()) >= MOST_ENDPOINTS:
        raise TooManyEndpoints
    secret = _secret()
    endpoint = WebhookEndpoint(
        ids.new_id(), wish.url, types, wish.description, OWN.wrap(secret), work.now, acting(work)
    )  # fmt: skip
    work.webhooks.add(endpoint)
    work.journal.record(endpoint.moved(EndpointStep.ADDED))
    return {"endpoint": _shown(work, endpoint), "secret": secret}


def _change(work: Work, endpoint_id: str, wish: ChangeEndpoint, types: list[str] | None) -> EndpointView:
    endpoint = work.webhooks.lock(endpoint_id)
    require_version(wish.version, endpoint.version, lambda: _shown(work, endpoint), WebhookEndpointMovedOn)
    events = endpoint.change(wish.url, types, wish.description)
    if wish.enabled is not None:
        events += endpoint.enable() if wish.enabled else endpoint.disable(DisabledReason.BY_ADMIN, work.now)
    if events:
        endpoint.version += 1
        work.journal.record(*events)
    return _shown(work, endpoint)


def _stop(work: Work, endpoint: WebhookEndpoint | None) -> None:
    """Disable an address, if it is still there: nothing more is queued for it."""
    if endpoint is not None and endpoint.is_on:
        work.journal.record(*endpoint.disable(DisabledReason.BY_ADMIN, work.now))
        endpoint.version += 1


def _remove(work: Work, endpoint_id: str) -> Accepted:
    endpoint = work.webhooks.lock(endpoint_id)
    work.journal.record(endpoint.moved(EndpointStep.REMOVED))
    work.webhooks.remove(endpoint)
    return {}


def _require_reachable(transaction: Transaction, url: str) -> None:
    with transaction(reading=True) as work:
        here = work.settings.webhooks_to_here
    try:
        addresses_of(url, here=here)
    except Refused as refused:
        raise WebhookUrlRefused(f"Events cannot be sent to this address: {refused}.") from refused


def _known(wanted: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return these types, each once. Raise UnknownEventType."""
    types = list(dict.fromkeys(wanted))
    unknown = sorted(set(types) - set(known))
    if unknown:
        raise UnknownEventType(details={"names": unknown})
    return types


def _secret() -> str:
    return new_secret(secrets.token_bytes(SECRET_BYTES))


def _shown(work: Work, endpoint: WebhookEndpoint) -> EndpointView:
    overlaps = endpoint.old_until is not None and work.now < endpoint.old_until
    return {
        "id": endpoint.id,
        "url": endpoint.url,
        "description": endpoint.description,
        "event_types": list(endpoint.event_types),
        "enabled": endpoint.is_on,
        "disabled_reason": endpoint.disabled_reason,
        "disabled_at": views.moment(endpoint.disabled_at),
        "failing_since": views.moment(endpoint.failing_since),
        "old_secret_until": views.moment(endpoint.old_until) if overlaps else None,
        "created_at": rfc3339(endpoint.created_at),
        "created_by": endpoint.created_by,
        "version": endpoint.version,
    }


def _delivery(delivery: WebhookDelivery) -> DeliveryView:
    return {
        "id": delivery.id,
        "endpoint_id": delivery.endpoint_id,
        "event_id": delivery.event_id,
        "event_type": delivery.event_type,
        "order_number": delivery.order_number,
        "state": delivery.state,
        "occurred_at": rfc3339(delivery.occurred_at),
        "next_attempt_at": views.moment(delivery.next_attempt_at),
        "ended_at": views.moment(delivery.ended_at),
        "attempts": [
            {"at": each["at"], "status": each["status"], "reply": each["reply"], "problem": each["problem"]}
            for each in delivery.attempts
        ],
    }
