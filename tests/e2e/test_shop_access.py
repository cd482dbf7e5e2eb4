"""Who can use the sample shop: by keyboard alone, without scripts, on small screens, in light and dark."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from deploy.demo.story import Demo
from tests.e2e.desk import SCROLLING, faults_of_access, look, too_wide
from tests.e2e.test_shop_pages import ADDRESS, a_product, fill_address, fill_basket, order, orders_of, paying, reprice

MOST_SCRIPT = 80_000  # bytes, packed, of one page
FOCUSED = """() => {
  const here = document.activeElement;
  return here === document.body ? "" : (here.labels?.[0] ?? here).textContent;
}"""


def test_an_order_is_placed_and_paid_by_keyboard_alone(page: Page, platform: str, demo: Demo) -> None:
    page.goto(f"{platform}/shop/products/{a_product(demo, title='Bowl of ash')}")
    expect(page.locator("#arrives")).to_be_visible()

    def reach(name: str) -> None:
        """Press Tab until the control of that name has the focus."""
        for _ in range(40):
            focused = page.evaluate(FOCUSED)
            if name in focused:
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"no way to {name} by keyboard")

    reach("Pieces")
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    reach("Go to the basket")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="To the checkout")).to_be_visible()
    reach("To the checkout")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Country")).to_be_visible()
    reach("Country")
    page.keyboard.type("Germany")
    for label, text in {**ADDRESS, "E-mail": demo.email}.items():
        reach(label)
        page.keyboard.type(text)
    reach("Order for")
    page.keyboard.press("Enter")
    number = paying(page)
    reach("Pay ")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/orders/{number}$"))

    (placed,) = orders_of(demo)
    assert placed["number"] == number
    found_order = demo.as_staff("agent").get(f"/v1/orders/{number}")
    assert (found_order["lines"][0]["quantity"], found_order["delivery"]["city"]) == (2, "Berlin")


@pytest.fixture
def without_scripts(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_the_shop_is_readable_without_javascript(without_scripts: Page, platform: str, demo: Demo) -> None:
    page, sku = without_scripts, "MUG-CLAY-350"
    known = demo.guest.get(f"/v1/products/{sku}")
    page.goto(f"{platform}/shop?q=350")
    page.locator(f'main a[href="/shop/products/{sku}"]').click()  # other products may have the same title

    expect(page.get_by_role("heading", level=1)).to_have_text(known["title"])
    expect(page.get_by_role("main")).to_contain_text(f"{known['price']['amount']} USD")
    for text in (known["materials"], known["usage"], *known["parameters"]):
        expect(page.get_by_role("main")).to_contain_text(text)
    expect(page.get_by_role("main")).to_contain_text("arrives 6 to 12 working days later")
    expect(page.get_by_role("button", name="Add to basket")).to_have_count(0)
    page.get_by_role("link", name="Basket").click()
    expect(page.get_by_role("main")).to_contain_text("This page needs JavaScript")


def test_each_page_is_accessible_fits_and_is_small(page: Page, platform: str, demo: Demo) -> None:
    name = "A bowl with a name that is far longer than those of others"
    sku = a_product(demo, stock=4, title=name)
    scripts: dict[str, int] = {}
    page.on("response", lambda answer: scripts.update(_size(answer)))
    placed, customer = demo.a_guest_orders_and_pays()
    demo.the_review_passes_by_itself(placed["number"], customer)
    demo.the_warehouse_hands_the_parcel_over(placed["number"], customer)

    def see(where: str) -> None:
        for scheme, width, rules in (("light", 320, SCROLLING), ("light", 1280, None), ("dark", 390, None)):
            look(page, scheme, width)
            assert [*faults_of_access(page, rules), *too_wide(page)] == [], (where, width)
        assert sum(scripts.values()) <= MOST_SCRIPT, f"{where}: {scripts}"
        scripts.clear()

    page.goto(f"{platform}/shop")
    expect(page.locator("#arrives b")).to_be_visible()
    see("list")
    fill_basket(page, platform, sku, quantity=2)
    see("product")
    reprice(demo, sku, "19.50", name)
    page.goto(f"{platform}/shop/basket")
    expect(page.get_by_text("The price was 18.50 USD")).to_be_visible()
    see("basket")
    page.goto(f"{platform}/shop/checkout")
    order(page)
    expect(page.locator("form .summary")).to_be_focused()
    see("checkout with errors")
    fill_address(page, platform, demo)
    order(page)
    paying(page)
    page.get_by_role("button", name="Be declined").click()
    expect(page.get_by_role("alert")).to_be_visible()
    see("payment")
    page.goto(f"{platform}/shop/checkout")
    expect(page.get_by_text("is placed.")).to_be_visible()
    see("checkout of an empty basket")
    page.goto(f"{platform}/shop/carrier?q={placed['number']}")
    expect(page.get_by_role("button", name="Picked up")).to_be_visible()
    see("carrier")


def _size(answer: Response) -> dict[str, int]:
    """Return the size of a script, packed, by its address."""
    return {answer.url: len(gzip.compress(answer.body()))} if answer.url.endswith(".js") and answer.ok else {}
