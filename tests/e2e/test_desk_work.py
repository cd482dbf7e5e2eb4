"""The rarer work at the desk, played to its end in the browser: what goes wrong, and what takes two people."""

from __future__ import annotations

import json
import re
import sqlite3
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from deploy.demo.client import Client, wait_for
from deploy.demo.scene import a_return_asked, a_shipment, an_order_in_doubt, conversations, delivered
from deploy.demo.story import Demo, found
from tests.e2e.conftest import started
from tests.e2e.desk import MOST_KEYS, press, tab_of

GOOD = {"result": "ok", "note": "as the customer says"}
PARTS = dict.fromkeys(("product_status", "order_information", "return_reason"), GOOD)


def a_parcel(demo: Demo) -> tuple[str, str, str]:
    """Return the shipment, order and tracking number of a parcel that was just handed over."""
    shipment, tracking = a_shipment(demo, 1), f"EW{uuid.uuid4().hex[:10].upper()}"
    demo.hand_over(shipment, tracking)
    order = demo.as_staff("warehouse").get(f"/v1/shipments/{shipment}")["order_number"]
    return shipment, order, tracking


def test_a_parcel_is_corrected_and_its_delivery_recorded(desk: Page, demo: Demo) -> None:
    shipment, order, tracking = a_parcel(demo)
    right = f"{tracking}US"
    desk.goto(f"/desk/parcels?q={tracking}")
    expect(desk.get_by_role("link", name=tracking)).to_be_visible()

    press(desk, "c")
    expect(desk.get_by_label("Right tracking number")).to_be_focused()
    desk.keyboard.type(right)
    press(desk, "Tab", "Tab")
    desk.keyboard.type("the end was torn off")
    press(desk, "Enter")
    expect(desk.get_by_role("link", name=right)).to_be_visible()

    press(desk, "d")
    expect(desk.get_by_label("When it was delivered")).to_be_focused()
    local = desk.evaluate(
        "() => new Date(Date.now() - new Date().getTimezoneOffset() * 6e4).toISOString().slice(0, 16)"
    )
    desk.get_by_label("When it was delivered").fill(local)
    desk.get_by_label("What shows it").fill("short")
    press(desk, "Enter")
    assert demo.as_staff("warehouse").get(f"/v1/shipments/{shipment}")["parcels"][0]["delivered_at"] is None
    desk.get_by_label("What shows it").fill("Signed for by A. Lovelace, the carrier's letter says.")
    press(desk, "Enter")
    expect(desk.get_by_role("alert").or_(desk.get_by_text("It is recorded."))).to_be_attached()
    expect(desk.get_by_text("It is recorded.")).to_be_attached()
    shown = demo.as_staff("warehouse").get(f"/v1/shipments/{shipment}")["parcels"][0]
    assert (shown["tracking_number"], shown["status"]) == (right, "delivered")

    desk.goto(f"/desk/orders/{order}")
    desk.get_by_role("button", name="It is not delivered").click()
    desk.get_by_label("How we know that it is not delivered").fill("The customer has nothing, says the neighbour.")
    desk.get_by_role("button", name="Record").click()
    expect(desk.get_by_text("the delivery is taken back")).to_be_attached()
    wait_for(lambda: not demo.as_staff("warehouse").get(f"/v1/shipments/{shipment}")["parcels"][0]["delivered_at"])


def test_a_scan_without_a_parcel_is_attached(desk: Page, demo: Demo) -> None:
    shipment, _, _ = a_parcel(demo)
    stray = f"EZ{uuid.uuid4().hex[:9].upper()}"
    demo.report(stray, "in_transit")
    desk.goto("/desk/parcels")
    row = desk.get_by_role("row").filter(has_text=stray)
    expect(row).to_be_visible()
    press(desk, "Control+k")
    desk.keyboard.type(f"{stray[:4]} {stray[4:].lower()}")
    press(desk, "Enter")
    expect(desk.locator("tr.here")).to_contain_text(stray)

    press(desk, "a")
    expect(desk.get_by_label("Number of the shipment, or of the parcel")).to_be_focused()
    desk.keyboard.type("what is this")
    press(desk, "Enter")
    expect(desk.get_by_role("alert")).to_contain_text("what is this is no number of a shipment")
    expect(desk.get_by_role("button", name="Record")).to_be_enabled()
    desk.get_by_label("Number of the shipment, or of the parcel").fill(shipment.lower())
    press(desk, "Enter")

    expect(desk.get_by_text("It is recorded.")).to_be_attached()
    expect(desk.get_by_role("alert")).to_have_count(0)
    expect(desk.get_by_role("row").filter(has_text=stray)).to_have_count(0)
    parcels = demo.as_staff("warehouse").get(f"/v1/shipments/{shipment}")["parcels"]
    assert [each["status"] for each in parcels] == ["in_transit"]


