"""What tests of the desk share: a person's tab, keys, and what is looked at in every state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
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


NO_COLOURS = {"rules": {"color-contrast": {"enabled": False}}}


def faults_of_access(tab: Page, *, colours: bool = True) -> list[tuple[str, list[str]]]:
    """Return what axe finds: the rule, and the first elements that break it.

    colours: look at contrasts too, which takes most of the time and depends on the scheme alone, not on sizes.
    """
    broken = Axe().run(tab, options=None if colours else NO_COLOURS).response["violations"]
    return [(each["id"], [node["html"][:160] for node in each["nodes"]][:3]) for each in broken]
