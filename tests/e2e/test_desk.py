"""The desk as staff use it: in Chromium, by keyboard, each task to its end."""

from __future__ import annotations

import uuid
from typing import Any

from playwright.sync_api import FilePayload, Page, expect

from deploy.demo.client import Live, wait_for
from deploy.demo.scene import an_order_in_doubt, conversations
from deploy.demo.story import Demo
from tests.e2e.desk import MOST_KEYS, press
from tests.e2e.pictures import picture
from tests.e2e.test_basis import seen_by_each

NOBODYS = "TIC-0000-0000-0"
GTIN, NOBODYS_GTIN, PICKED_GTIN = "4006381333931", "9506000134352", "5901234123457"
DRAWN_ANEW = """() => {
  const { page } = document.querySelector("pledge-desk");
  page.requestUpdate();
  return page.updateComplete;
}"""
"""What a page does when it hears of a change."""


def shipment_of(demo: Demo, number: str) -> Any:
    listed = wait_for(lambda: demo.as_staff("warehouse").get("/v1/shipments", order_number=number)["items"])
    return listed[0]


def an_order_that_passed(demo: Demo, sku: str) -> str:
    order = demo.guest.post("/v1/orders", demo.wish([{"sku": sku, "quantity": 1}]))
    demo.pay(order["number"], demo.guest.with_token(order["access_token"]))
    return str(order["number"])


def test_a_stranger_sees_only_the_sign_in_page(page: Page, platform: str) -> None:
    page.route("**/js/sign-in.js*", lambda route: route.abort())
    page.goto(f"{platform}/desk/money")
    expect(page.get_by_role("alert")).to_have_text("This page could not be read")
    page.unroute("**/js/sign-in.js*")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading")).to_have_text("The desk of Pledge")
    expect(page.get_by_role("navigation")).to_have_count(0)


def test_a_refused_token_brings_the_sign_in_page(desk: Page) -> None:
    desk.goto("/desk/today")
    expect(desk.get_by_role("heading", name="Today")).to_be_visible()
    desk.evaluate(
        "() => { localStorage['desk:session'] = localStorage['desk:session'].replace(/acc_[^\"]+/, 'acc_no') }"
    )
    desk.goto("/desk/promises")
    expect(desk.get_by_label("Your e-mail address")).to_be_visible()
    assert desk.url.endswith("/desk/promises")  # where it comes back to


def test_a_token_that_is_over_is_renewed_unseen(desk: Page) -> None:
    renewals: list[str] = []
    desk.on("request", lambda sent: renewals.append(sent.url) if sent.url.endswith("/sign-in/refresh") else None)
    desk.goto("/desk/today")
    expect(desk.get_by_role("heading", name="Today")).to_be_visible()
    desk.evaluate(
        """() => {
          const kept = JSON.parse(localStorage["desk:session"]), over = "acc_over";
          localStorage[`token:after:${over}`] = localStorage[`token:after:${kept.token}`];
          localStorage["desk:session"] = JSON.stringify({ ...kept, token: over });
        }"""
    )
    desk.goto("/desk/today")
    expect(desk.get_by_role("heading", name="Today")).to_be_visible()
    expect(desk.get_by_text("Reading…")).to_have_count(0)
    expect(desk.get_by_role("alert")).to_have_count(0)
    assert len(renewals) == 1  # however many queues are read at once


def test_work_is_listed_by_deadline_and_opens_by_key(desk: Page, demo: Demo) -> None:
    number = an_order_in_doubt(demo)
    desk.goto("/desk/today")
    row = desk.get_by_role("row").filter(has_text=number)
    row.get_by_role("link").focus()
    press(desk, "r")
    expect(desk.get_by_role("heading", level=1)).to_contain_text(number)


def test_a_reviewer_passes_an_order(desk: Page, demo: Demo) -> None:
    number = an_order_in_doubt(demo)
    desk.goto(f"/desk/review/{number}")
    expect(desk.get_by_text("the postal code 90210 is not in NY")).to_be_visible()
    press(desk, "p")
    expect(desk.get_by_label("What you saw that makes it right")).to_be_focused()
    desk.keyboard.type("the customer wrote: it is 10001")
    press(desk, "Tab", "Enter")
    expect(desk.get_by_text(f"{number} has passed.")).to_be_attached()
    checks = demo.as_staff("reviewer").get(f"/v1/orders/{number}")["review"]
    assert checks["status"] == "passed"
    kept_back_and_let_go(desk, number)


