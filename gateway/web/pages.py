"""The static pages under web/customer/ and the OpenAPI document, read once at start and served from memory."""

from __future__ import annotations

import hashlib
import mimetypes
from pathlib import Path

from flask import Flask, Response, request

WEB = Path(__file__).with_name("customer")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAGES = {
    "/": "index.html",
    "/contact": "contact.html",
    "/orders/<number(ORD):number>": "order.html",
    "/tickets/<number(TIC):number>": "ticket.html",
    "/v1/docs": "docs.html",
}


class Page:
    """One file, ready to be sent: bytes, type and a strong ETag."""

    def __init__(self, content: bytes, media_type: str):
        self.content = content
        self.etag = hashlib.sha256(content).hexdigest()[:20]
        text = media_type.startswith("text/") or media_type.endswith(("javascript", "json"))
        self.headers = {
            "Content-Type": f"{media_type}; charset=utf-8" if text else media_type,
            "Content-Security-Policy": POLICY,
            "Cache-Control": "no-cache",  # keep it, but ask each time: a new version must show at once
            "ETag": f'"{self.etag}"',
        }

    def respond(self) -> Response:
        if request.if_none_match.contains(self.etag):
            return Response(b"", 304, self.headers)
        return Response(self.content, 200, self.headers)


def register(app: Flask, openapi: bytes) -> None:
    """Route the pages, every file below web/ as /web/<path>, and /v1/openapi.json."""
    files = {str(path.relative_to(WEB)): _read(path) for path in WEB.rglob("*") if path.is_file()}
    for rule, name in PAGES.items():
        if name in files:
            app.add_url_rule(rule, f"page-{name}", _serve(files[name]))
    for name, page in files.items():
        app.add_url_rule(f"/web/{name}", f"file-{name}", _serve(page))
    app.add_url_rule("/v1/openapi.json", "openapi", _serve(Page(openapi, "application/json")))


def _serve(page: Page):  # type: ignore[no-untyped-def]
    def serve(**_: str) -> Response:
        return page.respond()

    return serve


def _read(path: Path) -> Page:
    return Page(path.read_bytes(), mimetypes.guess_type(path.name)[0] or "application/octet-stream")
