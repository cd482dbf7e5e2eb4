"""Several conversations at the desk: chosen by keys, merged, taken apart, split, related (standard, section 5)."""

from __future__ import annotations

import uuid
from typing import Any

import requests
from playwright.sync_api import Browser, Page, Route, expect

from deploy.demo.client import Client, wait_for
from deploy.demo.scene import delivered
from deploy.demo.story import Demo
from tests.e2e.desk import faults_of_access, look, press
from tests.e2e.test_basis import seen_by_each

CHOSEN = "With the chosen"


def asked(demo: Demo, email: str, subject: str) -> tuple[str, Client]:
    """Open a ticket; return its number and who may read it."""
    form = {"name": "Ada Lovelace", "email": email, "category": "product", "subject": subject}
    receipt = demo.guest.post("/v1/contact", {**form, "message": f"{subject} Please tell me."})
    return str(receipt["ticket_number"]), demo.guest.with_token(receipt["access_token"])


def test_several_conversations_are_chosen_and_put_together(
    desk: Page, browser: Browser, platform: str, demo: Demo
) -> None:
    email = f"ada.{uuid.uuid4().hex[:8]}@example.com"
    (first, _), (second, ada), (third, _) = (
        asked(demo, email, each) for each in ("Is it cotton?", "Is it really cotton?", "Is it soft?")
    )
    lead = demo.as_staff("lead")
    desk.goto(f"/desk/inbox?q={email}")
    rows = desk.get_by_label("Conversations").get_by_role("checkbox")
    expect(rows).to_have_count(3)
    bulk = desk.get_by_role("form", name=CHOSEN)

    press(desk, "x")
    expect(bulk).to_contain_text("1 conversation chosen")
    _step(desk, 1)
    _step(desk, 2)
    press(desk, "Shift+X")
    expect(bulk).to_contain_text("3 conversations chosen")
    press(desk, "y")
    expect(bulk.get_by_label("What to do with them")).to_be_focused()
    bulk.get_by_label("What to do with them").select_option("resolve")
    assert faults_of_access(desk) == []
    bulk.get_by_role("button", name="Do it").click()
    expect(bulk.get_by_label("What was refused").get_by_role("listitem")).to_have_count(3)
    bulk.get_by_label("What to do with them").select_option("amend")
    bulk.get_by_label("Priority").select_option("high")
    bulk.get_by_role("button", name="Do it").click()
    expect(desk.get_by_role("status").filter(has_text="Done for 3 of 3.")).to_be_visible()
    expect(bulk).to_have_count(0)
    assert {lead.get(f"/v1/tickets/{each}")["priority"] for each in (first, second, third)} == {"high"}

    desk.goto(f"/desk/inbox/{second}?q={email}")
    desk.get_by_role("button", name="Put it together with another one").click()
    expect(desk.get_by_label("Open conversations of the same customer")).to_contain_text("Is it soft?")
    desk.get_by_role("button", name=first).click()
    expect(desk.get_by_label("The number of the one in which it goes on")).to_have_value(first)
    desk.get_by_label("Why, for colleagues").fill("the same question twice")
    assert faults_of_access(desk) == []
    press(desk, "Control+Enter")
    expect(desk.get_by_text(f"It goes on in {first}; what the customer writes")).to_be_visible()
    expect(desk.get_by_label("Note for staff: the customer does not see it")).to_be_visible()
    expect(desk.get_by_role("button", name="Answer instead")).to_have_count(0)
    assert faults_of_access(desk) == []

    _customer_writes(browser, platform, second, ada, first)
    desk.goto(f"/desk/inbox/{first}")
    together = desk.get_by_label("About this conversation").get_by_role("listitem").filter(has_text=second)
    together.get_by_text("What was said there").click()
    expect(together).to_contain_text("Is it really cotton? Please tell me.")
    expect(desk.locator(".thread")).to_contain_text("It is for my daughter.")
    assert faults_of_access(desk) == []

    desk.get_by_role("button", name="Split it").click()
    desk.get_by_role("group", name="Which messages").get_by_text("It is for my daughter.").click()
    desk.get_by_label("What it is about").fill("For a child?")
    assert faults_of_access(desk) == []
    press(desk, "Control+Enter")
    expect(desk.get_by_label("About this conversation")).to_contain_text("For a child?")

    desk.goto(f"/desk/inbox/{second}")
    desk.get_by_role("button", name="Take them apart again").click()
    desk.get_by_label("Why, for colleagues").fill("it is about another shirt")
    press(desk, "Control+Enter")
    expect(desk.get_by_role("button", name="Put it together with another one")).to_be_visible()
    assert lead.get(f"/v1/tickets/{second}")["status"] == "new"
    _put_away_and_brought_back(desk, email, second, third)
    assert {lead.get(f"/v1/tickets/{each}")["status"] for each in (second, third)} == {"new"}


