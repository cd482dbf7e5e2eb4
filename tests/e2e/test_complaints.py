"""A complaint over HTTP and on the pages, from the form to its closing by the customer (standard, sections 5 and 6)."""

from __future__ import annotations

import csv
import uuid
from io import StringIO

from playwright.sync_api import Page, expect

from deploy.demo.client import Client, wait_for
from deploy.demo.story import Demo
from services.common.basics.untyped import JsonDict
from tests.e2e.test_basis import seen
from tests.e2e.test_conversations import reader_by_mail, refused, write_to_us

TAKEN_UP = {"step": "acknowledged", "message": "We have read what you wrote and look into it now."}
FOUND = {"step": "investigated", "findings": "It lay three days in the warehouse."}
REASONS = "The parcel waited three days in our warehouse. You were right to complain."


def bought(demo: Demo, price: str = "450.00") -> tuple[str, Client, str]:
    """Have a customer buy something of that price. Return the order, its customer, and their mailbox."""
    admin, sku = demo.as_staff("admin"), f"SOFA-{uuid.uuid4().hex[:8].upper()}"
    admin.put(f"/v1/products/{sku}", {"title": "Sofa", "price": {"amount": price, "currency": "USD"}})
    admin.post(f"/v1/products/{sku}/stock", {"delta": 2, "reason": "delivered by the maker"})
    wish = demo.wish([{"sku": sku, "quantity": 1}])
    email = f"ada-{uuid.uuid4().hex[:8]}@example.com"
    order = demo.guest.post("/v1/orders", {**wish, "contact": {**wish["contact"], "email": email}})
    customer = demo.guest.with_token(order["access_token"])
    demo.pay(order["number"], customer)
    return order["number"], customer, email


def complained(demo: Demo, order: str, customer: Client, email: str) -> str:
    form = {"name": "Ada Lovelace", "email": email, "category": "complaint", "order_number": order}
    receipt = customer.post("/v1/contact", {**form, "subject": "Too late", "message": "It came a week too late."})
    number: str = receipt["ticket_number"]
    return number


def decision(amount: str) -> JsonDict:
    refund = {"remedy": "refund", "amount": {"amount": amount, "currency": "USD"}}
    return {"step": "decided", "decision": "upheld", "message": REASONS, "cause": "late_delivery", **refund}


def test_a_refund_needs_what_was_paid_and_two_people(platform: str, demo: Demo) -> None:
    order, customer, email = bought(demo)
    number, agent, lead = complained(demo, order, customer, email), demo.as_staff("agent"), demo.as_staff("lead")
    here = f"/v1/tickets/{number}/complaint"
    for step, code in (
        (FOUND, "wrong_status"),
        (decision("5.00"), "wrong_status"),
        ({"step": "agreed"}, "wrong_status"),
    ):
        assert refused(platform, agent, "POST", here, step)[1]["code"] == code
    assert refused(platform, customer, "POST", here, TAKEN_UP)[0] in (401, 403, 404)
    agent.post(here, TAKEN_UP)
    agent.post(here, FOUND)
    ended = refused(platform, lead, "POST", f"/v1/tickets/{number}/resolution", {"code": "declined", "note": "No."})
    assert ended[1]["code"] == "complaint_undecided"

    lead.post(here, decision("450.01"))
    back = wait_for(lambda: _status(lead, number, "investigating"))
    assert "450.00 USD of what was paid are left" in back["why"]
    lead.post(here, decision("200.01"))
    waits = wait_for(lambda: _status(lead, number, "proposed"))
    assert waits["proposal"]["amount"]["amount"] == "200.01"
    assert refused(platform, lead, "POST", here, {"step": "agreed"})[1]["code"] == "second_person_required"
    assert customer.get(f"/v1/orders/{order}")["refunds"] == []
    agent.post(here, {"step": "agreed"})

    reader = reader_by_mail(demo, email, number, "we uphold your complaint")
    settled = wait_for(lambda: _paid(reader, number))
    assert settled["decision"]["refund"]["amount"]["amount"] == "200.01"
    (refund,) = customer.get(f"/v1/orders/{order}")["refunds"]
    assert (refund["cause"], refund["reference"], refund["status"]) == ("goodwill", f"{number}/3", "settled")
    assert customer.get(f"/v1/orders/{order}")["account"]["missing"]["amount"] == "0.00"
    reader_by_mail(demo, email, number, "we uphold your complaint").post(f"/v1/tickets/{number}/closing", {})
    lead.post(here, {"step": "improved", "changed": "Parcels leave on the day on which they are packed."})
    report = lead.get("/v1/reports/complaints")
    assert number in [each["ticket_number"] for each in report["improvements"]]
    assert refused(platform, agent, "GET", "/v1/reports/complaints")[0] == 403
    answer = lead.send("GET", "/v1/reports/complaints/export")
    rows = {row["ticket"]: row for row in csv.DictReader(StringIO(answer.text))}
    assert (rows[number]["refunded_usd"], rows[number]["decision"]) == ("200.01", "upheld")