def kept_back_and_let_go(desk: Page, number: str) -> None:
    """Keep the order back by keys; the page says so, and says when it cannot know."""
    unknown = desk.get_by_text("It is not known just now whether a colleague keeps it back.")
    desk.route("**/v1/holds?*", lambda route: route.abort())
    desk.goto(f"/desk/orders/{number}")
    expect(unknown).to_be_visible()
    desk.unroute("**/v1/holds?*")
    press(desk, "r")
    expect(unknown).to_have_count(0)
    press(desk, "k")
    expect(desk.get_by_label("Why", exact=True)).to_be_focused()
    press(desk, "Tab")
    desk.keyboard.type("ask the maker first")
    press(desk, "Control+Enter")
    kept = desk.get_by_text("Nothing leaves, and the time to dispatch goes on.")
    expect(kept).to_contain_text("ask the maker first")
    expect(desk.locator("main form")).to_have_count(0)
    press(desk, "k")
    expect(kept).to_have_count(0)


def photographed(desk: Page, order: str) -> None:
    """Take a photo of the box by keys alone; it is shown there, and in the story of the order."""
    expect(desk.get_by_label("Scan", exact=True)).to_be_focused()
    with desk.expect_file_chooser() as chosen:
        desk.keyboard.type("f")
        press(desk, "Enter")
    chosen.value.set_files(FilePayload(name="box.jpg", mimeType="image/jpeg", buffer=picture()))
    expect(desk.get_by_role("img", name="photo 1")).to_be_visible()
    expect(desk.get_by_label("Scan", exact=True)).to_be_focused()
    with desk.context.new_page() as story:
        story.goto(f"/desk/orders/{order}")
        story.get_by_text("Box photographed").click()
        expect(story.get_by_role("img", name="photo 1")).to_be_visible()


def printed(desk: Page, shipment: str) -> None:
    """Print all papers of the box by keys alone."""
    expect(desk.get_by_label("Scan", exact=True)).to_be_focused()
    with desk.expect_download() as saved:
        desk.keyboard.type("d")
        press(desk, "Enter")
    assert saved.value.suggested_filename == f"papers-{shipment}.pdf"


def test_a_picker_goes_by_shelves_and_takes_the_papers_along(desk: Page, demo: Demo) -> None:
    sku = demo.guest.get("/v1/products", limit=3)["items"][2]["sku"]
    desk.goto(f"/desk/stock/{sku}")
    shelf = desk.get_by_label("Shelf", exact=True)
    shelf.fill("C-7")
    desk.get_by_label("GTIN, as below the bars").fill(PICKED_GTIN)
    desk.locator("form").filter(has=shelf).get_by_role("button", name="Keep", exact=True).click()
    expect(desk.get_by_text("Shelf and code are kept.")).to_be_attached()
    order = demo.guest.post("/v1/orders", demo.wish([{"sku": sku, "quantity": 1}]))
    demo.pay(order["number"], demo.guest.with_token(order["access_token"]))
    shipment = shipment_of(demo, order["number"])["number"]
    desk.keyboard.press("g")
    desk.evaluate(DRAWN_ANEW)
    desk.keyboard.press("j")

    shelf = desk.get_by_role("cell", name="C-7", exact=True)  # the number of a box may hold these letters too
    row = desk.get_by_role("row").filter(has=shelf)
    expect(row).to_contain_text(sku)
    expect(row).to_contain_text(f"{shipment} × 1")
    with desk.expect_download() as listed:
        press(desk, "p")
    assert listed.value.suggested_filename == "pick-list.pdf"
    expect(desk.get_by_text("The file is saved.")).to_be_attached()
    with (
        desk.expect_download(lambda saved: saved.suggested_filename == "packing-slips.pdf"),
        desk.expect_download(lambda saved: saved.suggested_filename == "address-labels.pdf"),
    ):
        press(desk, "a")
    expect(desk.get_by_text("are saved.")).to_be_attached()


