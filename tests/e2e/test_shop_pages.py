"""The sample shop as customers use it: in Chromium, with everything that goes wrong on the way."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Browser, Page, Route, expect

from deploy.demo.client import Client, wait_for
from deploy.demo.story import Demo, found
from tests.e2e.desk import tab_of

ADDRESS = {
    "Full name": "Ada Lovelace", "Street and house number": "Lindenweg 12", "Postal code": "10437",
    "City or town": "Berlin", "E-mail": "ada@example.com", "Phone": "030 5550418",
}  # fmt: skip


def a_product(demo: Demo, price: str = "18.50", stock: int = 50, title: str = "Bowl") -> str:
    """Add a product of this test's own. Return its SKU."""
    sku = f"SHOP-{uuid.uuid4().hex[:8].upper()}"
    reprice(demo, sku, price, title)
    demo.as_staff("admin").post(f"/v1/products/{sku}/stock", {"delta": stock, "reason": "delivered"})
    return sku


def reprice(demo: Demo, sku: str, price: str, title: str = "Bowl", **more: Any) -> None:
    saved = {"title": title, "price": {"amount": price, "currency": "USD"}, **more}
    demo.as_staff("admin").put(f"/v1/products/{sku}", saved)


def fill_basket(page: Page, platform: str, *skus: str, quantity: int = 1) -> None:
    for sku in skus:
        page.goto(f"{platform}/shop/products/{sku}")
        page.get_by_label("Pieces").fill(str(quantity))
        page.get_by_role("button", name="Add to basket").click()
        expect(page.get_by_role("link", name="Go to the basket")).to_be_visible()


def fill_address(page: Page, platform: str, demo: Demo, **changed: str) -> None:
    page.goto(f"{platform}/shop/checkout")
    page.get_by_label("Country").select_option("DE")
    for label, text in {**ADDRESS, "E-mail": demo.email, **changed}.items():
        page.get_by_label(label).fill(text)


def order(page: Page) -> None:
    page.get_by_role("button", name="Order for").click()


def orders_of(demo: Demo) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = demo.as_staff("agent").get("/v1/orders", email=demo.email)["items"]
    return items


def paying(page: Page) -> str:
    """Wait for the bank's window. Return the number of the order."""
    expect(page).to_have_url(re.compile("/shop/pay/ORD-"))
    expect(page.get_by_role("button", name="Be declined")).to_be_visible()
    return page.url.rpartition("/")[2]


def test_a_moved_price_is_shown_old_and_new(page: Page, platform: str, demo: Demo) -> None:
    sku = a_product(demo, "18.50")
    fill_basket(page, platform, sku, quantity=2)
    reprice(demo, sku, "19.00")
    page.goto(f"{platform}/shop/basket")
    expect(page.get_by_text("The price was 18.50 USD when you chose it, and is 19.00 USD now.")).to_be_visible()
    fill_address(page, platform, demo)
    reprice(demo, sku, "21.25")

    order(page)

    expect(page.locator("#notice")).to_be_focused()
    expect(page.locator("#notice")).to_contain_text("19.00 21.25 USD")
    expect(page.locator("#notice")).to_contain_text("38.00 42.50 USD")
    assert orders_of(demo) == []
    page.get_by_role("button", name="Order for 42.50 USD").click()
    paying(page)
    assert [each["totals"]["total"]["amount"] for each in orders_of(demo)] == ["42.50"]


def test_what_is_sold_out_is_told_before_and_at_ordering(page: Page, platform: str, demo: Demo) -> None:
    sku, other = a_product(demo, stock=3, title="Rare bowl"), a_product(demo, title="Bowl")
    fill_basket(page, platform, sku, other)
    fill_address(page, platform, demo)
    demo.as_staff("admin").post(f"/v1/products/{sku}/stock", {"delta": -3, "reason": "counted"})

    order(page)

    expect(page.locator("#notice")).to_contain_text("Rare bowl: there is not enough of it any more")
    page.get_by_role("link", name="Change it in your basket").click()
    expect(page.get_by_text("Sold out since you chose it")).to_be_visible()
    expect(page.get_by_role("link", name="To the checkout")).to_have_count(0)
    page.get_by_role("button", name="Take out Rare bowl").click()
    page.get_by_role("link", name="To the checkout").click()
    expect(page.get_by_label("Full name")).to_have_value("Ada Lovelace")
    order(page)
    paying(page)
    page.goto(f"{platform}/shop/products/{sku}")
    expect(page.get_by_text("Sold out for now")).to_be_visible()