def _status(client: Client, number: str, status: str) -> JsonDict | None:
    complaint: JsonDict = client.get(f"/v1/tickets/{number}")["complaint"]
    return complaint if complaint["status"] == status else None


def _paid(client: Client, number: str) -> JsonDict | None:
    complaint: JsonDict = client.get(f"/v1/tickets/{number}")["complaint"]
    refund = (complaint["decision"] or {}).get("refund")
    return complaint if refund and refund["state"] == "settled" else None


def test_a_complaint_is_decided_at_the_desk_and_objected_to(desk: Page, page: Page, platform: str, demo: Demo) -> None:
    email = f"ada-{uuid.uuid4().hex[:8]}@example.com"
    number, _ = write_to_us(demo, email, category="complaint", subject="Rude", message="Your colleague was rude.")

    desk.goto(f"/desk/inbox/{number}")
    box = desk.get_by_label("The complaint")
    expect(box).to_contain_text("received")
    desk.keyboard.press("m")
    desk.get_by_label("In words for the customer").fill(str(TAKEN_UP["message"]))
    desk.get_by_role("button", name="Tell the customer").click()
    expect(box).to_contain_text("acknowledged")
    desk.keyboard.press("m")
    desk.get_by_label("What was found, for colleagues").fill("The recording shows it.")
    desk.get_by_label("What is new, in words for the customer").fill("We have listened to the recording of the call.")
    desk.get_by_role("button", name="Keep it").click()
    expect(box).to_contain_text("investigating")
    seen(desk, "complaint-desk")
    box.get_by_role("button", name="Decide").click()
    desk.get_by_label("Not upheld", exact=True).check()
    desk.get_by_label("The reasons, in words for the customer").fill("The recording of the call shows a friendly talk.")
    desk.get_by_label("None: it is not upheld").check()
    desk.get_by_label("What it came from").select_option("conduct")
    desk.get_by_label("The customer's country").fill("FR")
    desk.get_by_role("button", name="Decide", exact=False).last.click()
    expect(box).to_contain_text("decided")

    reader = reader_by_mail(demo, email, number, "we do not uphold your complaint")
    page.goto(f"{platform}/tickets/{number}#token={reader._token}")
    card = page.get_by_role("region", name="Your complaint")
    expect(card).to_contain_text("the European Consumer Centre of France")
    seen(page, "complaint-page")
    page.get_by_label("What did we not see?").fill("Please listen to the second call.")
    page.get_by_role("button", name="Object to the decision").click()
    expect(page.locator("#said")).to_contain_text("You have objected")
    expect(card).to_contain_text("Other people decide")
    reader_by_mail(demo, email, number, "we look at it again")

    desk.goto("/desk/complaints")
    expect(desk.get_by_role("link", name=number)).to_be_visible()
    expect(desk.get_by_role("heading", name="Decided since")).to_be_visible()
    seen(desk, "complaints")