def test_a_packer_packs_two_lines_by_scanner(desk: Page, demo: Demo) -> None:
    skus = [each["sku"] for each in demo.guest.get("/v1/products", limit=2)["items"]]
    demo.as_staff("warehouse").put(f"/v1/wares/{skus[0]}", {"gtin": GTIN, "shelf": "A-2"})
    order = demo.guest.post("/v1/orders", demo.wish([{"sku": sku, "quantity": 1} for sku in skus]))
    demo.pay(order["number"], demo.guest.with_token(order["access_token"]))
    shipment = shipment_of(demo, order["number"])
    desk.goto("/desk/pack")
    scan = desk.get_by_label("Scan", exact=True)

    scans: list[str] = []

    def scanned(code: str) -> None:
        scans.append(code)
        expect(scan).to_be_focused()
        desk.keyboard.type(code)
        desk.keyboard.press("Enter")

    scanned(shipment["number"].replace("-", "").lower())
    scanned(f"]C1010{NOBODYS_GTIN}")
    expect(desk.get_by_role("alert")).to_contain_text(f"GTIN 0{NOBODYS_GTIN}, which no product here has")
    scanned("")
    for at, code in enumerate((f"]C1010{GTIN}10B-7", skus[1]), start=1):
        scanned(code)
        expect(desk.locator(".big-band strong")).to_contain_text(f"{at}/2")
        if at == 1:
            for key in ("b", "u", "b"):
                press(desk, key, "Enter")
                expect(desk.get_by_role("list", name="Boxes")).to_have_count(int(key == "b"))
            expect(desk.get_by_role("list", name="Boxes")).to_contain_text("Box 2: nothing yet")
    expect(desk.get_by_role("heading", name="Scan the label of box 1")).to_be_visible()
    photographed(desk, order["number"])
    desk.get_by_label("Carrier").fill("usps")
    desk.keyboard.press("Tab")
    desk.get_by_label("Weight in grams").fill("9000")
    desk.keyboard.press("Tab")
    expect(desk.get_by_text(f"{shipment['number']} weighs 9000 g.")).to_be_attached()
    printed(desk, shipment["number"])
    scanned(f"EZ{uuid.uuid4().hex[:10].upper()}")
    expect(desk.get_by_role("heading", name="Scan the label of box 2")).to_be_visible()
    seen_by_each(desk, "pack-boxes")
    desk.keyboard.type(f"EZ{uuid.uuid4().hex[:10].upper()}")
    press(desk, "Enter")
    expect(desk.get_by_text("Handed over", exact=True)).to_be_visible()
    sent = demo.as_staff("warehouse").get(f"/v1/shipments/{shipment['number']}")
    assert [[line["sku"] for line in parcel["lines"]] for parcel in sent["parcels"]] == [[sku] for sku in skus]
    desk.goto(f"/desk/orders/{order['number']}")
    expect(desk.get_by_text("In this parcel: 1 ×")).to_have_count(2)
    assert len(scans) <= MOST_KEYS["pack two lines"]  # with the two of a wrong piece


