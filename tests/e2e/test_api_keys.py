"""An admin makes a key for a system of the shop at the desk: shown once, used over HTTP, ended."""

from __future__ import annotations

import requests
from playwright.sync_api import Page, expect

from deploy.demo.client import wait_for
from deploy.demo.story import Demo
from tests.e2e.desk import press
from tests.e2e.test_basis import seen_by_each


def test_an_admin_makes_and_ends_a_key(desk: Page, demo: Demo) -> None:
    desk.goto("/desk/keys")
    expect(desk.get_by_role("heading", name="API keys")).to_be_visible()
    press(desk, "n")
    expect(desk.get_by_label("Name: lower-case")).to_be_focused()
    desk.keyboard.type("packing-robot")
    desk.get_by_label("warehouse").check()
    press(desk, "Enter")
    note = desk.get_by_role("status").filter(has_text="is shown only now")
    secret = note.locator("code").inner_text()
    seen_by_each(desk, "key-made")
    note.get_by_role("button", name="I have kept it").click()
    expect(desk.get_by_text(secret)).to_have_count(0)

    def asks() -> int:
        headers = {"Authorization": f"Bearer {secret}"}
        return requests.get(f"{demo.guest.url}/v1/shipments", headers=headers, timeout=30).status_code

    assert asks() == 200
    row = desk.get_by_role("row").filter(has_text="packing-robot")
    expect(row).to_contain_text("warehouse")
    desk.reload()
    expect(row).not_to_contain_text("never")
    press(desk, "e")
    expect(desk.get_by_text("is refused at once, for good")).to_be_visible()
    seen_by_each(desk, "key-ending")
    press(desk, "Enter")
    expect(row).to_have_count(0)
    wait_for(lambda: asks() == 401)


def test_a_name_that_is_taken_is_said_at_the_form(desk: Page, demo: Demo) -> None:
    demo.as_staff("admin").post("/v1/api-keys", {"name": "twice", "roles": ["agent"]})
    desk.goto("/desk/keys")
    expect(desk.get_by_role("row").filter(has_text="twice")).to_be_visible()
    press(desk, "n")
    expect(desk.get_by_label("Name: lower-case")).to_be_focused()
    desk.keyboard.type("twice")
    desk.get_by_label("agent").check()
    press(desk, "Enter")

    expect(desk.get_by_text("There is an API key of this name")).to_be_visible()
    seen_by_each(desk, "key-refused")
    expect(desk.get_by_label("Name: lower-case")).to_have_value("twice")
