"""Manifests, in a browser: a packer makes them for today's labels with one key, and prints what carriers sign."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from deploy.demo.client import wait_for
from deploy.demo.story import Demo, first
from tests.e2e.desk import press, tab_of
from tests.e2e.test_basis import seen_by_each


def a_bought_label(demo: Demo) -> str:
    """Return the number of a weighed box with a label that is on no manifest."""
    order, _ = demo.a_guest_orders_and_pays()
    warehouse = demo.as_staff("warehouse")
    shipment = wait_for(lambda: first(warehouse.get("/v1/shipments", order_number=order["number"])["items"]))
    path = f"/v1/shipments/{shipment['number']}"
    for step, body in (("sorted", {}), ("packed", {}), ("weight", {"gross_weight_g": 2_500})):
        warehouse.post(f"{path}/{step}", body)
    offer = warehouse.post(f"{path}/rates", {})["rates"][0]
    bought = warehouse.post(f"{path}/labels", {"offer": offer["offer"], "rate": offer["rate"]})
    assert bought["status"] == "bought"
    return str(shipment["number"])


def test_manifests_are_made_by_one_key_and_printed(browser: Browser, demo: Demo) -> None:
    a_bought_label(demo)
    warehouse = demo.as_staff("warehouse")
    known = {each["id"] for each in warehouse.get("/v1/manifests")["items"]}

    with tab_of(browser, warehouse, "warehouse") as desk:
        desk.goto("/desk/pick")
        section = desk.get_by_role("region", name="Manifests")
        expect(section.get_by_role("button", name="Make them for")).to_be_enabled()
        seen_by_each(desk, "pick-manifests-wanted")
        press(desk, "f")
        expect(desk.get_by_text("The manifests are asked for.")).to_be_attached()
        expect(section.get_by_role("button", name="Make them for")).to_have_count(0)

        (made,) = (each for each in warehouse.get("/v1/manifests")["items"] if each["id"] not in known)
        row = section.get_by_role("row").filter(has_text=made["day"]).first
        expect(row).to_contain_text("made")
        seen_by_each(desk, "pick-manifests-made")
        row.get_by_role("button", name="Print").focus()
        with desk.expect_download() as saved:
            press(desk, "Enter")
        assert saved.value.suggested_filename == f"manifest-{made['carrier']}-{made['day']}.pdf"
        assert saved.value.path().read_bytes().startswith(b"%PDF")

        press(desk, "f")  # there is nothing to make: the key does nothing
        expect(desk.get_by_role("alert")).to_have_count(0)
        assert {each["id"] for each in warehouse.get("/v1/manifests")["items"]} == {*known, made["id"]}


def test_only_the_warehouse_makes_manifests(browser: Browser, demo: Demo) -> None:
    a_bought_label(demo)

    with tab_of(browser, demo.as_staff("lead"), "lead") as desk:
        desk.goto("/desk/pick")
        expect(desk.locator("main h1")).to_be_visible()
        expect(desk.get_by_role("button", name="Make them for")).to_have_count(0)