def test_what_is_not_here_yet_is_ordered_by_its_day(page: Page, platform: str, demo: Demo) -> None:
    sku = a_product(demo, stock=1, title="Rare bowl")
    fill_basket(page, platform, sku)
    fill_address(page, platform, demo)
    until = f"{datetime.now(UTC) + timedelta(days=40):%Y-%m-%d}"
    reprice(demo, sku, "18.50", "Rare bowl", backorder_until=until, backorder_at_most=2)
    demo.as_staff("admin").post(f"/v1/products/{sku}/stock", {"delta": -1, "reason": "counted"})

    order(page)
    expect(page.locator("#notice")).to_contain_text("Rare bowl: it is not in stock any more")
    expect(page.get_by_text("Your order leaves us as a whole")).to_be_visible()
    page.goto(f"{platform}/shop/products/{sku}")
    expect(page.get_by_text("Not in stock just now. It is expected by")).to_be_visible()
    page.goto(f"{platform}/shop/basket")
    expect(page.get_by_text("Not in stock: expected by")).to_be_visible()
    page.get_by_role("link", name="To the checkout").click()
    order(page)
    number = paying(page)
    page.get_by_role("button", name="Pay 18.50 USD").click()

    expect(page).to_have_url(re.compile(f"/orders/{number}$"))
    expect(page.get_by_role("heading", name="Your goods are expected by")).to_be_visible()
    waits = demo.as_staff("agent").get(f"/v1/orders/{number}")["backorders"]
    assert [(each["quantity"], each["until"]) for each in waits] == [(1, until)]


def test_more_than_there_are_is_refused_at_the_field(page: Page, platform: str, demo: Demo) -> None:
    page.goto(f"{platform}/shop/products/{a_product(demo, stock=3)}")
    expect(page.get_by_text("Only 3 left")).to_be_visible()
    page.get_by_label("Pieces").fill("4")
    page.get_by_role("button", name="Add to basket").click()

    expect(page.get_by_text("We have only 3.")).to_be_visible()
    expect(page.get_by_label("Pieces")).to_be_focused()


def test_what_people_call_a_product_is_shown_as_text(page: Page, platform: str, demo: Demo) -> None:
    title = '<img src=x onerror="document.title=\'owned\'"> {{ 7 * 7 }} & "bowl"'
    fill_basket(page, platform, a_product(demo, title=title))

    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.get_by_role("status").filter(has_text="in your basket")).to_contain_text(title)
    page.goto(f"{platform}/shop/basket")
    expect(page.get_by_role("link", name=title)).to_be_visible()
    assert "owned" not in page.title()


def test_a_wrong_address_is_explained_at_its_fields(page: Page, platform: str, demo: Demo) -> None:
    fill_basket(page, platform, a_product(demo))
    fill_address(page, platform, demo, **{"City or town": "", "Postal code": "1043X"})

    order(page)

    expect(page.locator("form .summary")).to_be_focused()
    expect(page.locator("#city-error")).to_have_text("This is needed.")
    expect(page.locator("#postal_code-error")).to_contain_text("This does not look like one of Germany, such as 26133")
    page.get_by_label("City or town").fill("Berlin")
    expect(page.locator("#city-error")).to_be_hidden()
    page.get_by_label("Phone").fill("12")
    page.get_by_label("E-mail").fill("nobody")
    order(page)
    expect(page.locator("#email-error")).to_contain_text("e-mail")
    page.get_by_label("E-mail").fill(demo.email)
    order(page)
    expect(page.locator("#phone-error")).to_contain_text("Not a phone number")
    page.get_by_label("Phone").fill(ADDRESS["Phone"])
    order(page)  # the postal code was asked about, and is sent as it is: the review asks again
    number = paying(page)
    assert demo.as_staff("agent").get(f"/v1/orders/{number}")["delivery"]["postal_code"] == "1043X"


