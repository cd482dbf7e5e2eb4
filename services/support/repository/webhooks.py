"""Webhooks that we send, in the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cached_property
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.shapes import Page
from services.common.store.chain_keys import Opens, seal_texts
from services.common.store.pages import page
from services.common.store.statements import earliest
from services.common.store.upsert import add_those_new, values_of
from services.support import tables as t
from services.support.api.webhooks import (
    DeliveryState,
    ListDeliveries,
    WebhookDeliveryNotFound,
    WebhookEndpointNotFound,
)
from services.support.domain.webhooks import LEASE, WebhookDelivery, WebhookEndpoint

T = TypeVar("T")
SOME = 1_000
"""Deliveries that are given up, or dropped, in one transaction: an address may have a month of them."""
BESIDE_QUEUEING = {"key_share": True}
"""FOR NO KEY UPDATE: a delivery refers to its address, so FOR UPDATE would hold up each event that is queued for it."""


class Webhooks:
    """Addresses, and what is sent to them."""

    def __init__(self, session: Session, now: datetime):
        self._session, self._now = session, now

    # addresses

    def add(self, endpoint: WebhookEndpoint) -> None:
        self._session.add(endpoint)
        self._session.flush()

    def endpoints(self) -> list[WebhookEndpoint]:
        return list(self._session.scalars(sa.select(WebhookEndpoint).order_by(_END.created_at, _END.id)))

    def lock(self, endpoint_id: str) -> WebhookEndpoint:
        """Return one, locked; events go on to be queued for it. Raise WebhookEndpointNotFound."""
        found = self.locked(endpoint_id)
        if found is None:
            raise WebhookEndpointNotFound
        return found

    def locked(self, endpoint_id: str) -> WebhookEndpoint | None:
        return self._session.get(WebhookEndpoint, endpoint_id, with_for_update=BESIDE_QUEUEING, populate_existing=True)

    def remove(self, endpoint: WebhookEndpoint) -> None:
        """Remove one, with what little `clear` has left: events wait for it so long."""
        self._session.get(WebhookEndpoint, endpoint.id, with_for_update=True, populate_existing=True)
        self._session.execute(sa.delete(t.webhook_deliveries).where(_SENT.endpoint_id == endpoint.id))
        self._session.delete(endpoint)
        self._session.flush()

    def clear(self, endpoint_id: str) -> bool:
        """Drop some of what was sent to an address. Return whether there may be more."""
        some = self._some(_SENT.endpoint_id == endpoint_id)
        self._session.execute(sa.delete(t.webhook_deliveries).where(_SENT.id.in_(some)))
        return len(some) == SOME

    def who_wants(self, event_type: str) -> list[str]:
        """Return the addresses to which events of this type are sent now."""
        return [endpoint_id for endpoint_id, wanted in self._wanted if event_type in wanted]

    @cached_property
    def _wanted(self) -> Sequence[tuple[str, list[str]]]:
        """What is wanted, asked once for all events that share a transaction."""
        rows = self._session.execute(_WANTED).all()
        return [(row.id, row.event_types) for row in rows]

    # what is sent

    def queue(self, deliveries: Iterable[WebhookDelivery]) -> None:
        """Write down what is to be sent, each event once for an address."""
        rows = [values_of(each, t.webhook_deliveries) for each in deliveries]
        if rows:
            add_those_new(self._session, t.webhook_deliveries, rows)

    def next_due(self) -> datetime | None:
        return self._session.scalar(_NEXT_DUE)

    def claim_due(self, busy: Iterable[str]) -> tuple[WebhookDelivery, WebhookEndpoint] | None:
        """Begin an attempt with what is due first, but not for addresses that are busy; no other takes it for a while.

        One at a time, so that the caller can count what is under way before the next.
        """
        given = {"now": self._now, "lease": self._now + LEASE, "busy": sorted(busy) or [""]}
        claimed = self._session.scalars(_CLAIM, given, execution_options={"populate_existing": True}).first()
        endpoint = claimed and self._session.get(WebhookEndpoint, claimed.endpoint_id)
        return (claimed, endpoint) if claimed and endpoint else None

    def find(self, delivery_id: str) -> WebhookDelivery | None:
        """Return one, locked; its address first, so that all lock in one order."""
        endpoint_id = self._session.scalar(sa.select(_SENT.endpoint_id).where(_SENT.id == delivery_id))
        if endpoint_id is None:
            return None
        self.locked(endpoint_id)
        return self._session.get(WebhookDelivery, delivery_id, with_for_update=True, populate_existing=True)

    def get(self, delivery_id: str) -> WebhookDelivery:
        """Return one, locked. Raise WebhookDeliveryNotFound."""
        found = self.find(delivery_id)
        if found is None:
            raise WebhookDeliveryNotFound
        return found

    def give_up(self) -> bool:
        """Give up some of what waits for addresses that are disabled. Return whether there may be more."""
        off = self._session.scalars(sa.select(_END.id).where(_END.disabled_at.is_not(None))).all()
        if not off:
            return False
        ended = {"state": DeliveryState.FAILED, "next_attempt_at": None, "ended_at": self._now}
        some = self._some(sa.and_(_SENT.endpoint_id.in_(off), _SENT.state == DeliveryState.PENDING))
        self._session.execute(sa.update(t.webhook_deliveries).where(_SENT.id.in_(some)).values(ended))
        return len(some) == SOME

    def _some(self, which: sa.ColumnElement[bool]) -> Sequence[str]:
        return self._session.scalars(
            sa.select(_SENT.id).where(which).order_by(_SENT.id).limit(SOME).with_for_update()
        ).all()

    def page(self, show: Callable[[WebhookDelivery], T], wanted: ListDeliveries) -> Page[T]:
        query = sa.select(WebhookDelivery)
        if wanted.endpoint_id is not None:
            query = query.where(_SENT.endpoint_id == wanted.endpoint_id)
        if wanted.state is not None:
            query = query.where(_SENT.state == wanted.state)
        keys = (_SENT.created_at, _SENT.id)
        return page(self._session, query, keys, show, cursor=wanted.cursor, limit=wanted.limit, descending=True)

    def forget(self, before: datetime) -> None:
        """Drop what is no longer to be sent and older than that, and the secrets that do not sign any more."""
        over = sa.update(t.webhook_endpoints).where(_END.old_until <= self._now)
        self._session.execute(over.values(old_secret=None, old_until=None))
        old = sa.and_(_SENT.created_at < before, _SENT.next_attempt_at.is_(None))
        self._session.execute(sa.delete(t.webhook_deliveries).where(old))


def seal_secrets(transaction: Opens, stopping: Callable[[], bool]) -> int:
    """Seal the secrets that stand plainly, or are sealed by another of our keys. Return how many were sealed."""
    both = (t.webhook_endpoints.c.secret, t.webhook_endpoints.c.old_secret)
    return sum(seal_texts(transaction, stopping, each, (t.webhook_endpoints.c.id,), sa.true()) for each in both)


_END, _SENT = t.webhook_endpoints.c, t.webhook_deliveries.c
_WANTED = sa.select(_END.id, _END.event_types).where(_END.disabled_at.is_(None))
_NEXT_DUE = earliest(_SENT.next_attempt_at)
_DUE = (
    sa.select(_SENT.id)
    .where(
        _SENT.next_attempt_at <= sa.bindparam("now"),
        _SENT.endpoint_id.not_in(sa.bindparam("busy", expanding=True)),
    )
    .order_by(_SENT.next_attempt_at)
    .limit(1)
    .with_for_update(skip_locked=True)
    .cte("due")
)
_CLAIM = (
    sa.update(WebhookDelivery)
    .where(_SENT.id == _DUE.c.id)
    .values(tries=_SENT.tries + 1, next_attempt_at=sa.bindparam("lease"))
    .returning(WebhookDelivery)
    .execution_options(synchronize_session=False)
)
