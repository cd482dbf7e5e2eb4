"""What stands on a page in plain letters: in the language made for tests, that has not come out of a catalogue.

reader = Reader(tab, known)
tab.goto(…)                     # and wait for what is to be read
reader.plain()                  # ["Show the order", …]
"""

from __future__ import annotations

import calendar
import re
from typing import Any

from playwright.sync_api import Page

WORD = re.compile(r"[A-Za-z]{3,}")
CODE = re.compile(r"[a-z0-9_.]+")
DATES = {*calendar.day_name, *calendar.day_abbr, *calendar.month_name, *calendar.month_abbr}
SAME = {"Pledge", "USD", "PDF", "Sept", "Berlin", "ORD"}
REFUSALS = ("detail", "errors", "next", "title")
TEXTS = """() => {
  const words = [], seen = new Set(["SCRIPT", "STYLE", "NOSCRIPT", "TIME", "KBD", "PRE"]);
  const walk = document.createTreeWalker(document, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE) {
      const within = node.parentElement;
      if (!seen.has(within.tagName) && !within.closest("[lang=en], #country, #to, .mono")) words.push(node.data);
    } else for (const name of ["aria-label", "placeholder", "title", "alt"]) {
      if (node.tagName !== "TIME" && node.hasAttribute(name)) words.push(node.getAttribute(name));
    }
  }
  return words.map((text) => text.trim()).filter(Boolean);
}"""


TOLD = """
const asked = window.fetch;
window.told = [];
window.fetch = async (...wish) => {
  const answer = await asked(...wish), type = answer.headers.get("Content-Type") ?? "";
  if (type.includes("json") && !answer.url.includes("/web/texts/")) window.told.push(await answer.clone().json());
  return answer;
};
"""


class Reader:
    """Who reads a page, and knows what the API has told it: names, addresses, what people wrote."""

    def __init__(self, tab: Page, *known: Any):
        self._tab = tab
        self._known = {*SAME, *DATES}.union(*map(words_of, known))
        tab.add_init_script(TOLD)

    def plain(self) -> list[str]:
        """Return the sentences in plain letters."""
        found: list[str] = self._tab.evaluate(TEXTS)
        self._known |= words_of(self._tab.evaluate("window.told"))  # after it: what is live may be read between the two
        return [text for text in found if {*WORD.findall(text)} - self._known]


def words_of(told: Any) -> set[str]:
    """Return the words in what was told; codes are none, for pages have words of their own for them.

    What the API says no with is a sentence of ours, and is read as any other.
    """
    if isinstance(told, dict):
        refuses = "trace_id" in told and "detail" in told
        return set().union(*(words_of(value) for name, value in told.items() if not (refuses and name in REFUSALS)))
    if isinstance(told, list):
        return set().union(*map(words_of, told))
    return set() if not isinstance(told, str) or CODE.fullmatch(told) else {*WORD.findall(told)}
