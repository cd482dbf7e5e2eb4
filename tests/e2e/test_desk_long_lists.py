"""The lists of the desk with 10,000 rows: few elements stand in the document, and each row can be reached.

What is counted are elements, not seconds. A real row of the running platform is repeated, each time under a number of
its own, and handed out page by page; what is opened is the real thing under that number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from deploy.demo.client import wait_for
from deploy.demo.scene import set_scene
from deploy.demo.story import Demo
from tests.e2e.desk import desk_of, press

ROWS, PAGE_OF = 10_000, 1_000
MOST_ELEMENTS, MOST_ADDED = 5_000, 1_500
"""In the document at any time; and for one key, of which one in sixty draws the rows that come next."""
NUMBER = re.compile(r"\b(ORD|SHP|RET|TIC)-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]\b")
OURS = re.compile(r"(ORD|SHP|RET|TIC)-T\d{3}-\d{2}00-0")
AS_NUMBER, AS_ID = "its-number-here", "its-id-here"
TABLES = {
    "today": "/v1/tickets?status=open",
    "orders": "/v1/orders",
    "parcels": "/v1/shipments?health=late",
    "money": "/v1/payments/attention",
}
SPLIT = {"inbox": "/v1/tickets?view=open", "returns": "/v1/returns?status=requested"}
WATCH = """() => {
  window.added = 0;
  const count = (node) => 1 + (node.querySelectorAll?.("*").length ?? 0);
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes)
      for (const node of addedNodes) if (node.nodeType === 1) window.added += count(node);
  }).observe(document.querySelector("main"), { childList: true, subtree: true });
}"""
TO_THE_END = """() => {
  const scroller = document.querySelector(".picks") ?? document.documentElement;
  scroller.scrollTop = scroller.scrollHeight;
  const list = [...document.querySelector("main > *").long.lists.values()].find(({ count }) => count > 9000);
  return list.to === list.count;
}"""
READ_ALL = "(rows) => { const page = document.querySelector('main > *'); page.most = rows; return page.reload(); }"
ELEMENTS = "() => document.querySelectorAll('*').length"


def unnumbered(row: Any) -> str:
    """Return the row as JSON, with marks where its numbers and names stand."""
    bare = json.loads(NUMBER.sub(rf"\1-{AS_NUMBER}", json.dumps(row)))
    for name in {"id", "payment_id"} & bare.keys():
        bare[name] = AS_ID
    for parcel in bare.get("parcels", ()):
        parcel["id"] = parcel["tracking_number"] = f"PARCEL-{AS_ID}"
    return json.dumps(bare)


def handed_out(row: Any) -> Callable[[Route], None]:
    """Answer for a list that has this row 10,000 times, each time under a number of its own."""
    bare = unnumbered(row)

    def renumbered(place: int) -> str:
        number = f"T{place // 100:03}-{place % 100:02}00-0"
        return bare.replace(AS_NUMBER, number).replace(AS_ID, f"{place:05}")

    def answer(route: Route) -> None:
        start = int(parse_qs(urlsplit(route.request.url).query).get("cursor", ["0"])[0])
        after = str(start + PAGE_OF) if start + PAGE_OF < ROWS else None
        items = ",".join(map(renumbered, range(start, start + PAGE_OF)))
        route.fulfill(
            content_type="application/json", body=f'{{"items": [{items}], "next_cursor": {json.dumps(after)}}}'
        )

    return answer


def opened(row: Any) -> Callable[[Route], None]:
    """Answer for one of these rows with what is really there, under its number."""

    def answer(route: Route) -> None:
        url = route.request.url
        asked, real = OURS.search(url), row["number"]
        assert asked
        answer = route.fetch(url=url.replace(asked[0], real))
        route.fulfill(response=answer, body=answer.text().replace(real, asked[0]))

    return answer


@pytest.fixture(scope="module")
def rows(platform: str, staff: Any) -> dict[str, Any]:
    """Return a real row of each list."""
    demo = Demo(platform)
    demo.staff = staff
    scene, admin = set_scene(demo), demo.as_staff("admin")
    shipment = admin.get(f"/v1/orders/{scene['order']}")["shipments"][0]["number"]
    a_case_of_money(demo)
    return {
        "inbox": admin.get(f"/v1/tickets/{scene['inbox']}"),
        "today": admin.get(f"/v1/tickets/{scene['inbox']}"),
        "orders": admin.get(f"/v1/orders/{scene['review']}"),
        "returns": admin.get(f"/v1/returns/{scene['returns']}"),
        "parcels": admin.get(f"/v1/shipments/{shipment}"),
        "money": wait_for(lambda: admin.get("/v1/payments/attention", limit=1)["items"])[0],
    }


def a_case_of_money(demo: Demo) -> None:
    """Have the bank pay back what was not asked for."""
    sku = demo.guest.get("/v1/products", limit=1)["items"][0]["sku"]
    order = demo.guest.post("/v1/orders", demo.wish([{"sku": sku, "quantity": 1}]))
    customer = demo.guest.with_token(order["access_token"])
    secret = customer.post(f"/v1/orders/{order['number']}/payments", {})["client_secret"]
    reference = demo.guest.post("/sandbox/payments", {"client_secret": secret})["reference"]
    wait_for(lambda: customer.get(f"/v1/orders/{order['number']}")["payment"]["status"] == "captured")
    demo.guest.post("/sandbox/bank-refunds", {"reference": reference, "amount_cents": 100})


@pytest.fixture
def tab(platform: str, browser: Browser, signed_in: Any) -> Any:
    context = desk_of(browser, platform, signed_in, viewport={"width": 1280, "height": 900})
    tab, complaints = context.new_page(), list[str]()
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    yield tab
    context.close()
    assert complaints == []


def lengthened(tab: Page, page: str, path: str, row: Any) -> None:
    """Open a page whose list has 10,000 rows, all of them read."""
    tab.route(lambda url: f"{urlsplit(url).path}?{urlsplit(url).query}".startswith(path), handed_out(row))
    tab.goto(f"/desk/{page}")
    expect(tab.get_by_role("button", name=re.compile("Show .* more"))).to_be_visible()
    tab.evaluate(READ_ALL, ROWS)
    expect(tab.get_by_role("button", name=re.compile("Show .* more"))).to_have_count(0)


def pressed(tab: Page, key: str, times: int) -> int:
    """Press a key so many times. Return how many elements were drawn for that."""
    tab.evaluate("() => { window.added = 0; }")
    press(tab, *[key] * times)
    added: int = tab.evaluate("() => window.added")
    return added


@pytest.mark.parametrize(("page", "path"), TABLES.items(), ids=TABLES)
def test_a_table_of_ten_thousand_rows_stays_fluid(tab: Page, rows: dict[str, Any], page: str, path: str) -> None:
    lengthened(tab, page, path, rows[page])
    first = tab.evaluate("() => document.querySelector('main > *').rows.length")
    assert first >= ROWS
    assert tab.evaluate(ELEMENTS) < MOST_ELEMENTS
    tab.evaluate(WATCH)

    assert pressed(tab, "j", 130) < 130 * 20 + 2 * MOST_ADDED
    assert tab.evaluate("() => document.querySelector('main > *').here") == 130
    here = tab.locator(".here")
    expect(here).to_be_in_viewport()
    expect(here.locator(":focus")).to_have_count(1)

    tab.wait_for_function(TO_THE_END)
    assert tab.evaluate(ELEMENTS) < MOST_ELEMENTS
    press(tab, "j")
    expect(here).to_be_in_viewport()
    assert tab.evaluate("() => document.querySelector('main > *').here") == 131


@pytest.mark.parametrize(("page", "path"), SPLIT.items(), ids=SPLIT)
def test_ten_thousand_rows_beside_one_stay_fluid(tab: Page, rows: dict[str, Any], page: str, path: str) -> None:
    tab.route(OURS, opened(rows[page]))
    lengthened(tab, page, path, rows[page])
    assert tab.evaluate("() => document.querySelector('main > *').rows.length") >= ROWS
    assert tab.evaluate(ELEMENTS) < MOST_ELEMENTS
    place = "() => document.querySelector('main > *').here"
    lists: list[str] = []
    tab.on("request", lambda sent: lists.append(sent.url) if "cursor=" in sent.url else None)
    tab.locator(".picks a").nth(70).click()
    expect(tab.locator(".picks [aria-current]")).to_be_in_viewport()
    began = tab.evaluate(place)
    number = tab.locator(".picks [aria-current]").get_attribute("href")

    press(tab, "j")
    expect(tab.locator(".picks [aria-current]")).not_to_have_attribute("href", str(number))
    expect(tab.locator(".picks [aria-current]")).to_be_in_viewport()
    assert tab.evaluate(place) == began + 1
    assert lists == []  # what is opened is read, and not the list
    tab.wait_for_function(TO_THE_END)
    expect(tab.locator(".picks a").last).to_be_in_viewport()
    assert tab.evaluate(ELEMENTS) < MOST_ELEMENTS
