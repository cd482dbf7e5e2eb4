"""The pages and the OpenAPI document, read once at start and served from memory.

| folder      | served as          | what                                                                           |
|-------------|--------------------|--------------------------------------------------------------------------------|
| customer/   | /web/<path>        | the customer's side; a page has an address of its own (PAGES)                   |
| frame/      |                    | what the pages for customers have in common: header, footer, errors              |
| desk/       | /web/desk/<path>   | the staff's side; every address below /desk is one shell, which draws the page  |
| shop/       | /web/shop/<path>   | the sample shop; `resources/shop.py` writes its pages from shop/templates/      |
| design/     | /web/design/<path> | what all are made of: tokens, texts, and libraries that browsers keep for a year |

A page is a template within the frame (`http.frame`). It names a promise by its kind, `within {{ refund }}`, and is
served with its terms in words. What works without scripts is in `forms`.
"""

from __future__ import annotations

import json
import mimetypes
import re
from collections.abc import Mapping
from pathlib import Path

from flask import Flask, Response, request

from gateway.http import asyncapi, frame, script_texts
from gateway.http.security import PAGE_POLICY, policy_with_cards
from gateway.settings import GatewaySettings
from gateway.web import spoken
from gateway.web.files import ASK_EACH_TIME, FOR_A_YEAR, PageFile
from gateway.web.forms.begun import begin_form
from gateway.web.spoken import Spoken
from services.common.addresses import countries, rules_of
from services.promised import promised

WEB = Path(__file__).parent
FOLDERS = {"customer": "", "desk": "desk/", "shop": "shop/", "design": "design/"}
TEMPLATES = "shop/templates"
OF_THE_SANDBOX = "shop/sandbox/"
VENDORED = "design/vendor/"
SHELL = "desk/index.html"
TAKES_CARDS, HAS_FORM = "order.html", "contact.html"
EXTENDS_NOTHING = ("docs.html",)  # English, as what it shows
TOKEN_HERE, SECONDS_HERE = b"the-token-of-this-form", b"the-seconds-of-this-form"
PAGES = {
    "/": "index.html",
    "/account": "account.html",
    "/promises": "promises.html",
    "/contact": "contact.html",
    "/orders/<number(ORD):number>": "order.html",
    "/tickets/<number(TIC):number>": "ticket.html",
    "/v1/docs": "docs.html",
    "/robots.txt": "robots.txt",
    "/favicon.ico": "favicon.ico",
}


def register(app: Flask, openapi: bytes, settings: GatewaySettings) -> None:
    """Route the pages, every file below /web/, the desk, and /v1/openapi.json. What is switched off is not there."""
    words = app.config[frame.WORDS] = {**_words(), **_words_of(settings)}
    files: dict[str, PageFile | Spoken] = {
        prefix + path.relative_to(WEB / folder).as_posix(): _file(path, words, settings.card_origin)
        for folder, prefix in FOLDERS.items()
        for path in (WEB / folder).rglob("*")
        if path.is_file() and _is_served(path, settings)
    }
    for rule, name in PAGES.items():
        if name == HAS_FORM:
            app.add_url_rule(rule, f"page-{name}", _serve_form(files[name]))
        elif name in files:
            app.add_url_rule(rule, f"page-{name}", _serve(files[name], rule.partition("<")[0]))
    for name, page in files.items():
        app.add_url_rule(f"/web/{name}", f"file-{name}", _serve(page))
    for rule in ("/desk", "/desk/<path:number>"):
        app.add_url_rule(rule, f"desk-{rule}", _serve(files[SHELL], "/desk/"))
    spoken.register(app)
    app.add_url_rule("/v1/openapi.json", "openapi", _serve(PageFile(openapi, "application/json")))
    app.add_url_rule(
        "/v1/asyncapi.json", "asyncapi", lambda: PageFile(asyncapi.document(), "application/json").respond()
    )


def _serve(page: PageFile | Spoken, above: str = ""):  # type: ignore[no-untyped-def]
    def serve(number: str = "") -> Response:
        if number and request.path != above + number:  # typed in another way; the page and its token have one address
            return Response(b"", 308, {"Location": above + number})
        return _now(page).respond()

    return serve


def _serve_form(page: PageFile | Spoken):  # type: ignore[no-untyped-def]
    def serve() -> Response:
        begun, known = begin_form(), _now(page)
        content = known.content.replace(TOKEN_HERE, begun.token.encode())
        content = content.replace(SECONDS_HERE, str(begun.seconds).encode())
        filled = PageFile(content, known.headers["Content-Type"])
        filled.headers |= {name: known.headers[name] for name in ("Content-Language", "Vary")}
        return filled.respond()

    return serve


def _now(page: PageFile | Spoken) -> PageFile:
    return page.page() if isinstance(page, Spoken) else page


def _is_served(path: Path, settings: GatewaySettings) -> bool:
    name = path.relative_to(WEB).as_posix()
    if name.startswith(OF_THE_SANDBOX):
        return settings.has_sample_money
    if path.suffix in (".po", ".pot"):
        return False
    return not name.startswith(TEMPLATES) and (settings.has_shop or not name.startswith("shop/"))


def _words_of(settings: GatewaySettings) -> dict[str, object]:
    """Return what hangs on the settings: whether there is a shop, and where an order is paid that was just placed."""
    return {
        "has_shop": settings.has_shop,
        "has_sample_money": settings.has_sample_money,
        "stripe_script": settings.stripe_script,
        "form_token": TOKEN_HERE.decode(),
        "form_seconds": SECONDS_HERE.decode(),
        "payment_page": "/shop/pay/" if settings.has_sample_money else "/orders/",
    }


def _file(path: Path, words: Mapping[str, object], card_origin: str) -> PageFile | Spoken:
    name = path.relative_to(WEB).as_posix()
    policy = policy_with_cards(card_origin) if card_origin and path.name == TAKES_CARDS else PAGE_POLICY
    if name == SHELL:
        return Spoken(lambda: PageFile(frame.write_shell(), "text/html"), script_texts.DESK)
    if path.name in EXTENDS_NOTHING:
        return PageFile(frame.write_at_start(path.name, words), "text/html")
    if path.suffix == ".html" and path.parent.name == "customer":
        return Spoken(lambda: PageFile(frame.write_at_start(path.name, words), "text/html", policy=policy))
    content = path.read_bytes()
    if path.suffix == ".js" and "vendor" not in path.parts:
        # a KeyError stops the start: no such promise
        written = re.sub(r"\{\{(\w+)\}\}", lambda found: str(words[found[1]]), content.decode("utf-8"))
        content = written.encode("utf-8")
    keep = FOR_A_YEAR if f"/{VENDORED}" in path.as_posix() and path.suffix == ".js" else ASK_EACH_TIME
    return PageFile(content, mimetypes.guess_type(path.name)[0] or "application/octet-stream", keep)


def _words() -> dict[str, str]:
    """Return what pages may name: the promises in words, and which countries write the postal code last."""
    codes_last = " ".join(sorted(each for each in countries() if rules_of(each).code_last))
    return {**promised(), "codes_last": codes_last, "all_terms": json.dumps(promised())}
