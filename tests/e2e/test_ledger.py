"""Money in the browser: a customer's payments and documents, and the ledger of the desk."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from pathlib import Path

from playwright.sync_api import FilePayload, Page, expect
from pypdf import PdfReader

from deploy.demo.scene import a_shipment
from deploy.demo.story import Demo
from tests.e2e.desk import faults_of_access, press
from tests.e2e.test_basis import seen_by_each

NAMES = {"name": "山田太郎", "line1": "Улица Иванова 12", "company": "محمد العربي"}


def test_a_customer_takes_the_receipt_along(page: Page, platform: str, demo: Demo) -> None:
    sku = demo.guest.get("/v1/products", limit=1)["items"][0]["sku"]
    wish = demo.wish([{"sku": sku, "quantity": 2}])
    order = demo.guest.post("/v1/orders", {**wish, "delivery": {**wish["delivery"], **NAMES}})
    customer = demo.guest.with_token(order["access_token"])
    demo.pay(order["number"], customer)

    page.goto(f"{platform}/orders/{order['number']}#token={order['access_token']}")
    page.get_by_text("Every payment").click()
    expect(page.locator("#every-payment li")).to_contain_text(f"{order['totals']['total']['amount']} USD arrived on")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Receipt (PDF)").click()

    text = "".join(sheet.extract_text() for sheet in PdfReader(saved.value.path()).pages)
    plain = "".join(text.replace("\0", "").split())  # as pypdf reads Han letters
    assert f"Order{order['number']},placedon" in plain
    assert "山田太郎" in plain
    assert "УлицаИванова12" in plain
    assert "What we promised" in text
    assert "A refund is back within" in text
    assert f"{order['totals']['total']['amount']} USD" in text
    expect(page.get_by_role("button", name="Shipping confirmation (PDF)")).to_have_count(0)

    customer.post(f"/v1/orders/{order['number']}/cancellation", {})
    expect(page.get_by_role("link", name="Credit note")).to_have_attribute("href", re.compile("^#paper-refunds-REF-"))
    with page.expect_download() as note:
        page.get_by_role("button", name="Credit note").click()
    assert re.fullmatch(rf"credit-note-REF-[0-9A-Z-]+-{order['number']}\.pdf", note.value.suggested_filename)
    text = "".join(sheet.extract_text() for sheet in PdfReader(note.value.path()).pages)
    documents = customer.get(f"/v1/orders/{order['number']}/documents")
    receipt, credit = documents["items"]
    assert f"Credit note {credit['number']}" in text
    assert f"To the receipt {receipt['number']}." in text
    assert documents["kept"]["amount"] == "0.00"


def test_a_lead_sees_the_ledger_and_takes_it_along(desk: Page, demo: Demo) -> None:
    sku = demo.guest.get("/v1/products", limit=1)["items"][0]["sku"]
    order = demo.guest.post("/v1/orders", demo.wish([{"sku": sku, "quantity": 1}]))
    demo.pay(order["number"], demo.guest.with_token(order["access_token"]))

    desk.goto("/desk/money")
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Money")
    press(desk, "g", "n")
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Ledger")
    expect(desk.get_by_role("rowheader", name="Payment providers")).to_be_visible()
    assert faults_of_access(desk) == []
    with desk.expect_download() as saved:
        press(desk, "x")
    rows = list(csv.DictReader(io.StringIO(Path(saved.value.path()).read_text("utf-8"))))
    ours = [(row["kind"], row["debit"], row["credit"]) for row in rows if row["order"] == order["number"]]
    assert ours == [("capture", "provider", "customer"), ("sale", "customer", "platform")]
    assert all(Decimal(row["amount"]) > 0 for row in rows)

    desk.goto(f"/desk/orders/{order['number']}")
    desk.get_by_role("link", name="Every movement of it").click()
    expect(desk.get_by_role("row").filter(has_text="Sale")).to_contain_text(order["totals"]["total"]["amount"])
    expect(desk.get_by_role("rowheader", name="Ours")).to_be_visible()
    with desk.expect_download() as receipt:
        desk.goto(f"/desk/orders/{order['number']}")
        desk.get_by_role("button", name="Receipt").click()
    assert Path(receipt.value.path()).read_bytes().startswith(b"%PDF")


def test_a_lead_takes_in_the_invoice_of_a_carrier(desk: Page, demo: Demo) -> None:
    number, parcel, stray = a_shipment(demo, 1), demo.tracking_number, f"{demo.tracking_number}9"
    demo.hand_over(number, parcel)
    ours, strange = f"I-{parcel},{parcel},duty,40.00", f"I-{parcel},{stray},vat,1.00"
    rows = f"invoice,tracking_number,charge,amount\n{ours}\n{strange}\nI-1,,vat,1.00\n"
    bill: FilePayload = {"name": "invoice.csv", "mimeType": "text/csv", "buffer": rows.encode()}

    desk.goto("/desk/costs")
    desk.get_by_label("A carrier's invoice (CSV)").set_input_files(bill)
    desk.get_by_role("button", name="See what becomes of it").click()
    preview = desk.get_by_role("region", name="What would become of it")
    expect(preview.get_by_role("heading")).to_contain_text("40.00 USD would count 1 for a person, 0 known, 1 refused")
    seen_by_each(desk, "costs-preview")
    preview.get_by_role("button", name="Take it in").click()
    expect(desk.get_by_text("1 shipment is billed otherwise than expected.")).to_be_visible()

    waits = desk.get_by_role("region", name="Rows of invoices that wait").get_by_role("rowgroup").filter(has_text=stray)
    waits.get_by_role("button", name="It does not count").first.click()
    waits.get_by_label("Why").fill("A parcel of another shop.")
    seen_by_each(desk, "costs")
    desk.keyboard.press("Control+Enter")
    expect(waits).to_have_count(0)
    desk.get_by_role("link", name=number).click()
    expect(desk.get_by_role("region", name="Costs")).to_contain_text("40.00 USD")
    press(desk, "a")
    desk.get_by_label("Why").fill("Customs took a higher rate.")
    seen_by_each(desk, "costs-decision")
    desk.keyboard.press("Control+Enter")
    expect(desk.get_by_role("complementary", name="State")).to_contain_text("reconciled")
    order = demo.as_staff("lead").get(f"/v1/shipments/{number}/costs")["order_number"]
    desk.goto(f"/desk/orders/{order}")
    expect(desk.get_by_text("Costs us 40.00 USD reconciled")).to_be_visible()
    desk.get_by_role("link", name="40.00 USD").click()
    expect(desk.get_by_text("Customs took a higher rate.")).to_be_visible()
    desk.get_by_role("link", name="All costs").click()
    expect(desk.get_by_role("img", name="What it cost by month")).to_be_visible()
    with desk.expect_download() as saved:
        press(desk, "x")
    cells = list(csv.DictReader(io.StringIO(Path(saved.value.path()).read_text("utf-8"))))
    assert sum(Decimal(each["duty"]) for each in cells) >= 40
