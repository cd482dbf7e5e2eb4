"""What others rely on: each promised example is what aftersales makes, and it can read what others promise."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.aftersales.api.events import ReturnEvent, ReturnsErased
from services.aftersales.handlers import returns
from services.aftersales.service import AftersalesService
from services.aftersales.tests.builders import ORDER_NUMBER
from services.aftersales.tests.scene import ADA, ALAN, EDSGER, GRACE, Scene, exchanging
from services.common.basics import clock, ids
from services.common.basics.events import Event
from services.common.bus.rpc_body import encode_result
from services.common.bus.travel import read_event
from services.common.testing import fresh_store, promised, whole_body
from services.logistics.api.events import DeliveryTakenBack, ShipmentDelivered
from services.orders.api.events import OrderErased, RefundFailed, RefundSettled

pytestmark = pytest.mark.pure  # one database, whatever the form

OWN = Path(__file__).parents[1] / "contracts"


class Story:
    """Returns of one order that between them take every step; what was recorded and answered meanwhile."""

    def __init__(self, scene: Scene):
        self.scene, self.replies = scene, {}  # type: tuple[Scene, dict[str, Any]]
        self._refunded()
        self._rejected()
        self._come_to_nothing()
        self._goods_go_back()
        self._exchanged()
        erased = OrderErased(order_number=ORDER_NUMBER, request_id=ids.number(ids.PRIVACY, 1))
        scene.hear(OrderErased, erased.body())
        with scene.work() as work:
            entries = work.journal.timeline(ORDER_NUMBER, public_only=False)
        self.events = {entry["type"]: entry for entry in entries}

    def _refunded(self) -> None:
        scene = self.scene
        self.number = number = scene.request().number
        self._keep("request_return", to_staff=False)
        scene.review(number, decision="info", question="Is the plug in the box?")
        scene.answer(number, answer="Yes, it is.")
        scene.review(number)
        self._keep("review_return", to_staff=True)
        scene.answer(number, sent=True, carrier="ups", tracking_number="1Z999AA10123456784")
        scene.receive(number)
        scene.inspect(number)
        settled_at = clock.rfc3339(scene.now)
        scene.refund(RefundSettled, number, "19.99", 7, refund_id="REF-1", settled_at=settled_at)
        scene.refund(RefundFailed, number, "19.99", 8, refund_id="REF-1")
        scene.refund(RefundSettled, number, "19.99", 9, refund_id="REF-1", settled_at=settled_at)
        scene.ask_postage(number)
        scene.decide_postage(number, "decline")
        scene.decide_postage(number, "decline", ALAN)
        self._keep("get_return", to_staff=False)

    def _rejected(self) -> None:
        number = self.scene.request().number
        self.scene.reject(number, GRACE)
        self.scene.reject(number, ALAN)
        self.scene.appeal(number)
        self.scene.reject(number, EDSGER)

    def _come_to_nothing(self) -> None:
        number = self.scene.request().number
        self.scene.withdraw(number)
        number = self.scene.request().number
        sent_by = self.scene.review(number).send_by
        assert sent_by is not None
        self.scene.now = sent_by.replace(year=2027)
        self.scene.lapse()

    def _goods_go_back(self) -> None:
        scene = self.scene
        scene.now = scene.now.replace(year=2026)
        photo = "/v1/uploads/0b0e5b6c-5a52-4f0a-9d6f-0c2b7e0f6a11"
        number = scene.request(quantity=2, evidence=[photo]).number
        scene.review(number)
        scene.receive(number)
        scene.inspect(number, outcome="disputed")
        scene.look(number)
        scene.withdraw(number)
        scene.appeal(number)
        scene.look(number, caller=EDSGER)
        scene.send_back(number)
        scene.dispose(self.number)

    def _exchanged(self) -> None:
        scene = self.scene
        number, brings = exchanging(scene)
        scene.brought(brings)
        scene.hear(DeliveryTakenBack, promised_taken_back(brings), 3)
        scene.choose_refund(number)
        scene.refuse_exchange(number, brings, "changed_mind")

    def _keep(self, method: str, *, to_staff: bool) -> None:
        with self.scene.work(GRACE if to_staff else ADA) as work:
            reply = returns.show(work, returns.get_return(work, self.number))
            self.replies[method] = json.loads(encode_result(reply))["result"]


def promised_taken_back(shipment_number: str) -> dict[str, Any]:
    told = {"shipment_number": shipment_number, "order_number": ORDER_NUMBER}
    return whole_body("logistics", "delivery_taken_back", told)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with fresh_store("aftersales", tmp_path_factory.mktemp("contracts"), postgres=False) as store:
        scene = Scene(store)
        scene.deliver()
        yield Story(scene)


def shape(value: Any) -> Any:
    """Return a value's keys and types at all depths."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value).__name__


def own(name: str) -> Any:
    return json.loads((OWN / f"{name}.v1.json").read_text())


KINDS: tuple[type[Event], ...] = (*ReturnEvent.__subclasses__(), ReturnsErased)
EVENTS = sorted(event.type for event in KINDS)


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


@pytest.mark.parametrize("following", AftersalesService.follows, ids=lambda following: following.name)
def test_what_we_follow_is_read_from_its_makers_example(following):
    for example in promised(*following.key):
        read = read_event(following.event, example["body"])

        assert read.order


def test_an_event_that_gained_fields_is_still_read():
    body = whole_body("logistics", "shipment_delivered", {"order_number": ORDER_NUMBER, "drone": {"pilot": "Ada"}})

    assert read_event(ShipmentDelivered, body).order_number == ORDER_NUMBER