def _put_away_and_brought_back(desk: Page, email: str, *numbers: str) -> None:
    """Put these among the spam together, and find that they are none."""
    listed = desk.get_by_label("Conversations")
    for view, step, why in (("open", "spam", "much too alike"), ("spam", "restore", "a child wrote them")):
        desk.goto(f"/desk/inbox?view={view}&q={email}")
        for number in numbers:
            listed.get_by_role("listitem").filter(has=desk.locator(f"a[href*='{number}']")).get_by_role(
                "checkbox"
            ).check()
        bulk = desk.get_by_role("form", name=CHOSEN)
        bulk.get_by_label("What to do with them").select_option(step)
        bulk.get_by_label("Why").fill(why)
        bulk.get_by_role("button", name="Do it").click()
        expect(desk.get_by_role("status").filter(has_text="Done for 2 of 2.")).to_be_visible()
        for number in numbers:
            expect(listed.locator(f"a[href*='{number}']")).to_have_count(0)


def _step(desk: Page, place: int) -> None:
    """Open the next conversation, and wait until it is."""
    press(desk, "j")
    expect(desk.locator(".picks li").nth(place).get_by_role("link")).to_have_attribute("aria-current", "true")


def _customer_writes(browser: Browser, platform: str, number: str, ada: Client, into: str) -> None:
    context: Any = browser.new_context(base_url=platform)
    page = context.new_page()
    page.goto(f"/tickets/{number}#token={ada.tokens[0]}")
    expect(page.locator("#status")).to_have_text("It goes on in another conversation of yours")
    expect(page.get_by_role("link", name=into)).to_be_visible()
    expect(page.locator("#rating")).to_have_count(0)
    page.get_by_label("Your message").fill("It is for my daughter.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text(f"It is in {into}, where this conversation goes on")).to_be_visible()
    assert faults_of_access(page) == []
    context.close()


def test_what_was_set_aside_is_let_through_by_one_key(desk: Page, platform: str, demo: Demo) -> None:
    """Sent without our page, and with the field filled in that people do not see: a key each way, and one mail."""
    email, lead = f"ada.{uuid.uuid4().hex[:8]}@example.com", demo.as_staff("lead")
    form = {"name": "Ada Lovelace", "email": email, "category": "product", "message": "How heavy is it, please?"}
    silent = {**form, "subject": "While support was silent", "form_token": "", "email": f"bo.{email[4:]}"}
    taken = requests.post(f"{platform}/plain/contact", data=silent, timeout=60).text
    foreign = {**form, "subject": "Without the page", "form_token": "none"}
    plain = requests.post(f"{platform}/plain/contact", data=foreign, timeout=60).text
    held = demo.guest.post("/v1/contact", {**form, "subject": "Into the trap", "website": "https://buy.example"})
    assert ["set it aside" in each for each in (taken, plain)] == [False, True]
    assert held["quarantined"]
    number = held["ticket_number"]

    desk.goto(f"/desk/inbox?view=quarantined&q={email}")
    rows = desk.get_by_label("Conversations").get_by_role("checkbox")
    expect(rows).to_have_count(2)
    desk.goto(f"/desk/inbox/{number}?view=quarantined&q={email}")
    aside = desk.get_by_role("region", name="Set aside")
    expect(aside).to_contain_text("a field that people do not see was filled in")
    expect(desk.get_by_label("Note for staff: the customer does not see it")).to_be_visible()
    seen_by_each(desk, "set-aside")
    look(desk, "light", 1280)
    assert not demo.guest.mails_known(email)
    press(desk, "l")
    expect(desk.get_by_role("status").filter(has_text="It is in the inbox")).to_be_visible()
    expect(rows).to_have_count(1)
    assert len(wait_for(lambda: demo.guest.mails_known(email))) == 1
    assert lead.get(f"/v1/tickets/{number}")["status"] == "new"

    desk.get_by_label("Conversations").get_by_role("link").first.click()
    expect(aside).to_contain_text("it did not come from our form")
    aside.get_by_role("button", name="Keep it as spam").click()
    desk.get_by_label("Why").fill("an advertisement")
    press(desk, "Control+Enter")
    expect(rows).to_have_count(0)
    assert len(demo.guest.mails_known(email)) == 1


def _one_is_silent(desk: Page, number: str, ticket: str) -> None:
    """Read the order while logistics do not answer: what is missing is named, and read at the next try."""

    def silent(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "shipments": [], "missing": ["logistics"]})

    desk.route(f"**/v1/orders/{number}", silent, times=1)
    desk.goto(f"/desk/inbox/{ticket}")
    beside = desk.get_by_role("region", name="Beside it")
    expect(beside).to_contain_text("Parcels: logistics does not answer just now.")
    expect(beside.get_by_role("link", name=number)).to_be_visible()
    beside.get_by_role("button", name="Try again").click()
    expect(beside.get_by_text("does not answer")).to_have_count(0)


