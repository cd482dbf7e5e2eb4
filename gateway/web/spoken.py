"""Pages that are the same for all but for their language, and the texts of their scripts.

English is written at start, so that what is wrong in a page shows then; another language when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from flask import Flask, Response, request

from gateway.http import script_texts
from gateway.http.words import TEXTS, tongue
from gateway.web.files import ASK_EACH_TIME, FOR_A_YEAR, PageFile
from services.common.basics.errors import NotFound
from services.common.language import ENGLISH, Texts, speaking


class Spoken:
    """A page in each language that its texts have; `write` makes it in the one that is spoken."""

    def __init__(self, write: Callable[[], PageFile], texts: Texts = TEXTS):
        self._write, self._texts = write, texts
        self._made = {ENGLISH: self._page(ENGLISH)}

    def page(self) -> PageFile:
        """Return the page in the language that who asks likes best."""
        tag = tongue(self._texts)
        if tag not in self._made:
            self._made[tag] = self._page(tag)
        return self._made[tag]

    def _page(self, tag: str) -> PageFile:
        with speaking(tag):
            page = self._write()
        page.headers |= {"Content-Language": tag, "Vary": "Accept-Encoding, Accept-Language"}
        return page


def register(app: Flask) -> None:
    """Route the texts of scripts. Browsers keep what a page named by its version, and ask for anything else again."""

    @lru_cache(maxsize=64)
    def file(content: bytes, keep: str) -> PageFile:
        return PageFile(content, "application/json", keep)

    @app.get("/web/texts/<side>/<tag>.json")
    def texts_of_scripts(side: str, tag: str) -> Response:
        if side not in script_texts.SIDES or tag not in script_texts.SIDES[side][-1].tags:
            raise NotFound()
        is_named = request.args.get("v") == script_texts.version(side, tag)
        return file(script_texts.texts_of(side, tag), FOR_A_YEAR if is_named else ASK_EACH_TIME).respond()
