"""Paying by card with Stripe, in the browser and over HTTP: webhooks in every order, late, twice, forged and lost."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, Request, Route, expect
from pypdf import PdfReader

from deploy.demo.client import wait_for
from deploy.demo.story import Demo
from services.orders.tests.adyen_server import ACCOUNT, API_KEY, AdyenServer, adyen_server, signed, webhook
from services.orders.tests.adyen_server import KEY as HMAC_KEY
from services.orders.tests.stripe_server import DECLINED, KEY, StripeServer, stripe_server
from tests.e2e.conftest import started
from tests.e2e.desk import tab_of

SECRET = "whsec_of_these_tests"


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StripeServer]:
    with stripe_server(tmp_path_factory.mktemp("stripe")) as found:
        yield found


@pytest.fixture(scope="module")
def adyen() -> Iterator[AdyenServer]:
    with adyen_server() as found:
        yield found


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, bank: StripeServer, adyen: AdyenServer) -> Iterator[Demo]:
    """Run a platform whose customers pay by Stripe, or by Adyen where their client asks for it."""
    settings = {
        "PLEDGE_PAYMENT_PROVIDER": "stripe", "PLEDGE_STRIPE_SECRET_KEY": KEY, "PLEDGE_STRIPE_URL": bank.url,
        "PLEDGE_STRIPE_WEBHOOK_SECRETS": f"whsec_of_before,{SECRET}", "PLEDGE_STRIPE_PUBLISHABLE_KEY": "pk_test_1",
        "PLEDGE_STRIPE_SCRIPT": f"{bank.url}/v3/", "PLEDGE_BOOKS_GRACE_HOURS": "0",
        "PLEDGE_ADYEN_API_KEY": API_KEY, "PLEDGE_ADYEN_ACCOUNT": ACCOUNT, "PLEDGE_ADYEN_HMAC_KEYS": HMAC_KEY,
        "PLEDGE_ADYEN_URL": adyen.url,
    }  # fmt: skip
    with started(tmp_path_factory.mktemp("stripe-platform"), **settings) as url:
        bank.tell_of(f"{url}/v1/webhooks/payments/stripe", SECRET)
        yield Demo(url)


def ordered(shop: Demo) -> Any:
    sku = shop.guest.get("/v1/products", limit=1)["items"][0]["sku"]
    return shop.guest.post("/v1/orders", shop.wish([{"sku": sku, "quantity": 1}]))


def until(shop: Demo, order: Any, status: str) -> Any:
    customer = shop.guest.with_token(order["access_token"])

    def asked() -> Any:
        shown = customer.get(f"/v1/orders/{order['number']}")
        return shown if shown["status"] == status else None

    return wait_for(asked)


def open_order(tab: Page, shop: Demo, order: Any) -> None:
    tab.goto(f"{shop.guest.url}/orders/{order['number']}#token={order['access_token']}")


def test_a_customer_pays_by_card_on_the_order_page(shop: Demo, browser: Browser, page: Page) -> None:
    order = ordered(shop)
    assert "client_secret" not in order["payment"]
    open_order(page, shop, order)

    page.get_by_role("button", name="Pay").click()
    expect(page.get_by_role("heading", name="Your card")).to_be_focused()
    page.get_by_label("Card number").fill(DECLINED["card[number]"])
    page.get_by_role("button", name="Pay").click()
    expect(page.get_by_role("group", name="What is wrong")).to_contain_text("Your card was declined.")
    page.reload()
    page.get_by_role("button", name="Try again").click()
    page.get_by_label("Card number").fill("4242424242424242")
    page.get_by_role("button", name="Pay").click()

    shown = until(shop, order, "confirmed")
    expect(page.locator("#pay, #card-form")).to_have_count(0)
    assert shown["account"]["kept"] == shown["totals"]["total"]


def test_only_the_order_page_lets_stripe_in(shop: Demo, bank: StripeServer) -> None:
    ours = f"/orders/{ordered(shop)['number']}"
    policies = {
        path: requests.get(f"{shop.guest.url}{path}", timeout=60).headers["Content-Security-Policy"]
        for path in (ours, "/contact", "/desk", "/web/js/order-card.js")
    }

    assert [path for path, policy in policies.items() if bank.url in policy] == [ours]
    assert "unsafe" not in policies[ours]


def test_webhooks_come_late_twice_and_forged(shop: Demo, bank: StripeServer) -> None:
    order = ordered(shop)
    customer = shop.guest.with_token(order["access_token"])
    client = customer.post(f"/v1/orders/{order['number']}/payments", {})
    bank.pay(client["client_secret"].partition("_secret_")[0])
    shown = until(shop, order, "confirmed")
    headers, raw = next(told for told in bank.told if client["payment_id"].encode() in told[1])

    webhook = f"{shop.guest.url}/v1/webhooks/payments/stripe"
    again = requests.post(webhook, data=raw, headers=headers, timeout=60)
    forged = [
        requests.post(webhook, data=body, headers=sent, timeout=60).status_code
        for body, sent in ((raw + b" ", headers), (raw, {**headers, "Stripe-Signature": "t=1,v1=00"}), (raw, {}))
    ]

    assert again.json() == {"accepted": True, "duplicate": True}
    assert all(status in (400, 401, 403) for status in forged), forged
    assert until(shop, order, "confirmed")["account"] == shown["account"]


def test_money_goes_back_by_stripe_when_an_order_is_cancelled(shop: Demo, bank: StripeServer) -> None:
    order = ordered(shop)
    customer = shop.guest.with_token(order["access_token"])
    intent = customer.post(f"/v1/orders/{order['number']}/payments", {})["client_secret"].partition("_secret_")[0]
    bank.pay(intent)
    until(shop, order, "confirmed")

    customer.post(f"/v1/orders/{order['number']}/cancellation", {"reason": "changed my mind"})
    shown = until(shop, order, "cancelled")
    made = wait_for(lambda: bank.ask("GET", f"refunds?payment_intent={intent}")["data"] or None)

    cents = int(shown["totals"]["ordered"]["amount"].replace(".", ""))
    assert [(each["amount"], each["metadata"]["refund_id"]) for each in made] == [(cents, shown["refunds"][0]["id"])]


def paid_order(shop: Demo, bank: StripeServer) -> tuple[Any, str, str]:
    """Return an order that is paid by card, its token, and Stripe's name of the payment."""
    order = ordered(shop)
    customer = shop.guest.with_token(order["access_token"])
    intent = customer.post(f"/v1/orders/{order['number']}/payments", {})["client_secret"].partition("_secret_")[0]
    bank.pay(intent)
    return until(shop, order, "confirmed"), order["access_token"], intent