def test_boxes_are_chosen_moved_and_handed_over(desk: Page, demo: Demo) -> None:
    sku = demo.guest.get("/v1/products", limit=1)["items"][0]["sku"]
    one, two = (shipment_of(demo, an_order_that_passed(demo, sku))["number"] for _ in range(2))
    desk.goto("/desk/pack")
    bulk, scan = desk.get_by_role("form", name="With the chosen"), desk.get_by_label("Scan", exact=True)
    expect(scan).to_be_focused()
    expect(desk.get_by_label(f"Choose {two}")).to_be_visible()
    press(desk, "Enter")
    expect(desk.get_by_role("heading", name="Pack")).to_be_visible()  # nothing is chosen yet
    place = desk.locator("tbody tr").filter(has_text=one).evaluate("(row) => row.rowIndex")
    press(desk, *["ArrowDown"] * (place + 1), "ArrowUp")
    chosen = desk.locator("tr.here").get_by_role("link").inner_text()
    press(desk, "Enter")
    expect(desk.get_by_role("heading", level=1)).to_contain_text(chosen)
    expect(scan).to_be_focused()

    desk.goto("/desk/pack")
    desk.get_by_label(f"Choose {two}").check()
    place = desk.locator("tbody tr").filter(has_text=one).evaluate("(row) => row.rowIndex")
    scan.focus()
    press(desk, *["ArrowDown"] * place, "Space", "y", "Enter")
    expect(bulk.get_by_role("status")).to_have_text("2 shipments chosen")
    expect(bulk.get_by_label("What to do with them")).to_be_focused()
    desk.route("**/v1/shipments/batch", lambda route: (route.fetch(), route.abort()))
    press(desk, "Tab", "Space")
    expect(desk.get_by_text("We could not be reached.")).to_be_visible()  # it is done, and its answer is lost
    desk.unroute("**/v1/shipments/batch")
    bulk.get_by_role("button", name="Do it").click()
    expect(desk.get_by_text("Done for 2 of 2.")).to_be_attached()
    expect(scan).to_be_focused()
    demo.as_staff("warehouse").post(f"/v1/shipments/{one}/packed", {})
    expect(desk.locator("tbody tr").filter(has_text=one)).to_contain_text("packed")
    desk.get_by_label(f"Choose {one}").check()
    desk.get_by_label(f"Choose {two}").check()
    bulk.get_by_label("What to do with them").select_option("They are packed")
    bulk.get_by_role("button", name="Do it").click()
    expect(bulk.get_by_role("list", name="What was refused")).to_contain_text(one)
    expect(bulk.get_by_role("status")).to_have_text("1 shipment chosen")
    bulk.get_by_role("button", name="Choose none").click()

    rows = f"number,carrier,tracking_number\n{one},usps,EZ{one}\n{two},usps,EZ{two}\n{one},usps,\n"
    for text, left in ((rows, "1 shipment"), (f"{rows[: rows.rindex(one)]}{two},usps,EZ{two}\n", "2 shipments")):
        sheet: FilePayload = {"name": "today.csv", "mimeType": "text/csv", "buffer": text.encode()}
        desk.get_by_label("Hand over by a file").set_input_files(sheet)
        desk.get_by_role("button", name="See what becomes of it").click()
        preview = desk.get_by_role("region", name="What would become of it")
        expect(preview.get_by_role("heading")).to_contain_text(f"today.csv: {left} would leave")
    seen_by_each(desk, "pack-file")
    preview.get_by_role("button", name="Hand over").click()
    expect(desk.get_by_role("region", name="What became of it")).to_contain_text("2 shipments have left 0 refused")
    assert {demo.as_staff("warehouse").get(f"/v1/shipments/{each}")["status"] for each in (one, two)} == {"dispatched"}


def a_label_bought(desk: Page, demo: Demo, number: str) -> Any:
    """Buy labels by their keys: one is given back, one is for another weight. Another number stops the station."""
    for rate in ("2", "3", "1"):
        desk.keyboard.type("l")
        press(desk, "Enter")
        expect(desk.get_by_role("list", name="Rates").get_by_role("listitem")).to_have_count(3)
        with desk.expect_download(lambda saved: saved.suggested_filename == f"label-{number}.pdf"):
            desk.keyboard.type(rate)
            press(desk, "Enter")
        expect(desk.get_by_text("The label is saved.")).to_be_attached()
        if rate == "2":
            desk.keyboard.type("EZ0000000001")
            press(desk, "Enter")
            expect(desk.get_by_role("alert")).to_contain_text("is not the label that was bought")
            press(desk, "Enter")
            expect(desk.get_by_role("alert")).to_have_count(0)
            desk.keyboard.type("v")
            press(desk, "Enter")
            expect(desk.get_by_role("button", name="Compare rates")).to_be_enabled()
        if rate == "3":
            desk.get_by_label("Weight in grams").fill("950")
            press(desk, "Tab")
            expect(desk.get_by_text("was bought for another weight, and is given back.")).to_be_attached()
            expect(desk.get_by_role("button", name="Compare rates")).to_be_enabled()
    printed(desk, number)  # the label names the carrier
    return demo.as_staff("warehouse").get(f"/v1/shipments/{number}/labels")["items"][0]


