"""How many statements an order takes: these numbers may only fall."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from services.common.basics.caller import SYSTEM
from services.common.edge.schemas import load
from services.common.testing import fresh_store, guest
from services.orders.api import PlaceOrder
from services.orders.handlers import payments, placing, reviews
from services.orders.repository import Work
from services.orders.tests.builders import captured, order_form
from services.orders.tests.scene import Scene

pytestmark = pytest.mark.pure

MOST = {"placing": 16, "capturing": 16, "reviewing": 15}
"""On SQLite, where the journal takes four and each SKU one; PostgreSQL has two for the journal and one for all SKUs."""


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("orders", tmp_path, postgres=False) as store:
        yield Scene(store).stocked("MUG").stocked("CUP")


def statements(scene: Scene, act: Callable[[], object]) -> list[str]:
    """Return what the act asks of the database, without BEGIN."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(scene.store.engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(scene.store.engine, "before_cursor_execute", note)
    return [each for each in asked if not each.startswith("BEGIN")]


def test_an_order_takes_few_statements(scene: Scene) -> None:
    caller = replace(guest(), idempotency_key="k1")
    wanted = load(PlaceOrder, order_form(("MUG", 2), ("CUP", 1)))
    transaction = partial(scene.store.work, Work, caller)

    told = {"placing": statements(scene, lambda: placing.place_order(transaction, wanted))}
    number = scene.do(lambda work: work.session.scalar(sa.text("SELECT order_number FROM orders")))
    fact = captured(scene.do(lambda work: work.payments.of_order(number)[0]))
    told["capturing"] = statements(scene, lambda: scene.do(payments.take_facts, "sandbox", [fact], caller=SYSTEM))
    told["reviewing"] = statements(scene, lambda: scene.do(reviews.start_review, number))

    assert all(len(told[act]) <= most for act, most in MOST.items()), {act: len(each) for act, each in told.items()}
    assert [sum(each.startswith("UPDATE orders ") for each in told[act]) for act in MOST] == [0, 1, 1]
