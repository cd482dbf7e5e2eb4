"""What others rely on: each promised example is what logistics makes, and it can read what orders promises."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.common.basics import clock
from services.common.edge.fields import load
from services.common.runtime.messaging import subscriptions
from services.common.testing import fresh_store, promised
from services.logistics import handlers, schemas
from services.logistics.domain import NewParcel, ParcelStatus
from services.logistics.domain.events import ParcelEvent, ShipmentEvent
from services.logistics.service import LogisticsService
from services.logistics.tests.builders import a_line, a_scan, an_order_number, review_passed
from services.logistics.tests.test_handlers import DISPATCHED, WAREHOUSE, Logistics

OWN = Path(__file__).parents[1] / "contracts"
HEARD = {
    "review_passed": schemas.ReviewPassed,
    "change_requested": schemas.ChangeEvent,
    "change_declined": schemas.ChangeEvent,
    "change_closed": schemas.ChangeEvent,
    "stock_covered": schemas.ChangeEvent,
    "order_changed": schemas.OrderChanged,
    "cancellation_requested": schemas.OrderEvent,
    "order_cancelled": schemas.OrderEvent,
}
FOLLOWED = sorted((source, type_) for source, type_, _ in subscriptions(LogisticsService))
EVENTS = sorted(
    event.type for event in {*ShipmentEvent.__subclasses__(), *ParcelEvent.__subclasses__()} - {ParcelEvent}
)
REPLIES = ("get_shipment", "get_tracking", "list_shipments", "mark_dispatched", "receive_carrier_webhook")


class Story:
    """Three orders that between them go through everything; what was recorded and answered meanwhile."""

    def __init__(self, logistics: Logistics):
        self.logistics = logistics
        self.replies: dict[str, Any] = {}
        self._delivered(an_order_number(1))
        self._troubled(an_order_number(2))
        self._recalled(an_order_number(3))
        with logistics.work() as work:
            entries = [
                entry
                for n in (3, 2, 1)
                for entry in work.journal.timeline(an_order_number(n), public_only=False)
            ]  # fmt: skip
        self.events = {entry["type"]: {"service": "logistics", **entry} for entry in entries}

    def _delivered(self, order_number: str) -> None:
        logistics = self.logistics
        logistics.pass_review(order_number)
        parcel = NewParcel("fedex", "EZ4000000004", 700)
        self.replies["mark_dispatched"] = logistics.dispatch(parcel, order_number=order_number)
        number = {"number": parcel.tracking_number}
        with clock.frozen(DISPATCHED + timedelta(days=8)):
            logistics.scan(a_scan(ParcelStatus.IN_TRANSIT, 30, **number))  # type: ignore[arg-type]
            received = logistics.scan(a_scan(ParcelStatus.DELIVERED, 180, message="Front door", **number))  # type: ignore[arg-type]
            self.replies["receive_carrier_webhook"] = {
                "accepted": True,
                "duplicate": received.duplicate,
                "events": received.events,
            }
            self.replies["get_tracking"] = logistics.tracking(order_number=order_number)
            with logistics.work(WAREHOUSE) as work:
                self.replies["get_shipment"] = handlers.get_shipment(
                    work, self.replies["mark_dispatched"]["number"]
                )  # fmt: skip

    def _troubled(self, order_number: str) -> None:
        logistics = self.logistics
        lines = [*review_passed(order_number)["lines"]]
        logistics.pass_review(order_number, lines=[*lines, {**lines[0], "line_id": 2, "sku": "PEN-1"}])
        logistics.change({"line_id": 2, "sku": "PEN-1", "quantity": 1}, seq=9, order_number=order_number)
        logistics.dispatch(NewParcel("usps", "94001"), order_number=order_number)
        with logistics.work() as work:
            handlers.recall(work, order_number)
        with clock.frozen(DISPATCHED + timedelta(days=5)):
            scan = a_scan(ParcelStatus.EXCEPTION, 100, number="94001", carrier="usps", reason="damaged")
            logistics.scan(scan)
        with clock.frozen(DISPATCHED + timedelta(days=40)), logistics.work() as work:
            handlers.raise_alerts(work)

    def _recalled(self, order_number: str) -> None:
        logistics = self.logistics
        logistics.pass_review(order_number)
        with logistics.work(WAREHOUSE) as work:
            self.replies["list_shipments"] = handlers.list_shipments(work, {"limit": 1})
        with logistics.work() as work:
            handlers.cancel(work, order_number)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("contracts")
    with fresh_store("logistics", folder, postgres=False) as store, clock.frozen(DISPATCHED):
        yield Story(Logistics(store))


def shape(value: Any) -> Any:
    """A value's keys and types, all the way down."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value).__name__


def own(name: str) -> Any:
    return json.loads((OWN / f"{name}.v1.json").read_text())


@pytest.mark.parametrize("event", EVENTS)
def test_each_event_is_made_as_its_example_promises(story: Story, event: str) -> None:
    example, made = own(event), story.events[event]

    assert shape(made) == shape(example)
    assert (made["type"], made["version"], made["audience"]) == (event, 1, example["audience"])
    assert made["subject"] == made["body"]["shipment_number"]
    assert made["order_number"] == made["body"]["order_number"]


@pytest.mark.parametrize("method", REPLIES)
def test_each_reply_is_as_its_example_promises(story: Story, method: str) -> None:
    assert shape(story.replies[method]) == shape(own(f"rpc_{method}"))


def test_there_is_an_example_for_each_event_and_reply_and_none_besides() -> None:
    files = {path.name.removesuffix(".v1.json") for path in OWN.glob("*.v1.json")}

    assert files == {*EVENTS, *(f"rpc_{method}" for method in REPLIES)}


@pytest.mark.parametrize(("source", "event"), FOLLOWED)
def test_what_we_follow_is_read_from_its_makers_example(source: str, event: str) -> None:
    for example in promised(source, event):
        read = load(HEARD[event], example["body"])

        assert read["order_number"] == example["order_number"]


def test_an_event_that_gained_fields_is_still_read() -> None:
    body = {**review_passed(an_order_number()), "drone": {"pilot": "Ada"}}
    body["customer"]["nickname"] = "Countess"

    assert load(schemas.ReviewPassed, body)["lines"][0].sku == a_line().sku