def test_a_scan_of_another_shops_parcel_is_dismissed(browser: Browser, demo: Demo) -> None:
    stray, other = (f"EZ{uuid.uuid4().hex[:9].upper()}" for _ in range(2))
    for number in (stray, other):
        demo.report(number, "in_transit")
    warehouse = demo.as_staff("warehouse")
    with tab_of(browser, warehouse, "warehouse") as tab:
        tab.goto("/desk/today")
        tab.get_by_role("row").filter(has_text=stray).get_by_role("link").focus()
        press(tab, "o")
        expect(tab.get_by_role("heading", level=1)).to_contain_text("Parcels")
        expect(tab.locator("tr.here")).to_contain_text(stray)
        press(tab, "n")
        expect(tab.get_by_label("How we know that it is none of ours")).to_be_focused()
        tab.keyboard.type("no")
        press(tab, "Enter")
        expect(tab.get_by_role("row").filter(has_text=stray)).to_have_count(1)  # too short a reason
        tab.keyboard.type(" label of ours; another shop's")
        press(tab, "Enter")
        expect(tab.get_by_text("It is dismissed.")).to_be_attached()
        expect(tab.get_by_role("row").filter(has_text=stray)).to_have_count(0)
        expect(tab.get_by_role("row").filter(has_text=other)).to_have_count(1)

        press(tab, "v")
        expect(tab.get_by_role("heading", level=1)).to_contain_text("Dismissed scans")
        row = tab.get_by_role("row").filter(has_text=stray)
        expect(row).to_contain_text("no label of ours; another shop's")
        expect(row).to_contain_text("warehouse@pledge.example")
        expect(tab.get_by_role("row").filter(has_text=other)).to_have_count(0)
        press(tab, "v")
        row = tab.get_by_role("row").filter(has_text=other)
        row.get_by_role("button", name="None of ours").focus()
        listed = warehouse.get("/v1/scans/unmatched", limit=100)["items"]
        scan = next(each["id"] for each in listed if each["tracking_number"] == other)
        demo.as_staff("lead").post(f"/v1/scans/unmatched/{scan}/dismiss", {"reason": "a lead was faster"})
        expect(row).to_have_count(0)  # by itself


def test_a_customer_is_asked_and_the_goods_come_back(desk: Page, demo: Demo) -> None:
    _, order, tracking = a_parcel(demo)
    demo.report(tracking, "in_transit")
    desk.goto(f"/desk/parcels?q={tracking}")
    expect(desk.get_by_role("link", name=tracking)).to_be_visible()
    press(desk, "q")
    expect(desk.get_by_label("What happened")).to_be_focused()
    desk.get_by_label("What happened").select_option("returned")
    desk.get_by_label("How we know, for staff").fill("it stands at our own door again")
    press(desk, "Control+Enter")
    expect(desk.get_by_text("The customer is asked.")).to_be_attached()

    row = desk.get_by_role("row").filter(has_text=order).filter(has_text="not yet")
    row.get_by_role("button", name="Goods are back").click()
    desk.get_by_label("What state they are in").fill("as they left")
    press(desk, "Control+Enter")
    expect(desk.get_by_text("It is recorded.")).to_be_attached()
    remedy = demo.as_staff("agent").get(f"/v1/orders/{order}")["remedies"][0]
    assert (remedy["reason"], remedy["status"]) == ("returned", "awaiting_customer")
    assert remedy["goods_back_at"]
    desk.goto(f"/desk/orders/{order}")
    expect(desk.get_by_role("heading", level=1)).to_contain_text("A parcel does not arrive")
    expect(desk.get_by_role("button", name="Propose a change")).to_have_count(0)


def test_an_import_is_seen_before_it_changes_anything(desk: Page, demo: Demo, tmp_path: Path) -> None:
    sku = f"DESK-{uuid.uuid4().hex[:6].upper()}"
    admin = demo.as_staff("admin")
    admin.put(f"/v1/products/{sku}", {"title": "A bowl", "price": {"amount": "9.00", "currency": "USD"}})
    sheet = tmp_path / "catalogue.csv"
    until = f"{datetime.now(UTC) + timedelta(days=40):%Y-%m-%d}"
    columns = "sku,title,price,stock,backorder_until,backorder_at_most,low_stock"
    sheet.write_text(f"{columns}\n{sku},A bowl,9.50,4,{until},20,\n{sku}-L,A large bowl,19.00,,,,5\n")
    desk.goto(f"/desk/stock?q={sku}")
    desk.get_by_label("Import a catalogue").set_input_files(sheet)
    desk.get_by_role("button", name="See what would change").click()

    preview = desk.get_by_role("region", name="What would change")
    expect(preview.get_by_role("heading")).to_contain_text("2 products would be added or changed")
    expect(preview.get_by_role("row").filter(has_text="9.50")).to_contain_text("9.00")
    expect(preview.get_by_role("row").filter(has_text="Backorder until")).to_contain_text(until)
    assert admin.get(f"/v1/products/{sku}")["price"]["amount"] == "9.00"
    expect(desk.get_by_role("button", name="Import it")).to_be_focused()
    press(desk, "Enter")

    expect(desk.get_by_text("2 products added or changed")).to_be_visible()
    expect(desk.get_by_role("link", name=f"{sku}-L")).to_be_visible()
    assert admin.get(f"/v1/products/{sku}")["available"] == 4
    desk.get_by_role("link", name=sku, exact=True).click()
    expect(desk.get_by_label("Expected by")).to_have_value(until)
    desk.get_by_label("Little is left at").fill("6")
    press(desk, "Enter")
    expect(desk.get_by_text("little is left", exact=True)).to_be_visible()
    assert admin.get(f"/v1/products/{sku}")["backorder"] == {"until": until, "left": 20}


