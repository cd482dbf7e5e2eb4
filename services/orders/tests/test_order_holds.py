"""Orders that staff keep back: a hold ends with what it holds."""

from __future__ import annotations

import pytest

from services.common.basics.caller import REVIEWER
from services.common.testing import holder, staff
from services.orders.api import AlreadyDispatched, CancelOrder
from services.orders.api.order_holds import HoldOrder, ListHolds, OrderHeldAlready, OrderHoldReason, OrderHoldView
from services.orders.handlers import cancellations, order_holds
from services.orders.tests.scene import Scene
from services.orders.tests.test_changes import ship

FRAUD = HoldOrder(OrderHoldReason.FRAUD, "the bank asks")


def hold(scene: Scene, number: str) -> OrderHoldView:
    return scene.do(order_holds.hold_order, number, FRAUD, caller=staff(REVIEWER))


def holds(scene: Scene, number: str | None = None) -> list[OrderHoldView]:
    return scene.do(order_holds.list_holds, ListHolds(order_number=number), caller=staff(REVIEWER))["items"]


def test_a_hold_that_came_too_late_ends_when_the_goods_have_left(scene: Scene) -> None:
    number = scene.paid()
    held = hold(scene, number)
    with pytest.raises(OrderHeldAlready):
        hold(scene, number)

    ship(scene, number, "dispatched")

    assert holds(scene) == []
    (ended,) = holds(scene, number)
    assert (ended["id"], ended["released_by"]) == (held["id"], "system")
    assert scene.journal(number)[-1] == "dispatch_released"
    with pytest.raises(AlreadyDispatched):
        hold(scene, number)


def test_the_hold_of_a_cancelled_order_ends(scene: Scene) -> None:
    number = scene.paid()
    hold(scene, number)

    scene.do(cancellations.cancel_order, number, CancelOrder(), caller=holder(f"order:{number}"))
    assert len(holds(scene)) == 1
    ship(scene, number, "recalled")

    assert holds(scene) == []
    assert scene.order(number)["status"] == "cancelled"
