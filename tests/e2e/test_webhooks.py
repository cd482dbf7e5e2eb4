"""An admin tells a system of the shop of what happens, at the desk: its secret, what was sent, sent again, no more."""

from __future__ import annotations

import json

from playwright.sync_api import Page, Route, expect
from standardwebhooks import Webhook

from deploy.demo.client import wait_for
from deploy.demo.story import Demo
from services.support.tests.receiver import Came, Receiver, receiving
from tests.e2e.desk import press
from tests.e2e.test_basis import seen_by_each


def told_of(receiver: Receiver, number: str) -> Came:
    """Wait for what is sent about this order; other tests may place orders meanwhile."""
    while True:
        came = receiver.take()
        if json.loads(came.body)["data"]["order_number"] == number:
            return came


def await_delivered(demo: Demo, number: str, attempts: int) -> None:
    admin = demo.as_staff("admin")

    def is_delivered() -> bool:
        sent = admin.get("/v1/webhook-deliveries", limit=100)["items"]
        return [(each["state"], len(each["attempts"])) for each in sent if each["order_number"] == number] == [
            ("delivered", attempts)
        ]

    wait_for(is_delivered)


def test_an_admin_has_a_system_told_of_orders(desk: Page, demo: Demo) -> None:
    with receiving() as receiver:
        desk.goto("/desk/webhooks")
        expect(desk.get_by_role("heading", name="Webhooks")).to_be_visible()
        press(desk, "n")
        expect(desk.get_by_label("Address: https, and public")).to_be_focused()
        desk.keyboard.type(receiver.url)
        desk.get_by_label("What it is").fill("The stock system")
        desk.get_by_label("order_placed").check()
        press(desk, "Enter")
        note = desk.get_by_role("status").filter(has_text="is shown only now")
        secret = note.locator("code").inner_text()
        seen_by_each(desk, "webhook-made")
        note.get_by_role("button", name="I have kept it").click()
        expect(desk.get_by_text(secret)).to_have_count(0)

        sku = demo.guest.get("/v1/products")["items"][0]["sku"]
        number = demo.guest.post("/v1/orders", demo.wish([{"sku": sku, "quantity": 1}]))["number"]
        came = told_of(receiver, number)
        assert Webhook(secret).verify(came.body, came.headers)["type"] == "order_placed"
        await_delivered(demo, number, 1)

        press(desk, "r")
        sent = desk.get_by_role("table", name="What was sent").get_by_role("row").filter(has_text=number)
        expect(sent).to_contain_text("delivered")
        seen_by_each(desk, "webhook-sent")
        sent.get_by_role("button", name="Send again").click()
        again = told_of(receiver, number)
        assert (again.body, again.headers["webhook-id"]) == (came.body, came.headers["webhook-id"])
        await_delivered(demo, number, 2)

        endpoint = desk.get_by_role("table", name="Where events are sent to").get_by_role("rowgroup")
        endpoint = endpoint.filter(has_text=receiver.url)
        endpoint.get_by_role("button", name="Change").click()
        held: list[Route] = []  # until the next step is begun
        desk.route(
            "**/v1/webhook-endpoints*", lambda route: held.append(route)
        )  # what follows is done before the page has read again
        endpoint.get_by_role("button", name="Make a new secret").click()
        expect(note.locator("code")).not_to_have_text(secret)
        endpoint.get_by_role("button", name="Back").click()
        endpoint.get_by_role("button", name="Change").click()
        for request in held:
            request.continue_()
        desk.unroute("**/v1/webhook-endpoints*")
        expect(desk.locator("[data-works]")).to_have_count(0)
        endpoint.get_by_role("button", name="Disable").click()
        expect(endpoint).to_contain_text("By admin", ignore_case=True)
        endpoint.get_by_role("button", name="Change").click()
        seen_by_each(desk, "webhook-changed")
        endpoint.get_by_role("button", name="Remove").click()
        expect(desk.get_by_text(receiver.url)).to_have_count(0)
