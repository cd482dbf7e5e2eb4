"""What another person changed meanwhile: each page that writes says what it was, and keeps what was being written."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Page, expect

from deploy.demo.scene import a_return_asked, a_shipment, conversations
from deploy.demo.story import Demo
from tests.e2e.desk import press


class Case(NamedTuple):
    """thing: makes what is opened. key: opens the form. label: of the field that is written in.

    meanwhile: what a colleague does. says: what the page tells of it.
    """

    page: str
    thing: Callable[[Demo], str]
    key: str
    label: str
    meanwhile: Callable[[Demo, str], Any]
    says: str


def a_parcel(demo: Demo) -> str:
    shipment = a_shipment(demo, 1)
    demo.hand_over(shipment, f"EW{uuid.uuid4().hex[:10].upper()}")
    return shipment


def correct(demo: Demo, shipment: str) -> None:
    warehouse = demo.as_staff("warehouse")
    (parcel,) = warehouse.get(f"/v1/shipments/{shipment}")["parcels"]
    wish = {"tracking_number": f"{parcel['tracking_number']}US", "reason": "the end was torn off"}
    warehouse.patch(f"/v1/shipments/{shipment}/parcels/{parcel['id']}", wish)


def ask(demo: Demo, number: str) -> None:
    demo.as_staff("aftersales").post(f"/v1/returns/{number}/review", {"decision": "info", "question": "Which handle?"})


def count(demo: Demo, sku: str) -> None:
    demo.as_staff("admin").post(f"/v1/products/{sku}/stock", {"delta": -1, "reason": "one is broken"})


CASES = {
    "the end of a conversation": Case(
        "inbox/{}",
        lambda demo: conversations(demo)[0],
        "e",
        "Words for the customer, if any",
        lambda demo, number: demo.as_staff("agent").post(
            f"/v1/tickets/{number}/messages", {"body": "A colleague was faster than you."}
        ),
        "Messages: 1 more",
    ),
    "a return": Case(
        "returns/{}", a_return_asked, "x", "Words for the customer", ask, "Status: requested, now needs info"
    ),
    "a parcel": Case("parcels?q={}", a_parcel, "c", "Why it was wrong", correct, "Parcels tracking number: "),
    "a count": Case(
        "stock/{}",
        lambda demo: str(demo.guest.get("/v1/products", limit=1)["items"][0]["sku"]),
        "",
        "Why",
        count,
        "Available: ",
    ),
}
REST = {
    "What shows it, for staff": "the photo",
    "Right carrier, if that was wrong": "dhl",
    "Change the count by": "2",
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_moved_is_told_and_the_draft_kept(desk: Page, demo: Demo, case: Case) -> None:
    thing = case.thing(demo)
    desk.route("**/v1/desk/stream*", lambda route: route.abort())  # or the page would show it before it is sent
    desk.goto(f"/desk/{case.page.format(thing)}")
    expect(desk.get_by_text("Reading…")).to_have_count(0)
    expect(desk.locator("main h1").first).to_be_visible()
    press(desk, *case.key)
    field = desk.get_by_label(case.label, exact=True)
    field.fill("Words that took me a while.")
    for label, text in REST.items():
        for other in desk.get_by_label(label).all():
            other.fill(text)
    case.meanwhile(demo, thing)
    field.focus()
    press(desk, "Control+Enter")

    alert = desk.get_by_role("alert")
    expect(alert).to_contain_text("changed")
    expect(alert.get_by_role("list", name="What has changed")).to_contain_text(case.says)
    expect(field).to_have_value("Words that took me a while.")
    expect(field).to_be_focused()


def test_a_box_that_moved_is_packed_at_the_second_scan(desk: Page, demo: Demo) -> None:
    shipment = a_shipment(demo, 1)
    warehouse = demo.as_staff("warehouse")
    (line,) = warehouse.get(f"/v1/shipments/{shipment}")["lines"]
    desk.route("**/v1/desk/stream*", lambda route: route.abort())
    desk.goto(f"/desk/pack/{shipment}")
    expect(desk.get_by_label("Scan", exact=True)).to_be_focused()
    warehouse.post(f"/v1/shipments/{shipment}/sorted", {})
    desk.keyboard.type(line["sku"])
    press(desk, "Enter")
    expect(desk.get_by_role("list", name="What has changed")).to_contain_text("Status: queued, now sorting")
    expect(desk.get_by_label("Scan", exact=True)).to_be_focused()

    desk.keyboard.type(line["sku"])
    press(desk, "Enter")
    expect(desk.get_by_text("The piece is in the box")).to_be_visible()
