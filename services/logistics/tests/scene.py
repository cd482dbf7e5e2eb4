"""The handlers of logistics on one database, each call a transaction of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from services.common.basics import clock, ids
from services.common.basics.caller import SYSTEM, Caller
from services.common.basics.events import Event
from services.common.basics.message import Message
from services.common.basics.shapes import Verdict
from services.common.store.database import Store
from services.common.testing import event_like, staff
from services.logistics.adapters.carriers import Webhook
from services.logistics.adapters.carriers.simulator import Simulator
from services.logistics.api.replies import ShipmentView, TrackingView
from services.logistics.api.shipments import MarkDispatched, ParcelGiven, Step
from services.logistics.domain import NewParcel
from services.logistics.domain.facts import Told
from services.logistics.handlers import shipments, tracking
from services.logistics.repository import Work
from services.logistics.service import LogisticsService
from services.logistics.settings import LogisticsSettings
from services.logistics.tests.builders import an_order_number, review_passed
from services.orders.api.events import (
    EditRequested,
    ExchangeArranged,
    ExchangeStopped,
    OrderChanged,
    RemedyAccepted,
    ReviewPassed,
)

ORDER = an_order_number()
WAREHOUSE = staff("warehouse")
DISPATCHED = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)


def given(*parcels: NewParcel) -> MarkDispatched:
    return MarkDispatched(tuple(ParcelGiven(each.carrier, each.tracking_number, each.weight_g) for each in parcels))


class Scene:
    """The handlers on one database, each call a transaction of its own."""

    def __init__(self, store: Store):
        self.store = store
        store.settings = LogisticsSettings()
        self.events: list[Event] = []

    @contextmanager
    def work(self, caller: Caller = SYSTEM) -> Iterator[Work]:
        with self.store.work(Work, caller) as work:
            yield work
            self.events += work.journal.pending

    def hear(self, event: type[Event], body: dict[str, Any], seq: int = 1) -> None:
        """Let an event arrive as its emitter would send it."""
        (following,) = (each for each in LogisticsService.follows if each.event is event)
        with self.work() as work:
            envelope = Message(
                "1", "orders", event.type, 1, ORDER, seq, body["order_number"], work.now, "", "test", body
            )
            following.handler(work, event_like(event, body), envelope)

    def pass_review(self, order_number: str = ORDER, seq: int = 3, **changes: Any) -> None:
        self.hear(ReviewPassed, review_passed(order_number, **changes), seq)

    def change(self, *lines: dict[str, Any], seq: int, order_number: str = ORDER, **more: Any) -> None:
        body = {"order_number": order_number, "change_id": "CHG-1", "lines": list(lines), "removed": [], **more}
        body.setdefault("delivery", review_passed(order_number)["delivery"])
        self.hear(OrderChanged, body, seq)

    def edit(self, change_id: str = "CHG-1", order_number: str = ORDER) -> None:
        """Let the customer's own edit arrive."""
        body = {"order_number": order_number, "change_id": change_id, "asks_warehouse": True}
        self.hear(EditRequested, body)

    def decide(self, option: str, shipment_number: str, seq: int = 12, order_number: str = ORDER, **more: Any) -> str:
        """Let the customer decide about a shipment that does not arrive; the number of what would be sent instead."""
        replacement = ids.number_after(ids.SHIPMENT, shipment_number)
        body = {
            "order_number": order_number, "remedy_id": ids.number_after("RMD", shipment_number), "option": option,
            "shipment_number": shipment_number, "parcels": [],
            "lines": [{"line_id": 1, "sku": "MUG-1", "quantity": 2}],
            "replacement": replacement if option == "resend" else None,
        }  # fmt: skip
        self.hear(RemedyAccepted, {**body, **more}, seq)
        return replacement

    def exchange(self, seq: int = 20) -> str:
        """Let orders arrange an exchange of one mug; the number of its shipment."""
        number = ids.number_after(ids.SHIPMENT, "exchange")
        line = {"line_id": 1, "sku": "MUG-1", "quantity": 1, "units": [0]}
        names = {"order_number": ORDER, "return_number": ids.number(ids.RETURN, 1), "shipment_number": number}
        self.hear(ExchangeArranged, {**names, "lines": [line]}, seq)
        return number

    def stop_exchange(self, number: str, seq: int = 21) -> None:
        """Let the customer prefer the money to an exchange."""
        names = {"order_number": ORDER, "return_number": ids.number(ids.RETURN, 1), "shipment_number": number}
        self.hear(ExchangeStopped, names, seq)

    def number(self, order_number: str = ORDER) -> str:
        with self.work() as work:
            return work.shipments.of_order(order_number)[0].number

    def pack(self, order_number: str = ORDER) -> str:
        number = self.number(order_number)
        with self.work(WAREHOUSE) as work:
            shipments.mark_sorted(work, number, Step())
        with self.work(WAREHOUSE) as work:
            shipments.mark_packed(work, number, Step())
        return number

    def dispatch(self, *parcels: NewParcel, order_number: str = ORDER) -> ShipmentView:
        number = self.pack(order_number)
        with self.work(WAREHOUSE) as work:
            handed_over = given(*(parcels or [NewParcel("simulator", "SIM1")]))
            return shipments.show(work, shipments.mark_dispatched(work, number, handed_over))

    def receive(self, raw: bytes, source: str = "simulator") -> tracking.Received:
        with self.work() as work:
            return tracking.receive_webhook(work, source, Simulator().parse(raw, work.now))

    def scan(self, *scans: Any, key: str = "", told: Sequence[Told] = ()) -> tracking.Received:
        with self.work() as work:
            key = key or "".join(scan.digest[:12] for scan in scans[:6])
            return tracking.receive_webhook(work, "easypost", Webhook(key, scans, told=tuple(told)))

    def told(self, event_type: str) -> list[dict[str, Any]]:
        return [event.body() for event in self.events if event.type == event_type]

    def verdict(self, kind: str) -> Verdict:
        number = self.number()
        with self.work() as work:
            found = work.commitments.find(kind, number)
            assert found is not None
            return found.verdict(clock.now())

    def tracking(self, caller: Caller = WAREHOUSE, order_number: str = ORDER) -> TrackingView:
        with self.work(caller) as work:
            return tracking.get_tracking(work, order_number)
