"""Parts of the pages, and of the API for pages, that only a real browser can try."""

from __future__ import annotations

import random

from playwright.sync_api import Page, expect

from deploy.demo.story import Demo
from services.common.basics import ids
from tests.e2e.test_order_page import an_unpaid_order

EVENT_SOURCE = """async ([path, token]) => {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const given = await (await fetch(`${path}/live/tickets`, { method: "POST", headers })).json();
  const source = new EventSource(`${path}/live?ticket=${given.ticket}&last_event_id=none`);
  const seen = await new Promise((resolve, reject) => {
    source.addEventListener("entry", (event) => resolve(JSON.parse(event.data).type));
    source.onerror = () => reject(new Error("no stream"));
  });
  source.close();
  return seen;
}"""
IS_NUMBER = """async (numbers) => {
  const { isNumber } = await import("/web/js/numbers.js");
  return numbers.map((number) => isNumber(number, "ORD"));
}"""
SUMS = """async (lists) => {
  const { sum } = await import("/web/js/dom.js");
  return lists.map((amounts) => sum(amounts.map((amount) => ({ amount, currency: "USD" }))).amount);
}"""


def test_event_source_follows_an_order_by_ticket(page: Page, platform: str, demo: Demo) -> None:
    order = an_unpaid_order(demo)
    page.goto(platform)

    seen = page.evaluate(EVENT_SOURCE, [f"/v1/orders/{order['number']}", order["access_token"]])

    assert seen == "order_placed"


def test_an_expired_link_keeps_no_customer_from_writing(page: Page, platform: str) -> None:
    number = ids.new_number(ids.ORDER)
    page.goto(f"{platform}/contact?category=order&order_number={number}")
    page.evaluate("(number) => localStorage.setItem(`token:${number}`, 'ord_it-is-over')", number)
    for field, text in {"name": "Ada", "email": "ada@example.com", "subject": "Hello", "message": "Hello"}.items():
        page.fill(f"#{field}", text)

    page.get_by_role("button", name="Send").click()

    expect(page.locator("#ticket-number")).to_be_visible()


def test_a_number_is_judged_alike_in_the_browser(page: Page, platform: str) -> None:
    draw = random.Random(7)
    numbers = [ids.new_number(ids.ORDER) for _ in range(300)] + [ids.new_number(ids.TICKET), "", "ORD-", "ORD-7K3M"]
    for number in numbers[:300]:
        place = draw.randrange(len(number))
        numbers.append(number[:place] + draw.choice(ids.ALPHABET) + number[place + 1 :])
    page.goto(platform)

    judged = page.evaluate(IS_NUMBER, numbers)

    assert judged == [ids.is_number(number, ids.ORDER) for number in numbers]


def test_amounts_are_added_to_the_cent(page: Page, platform: str) -> None:
    draw = random.Random(7)
    cents = [[draw.randrange(10**12) for _ in range(draw.randrange(1, 9))] for _ in range(100)] + [[1], [10, 20]]
    page.goto(platform)

    sums = page.evaluate(SUMS, [[f"{each // 100}.{each % 100:02}" for each in list_] for list_ in cents])

    assert sums == [f"{sum(list_) // 100}.{sum(list_) % 100:02}" for list_ in cents]