def test_a_count_is_changed_and_a_hold_released(desk: Page, demo: Demo) -> None:
    sku = demo.guest.get("/v1/products", limit=1)["items"][0]["sku"]
    held = demo.guest.post("/v1/orders", demo.wish([{"sku": sku, "quantity": 1}]))["number"]
    desk.goto(f"/desk/stock/{sku}")
    on_hand = demo.as_staff("admin").get(f"/v1/products/{sku}/stock")["on_hand"]
    desk.get_by_label("Change the count by").fill("3")
    desk.get_by_label("Why", exact=True).fill("found behind the shelf")
    press(desk, "Enter")
    expect(desk.get_by_text("The count is changed.")).to_be_attached()
    expect(desk.get_by_text("found behind the shelf")).to_be_visible()
    desk.get_by_label("Change the count by").fill("7")
    other = demo.guest.get("/v1/products", limit=2)["items"][1]
    desk.evaluate(
        "(path) => { history.pushState(null, '', path); dispatchEvent(new Event('desk-go')); }",
        f"/desk/stock/{other['sku']}",
    )
    expect(desk.get_by_role("heading", level=1)).to_contain_text(other["title"])
    expect(desk.get_by_label("Change the count by")).to_have_value("")
    desk.go_back()
    expect(desk.get_by_role("heading", level=1)).to_contain_text(sku)
    assert demo.as_staff("admin").get(f"/v1/products/{sku}/stock")["on_hand"] == on_hand + 3

    holding = desk.get_by_role("region", name="Held").get_by_role("row").filter(has_text=held)
    holding.get_by_role("button", name="Release").click()
    expect(desk.get_by_label("Why its pieces are set free")).to_be_focused()
    desk.keyboard.type("it was ordered by a robot")
    press(desk, "Enter")
    expect(holding).to_have_count(0)
    assert demo.as_staff("agent").get(f"/v1/orders/{held}")["status"] == "expired"


def test_a_reviewer_has_the_customer_asked(desk: Page, demo: Demo) -> None:
    number = an_order_in_doubt(demo)
    desk.goto(f"/desk/review/{number}")
    expect(desk.get_by_text("The customer was asked; pass it when their answer is good.")).to_be_visible()
    expect(desk.get_by_role("button", name="Contact the customer")).to_have_count(0)
    keys = press(desk, "p")
    expect(desk.get_by_label("What you saw that makes it right")).to_be_focused()
    desk.keyboard.type("the customer wrote that it is 10001")
    keys += press(desk, "Control+Enter")
    expect(desk.get_by_text(f"{number} has passed.")).to_be_attached()
    assert keys <= MOST_KEYS["review"]


def contested(demo: Demo) -> tuple[str, Client]:
    """Return a return of one piece that is authorized and has arrived, and its customer."""
    order, customer = delivered(demo, 1)
    line = {"sku": order["lines"][0]["sku"], "quantity": 1, "reason": "changed_mind"}
    asked = {"order_number": order["number"], "lines": [line]}
    number = wait_for(lambda: customer.try_post("/v1/returns", asked, until_not="not_delivered_yet"))["number"]
    team = demo.as_staff("aftersales")
    team.post(f"/v1/returns/{number}/review", {"decision": "authorize", "parts": PARTS})
    arrived = {"sku": line["sku"], "quantity": 1, "condition": "damaged"}
    team.post(f"/v1/returns/{number}/receipt", {"lines": [arrived]})
    return str(number), customer


