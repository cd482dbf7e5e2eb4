"""What the last release promised still holds: its followers and callers may run beside today's services."""

from __future__ import annotations

import pytest

from deploy.checks.contracts import calls_lost, examples, losses, methods, released
from services import SERVICES

pytestmark = pytest.mark.pure

PROMISED = sorted((service, name) for service in SERVICES for name in released(service)["examples"])
THEN = {
    "type": "order_placed",
    "body": {"total": 100, "lines": [{"sku": "MUG", "note": None}], "parameters": {"a": 1}},
}


@pytest.mark.parametrize(("service", "name"), PROMISED)
def test_an_example_of_today_has_all_that_the_released_one_had(service: str, name: str) -> None:
    now = examples(service).get(name)

    assert now is not None, "it is not promised any more"
    assert list(losses(released(service)["examples"][name], now)) == []


@pytest.mark.parametrize("service", SERVICES)
def test_calls_of_released_methods_fit_todays(service: str) -> None:
    assert list(calls_lost(released(service)["methods"], methods(service))) == []


def test_what_is_added_is_no_loss() -> None:
    now = {
        "type": "order_placed",
        "body": {"total": 90, "lines": [{"sku": "JUG", "note": None, "x": 1}], "new": 1, "parameters": {}},
    }

    assert list(losses(THEN, now)) == []
    assert list(calls_lost({"get_order": [1, 1]}, {"get_order": [1, 2], "new": [3, 3]})) == []


@pytest.mark.parametrize(
    ("change", "loss"),
    [
        ({"type": "order_made"}, "type was 'order_placed', is 'order_made'"),
        ({"body": {**THEN["body"], "total": "1.00"}}, "body.total was int, is str"),  # type: ignore[dict-item]
        ({"body": {**THEN["body"], "lines": []}}, "body.lines has no example of an item any more"),  # type: ignore[dict-item]
        ({"body": {**THEN["body"], "lines": [{"sku": "MUG"}]}}, "body.lines[].note is gone"),  # type: ignore[dict-item]
    ],
)
def test_what_is_taken_away_is_named(change: dict[str, object], loss: str) -> None:
    assert list(losses(THEN, THEN | change)) == [loss]


@pytest.mark.parametrize(("now", "loss"), [({}, "gone"), ({"f": [2, 2]}, "takes 2 to 2"), ({"f": [0, 0]}, "0 to 0")])
def test_a_call_that_would_not_fit_is_named(now: dict[str, list[int]], loss: str) -> None:
    (found,) = calls_lost({"f": [1, 2 if now.get("f") == [2, 2] else 1]}, now)

    assert loss in found