def test_what_is_typed_while_the_form_changes_stays_in_its_field(page: Page, platform: str, demo: Demo) -> None:
    held: list[Route] = []
    fill_basket(page, platform, a_product(demo))
    fill_address(page, platform, demo, **{"City or town": "", "Postal code": ""})
    page.route("**/v1/addresses/US", lambda route: held.append(route))
    page.get_by_label("Country").select_option("US")
    page.get_by_label("Postal code").press_sequentially("100")

    held[0].continue_()
    expect(page.get_by_label("ZIP code")).to_be_visible()
    page.keyboard.type("01")

    expect(page.get_by_label("ZIP code")).to_have_value("10001")
    expect(page.get_by_label("City")).to_have_value("")


def test_the_form_is_that_of_the_country(page: Page, platform: str, demo: Demo) -> None:
    fill_basket(page, platform, a_product(demo))
    fill_address(page, platform, demo)
    page.get_by_label("Country").select_option("US")
    expect(page.get_by_label("ZIP code")).to_be_visible()
    page.get_by_label("ZIP code").fill("10001")
    order(page)
    expect(page.locator("#region-error")).to_have_text("This is needed.")
    page.get_by_label("State").select_option("NY")
    expect(page.get_by_text("fees there (United States) are included")).to_be_visible()
    page.get_by_label("Country").select_option("SG")
    expect(page.get_by_label("State")).to_have_count(0)
    expect(page.get_by_label("City")).to_have_count(0)
    expect(page.get_by_label("Full name")).to_have_value("Ada Lovelace")
    page.get_by_label("Postal code").fill("546080")
    page.reload()
    expect(page.get_by_label("Postal code")).to_have_value("546080")
    order(page)
    number = paying(page)
    assert demo.as_staff("agent").get(f"/v1/orders/{number}")["delivery"]["country"] == "SG"


def test_a_form_that_cannot_be_read_is_read_again(page: Page, platform: str, demo: Demo) -> None:
    fill_basket(page, platform, a_product(demo))
    page.route("**/v1/addresses", lambda route: route.abort(), times=1)
    page.goto(f"{platform}/shop/checkout")
    expect(page.locator("#notice")).to_contain_text("We cannot show the form for your address")
    order(page)
    expect(page.locator("#notice")).to_be_focused()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#notice")).to_be_hidden()
    expect(page.get_by_label("Country")).to_be_focused()

    fill_address(page, platform, demo)
    page.route("**/v1/addresses/US", lambda route: route.abort(), times=1)
    page.get_by_label("Country").select_option("US")
    expect(page.locator("#notice")).to_contain_text("We cannot show the form for your address")
    order(page)
    expect(page.locator("#notice")).to_be_focused()
    page.get_by_role("button", name="Try again").click()

    expect(page.get_by_label("ZIP code")).to_be_visible()
    expect(page.get_by_label("Full name")).to_have_value("Ada Lovelace")
    assert orders_of(demo) == []


def test_a_late_answer_does_not_replace_a_newer_one(page: Page, platform: str, demo: Demo) -> None:
    fill_basket(page, platform, a_product(demo))
    page.goto(f"{platform}/shop/checkout")
    late: list[Route] = []
    page.route("**/v1/addresses/DE", lambda route: late.append(route), times=1)
    page.get_by_label("Country").select_option("DE")
    page.get_by_label("Country").select_option("US")
    expect(page.get_by_label("ZIP code")).to_be_visible()
    expect(page.get_by_text("fees there (United States) are included")).to_be_visible()

    with page.expect_response("**/v1/addresses/DE"):
        late[0].continue_()

    expect(page.get_by_label("ZIP code")).to_be_visible()
    expect(page.get_by_label("Country")).to_have_value("US")


