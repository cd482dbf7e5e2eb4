"""Every page of the desk in every state: readable, within its screen, and laid out as it was.

Layouts are compared by boxes, not by pictures: where each part begins and how wide it is, in hundredths of the screen.
Those come from the grid of the sheet alone, so another font, renderer or text changes nothing, and a column that slips
below its neighbour is found. `PLEDGE_LAYOUTS=write` stores what is there now.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.demo.scene import set_scene
from deploy.demo.story import Demo
from services.common.testing.pseudo import PSEUDO, marked
from tests.e2e.desk import ADMIN, SCROLLING, desk_of, faults_of_access, look, press, too_wide
from tests.e2e.reading import Reader

LAYOUTS = Path(__file__).parent / "layouts.json"
PAGES = (
    "today", "inbox/{inbox}", "review/{review}", "pick", "pack", "pack/{pack}", "slip/{pack}", "parcels",
    "returns/{returns}", "orders", "orders/{order}", "orders/{review}", "money", "ledger", "costs", "replies",
    "quality", "discounts", "promises", "teams", "rules", "workload", "reports/rejections", "stock", "stock/{stock}",
    "people", "keys", "webhooks", "operations", "you", "style", "no-such-page",
)  # fmt: skip
FORMS = {
    "inbox/{inbox}": "e", "orders/{order}": "w", "orders/{review}": "c", "returns/{returns}": "x",
    "review/{review}": "p", "people": "n", "keys": "n", "webhooks": "n", "discounts": "n", "replies": "n", "teams": "n",
    "rules": "n",
}  # fmt: skip
PARTS = {
    "top": ".top", "rail": ".rail", "main": "main", "keys": ".keys", "list": ".split > aside",
    "open": ".split > section", "work": ".two > .stack", "side": ".two > aside", "band": ".big-band",
}  # fmt: skip
EYES: dict[tuple[str, int, int], Any] = {
    ("light", 1280, 100): None,
    ("dark", 390, 100): None,
    ("light", 320, 100): SCROLLING,
    ("dark", 1280, 200): SCROLLING,
}
"""Scheme, width and size of the text, with the rules to look at: a narrower phone changes none but of what scrolls."""
SLACK = 3
NAMES = (
    "SKU Sandbox sandbox easypost Easypost usps simulator Unrecognized orders logistics aftersales support agents "
    "Carries Handles Size Chrome Linux"
)
"""What is data, though it stands in no answer, or looks like a code: of services, providers, teams, browsers."""
UNNAMED = """() => [...document.querySelectorAll(".rows:not(.today) tbody td:not(:first-child), .cmt tbody td")]
  .filter((cell) => /^\\d+$/.test(cell.textContent.trim()) && getComputedStyle(cell.closest("tr")).display === "block"
    && getComputedStyle(cell, "::before").content === "none")
  .map((cell) => `a number without a name: ${cell.textContent}`)"""
BOXES = """(parts) => Object.fromEntries(Object.entries(parts).flatMap(([name, selector]) => {
  const box = document.querySelector(selector)?.getBoundingClientRect();
  const share = (x) => Math.round((100 * x) / innerWidth);
  return box && box.width ? [[name, [share(box.left), share(box.width)]]] : [];
}))"""


@pytest.fixture(scope="module")
def scene(platform: str, staff: Any) -> dict[str, str]:
    demo = Demo(platform)
    demo.staff = staff
    wish = {"url": "http://127.0.0.1:9/hooks", "event_types": ["return_requested"], "description": "Stock system"}
    demo.as_staff("admin").post("/v1/webhook-endpoints", wish)
    demo.as_staff("admin").post("/v1/api-keys", {"name": "stock-system", "roles": ["agent", "warehouse"]})
    return set_scene(demo)


@pytest.fixture(scope="module")
def tab(platform: str, browser: Browser, signed_in: Any) -> Iterator[Page]:
    context = desk_of(browser, platform, signed_in)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_readable_and_keeps_its_layout(tab: Page, scene: dict[str, str], page: str) -> None:
    """Look at it with every eye, as it was read: nothing but the screen and the reader's settings changes."""
    device, moved, faults = tab.context.new_cdp_session(tab), [], {}

    def see(scheme: str, width: int, text: int) -> str:
        sizes = {"standard": 16 * text // 100, "fixed": 13 * text // 100}  # as a person sets them in the browser
        device.send("Page.setFontSizes", {"fontSizes": sizes})
        look(tab, scheme, width)
        return f"{width} pixels, text at {text} %"

    tab.goto(f"/desk/{page.format(**scene)}")
    expect(tab.locator("main h1, main h2").first).to_be_visible()
    expect(tab.get_by_text("Reading…")).to_have_count(0)
    for eye in EYES:
        state = see(*eye)
        moved += _moved(state, page, tab.evaluate(BOXES, PARTS))
    if page in FORMS:
        press(tab, FORMS[page])
        expect(tab.locator("main form").first).to_be_visible()
    for eye, rules in EYES.items():
        state = see(*eye)
        faults[state] = [*faults_of_access(tab, rules), *too_wide(tab), *tab.evaluate(UNNAMED)]

    assert {state: found for state, found in faults.items() if found} == {}
    assert moved == []


def test_no_sentence_goes_past_the_catalogue(
    platform: str, browser: Browser, signed_in: Any, scene: dict[str, str]
) -> None:
    """Read every page, with a form where it has one, in the language made for tests."""
    context = desk_of(browser, platform, signed_in, locale=PSEUDO)
    tab = context.new_page()
    reader, found = Reader(tab, ADMIN, NAMES), dict[str, list[str]]()
    for page in PAGES[:-2]:
        tab.goto(f"/desk/{page.format(**scene)}")
        expect(tab.locator("main h1, main h2").first).to_be_visible()
        expect(tab.get_by_text(marked("Reading…"))).to_have_count(0)
        if page in FORMS:
            press(tab, FORMS[page])
            expect(tab.locator("main form").first).to_be_visible()
        found[page] = reader.plain()
    context.close()

    assert {page: texts for page, texts in found.items() if texts} == {}


def _moved(state: str, page: str, boxes: dict[str, list[int]]) -> list[str]:
    """Return what does not begin where it did, or is not as wide as it was; nothing of a page that is new."""
    stored: dict[str, Any] = json.loads(LAYOUTS.read_text("utf-8")) if LAYOUTS.exists() else {}
    if os.environ.get("PLEDGE_LAYOUTS") == "write":
        stored.setdefault(state, {})[page] = boxes
        LAYOUTS.write_text(json.dumps(stored, indent=1, sort_keys=True) + "\n", "utf-8")
        return []
    was = stored[state].get(page, boxes)
    return [
        f"{state}: {part} was at {was.get(part)}, is at {boxes.get(part)}"
        for part in {*was, *boxes}
        if not _alike(was.get(part), boxes.get(part))
    ]


def _alike(was: list[int] | None, now: list[int] | None) -> bool:
    if was is None or now is None:
        return False
    return all(abs(one - other) <= SLACK for one, other in zip(was, now, strict=True))


def test_a_page_prints_without_its_frame(desk: Page, scene: dict[str, str]) -> None:
    desk.goto(f"/desk/slip/{scene['pack']}")
    expect(desk.get_by_role("img", name=f"Bar code of {scene['pack']}")).to_be_visible()
    desk.emulate_media(media="print")
    for part in (".top", ".rail", ".keys", ".no-print"):
        expect(desk.locator(part).first).to_be_hidden()
    expect(desk.get_by_role("article", name="Address label")).to_contain_text("Ada Lovelace")
    desk.emulate_media(media="screen")
    press(desk, "b")
    expect(desk.get_by_label("Scan", exact=True)).to_be_focused()
    desk.keyboard.type("p")
    press(desk, "Enter")
    expect(desk.get_by_role("heading", name="Slip and label")).to_be_visible()
