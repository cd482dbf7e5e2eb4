"""Logistics on the bus: the calls it answers, the events it follows, and what it does by itself."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from nameko.extensions import DependencyProvider
from prometheus_client import Counter

from services.common.basics import clock
from services.common.basics.errors import Forbidden, ServiceError
from services.common.basics.message import Message
from services.common.bus.rpc import rpc
from services.common.edge.fields import load
from services.common.runtime.config import ENVIRON, Configured
from services.common.runtime.database import Database
from services.common.runtime.messaging import subscribe
from services.common.runtime.service import Service
from services.common.runtime.timers import every
from services.logistics import handlers, schemas
from services.logistics.carriers import Carriers
from services.logistics.repository import Work
from services.logistics.settings import LogisticsSettings

log = logging.getLogger(__name__)

REFUSED = Counter("pledge_carrier_webhooks_refused_total", "webhooks whose signature does not fit", ["carrier"])
UNMAPPED = Counter("pledge_tracking_unmapped_total", "scans whose code we do not know", ["carrier"])
UNMATCHED = Counter("pledge_tracking_unmatched_total", "reported tracking numbers that no parcel has yet", ["carrier"])


class CarrierAdapters(DependencyProvider):
    """Gives workers the carriers' adapters, made from the settings once."""

    def setup(self) -> None:
        self.carriers = Carriers.of(LogisticsSettings.load(self.container.config[ENVIRON]))

    def get_dependency(self, worker_ctx: object) -> Carriers:
        return self.carriers


class LogisticsService(Service):
    """Shipments, parcels, tracking. Entrypoints only: what is done is in `handlers`, what is right in `domain`."""

    name = "logistics"
    transaction: Database[Work] = Database(Work)
    settings = Configured(LogisticsSettings)
    carriers = CarrierAdapters()

    def may_see_order(self, order_number: str) -> bool:
        return handlers.may_see_order(self.work, order_number)

    @rpc
    def list_shipments(self, query: dict[str, Any]) -> dict[str, Any]:
        """The warehouse's queue by the time at which each must have left; `status` or `order_number` show others."""
        wanted = load(schemas.ListShipments, query)
        with self.transaction(reading=True) as work:
            return handlers.list_shipments(work, wanted)

    @rpc
    def get_shipment(self, number: str) -> dict[str, Any]:
        """One shipment. NotFound `shipment_not_found`."""
        with self.transaction(reading=True) as work:
            return handlers.get_shipment(work, number)

    @rpc
    def mark_sorted(self, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """Begin to sort. Conflict `wrong_shipment_status`; Forbidden `role_required`."""
        load(schemas.Step, body)
        return self._once("mark_sorted", [number], partial(handlers.mark_sorted, number=number))

    @rpc
    def mark_packed(self, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """The goods are in their boxes. Conflict `wrong_shipment_status`; Forbidden `role_required`."""
        load(schemas.Step, body)
        return self._once("mark_packed", [number], partial(handlers.mark_packed, number=number))

    @rpc
    def mark_dispatched(self, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """All parcels, `{parcels: [{carrier, tracking_number, weight_g?}]}`, were handed over, the last one now.

        Conflict `wrong_shipment_status`, `shipment_on_hold` or `tracking_number_taken`; Forbidden `role_required`.
        """
        parcels = load(schemas.MarkDispatched, body)["parcels"]
        act = partial(handlers.mark_dispatched, number=number, parcels=parcels)
        return self._once("mark_dispatched", [number, body], act)

    @rpc
    def get_tracking(self, order_number: str) -> dict[str, Any]:
        """An order's parcels with every scan, for its customer and staff; NotFound `order_not_found` for a stranger."""
        with self.transaction(reading=True) as work:
            return handlers.get_tracking(work, order_number)

    @rpc
    def receive_carrier_webhook(self, carrier: str, headers: Mapping[str, str], raw_base64: str) -> dict[str, Any]:
        """What a carrier reports: `{"accepted": true, "duplicate", "events"}`, events being the new ones.

        Forbidden `bad_signature`; Invalid `malformed_webhook`, `body_too_large`; NotFound `carrier_not_found`.
        """
        adapter, raw, now = self.carriers.get(carrier), schemas.raw_body(raw_base64), clock.now()
        if not adapter.verify(headers, raw, now):
            REFUSED.labels(carrier).inc()
            raise Forbidden("the signature does not fit", code="bad_signature")
        webhook = adapter.parse(raw, now)
        with self.transaction() as work:
            received = handlers.receive_webhook(work, carrier, webhook)
        UNMAPPED.labels(carrier).inc(received.unmapped)
        UNMATCHED.labels(carrier).inc(received.unmatched)
        return {"accepted": True, "duplicate": received.duplicate, "events": received.events}

    @subscribe("orders", "review_passed")
    def on_review_passed(self, work: Work, message: Message) -> None:
        event = load(schemas.ReviewPassed, message.body)
        handlers.create_shipment(work, event, message.subject_seq, self.settings)

    @subscribe("orders", "change_requested")
    def on_change_requested(self, work: Work, message: Message) -> None:
        event = load(schemas.ChangeEvent, message.body)
        handlers.hold(work, event["order_number"], event["change_id"], message.occurred_at)

    @subscribe("orders", "change_declined")
    def on_change_declined(self, work: Work, message: Message) -> None:
        self._release(work, message)

    @subscribe("orders", "change_closed")
    def on_change_closed(self, work: Work, message: Message) -> None:
        self._release(work, message)

    @subscribe("orders", "stock_covered")
    def on_stock_covered(self, work: Work, message: Message) -> None:
        self._release(work, message)

    @subscribe("orders", "order_changed")
    def on_order_changed(self, work: Work, message: Message) -> None:
        event = load(schemas.OrderChanged, message.body)
        handlers.change(work, event, message.subject_seq, message.occurred_at)

    @subscribe("orders", "cancellation_requested")
    def on_cancellation_requested(self, work: Work, message: Message) -> None:
        event = load(schemas.OrderEvent, message.body)
        handlers.recall(work, event["order_number"])

    @subscribe("orders", "order_cancelled")
    def on_order_cancelled(self, work: Work, message: Message) -> None:
        event = load(schemas.OrderEvent, message.body)
        handlers.cancel(work, event["order_number"])

    @every(10.0)
    def find_late_and_stuck(self) -> None:
        """Ask the carriers of parcels that should have been heard of, then raise what is late or stuck."""
        self._ask_carriers()
        with self.transaction() as work:
            handlers.raise_alerts(work)

    @every(3600.0)
    def forget_receipts(self) -> None:
        """Drop the receipts of webhooks that are too old to come again."""
        with self.transaction() as work:
            work.tracking.forget_old_receipts(work.now)

    def _once(self, command: str, request: list[Any], act: Callable[[Work], dict[str, Any]]) -> dict[str, Any]:
        """The reply of a command that the same idempotency key does once."""
        with self.transaction() as work:
            reply: dict[str, Any] = work.once(command, request, lambda: act(work))
            return reply

    def _ask_carriers(self) -> None:
        if not self.carriers.can_be_asked:
            return
        with self.transaction(reading=True) as work:
            numbers = handlers.numbers_to_ask(work)
        try:
            scans = self.carriers.fetch(numbers, clock.now())
        except ServiceError as exc:
            log.warning("carriers: %s", exc)
            return
        with self.transaction() as work:
            handlers.take_scans(work, scans)

    def _release(self, work: Work, message: Message) -> None:
        event = load(schemas.ChangeEvent, message.body)
        handlers.release(work, event["order_number"], event["change_id"], message.occurred_at)
