"""What tests of the desk share: a person's tab, keys, and what is looked at in every state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page

from deploy.demo.client import Client
from deploy.demo.scene import browser_state

ADMIN = "admin@pledge.example"
MOST_KEYS = {"review": 2, "pack two lines": 6, "answer and resolve": 5, "authorize a return": 3, "inspect a piece": 2}
"""How many keys or scans a piece of work may take."""


def desk_of(browser: Browser, platform: str, state: Any, **more: Any) -> BrowserContext:
    return browser.new_context(base_url=platform, storage_state=state, **more)


@contextmanager
def tab_of(browser: Browser, client: Client, role: str) -> Iterator[Page]:
    """Open a tab of the member of staff whose client this is."""
    state = browser_state(client, role)
    context = desk_of(browser, client.url, state)
    try:
        yield context.new_page()
    finally:
        context.close()


def press(tab: Page, *keys: str) -> int:
    """Press keys one after the other; how many there were."""
    for key in keys:
        tab.keyboard.press(key)
    return len(keys)


SCROLLING = {"runOnly": ["scrollable-region-focusable"]}
FAULTS = """async (options) => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"], ...options });
  return violations.map(({ id, nodes }) => [id, nodes.slice(0, 3).map(({ html }) => html.slice(0, 160))]);
}"""
"""What is in order is left out: to tell of it, axe would need several times as long."""


def look(tab: Page, scheme: Any, width: int) -> None:
    """Let a page that is open be seen in that scheme, as wide as that."""
    tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # colours are looked at once they have changed
    tab.set_viewport_size({"width": width, "height": 900})


def faults_of_access(tab: Page, options: Any = None) -> list[tuple[str, list[str]]]:
    """Return what axe finds: the rule, and the first elements that break it."""
    if not tab.evaluate("() => 'axe' in window"):
        tab.evaluate(AXE_SCRIPT)
    return [(rule, html) for rule, html in tab.evaluate(FAULTS, options or {})]


def too_wide(tab: Page) -> list[tuple[str, list[str]]]:
    """Return a fault if the page is wider than its screen."""
    has, may = tab.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
    return [("too wide", [f"{has} of {may}"])] if has > may else []