def test_a_declined_payment_is_tried_again_and_paid(page: Page, platform: str, demo: Demo) -> None:
    fill_basket(page, platform, a_product(demo))
    fill_address(page, platform, demo)
    order(page)
    number = paying(page)
    page.get_by_role("button", name="Be declined").click()
    expect(page.get_by_role("alert")).to_contain_text("The bank has declined the card. Nothing was charged")

    page.get_by_role("button", name="Pay 18.50 USD").click()

    expect(page).to_have_url(re.compile(f"/orders/{number}$"))
    expect(page.get_by_role("main")).to_contain_text(number)
    account = demo.as_staff("agent").get(f"/v1/orders/{number}")["account"]
    assert (account["captured"]["amount"], account["kept"]["amount"]) == ("18.50", "18.50")


def test_a_second_charge_of_the_bank_goes_back(page: Page, platform: str, demo: Demo) -> None:
    fill_basket(page, platform, a_product(demo))
    fill_address(page, platform, demo)
    order(page)
    number = paying(page)

    page.get_by_role("button", name="Pay, and be charged twice").click()

    expect(page).to_have_url(re.compile(f"/orders/{number}$"))
    agent = demo.as_staff("agent")
    repaid = wait_for(lambda: found(agent.get(f"/v1/orders/{number}"), lambda each: bool(each["refunds"])))
    assert repaid["refunds"][0]["amount"]["amount"] == "18.50"


