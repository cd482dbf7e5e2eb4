"""Stock, catalogue and proposals with many at once, on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from services.common.basics import clock
from services.common.basics.caller import AGENT, REVIEWER
from services.common.basics.money import Money
from services.common.testing import fresh_store, guest, holder, staff
from services.orders.api import AdjustStock, CancelOrder, ListProducts, ReleaseHold, SaveProduct
from services.orders.handlers import cancellations, catalogue, holds, imports, placing, shortages
from services.orders.tests.backorders import goes_in_turn, order, sell
from services.orders.tests.builders import captured
from services.orders.tests.scene import Scene
from services.orders.tests.test_changes import changes_of
from services.orders.tests.test_races import at_once

pytestmark = pytest.mark.integration
PROPOSAL: dict[str, Any] = {"kind": "cancel", "reason": "Shall we cancel?"}


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("orders", tmp_path, postgres=True) as store:
        yield Scene(store).stocked("MUG", 200)


def test_one_guest_at_once_holds_no_more_than_allowed(scene: Scene) -> None:
    outcomes = at_once(*[partial(scene.place, ("MUG", 7), caller=guest())] * 8)

    placed = [item for item in outcomes if isinstance(item, str)]
    assert len(placed) == 2
    assert {item.code for item in outcomes if not isinstance(item, str)} == {"hold_too_large"}
    assert scene.count("MUG") == (200, 14)
    scene.holds()


def test_release_expiry_and_payment_at_once_end_in_one_state(scene: Scene) -> None:
    for _ in range(5):
        number = scene.place(("MUG", 3))
        payment = scene.do(lambda work, number=number: work.payments.of_order(number)[0])
        release = partial(holds.release_hold, number=number, wish=ReleaseHold("stock"))

        with clock.shifted(timedelta(minutes=31)):
            at_once(
                partial(scene.do, release, caller=staff(REVIEWER)),
                partial(scene.do, release, caller=staff(REVIEWER)),
                partial(scene.do, placing.expire_unpaid, number),
                partial(scene.do, placing.expire_unpaid, number),
                partial(scene.report, captured(payment)),
            )

        assert scene.order(number)["status"] == "confirmed"  # in time, or revived
        assert scene.journal(number).count("order_expired") <= 1
    assert scene.count("MUG") == (200, 15)
    scene.holds()


def test_of_proposals_at_once_one_is_open(scene: Scene) -> None:
    number = scene.paid()

    outcomes = at_once(*[partial(scene.propose, number, staff(AGENT), **PROPOSAL)] * 6)

    assert sorted(getattr(item, "code", "") for item in outcomes) == ["", *["change_open"] * 5]
    assert [change["status"] for change in changes_of(scene, number)] == ["awaiting_customer"]


def test_imports_in_any_order_never_wait_in_a_circle(scene: Scene) -> None:
    header, rows = "sku,title,price,stock", [f"IMP-{place},Thing,1.00,{place}" for place in range(20)]
    files = ["\n".join([header, *order]) for order in (rows, rows[::-1])] * 3
    scene.do(imports.import_products, files[0])

    outcomes = at_once(*(partial(scene.do, imports.import_products, text.replace("Thing", "A")) for text in files))

    assert [item["imported"] for item in outcomes] == [20] * 6
    scene.holds()


def test_one_sku_in_two_cases_at_once_is_one_product(scene: Scene) -> None:
    product = SaveProduct("A mug", Money(100))

    at_once(*(partial(scene.do, catalogue.put_product, sku, product) for sku in ("Cup-1", "CUP-1", "cup-1")))

    found = scene.do(catalogue.list_products, ListProducts(q="cup-1"))["items"]
    assert [item["sku"].lower() for item in found] == ["cup-1"]


def test_counts_of_one_version_at_once_are_booked_once(scene: Scene) -> None:
    version = scene.do(catalogue.get_product, "MUG")["version"]
    count = AdjustStock(-1, "counted", version=version)

    outcomes = at_once(*[partial(scene.do, catalogue.adjust_stock, "MUG", count)] * 5)

    assert sorted(getattr(item, "code", "") for item in outcomes) == ["", *["version_moved"] * 4]
    assert scene.count("MUG") == (199, 0)


@pytest.mark.parametrize("q", ["écharpe", "ECHARPE", "кружка", "e\u0301charpe"])
def test_postgresql_finds_any_spelling(scene: Scene, q: str) -> None:
    for sku, title in (("A", "ÉCHARPE en laine"), ("B", "Кружка синяя")):
        scene.do(catalogue.put_product, sku, SaveProduct(title, Money(100)))

    found = scene.do(catalogue.list_products, ListProducts(q=q))["items"]

    assert [item["sku"] for item in found] == ["B" if "к" in q else "A"]


def test_goods_that_arrive_go_out_once_while_others_order(scene: Scene) -> None:
    """Replicas look at a delivery while customers order and give up: no piece goes to two, the oldest is first."""
    until = f"{clock.now() + timedelta(days=9):%Y-%m-%d}"
    sell(scene.stocked("JUG", 0), until, 400)
    waiting = [order(scene, 2, until, pays=False) for _ in range(6)]
    look = partial(scene.do, shortages.check_stock, "JUG")

    def give_up(number: str) -> object:
        return scene.do(cancellations.cancel_order, number, CancelOrder(), caller=holder(f"order:{number}"))

    at_once(
        partial(scene.do, catalogue.adjust_stock, "JUG", AdjustStock(7, "delivery")),
        look, partial(order, scene, 1, until, pays=False), partial(give_up, waiting[0]), look,
        partial(give_up, waiting[3]), partial(order, scene, 3, until, pays=False), look,
    )  # fmt: skip
    look()

    assert scene.count("JUG") == (7, 12)
    goes_in_turn(scene)
    scene.holds()
