"""Events and followers of all services: every event has its example, every follower a source, every flag is true."""

from __future__ import annotations

import json
import pkgutil
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from services import SERVICES
from services.common.basics.events import Event
from services.common.basics.message import Message
from services.common.commitments import events as clocks
from services.common.runtime.messaging import subscriptions
from services.common.testing import service_class

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[2]


@cache
def events_of(service: str) -> dict[str, type[Event]]:
    """Return the event classes that a service declares, by type."""
    found: dict[str, type[Event]] = {}
    for package in (f"services.{service}.api", f"services.{service}.domain"):
        if find_spec(package) is None:
            continue
        for each in pkgutil.iter_modules(import_module(package).__path__):
            for item in vars(import_module(f"{package}.{each.name}")).values():
                own = isinstance(item, type) and item.__module__.startswith(package)
                if own and issubclass(item, Event) and not item.__subclasses__():
                    found[item.type] = item
    return found


@cache
def followed() -> set[tuple[str, str]]:
    return {(source, type_) for name in SERVICES for source, type_, _ in subscriptions(service_class(name))}


CLOCK_EVENTS = {clocks.CommitmentAtRisk.type, clocks.CommitmentBreached.type}


@pytest.mark.parametrize("service", SERVICES)
def test_every_event_has_an_example_promised_to_followers(service: str) -> None:
    missing = [type_ for type_ in events_of(service) if not (contract(service, type_)).exists()]

    assert missing == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_example_reads_as_a_message_of_its_service(service: str) -> None:
    for path in sorted((ROOT / service / "contracts").glob("*.json")):
        if path.name.startswith("rpc_"):
            continue
        message = Message.read(json.loads(path.read_text("utf-8")))

        assert (message.service, f"{message.type}.v{message.version}.json") == (service, path.name)


@pytest.mark.parametrize("service", SERVICES)
def test_an_event_says_truly_whether_anyone_follows_it(service: str) -> None:
    """`followed` becomes `mandatory`: an event wrongly said to be followed would wait in the outbox for ever."""
    said = {type_: event.followed for type_, event in events_of(service).items()}

    assert said == {type_: (service, type_) in followed() for type_ in said}


@pytest.mark.parametrize("service", SERVICES)
def test_someone_follows_the_clocks_of_every_service(service: str) -> None:
    assert {type_ for source, type_ in followed() if source == service} >= CLOCK_EVENTS


def test_every_subscription_is_to_an_event_that_exists() -> None:
    known = {(service, type_) for service in SERVICES for type_ in {*events_of(service), *CLOCK_EVENTS}}

    assert followed() <= known


def contract(service: str, event_type: str) -> Path:
    return ROOT / service / "contracts" / f"{event_type}.v1.json"
