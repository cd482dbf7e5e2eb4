"""The AsyncAPI document says what the services publish, as their contracts show it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from deploy.checks import front_pages
from gateway.app import create_app
from gateway.settings import GatewaySettings
from services import SERVICES

pytestmark = pytest.mark.pure
CONTRACTS = Path(__file__).parents[1] / "services"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    answer = create_app(GatewaySettings.load({})).test_client().get("/v1/asyncapi.json")
    assert (answer.status_code, answer.content_type) == (200, "application/json; charset=utf-8")
    return dict(answer.get_json())


@pytest.mark.parametrize("service", SERVICES)
def test_each_event_of_a_service_has_its_channel(service: str, document: dict[str, Any]) -> None:
    declared = {each.type for each in front_pages.events_of(service)} | set(front_pages.CLOCKS)

    named = {name.removeprefix(f"{service}.") for name in document["channels"] if name.startswith(f"{service}.")}

    assert named == declared
    assert all(each["bindings"]["amqp"]["is"] == "routingKey" for each in document["channels"].values())


@pytest.mark.parametrize("service", SERVICES)
def test_what_travels_is_as_the_document_says(service: str, document: dict[str, Any]) -> None:
    events = [path for path in sorted(CONTRACTS.glob(f"{service}/contracts/*.json")) if path.stem[:4] != "rpc_"]
    assert events

    for path in events:
        message = document["components"]["messages"][f"{service}.{path.stem.partition('.')[0]}"]
        schema = {**message["payload"], "components": document["components"]}
        found = jsonschema_rs.Draft202012Validator(schema).iter_errors(_read(path))
        wrong = [error.message[:200] for error in found]
        assert not wrong, f"{path.name}: {wrong}"


def test_what_is_not_an_event_is_found(document: dict[str, Any]) -> None:
    schema = {**document["components"]["messages"]["orders.dispatch_held"]["payload"], **document}

    assert not jsonschema_rs.Draft202012Validator(schema).is_valid({"type": "dispatch_held", "body": {"hold_id": 1}})


def _read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))