def a_label_whose_answer_is_lost(desk: Page, demo: Demo, sku: str) -> str:
    """Weigh a box before its first piece and buy its label, whose seller sells it and does not say so."""
    wish = demo.wish([{"sku": sku, "quantity": 1}])
    wish["delivery"] = {**wish["delivery"], "line2": "simulate: silent"}
    order = demo.guest.post("/v1/orders", wish)
    demo.pay(order["number"], demo.guest.with_token(order["access_token"]))
    number: str = shipment_of(demo, order["number"])["number"]
    desk.goto(f"/desk/pack/{number}")
    scan = desk.get_by_label("Scan", exact=True)
    expect(scan).to_be_focused()
    desk.get_by_label("Weight in grams").fill("700")
    press(desk, "Tab")
    expect(scan).to_be_focused()
    desk.keyboard.type(sku)
    press(desk, "Enter")
    expect(desk.get_by_text(f"{number} weighs 700 g.")).to_be_attached()
    assert demo.as_staff("warehouse").get(f"/v1/shipments/{number}")["gross_weight_g"] == 700
    desk.keyboard.type("l")
    press(desk, "Enter")
    expect(desk.get_by_role("list", name="Rates").get_by_role("listitem")).to_have_count(3)
    desk.keyboard.type("1")
    press(desk, "Enter")
    expect(desk.get_by_text("is being bought", exact=True)).to_be_visible()
    expect(desk.get_by_role("button", name="Print the label")).to_have_count(0)
    return number


def test_a_box_is_closed_at_the_second_try(desk: Page, demo: Demo) -> None:
    sku = demo.guest.get("/v1/products", limit=1)["items"][0]["sku"]
    lost = a_label_whose_answer_is_lost(desk, demo, sku)  # asked for again while the rest is played
    shipment = shipment_of(demo, an_order_that_passed(demo, sku))
    desk.route("**/packed", lambda route: route.abort(), times=1)
    desk.route("**/labels", lambda route: route.fulfill(status=404, json={"code": "not_found"}))  # of an older release
    desk.goto(f"/desk/pack/{shipment['number']}")
    scan = desk.get_by_label("Scan", exact=True)
    expect(desk.get_by_text("Labels cannot be read just now.")).to_be_visible()
    expect(scan).to_be_focused()
    desk.unroute("**/labels")
    desk.keyboard.type(sku)
    press(desk, "Enter")
    expect(desk.get_by_role("alert")).to_contain_text("We could not be reached")
    expect(desk.get_by_text("The piece is in the box")).to_be_visible()
    desk.get_by_label("Weight in grams").fill("900")
    press(desk, "Tab")
    expect(scan).to_be_focused()
    label = a_label_bought(desk, demo, shipment["number"])
    desk.keyboard.type(f"42080202{label['tracking_number']}")  # with the postal code before it, as on true labels
    press(desk, "Enter")
    expect(desk.get_by_text("Handed over", exact=True)).to_be_visible()
    (left,) = demo.as_staff("warehouse").get(f"/v1/shipments/{shipment['number']}")["parcels"]
    assert (left["carrier"], left["tracking_number"]) == ("simulator", label["tracking_number"])

    desk.keyboard.type(NOBODYS.replace("TIC", "SHP"))
    press(desk, "Enter")
    expect(desk.get_by_text("Nothing is open. Scan an order.")).to_be_visible()
    expect(desk.get_by_role("alert")).to_be_visible()
    expect(desk.get_by_text("Handed over", exact=True)).to_have_count(0)
    other = shipment_of(demo, an_order_that_passed(demo, sku))
    desk.keyboard.type(other["number"])
    press(desk, "Enter")
    expect(desk.get_by_role("heading", level=1)).to_contain_text(other["number"])
    expect(desk.get_by_label("Weight in grams")).to_have_value("")

    desk.keyboard.type(lost)
    press(desk, "Enter")
    expect(desk.get_by_role("heading", level=1)).to_contain_text(lost)
    expect(desk.get_by_text("bought", exact=True)).to_be_visible()  # by itself
    expect(desk.locator(".big-band")).to_contain_text("by simulator, SIM")
    with desk.expect_download(lambda saved: saved.suggested_filename == f"label-{lost}.pdf"):
        desk.keyboard.type("l")
        press(desk, "Enter")


def test_an_agent_answers_and_resolves(desk: Page, demo: Demo) -> None:
    subject = f"Does the glaze hold lead? {demo.run}"
    form = {"name": "Noor Haddad", "email": demo.email, "category": "product", "topic": "materials"}
    number = demo.guest.post("/v1/contact", {**form, "subject": subject, "message": "I have children."})[
        "ticket_number"
    ]
    desk.goto(f"/desk/inbox/{number}")
    expect(desk.get_by_role("heading", level=1)).to_contain_text(subject)
    keys = press(desk, "a")
    expect(desk.get_by_label("Answer to the customer")).to_be_focused()
    desk.keyboard.type("It holds no lead: the test report of the maker is on the page of the product.")
    keys += press(desk, "Control+Enter")
    expect(desk.get_by_text("The answer is sent.")).to_be_attached()
    desk.get_by_role("heading", level=1).click()
    keys += press(desk, "e")
    expect(desk.get_by_role("radio", name="Answered")).to_be_focused()
    keys += press(desk, "Enter")
    expect(desk.get_by_text("It is resolved.")).to_be_attached()
    assert keys <= MOST_KEYS["answer and resolve"]
    assert demo.as_staff("agent").get(f"/v1/tickets/{number}")["status"] == "resolved"