def tell_of_dispute(bank: StripeServer, intent: str, cents: int, event: str, status: str) -> None:
    """Report it as Stripe does, signed; the same dispute has the same name."""
    found = {
        "id": f"dp_{intent}", "object": "dispute", "amount": cents, "currency": "usd", "payment_intent": intent,
        "reason": "product_not_received", "status": status, "metadata": {},
        "evidence_details": {"due_by": int(time.time()) + 7 * 86400},
    }  # fmt: skip
    told = {"id": f"evt_{uuid.uuid4().hex}", "object": "event", "type": event, "data": {"object": found}, "created": 0}
    bank.tell(json.dumps(told).encode())


def test_a_lead_answers_a_dispute_with_the_evidence(
    shop: Demo, bank: StripeServer, browser: Browser, tmp_path: Path
) -> None:
    order, token, intent = paid_order(shop, bank)
    cents = int(order["totals"]["ordered"]["amount"].replace(".", ""))
    lead = shop.as_staff("lead")
    shop.guest.with_token(token).post(
        "/v1/contact",
        {
            "name": "Ada <b>Lovelace</b>", "email": order["contact"]["email"], "category": "logistics",
            "subject": "My parcel", "order_number": order["number"],
            "message": "Where is my parcel? <script>alert(1)</script>",
        },
    )  # fmt: skip
    for event, status in (("funds_withdrawn", "needs_response"), ("created", "needs_response")):
        tell_of_dispute(bank, intent, cents, f"charge.dispute.{event}", status)
    with tab_of(browser, lead, "lead") as tab:
        tab.goto("/desk/money")
        row = tab.locator("tr", has_text=f"dp_{intent}")
        expect(row).to_contain_text("Product not received")
        with tab.expect_download() as saved:
            row.get_by_role("button", name="Evidence").click()
        file = tmp_path / "evidence.html"
        saved.value.save_as(file)
        with tab.expect_download() as printed:
            row.get_by_role("button", name="As PDF").click()
        paper = tmp_path / printed.value.suggested_filename
        printed.value.save_as(paper)
        text = "".join(page.extract_text() for page in PdfReader(paper).pages)
        assert [
            each for each in (order["number"], f"dp_{intent}", "<script>alert(1)</script>") if each not in text
        ] == []
        row.get_by_role("button", name="It was sent").click()
        tab.get_by_label("What was sent to the bank").fill("the file, by Stripe's page")
        tab.get_by_role("button", name="Record").click()
        expect(row).to_contain_text("the bank decides")

        for event, status in (("closed", "won"), ("funds_reinstated", "won"), ("updated", "under_review")):
            tell_of_dispute(bank, intent, cents, f"charge.dispute.{event}", status)
        tab.goto("/desk/money")
        expect(tab.get_by_role("region", name="Books")).to_be_visible()
        expect(row).to_have_count(0)

        tab.goto(file.as_uri())
        expect(tab.get_by_role("heading", level=1)).to_contain_text(order["number"])
        for title in ("The order", "Delivery, with proof", "Conversations", "What the customer agreed to"):
            expect(tab.get_by_role("heading", name=title)).to_be_visible()
        expect(tab.locator("body")).to_contain_text(order["contact"]["email"])
        expect(tab.locator("blockquote", has_text="<script>alert(1)</script>").first).to_be_visible()
        expect(tab.locator("script")).to_have_count(0)
    shown = lead.get(f"/v1/orders/{order['number']}")
    assert (shown["account"]["kept"], shown["payment"]["disputed_at"]) == (shown["account"]["captured"], None)
    reads = shop.as_staff("admin").get("/v1/staff/reads", limit=100)["items"]
    assert any(each["operation"] == "get_evidence" and order["number"] in each["subjects"] for each in reads)


