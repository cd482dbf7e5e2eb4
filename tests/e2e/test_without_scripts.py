"""What a customer can do in a browser that runs no scripts: look up, write, decide, withdraw."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from deploy.demo.client import wait_for
from deploy.demo.story import Demo
from tests.e2e.conftest import PATIENCE_MS
from tests.e2e.desk import faults_of_access
from tests.e2e.test_basis import PICTURES
from tests.e2e.test_conversations import write_to_us
from tests.e2e.test_order_page import an_unpaid_order
from tests.e2e.test_pages import a_delivered_order, a_short_order, fill_contact, propose_an_address
from tests.e2e.test_parts import an_order, bring, send_a_part


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    """Open a tab of a browser that runs no scripts, as wide as a small phone."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    tab = context.new_page()
    tab.set_default_timeout(PATIENCE_MS)
    yield tab
    context.close()


def sign_in(tab: Page, platform: str, demo: Demo) -> None:
    """Sign in with a code by e-mail, and see the list of orders."""
    known = demo.guest.mails_known(demo.email)
    tab.goto(f"{platform}/plain")
    tab.get_by_label("Your e-mail address").fill(demo.email)
    tab.get_by_role("button", name="Send me a code").click()
    tab.get_by_label("The code from our e-mail").fill(demo.guest.mailed_code(demo.email, known))
    tab.get_by_role("button", name="Show my orders").click()


def test_a_message_is_sent_without_scripts(plain: Page, platform: str) -> None:
    plain.goto(f"{platform}/contact")
    fill_contact(plain, category="complaint", email="ada@example")
    plain.get_by_role("button", name="Send").click()
    expect(plain.get_by_role("alert")).to_contain_text("Email")
    expect(plain.get_by_label("Your message")).to_have_value("How heavy is it?")
    plain.get_by_label("Your e-mail address").fill("ada@example.com")
    plain.get_by_label("Your message").fill("  ")
    plain.get_by_role("button", name="Send").click()
    expect(plain.get_by_role("alert")).to_contain_text("Message")
    expect(plain.get_by_label("Your e-mail address")).to_have_value("ada@example.com")
    expect(plain.get_by_label("What is it about?")).to_have_value("complaint")

    plain.get_by_label("Your message").fill("How heavy is it?")
    plain.get_by_label("Order number").fill("ORD-WRONG")
    plain.get_by_role("button", name="Send").click()
    expect(plain.get_by_role("alert")).to_contain_text("none of our numbers")
    expect(plain.get_by_label("Order number")).to_have_value("ORD-WRONG")
    plain.get_by_label("Send my message without it").check()
    plain.get_by_role("button", name="Send").click()

    expect(plain.locator("#ticket-number")).to_contain_text("TIC-")
    expect(plain.get_by_text("a person answers it by")).to_contain_text("(UTC)")


def test_a_link_is_mailed_without_scripts(plain: Page, platform: str, demo: Demo) -> None:
    number = an_unpaid_order(demo)["number"]
    plain.goto(platform)
    plain.get_by_label("Order number").fill("ORD-WRONG")
    plain.get_by_label("Your e-mail address").fill(demo.email)
    plain.get_by_role("button", name="Show the order").click()
    expect(plain.get_by_role("alert")).to_contain_text("There is no such number")
    expect(plain.get_by_label("Order number")).to_have_value("ORD-WRONG")
    expect(plain.get_by_label("Your e-mail address")).to_have_value(demo.email)
    said = []
    for email in ("stranger@example.com", demo.email):
        plain.goto(platform)
        plain.get_by_label("Order number").fill(number)
        plain.get_by_label("Your e-mail address").fill(email)
        plain.get_by_role("button", name="Show the order").click()
        said.append(plain.get_by_role("main").inner_text().replace(email, "…"))

    assert said[0] == said[1]
    demo.guest.mail_link(demo.email, f"/orders/{number}", containing="You asked for a new link")


