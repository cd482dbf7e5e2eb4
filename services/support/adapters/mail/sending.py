"""How mail leaves: by SMTP, or as files that a developer (or `make demo`) can open. Never while a transaction is open.

    with opened(settings) as post:                    # one connection for a batch
        post(sender, recipient, subject, body, message_id, written_at, thread, ways)   # raises Undeliverable

Every mail goes to one recipient, as plain text and as the same in HTML, in quoted-printable: no line has more than 76
characters (RFC 2045, 6.7), and no server needs to know 8BITMIME. `thread` has the ids of the mails that it follows, the
last one last. `ways` says where answers go, and mails that come back: with the token of their recipient, so that both
prove where they belong. Control characters in a header are refused, and nothing from outside stands in one but the
recipient's address and the id of the mail that they wrote.
"""

from __future__ import annotations

import os
import re
import smtplib
import ssl
import time
from binascii import b2a_qp
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage, Message
from functools import cache
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import idna

from services.common.basics.guard import forbid_in_transaction
from services.common.language import language
from services.common.runtime.config import Settings, setting
from services.support.adapters.mail.html import html
from services.support.adapters.mail.words import TEXTS

TIMEOUT_SECONDS = 10
LINE_LIMIT = 76
POLICY, IN_UTF8 = (each.clone(max_line_length=LINE_LIMIT) for each in (policy.SMTP, policy.SMTPUTF8))
BOUNDARY = "=_pledge"
"""Between the forms of a letter. What is in quoted-printable cannot hold it (RFC 2045, 6.7)."""
_SAFE = re.compile(r"[^A-Za-z0-9.-]")


class _Words(str):
    """A header of words that are never encoded or broken: ids and addresses mean what they are."""

    name: str

    def __new__(cls, name: str, words: str) -> _Words:
        made = super().__new__(cls, words)
        made.name = name
        return made

    def fold(self, *, policy: policy.Policy) -> str:
        """Return the lines, each as long as may be, and longer where one word is."""
        lines = [f"{self.name}:"]
        for word in self.split():
            if len(lines[-1]) + 1 + len(word) > LINE_LIMIT > len(word):
                lines.append("")
            lines[-1] += f" {word}"
        return "".join(f"{line}{policy.linesep}" for line in lines)


@dataclass(frozen=True)
class Ways:
    """Where a mail leads. reply_to: the address for answers, to which it also comes back; unsubscribe: a page."""

    reply_to: str = ""
    unsubscribe: str = ""


NO_WAYS = Ways()


class Post(Protocol):
    """Sends one mail."""

    def __call__(
        self, sender: str, recipient: str, subject: str, body: str, message_id: str, written_at: datetime,
        thread: Sequence[str] = (), ways: Ways = NO_WAYS,
    ) -> None: ...  # fmt: skip


@dataclass(frozen=True)
class MailSettings(Settings):
    """How mail leaves: what this adapter is told."""

    smtp_url: str = setting(
        "PLEDGE_SMTP_URL", default="", secret=True, pattern=r"(smtps?|smtp\+starttls)://\S+",
        form="smtp+starttls://user:password@host:587, smtps://… or smtp://host:25",
        doc="the server that takes our mail; empty: mail is written to files",
    )  # fmt: skip
    mail_dir: str = setting("PLEDGE_MAIL_DIR", default="", doc="where those files are; empty: <data dir>/mail")
    mail_from: str = setting(
        "PLEDGE_MAIL_FROM", default="support@pledge.example", pattern=r"[^@\s<>]+@[^@\s<>]+", form="an e-mail address",
        doc="the sender of all mail",
    )  # fmt: skip

    @property
    def folder(self) -> Path:
        """Where mail is written to without a server."""
        return Path(self.mail_dir) if self.mail_dir else self.data_dir / "mail"


class Undeliverable(Exception):
    """The mail was not taken; `for_good` when another attempt would be refused just the same."""

    def __init__(self, reason: str, *, for_good: bool = False):
        super().__init__(reason)
        self.for_good = for_good


def compose(
    sender: str,
    recipient: str,
    subject: str,
    body: str,
    message_id: str,
    written_at: datetime,
    thread: Sequence[str] = (),
    ways: Ways = NO_WAYS,
) -> EmailMessage:
    """Build the message, in the language that is spoken. ValueError for a header that would break out of its line."""
    ours = (sender, subject, message_id, ways.reply_to, ways.unsubscribe)
    if not all(part.isprintable() for part in (recipient, *ours, *thread)):
        raise ValueError("a header with control characters")
    to = mailable(recipient)
    message = EmailMessage(policy=POLICY if to.isascii() else POLICY.clone(utf8=True))
    message["From"] = _header("From", str(Address("Pledge customer service", addr_spec=sender)))
    message["To"] = Address(addr_spec=to) if to.isascii() else to
    message["Subject"] = subject
    message["Date"] = written_at
    message["Content-Language"] = _header("Content-Language", TEXTS.best(language()))
    message["Message-ID"] = message_id
    if thread:
        message["In-Reply-To"] = _Words("In-Reply-To", thread[-1])
        message["References"] = _Words("References", " ".join(thread))
    if ways.reply_to:
        message["Reply-To"] = _Words("Reply-To", ways.reply_to)
    if ways.unsubscribe:
        message["List-Unsubscribe"] = _Words("List-Unsubscribe", f"<{ways.unsubscribe}>")
    message["Auto-Submitted"] = _header("Auto-Submitted", "auto-generated")
    message["MIME-Version"] = _header("MIME-Version", "1.0")
    message["Content-Type"] = _header("Content-Type", f'multipart/alternative; boundary="{BOUNDARY}"')
    message.set_payload([_part("plain", body), _part("html", html(subject, body))])
    return message