def test_a_payment_whose_report_was_lost_is_found_in_the_books(shop: Demo, bank: StripeServer) -> None:
    admin = shop.as_staff("admin")
    order = ordered(shop)
    customer = shop.guest.with_token(order["access_token"])
    intent = customer.post(f"/v1/orders/{order['number']}/payments", {})["client_secret"].partition("_secret_")[0]
    bank.secret = "whsec_of_another"
    bank.pay(intent)
    wait_for(lambda: any(intent.encode() in raw and b"succeeded" in raw for _, raw in bank.told))
    bank.secret = SECRET

    def compared() -> list[str | None]:
        """Compare the books; return the orders of what differs."""
        before = books_of(admin)["compared_at"]
        admin.post("/v1/payments/books/compare", {})
        wait_for(lambda: books_of(admin)["compared_at"] != before)
        cases = admin.get("/v1/payments/attention", limit=100)["items"]
        return [case["order_number"] for case in cases if case["kind"] == "books_differ"]

    found = compared()
    bank.tell(next(raw for _, raw in bank.told if intent.encode() in raw and b"payment_intent.succeeded" in raw))
    until(shop, order, "confirmed")

    assert order["number"] in found
    assert order["number"] not in compared()


def books_of(client: Any) -> Any:
    """Return how the comparison of Stripe's books stands; nothing of it before the first."""
    found = [each for each in client.get("/v1/payments/books")["items"] if each["provider"] == "stripe"]
    return found[0] if found else {"compared_at": None}


def tell_by_adyen(shop: Demo, *items: Any) -> tuple[int, Any]:
    """Send a webhook as Adyen does. Return the status and whether nothing in it was new."""
    told = requests.post(f"{shop.guest.url}/v1/webhooks/payments/adyen", data=webhook(*items), timeout=60)
    return told.status_code, told.json().get("duplicate")


def test_a_payment_by_adyen_lives_its_whole_life(shop: Demo, adyen: AdyenServer, browser: Browser, page: Page) -> None:
    order = ordered(shop)
    by_adyen = {"provider": "adyen"}

    def ask_for_adyen(route: Route, request: Request) -> None:
        route.continue_(post_data=json.dumps(by_adyen))

    page.route("**/v1/orders/*/payments", ask_for_adyen)
    page.route("https://test.adyen.link/**", lambda route: route.fulfill(body="<h1>The page of Adyen</h1>"))
    open_order(page, shop, order)
    page.get_by_role("button", name="Pay").click()
    expect(page.get_by_role("heading", name="The page of Adyen")).to_be_visible()
    (link,) = adyen.links.values()
    assert page.url == link["url"]

    cents = int(order["totals"]["total"]["amount"].replace(".", ""))
    amount = {"currency": "USD", "value": cents}
    psp = f"P{order['number']}"
    named = {"merchantReference": link["reference"], "amount": amount}
    paid = signed(**named, pspReference=psp)
    told = [tell_by_adyen(shop, {**paid, "success": "false"}), tell_by_adyen(shop, paid), tell_by_adyen(shop, paid)]
    assert told == [(403, None), (200, False), (200, True)]
    until(shop, order, "confirmed")

    of_payment = {**named, "originalReference": psp, "pspReference": f"D{psp}"}
    lead = shop.as_staff("lead")
    for code, held in (("CHARGEBACK", True), ("CHARGEBACK_REVERSED", False), ("CHARGEBACK", False)):
        assert tell_by_adyen(shop, signed(**of_payment, eventCode=code))[0] == 200
        assert bool(lead.get(f"/v1/orders/{order['number']}")["payment"]["disputed_at"]) is held

    customer = shop.guest.with_token(order["access_token"])
    customer.post(f"/v1/orders/{order['number']}/cancellation", {"reason": "changed my mind"})
    made = wait_for(lambda: next(iter(adyen.refunds), None))
    refund = {"eventCode": "REFUND", "originalReference": psp, "pspReference": made["pspReference"]}
    assert tell_by_adyen(shop, signed(**{**named, **refund})) == (200, False)
    (shown,) = customer.get(f"/v1/orders/{order['number']}")["refunds"]
    assert (made["reference"], made["amount"], shown["status"]) == (shown["id"], amount, "settled")
