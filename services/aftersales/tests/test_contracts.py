"""What others rely on: each promised example is what aftersales makes, and it can read what others promise."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.aftersales import schemas, views
from services.aftersales.domain import ClaimStatus, ReturnEvent
from services.aftersales.handlers import asking, deciding
from services.aftersales.service import AftersalesService
from services.aftersales.tests.builders import ORDER_NUMBER, RULES
from services.aftersales.tests.test_handlers import ADA, ALAN, EDSGER, GRACE, Desk
from services.common.basics import clock
from services.common.edge.fields import load
from services.common.runtime.messaging import subscriptions
from services.common.testing import fresh_store, promised

OWN = Path(__file__).parents[1] / "contracts"
HEARD = {
    "on_order_placed": schemas.OrderPlaced,
    "on_order_changed": schemas.OrderChanged,
    "on_order_cancelled": schemas.OrderCancelled,
    "on_refund_submitted": schemas.RefundNews,
    "on_refund_settled": schemas.RefundNews,
    "on_refund_failed": schemas.RefundNews,
    "on_shipment_delivered": schemas.ShipmentDelivered,
}
FOLLOWED = [(source, type_, HEARD[method]) for source, type_, method in sorted(subscriptions(AftersalesService))]


class Story:
    """Returns of one order that between them take every step; what was recorded and answered meanwhile."""

    def __init__(self, desk: Desk):
        self.desk, self.replies = desk, {}  # type: tuple[Desk, dict[str, Any]]
        self._refunded()
        self._rejected()
        self._come_to_nothing()
        with desk.work() as work:
            entries = work.journal.timeline(ORDER_NUMBER, public_only=False)
        self.events = {entry["type"]: entry for entry in entries}

    def _refunded(self) -> None:
        desk = self.desk
        self.number = number = desk.request().number
        self._keep("request_return", to_staff=False)
        desk.review(number, decision="info", question="Is the plug in the box?")
        desk.answer(number, answer="Yes, it is.")
        desk.review(number)
        self._keep("review_return", to_staff=True)
        desk.answer(number, sent=True, carrier="ups", tracking_number="1Z999AA10123456784")
        desk.receive(number)
        desk.inspect(number)
        settled_at = clock.rfc3339(desk.now)
        desk.refund(ClaimStatus.SETTLED, number, "19.99", 7, refund_id="REF-1", settled_at=settled_at)
        self._keep("get_return", to_staff=False)

    def _rejected(self) -> None:
        number = self.desk.request().number
        self.desk.reject(number, GRACE)
        self.desk.reject(number, ALAN)
        with self.desk.work(ADA) as work:
            asking.appeal_return(work, number, "It is in the box.", RULES)
        self.desk.reject(number, EDSGER)

    def _come_to_nothing(self) -> None:
        number = self.desk.request().number
        with self.desk.work(ADA) as work:
            asking.withdraw_return(work, number)
        number = self.desk.request().number
        sent_by = self.desk.review(number).send_by
        assert sent_by is not None
        self.desk.now = sent_by.replace(year=2027)
        with self.desk.work() as work:
            deciding.lapse_unsent(work)

    def _keep(self, method: str, *, to_staff: bool) -> None:
        with self.desk.work() as work:
            item, clocks = work.returns.get(self.number), work.commitments.of_subjects([self.number])
            self.replies[method] = views.shown(item, clocks, work.now, to_staff=to_staff)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with fresh_store("aftersales", tmp_path_factory.mktemp("contracts"), postgres=False) as store:
        desk = Desk(store)
        desk.deliver()
        yield Story(desk)


def shape(value: Any) -> Any:
    """A value's keys and types, all the way down."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value).__name__


def own(name: str) -> Any:
    return json.loads((OWN / f"{name}.v1.json").read_text())


EVENTS = sorted(event.type for event in ReturnEvent.__subclasses__())


@pytest.mark.parametrize("event", EVENTS)
def test_each_event_is_made_as_its_example_promises(story, event):
    example = own(event)

    made = {"service": "aftersales", **story.events[event]}

    assert shape({key: made[key] for key in example}) == shape(example)
    assert made["body"].keys() == example["body"].keys()
    assert (made["version"], made["audience"]) == (1, example["audience"])


def test_there_is_an_example_for_each_event_and_none_besides():
    files = {path.name.removesuffix(".v1.json") for path in OWN.glob("*.v1.json")}

    assert {name for name in files if not name.startswith("rpc_")} == set(EVENTS)


@pytest.mark.parametrize("method", ["request_return", "review_return", "get_return"])
def test_each_reply_is_as_its_example_promises(story, method):
    assert shape(story.replies[method]) == shape(own(f"rpc_{method}"))


def test_public_examples_hold_no_names_of_staff_and_no_notes():
    for event in EVENTS:
        example = own(event)
        if example["audience"] == "public":
            assert not {"by", "note", "parts", "evidence"} & example["body"].keys(), event
            assert "staff:" not in json.dumps(example["body"]), event


@pytest.mark.parametrize(("source", "type_", "schema"), FOLLOWED)
def test_what_we_follow_is_read_from_its_makers_example(source, type_, schema):
    for example in promised(source, type_):
        read = load(schema, example["body"])

        assert read["order_number" if "order_number" in read else "reference"]


def test_an_event_that_gained_fields_is_still_read():
    body = {"order_number": ORDER_NUMBER, "delivered_at": "2026-03-02T12:00:00Z", "drone": {"pilot": "Ada"}}

    assert load(schemas.ShipmentDelivered, body)["time_zone"] is None
