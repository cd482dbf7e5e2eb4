"""For development only: the outgoing mail, as files, in the browser. Never served where PLEDGE_DEV is not set.

GET /dev/mail lists the newest first, GET /dev/mail/<id> shows one; JSON, or HTML for a browser.
"""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import default
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import TypedDict

from flask import Blueprint, Response, current_app, request

from gateway.http import frame
from gateway.http.resource import reply
from gateway.http.security import PAGE_POLICY
from gateway.settings import GatewaySettings
from services.common.basics.errors import NotFound

LATEST = 200
MAIL_POLICY = "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'"
"""Mails bring their styles with them, and nothing else is to be had."""
_ID = re.compile(r"[A-Za-z0-9@._=-]{1,200}\Z")
_LINK = re.compile(r"https?://[^\s<>\"']+")

blp = Blueprint("mailbox", __name__)


class MailSummary(TypedDict):
    """`id` is the name of the file, without its ending."""

    id: str
    date: str
    to: str
    subject: str


def enabled(settings: GatewaySettings) -> bool:
    return settings.development


@blp.get("/dev/mail")
def list_mail() -> Response:
    """List the latest mails, newest first: {"items": [{id, date, to, subject}]}."""
    items = [_summary(path) for path in _newest()]
    if not _wants_html():
        return reply({"items": items})
    rows = "".join(
        f'<li><a href="/dev/mail/{escape(item["id"])}">{escape(item["subject"])}</a>'
        f'<span class="soft small">{escape(item["to"])}, {escape(item["date"])}</span></li>'
        for item in items
    )
    return _html("Outgoing mail", f'<ul class="links card">{rows}</ul>' if items else "<p>None yet.</p>")


@blp.get("/dev/mail/<mail_id>")
def show_mail(mail_id: str) -> Response:
    """Show one mail: {id, date, to, subject, body, links}."""
    path = _folder() / f"{mail_id}.eml"
    if not _ID.match(mail_id) or not path.is_file():
        raise NotFound("no such mail", code="mail_not_found")
    mail, body = _summary(path), _body(_read(path))
    links = _LINK.findall(body)
    if not _wants_html():
        return reply({**mail, "body": body, "links": links})
    text = _LINK.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', escape(body))
    facts = f"<p>To {escape(mail['to'])}, {escape(mail['date'])}</p>"
    more = f'<p><a href="/dev/mail/{escape(mail_id)}/page">As a page</a> · <a href="/dev/mail">All mail</a></p>'
    return _html(mail["subject"], f'{facts}<pre class="card">{text}</pre>{more}')


@blp.get("/dev/mail/<mail_id>/page")
def get_page(mail_id: str) -> Response:
    """Show one mail as mail programs do that show HTML."""
    path = _folder() / f"{mail_id}.eml"
    part = _read(path).get_body(("html",)) if _ID.match(mail_id) and path.is_file() else None
    if part is None:
        raise NotFound("no such mail", code="mail_not_found")
    return Response(str(part.get_content()), headers={"Content-Security-Policy": MAIL_POLICY}, mimetype="text/html")


def _folder() -> Path:
    settings: GatewaySettings = current_app.config["PLEDGE"]
    return settings.mailbox


def _newest() -> list[Path]:
    return sorted(_folder().glob("*.eml"), key=lambda path: path.stat().st_mtime_ns, reverse=True)[:LATEST]


def _read(path: Path) -> EmailMessage:
    return message_from_bytes(path.read_bytes(), policy=default)


@lru_cache(LATEST * 2)
def _summary(path: Path) -> MailSummary:
    """Read what the list shows of a mail; once, for who waits for a mail asks for the list again and again."""
    with path.open("rb") as file:
        mail = BytesHeaderParser(policy=default).parse(file)
    date, to, subject = (str(mail.get(name, "")) for name in ("date", "to", "subject"))
    return {"id": path.stem, "date": date, "to": to, "subject": subject}


def _body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain", "html"))
    return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""


def _wants_html() -> bool:
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"


def _html(title: str, content: str) -> Response:
    page = frame.write("mail.html", current_app.config[frame.WORDS], title=title, content=content)
    return Response(page, headers={"Content-Security-Policy": PAGE_POLICY}, mimetype="text/html")
