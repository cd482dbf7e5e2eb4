"""How soon a key of the desk shows: from the press to the frame that has its first change, in the page itself.

    python -m deploy.lab.keys [--rounds 3] [--out keys.json]          # or: make keys

A platform of its own is started and a working day set up (`deploy/demo/scene.py`). On each page, each key that the page
offers is pressed on a fresh copy of it, and the ways by G with it. Nothing is written: whatever is no reading is held
back, so that each round finds the same. What is told: median, 95 % and the slowest keys, without a verdict.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, NamedTuple, cast

from deploy.demo.pictures import CHROMIUM, a_platform
from deploy.demo.scene import browser_state, set_scene
from deploy.demo.story import Demo
from services.common.basics.untyped import JsonDict

if TYPE_CHECKING:
    from playwright.sync_api import Page, StorageState

PAGES = (
    "today", "inbox/{inbox}", "review/{review}", "pick", "pack", "pack/{pack}", "slip/{pack}", "parcels",
    "returns/{returns}", "orders", "orders/{order}", "orders/{review}", "money", "ledger", "discounts", "knowledge",
    "replies", "quality", "promises", "complaints", "suggestions", "teams", "rules", "workload", "reports", "stock",
    "stock/{stock}", "people", "operations", "you",
)  # fmt: skip
TYPED = {"inbox/{inbox}": ("a", "x"), "pack/{pack}": (None, "x")}
"""Where a letter is typed, after a key that opens the field."""
WAIT_MS = 1500
"""A key whose press changes nothing by then has nothing to show there, such as the first row's "up"."""
WATCH = r"""() => {
  let pressed = null;
  const isThere = () => {
    const main = document.querySelector("main"), text = main.textContent.replace(/[\s-]/g, "").toUpperCase();
    return !document.querySelector("dialog[open]") && text.includes(window.sought);
  };
  const shown = () => {
    if (!pressed || pressed.seen || (window.sought && !isThere())) return;
    const key = pressed;
    key.seen = true;
    requestAnimationFrame(() => {
      const painted = new MessageChannel();
      painted.port1.onmessage = () => (key.took = performance.now() - key.at);
      painted.port2.postMessage(null);
    });
  };
  const begun = (event) => {
    if (["Control", "Shift", "Alt", "Meta"].includes(event.key)) return;
    window.pressed = pressed = { at: event.timeStamp, took: null };
  };
  addEventListener("keydown", begun, true);
  for (const change of ["focusin", "input", "scroll"]) addEventListener(change, shown, true);
  const everything = { subtree: true, childList: true, attributes: true, characterData: true };
  new MutationObserver(shown).observe(document, everything);
  window.print = () => shown();
}"""
OFFERED = """() => {
  const { page } = document.querySelector("pledge-desk");
  return page.keys().filter(({ hidden }) => !hidden).map(({ key }) => key);
}"""


class Press(NamedTuple):
    page: str
    key: str
    took_ms: float


class Found(NamedTuple):
    """What was measured: each press, the keys that had nothing to show, and how long each thing was looked for."""

    took: list[Press]
    still: list[tuple[str, str]]
    sought: list[float]