def test_a_change_is_decided_without_scripts(plain: Page, platform: str, demo: Demo) -> None:
    order = a_short_order(demo)
    sign_in(plain, platform, demo)
    plain.get_by_role("button", name=order["number"]).click()
    with plain.expect_download() as saved:
        plain.get_by_role("button", name="Receipt (PDF)").click()
    assert saved.value.suggested_filename == f"receipt-{order['number']}.pdf"
    for token, paper, status in (("nonsense", "receipt", 401), (order["access_token"], "../../stock", 422)):
        sent = {"token": token, "number": order["number"], "paper": paper}
        assert requests.post(f"{platform}/plain/paper", sent, timeout=30).status_code == status
    plain.get_by_role("button", name="Accept this").click()
    expect(plain.get_by_role("alert")).to_contain_text("Please choose one")

    plain.get_by_label("Remove").check()
    plain.get_by_role("button", name="Accept this").click()

    expect(plain.get_by_role("status")).to_contain_text("We do as you decided")
    seen = demo.guest.with_token(order["access_token"]).get(f"/v1/orders/{order['number']}/changes")["items"][0]
    assert seen["consent"]["option"] == "remove_line"

    by_link = "token => document.querySelectorAll('[name=token]').forEach((each) => { each.value = token; })"
    plain.evaluate(by_link, order["access_token"])
    plain.get_by_label("Street and number").fill("1 Other Street")
    plain.get_by_label("Postal code").fill("1")
    plain.get_by_role("button", name="See what changes").last.click()
    expect(plain.get_by_label("Postal code")).to_have_attribute("aria-invalid", "true")
    expect(plain.get_by_label("Postal code")).to_have_accessible_description(re.compile("is no postal code of US"))
    plain.get_by_label("Postal code").fill("10001")
    plain.get_by_role("button", name="See what changes").last.click()
    expect(plain.get_by_role("main")).to_contain_text("Nothing is paid back.")
    known = demo.guest.mails_known(demo.email)
    plain.get_by_role("button", name="Send me a code").click()
    mailed = demo.guest.mailed_code(demo.email, known)
    plain.get_by_label("The code from our e-mail").fill(f"{(int(mailed) + 1) % 10 ** len(mailed):0{len(mailed)}}")
    plain.get_by_role("button", name="Change my order").click()
    expect(plain.get_by_label("The code from our e-mail")).to_have_attribute("aria-invalid", "true")
    assert plain.evaluate("document.documentElement.scrollWidth") <= 320
    plain.get_by_label("The code from our e-mail").fill(mailed)
    plain.get_by_role("button", name="Change my order").click()

    expect(plain.get_by_role("status")).to_contain_text("Your change is with the warehouse")
    shown = f"/v1/orders/{order['number']}"
    customer = demo.guest.with_token(order["access_token"])
    assert wait_for(lambda: customer.get(shown)["delivery"]["line1"] == "1 Other Street")
    plain.reload()  # which sends the form again
    expect(plain.get_by_role("heading", level=1)).to_contain_text(order["number"])
    expect(plain.get_by_role("alert")).to_have_count(0)

    propose_an_address(demo, order["number"], "2 Third Street")
    plain.reload()
    plain.evaluate(by_link, order["access_token"])
    plain.get_by_label("Deliver to").check()
    known = demo.guest.mails_known(demo.email)
    plain.get_by_role("button", name="Accept this").click()
    expect(plain.get_by_role("main")).to_contain_text("2 Third Street")
    mailed = demo.guest.mailed_code(demo.email, known)
    plain.get_by_label("The code from our e-mail").fill("00000000")
    plain.get_by_role("button", name="Accept this").click()
    expect(plain.get_by_label("The code from our e-mail")).to_have_attribute("aria-invalid", "true")
    assert plain.evaluate("document.documentElement.scrollWidth") <= 320
    plain.get_by_label("The code from our e-mail").fill(mailed)
    plain.get_by_role("button", name="Accept this").click()
    expect(plain.get_by_role("status")).to_contain_text("We do as you decided")
    assert customer.get(shown)["delivery"]["line1"] == "2 Third Street"