def test_a_piece_is_contested_appealed_and_sent_back(desk: Page, browser: Browser, demo: Demo) -> None:
    number, customer = contested(demo)
    with tab_of(browser, demo.as_staff("aftersales"), "aftersales") as bench:
        bench.goto(f"/desk/returns/{number}")
        expect(bench.get_by_role("heading", name="Say what each piece is worth")).to_be_visible()
        press(bench, "x")
        expect(bench.get_by_label("Ground")).to_be_focused()
        bench.get_by_label("Ground").select_option("used_beyond_trying")
        bench.get_by_label("Why, in words for the customer").fill("There is coffee in it.")
        bench.get_by_label("Or a link to one").fill("https://photos.example/1")
        press(bench, "Enter")
        press(bench, "s")
        expect(bench.get_by_text("you had a part in what was found")).to_be_visible()
        expect(bench.get_by_role("button", name="Reject")).to_have_count(0)
    with tab_of(browser, demo.as_staff("lead"), "lead") as look:
        look.goto(f"/desk/returns/{number}")
        expect(look.get_by_role("heading", name="Second look")).to_be_visible()
        press(look, "x")
        expect(look.get_by_label("Ground")).to_have_value("used_beyond_trying")
        press(look, "Control+Enter")
        press(look, "s")
        expect(look.get_by_text("The customer may object until")).to_be_visible()
    assert customer.get(f"/v1/returns/{number}")["units"][0]["outcome"] == "rejected"
    customer.post(f"/v1/returns/{number}/appeal", {"statement": "It was there before."})

    desk.goto(f"/desk/returns/{number}")
    expect(desk.get_by_text("It was there before.")).to_be_visible()
    press(desk, "x")
    desk.get_by_label("Why, in words for the customer").fill("The photo of the packing shows it clean.")
    press(desk, "Control+Enter")
    press(desk, "s")
    expect(desk.get_by_text("1 piece rejected for good")).to_be_visible()
    press(desk, "b")
    desk.get_by_label("Carrier").fill("ups")
    desk.get_by_label("Tracking number").fill("1Z999")
    press(desk, "Enter")
    expect(desk.get_by_text("It is recorded; the customer is told.")).to_be_attached()
    assert customer.get(f"/v1/returns/{number}")["status"] == "closed"


def test_postage_is_paid_back_or_declined_by_two(desk: Page, browser: Browser, demo: Demo) -> None:
    number, customer = contested(demo)
    for amount in ("4.20", "9.90"):
        receipt = {"amount": {"amount": amount, "currency": "USD"}, "receipt": f"DHL, {amount}"}
        customer.post(f"/v1/returns/{number}/postage", receipt)
        desk.goto("/desk/today")
        expect(
            desk.get_by_role("row").filter(has_text="Postage of a return to decide").filter(has_text=number)
        ).to_be_visible()
        desk.goto(f"/desk/returns/{number}")
        if amount == "4.20":
            desk.get_by_role("button", name="Pay it back").click()
            expect(desk.get_by_text("It is decided.")).to_be_attached()
            wait_for(lambda: customer.get(f"/v1/returns/{number}")["postage"][0]["status"] == "settled")
    desk.get_by_role("button", name="Decline").click()
    expect(desk.locator("#postage-ground")).to_be_focused()
    desk.locator("#postage-ground").select_option("paid_back_already")
    desk.get_by_label("Why, in words for the customer").fill("It is the same parcel as before.")
    press(desk, "Control+Enter")
    expect(desk.get_by_text("You found it; a second person has to agree.")).to_be_visible()
    with tab_of(browser, demo.as_staff("lead"), "lead") as second:
        second.goto(f"/desk/returns/{number}")
        second.get_by_role("button", name="Agree to decline").click()
        expect(second.locator("#postage-ground")).to_have_value("paid_back_already")
        press(second, "Control+Enter")
        expect(second.get_by_text("It is declined, and the customer told.")).to_be_attached()
    outcomes = [each["outcome"] for each in customer.get(f"/v1/returns/{number}")["postage"]]
    assert outcomes == ["accepted", "declined"]


def test_a_return_is_rejected_by_two_and_decided_by_a_third(desk: Page, browser: Browser, demo: Demo) -> None:
    number = a_return_asked(demo, 1)
    with tab_of(browser, demo.as_staff("aftersales"), "aftersales") as first:
        first.goto(f"/desk/returns/{number}")
        expect(first.get_by_role("button", name="Reject")).to_be_visible()
        press(first, "x")
        first.get_by_label("Ground").select_option("not_from_this_order")
        first.get_by_label("What shows it, for staff").fill("the serial number is another one")
        first.get_by_label("Words for the customer").fill("This piece is not the one that we sent.")
        press(first, "Control+Enter")
        expect(first.get_by_text("Somebody else has to confirm it.")).to_be_visible()
        expect(first.get_by_role("button", name="Reject")).to_have_count(0)
    with tab_of(browser, demo.as_staff("lead"), "lead") as second:
        second.goto(f"/desk/returns/{number}")
        expect(second.get_by_text("aftersales@pledge.example would reject it")).to_be_visible()
        press(second, "x")
        expect(second.get_by_label("Ground")).to_have_value("not_from_this_order")
        press(second, "Control+Enter")
        expect(second.get_by_text("It is rejected, and the customer told.")).to_be_attached()
    assert demo.as_staff("aftersales").get(f"/v1/returns/{number}")["status"] == "rejected"


