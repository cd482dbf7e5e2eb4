"""The customer's pages in every state: for each eye, with the keyboard alone, on a small phone, on paper.

With PLEDGE_PICTURES=<folder> each state is kept there as a picture, as each eye sees it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.demo.client import Client
from deploy.demo.story import Demo
from services.common.testing.pseudo import PSEUDO, marked
from tests.e2e.customer_states import LATER, NEXT, a_question, bring_about
from tests.e2e.desk import SCROLLING, faults_of_access, look, too_wide
from tests.e2e.reading import Reader
from tests.e2e.test_conversations import write_to_us
from tests.e2e.test_order_page import a_return
from tests.e2e.test_pages import a_delivered_order, order_page

EYES: dict[tuple[str, int, int], Any] = {
    ("light", 1280, 100): None,
    ("dark", 390, 100): None,
    ("light", 320, 100): SCROLLING,
    ("dark", 390, 200): SCROLLING,
}
"""Scheme, width and size of the text, with the rules to look at: a narrower phone changes none but of what scrolls."""
ORDERS = NEXT.keys() - {"cancelled", "asked", "looked into"}
MOVES = """[...document.querySelectorAll("button")]
  .some((each) => parseFloat(getComputedStyle(each).transitionDuration))"""


@pytest.fixture(scope="module")
def states(platform: str, staff: dict[str, Client]) -> dict[str, str]:
    return bring_about(platform, staff)


@pytest.mark.timeout(600)
def test_each_state_is_told_at_once_and_has_no_fault(browser: Browser, platform: str, states: dict[str, str]) -> None:
    """On a phone, before anything is scrolled, it tells what comes next and by when; then it is seen by every eye."""
    context = browser.new_context(base_url=platform, locale="en-GB")
    faults: dict[str, list[str]] = {}

    def note(name: str, problem: object) -> None:
        faults.setdefault(name, []).append(str(problem))

    for name, address in states.items():
        tab = context.new_page()
        tab.on("pageerror", partial(note, name))
        look(tab, "light", 390)
        tab.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=LATER.get(name, 0)))
        tab.goto(address)
        if name in NEXT:
            _first_look(tab, name)
        tab.wait_for_load_state("networkidle") if "/orders/" not in address else None
        expect(tab.locator("#story li, #new-link, main h1").first).to_be_attached()
        if "#token" in address:
            expect(tab.locator("#story li, #thread article").first).to_be_attached()
        tab.evaluate("() => document.querySelectorAll('details').forEach((each) => (each.open = true))")
        for (scheme, width, size), rules in EYES.items():
            look(tab, scheme, width)
            tab.evaluate("(size) => { document.documentElement.style.fontSize = `${size}%`; }", size)
            for problem in [*faults_of_access(tab, rules), *too_wide(tab)]:
                note(name, (width, size, problem))
            if folder := os.environ.get("PLEDGE_PICTURES"):
                tab.screenshot(path=Path(folder) / f"{name}-{scheme}-{width}-{size}.png", full_page=True)
        if tab.locator("h1").count() != 1 + tab.locator("#receipt h1").count():
            note(name, "headings")
        if tab.evaluate(MOVES):
            note(name, "it moves")
        tab.close()
    context.close()
    assert not faults, faults


SAID = (
    "front page", "account", "promises", "contact", "link", "unpaid", "change", "lost", "on its way", "question",
    "refunded", "looked into", "rated",
)  # fmt: skip


@pytest.mark.timeout(300)
def test_no_sentence_goes_past_the_catalogue(browser: Browser, platform: str, states: dict[str, str]) -> None:
    """Read every page, and the shop up to an order, in the language made for tests."""
    context = browser.new_context(base_url=platform, locale=PSEUDO, timezone_id="Europe/Berlin")
    tab = context.new_page()
    products = Client(platform).get("/v1/products", limit=100)["items"]
    reader = Reader(tab, products, [[*each["parameters"]] for each in products])
    found: dict[str, list[str]] = {}
    tab.on("pageerror", lambda error: found.setdefault("errors", []).append(str(error)))

    def read(name: str) -> None:
        tab.evaluate("() => document.querySelectorAll('details').forEach((each) => (each.open = true))")
        found[name] = reader.plain()

    for name in SAID:
        tab.goto("about:blank")  # or another link to the page that is open would only change its end
        tab.goto(states[name])
        shown = "#story li, #thread article" if "#token" in states[name] else "#new-link, main h1"
        expect(tab.locator(shown).first).to_be_attached()
        read(name)
    tab.goto("/contact")
    tab.locator("#contact button:not([type])").click()
    expect(tab.locator("#contact .summary li").first).to_be_visible()
    read("contact, sent empty")
    _shop(tab, products[0]["sku"], read)
    context.close()

    left = {name: texts for name, texts in found.items() if texts}
    assert left == {}, left


def _shop(tab: Page, sku: str, read: Callable[[str], None]) -> None:
    tab.goto("/shop")
    expect(tab.locator("#to")).to_be_visible()
    read("shop")
    tab.goto(f"/shop/products/{sku}")
    tab.locator("#add button").click()
    expect(tab.locator("#added a")).to_be_visible()
    read("product")
    tab.goto("/shop/basket")
    expect(tab.locator("#basket li")).to_be_visible()
    read("basket")
    tab.locator("#discount").fill("NO-SUCH")
    tab.locator("#discount").press("Enter")
    expect(tab.get_by_text(marked("We do not know this discount code."))).to_be_visible()
    read("basket, code refused")
    tab.goto("/shop/checkout")
    tab.locator("#country").select_option("DE")
    expect(tab.locator("#postal_code")).to_be_visible()
    expect(tab.locator("#checkout .byline")).to_be_visible()
    tab.locator("#checkout form button.wide").click()
    expect(tab.locator("#checkout .summary li").first).to_be_visible()
    read("checkout, sent empty")
    _order(tab, read)


def _order(tab: Page, read: Callable[[str], None]) -> None:
    """Be refused by the API, order, and be declined by the bank."""
    typed = {"name": "Ada", "line1": "Weg 1", "city": "Berlin", "postal_code": "10115", "email": "a@b", "phone": "1"}
    for field, text in typed.items():
        tab.locator(f"#{field}").fill(text)
    tab.locator("#checkout form button.wide").click()
    expect(tab.get_by_text(marked("Not a valid e-mail address.")).first).to_be_visible()
    read("checkout, refused")
    for field, text in {"email": "ada@example.com", "phone": "+49 30 901820"}.items():
        tab.locator(f"#{field}").fill(text)
    tab.locator("#checkout form button.wide").click()
    expect(tab.locator("#pay button").first).to_be_visible()
    read("payment")
    tab.locator("#pay button").nth(1).click()
    expect(tab.locator("#declined")).to_be_visible()
    read("payment, declined")


def _first_look(tab: Page, name: str) -> None:
    title, following = NEXT[name]
    expect(tab.locator("#title")).to_have_text(re.compile(title))
    expect(tab.locator("#next")).to_have_text(re.compile(following))
    expect(tab.locator("#next")).to_be_in_viewport(ratio=1)
    if name in ORDERS:
        expect(tab.get_by_role("list", name="How far it is").get_by_role("listitem")).to_have_count(5)


def test_what_is_asked_about_a_return_comes_first(page: Page, platform: str, states: dict[str, str]) -> None:
    boxes = "#returns, #delivery"

    page.goto(platform + states["question"])
    expect(page.locator("#story li").first).to_be_attached()
    asked = page.locator(boxes).evaluate_all("(all) => all.map((each) => each.id)")
    page.goto(platform + states["returning"])
    expect(page.locator("#title")).to_contain_text("on its way to us")
    told = page.locator(boxes).evaluate_all("(all) => all.map((each) => each.id)")

    assert (asked, told) == (["returns", "delivery"], ["delivery", "returns"])


def test_the_scoreboard_counts_and_makes_nothing_nicer(page: Page, platform: str, states: dict[str, str]) -> None:
    page.goto(f"{platform}/promises")
    real = page.request.get(f"{platform}/v1/reports/promises").json()
    decided = {each["kind"] for each in real["items"] if each["kept"] + each["breached"]}
    expect(page.locator("#score li")).to_have_count(len(decided))
    expect(page.locator("#score li[data-kind=review]")).to_contain_text("none late")

    counted = {"refund": (996, 4, 2), "review": (7, 0, 0), "delivery": (0, 30, 0), "dispatch": (0, 0, 5)}
    items = [
        dict(zip(("kind", "kept", "breached", "running"), (kind, *each), strict=True)) for kind, each in counted.items()
    ]
    page.route("**/v1/reports/promises", lambda route: route.fulfill(json={**real, "items": items}))
    page.reload()

    row = "#score li[data-kind={}]"
    expect(page.locator(row.format("refund"))).to_contain_text(re.compile("99 %.*996 of 1000 kept in time, 4 late"))
    expect(page.locator(row.format("review"))).to_contain_text(re.compile("7 of 7.*too few to speak of a share"))
    expect(page.locator(row.format("delivery"))).to_contain_text(re.compile("0 %.*0 of 30 kept in time, 30 late"))
    expect(page.locator(row.format("dispatch"))).to_have_count(0)
    expect(page.locator("#score")).to_contain_text("7 promises run and are not late")
    page.route("**/v1/reports/promises", lambda route: route.abort())
    page.reload()
    expect(page.locator("#score")).to_contain_text("cannot be read just now")


def test_a_reader_hears_the_days_of_the_delivery(page: Page, platform: str, states: dict[str, str]) -> None:
    page.goto(platform + states["on its way"])
    days = page.get_by_role("list", name="Days from the hand-over on").get_by_role("listitem")
    expect(days.first).to_contain_text("it left us, today")
    expect(days.last).to_contain_text("the last promised day")
    expect(page.locator("#promises li").filter(has_text="Delivery").locator(".state")).to_have_text("running")
    expect(page.locator("#story details.mails")).to_contain_text("e-mail")


def test_a_purchase_is_withdrawn_by_keyboard_in_two_steps(page: Page, platform: str, demo: Demo) -> None:
    order = a_delivered_order(demo)
    order_page(page, platform, order)
    page.get_by_text("Withdraw from the purchase").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Your name").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Confirm the withdrawal")).to_be_focused()
    expect(page.locator("#withdraw-2")).to_contain_text(f"withdraws from the purchase of order {order['number']}")
    assert demo.guest.with_token(order["access_token"]).get(f"/v1/orders/{order['number']}")["returns"] == []

    page.keyboard.press("Enter")

    expect(page.locator("#said")).to_contain_text("You have withdrawn from the purchase on")
    expect(page.locator("#title")).to_be_focused()
    expect(page.locator("#withdraw form")).to_have_count(0)
    made = demo.guest.with_token(order["access_token"]).get(f"/v1/orders/{order['number']}")["returns"]
    assert [len(each["units"]) for each in made] == [3]


def test_a_withdrawal_under_way_is_noted_and_answered(page: Page, platform: str, demo: Demo) -> None:
    order, customer = demo.a_guest_orders_and_pays()
    demo.the_review_passes_by_itself(order["number"], customer)
    demo.the_warehouse_hands_the_parcel_over(order["number"], customer)
    order_page(page, platform, order)
    page.get_by_text("Withdraw from the purchase").click()
    page.get_by_label("Where shall we confirm it?").fill("")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#withdraw-email-error")).to_have_text("This is needed.")
    page.get_by_label("Where shall we confirm it?").fill("nobody")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Confirm the withdrawal").click()
    expect(page.locator("#withdraw-email-error")).to_contain_text("e-mail")
    page.get_by_label("Where shall we confirm it?").fill(demo.email)
    page.get_by_role("button", name="Continue").click()

    page.get_by_role("button", name="Confirm the withdrawal").click()

    expect(page.locator("#withdrawn")).to_contain_text("Your declaration has arrived on")
    expect(page.locator("#withdrawn")).to_be_focused()
    expect(page.get_by_role("button", name="Confirm the withdrawal")).to_have_count(0)
    page.get_by_role("link", name="Open the conversation").click()
    expect(page.locator("#thread")).to_contain_text("withdraws from the purchase")


def test_the_receipt_on_paper_names_goods_and_promises(page: Page, platform: str, states: dict[str, str]) -> None:
    page.goto(platform + states["accepted"])
    expect(page.get_by_role("button", name="Print the receipt")).to_be_visible()
    page.emulate_media(media="print")

    receipt = page.locator("#receipt")

    expect(receipt).to_contain_text(re.compile("Shipping.*0.00 USD.*Total.*66.00 USD.*Paid.*66.00 USD", re.DOTALL))
    expect(receipt).to_contain_text(re.compile(r"Delivery: by .* \(New York time\), kept on"))
    expect(receipt).to_contain_text("Everything can be returned until")
    expect(page.locator("#head")).to_be_hidden()
    expect(page.get_by_role("button")).to_have_count(0)


@pytest.fixture
def customer(demo: Demo) -> Demo:
    """Return a customer with an order, a return and a conversation."""
    a_return(demo, a_delivered_order(demo))
    a_question(demo)
    return demo


def test_a_customer_signs_in_and_sees_all(page: Page, platform: str, customer: Demo) -> None:
    known = customer.guest.mails_known(customer.email)
    page.goto(f"{platform}/account")
    page.get_by_label("Your e-mail address").fill(customer.email)
    page.keyboard.press("Enter")
    expect(page.get_by_label("The code from our e-mail")).to_be_focused()
    page.keyboard.type(customer.guest.mailed_code(customer.email, known))
    page.keyboard.press("Enter")

    expect(page.locator("#orders-list li")).to_have_count(1)
    expect(page.locator("#returns-list")).to_contain_text("We look at it now")
    expect(page.locator("#conversations-list")).to_contain_text("Solved, as we believe")
    page.get_by_role("link", name="Weight").click()
    expect(page.locator("#thread")).to_contain_text("900 grams")
    page.go_back()
    page.locator("#orders-list a").click()
    expect(page.locator("#title")).to_contain_text("We look at your return")
    page.get_by_role("navigation").get_by_role("link", name="Orders").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Your e-mail address")).to_be_visible()
    page.reload()
    expect(page.get_by_text("You are signed out")).to_have_count(0)
    expect(page.locator("#orders-list li")).to_have_count(0)


def test_a_stranger_hears_the_same_when_signing_in(page: Page, platform: str) -> None:
    page.goto(f"{platform}/account")
    page.get_by_label("Your e-mail address").fill("nobody-of-ours@example.com")
    page.get_by_role("button", name="Send me a code").click()

    expect(page.locator("#code-form [role=status]")).to_contain_text("If we know nobody-of-ours@example.com")
    page.get_by_role("button", name="Another address or a new code").click()
    expect(page.get_by_label("Your e-mail address")).to_be_focused()
    expect(page.get_by_label("Your e-mail address")).to_have_value("nobody-of-ours@example.com")
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_label("The code from our e-mail")).to_be_focused()


def test_the_form_tells_facts_and_answer_time_beforehand(page: Page, platform: str, demo: Demo) -> None:
    admin, sku = demo.as_staff("admin"), f"FACTS-{demo.run.upper()}"
    facts = {"title": "A kettle", "materials": "Steel 18/10", "parameters": {"Volume": "1.2 l"}}
    admin.put(f"/v1/products/{sku}", {**facts, "price": {"amount": "18.50", "currency": "USD"}})
    page.goto(f"{platform}/contact?category=product&sku={sku}")

    expect(page.locator("#product")).to_contain_text("Steel 18/10")
    expect(page.locator("#product")).to_contain_text("1.2 l")
    expect(page.locator("#answer-by")).to_contain_text("If you send it now, a person answers by")
    page.fill("#message", "Is it heavy when it is full?")
    page.reload()
    expect(page.locator("#message")).to_have_value("Is it heavy when it is full?")
    page.fill("#sku", "NO-SUCH-THING")
    page.keyboard.press("Tab")
    expect(page.locator("#product")).to_contain_text("We do not find this article")


def test_an_open_conversation_shows_what_arrives(page: Page, platform: str, demo: Demo) -> None:
    page.clock.install()
    page.goto(platform + a_question(demo))
    expect(page.locator("#status")).to_have_text("Solved, as we believe")
    page.get_by_role("button", name="It is solved: close it").click()
    expect(page.locator("#status")).to_have_text("Closed")
    page.get_by_label("If not: what is still open?").fill("And without its lid?")
    page.get_by_role("button", name="Take it up again").click()
    expect(page.locator("#thread")).to_contain_text("And without its lid?")
    expect(page.locator("#next")).to_contain_text("a person answers by")

    number, agent = page.url.rpartition("/")[2], demo.as_staff("agent")
    page.get_by_label("Your message").focus()
    page.keyboard.type("And its colour?")
    agent.post(f"/v1/tickets/{number}/messages", {"body": "Without its lid it weighs 780 grams."})
    agent.post(f"/v1/tickets/{number}/resolution", {"code": "answered"})
    page.clock.fast_forward(15_000)  # the page looks again by itself

    expect(page.locator("#thread")).to_contain_text("780 grams")
    expect(page.locator("#connection")).to_contain_text("Something new arrived")
    expect(page.locator("#status")).to_have_text("Solved, as we believe")
    expect(page.get_by_label("Your message")).to_be_focused()
    expect(page.get_by_label("Your message")).to_have_value("And its colour?")


def test_what_is_looked_into_is_told_with_its_dates(page: Page, platform: str, demo: Demo) -> None:
    number, _ = write_to_us(demo, demo.email, subject="110 V", message="Can I use the kettle in Boston?")
    agent = demo.as_staff("agent")
    agent.post(f"/v1/tickets/{number}/verification", {"question": "Does it work on 110 V?", "known": "The label."})
    link = demo.guest.mail_link(demo.email, f"/tickets/{number}", containing="Does it work on 110 V?")
    page.goto(platform + link[link.index("/tickets/") :])

    expect(page.locator("#facts")).to_contain_text("Does it work on 110 V?")
    expect(page.locator("#facts")).to_contain_text("We write to you by")
    expect(page.locator("#next")).to_contain_text("Next: you have the complete answer by")
    page.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=30))
    page.reload()
    expect(page.locator("#next")).to_contain_text("We are late, and sorry: we had promised the complete answer by")
    expect(page.locator("#facts")).to_contain_text("We were to write to you by")
