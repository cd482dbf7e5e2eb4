"""Paying by card with Stripe, in the browser and over HTTP: webhooks in every order, late, twice, forged and lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from deploy.demo.client import wait_for
from deploy.demo.story import Demo
from services.orders.tests.stripe_server import DECLINED, KEY, StripeServer, stripe_server
from tests.e2e.conftest import started

SECRET = "whsec_of_these_tests"


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StripeServer]:
    with stripe_server(tmp_path_factory.mktemp("stripe")) as found:
        yield found


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, bank: StripeServer) -> Iterator[Demo]:
    """Run a platform whose customers pay by Stripe."""
    settings = {
        "PLEDGE_PAYMENT_PROVIDER": "stripe", "PLEDGE_STRIPE_SECRET_KEY": KEY, "PLEDGE_STRIPE_URL": bank.url,
        "PLEDGE_STRIPE_WEBHOOK_SECRETS": f"whsec_of_before,{SECRET}", "PLEDGE_STRIPE_PUBLISHABLE_KEY": "pk_test_1",
        "PLEDGE_STRIPE_SCRIPT": f"{bank.url}/v3/",
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
