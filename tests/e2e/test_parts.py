"""An order that leaves in two parts, in a browser: packed, shown, returned in part, and withdrawn from."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import Browser, Page, expect

from deploy.demo.client import wait_for
from deploy.demo.story import Demo, easypost_secret, found
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


def send_a_part(demo: Demo, order: dict[str, Any]) -> str:
    """Let one piece of the first product leave. Return its tracking number."""
    warehouse = demo.as_staff("warehouse")
    (shipment,) = wait_for(lambda: warehouse.get("/v1/shipments", order_number=order["number"])["items"])
    for step in ("sorted", "packed"):
        warehouse.post(f"/v1/shipments/{shipment['number']}/{step}", {})
    line = next(each for each in shipment["lines"] if each["sku"] == order["skus"][0])
    number = f"EZ{uuid.uuid4().hex[:10].upper()}"
    parcel = {"carrier": "easypost", "tracking_number": number, "lines": [{"line_id": line["line_id"], "quantity": 1}]}
    warehouse.post(f"/v1/shipments/{shipment['number']}/dispatched", {"parcels": [parcel], "rest_follows": True})
    customer = demo.guest.with_token(order["access_token"])
    wait_for(lambda: found(customer.get(f"/v1/orders/{order['number']}"), lambda shown: len(shown["shipments"]) == 2))
    return number


def bring(demo: Demo, order: dict[str, Any], tracking_number: str) -> None:
    """Let the carrier deliver a part."""
    scans = [("delivered", "Delivered, front door", datetime.now(UTC))]
    demo.guest.easypost(tracking_number, f"evt_{tracking_number}", scans, easypost_secret())
    customer = demo.guest.with_token(order["access_token"])

    def is_here(shown: Any) -> bool:
        return any(each["delivered_at"] for each in shown["shipments"])

    wait_for(lambda: found(customer.get(f"/v1/orders/{order['number']}"), is_here))


def test_a_part_that_came_can_be_returned(page: Page, platform: str, demo: Demo) -> None:
    order = an_order(demo)
    first = next(each for each in order["lines"] if each["sku"] == order["skus"][0])
    bring(demo, order, send_a_part(demo, order))
    order_page(page, platform, order)

    expect(page.locator("#title")).to_contain_text("The rest of your order leaves us by")
    expect(page.locator("#next")).to_contain_text(
        "the rest arrives 6 to 12 working days after it has left us. A part is with you already"
    )
    delivery = page.locator("#promises li").filter(has_text="Delivery")
    expect(delivery).to_contain_text(f"1 × {first['title']}")
    page.get_by_text("Return something", exact=True).click()
    form = page.locator("#return")
    expect(form.get_by_role("group", name=first["title"])).to_contain_text("1 of the 2 that you bought")
    expect(form.get_by_label("How many pieces?")).to_have_count(1)
    expect(form).to_contain_text("A part of your order is still to come.")
    seen_by_each(page, "order-part-returned")
    form.get_by_label("How many pieces?").fill("2")
    form.get_by_role("button", name="Ask for the return").click()
    expect(form.locator(".summary:visible")).to_contain_text("Only 1 piece can come back.")
    form.get_by_label("How many pieces?").fill("1")
    form.get_by_role("button", name="Ask for the return").click()

    expect(page.locator("#said")).to_contain_text("is with us")
    expect(page.get_by_text("Return something", exact=True)).to_have_count(0)
    (made,) = demo.guest.with_token(order["access_token"]).get(f"/v1/orders/{order['number']}")["returns"]
    assert [(each["sku"], each["quantity"]) for each in made["lines"]] == [(order["skus"][0], 1)]


def test_a_withdrawal_says_what_becomes_of_each_part(page: Page, platform: str, demo: Demo) -> None:
    order = an_order(demo)
    tracking_number = send_a_part(demo, order)
    order_page(page, platform, order)
    box = page.locator("#withdraw")
    expect(page.get_by_text("Cancel the order", exact=True)).to_have_count(0)
    page.get_by_text("Withdraw from the purchase", exact=True).click()
    expect(box).to_contain_text("A part of your order has left us and cannot be stopped.")

    bring(demo, order, tracking_number)
    page.reload()
    page.get_by_text("Withdraw from the purchase", exact=True).click()
    expect(box).to_contain_text("A part of your order is with you, and the rest is still to come.")
    expect(box).not_to_contain_text("cannot be stopped")
    seen_by_each(page, "order-part-withdrawn")
    box.get_by_role("button", name="Continue").click()
    box.get_by_role("button", name="Confirm the withdrawal").click()

    expect(page.locator("#withdrawn")).to_contain_text("A person answers you by")
    page.get_by_role("link", name="Open the conversation").click()
    expect(page.get_by_text(f"withdraws from the purchase of order {order['number']}: 2 ×")).to_be_visible()


def test_a_label_for_all_pieces_is_given_back_first(browser: Browser, demo: Demo) -> None:
    order, warehouse = an_order(demo), demo.as_staff("warehouse")
    (shipment,) = wait_for(lambda: warehouse.get("/v1/shipments", order_number=order["number"])["items"])
    with tab_of(browser, warehouse, "warehouse") as desk:
        desk.goto(f"/desk/pack/{shipment['number']}")
        scan = desk.get_by_label("Scan", exact=True)

        def scanned(code: str) -> None:
            expect(scan).to_be_focused()
            desk.keyboard.type(code)
            press(desk, "Enter")

        scanned(order["skus"][0])
        expect(desk.locator(".big-band strong")).to_contain_text("1/3")
        desk.get_by_label("Weight in grams").fill("900")
        press(desk, "Tab")
        scanned("l")
        expect(desk.get_by_role("list", name="Rates").get_by_role("listitem")).to_have_count(3)
        with desk.expect_download():
            scanned("1")
        scanned("r")
        expect(desk.get_by_text("The label is for all pieces: give it back first, with V.")).to_be_visible()
        scanned("v")
        expect(desk.get_by_role("button", name="Compare rates")).to_be_enabled()
        scanned("r")
        expect(desk.get_by_text("1 of 3 pieces are in the box, the rest follows")).to_be_visible()
        expect(desk.get_by_role("button", name="Compare rates")).to_have_count(0)


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