def test_a_conversation_is_kept_closed_and_taken_up_again(desk: Page, demo: Demo) -> None:
    number = conversations(demo)[0]
    desk.goto(f"/desk/inbox/{number}")
    expect(desk.get_by_label("Answer to the customer")).to_be_visible()
    press(desk, "n")
    desk.keyboard.type("Ask the maker for the test report.")
    press(desk, "Control+Enter")
    expect(desk.get_by_text("The note is kept.")).to_be_attached()
    press(desk, "a")
    desk.keyboard.type("It holds no lead; here is the report of the maker.")
    desk.reload()
    expect(desk.get_by_label("Answer to the customer")).to_have_value(
        "It holds no lead; here is the report of the maker."
    )
    desk.get_by_role("heading", level=1).click()
    press(desk, "g", "t")
    expect(desk.get_by_role("link", name="Today", exact=True)).to_have_attribute("aria-current", "page")
    assert demo.as_staff("agent").get(f"/v1/tickets/{number}")["assignee"] is None, "G T goes to Today, and T takes it"
    desk.go_back()
    expect(desk.get_by_label("Answer to the customer")).to_be_visible()
    desk.get_by_role("heading", level=1).click()
    press(desk, "t")
    expect(desk.get_by_text("It is yours.")).to_be_attached()
    desk.get_by_role("button", name="Correct what it is about").click()
    desk.get_by_label("Priority").select_option("urgent")
    desk.get_by_role("button", name="Correct", exact=True).click()
    expect(desk.get_by_text("It is corrected.")).to_be_attached()
    expect(desk.locator(".head .tag", has_text="urgent")).to_be_visible()
    views = desk.get_by_role("navigation", name="Views")
    desk.get_by_role("heading", level=1).click()
    press(desk, "2")
    expect(views.get_by_role("link", name="Mine")).to_have_attribute("aria-current", "page")
    expect(views.get_by_role("link", name="Mine")).to_contain_text(re.compile(r"Mine\s*[1-9]"))
    expect(desk.get_by_role("link", name="Does the glaze hold lead?").first).to_be_visible()
    press(desk, "/")
    desk.keyboard.type(f"no such words {demo.run}")
    press(desk, "Enter")
    expect(desk.get_by_text("Nothing is found for")).to_contain_text("are found by how they begin")
    expect(views.get_by_role("link", name="All but spam")).to_have_attribute("aria-current", "page")
    press(desk, "/")
    desk.get_by_role("searchbox").fill(f"GLÀZE {number.replace('-', '')}")
    press(desk, "Enter")
    expect(desk.locator(".picks a")).to_have_count(1)
    expect(desk.locator(".picks a")).to_have_attribute("href", re.compile(number))
    expect(views.get_by_role("link", name="Mine")).to_contain_text(re.compile(r"Mine\s*1"))
    views.get_by_role("link", name="Nobody's").click()
    expect(desk.get_by_text("Nothing is found for")).to_be_visible()
    desk.goto(f"/desk/inbox/{number}?view=mine")
    expect(desk.get_by_label("Answer to the customer")).to_have_value(
        "It holds no lead; here is the report of the maker."
    )
    press(desk, "a", "Control+Enter")
    expect(desk.get_by_text("The answer is sent.")).to_be_attached()

    press(desk, "e")
    desk.get_by_role("radio", name="Declined").check()
    press(desk, "Control+Enter")
    assert demo.as_staff("agent").get(f"/v1/tickets/{number}")["status"] != "resolved"
    desk.get_by_label("Ground, for the customer too").select_option("Not possible")
    desk.get_by_label("The reason, for the customer").fill("We cannot lend the report out.")
    press(desk, "Control+Enter")
    expect(desk.get_by_text("It is resolved.")).to_be_attached()
    desk.get_by_role("heading", level=1).click()
    press(desk, "u")
    desk.get_by_label("Words for the customer, if any").fill("We found another way.")
    press(desk, "Control+Enter")
    expect(desk.get_by_text("It is open again.")).to_be_attached()
    press(desk, "a")
    desk.keyboard.type("You can read the report at the maker's own page.")
    press(desk, "Control+Enter")
    expect(desk.get_by_text("The answer is sent.")).to_be_attached()
    press(desk, "e")
    expect(desk.get_by_role("radio", name="Answered")).to_be_focused()
    press(desk, "Enter")
    expect(desk.get_by_text("It is resolved.")).to_be_attached()
    desk.get_by_role("heading", level=1).click()
    press(desk, "c")
    expect(desk.get_by_text("It is closed.")).to_be_attached()
    shown = demo.as_staff("agent").get(f"/v1/tickets/{number}")
    assert (shown["status"], shown["cycle"]) == ("closed", 2)


