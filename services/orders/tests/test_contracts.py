"""What orders promises to others (contracts/*.v1.json), and what it relies on of theirs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.common.basics.events import Event
from services.common.basics.message import Message
from services.common.bus.rpc_body import encode_result
from services.common.bus.travel import read_event
from services.common.edge.schemas import check_reply
from services.common.runtime.following import Following
from services.common.testing import fresh_store, promised
from services.orders.api import OrdersApi, events
from services.orders.api.order_event import OrderEvent
from services.orders.api.product_events import ProductEvent
from services.orders.api.remedy_events import RemedyEvent
from services.orders.service import OrdersService
from services.orders.tests.scenario import announced, play
from services.orders.tests.scene import Scene

pytestmark = pytest.mark.pure  # one database, whatever the form

OWN = Path(__file__).parents[1] / "contracts"
TYPES = sorted(
    event.type
    for event in vars(events).values()
    if isinstance(event, type)
    and issubclass(event, Event)
    and event not in (Event, OrderEvent, events.RefundEvent, RemedyEvent, ProductEvent, events.PayoutEvent)
)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return everything announced and everything answered in one run."""
    with fresh_store("orders", tmp_path_factory.mktemp("contracts"), postgres=False) as store:
        scene = Scene(store).stocked("MUG")
        replies = play(scene)
        return announced(scene), json.loads(encode_result(replies))["result"]


def shape(value: Any) -> Any:
    """Return what a consumer can rely on: names and kinds.

    A list is shown by its items' shape; free-form maps stay maps.
    """
    if isinstance(value, dict):
        return {name: shape(item) for name, item in sorted(value.items()) if name not in ("parameters", "causation_id")}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


@pytest.mark.parametrize("type_", TYPES)
def test_every_event_is_announced_as_its_contract_shows_it(played: Any, type_: str) -> None:
    example = json.loads((OWN / f"{type_}.v1.json").read_text())

    assert shape(played[0][type_]) == shape(example)
    assert (example["type"], example["version"], example["service"]) == (type_, 1, "orders")


def test_no_contract_is_left_without_an_event_or_a_reply(played: Any) -> None:
    files = {path.name.removesuffix(".v1.json") for path in OWN.glob("*.json")}

    assert files == {*TYPES, *(f"rpc_{name}" for name in played[1])}


@pytest.mark.parametrize("path", sorted(OWN.glob("rpc_*.json")), ids=lambda path: path.name)
def test_every_reply_is_what_its_contract_shows(played: Any, path: Path) -> None:
    name = path.name.removesuffix(".v1.json").removeprefix("rpc_")

    reply = json.loads(encode_result(played[1][name]))["result"]

    assert shape(reply) == shape(json.loads(path.read_text()))


def test_every_reply_is_what_the_interface_declares(played: Any) -> None:
    for name, reply in played[1].items():
        check_reply(OrdersApi.methods[name.removesuffix("_as_staff")].reply, reply)


@pytest.mark.parametrize("following", OrdersService.follows, ids=lambda following: following.name)
def test_what_we_follow_is_announced_as_we_read_it(following: Following) -> None:
    for example in promised(*following.key):
        assert read_event(following.event, Message.read(example).body)


@pytest.mark.parametrize("type_", TYPES)
def test_our_events_are_read_as_they_were_recorded(type_: str) -> None:
    (event,) = (each for each in vars(events).values() if getattr(each, "type", None) == type_)

    for example in promised("orders", type_):
        assert holds(read_event(event, example["body"]).body(), example["body"])


def holds(found: Any, recorded: Any) -> bool:
    """Return whether everything that was recorded is found. Fields that came later have their defaults."""
    if isinstance(recorded, dict):
        return all(holds(found[name], value) for name, value in recorded.items())
    if isinstance(recorded, list):
        return len(found) == len(recorded) and all(map(holds, found, recorded))
    return bool(found == recorded)


def test_customers_are_shown_nothing_of_staff_or_evidence(played: Any) -> None:
    public = [entry for entry in played[0].values() if entry["audience"] == "public"]

    text = json.dumps([entry["body"] for entry in public])

    assert "staff:" not in text
    assert "evidence" not in text