def measured(url: str, rounds: int) -> Found:
    """Press every key on every page so many times, then look for things."""
    from playwright.sync_api import sync_playwright

    demo = Demo(url)
    scene = set_scene(demo)
    state = browser_state(demo.as_staff("admin"), "admin")
    took: list[Press] = []
    still: list[tuple[str, str]] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("PLEDGE_CHROMIUM", CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(base_url=url, reduced_motion="reduce", storage_state=cast("StorageState", state))
        context.add_init_script(f"({WATCH})()")
        context.route("**/v1/**", lambda route: route.continue_() if route.request.method == "GET" else None)
        tab = context.new_page()
        for page in PAGES:
            address = f"/desk/{page.format(**scene)}"
            opened(tab, address)
            for keys in presses(page, tab.evaluate(OFFERED)):
                found = list(timed(tab, address, keys, rounds))
                took += [Press(page, " ".join(keys), each) for each in found]
                still += [] if found else [(page, " ".join(keys))]
        sought = [looked_for(tab, word) for word in words_for(demo, scene) for _ in range(rounds)]
        browser.close()
    return Found(took, still, sought)


def words_for(demo: Demo, scene: dict[str, str]) -> Iterator[str]:
    """Give what people type into the finder: numbers of each kind, an address, a SKU, a tracking number."""
    order = demo.as_staff("agent").get(f"/v1/orders/{scene['order']}")
    yield from (scene[name] for name in ("inbox", "review", "pack", "returns", "order", "stock"))
    yield order["contact"]["email"]
    yield order["shipments"][0]["parcels"][0]["tracking_number"]


def looked_for(tab: Page, word: str) -> float:
    """Look for something by Ctrl-K. Return the milliseconds from Enter to the frame that has it."""
    opened(tab, "/desk/you")
    tab.keyboard.press("Control+k")
    tab.keyboard.insert_text(word)
    tab.evaluate("(word) => (window.sought = word.replaceAll('-', '').toUpperCase())", word)
    tab.keyboard.press("Enter")
    tab.wait_for_function("() => window.pressed?.took != null")
    return float(tab.evaluate("() => window.pressed.took"))


def presses(page: str, offered: list[str]) -> Iterator[tuple[str, ...]]:
    """Give what is pressed on the page, one key after the other; the last one is timed."""
    for key in offered:
        if " " not in key:  # what is typed into a field and sent with Enter is no key of the page
            yield (key,)
    yield ("Control+k",)
    yield ("g", "t" if page != "today" else "i")
    if page in TYPED:
        yield tuple(key for key in TYPED[page] if key)


def opened(tab: Page, address: str) -> None:
    """Open a page afresh, and wait until it is read and quiet."""
    tab.goto(address)
    tab.get_by_text("Live: changes show by themselves").wait_for()
    tab.locator("main h1, main h2").first.wait_for()
    tab.wait_for_function("() => { const { page } = document.querySelector('pledge-desk'); return page.ready; }")


def timed(tab: Page, address: str, keys: tuple[str, ...], rounds: int) -> Iterator[float]:
    from playwright.sync_api import TimeoutError as TookTooLong

    for _ in range(rounds):
        opened(tab, address)
        for key in keys:
            tab.keyboard.press(key)
        try:
            tab.wait_for_function("() => window.pressed?.took != null", timeout=WAIT_MS)
        except TookTooLong:
            return
        yield tab.evaluate("() => window.pressed.took")


def told(found: Found) -> JsonDict:
    """Return the figures: over all presses, and the keys whose median is the slowest."""
    by_key: dict[tuple[str, str], list[float]] = {}
    for press in found.took:
        by_key.setdefault((press.page, press.key), []).append(press.took_ms)
    slowest = sorted(((median(each), *key) for key, each in by_key.items()), reverse=True)[:10]
    times = [press.took_ms for press in found.took]
    return {
        "keys": len(by_key),
        "presses": len(times),
        "median_ms": round(median(times), 1),
        "p95_ms": round(quantiles(times, n=20)[-1], 1),
        "slowest": [{"page": page, "key": key, "median_ms": round(ms, 1)} for ms, page, key in slowest],
        "nothing_to_show": [{"page": page, "key": key} for page, key in found.still],
        "found_median_ms": round(median(found.sought), 1),
        "found_p95_ms": round(quantiles(found.sought, n=20)[-1], 1),
    }


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="how many times each key is pressed")
    parser.add_argument("--out", type=Path, help="a file for the figures, as JSON")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as data, a_platform(Path(data)) as url:
        figures = told(measured(url, given.rounds))
    if given.out:
        given.out.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    print(f"{figures['presses']} presses of {figures['keys']} keys, from the press to the frame that shows it:")
    print(f"median {figures['median_ms']} ms, 95 % within {figures['p95_ms']} ms")
    print(f"things found by Ctrl-K: median {figures['found_median_ms']} ms, 95 % within {figures['found_p95_ms']} ms")
    for each in figures["slowest"]:
        print(f"  {each['median_ms']:6.1f} ms  {each['key']:<10} {each['page']}")
    for each in figures["nothing_to_show"]:
        print(f"  nothing    {each['key']:<10} {each['page']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
