"""An order that leaves in two parts, in a browser: the packer says that the rest follows, all others see both."""

from __future__ import annotations

import uuid
from typing import Any

from playwright.sync_api import Browser, Page, expect

from deploy.demo.client import wait_for
from deploy.demo.story import Demo, found
from tests.e2e.desk import press, tab_of
from tests.e2e.test_basis import seen_by_each
from tests.e2e.test_pages import order_page


def an_order(demo: Demo) -> dict[str, Any]:
    """Return a paid order of two pieces of one product and one of another, with its skus."""
    skus = [each["sku"] for each in demo.guest.get("/v1/products", limit=2)["items"]]
    wish = [{"sku": skus[0], "quantity": 2}, {"sku": skus[1], "quantity": 1}]
    order = demo.guest.post("/v1/orders", demo.wish(wish))
    demo.pay(order["number"], demo.guest.with_token(order["access_token"]))
    return {**order, "skus": skus}


def test_a_packer_lets_the_rest_follow(browser: Browser, page: Page, platform: str, demo: Demo) -> None:
    order, warehouse = an_order(demo), demo.as_staff("warehouse")
    number, (first, second) = order["number"], order["skus"]
    (shipment,) = wait_for(lambda: warehouse.get("/v1/shipments", order_number=number)["items"])

    with tab_of(browser, warehouse, "warehouse") as desk:
        desk.goto("/desk/pack")
        scan = desk.get_by_label("Scan", exact=True)

        def scanned(code: str) -> None:
            expect(scan).to_be_focused()
            desk.keyboard.type(code)
            press(desk, "Enter")

        scanned(shipment["number"])
        scanned(first)
        expect(desk.locator(".big-band strong")).to_contain_text("1/3")
        scanned("r")
        expect(desk.get_by_text("1 of 3 pieces are in the box, the rest follows")).to_be_visible()
        scanned("u")
        expect(desk.locator(".big-band strong")).to_contain_text("1/3")
        scanned("r")
        desk.reload()
        expect(desk.get_by_text("1 of 3 pieces are in the box, the rest follows")).to_be_visible()
        seen_by_each(desk, "pack-rest")
        desk.get_by_label("Carrier").fill("usps")
        press(desk, "Tab")
        scanned(f"EZ{uuid.uuid4().hex[:10].upper()}")
        expect(desk.get_by_text("Handed over", exact=True)).to_be_visible()

        found_ = warehouse.get("/v1/shipments", order_number=number)["items"]
        (rest,) = [each for each in found_ if each["number"] != shipment["number"]]
        assert [(each["sku"], each["quantity"]) for each in rest["lines"]] == [(first, 1), (second, 1)]
        assert rest["dispatch_due_at"] == shipment["dispatch_due_at"]
        desk.goto("/desk/pack")
        scanned(rest["number"])
        expect(desk.locator(".big-band strong")).to_contain_text("0/2")

    customer = demo.guest.with_token(order["access_token"])
    wait_for(lambda: found(customer.get(f"/v1/orders/{number}"), lambda shown: len(shown["shipments"]) == 2))
    order_page(page, platform, order)
    expect(page.get_by_role("heading", name="Your parcels")).to_be_visible()
    expect(page.get_by_text("The rest of your order leaves us by")).to_be_visible()
    expect(page.get_by_text("In this part of your order: ")).to_have_count(2)
    seen_by_each(page, "order-in-parts")
    with tab_of(browser, demo.as_staff("agent"), "agent") as desk:
        desk.goto(f"/desk/orders/{number}")
        expect(desk.get_by_role("heading", name=rest["number"])).to_be_visible()
        seen_by_each(desk, "order-parts")