@cache
def _header(name: str, value: str) -> object:
    """Return a header that is the same in every mail, read by the library once: that is what most of a mail costs."""
    return POLICY.header_factory(name, value)


def _part(kind: str, text: str) -> Message:
    """Build one form of the letter, by the plainest means of the library: its richer ones take three times as long."""
    part = Message()
    part["Content-Type"] = f'text/{kind}; charset="utf-8"'
    part["Content-Transfer-Encoding"] = "quoted-printable"
    part.set_payload(b2a_qp(text.encode(), istext=True).decode("ascii"))
    return part


def mailable(recipient: str) -> str:
    """Return the address with its domain in ASCII (IDNA), which every server can be asked to mail to.

    Letters beyond ASCII before the @ stay: those need a server that offers SMTPUTF8, and without it the mail is
    Undeliverable for good. ValueError for a domain that is none.
    """
    mailbox, at, domain = recipient.rpartition("@")
    return recipient if domain.isascii() else mailbox + at + idna.encode(domain, uts46=True).decode("ascii")


@contextmanager
def opened(settings: MailSettings) -> Iterator[Post]:
    """Open a way to send mails, for one batch. Raise Undeliverable when the server cannot be reached."""
    forbid_in_transaction("sending mail")
    if settings.smtp_url:
        with _smtp(settings.smtp_url) as post:
            yield post
    else:
        yield _files(settings.folder)


def _files(folder: Path) -> Post:
    """Return what writes each mail to a file. The same mail sent again replaces its file."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise Undeliverable(f"{type(exc).__name__}: {exc}") from exc

    def post(
        sender: str, recipient: str, subject: str, body: str, message_id: str, written_at: datetime,
        thread: Sequence[str] = (), ways: Ways = NO_WAYS,
    ) -> None:  # fmt: skip
        message = _composed(sender, recipient, subject, body, message_id, written_at, thread, ways)
        name = f"{written_at:%Y%m%dT%H%M%S.%f}-{_SAFE.sub('', message_id)[:16]}.eml"
        try:
            part = folder / f".{name}.part"
            part.write_bytes(message.as_bytes(policy=POLICY if recipient.isascii() else IN_UTF8))
            os.replace(part, folder / name)
        except OSError as exc:
            raise Undeliverable(f"{type(exc).__name__}: {exc}") from exc
        time.sleep(0)  # a batch is written without a wait, and others want to get on meanwhile

    return post


@contextmanager
def _smtp(url: str) -> Iterator[Post]:
    try:
        server = _connected(url)
    except (OSError, smtplib.SMTPException) as exc:
        raise Undeliverable(f"{type(exc).__name__}: {exc}") from exc

    def post(
        sender: str, recipient: str, subject: str, body: str, message_id: str, written_at: datetime,
        thread: Sequence[str] = (), ways: Ways = NO_WAYS,
    ) -> None:  # fmt: skip
        message = _composed(sender, recipient, subject, body, message_id, written_at, thread, ways)
        try:
            server.send_message(message, from_addr=ways.reply_to or sender, to_addrs=[mailable(recipient)])
        except smtplib.SMTPRecipientsRefused as exc:
            code = max((code for code, _ in exc.recipients.values()), default=0)
            raise Undeliverable(f"the recipient was refused: {exc.recipients}", for_good=code >= 500) from exc
        except smtplib.SMTPNotSupportedError as exc:
            raise Undeliverable(str(exc), for_good=True) from exc
        except (OSError, smtplib.SMTPException) as exc:
            raise Undeliverable(f"{type(exc).__name__}: {exc}") from exc

    try:
        yield post
    finally:
        with suppress(OSError, smtplib.SMTPException):
            server.quit()


def _connected(url: str) -> smtplib.SMTP:
    parts = urlsplit(url)
    host, secure = parts.hostname or "", ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT_SECONDS, context=secure)
    else:
        server = smtplib.SMTP(
            host, parts.port or (587 if parts.scheme == "smtp+starttls" else 25), timeout=TIMEOUT_SECONDS
        )
    try:
        if parts.scheme == "smtp+starttls":
            server.starttls(context=secure)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _composed(*parts: object) -> EmailMessage:
    try:
        return compose(*parts)  # type: ignore[arg-type]
    except (ValueError, IndexError, MessageError) as exc:  # the last two: what it makes of an odd address
        raise Undeliverable(f"it cannot be written as a mail: {exc}", for_good=True) from exc