def test_a_return_goes_from_request_to_refund(desk: Page, demo: Demo) -> None:
    order, customer = demo.a_guest_orders_and_pays()
    demo.the_review_passes_by_itself(order["number"], customer)
    live = Live(customer, f"/v1/orders/{order['number']}/live")
    shipment = demo.the_warehouse_hands_the_parcel_over(order["number"], customer)
    demo.the_carrier_reports(order["number"], customer, live, shipment)
    line = customer.get(f"/v1/orders/{order['number']}")["lines"][0]
    asked = {"order_number": order["number"], "lines": [{"sku": line["sku"], "quantity": 2, "reason": "defective"}]}
    number = customer.post("/v1/returns", {**asked, "description": "the handle is loose"})["number"]
    desk.goto(f"/desk/returns/{number}")
    expect(desk.get_by_text("the handle is loose")).to_be_visible()
    assert press(desk, "a") <= MOST_KEYS["authorize a return"]
    expect(desk.get_by_role("heading", name="Book in what arrived")).to_be_visible()
    press(desk, "o", "o", "s")
    expect(desk.get_by_role("heading", name="Say what each piece is worth")).to_be_visible()
    assert press(desk, "a", "a", "s") <= 2 * MOST_KEYS["inspect a piece"]
    expect(desk.get_by_role("heading", name="Back to the shelf, or not")).to_be_visible()
    press(desk, "h", "z", "s")
    expect(desk.get_by_text("Nothing is to be done here now.")).to_be_visible()
    shown = demo.as_staff("aftersales").get(f"/v1/returns/{number}")
    assert {unit["outcome"] for unit in shown["units"]} == {"accepted"}
    assert sorted(unit["disposition"] for unit in shown["units"]) == ["restock", "scrap"]


def test_a_lead_settles_money(desk: Page, demo: Demo) -> None:
    sku = demo.guest.get("/v1/products", limit=1)["items"][0]["sku"]
    order = demo.guest.post("/v1/orders", demo.wish([{"sku": sku, "quantity": 1}]))
    customer = demo.guest.with_token(order["access_token"])
    secret = customer.post(f"/v1/orders/{order['number']}/payments", {})["client_secret"]
    reference = demo.guest.post("/sandbox/payments", {"client_secret": secret})["reference"]
    wait_for(lambda: customer.get(f"/v1/orders/{order['number']}")["payment"]["status"] == "captured")
    demo.guest.post("/sandbox/bank-refunds", {"reference": reference, "amount_cents": 100})
    lead = demo.as_staff("lead")

    def cases() -> list[Any]:
        listed = lead.get("/v1/payments/attention", limit=100)["items"]
        return [each for each in listed if each["order_number"] == order["number"]]

    wait_for(cases)
    desk.goto("/desk/money")
    row = desk.get_by_role("row").filter(has_text=order["number"])
    row.get_by_role("link").focus()
    press(desk, "s")
    expect(desk.get_by_label("What is decided")).to_be_focused()
    press(desk, "Tab")
    desk.keyboard.type("the bank told us on the phone")
    press(desk, "Tab", "Enter")
    expect(desk.get_by_text("It is settled.")).to_be_attached()
    assert cases() == []


def test_what_moved_meanwhile_is_said_and_the_draft_kept(desk: Page, demo: Demo) -> None:
    form = {"name": "Noor Haddad", "email": demo.email, "category": "order", "subject": f"My order {demo.run}"}
    number = demo.guest.post("/v1/contact", {**form, "message": "Where is it?"})["ticket_number"]
    desk.goto(f"/desk/inbox/{number}")
    expect(desk.get_by_role("heading", level=1)).to_contain_text(f"My order {demo.run}")
    press(desk, "a")
    expect(desk.get_by_label("Answer to the customer")).to_be_focused()
    desk.keyboard.type("We look into it and write to you today.")
    demo.as_staff("agent").post(f"/v1/tickets/{number}/messages", {"body": "A colleague was faster than you."})
    press(desk, "Control+Enter")
    expect(desk.get_by_role("alert")).to_be_visible()
    expect(desk.get_by_text("A colleague was faster than you.", exact=True)).to_be_visible()
    expect(desk.get_by_label("Answer to the customer")).to_have_value("We look into it and write to you today.")


