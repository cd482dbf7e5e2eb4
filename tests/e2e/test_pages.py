"""The pages in a real browser, on the real platform."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, ViewportSize, expect

from deploy.demo.client import Live, wait_for
from deploy.demo.story import Demo, first
from tests.e2e.desk import faults_of_access

SMALL = ViewportSize(width=320, height=640)


def order_page(page: Page, platform: str, order: dict[str, Any]) -> None:
    page.goto(f"{platform}/orders/{order['number']}#token={order['access_token']}")
    expect(page.locator("#story li").first).to_be_visible()


def fill_contact(page: Page, **words: str) -> None:
    page.select_option("#category", words.pop("category", "product"))
    given = {"name": "Ada Lovelace", "email": "ada@example.com", "subject": "A kettle", "message": "How heavy is it?"}
    for field, text in {**given, **words}.items():
        page.fill(f"#{field}", text)


def test_a_question_gets_a_receipt_with_number_time_and_link(page: Page, platform: str) -> None:
    page.goto(f"{platform}/contact")
    fill_contact(page)
    page.select_option("#topic", "parameters")

    page.get_by_role("button", name="Send").click()

    expect(page.locator("#ticket-number")).to_have_text(re.compile(r"^TIC-"))
    expect(page.locator("#receipt")).to_contain_text("Europe/Berlin")
    expect(page.locator("#receipt")).to_be_focused()
    page.get_by_role("link", name="Open the conversation").click()
    expect(page.locator("#thread")).to_contain_text("How heavy is it?")


def test_errors_are_shown_at_the_field_and_input_is_kept(page: Page, platform: str) -> None:
    page.goto(f"{platform}/contact")
    fill_contact(page, email="not an address", message="A long text that nobody wants to type twice.")

    page.get_by_role("button", name="Send").click()

    expect(page.locator("form .summary")).to_be_focused()
    expect(page.locator("#email-error")).to_contain_text("e-mail")
    expect(page.locator("#email")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#message")).to_have_value("A long text that nobody wants to type twice.")
    page.locator("form .summary a").first.click()
    expect(page.locator("#email")).to_be_focused()


def test_a_wrong_number_is_said_and_the_message_goes_without(page: Page, platform: str, demo: Demo) -> None:
    page.goto(f"{platform}/contact")
    fill_contact(page, category="order", order_number="ORD-7K3M-9Q2X-9", message="It has not come.")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#order_number-error")).to_contain_text("none of our numbers")
    expect(page.locator("#message")).to_have_value("It has not come.")
    assert faults_of_access(page) == []

    page.get_by_label("Send my message without it").check()
    page.get_by_role("button", name="Send").click()

    number = page.locator("#ticket-number").inner_text()
    (message,) = demo.as_staff("agent").get(f"/v1/tickets/{number}")["messages"]
    assert message["body"] == "It has not come.\n\nOrder number as typed: ORD-7K3M-9Q2X-9"


def test_a_form_is_sent_with_a_token_that_is_good(page: Page, platform: str) -> None:
    """Not with that of the day before, though no other is to be had, and not before it is old enough."""
    sent: list[Any] = []
    page.clock.install()
    page.on("request", lambda each: sent.append(each.post_data_json) if each.url.endswith("/v1/contact") else None)

    def send(**changed: str) -> None:
        def shown(route: Route) -> None:
            answer = route.fetch()
            text = answer.text()
            for name, value in changed.items():
                text = re.sub(f'(name="form_token".* {name.replace("_", "-")}=)"[^"]*"', rf'\1"{value}"', text)
            route.fulfill(response=answer, body=text)

        page.route(f"{platform}/contact", shown)
        page.goto(f"{platform}/contact")
        fill_contact(page, message=f"How heavy is it? {len(sent)}")
        page.get_by_role("button", name="Send").click()

    page.route("**/v1/uploads/form", lambda route: route.abort())
    send(value=f"frm_{'0' * 32}.1.{'0' * 32}")
    expect(page.locator("#ticket-number")).to_have_text(re.compile(r"^TIC-"))
    assert [each.get("form_token") for each in sent] == [None]
    page.unroute("**/v1/uploads/form")
    send(value=f"frm_{'0' * 32}.1.{'0' * 32}")
    expect(page.locator("#ticket-number")).to_have_text(re.compile(r"^TIC-"))
    assert "form_token" in sent[1]

    send(data_seconds="600")
    assert len(sent) == 2
    page.clock.fast_forward(601_000)
    expect(page.locator("#ticket-number")).to_have_text(re.compile(r"^TIC-"))
    assert "form_token" in sent[2]


def test_an_empty_form_is_not_sent(page: Page, platform: str) -> None:
    page.goto(f"{platform}/contact")

    page.get_by_role("button", name="Send").click()

    expect(page.locator("form .summary li")).to_have_count(5)


def test_what_people_write_is_shown_as_text_and_never_run(page: Page, platform: str) -> None:
    page.goto(f"{platform}/contact")
    attack = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    fill_contact(page, subject=attack, message=attack)
    page.get_by_role("button", name="Send").click()

    page.get_by_role("link", name="Open the conversation").click()

    expect(page.locator("#thread")).to_contain_text("<img src=x")
    expect(page.locator("#thread img")).to_have_count(0)
    assert "owned" not in page.title()


def test_the_token_leaves_the_address_and_a_reload_works(page: Page, platform: str, demo: Demo) -> None:
    order, _ = demo.a_guest_orders_and_pays()

    order_page(page, platform, order)

    assert "token" not in page.url
    page.reload()
    expect(page.locator("#number")).to_contain_text(order["number"])


def test_a_stranger_is_told_to_use_the_link_and_sees_nothing(page: Page, platform: str, demo: Demo) -> None:
    order, _ = demo.a_guest_orders_and_pays()

    page.goto(f"{platform}/orders/{order['number']}#token=ord_forged")

    expect(page.locator("#trouble")).to_contain_text("Open the link in our e-mail")
    expect(page.locator("#story")).to_be_hidden()


def test_the_order_page_shows_promises_and_updates_itself(page: Page, platform: str, demo: Demo) -> None:
    order, customer = demo.a_guest_orders_and_pays()
    demo.the_review_passes_by_itself(order["number"], customer)
    order_page(page, platform, order)
    expect(page.locator("#stage")).to_contain_text("preparing")
    expect(page.locator("#promises")).to_contain_text("Parcel leaves us")
    expect(page.locator("#connection")).to_contain_text("updates itself")

    demo.the_warehouse_hands_the_parcel_over(order["number"], customer)

    expect(page.locator("#story")).to_contain_text("handed to the carrier")
    expect(page.locator("#delivery .window")).to_contain_text("Expected between")
    expect(page.locator("#stage")).to_contain_text("has left us")


def test_a_return_is_asked_for_piece_by_piece(page: Page, platform: str, demo: Demo) -> None:
    order = a_delivered_order(demo)
    order_page(page, platform, order)
    page.get_by_text("Return something").click()
    page.get_by_role("button", name="Ask for the return").click()
    expect(page.locator("#return .summary")).to_contain_text("how many pieces")

    page.fill("#quantity-0", "1")
    page.select_option("#reason-0", "changed_mind")
    page.get_by_label("The same again, free of charge").check()
    page.get_by_role("button", name="Ask for the return").click()

    expect(page.locator("#said")).to_contain_text("RET-")
    made = page.locator("#returns-made")
    expect(made).to_contain_text("Requested")
    expect(made).to_contain_text("You want the same again.")
    made.get_by_text("Be paid back instead of an exchange").click()
    made.get_by_role("button", name="Take the money").click()
    expect(page.locator("#said")).to_contain_text("Your choice is recorded")
    expect(made).not_to_contain_text("You want the same again.")


def test_more_pieces_than_were_bought_are_refused_at_the_field(page: Page, platform: str, demo: Demo) -> None:
    order = a_delivered_order(demo)
    order_page(page, platform, order)
    page.get_by_text("Return something").click()

    page.fill("#quantity-0", "9")
    page.get_by_role("button", name="Ask for the return").click()

    expect(page.locator("#return .summary")).to_be_focused()
    expect(page.locator("#quantity-0")).to_have_value("9")


def test_a_change_happens_only_as_the_customer_decides(page: Page, platform: str, demo: Demo) -> None:
    order = a_short_order(demo)
    order_page(page, platform, order)
    expect(page.locator(".change")).to_contain_text("We need your decision")
    page.get_by_role("button", name="Accept this").click()
    expect(page.locator(".change .summary")).to_contain_text("choose")

    page.locator("input[value=remove_line]").check()
    page.get_by_role("button", name="Accept this").click()

    expect(page.locator("#said")).to_contain_text("as you decided")
    expect(page.locator(".change")).to_have_count(0)

    propose_an_address(demo, order["number"], "2 Third Street")
    accept, code = page.get_by_role("button", name="Accept this"), page.get_by_label("The code from our e-mail")
    known = demo.guest.mails_known(demo.email)
    accept.click()
    expect(code).to_be_focused()
    expect(page.locator("#address")).not_to_contain_text("2 Third Street")
    mailed = demo.guest.mailed_code(demo.email, known)
    code.fill("00000000")
    accept.click()
    expect(code).to_have_attribute("aria-invalid", "true")
    code.fill(mailed)
    accept.click()
    expect(page.locator("#said")).to_contain_text("as you decided")
    expect(page.locator("#address")).to_contain_text("2 Third Street")


def test_a_lost_parcel_is_sent_again_as_the_customer_chooses(page: Page, platform: str, demo: Demo) -> None:
    order, _ = demo.a_lost_parcel()
    order_page(page, platform, order)
    expect(page.locator("#stage")).to_contain_text("does not arrive")
    expect(page.locator("form.remedy .choice")).to_have_count(3)
    page.get_by_role("button", name="Do this").click()
    expect(page.locator("form.remedy .summary")).to_contain_text("choose")

    page.locator("form.remedy input[value=resend]").check()
    page.get_by_role("button", name="Do this").click()

    expect(page.locator("#said")).to_contain_text("We send the goods again")
    expect(page.locator("form.remedy")).to_have_count(0)
    expect(page.locator("#remedies")).to_contain_text("is sent again, as you chose")
    expect(page.locator("#delivery")).to_contain_text("Nobody waits for this parcel")
    expect(page.locator("#delivery")).to_contain_text("The warehouse has your order")


def test_a_customer_who_waits_is_told_when_we_ask_again(page: Page, platform: str, demo: Demo) -> None:
    order, _ = demo.a_lost_parcel()
    order_page(page, platform, order)

    page.get_by_label("Keep waiting").check()
    page.get_by_role("button", name="Do this").click()

    expect(page.locator("#said")).to_contain_text("we ask you again")
    expect(page.locator("#remedies time")).to_be_visible()


def test_the_choice_for_a_lost_parcel_fits_a_small_screen(page: Page, platform: str, demo: Demo) -> None:
    page.set_viewport_size(SMALL)

    order_page(page, platform, demo.a_lost_parcel()[0])

    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]


def test_an_order_that_has_not_left_is_cancelled_on_request(page: Page, platform: str, demo: Demo) -> None:
    order, _ = demo.a_guest_orders_and_pays()
    order_page(page, platform, order)

    page.locator("summary", has_text="Cancel the order").click()
    page.locator("#cancel-form button").click()

    expect(page.locator("#stage")).to_contain_text("cancelled")


def test_an_answer_is_read_and_rated(page: Page, platform: str, demo: Demo) -> None:
    receipt = demo.guest.post("/v1/contact", {
        "name": "Ada", "email": demo.email, "category": "product", "subject": "Weight", "message": "How heavy?",
    })  # fmt: skip
    number = receipt["ticket_number"]
    agent = demo.as_staff("agent")
    agent.post(f"/v1/tickets/{number}/messages", {"body": "It weighs 900 grams in all."})
    agent.post(f"/v1/tickets/{number}/resolution", {"code": "answered"})
    page.goto(f"{platform}/tickets/{number}#token={receipt['access_token']}")
    expect(page.locator("#thread")).to_contain_text("How heavy?")
    expect(page.locator("#trouble")).to_contain_text("open the link in our e-mail")
    page.goto("about:blank")
    page.goto(demo.guest.mail_link(demo.email, f"/tickets/{number}", containing="900 grams"))
    expect(page.locator("#thread")).to_contain_text("900 grams in all.")

    page.get_by_label("5: fully").check()
    page.get_by_role("button", name="Send the rating").click()

    expect(page.locator("#steps")).to_contain_text("You rated us 5 of 5")


@pytest.mark.parametrize("path", ["/", "/contact"])
def test_a_page_fits_a_small_screen(page: Page, platform: str, path: str) -> None:
    page.set_viewport_size(SMALL)

    page.goto(platform + path)

    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]


def test_the_order_page_fits_a_small_screen_and_names_controls(page: Page, platform: str, demo: Demo) -> None:
    page.set_viewport_size(SMALL)
    order_page(page, platform, a_delivered_order(demo))
    page.get_by_text("Return something").click()

    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]
    unnamed = page.evaluate(
        "[...document.querySelectorAll('input, select, textarea')].filter((each) => !each.labels.length).length"
    )
    assert unnamed == 0


def test_the_contact_form_works_with_the_keyboard_alone(page: Page, platform: str) -> None:
    page.goto(f"{platform}/contact")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")

    page.focus("#category")
    page.keyboard.type("A product")
    for field, text in (("name", "Ada"), ("email", "ada@example.com"), ("subject", "Hello"), ("message", "Hello")):
        page.focus(f"#{field}")
        page.keyboard.type(text)
    for _ in range(5):  # past the field for files
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.matches('form button:not([type=button])')"):
            break
    page.keyboard.press("Enter")

    expect(page.locator("#ticket-number")).to_be_visible()


def test_the_documentation_is_readable_without_any_other_host(page: Page, platform: str) -> None:
    hosts = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))

    page.goto(f"{platform}/v1/docs")

    expect(page.locator(".opblock").first).to_be_visible()
    assert hosts == {platform.removeprefix("http://")}


def a_delivered_order(demo: Demo) -> dict[str, Any]:
    order, customer = demo.a_guest_orders_and_pays()
    demo.the_review_passes_by_itself(order["number"], customer)
    live = Live(customer, f"/v1/orders/{order['number']}/live")
    shipment = demo.the_warehouse_hands_the_parcel_over(order["number"], customer)
    demo.the_carrier_reports(order["number"], customer, live, shipment)
    return order


def a_short_order(demo: Demo, *, short: bool = True) -> dict[str, Any]:
    """Place and pay an order of two products, of one of which nothing is left."""
    admin = demo.as_staff("admin")
    skus = [f"E2E-{demo.run.upper()}-{letter}" for letter in "AB"]
    for sku in skus:
        admin.put(f"/v1/products/{sku}", {"title": sku, "price": {"amount": "18.50", "currency": "USD"}})
        admin.post(f"/v1/products/{sku}/stock", {"delta": 3, "reason": "delivered by the maker"})
    order = demo.guest.post("/v1/orders", demo.wish([{"sku": sku, "quantity": 1} for sku in skus]))
    customer = demo.guest.with_token(order["access_token"])
    demo.pay(order["number"], customer)
    wait_for(lambda: demo.clock(customer, order["number"], "dispatch"))
    if not short:
        return order
    admin.post(f"/v1/products/{skus[0]}/stock", {"delta": -3, "reason": "water in the warehouse"})
    wait_for(lambda: first(customer.get(f"/v1/orders/{order['number']}/changes")["items"]))
    return order


def propose_an_address(demo: Demo, number: str, line1: str) -> None:
    """Have an agent propose another address, as the customer seems to wish."""
    agent, path = demo.as_staff("agent"), f"/v1/orders/{number}"
    address = {name: value for name, value in agent.get(path)["delivery"].items() if value}
    wish = {"kind": "address", "reason": "as you asked", "delivery": {**address, "line1": line1}}
    agent.post(f"{path}/changes", wish)


@pytest.mark.parametrize(("host", "told"), [("localhost", "201 true"), ("127.0.0.1", "TypeError")])
def test_only_a_named_origin_may_use_the_api_from_its_pages(
    browser: Browser, platform: str, shop_port: int, host: str, told: str
) -> None:
    """The page asks for a JSON body and a header of ours, so the browser asks first whether it may."""
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(f"http://{host}:{shop_port}/")

    words = {"category": "product", "name": "Ada", "email": "ada@example.com", "subject": "A kettle", "message": "Hm?"}
    answered = tab.evaluate(ASK_FROM_ELSEWHERE, [f"{platform}/v1/contact", words])

    assert answered == told
    context.close()


ASK_FROM_ELSEWHERE = """async ([address, words]) => {
  const key = crypto.getRandomValues(new Uint32Array(4)).join("-");
  const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
  try {
    const answer = await fetch(address, { method: "POST", headers, body: JSON.stringify(words) });
    return `${answer.status} ${/^[0-9a-f]{32}$/.test(answer.headers.get("X-Trace-Id"))}`;
  } catch (problem) {
    return problem.name;
  }
}"""
