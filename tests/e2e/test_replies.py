"""Canned replies in the browser: written on their page, put into an answer by keys, stopped by a missing value."""

from __future__ import annotations

import uuid

from playwright.sync_api import Browser, Page, expect

from deploy.demo.client import Client
from deploy.demo.story import Demo
from tests.e2e.desk import look, press, tab_of
from tests.e2e.test_basis import PHONE, seen_by_each
from tests.e2e.test_conversations import write_to_us

SENT = "Dear Ada Lovelace, please hold the button."


def change_in_two_tabs(tab: Page, other: Client, name: str) -> None:
    """Change a reply that is changed elsewhere meanwhile: that is said, and the next try is meant."""
    field = tab.get_by_label("Name", exact=True)
    change = tab.get_by_role("row").filter(has_text=name).get_by_role("button")
    change.click()
    field.fill("Not this one")
    tab.get_by_role("button", name="New reply").click()
    expect(field).to_have_value("")  # of another one, nothing stays
    change.click()
    expect(field).to_have_value(name)
    field.fill(f"{name} again")
    (known,) = (each for each in other.get("/v1/replies?limit=100")["items"] if each["name"] == name)
    text = known["text"].replace("hold", "press")
    wish = {each: known[each] for each in ("id", "scope", "name", "priority")}
    other.put("/v1/replies", {**wish, "text": text})
    tab.get_by_role("button", name="Save").click()
    expect(tab.get_by_role("list", name="What has changed")).to_contain_text("please press the button")
    expect(field).to_have_value(f"{name} again")
    tab.get_by_role("button", name="Save").click()
    expect(tab.get_by_text("The reply is saved.")).to_be_attached()
    expect(tab.get_by_role("row").filter(has_text=f"{name} again")).to_contain_text("press the button")


def test_a_reply_is_written_and_answered_with_by_keys(browser: Browser, demo: Demo) -> None:
    name = f"Hint {uuid.uuid4().hex[:6]}"
    number, _ = write_to_us(demo, f"{uuid.uuid4().hex[:8]}@example.com", subject="The button")
    with tab_of(browser, demo.as_staff("agent"), "agent") as tab:
        look(tab, *PHONE)
        tab.goto("/desk/replies")
        expect(tab.get_by_role("heading", name="Canned replies")).to_be_visible()
        press(tab, "n")
        expect(tab.get_by_label("Name", exact=True)).to_be_focused()
        tab.keyboard.type(name)
        tab.get_by_label("Text, as the customer reads it").fill(
            "Dear {customer.name}, please hold the button. Your order {order.number} is fine."
        )
        tab.get_by_label("Priority").select_option("high")
        tab.get_by_label("Try it: the number of a ticket").fill(number)
        tab.get_by_role("button", name="Show how it reads").click()
        expect(tab.get_by_text("the ticket names no order")).to_be_visible()
        expect(tab.get_by_text("Dear Ada Lovelace, please hold")).to_be_visible()
        seen_by_each(tab, "replies-page")
        tab.get_by_label("Name", exact=True).focus()
        press(tab, "Control+Enter")
        expect(tab.get_by_text("The reply is saved.")).to_be_attached()
        row = tab.get_by_role("row").filter(has_text=name)
        expect(row).to_contain_text("Priority high")
        change_in_two_tabs(tab, demo.as_staff("agent"), name)

        tab.goto(f"/desk/inbox/{number}")
        expect(tab.get_by_label("Answer to the customer")).to_be_visible()
        press(tab, "a", "/")
        expect(tab.get_by_role("combobox", name="Canned replies")).to_be_focused()
        tab.keyboard.type(name)
        expect(tab.get_by_role("listbox").get_by_role("option")).to_have_count(1)
        seen_by_each(tab, "replies-picker")
        press(tab, "Enter")
        expect(tab.get_by_text("Without a value, it cannot be sent")).to_be_visible()
        expect(tab.get_by_label("Answer to the customer")).to_be_focused()
        seen_by_each(tab, "replies-put-in")
        press(tab, "Control+Enter")
        expect(tab.get_by_role("alert")).to_contain_text("no braces reach a customer")
        expect(tab.get_by_role("button", name="Send")).to_be_enabled()
        tab.get_by_label("Answer to the customer").fill(SENT)
        press(tab, "Control+Enter")
        expect(tab.get_by_text("The answer is sent.")).to_be_attached()

    ticket = demo.as_staff("agent").get(f"/v1/tickets/{number}")
    assert (ticket["priority"], ticket["messages"][-1]["body"]) == (
        "high",
        "Dear Ada Lovelace, please hold the button.",
    )
    uses = {each["name"]: each["uses"] for each in demo.as_staff("agent").get("/v1/replies?limit=100")["items"]}
    assert uses[f"{name} again"] == 1
