"""What orders promises to others (contracts/*.v1.json), and what it relies on of theirs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.common.basics.events import Event
from services.common.basics.message import Message
from services.common.bus.rpc_body import encode_result
from services.common.edge.fields import load
from services.common.runtime.messaging import subscriptions
from services.common.testing import fresh_store, promised
from services.orders import schemas
from services.orders.domain import events
from services.orders.service import OrdersService
from services.orders.tests.builders import Shop
from services.orders.tests.scenario import announced, play

OWN = Path(__file__).parents[1] / "contracts"
TYPES = sorted(
    event.type
    for event in vars(events).values()
    if isinstance(event, type)
    and issubclass(event, Event)
    and event not in (Event, events.OrderEvent, events.RefundEvent)
)
HEARD = {
    "on_payment_captured": schemas.PaymentCaptured,
    "on_stock_adjusted": schemas.StockAdjusted,
    "on_stock_freed": schemas.StockAdjusted,
    "on_shipment_created": schemas.ShipmentCreated,
    "on_shipment_sorted": schemas.ShipmentEvent,
    "on_shipment_packed": schemas.ShipmentEvent,
    "on_shipment_dispatched": schemas.ShipmentDispatched,
    "on_tracking_updated": schemas.TrackingUpdated,
    "on_shipment_delivered": schemas.ShipmentDelivered,
    "on_shipment_recalled": schemas.ShipmentEvent,
    "on_recall_refused": schemas.RecallRefused,
    "on_refund_claimed": schemas.RefundClaimed,
    "on_customer_notified": schemas.CustomerNotified,
}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    """Everything announced and everything answered in one run."""
    with fresh_store("orders", tmp_path_factory.mktemp("contracts"), postgres=False) as store:
        shop = Shop(store).stocked("MUG")
        replies = play(shop)
        return announced(shop), replies


def shape(value: Any) -> Any:
    """What a consumer can rely on: names and kinds; of a list, its items' shape; free-form maps stay maps."""
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


@pytest.mark.parametrize(("source", "type_", "method"), sorted(subscriptions(OrdersService)))
def test_what_we_follow_is_announced_as_we_read_it(source: str, type_: str, method: str) -> None:
    for example in promised(source, type_):
        message = Message.read(example, method)

        assert load(HEARD[method], message.body)


def test_customers_are_shown_nothing_of_staff_or_evidence(played: Any) -> None:
    public = [entry for entry in played[0].values() if entry["audience"] == "public"]

    text = json.dumps([entry["body"] for entry in public])

    assert "staff:" not in text
    assert "evidence" not in text
