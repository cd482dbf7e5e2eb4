"""What a mail says that the customer can do on the page of the order is done there, in a real browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from deploy.demo.client import Client, wait_for
from deploy.demo.story import Demo, found
from tests.e2e.desk import look, too_wide
from tests.e2e.test_basis import seen_by_each
from tests.e2e.test_pages import a_delivered_order, a_short_order, order_page

OK = {part: {"result": "ok", "note": "as said"} for part in ("product_status", "order_information", "return_reason")}
REJECTION = {
    "decision": "reject", "parts": {**OK, "product_status": {"result": "not_ok", "note": "scratched"}},
    "ground": "used_beyond_trying", "explanation": "The mug was used.",
}  # fmt: skip


def an_unpaid_order(demo: Demo) -> dict[str, Any]:
    sku = demo.guest.get("/v1/products", limit=100)["items"][0]["sku"]
    return demo.guest.post("/v1/orders", demo.wish([{"sku": sku, "quantity": 2}]))


def a_return(demo: Demo, order: dict[str, Any]) -> str:
    customer = demo.guest.with_token(order["access_token"])
    lines = [{"sku": order["lines"][0]["sku"], "quantity": 1, "reason": "changed_mind"}]
    wish = {"order_number": order["number"], "lines": lines}
    made = wait_for(lambda: customer.try_post("/v1/returns", wish, until_not="not_delivered_yet"))
    return str(made["number"])


def article(page: Page, number: str) -> Locator:
    return page.locator("#returns-made article").filter(has_text=number)


def test_a_declined_payment_is_made_again_on_the_page(page: Page, platform: str, demo: Demo) -> None:
    order_page(page, platform, an_unpaid_order(demo))
    page.get_by_role("button", name="Try a card that is declined").click()
    expect(page.locator("#payment")).to_contain_text("did not go through")
    expect(page.locator("#payment")).to_contain_text("Nothing was charged")

    page.get_by_role("button", name=re.compile("Try again: pay .* USD")).click()

    expect(page.locator("#story")).to_contain_text("A payment arrived")
    expect(page.locator("#pay")).to_have_count(0)
    page.get_by_role("link", name="Ask about this order").click()
    expect(page.get_by_label("Your e-mail address")).to_have_value(demo.email)


def test_a_question_about_a_return_is_answered_on_the_page(page: Page, platform: str, demo: Demo) -> None:
    order = a_delivered_order(demo)
    number = a_return(demo, order)
    question = {"decision": "info", "question": "Which of the two did you mean?"}
    demo.as_staff("aftersales").post(f"/v1/returns/{number}/review", question)
    order_page(page, platform, order)
    expect(article(page, number)).to_contain_text("Which of the two did you mean?")

    article(page, number).get_by_role("button", name="Send the answer").click()
    expect(article(page, number).locator(".summary:visible")).to_contain_text("This is needed")
    article(page, number).get_by_label("Your answer").fill("the blue one")
    article(page, number).get_by_role("button", name="Send the answer").click()

    expect(page.locator("#said")).to_contain_text("Your answer is with us")
    expect(article(page, number)).to_contain_text("Requested")
    seen = demo.as_staff("aftersales").get(f"/v1/returns/{number}")
    assert seen["question"]["answer"] == "the blue one"


def test_a_rejected_return_is_appealed_on_the_page(page: Page, platform: str, demo: Demo) -> None:
    order = a_delivered_order(demo)
    number = a_return(demo, order)
    for role in ("aftersales", "lead"):
        demo.as_staff(role).post(f"/v1/returns/{number}/review", REJECTION)
    order_page(page, platform, order)
    expect(article(page, number)).to_contain_text("The mug was used.")

    article(page, number).get_by_label("Why do you see it otherwise?").fill("It came like that.")
    article(page, number).get_by_role("button", name="Object to the decision").click()

    expect(page.locator("#said")).to_contain_text("Your objection is with us")
    expect(article(page, number)).to_contain_text("Appealed")
    expect(article(page, number).get_by_role("button", name="Object")).to_have_count(0)


def test_a_return_is_withdrawn_on_the_page(page: Page, platform: str, demo: Demo) -> None:
    order = a_delivered_order(demo)
    number = a_return(demo, order)
    order_page(page, platform, order)

    article(page, number).get_by_text("Withdraw this return").click()
    article(page, number).get_by_role("button", name="Withdraw the return").click()

    expect(article(page, number)).to_contain_text("You withdrew it and keep the goods")


def test_goods_are_marked_as_sent_on_the_page(page: Page, platform: str, demo: Demo) -> None:
    order = a_delivered_order(demo)
    number = a_return(demo, order)
    demo.as_staff("aftersales").post(f"/v1/returns/{number}/review", {"decision": "authorize", "parts": OK})
    order_page(page, platform, order)
    expect(article(page, number)).to_contain_text(f"Write {number} on the parcel")

    article(page, number).get_by_text("I have sent the goods").click()
    article(page, number).get_by_label("Who carries it?").fill("fedex")
    article(page, number).get_by_label("Tracking number").fill("794644790138")
    article(page, number).get_by_role("button", name="I have sent it").click()

    expect(article(page, number)).to_contain_text("On its way to us")
    seen = demo.as_staff("aftersales").get(f"/v1/returns/{number}")
    assert seen["shipment"] == {"carrier": "fedex", "tracking_number": "794644790138"}


def test_the_postage_of_a_return_is_entered_on_the_page(page: Page, platform: str, demo: Demo) -> None:
    order = a_delivered_order(demo)
    number, team = a_return(demo, order), demo.as_staff("aftersales")
    team.post(f"/v1/returns/{number}/review", {"decision": "authorize", "parts": OK})
    came = {"sku": order["lines"][0]["sku"], "quantity": 1, "condition": "received_ok"}
    team.post(f"/v1/returns/{number}/receipt", {"lines": [came]})
    order_page(page, platform, order)

    article(page, number).get_by_text("Have the postage paid back").click()
    article(page, number).get_by_label("What you paid, in USD").fill("13.90")
    article(page, number).get_by_label("What is on the receipt?").fill("FedEx, 13.90 USD, 30 November")
    article(page, number).get_by_role("button", name="Ask for the postage").click()

    expect(page.locator("#said")).to_contain_text("We have your receipt")
    expect(article(page, number)).to_contain_text("Postage 13.90 USD: we look at it")


def test_a_doubt_of_the_review_is_cleared_up_on_the_page(page: Page, platform: str, demo: Demo) -> None:
    order, customer = a_doubtful_order(demo)
    order_page(page, platform, order)
    expect(page.locator("#question-box")).to_contain_text("how we reach you by phone")
    expect(page.locator("#phone")).to_have_text(order["contact"]["phone"])
    expect(page.locator("#promises")).not_to_contain_text("kept")

    page.locator("#question-box").get_by_label("Your answer").fill("It is +1 212 555 0147.")
    page.get_by_role("button", name="Send the answer").click()

    expect(page.locator("#said")).to_contain_text("Your answer is with us")
    page.get_by_role("link", name="Open the conversation").click()
    expect(page.locator("#thread")).to_contain_text("+1 212 555 0147")
    assert customer.get(f"/v1/orders/{order['number']}")["stage"] == "contacting_you"


def test_a_lost_link_is_renewed_by_mail(page: Page, platform: str, demo: Demo) -> None:
    order = an_unpaid_order(demo)
    page.goto(f"{platform}/orders/{order['number']}")
    page.get_by_role("button", name="Send me a new link").click()
    expect(page.locator("#new-link .summary")).to_contain_text("This is needed")

    page.get_by_label("Your e-mail address").fill(demo.email)
    page.get_by_role("button", name="Send me a new link").click()

    expect(page.locator("#trouble")).to_contain_text("a new link is on its way")
    page.goto(demo.guest.mail_link(demo.email, f"/orders/{order['number']}", containing="You asked for a new link"))
    expect(page.locator("#number")).to_contain_text(order["number"])
    expect(page.locator("#goods")).to_be_visible()


def test_this_device_finds_the_order_again(page: Page, platform: str, demo: Demo) -> None:
    order = an_unpaid_order(demo)
    order_page(page, platform, order)
    other_tab = page.context.new_page()

    other_tab.goto(platform)
    other_tab.get_by_label("Order number").fill(order["number"].lower())
    other_tab.get_by_role("button", name="Show the order").click()

    expect(other_tab.locator("#goods")).to_be_visible()
    other_tab.get_by_role("button", name="Forget it on this device").click()
    expect(other_tab).to_have_url(f"{platform}/")
    page.reload()
    expect(page.locator("#trouble")).to_contain_text("Open the link in our e-mail")


def test_no_quantity_reads_as_a_part_of_a_price(page: Page, platform: str, demo: Demo) -> None:
    order_page(page, platform, a_long_titled_order(demo))
    for width in (320, 360, 375, 390, 393):
        look(page, "light", width)

        gaps = page.locator("#goods tbody tr").evaluate_all(GAPS)

        assert min(gaps) >= 8, (width, gaps)
        assert not re.search(r"\d18\.50", page.locator("#goods").inner_text().replace("\t", ""))
        assert "2 × 18.50 USD" in page.locator("#goods").inner_text()
        assert too_wide(page) == [], width


def test_what_happens_while_the_page_is_read_is_shown(page: Page, platform: str, demo: Demo) -> None:
    order, customer = demo.a_guest_orders_and_pays()
    path, story = f"/v1/orders/{order['number']}", list[Route]()
    demo.the_review_passes_by_itself(order["number"], customer)

    def overtaken(route: Route) -> None:
        """Answer with what was there before the order was cancelled, once all of that is over and told."""
        before = route.fetch()
        customer.post(f"{path}/cancellation", {})
        wait_for(lambda: [each for each in customer.get(path)["refunds"] if each["status"] == "settled"])
        story[0].continue_()
        route.fulfill(response=before)

    page.route(f"**{path}/timeline", lambda route: story.append(route), times=1)
    page.route(f"**{path}", overtaken, times=1)
    order_page(page, platform, order)

    expect(page.locator("#stage")).to_contain_text("cancelled")


GAPS = """(rows) => rows.flatMap((row) => [...row.cells].slice(1).map((cell, index) => {
  const text = (of) => { const range = document.createRange(); range.selectNodeContents(of); return range.getBoundingClientRect(); };
  return text(cell).left - text(row.cells[index]).right;
}))"""  # noqa: E501 (JavaScript)


def test_the_delivery_day_is_that_of_the_destination(browser: Browser, platform: str, demo: Demo) -> None:
    order, customer = demo.a_guest_orders_and_pays()
    demo.the_review_passes_by_itself(order["number"], customer)
    demo.the_warehouse_hands_the_parcel_over(order["number"], customer)
    shown = set()

    for zone in ("America/New_York", "UTC", "Asia/Shanghai"):
        context = browser.new_context(timezone_id=zone, locale="en-GB")
        tab = context.new_page()
        order_page(tab, platform, order)
        expect(tab.locator("#delivery .window")).to_contain_text("New York time")
        shown.add(tab.locator("#delivery .window").inner_text())
        context.close()

    assert len(shown) == 1


def test_what_was_delivered_is_not_expected_any_more(page: Page, platform: str, demo: Demo) -> None:
    order_page(page, platform, a_delivered_order(demo))

    expect(page.locator("#delivery .window")).to_contain_text("Delivered on")
    expect(page.locator("#delivery")).not_to_contain_text("Expected")
    expect(page.locator("#address")).to_contain_text("12 Analytical Row")
    expect(page.locator("#progress [aria-current]")).to_have_count(0)


def test_a_change_that_comes_while_reading_is_announced(page: Page, platform: str, demo: Demo) -> None:
    order = a_short_order(demo, short=False)
    order_page(page, platform, order)
    expect(page.locator("#connection")).to_contain_text("updates itself")
    expect(page.locator("#progress [aria-current]")).to_contain_text(re.compile("We (check|pack)"))
    page.locator("#print").focus()

    admin = demo.as_staff("admin")
    admin.post(f"/v1/products/{order['lines'][0]['sku']}/stock", {"delta": -3, "reason": "water in the warehouse"})

    expect(page.locator("#news[role=status]")).to_contain_text("We need your decision")
    expect(page).to_have_title(re.compile("Please decide"))
    labels = page.locator(".change .choice label").all_inner_texts()
    assert not [label for label in labels if label.count("USD") > 1 or "0.00 USD" in label], labels
    expect(page.locator("#print")).to_be_focused()
    page.get_by_role("button", name="Accept this").click()
    expect(page.locator(".change .summary li")).to_have_text(re.compile("^What shall we do"))


def moved_elsewhere(demo: Demo, order: Any) -> None:
    """Have the same customer change the address of the order in another tab."""
    ada, path = demo.guest.sign_in(demo.email), f"/v1/orders/{order['number']}"
    delivery = {**ada.get(path)["delivery"], "line1": "13 Analytical Row"}
    wish = {"kind": "address", "delivery": {name: value for name, value in delivery.items() if value}}
    ada.post(f"{path}/edits", {**wish, "digest": ada.post(f"{path}/edits/preview", wish)["digest"]})


def test_a_customer_takes_something_out_on_the_page(page: Page, platform: str, demo: Demo) -> None:
    order = a_short_order(demo, short=False)
    order_page(page, platform, order)
    page.get_by_text("Take something out").click()
    form = page.locator("#edit-lines-form")
    page.fill("#edit-0", "-1")
    form.get_by_role("button", name="See what changes").click()
    expect(form.locator(".summary")).to_contain_text("a whole number from 0 to 1")
    page.fill("#edit-0", "0")
    form.get_by_role("button", name="See what changes").click()
    wished = f"{order['lines'][0]['title']}: none instead of 1. 18.50 USD are paid back"
    expect(form).to_contain_text(wished)
    moved_elsewhere(demo, order)
    expect(page.locator("#edit-moved")).to_contain_text("What you typed is still here")
    expect(page.locator("#edit-moved")).to_be_focused()
    expect(page.locator("#address-card")).to_contain_text("13 Analytical Row")
    expect(page.locator("#edit-0")).to_have_value("0")
    form.get_by_role("button", name="See what changes").click()
    expect(form).to_contain_text(wished)

    form.get_by_role("button", name="Change my order").click()

    expect(page.locator("#said")).to_contain_text("Your order is changed")
    expect(page.locator("#goods tbody tr")).to_have_count(1)
    expect(page.locator("#story")).to_contain_text("The order was changed as you wished")
    demo.guest.mail_link(demo.email, f"/orders/{order['number']}", containing="changed as you wished")
    send_it_elsewhere(page, demo)
    warehouse = demo.as_staff("warehouse")
    shipment = warehouse.get("/v1/shipments", order_number=order["number"])["items"][0]["number"]
    for step in ("sorted", "packed"):
        warehouse.post(f"/v1/shipments/{shipment}/{step}", {})
    expect(page.locator("#edit-barred")).to_contain_text("Your parcel is packed")
    expect(page.locator("#delivery .window")).to_have_text(
        "It arrives 6 to 12 working days after it has left us. Then the days stand here."
    )
    expect(form).to_have_count(0)


def send_it_elsewhere(page: Page, demo: Demo) -> None:
    """Send the parcel to another address: a field is wrong first, and then the code."""
    page.get_by_text("Send it to another address").click()
    form, code = page.locator("#edit-address-form"), page.get_by_label("The code from our e-mail")
    page.fill("#edit-to-line1", "1 Other Street")
    page.fill("#edit-to-postal_code", "1")
    form.get_by_role("button", name="See what changes").click()
    expect(page.locator("#edit-to-postal_code")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#edit-to-postal_code")).to_have_accessible_description(re.compile("is no postal code of US"))
    page.fill("#edit-to-postal_code", "10001")
    form.get_by_role("button", name="See what changes").click()
    expect(form).to_contain_text("Anybody who has the link to your order could send the parcel elsewhere")
    known = demo.guest.mails_known(demo.email)
    form.get_by_role("button", name="Send me a code").click()
    expect(code).to_be_focused()
    mailed = demo.guest.mailed_code(demo.email, known)
    code.fill(f"{(int(mailed) + 1) % 10 ** len(mailed):0{len(mailed)}}")
    form.get_by_role("button", name="Change my order").click()
    expect(code).to_have_attribute("aria-invalid", "true")
    seen_by_each(page, "edit-code")
    code.fill(mailed)
    form.get_by_role("button", name="Change my order").click()
    expect(page.locator("#address")).to_contain_text("1 Other Street")


@pytest.mark.parametrize(
    ("typed", "told"), [("9", "At most 2 pieces can come back"), ("1.5", "whole number"), ("-1", "whole number")]
)
def test_a_wrong_number_is_told_in_plain_words(page: Page, platform: str, demo: Demo, typed: str, told: str) -> None:
    order_page(page, platform, a_delivered_order(demo))
    page.get_by_text("Return something").click()

    page.fill("#quantity-0", typed)
    page.get_by_role("button", name="Ask for the return").click()

    expect(page.locator("#return .summary")).to_contain_text(told)
    expect(page.locator("#quantity-0")).to_have_value(typed)


def test_what_is_typed_survives_a_reload(page: Page, platform: str, demo: Demo) -> None:
    order_page(page, platform, a_delivered_order(demo))
    page.get_by_text("Return something").click()
    page.fill("#description", "A long text that nobody wants to type twice.")
    page.fill("#quantity-0", "1")

    page.reload()

    page.get_by_text("Return something").click()
    expect(page.locator("#description")).to_have_value("A long text that nobody wants to type twice.")
    expect(page.locator("#quantity-0")).to_have_value("1")


def test_text_of_twice_the_size_fits_a_phone(page: Page, platform: str, demo: Demo) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    order_page(page, platform, a_delivered_order(demo))
    page.get_by_text("Return something").click()

    page.evaluate("document.documentElement.style.fontSize = '200%'")

    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("path", ["/help", "/orders/ORD-7K3M-9Q2X-0", "/dev/mail"])
def test_every_page_fits_a_phone_and_has_a_main_part(page: Page, platform: str, demo: Demo, path: str) -> None:
    an_unpaid_order(demo)
    demo.guest.mail_link(demo.email, "/orders/", containing="Thank you")
    page.set_viewport_size({"width": 390, "height": 800})

    page.goto(platform + path)

    expect(page.get_by_role("main").get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def a_doubtful_order(demo: Demo) -> tuple[dict[str, Any], Client]:
    """Place and pay an order whose review asks how to reach the customer. The customer has been written to."""
    wish = demo.wish([{"sku": demo.guest.get("/v1/products", limit=100)["items"][0]["sku"], "quantity": 1}])
    order = demo.guest.post("/v1/orders", {**wish, "contact": {**wish["contact"], "phone": "+1 555 000 0000"}})
    customer = demo.guest.with_token(order["access_token"])
    demo.pay(order["number"], customer)
    wait_for(lambda: found(demo.clock(customer, order["number"], "review"), lambda clock: clock["status"] != "running"))
    return order, customer


def a_long_titled_order(demo: Demo) -> dict[str, Any]:
    admin, sku = demo.as_staff("admin"), f"LONG-{demo.run.upper()}"
    title = "Travel mug of glazed stoneware with a lid of cork and a sleeve of felt, 350 ml"
    admin.put(f"/v1/products/{sku}", {"title": title, "price": {"amount": "18.50", "currency": "USD"}})
    admin.post(f"/v1/products/{sku}/stock", {"delta": 3, "reason": "delivered by the maker"})
    return demo.guest.post("/v1/orders", demo.wish([{"sku": sku, "quantity": 2}]))
