"""How mail leaves: by SMTP, or as files that a developer (or `make demo`) can open. Never while a transaction is open.

    with opened(settings) as post:                    # one connection for a batch
        post(sender, recipient, subject, body, message_id, written_at, thread, ways)   # raises Undeliverable

Every mail goes to one recipient, in the form that `composing` gives it. `thread` has the ids of the mails that it
follows, the last one last. `ways` says where answers go, and mails that come back: with the token of their recipient,
so that both prove where they belong. Nothing from outside stands in a header but the recipient's address and the id of
the mail that they wrote.
"""

from __future__ import annotations

import os
import re
import smtplib
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from services.common.basics.guard import forbid_in_transaction
from services.common.runtime.config import Settings, setting
from services.support.adapters.mail.composing import NO_WAYS, Ways, compose, mailable

TIMEOUT_SECONDS = 10
_SAFE = re.compile(r"[^A-Za-z0-9.-]")


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
        mail = _composed(sender, recipient, subject, body, message_id, written_at, thread, ways)
        name = f"{written_at:%Y%m%dT%H%M%S.%f}-{_SAFE.sub('', message_id)[:16]}.eml"
        try:
            part = folder / f".{name}.part"
            part.write_bytes(mail)
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
        mail = _composed(sender, recipient, subject, body, message_id, written_at, thread, ways)
        try:
            to = mailable(recipient)
            server.sendmail(ways.reply_to or sender, [to], mail, _options(server, to))
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


def _options(server: smtplib.SMTP, recipient: str) -> Sequence[str]:
    """Return what the server is asked for, by the address as it is mailed to. SMTPNotSupportedError where it cannot."""
    if recipient.isascii():
        return ()
    server.ehlo_or_helo_if_needed()
    if not server.has_extn("smtputf8"):
        raise smtplib.SMTPNotSupportedError("the server takes no address with letters beyond ASCII (SMTPUTF8)")
    return ("SMTPUTF8", "BODY=8BITMIME")


def _composed(*parts: object) -> bytes:
    try:
        return compose(*parts)  # type: ignore[arg-type]
    except (ValueError, IndexError, MessageError) as exc:  # the last two: what it makes of an odd address
        raise Undeliverable(f"it cannot be written as a mail: {exc}", for_good=True) from exc
