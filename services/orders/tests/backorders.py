"""What the tests of backorders share: to sell goods that are not here, to order them, and what must always be true."""

from __future__ import annotations

from services.common.edge.schemas import load
from services.common.testing import customer
from services.orders.api import AdjustStock, PlaceOrder, SaveProduct
from services.orders.handlers import catalogue, placing, shortages
from services.orders.tests.builders import EMAIL, order_form
from services.orders.tests.scene import Scene


def sell(scene: Scene, until: str | None, at_most: int | None = 5, sku: str = "JUG", low: int | None = None) -> None:
    """Sell the product before it is in stock."""
    product = {
        "title": f"The {sku}", "price": {"amount": "12.50", "currency": "USD"}, "hs_code": "691200", "low_stock": low,
        "backorder_until": until, "backorder_at_most": None if until is None else at_most,
    }  # fmt: skip
    scene.do(catalogue.put_product, sku, load(SaveProduct, product))


def order(scene: Scene, count: int, told: str | None, pays: bool = True, sku: str = "JUG") -> str:
    """Order pieces as a customer who was told that day. Return the order's number."""
    form = {**order_form((sku, count)), "goods_by": told}
    number: str = scene.do(placing.add_order, load(PlaceOrder, form), caller=customer(EMAIL))["number"]
    if pays:
        scene.pay(number)
    return number


def arrive(scene: Scene, count: int, sku: str = "JUG") -> None:
    """Book goods in, or out, and do what follows from that."""
    scene.do(catalogue.adjust_stock, sku, AdjustStock(count, "delivery"))
    scene.do(shortages.check_stock, sku)


def goes_in_turn(scene: Scene, sku: str = "JUG") -> None:
    """Check that what is here went to the oldest orders, and that nothing is kept from the one that is next."""
    on_hand, reserved = scene.count(sku)
    waiting = scene.do(lambda work: [(each.id, each.quantity) for each in work.backorders.waiting(sku)])
    missing = scene.do(lambda work: work.stock.uncovered([sku])).get(sku, 0)
    spare = on_hand - reserved + sum(count for _, count in waiting)
    asked = scene.do(lambda work: work.changes.waiting_for(sku))
    assert spare >= 0 or missing or asked, "more pieces went out than are here"
    assert not waiting or spare < waiting[0][1], "pieces lie here that the next order waits for"
