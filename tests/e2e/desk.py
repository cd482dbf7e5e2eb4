"""What tests of the desk share: a person's tab, keys, and what is looked at in every state."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page, Response, Route, expect

from deploy.demo.client import Client
from deploy.demo.scene import browser_state
from gateway.http import script_texts
from gateway.web.pages import WEB
from services.common.testing.pseudo import PSEUDO, marked, spoken

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


READ = """() => {
  const aside = "kbd, time, pre, code, .mono, script, style, svg";
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), read = [];
  while (texts.nextNode()) if (!texts.currentNode.parentElement.closest(aside)) read.push(texts.currentNode.data);
  for (const name of ["aria-label", "title", "placeholder", "alt"])
    for (const each of document.querySelectorAll(`[${name}]:not(time)`)) read.push(each.getAttribute(name));
  return [document.title, ...read];
}"""
"""All that people read or hear, but for keys, times, numbers and codes."""
DATES = """(tag) => [...Array(12).keys()].map((at) => new Intl.DateTimeFormat(tag, {
  weekday: "short", day: "numeric", month: "short", hour: "2-digit" }).format(new Date(2026, at, at + 1))).join(" ")"""
TEMPLATES = (WEB.parent / "locale/texts.pot", WEB / "desk/locale/texts.pot")
CODE = re.compile(r"[a-z][a-z0-9_.]*")
DATA = {"Pledge", "USD", "SKU", "orders", "logistics", "aftersales", "support"}
"""Names: ours, of money, and of services. What the API answers is data too, but for its codes."""


class Pseudo:
    """A tab of the desk in the language that is made for tests, whatever the platform knows."""

    def __init__(self, tab: Page, folder: Path):
        self._tab, self._folder, self._answers = tab, folder, list[Response]()

    def __enter__(self) -> Pseudo:
        with ExitStack() as known:
            for at, room in enumerate(script_texts.SIDES["desk"]):
                (folder := self._folder / str(at)).mkdir()
                known.enter_context(spoken(room, TEMPLATES[at], folder))
            texts = script_texts.texts_of("desk", PSEUDO)
        self._tab.route("**/web/texts/desk/pseudo.json", lambda route: route.fulfill(body=texts))
        self._tab.route(re.compile(r"^https?://[^/]+/desk(/.*)?$"), self._speak)
        self._tab.on("response", self._note)
        return self

    def __exit__(self, *_: object) -> None:
        self._tab.unroute_all(behavior="wait")

    def _speak(self, route: Route) -> None:
        shell = route.fetch()
        texts = '<link id="texts" rel="preload" as="fetch" href="/web/texts/desk/pseudo.json" crossorigin></head>'
        body = shell.text().replace('lang="en"', f'lang="{PSEUDO}"').replace("</head>", texts)
        route.fulfill(body=body, headers={"Content-Type": "text/html; charset=utf-8"})

    def _note(self, answer: Response) -> None:
        if "/v1/" in answer.url and "stream" not in answer.url and answer.request.method != "OPTIONS":
            self._answers.append(answer)

    def wait(self) -> None:
        expect(self._tab.locator("main h1, main h2").first).to_be_visible()
        expect(self._tab.get_by_text(marked("Reading…"))).to_have_count(0)

    def plain(self) -> list[str]:
        """Return the plain words that are read now and are no data."""
        data = {*DATA, *_words(self._tab.evaluate(DATES, PSEUDO))}
        for answer in self._answers:
            if answer.ok and "json" in answer.headers.get("content-type", ""):
                data |= {word for text in _texts(answer.json()) for word in _words(text)}
        self._answers.clear()
        read = [" ".join(text.split()) for text in self._tab.evaluate(READ)]
        return sorted({text for text in read if {*_words(text)} - data})


def _texts(found: Any) -> Iterator[str]:
    if isinstance(found, dict | list):
        for each in found.values() if isinstance(found, dict) else found:
            yield from _texts(each)
    elif isinstance(found, str) and not CODE.fullmatch(found):
        yield found


def _words(text: str) -> list[str]:
    """Return the words in plain letters."""
    return [word for word in re.findall(r"[^\W\d_]+", text) if re.fullmatch(r"[A-Za-z]{2,}", word)]
