"""The life of one order in two windows: the customer's, and that of the desk and of those whom the sandbox plays.

    film = Film(platform, browser, demo, folder)      # folder: where the pictures go, None: none are taken
    film.play()

Each scene is done as people do it, by mouse and keyboard on the pages, and waits for what the pages then say. `shoot`
puts both windows into one picture with a caption; `make film` keeps them in docs/film.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from deploy.demo.client import wait_for
from deploy.demo.story import Demo, found
from services.common.basics.untyped import JsonDict

ADMIN = "admin@pledge.example"
CUSTOMERS, DESKS = (430, 900), (960, 900)
PATIENCE_MS = 30_000
QUALITY = 55
FRAME = """<style>
  body {{ margin: 0; padding: 16px; width: 1440px; box-sizing: border-box; background: #f3f1ed; color: #1a2026 }}
  h1 {{ font: 600 22px/1.4 system-ui, sans-serif; margin: 0 0 12px }} div {{ display: flex; gap: 16px }}
  img {{ border: 1px solid #8a8578; border-radius: 6px; display: block }}
</style>
<h1>{place}. {caption}</h1>
<div><img src="data:image/png;base64,{left}"><img src="data:image/png;base64,{right}"></div>"""


class Film:
    """One run. The customer is a guest; the other window is signed in as an admin, and is the bank's and carrier's."""

    def __init__(self, platform: str, browser: Browser, demo: Demo, folder: Path | None = None):
        self.url, self.demo, self.folder = platform, demo, folder
        self.captions: list[str] = []
        self._browser = browser
        self.customer, self.desk = self._window(*CUSTOMERS), self._window(*DESKS)
        self.mug, self.tea = (f"FILM-{letter}-{demo.run.upper()}" for letter in "AB")
        self.number = ""
        self.tracking_number = f"SIM{demo.run.upper()}"

    def play(self) -> None:
        """Play the whole story; the pictures, if any, are taken as it goes."""
        self.goods_are_on_the_shelf()
        self.sign_in()
        self.the_customer_chooses()
        self.the_customer_orders_and_pays()
        self.a_person_reviews_the_address()
        self.something_is_missing_and_the_customer_decides()
        self.the_warehouse_packs()
        self.the_carrier_delivers()
        self.the_customer_returns()
        self.the_goods_are_inspected_and_repaid()
        self._write_the_strip()

    # the scenes

    def goods_are_on_the_shelf(self) -> None:
        admin = self.demo.as_staff("admin")
        goods = (
            (self.mug, "Stoneware mug, 350 ml", "18.50", "691200"),
            (self.tea, "Longjing tea, 100 g", "24.90", "090210"),
        )
        for sku, title, price, hs_code in goods:
            known = {"title": title, "price": {"amount": price, "currency": "USD"}, "hs_code": hs_code}
            admin.put(f"/v1/products/{sku}", {**known, "description": "Made in Jingdezhen.", "matches": []})
            admin.post(f"/v1/products/{sku}/stock", {"delta": 4, "reason": "delivered by the maker"})

    def sign_in(self) -> None:
        desk, known = self.desk, self.demo.guest.mails_known(ADMIN)
        desk.goto(f"{self.url}/desk/today")
        desk.get_by_label("Your e-mail address").fill(ADMIN)
        desk.keyboard.press("Enter")
        expect(desk.get_by_label("The code from the e-mail")).to_be_focused()
        desk.keyboard.type(self.demo.guest.mailed_code(ADMIN, known))
        desk.keyboard.press("Enter")
        expect(desk.get_by_role("heading", name="Today")).to_be_visible()
        expect(desk.get_by_text("Reading…")).to_have_count(0)

    def the_customer_chooses(self) -> None:
        customer = self.customer
        for sku in (self.tea, self.mug):
            customer.goto(f"{self.url}/shop/products/{sku}")
            customer.get_by_label("Deliver to").select_option("US")
            expect(customer.locator("#arrives")).to_contain_text("(United States)")
            customer.get_by_role("button", name="Add to basket").click()
            expect(customer.get_by_role("link", name="Go to the basket")).to_be_visible()
        self.shoot("A product, with the day of its arrival. At the desk nothing is to be done yet.")
        customer.get_by_role("link", name="Go to the basket").click()
        customer.get_by_role("link", name="To the checkout").click()

    def the_customer_orders_and_pays(self) -> None:
        customer, typed = self.customer, {
            "Full name": "Ada Lovelace", "Street and house number": "12 Analytical Row", "City or town": "New York",
            "ZIP code": "90210", "E-mail": self.demo.email, "Phone": "+1 212 555 0147",
        }  # fmt: skip
        expect(customer.get_by_label("State")).to_be_visible()
        customer.get_by_label("State").select_option("NY")
        for label, text in typed.items():
            customer.get_by_label(label).fill(text)
        customer.get_by_role("button", name="Order for 43.40 USD").click()
        expect(customer).to_have_url(re.compile("/shop/pay/ORD-"))
        self.number = customer.url.rpartition("/")[2]
        customer.get_by_role("button", name="Be declined").click()
        expect(customer.get_by_role("alert")).to_contain_text("declined")
        self.shoot("The card is declined; the order is kept, and the customer tries again.")
        customer.get_by_role("button", name="Pay 43.40 USD").click()
        expect(customer).to_have_url(re.compile(rf"/orders/{self.number}"))
        expect(customer.get_by_role("main")).to_contain_text(self.number)

    def a_person_reviews_the_address(self) -> None:
        desk = self.desk
        self._until(lambda order: order["review"]["status"] == "needs_contact")
        desk.goto(f"{self.url}/desk/review/{self.number}")
        expect(desk.get_by_text("the postal code 90210 is not in NY")).to_be_visible()
        self.shoot("The review stops at a postal code of another state: a person looks at it.")
        desk.keyboard.press("p")
        expect(desk.get_by_label("What you saw that makes it right")).to_be_focused()
        desk.keyboard.type("She said on the phone: New York, 10001.")
        desk.keyboard.press("Tab")
        desk.keyboard.press("Enter")
        expect(desk.get_by_text(f"{self.number} has passed.")).to_be_attached()

    def something_is_missing_and_the_customer_decides(self) -> None:
        customer, desk = self.customer, self.desk
        wait_for(self._shipment)
        desk.goto(f"{self.url}/desk/stock/{self.tea}")
        desk.get_by_label("Change the count by").fill("-4")
        desk.get_by_label("Why").fill("water in the warehouse")
        desk.get_by_role("button", name="Change").click()
        self._until(lambda order: any(each["status"] == "awaiting_customer" for each in order["changes"]))
        expect(customer.locator(".change")).to_be_visible()
        customer.locator(".change").scroll_into_view_if_needed()
        self.shoot("Something is missing. The customer is asked on their page; nothing changes without their yes.")
        customer.locator("input[value=remove_line]").check()
        customer.get_by_role("button", name="Accept this").click()
        expect(customer.locator("#said")).to_contain_text("as you decided")
        self._until(lambda order: sum(line["quantity"] for line in order["lines"]) == 1)

    def the_warehouse_packs(self) -> None:
        desk, shipment = self.desk, wait_for(lambda: found(self._shipment(), lambda each: not each["on_hold"]))
        desk.goto(f"{self.url}/desk/pack/{shipment['number']}")
        scan = desk.get_by_label("Scan", exact=True)
        expect(scan).to_be_focused()
        desk.keyboard.type(self.mug)
        desk.keyboard.press("Enter")
        expect(desk.get_by_role("heading", name="Scan the label")).to_be_visible()
        self.shoot("The packer scans what is in the box; what the customer gave up is not asked for.")
        desk.keyboard.type(self.tracking_number)
        desk.keyboard.press("Enter")
        expect(desk.get_by_label("Carrier")).to_be_focused()
        desk.keyboard.type("simulator")
        desk.keyboard.press("Enter")
        expect(desk.get_by_text("Handed over", exact=True)).to_be_visible()
        self._until(lambda order: bool(order["shipments"][0]["promise"]))

    def the_carrier_delivers(self) -> None:
        carrier, customer = self.desk, self.customer
        carrier.goto(f"{self.url}/shop/carrier?q={self.number}")
        parcel = carrier.get_by_role("listitem", name=self.tracking_number)
        for label, status in (
            ("Picked up", "in_transit"),
            ("Customs", "customs"),
            ("Out for delivery", "out_for_delivery"),
        ):
            parcel.get_by_role("button", name=f"{label} {self.tracking_number}", exact=True).click()
            expect(parcel.locator("[data-status]")).to_have_attribute("data-status", status)
            if status == "customs":
                expect(customer.get_by_role("main")).to_contain_text(re.compile("customs", re.IGNORECASE))
                self._to_the_top(customer)
                self.shoot("The parcel is at customs. The customer's page shows it by itself; duties are on the shop.")
        parcel.get_by_role("button", name=f"Delivered {self.tracking_number}", exact=True).click()
        expect(parcel).to_have_count(0)
        self._until(lambda order: order["status"] == "completed")
        expect(customer.get_by_text("Return something")).to_be_visible()
        self.desk.goto(f"{self.url}/desk/orders/{self.number}")
        expect(self.desk.get_by_role("heading", name="Promises")).to_be_visible()
        self._to_the_top(customer)
        self.shoot("Delivered. The desk sees each promise, and that it was kept.")

    def the_customer_returns(self) -> None:
        customer = self.customer
        customer.get_by_text("Return something").click()
        customer.fill("#quantity-0", "1")
        customer.select_option("#reason-0", "changed_mind")
        customer.get_by_text("Return something").scroll_into_view_if_needed()
        self.shoot("Within 60 days the customer may send it back, for any reason.")
        customer.get_by_role("button", name="Ask for the return").click()
        expect(customer.locator("#said")).to_contain_text("RET-")

    def the_goods_are_inspected_and_repaid(self) -> None:
        desk, customer = self.desk, self.customer
        asked = self._until(lambda order: bool(order["returns"]))["returns"][0]
        desk.goto(f"{self.url}/desk/returns/{asked['number']}")
        expect(desk.get_by_role("button", name="Authorize")).to_be_visible()
        desk.keyboard.press("a")
        expect(desk.get_by_role("heading", name="Book in what arrived")).to_be_visible()
        self._press("o", "s")
        expect(desk.get_by_role("heading", name="Say what each piece is worth")).to_be_visible()
        self._press("a")
        expect(desk.get_by_text(re.compile(r"accepted so far: 18\.50"))).to_be_visible()
        self.shoot("The goods are back: each piece is looked at, and the sum is known at once.")
        self._press("s")
        expect(desk.get_by_role("heading", name="Back to the shelf, or not")).to_be_visible()
        desk.get_by_role("button", name="Back to the shelf").click()
        desk.get_by_role("button", name="Send").click()
        expect(desk.get_by_text("Nothing is to be done here now.")).to_be_visible()
        order = self._until(lambda each: {refund["status"] for refund in each["refunds"]} == {"settled"})
        assert sum(float(refund["amount"]["amount"]) for refund in order["refunds"]) == 43.40
        agent, address = self.demo.as_staff("agent"), f"/v1/returns/{asked['number']}"
        wait_for(lambda: found(agent.get(address), lambda each: each["refund"]["settled"]["amount"] == "18.50"))
        customer.reload()
        paid = customer.get_by_text("For your return: 18.50 USD were paid back on")
        expect(paid).to_be_visible()
        paid.scroll_into_view_if_needed()
        desk.reload()
        expect(desk.get_by_label("Money, decisions")).to_contain_text(re.compile(r"Paid back\D*18\.50"))
        expect(customer.locator("#next")).to_contain_text("were paid back")
        expect(customer.locator("#next")).not_to_contain_text("the rest")  # all of it came back
        self.shoot("Paid back in full: the customer's page and the desk both say so.")
        desk.goto(f"{self.url}/desk/orders/{self.number}")
        expect(desk.get_by_role("heading", name="Promises")).to_be_visible()
        self._to_the_top(customer)
        self.shoot("Each promise stays on the record: whose it was, by when it was due, and that it was kept.")

    # pictures

    def shoot(self, caption: str) -> None:
        """Take a picture of both windows."""
        self.captions.append(caption)
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        left, right = (base64.b64encode(window.screenshot()).decode() for window in (self.customer, self.desk))
        with self._page(1440, 1000) as page:
            place = len(self.captions)
            page.set_content(FRAME.format(place=place, caption=escape(caption), left=left, right=right))
            page.screenshot(path=self.folder / f"{place:02}.jpg", type="jpeg", quality=QUALITY)

    def _write_the_strip(self) -> None:
        if self.folder is None:
            return
        scenes = [f"![{caption}]({place:02}.jpg)\n" for place, caption in enumerate(self.captions, 1)]
        head = (
            "# One order in two windows\n\nThe customer on the left, the desk (and the carrier) on the right. Taken by "
            "`make film`, which plays\n`tests/e2e/film.py` on a fresh platform; the same script is a test.\n"
        )
        (self.folder / "README.md").write_text("\n".join([head, *scenes]), "utf-8")

    # parts

    def _window(self, width: int, height: int) -> Page:
        context = self._browser.new_context(
            viewport={"width": width, "height": height}, locale="en-US", timezone_id="America/New_York"
        )
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        return page

    @contextmanager
    def _page(self, width: int, height: int) -> Iterator[Page]:
        page = self._window(width, height)
        yield page
        page.context.close()

    def close(self) -> None:
        self.customer.context.close()
        self.desk.context.close()

    def _press(self, *keys: str) -> None:
        for key in keys:
            self.desk.keyboard.press(key)

    def _to_the_top(self, page: Page) -> None:
        page.evaluate("() => scrollTo(0, 0)")

    def _until(self, condition: Callable[[JsonDict], bool]) -> JsonDict:
        """Wait until the order is as it is to be. Return it."""
        agent = self.demo.as_staff("agent")
        order: JsonDict = wait_for(lambda: found(agent.get(f"/v1/orders/{self.number}"), condition))
        return order

    def _shipment(self) -> JsonDict | None:
        listed: list[JsonDict] = self.demo.as_staff("warehouse").get("/v1/shipments", order_number=self.number)["items"]
        return listed[0] if listed else None