def test_two_people_answer_what_was_looked_into(desk: Page, browser: Browser, demo: Demo) -> None:
    form = {"name": "Noor Haddad", "email": demo.email, "category": "product", "subject": f"110 V? {demo.run}"}
    number = demo.guest.post("/v1/contact", {**form, "message": "Does the kettle work in Boston?"})["ticket_number"]
    with tab_of(browser, demo.as_staff("agent"), "agent") as agent:
        agent.goto(f"/desk/inbox/{number}")
        expect(agent.get_by_role("heading", level=1)).to_contain_text("110 V?")
        press(agent, "v")
        expect(agent.get_by_label("What is looked into, in words for the customer")).to_be_focused()
        agent.keyboard.type("Can the kettle be used on 110 V?")
        press(agent, "Tab")
        agent.keyboard.type("The label says 220 to 240 V.")
        press(agent, "Control+Enter")
        expect(agent.get_by_text("The customer has been told.")).to_be_attached()
        expect(agent.get_by_role("button", name="End the conversation")).to_have_count(0)
        expect(agent.get_by_text("It cannot be ended while it is looked into")).to_be_visible()
        for due in ("News due by", "Complete answer due by"):
            expect(agent.get_by_text(due)).to_be_visible()
        press(agent, "v")
        expect(agent.get_by_label("The complete answer, for a second person to check")).to_be_focused()
        agent.keyboard.type("No: this kettle needs 220 to 240 V. KET-110 is for 110 V.")
        press(agent, "Control+Enter")
        expect(agent.get_by_text("It waits for a second person.")).to_be_attached()
        expect(agent.get_by_text("You wrote it: another person checks it.")).to_be_visible()

        desk.goto("/desk/today")
        row = desk.get_by_role("row").filter(has_text="An answer to check").filter(has_text=number)
        expect(row.locator(".pr")).to_be_visible()
        desk.goto(f"/desk/inbox/{number}?view=verifying")
        desk.get_by_role("button", name="Send it back").click()
        expect(desk.get_by_label("What its author is to mend")).to_be_focused()
        desk.keyboard.type("Say where KET-110 is to be had.")
        press(desk, "Control+Enter")
        expect(desk.get_by_text("The draft is sent back.")).to_be_attached()

        expect(agent.get_by_text("Say where KET-110 is to be had.")).to_be_visible()
        agent.get_by_role("heading", level=1).click()
        press(agent, "v")
        field = agent.get_by_label("The complete answer, for a second person to check")
        expect(field).to_be_focused()
        field.fill("No: this kettle needs 220 to 240 V. KET-110, in our shop, is for 110 V.")
        press(agent, "Control+Enter")
        expect(agent.get_by_text("It waits for a second person.")).to_be_attached()
    expect(desk.get_by_text("KET-110, in our shop")).to_be_visible()
    desk.get_by_role("heading", level=1).click()
    press(desk, "v")
    expect(desk.get_by_label("The answer as the customer reads it")).to_be_focused()
    press(desk, "Control+Enter")
    expect(desk.get_by_text("The answer is sent.")).to_be_attached()
    expect(desk.get_by_text("checked by admin@pledge.example")).to_be_visible()
    assert demo.as_staff("agent").get(f"/v1/tickets/{number}")["status"] == "open"


def test_what_others_do_shows_by_itself_and_moves_nothing(desk: Page, demo: Demo) -> None:
    first, second, third = conversations(demo)
    desk.goto(f"/desk/inbox/{first}")
    expect(desk.get_by_text("Live: changes show by themselves")).to_be_visible()
    expect(desk.get_by_label("Answer to the customer")).to_be_visible()
    press(desk, "a")
    desk.keyboard.type("We ask the maker")
    fresh = conversations(demo)[0]
    expect(desk.locator(f"a[href*='{fresh}']")).to_be_visible()
    expect(desk.get_by_label("Answer to the customer")).to_be_focused()
    desk.keyboard.type(" today.")
    expect(desk.get_by_label("Answer to the customer")).to_have_value("We ask the maker today.")
    expect(desk.locator(".said")).to_contain_text("more")

    demo.as_staff("agent").post(f"/v1/tickets/{first}/messages", {"body": "A colleague was faster than you."})
    expect(desk.get_by_text("A colleague was faster than you.", exact=True)).to_be_visible()
    expect(desk.locator(".said")).to_contain_text(f"{first} was changed by agent@pledge.example")
    expect(desk.get_by_label("Answer to the customer")).to_be_focused()
    expect(desk.get_by_label("Answer to the customer")).to_have_value("We ask the maker today.")

    desk.goto("/desk/today")
    row = desk.get_by_role("row").filter(has_text=third)
    row.get_by_role("link").focus()
    demo.as_staff("agent").post(f"/v1/tickets/{second}/messages", {"body": "It arrives tomorrow, says the carrier."})
    demo.as_staff("agent").post(f"/v1/tickets/{second}/resolution", {"code": "answered"})
    expect(desk.get_by_role("row").filter(has_text=second)).to_have_count(0)
    expect(row.get_by_role("link")).to_be_focused()
    expect(row).to_have_class("here")


