"""How many statements an order takes: these numbers may only fall."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.aftersales.api.events import RefundClaimed
from services.common.basics.caller import SYSTEM
from services.common.edge.schemas import load
from services.common.testing import event_like, fresh_store, guest, holder
from services.common.testing.statements import Counting
from services.orders.api import ListOrders, PlaceOrder
from services.orders.handlers import claims, imports, payments, placing
from services.orders.repository import Work
from services.orders.tests.builders import captured, order_form
from services.orders.tests.scene import Scene
from services.orders.tests.test_changes import ship

MOST = {"place": 14, "pay and review": 17, "read": 4, "list": 2, "dispatched": 15, "delivered": 14, "claim": 18}
"""On SQLite, where the journal takes four; PostgreSQL has two for it. A receipt takes two. A step of a shipment reads
the order before. The review writes its shipment down: who goes back to the release before finds it."""


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("orders", tmp_path) as store:
        yield Scene(store).stocked("MUG").stocked("CUP")


def test_an_order_takes_few_statements(scene: Scene) -> None:
    caller, counting = replace(guest(), idempotency_key="k1"), Counting(scene.store)
    wanted = load(PlaceOrder, order_form(("MUG", 2), ("CUP", 1)))

    note = counting.note
    note("place", lambda: placing.place_order(partial(scene.store.work, Work, caller), wanted))
    number = scene.do(lambda work: work.session.scalar(sa.text("SELECT order_number FROM orders")))
    fact = captured(scene.do(lambda work: work.payments.of_order(number)[0]))
    note("pay and review", lambda: scene.do(payments.take_facts, "sandbox", [fact], caller=SYSTEM))
    note("read", lambda: scene.do(placing.get_order, number, caller=holder(f"order:{number}")))
    note("list", lambda: scene.do(placing.list_orders, ListOrders()))
    for step in ("dispatched", "delivered"):
        note(step, partial(ship, scene, number, step))
    unit = {"line_id": 1, "unit": 0}
    claim = {"order_number": number, "units": [unit], "amount": {"amount": "12.50", "currency": "USD"}}
    note("claim", lambda: scene.hear(claims.on_refund_claimed, event_like(RefundClaimed, claim)))

    assert counting.beyond(MOST) == {}
    written = [
        sum(each.startswith("UPDATE orders ") for each in counting.told[act]) for act in ("place", "pay and review")
    ]
    assert written == [0, 1]


@pytest.mark.parametrize("act", [imports.import_products, imports.preview_import])
def test_an_import_takes_as_few_for_many_products(scene: Scene, act: Callable[..., object]) -> None:
    counting = Counting(scene.store)
    few, many = ("".join(f"P-{count}-{each},A,1.00,3\n" for each in range(count)) for count in (2, 100))

    for name, rows in (("few", few), ("many", many)):
        counting.note(name, partial(scene.do, act, f"sku,title,price,stock\nMUG,,2.00,7\n{rows}"))

    assert len(counting.told["many"]) <= len(counting.told["few"])