@pytest.mark.parametrize("delivered", [True, False])
def test_a_purchase_is_withdrawn_without_scripts(plain: Page, platform: str, demo: Demo, delivered: bool) -> None:
    order = a_delivered_order(demo) if delivered else demo.a_guest_orders_and_pays()[0]
    sign_in(plain, platform, demo)
    plain.get_by_role("button", name=order["number"]).click()
    plain.get_by_role("button", name="Withdraw from the purchase").click()
    expect(plain.get_by_role("main")).to_contain_text(order["lines"][0]["title"])
    assert plain.evaluate("document.documentElement.scrollWidth") <= 320

    expect(plain.get_by_role("button", name="Exchange it for the same again")).to_have_count(int(delivered))

    plain.get_by_role("button", name="Confirm the withdrawal").click()

    expect(plain.get_by_role("status")).to_contain_text("Your withdrawal has arrived")
    customer = demo.guest.with_token(order["access_token"])
    shown = customer.get(f"/v1/orders/{order['number']}")
    assert [(len(each["units"]), each["outcome"]) for each in shown["returns"]] == (
        [(3, "refund")] if delivered else []
    )
    assert delivered or wait_for(lambda: customer.get(f"/v1/orders/{order['number']}")["stage"] == "cancelled")


def test_goods_are_exchanged_without_scripts(plain: Page, platform: str, demo: Demo) -> None:
    order = a_delivered_order(demo)
    sign_in(plain, platform, demo)
    plain.get_by_role("button", name=order["number"]).click()
    plain.get_by_role("button", name="Withdraw from the purchase").click()

    plain.get_by_role("button", name="Exchange it for the same again").click()

    expect(plain.get_by_role("status")).to_contain_text("Your request has arrived")
    (item,) = demo.guest.with_token(order["access_token"]).get(f"/v1/orders/{order['number']}")["returns"]
    assert (item["outcome"], item["status"]) == ("exchange", "requested")


def test_a_parcel_under_way_is_withdrawn_without_scripts(plain: Page, platform: str, demo: Demo) -> None:
    order, customer = demo.a_guest_orders_and_pays()
    demo.the_review_passes_by_itself(order["number"], customer)
    demo.the_warehouse_hands_the_parcel_over(order["number"], customer)
    sign_in(plain, platform, demo)
    plain.get_by_role("button", name=order["number"]).click()
    expect(plain.get_by_role("main")).to_contain_text("Your parcel is on its way and cannot be stopped.")

    plain.get_by_role("button", name="Send this declaration").click()

    number = plain.locator("#ticket-number").inner_text()
    seen = demo.as_staff("agent").get(f"/v1/tickets/{number}")
    assert f"withdraws from the purchase of order {order['number']}: 2 ×" in seen["messages"][0]["body"]


@pytest.mark.parametrize("came", [True, False])
def test_an_order_in_parts_is_withdrawn_without_scripts(plain: Page, platform: str, demo: Demo, came: bool) -> None:
    order = an_order(demo)
    tracking_number = send_a_part(demo, order)
    if came:
        bring(demo, order, tracking_number)
    sign_in(plain, platform, demo)
    plain.get_by_role("button", name=order["number"]).click()
    expect(plain.get_by_role("main")).to_contain_text("A part of your order has left us and cannot be stopped.")
    expect(plain.get_by_role("button", name="Withdraw from the purchase")).to_have_count(0)

    plain.get_by_role("button", name="Send this declaration").click()

    number = plain.locator("#ticket-number").inner_text()
    seen = demo.as_staff("agent").get(f"/v1/tickets/{number}")
    assert f"withdraws from the purchase of order {order['number']}: 2 ×" in seen["messages"][0]["body"]