def test_a_slow_bank_is_waited_for_and_paid_once(page: Page, platform: str, demo: Demo) -> None:
    """The customer closes the window meanwhile, comes back, is told not to pay again, and has paid once."""
    fill_basket(page, platform, a_product(demo))
    fill_address(page, platform, demo)
    order(page)
    number = paying(page)
    with page.expect_response("**/payments") as begun:
        page.get_by_role("button", name="Let the bank take its time").click()
    secret = begun.value.json()["client_secret"]
    expect(page).to_have_url(re.compile(f"/orders/{number}$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Your bank works on it")
    back = page.context.new_page()
    page.close()

    back.goto(f"{platform}/orders/{number}")
    expect(back.locator("#next")).to_contain_text("You need not pay again, and we keep the goods for you")
    expect(back.get_by_role("button", name=re.compile("^Pay"))).to_be_hidden()
    back.goto(f"{platform}/shop/pay/{number}")
    expect(back.locator("#pay")).to_contain_text("The bank has your payment already and works on it")
    back.goto(f"{platform}/orders/{number}")
    expect(back.locator("#story li").first).to_be_attached()
    for _ in range(2):  # a bank that reports twice, too
        demo.guest.post("/sandbox/payments", {"client_secret": secret, "outcome": "capture"})

    expect(back.locator("#story")).to_contain_text("A payment arrived")
    expect(back.get_by_text("Pay in another way")).to_have_count(0)
    account = demo.as_staff("agent").get(f"/v1/orders/{number}")["account"]
    assert (account["captured"]["amount"], account["kept"]["amount"], account["refunded"]["amount"]) == (
        "18.50", "18.50", "0.00",
    )  # fmt: skip


def test_the_back_button_makes_no_second_order(page: Page, platform: str, demo: Demo) -> None:
    fill_basket(page, platform, a_product(demo))
    fill_address(page, platform, demo)
    order(page)
    number = paying(page)
    page.get_by_role("link", name="Leave without paying").click()
    expect(page.get_by_role("main")).to_contain_text(number)

    page.go_back()
    page.go_back()

    expect(page.get_by_text(f"Your order {number} is placed.")).to_be_visible()
    expect(page.get_by_role("button", name="Order for")).to_have_count(0)
    page.get_by_role("link", name="Go to your order").click()
    expect(page.get_by_role("main")).to_contain_text(number)
    assert len(orders_of(demo)) == 1


def test_two_tabs_share_a_basket_and_make_one_order(page: Page, platform: str, demo: Demo) -> None:
    first, second = a_product(demo, title="Bowl"), a_product(demo, title="Dish")
    fill_basket(page, platform, first)
    fill_address(page, platform, demo)
    other = page.context.new_page()
    fill_basket(other, platform, second)
    expect(page.get_by_role("button", name="Order for 37.00 USD")).to_be_visible()
    fill_address(other, platform, demo)
    held: list[Route] = []
    other.route("**/v1/orders", lambda route: held.append(route))
    with other.expect_request("**/v1/orders"):
        order(other)
    order(page)
    number = paying(page)

    held[0].continue_()

    expect(other.get_by_text(f"Your order {number} is placed.").or_(other.get_by_text("Be declined"))).to_be_visible()
    assert [each["number"] for each in orders_of(demo)] == [number]


def test_a_lost_answer_is_asked_for_again(page: Page, platform: str, demo: Demo) -> None:
    fill_basket(page, platform, a_product(demo))
    fill_address(page, platform, demo)

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/v1/orders", lose, times=1)
    order(page)
    expect(page.locator("#notice")).to_contain_text("If you send it again, it is still one order.")
    order(page)

    expect(page.get_by_text("is placed. We have sent you an e-mail with its link.")).to_be_visible()
    assert len(orders_of(demo)) == 1


def test_an_ordered_basket_with_another_address_is_not_mixed_up(page: Page, platform: str, demo: Demo) -> None:
    fill_basket(page, platform, a_product(demo))
    fill_address(page, platform, demo)
    page.route("**/v1/orders", lambda route: (route.fetch(), route.abort()), times=1)
    order(page)
    expect(page.locator("#notice")).to_be_focused()
    page.get_by_label("City or town").fill("Potsdam")
    order(page)
    expect(page.locator("#notice")).to_contain_text("This basket was ordered before")
    assert len(orders_of(demo)) == 1
    page.get_by_role("button", name="Yes, make it another order").click()

    order(page)

    paying(page)
    assert len(orders_of(demo)) == 2


def test_the_carrier_moves_a_parcel_by_its_webhook(page: Page, platform: str, demo: Demo) -> None:
    placed, customer = demo.a_guest_orders_and_pays()
    demo.the_review_passes_by_itself(placed["number"], customer)
    demo.the_warehouse_hands_the_parcel_over(placed["number"], customer)
    page.goto(f"{platform}/shop/carrier?q={placed['number']}")
    parcel = page.get_by_role("listitem", name=demo.tracking_number)

    for button, status in (
        ("Picked up", "in_transit"), ("Customs", "customs"), ("Out for delivery", "out_for_delivery"),
    ):  # fmt: skip
        parcel.get_by_role("button", name=f"{button} {demo.tracking_number}", exact=True).click()
        expect(parcel.locator("[data-status]")).to_have_attribute("data-status", status)
    parcel.get_by_role("button", name=f"Delivered {demo.tracking_number}").click()

    expect(parcel).to_have_count(0)
    assert demo.parcel(customer, placed["number"])["status"] == "delivered"


def declare(desk: Page, code: str) -> None:
    """Have an admin declare a code for one order on the desk."""
    desk.goto("/desk/discounts")
    desk.get_by_role("button", name="Declare a code").click()
    desk.get_by_label("Code: 4 to 32").fill(code)
    desk.get_by_label("Takes off").fill("10")
    desk.get_by_label("For so many orders").fill("1")
    desk.get_by_label("For so many of one customer").fill("1")
    desk.get_by_label("Until the end of that day").fill("2126-12-31")
    desk.get_by_role("button", name="Save").click()
    expect(desk.get_by_text("of everything").first).to_be_visible()
    expect(desk.get_by_role("row").filter(has_text=code).first).to_contain_text("at most 1 of a customer")


def change_at_once(desk: Page, colleague: Client, code: str) -> None:
    """Change a code that a colleague changes meanwhile: what they did is said, and the draft is kept."""
    row = desk.get_by_role("row").filter(has_text=code).first
    row.get_by_role("button", name="Change").click()
    desk.get_by_label("Note for staff").fill("for the letter of spring")
    colleague.put(f"/v1/discounts/{code}", {"percent": 10, "uses": 2, "note": "a guess"})
    desk.get_by_role("button", name="Save").click()
    alert = desk.get_by_role("alert")
    expect(alert).to_contain_text("Uses: 1, now 2")
    expect(alert).to_contain_text("Note: none, now a guess")
    expect(desk.get_by_label("Note for staff")).to_have_value("for the letter of spring")
    desk.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("for the letter of spring")
    expect(row).to_contain_text("0 of 2")  # what is not typed over stays theirs


def test_who_is_signed_in_orders_what_a_guest_may_not(page: Page, platform: str, demo: Demo) -> None:
    """A guest has one order with a code at a time; the refusal says to sign in, and that helps."""
    sku, code = a_product(demo), f"ONE-{uuid.uuid4().hex[:6].upper()}"
    demo.as_staff("admin").put(f"/v1/discounts/{code}", {"percent": 10, "uses": 5})
    demo.guest.post("/v1/orders", {**demo.wish([{"sku": sku, "quantity": 1}]), "discount_code": code})
    notice, use = page.locator("#notice"), page.get_by_role("button", name="Use it")
    fill_basket(page, platform, sku)
    fill_address(page, platform, demo)

    page.get_by_label("Discount code").fill(code)
    use.click()
    expect(page.get_by_role("button", name="Order for 16.65 USD")).to_be_visible()
    order(page)
    expect(notice).to_contain_text("or sign in")
    token, _refresh = demo.guest.sign_in(demo.email).tokens
    page.evaluate("(token) => localStorage.setItem('token:account', token)", token)
    page.get_by_label("Discount code").fill(code)
    use.click()
    expect(page.get_by_role("button", name="Order for 16.65 USD")).to_be_visible()
    order(page)

    number = paying(page)
    assert demo.as_staff("agent").get(f"/v1/orders/{number}")["totals"]["discount"]["amount"] == "1.85"


def test_a_discount_code_is_used_and_shown_to_the_end(page: Page, browser: Browser, platform: str, demo: Demo) -> None:
    sku, code = a_product(demo), f"LETTER-{uuid.uuid4().hex[:6].upper()}"
    with tab_of(browser, demo.as_staff("admin"), "admin") as desk:
        declare(desk, code)
        change_at_once(desk, demo.as_staff("admin"), code)
    fill_basket(page, platform, sku, quantity=2)

    page.goto(f"{platform}/shop/basket")
    page.get_by_label("Discount code").fill("NO-SUCH-CODE")
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_text("We do not know this discount code.")).to_be_visible()
    page.get_by_label("Discount code").fill(code.lower())
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_text("33.30 USD")).to_be_visible()
    reprice(demo, sku, "20.00")
    fill_address(page, platform, demo)
    notice, ordering = page.locator("#notice"), page.get_by_role("button", name=re.compile("^Order( for|$)"))
    expect(notice).to_contain_text("18.50 20.00 USD")  # told before anything is sent
    expect(notice).to_contain_text("37.00 40.00 USD")
    expect(ordering).to_have_text("Order for 36.00 USD")

    page.route("**/v1/orders/quote", lambda route: route.fulfill(status=503, json={"detail": "Not now.", "code": "x"}))
    page.reload()
    expect(page.get_by_role("alert").filter(has_text=f"We could not look at your code {code}.")).to_be_visible()
    expect(ordering).to_be_disabled()
    page.unroute("**/v1/orders/quote")
    page.get_by_role("button", name="Look at it again").click()
    expect(ordering).to_have_text("Order for 36.00 USD")

    demo.as_staff("admin").put(f"/v1/discounts/{code}", {"percent": 20, "uses": 1})
    ordering.click()
    expect(notice).to_contain_text("All of it: 36.00 32.00 USD")
    expect(ordering).to_have_text("Order for 32.00 USD")
    ordering.click()
    number = paying(page)
    page.get_by_role("button", name="Pay 32.00 USD").click()
    expect(page.get_by_role("rowheader", name=f"Discount {code}, taken off above")).to_be_visible()

    shown = demo.as_staff("agent").get(f"/v1/orders/{number}")
    assert (shown["totals"]["total"]["amount"], shown["totals"]["discount"]["amount"]) == ("32.00", "8.00")
    late = a_product(demo)
    fill_basket(page, platform, late)
    page.goto(f"{platform}/shop/checkout")
    page.get_by_label("Discount code").fill(code)
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_text("All uses of this discount code are taken just now.")).to_be_visible()
    expect(page.get_by_role("button", name="Order for 18.50 USD")).to_be_visible()