def test_a_return_is_asked_for_beside_its_conversation(desk: Page, demo: Demo) -> None:
    order, ada = delivered(demo, 2)
    form = {"name": "Ada Lovelace", "email": demo.email, "category": "aftersales", "subject": "One is chipped"}
    about = {**form, "message": "May I send one back?", "order_number": order["number"]}
    ticket = ada.post("/v1/contact", about)["ticket_number"]
    desk.goto(f"/desk/inbox/{ticket}")
    beside, answer = desk.get_by_role("region", name="Beside it"), desk.get_by_label("Answer to the customer")
    answer.fill("We ask for it in your name.")
    beside.get_by_role("button", name="Ask for a return").click()
    pieces = beside.get_by_label(f"{order['lines'][0]['title']} (of 2)")
    expect(pieces).to_be_focused()
    beside.get_by_role("button", name="Ask for it").click()
    expect(desk.get_by_role("alert")).to_be_visible()
    pieces.fill("1")
    beside.get_by_label("Why").select_option("damaged")
    beside.get_by_label("What the customer says").fill("It came with a chip.")
    expect(beside.get_by_role("button", name="Ask for it")).to_be_enabled()  # the page reads again after a refusal
    press(desk, "Control+Enter")
    asked_for = beside.get_by_role("link", name="RET-")
    expect(asked_for).to_be_visible()
    expect(answer).to_have_value("We ask for it in your name.")
    (returned,) = ada.get("/v1/returns", order_number=order["number"])["items"]
    assert [(each["quantity"], each["reason"]) for each in returned["lines"]] == [(1, "damaged")]
    asked_for.click()
    expect(desk.get_by_role("heading", level=1)).to_contain_text(returned["number"])


def test_the_order_stands_beside_its_conversation(desk: Page, platform: str, demo: Demo) -> None:
    """Read from who owns it, with the gap named where a service is silent; what is done goes by the owners' rules."""
    order, _ = demo.a_guest_orders_and_pays()
    number, ada = order["number"], demo.guest.with_token(order["access_token"])
    before, writer = asked(demo, demo.email, "Is it cotton?")
    lead = demo.as_staff("lead")
    lead.post(f"/v1/tickets/{before}/messages", {"body": "Yes, it is all cotton, from Oaxaca."})
    lead.post(f"/v1/tickets/{before}/resolution", {"code": "answered"})
    writer.post(f"/v1/tickets/{before}/rating", {"score": 4})
    form = {"name": "Ada Lovelace", "email": demo.email, "category": "order", "subject": "One piece fewer"}
    ticket = ada.post("/v1/contact", {**form, "message": "May I have less?", "order_number": number})["ticket_number"]

    desk.route(f"**/v1/orders/{number}", lambda route: route.abort())
    desk.goto(f"/desk/inbox/{ticket}")
    beside = desk.get_by_role("region", name="Beside it")
    expect(beside).to_contain_text("The order: does not answer just now.")
    expect(beside).to_contain_text("rated 4 of 5")
    desk.unroute(f"**/v1/orders/{number}")
    beside.get_by_role("button", name="Try again").click()
    expect(beside.get_by_role("link", name=number)).to_be_visible()
    expect(beside).to_contain_text(order["lines"][0]["title"])
    expect(beside.get_by_text("does not answer")).to_have_count(0)
    _one_is_silent(desk, number, ticket)

    beside.get_by_role("button", name="Propose a change").click()
    expect(beside.get_by_label("Number of the conversation")).to_have_value("")
    expect(beside.get_by_label(f"The customer asked for it in this conversation, {ticket}")).not_to_be_checked()
    beside.get_by_label("What is to change").select_option("cancel")
    beside.get_by_label("Why, in words for the customer").fill("You asked us to.")
    seen_by_each(desk, "beside")
    beside.get_by_role("button", name="Ask the customer").click()
    expect(beside).to_contain_text("the customer was asked about a change")
    expect(beside.get_by_role("button", name="Propose a change")).to_have_count(0)
    assert ada.get(f"/v1/orders/{number}/changes")["items"][0]["status"] == "awaiting_customer"
    known = demo.guest.mails_known(demo.email)
    beside.get_by_role("button", name="Mail a link to the order").click()
    assert wait_for(lambda: demo.guest.mails_known(demo.email) - known)