def test_who_is_not_content_asks_for_a_lead_without_scripts(plain: Page, platform: str, demo: Demo) -> None:
    number, _ = write_to_us(demo, demo.email)
    demo.as_staff("agent").post(f"/v1/tickets/{number}/messages", {"body": "It is made of cotton, we think."})
    sign_in(plain, platform, demo)
    plain.get_by_role("button", name="My conversations").click()
    plain.get_by_role("button", name=number).click()
    expect(plain.get_by_role("main")).to_contain_text("It is made of cotton, we think.")
    assert plain.evaluate("document.documentElement.scrollWidth") <= 320
    if PICTURES:
        plain.screenshot(path=f"{PICTURES}/plain-ticket.png", full_page=True)

    plain.get_by_label("Your message").fill("You think, or you know?")
    plain.get_by_role("button", name="Send").click()
    expect(plain.get_by_role("status")).to_contain_text("Your message has arrived")
    plain.get_by_label("What is wrong?").fill("Not certain at all, all of it!")
    plain.get_by_role("button", name="Ask for a lead").click()
    expect(plain.get_by_role("status")).to_contain_text("You asked for a lead")
    expect(plain.get_by_role("main")).to_contain_text("answers you by")
    expect(plain.get_by_role("button", name="Ask for a lead")).to_have_count(0)
    plain.reload()  # the form is sent once more

    ticket = demo.as_staff("lead").get(f"/v1/tickets/{number}")
    said = [each["body"] for each in ticket["messages"] if each["author"] == "customer"]
    assert said[1:] == ["You think, or you know?", "Not certain at all, all of it!"]
    assert ticket["escalation"]["asked_at"]


def test_what_is_not_a_customers_own_is_not_shown(platform: str, demo: Demo) -> None:
    number, token = write_to_us(demo, "somebody.else@example.com")

    for path, more in (
        ("ticket", {}),
        ("message", {"message": "Hello?"}),
        ("lead", {"reason": "I want to read it all."}),
    ):
        for held in ("", "nonsense", demo.as_staff("warehouse")._token):
            sent = {"token": held, "number": number, **more}
            answer = requests.post(f"{platform}/plain/{path}", sent, timeout=30)
            assert 400 <= answer.status_code < 500, (path, answer.status_code)
            assert "What is the shirt made of?" not in answer.text
    assert requests.post(f"{platform}/plain/ticket", {"token": token, "number": "TIC-"}, timeout=30).status_code == 404


def test_the_plain_pages_have_no_fault_of_access(browser: Browser, platform: str, demo: Demo) -> None:
    order, page = a_short_order(demo), browser.new_page()
    number, _ = write_to_us(demo, demo.email)
    found = {}
    for step in ("start", "orders", "tickets", "ticket", "order", "withdrawal"):
        if step == "start":
            page.goto(f"{platform}/plain")
        elif step == "orders":
            sign_in(page, platform, demo)
        elif step in ("tickets", "ticket"):
            page.get_by_role("button", name="My conversations" if step == "tickets" else number).click()
        else:
            if step == "order":
                page.get_by_role("button", name="All my conversations").click()
                page.get_by_role("button", name="All my orders").click()
            page.get_by_role("button", name=order["number"] if step == "order" else "Withdraw").click()
        found[step] = faults_of_access(page)

    page.context.close()
    assert not any(found.values()), found


def test_a_form_counts_once_and_from_our_pages_only(platform: str, demo: Demo) -> None:
    before = False
    sent = {"name": "Ada", "email": "ada@example.com", "category": "product", "subject": "Hm", "message": "Hm?"}
    forged = requests.post(f"{platform}/plain/contact", sent, headers={"Sec-Fetch-Site": "cross-site"}, timeout=60)

    assert forged.status_code == 403
    answers = [requests.post(f"{platform}/plain/contact", sent, timeout=60) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert len({number for answer in answers for number in re.findall(r"TIC-[-\w]+", answer.text)}) == 1

    email = f"{uuid.uuid4().hex[:8]}@example.com"
    for name in (b"one", b"one", b"other"):
        files = {"files": ("a note.txt", b"This is the file " + name, "text/plain")}
        answer = requests.post(f"{platform}/plain/contact", {**sent, "email": email}, files=files, timeout=30)
        assert (answer.status_code, "already" in answer.text) == (200, name == b"one" and before)
        before = True
    found = demo.as_staff("agent").get("/v1/tickets", q=email)["items"]
    assert len(found) == 2  # the third has another file