def test_a_stream_that_broke_or_came_late_is_made_good(desk: Page, demo: Demo) -> None:
    number, late, witness = conversations(demo)[0], list[Route](), desk.context.new_page()
    desk.route("**/v1/desk/stream*", lambda route: route.continue_() if late else late.append(route))
    for tab in (desk, witness):
        tab.goto(f"/desk/inbox/{number}")
        expect(tab.get_by_label("Answer to the customer")).to_be_visible()
    expect(witness.get_by_text("Live: changes show by themselves")).to_be_visible()
    demo.as_staff("agent").post(f"/v1/tickets/{number}/messages", {"body": "She called.", "internal": True})
    expect(witness.get_by_text("She called.", exact=True)).to_be_visible()
    late[0].continue_()
    expect(desk.get_by_text("She called.", exact=True)).to_be_visible()
    desk.goto("/desk/inbox")
    expect(desk.get_by_text("Live: changes show by themselves")).to_be_visible()
    desk.route("**/v1/desk/stream*", lambda route: route.abort())
    admin = demo.as_staff("admin")
    person = admin.get("/v1/staff/admin@pledge.example")
    admin.put("/v1/staff/admin@pledge.example", {"name": f"Admin {demo.run}", "roles": person["roles"]})  # ends it
    expect(desk.get_by_text("Not live just now")).to_be_attached()
    missed = conversations(demo)[0]
    desk.unroute("**/v1/desk/stream*")
    expect(desk.locator(f"a[href*='{missed}']")).to_be_visible()


def test_a_reading_that_hangs_leaves_the_page_at_work(desk: Page, demo: Demo) -> None:
    number, held = conversations(demo)[0], list[Route]()
    desk.clock.install()
    desk.route("**/v1/desk/stream*", lambda route: route.abort())  # so that all that is read was asked for
    desk.goto(f"/desk/inbox/{number}")
    expect(desk.get_by_label("Answer to the customer")).to_be_visible()
    desk.route(f"**/v1/tickets/{number}", lambda route: held.append(route))
    with desk.expect_request(f"**/v1/tickets/{number}"):
        press(desk, "r")
    desk.clock.fast_forward("01:01")
    expect(desk.get_by_role("alert")).to_contain_text("Reading took too long. Press R to read again.")

    desk.unroute(f"**/v1/tickets/{number}")
    press(desk, "r")

    expect(desk.get_by_role("alert")).to_have_count(0)
    assert held


def test_a_change_is_proposed_and_shows_when_it_is_agreed(desk: Page, demo: Demo) -> None:
    order = demo.guest.post(
        "/v1/orders", demo.wish([{"sku": demo.guest.get("/v1/products", limit=1)["items"][0]["sku"], "quantity": 2}])
    )
    number, customer = order["number"], demo.guest.with_token(order["access_token"])
    demo.pay(number, customer)
    wait_for(lambda: found(customer.get(f"/v1/orders/{number}"), lambda o: o["review"]["status"] == "passed"))
    desk.goto(f"/desk/orders/{number}")
    expect(desk.get_by_role("heading", level=1)).to_contain_text(number)
    press(desk, "c")
    expect(desk.get_by_label("What is to change")).to_be_focused()
    desk.locator("input[name^=pieces-]").fill("1")
    desk.get_by_label("Why, in words for the customer").fill("one is enough, you said")
    press(desk, "Control+Enter")
    expect(desk.get_by_text("What the customer is asked")).to_be_visible()
    expect(desk.get_by_role("button", name="Propose a change")).to_have_count(0)

    (change,) = customer.get(f"/v1/orders/{number}/changes")["items"]
    option = change["options"][0]
    customer.post(
        f"/v1/changes/{change['id']}/answer",
        {"decision": "accept", "option": option["option"], "digest": change["digest"]},
    )
    expect(desk.get_by_text("The exact text that was agreed to")).to_be_visible()
    expect(desk.locator("blockquote")).to_contain_text(option["label"])
    expect(desk.locator(".digest")).to_have_text(change["digest"])
    for name in ("Promises", "Money", "Story"):
        expect(desk.get_by_role("heading", name=name).first).to_be_visible()

    press(desk, "k")
    desk.get_by_label("Why").select_option("fraud")
    desk.get_by_label("What the next colleague should know").fill("the bank asks about this card")
    press(desk, "Control+Enter")
    expect(desk.get_by_text("keeps it back since")).to_contain_text("fraud (the bank asks about this card)")
    press(desk, "k")
    expect(desk.get_by_text("keeps it back since")).to_have_count(0)
    expect(desk.get_by_role("button", name="Keep it back")).to_be_visible()