def test_a_note_that_is_not_sent_stays_a_note(desk: Page, demo: Demo) -> None:
    first, second, _ = conversations(demo)
    answer, note = desk.get_by_label("Answer to the customer"), desk.get_by_label("Note for staff: the customer")
    turn = desk.get_by_label("It is the customer's turn then")
    desk.goto(f"/desk/inbox/{first}")
    expect(answer).to_be_visible()
    press(desk, "n")
    desk.keyboard.type("He was rude on the phone.")
    desk.locator(f".picks a[href*='{second}']").click()
    expect(desk.get_by_role("region", name=f"Conversation {second}")).to_be_visible()
    expect(answer).to_have_value("")
    turn.check()

    row = desk.locator(f".picks a[href*='{first}']")
    expect(row).to_contain_text("draft")
    row.click()
    expect(note).to_have_value("He was rude on the phone.")
    press(desk, "a")
    expect(answer).to_be_focused()
    expect(answer).to_have_value("")
    expect(turn).not_to_be_checked()
    desk.keyboard.type("Which of the two glazes do you mean?")
    turn.check()
    press(desk, "Control+Enter")
    expect(desk.get_by_text("The answer is sent.")).to_be_attached()
    expect(turn).not_to_be_checked()
    press(desk, "Escape", "n")
    expect(note).to_have_value("He was rude on the phone.")
    shown = demo.as_staff("agent").get(f"/v1/tickets/{first}")
    assert "He was rude on the phone." not in [each["body"] for each in shown["messages"]]
    assert shown["status"] == "waiting_customer"

    press(desk, "Control+k")
    desk.keyboard.type(NOBODYS)
    press(desk, "Enter")
    expect(desk.get_by_text("No conversation is open.")).to_be_visible()
    expect(desk.get_by_role("alert")).to_be_visible()
    expect(desk.get_by_label("Note for staff: the customer")).to_have_count(0)


def test_anything_is_found_by_its_number(desk: Page, demo: Demo) -> None:
    number = an_order_in_doubt(demo)
    desk.goto("/desk/today")
    expect(desk.get_by_role("heading", name="Today")).to_be_visible()
    press(desk, "Control+k")
    desk.keyboard.type(number.replace("-", " ").lower())
    press(desk, "Enter")
    expect(desk).to_have_url(f"{desk.url.partition('/desk')[0]}/desk/orders/{number}")
    expect(desk.get_by_role("heading", name="Promises")).to_be_visible()

    order = demo.as_staff("agent").get(f"/v1/orders/{number}")
    press(desk, "Control+k")
    desk.keyboard.type(order["contact"]["email"].upper())
    expect(desk.get_by_role("dialog", name="Find").locator(f"a[href='/desk/orders/{number}']")).to_be_visible()
    press(desk, "Escape")
    desk.goto("/desk/orders")
    expect(desk.get_by_role("link", name=number)).to_be_visible()
    press(desk, "/")
    expect(desk.get_by_role("searchbox")).to_be_focused()
    desk.keyboard.type(number.replace("-", "").lower())
    press(desk, "Enter")
    expect(desk.locator("tbody tr")).to_have_count(1)
    with desk.expect_download() as saved:
        desk.get_by_role("button", name="Save as CSV").click()
    lines = saved.value.path().read_text("utf-8").splitlines()
    assert (saved.value.suggested_filename, len(lines)) == ("orders.csv", 2)
    assert lines[1].startswith(number)

    desk.route("**/v1/products?*", lambda route: route.abort())
    press(desk, "Control+k")
    desk.keyboard.type("no such thing")
    finder = desk.get_by_role("dialog", name="Find")
    expect(finder.get_by_role("alert")).to_contain_text("We could not be reached")
    expect(finder.get_by_text("Nothing is called that.")).to_have_count(0)
    desk.unroute("**/v1/products?*")
    desk.keyboard.type("s")
    expect(finder.get_by_text("Nothing is called that.")).to_be_visible()
