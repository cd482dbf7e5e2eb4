"""Every page of the desk in every state: readable, within its screen, and laid out as it was.

Layouts are compared by boxes, not by pictures: where each part begins and how wide it is, in hundredths of the screen.
Those come from the grid of the sheet alone, so another font, renderer or text changes nothing, and a column that slips
below its neighbour is found. `PLEDGE_LAYOUTS=write` stores what is there now.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.demo.scene import set_scene
from deploy.demo.story import Demo
from tests.e2e.desk import desk_of, faults_of_access, press

LAYOUTS = Path(__file__).parent / "layouts.json"
PAGES = (
    "today", "inbox/{inbox}", "review/{review}", "pick", "pack", "pack/{pack}", "slip/{pack}", "parcels",
    "returns/{returns}", "orders", "orders/{order}", "orders/{review}", "money", "ledger", "replies", "quality",
    "promises", "teams", "rules", "workload", "reports/rejections", "stock", "stock/{stock}", "people", "operations",
    "you", "style", "no-such-page",
)  # fmt: skip
FORMS = {
    "inbox/{inbox}": "e", "orders/{order}": "w", "orders/{review}": "c", "returns/{returns}": "x",
    "review/{review}": "p", "people": "n", "replies": "n", "teams": "n", "rules": "n",
}  # fmt: skip
PARTS = {
    "top": ".top", "rail": ".rail", "main": "main", "keys": ".keys", "list": ".split > aside",
    "open": ".split > section", "work": ".two > .stack", "side": ".two > aside", "band": ".big-band",
}  # fmt: skip
SLACK = 3
BOXES = """(parts) => Object.fromEntries(Object.entries(parts).flatMap(([name, selector]) => {
  const box = document.querySelector(selector)?.getBoundingClientRect();
  const share = (x) => Math.round((100 * x) / innerWidth);
  return box && box.width ? [[name, [share(box.left), share(box.width)]]] : [];
}))"""


@pytest.fixture(scope="module")
def scene(platform: str, staff: Any) -> dict[str, str]:
    demo = Demo(platform)
    demo.staff = staff
    return set_scene(demo)


@pytest.mark.parametrize(
    ("scheme", "width", "text"),
    [("light", 1280, 100), ("dark", 390, 100), ("light", 320, 100), ("dark", 1280, 200)],
    ids=["light", "dark phone", "320 pixels", "text at 200 %"],
)
def test_pages_are_readable_and_keep_their_layout(
    platform: str, browser: Browser, signed_in: Any, scene: dict[str, str], scheme: Any, width: int, text: int
) -> None:
    context = desk_of(browser, platform, signed_in, color_scheme=scheme, viewport={"width": width, "height": 900})
    tab = context.new_page()
    sizes = {"standard": 16 * text // 100, "fixed": 13 * text // 100}  # as a person sets them in the browser
    context.new_cdp_session(tab).send("Page.setFontSizes", {"fontSizes": sizes})
    faults, wide, boxes = {}, [], {}
    for page in PAGES:
        tab.goto(f"/desk/{page.format(**scene)}")
        expect(tab.locator("main h1, main h2").first).to_be_visible()
        expect(tab.get_by_text("Reading…")).to_have_count(0)
        boxes[page] = tab.evaluate(BOXES, PARTS)
        if page in FORMS:
            press(tab, FORMS[page])
            expect(tab.locator("main form").first).to_be_visible()
        faults[page] = faults_of_access(tab, colours=(width, text) in ((1280, 100), (390, 100)))
        if tab.evaluate("() => document.documentElement.scrollWidth") > width:
            wide.append(page)
    context.close()
    assert not any(faults.values()), {page: found for page, found in faults.items() if found}
    assert wide == []
    assert _moved(f"{width} pixels, text at {text} %", boxes) == []


def _moved(state: str, boxes: dict[str, dict[str, list[int]]]) -> list[str]:
    """Return what does not begin where it did, or is not as wide as it was."""
    stored: dict[str, Any] = json.loads(LAYOUTS.read_text("utf-8")) if LAYOUTS.exists() else {}
    if os.environ.get("PLEDGE_LAYOUTS") == "write":
        LAYOUTS.write_text(json.dumps({**stored, state: boxes}, indent=1, sort_keys=True) + "\n", "utf-8")
        return []
    return [
        f"{page}: {part} was at {was.get(part)}, is at {boxes[page].get(part)}"
        for page, was in stored[state].items()
        for part in {*was, *boxes[page]}
        if not _alike(was.get(part), boxes[page].get(part))
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