def test_people_are_added_changed_and_deactivated(desk: Page, demo: Demo) -> None:
    email = f"mei.{uuid.uuid4().hex[:6]}@pledge.example"
    desk.goto("/desk/people")
    expect(desk.get_by_role("heading", name="People")).to_be_visible()
    press(desk, "n")
    expect(desk.get_by_label("E-mail address: codes to sign in go there")).to_be_focused()
    desk.keyboard.type(email)
    press(desk, "Tab")
    desk.keyboard.type("Mei Lin")
    desk.get_by_label("Warehouse: packs and sends").check()
    desk.get_by_role("button", name="Add", exact=True).click()
    row = desk.get_by_role("row").filter(has_text=email).first
    expect(row).to_contain_text("warehouse")
    person = demo.guest.sign_in(email)
    expect(row).to_contain_text("1 place")  # by itself

    row.get_by_role("button", name="Change").click()
    desk.get_by_label("Agent: answers customers").check()
    demo.as_staff("admin").put(f"/v1/staff/{email}", {"name": "Mei Ling", "roles": ["warehouse"]})
    desk.get_by_role("button", name="Save").click()
    moved = desk.get_by_role("alert").get_by_role("list", name="What has changed")
    expect(moved).to_contain_text("Name: Mei Lin, now Mei Ling")
    expect(desk.get_by_label("Name", exact=True)).to_have_value("Mei Ling")
    desk.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("agent, warehouse")
    assert person.get("/v1/tickets", limit=1)
    row.get_by_role("button", name="Change").click()
    desk.get_by_role("button", name="Deactivate").click()
    expect(row).to_contain_text("deactivated")
    assert person.try_get("/v1/sessions") is None


def test_sessions_are_listed_and_ended(browser: Browser, demo: Demo) -> None:
    email = "reviewer@pledge.example"
    here = demo.as_staff("reviewer")
    other = demo.guest.sign_in(email)
    with tab_of(browser, here, "reviewer") as tab:
        tab.goto("/desk/you")
        expect(tab.get_by_role("heading", level=1)).to_contain_text("signed in at")
        tab.get_by_role("row").filter(has_not_text="here").get_by_role("button", name="End").first.click()
        expect(tab.get_by_text("That session is over.")).to_be_attached()
    assert other.try_get("/v1/sessions") is None


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("troubled")
    with started(folder, PLEDGE_HOLD_PIECES="100000") as url:
        yield url, folder


def test_messages_that_were_given_up_are_redriven(browser: Browser, troubled: tuple[str, Path]) -> None:
    url, folder = troubled
    demo = Demo(url)
    message = json.dumps({"id": "0", "type": "order_placed", "service": "orders", "body": {"order_number": "ORD-0"}})
    with sqlite3.connect(folder / "logistics.db", timeout=60) as connection:
        for event_id in ("ab", "cd"):
            connection.execute(
                "INSERT INTO inbox (handler, event_id, message, error, attempts, dead_at) VALUES (?, ?, ?, ?, 12, ?)",
                (
                    "nobody",
                    event_id,
                    message,
                    f"KeyError: 'sku' in SHP-{event_id.upper()}",
                    datetime.now(UTC).isoformat(" ")[:26],
                ),
            )
    with tab_of(browser, demo.as_staff("admin"), "admin") as tab:
        tab.goto("/desk/operations")
        expect(tab.get_by_role("heading", level=1)).to_contain_text("2 messages given up")
        tab.locator("details.group summary").first.click()
        expect(tab.get_by_label("Body of ab")).to_contain_text("order_placed")
        tab.get_by_role("button", name="Redrive").first.click()
        expect(tab.get_by_text("tried again.")).to_be_attached()
        press(tab, "c")
        expect(tab.get_by_text("Every chain of")).to_be_visible()
        expect(tab.get_by_text("1 to 3 working days")).to_be_visible()
        expect(tab.get_by_role("heading", name="Keys that sign")).to_be_visible()


def test_a_long_list_is_drawn_in_parts(browser: Browser, troubled: tuple[str, Path]) -> None:
    demo = Demo(troubled[0])
    rows = "".join(f"LONG-{place:05},Thing {place},1.00\n" for place in range(450))
    answer = demo.as_staff("admin").send(
        "POST", "/v1/products/import", data=f"sku,title,price\n{rows}", headers={"Content-Type": "text/csv"}
    )
    assert answer.ok, answer.text
    with tab_of(browser, demo.as_staff("agent"), "agent") as tab:
        tab.goto("/desk/stock?q=Thing")
        expect(tab.locator("tbody tr")).to_have_count(100)
        press(tab, "j", "j", "k")
        expect(tab.locator("tr.here")).to_contain_text("LONG-00001")
        tab.get_by_role("button", name="Show 100 more").click()
        expect(tab.get_by_role("heading", level=1)).to_contain_text("200 products")
        expect(tab.locator("tr.here")).to_contain_text("LONG-00001")
        tab.get_by_role("row").filter(has_text="LONG-00099").get_by_role("link").focus()
        press(tab, *["j"] * 100)
        expect(tab.locator("tr.here")).to_contain_text("LONG-00199")
        press(tab, "j")  # from the last row on: what comes next is read
        expect(tab.locator("tr.here")).to_contain_text("LONG-00200")
        expect(tab.get_by_role("heading", level=1)).to_contain_text("400 products")
