"""Write the pages for customers: each is a template within the one frame, `web/frame/frame.html`.

    write("promises.html", words)                       # → the page's bytes
    write("error.html", {}, title="There is no such page", …)

A page has what people see from the templates alone: `words` are what the settings and the terms give to all of them
(`web.pages`), the rest is the page's own. Without words it has the frame of a platform without a shop.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gateway.http import script_texts
from gateway.http.words import TEXTS, rich
from services.common.language import ENGLISH, day_in_words, decimal, language, whole
from services.promised import promised

WEB = Path(__file__).parents[1] / "web"
TEMPLATES = ("frame", "customer", "shop/templates", "forms/templates", "")
WORDS = "WORDS"
"""Where the application keeps the words of its pages."""
WITHOUT_SHOP: Mapping[str, object] = {"has_shop": False, "has_sample_money": False}


def day_of(text: str) -> str:
    """Write a day of the API, "2026-12-15", as the language that is spoken has it."""
    return day_in_words(date.fromisoformat(text))


_PAGES = Environment(loader=FileSystemLoader([WEB / each for each in TEMPLATES]), autoescape=True, auto_reload=False)
_PAGES.globals.update(_=TEXTS.say, ngettext=TEXTS.count, rich=rich, decimal=decimal, whole=whole, day_of=day_of)
_STRICT = _PAGES.overlay(undefined=StrictUndefined)
SHELL = "desk/index.html"


def write(name: str, words: Mapping[str, object], /, **shown: object) -> bytes:
    """Write a page, in the language that is spoken. What a document leaves out is left out of it."""
    return _PAGES.get_template(name).render({**_spoken(words), **shown}).encode()


def write_at_start(name: str, words: Mapping[str, object]) -> bytes:
    """Write a page that is the same for all. Raise UndefinedError for a word that there is not: no such promise."""
    return _STRICT.get_template(name).render(_spoken(words)).encode()


def write_shell() -> bytes:
    """Write the page of the desk, which has a catalogue of its own."""
    tag = script_texts.DESK.best(language())
    said = {"_": script_texts.DESK.say, "lang": tag, "texts": script_texts.address("desk", tag)}
    return _STRICT.get_template(SHELL).render(said).encode()


def _spoken(words: Mapping[str, object]) -> dict[str, object]:
    """Return the words of a page, with the terms in its language and the address of what its scripts say."""
    tag = TEXTS.best(language())
    terms = promised() if words and tag != ENGLISH else {}
    return {**WITHOUT_SHOP, **words, **terms, "lang": tag, "texts": script_texts.address("customer", tag)}
