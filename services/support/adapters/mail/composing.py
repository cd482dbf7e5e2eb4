"""One mail as the bytes that travel (RFC 5322): its headers, then the letter as plain text and as a page.

    compose(sender, recipient, subject, body, message_id, written_at, thread, ways)

The lines are written here, since the library's own way, a tree of objects that is read once more to be written, took
most of what a mail costs. What can be odd is left to the library: a subject with more than our sign between its words,
an address that is no plain one.

Both forms are in quoted-printable: no line has more than 76 characters (RFC 2045, 6.7), and no server needs to know
8BITMIME. Control characters in a header are refused.
"""

from __future__ import annotations

import re
from binascii import b2a_qp
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache

import idna

from services.common.language import language
from services.support.adapters.mail.html import html
from services.support.adapters.mail.words import TEXTS

LINE_LIMIT = 76
_POLICY, _IN_UTF8 = (each.clone(max_line_length=LINE_LIMIT) for each in (policy.SMTP, policy.SMTPUTF8))
BOUNDARY = "=_pledge"
"""Between the forms of a letter. What is in quoted-printable cannot hold it (RFC 2045, 6.7)."""
_END = "\r\n"
_SUBJECT = re.compile(r"(?!.*=\?)[!-~]+( [!-~]+)*( · [!-~]+( [!-~]+)*)?")
_SIGN, _SIGN_ENCODED = " · ", " =?utf-8?q?=C2=B7?= "
_ADDRESS = re.compile(r"(?=.{1,70}$)[\w+-]+(\.[\w+-]+)*@[\w-]+(\.[\w-]+)*", re.ASCII)


@dataclass(frozen=True)
class Ways:
    """Where a mail leads. reply_to: the address for answers, to which it also comes back; unsubscribe: a page."""

    reply_to: str = ""
    unsubscribe: str = ""


NO_WAYS = Ways()


def compose(
    sender: str,
    recipient: str,
    subject: str,
    body: str,
    message_id: str,
    written_at: datetime,
    thread: Sequence[str] = (),
    ways: Ways = NO_WAYS,
) -> bytes:
    """Write the mail, in the language that is spoken. ValueError for a header that would break out of its line."""
    ours = (sender, subject, message_id, ways.reply_to, ways.unsubscribe)
    if not all(part.isprintable() for part in (recipient, *ours, *thread)):
        raise ValueError("a header with control characters")
    headers = [
        _from(sender),
        _to(mailable(recipient)),
        _subject(subject),
        f"Date: {format_datetime(written_at)}{_END}",
        f"Content-Language: {TEXTS.best(language())}{_END}",
        *_ids(message_id, thread),
        *_ways(ways),
        f"Auto-Submitted: auto-generated{_END}MIME-Version: 1.0{_END}",
        f'Content-Type: multipart/alternative; boundary="{BOUNDARY}"{_END}',
    ]
    forms = [_form("plain", body), _form("html", html(subject, body))]
    return "".join([*headers, _END, *forms, f"--{BOUNDARY}--{_END}"]).encode()


def mailable(recipient: str) -> str:
    """Return the address with its domain in ASCII (IDNA), which every server can be asked to mail to.

    Letters beyond ASCII before the @ stay: those need a server that offers SMTPUTF8, and without it the mail is
    Undeliverable for good. ValueError for a domain that is none.
    """
    mailbox, at, domain = recipient.rpartition("@")
    return recipient if domain.isascii() else mailbox + at + idna.encode(domain, uts46=True).decode("ascii")


@cache
def _from(sender: str) -> str:
    return _by_library("From", str(Address("Pledge customer service", addr_spec=sender)))


def _to(address: str) -> str:
    if _ADDRESS.fullmatch(address):
        return f"To: {address}{_END}"
    if address.isascii():
        return _by_library("To", Address(addr_spec=address))
    return _by_library("To", address, _IN_UTF8)  # nothing encodes what stands before an @


def _subject(subject: str) -> str:
    line = f"Subject: {subject.replace(_SIGN, _SIGN_ENCODED)}{_END}"
    plain = _SUBJECT.fullmatch(subject) and len(line) <= LINE_LIMIT + len(_END)
    return line if plain else _by_library("Subject", subject)


def _ids(message_id: str, thread: Sequence[str]) -> Iterator[str]:
    yield _folded("Message-ID", message_id)
    if thread:
        yield _folded("In-Reply-To", thread[-1])
        yield _folded("References", " ".join(thread))


def _ways(ways: Ways) -> Iterator[str]:
    if ways.reply_to:
        yield _folded("Reply-To", ways.reply_to)
    if ways.unsubscribe:
        yield _folded("List-Unsubscribe", f"<{ways.unsubscribe}>")


def _folded(name: str, words: str) -> str:
    """Return a header of words that are never encoded or broken: ids and addresses mean what they are.

    Its lines are as long as may be, and longer where one word is.
    """
    lines = [f"{name}:"]
    for word in words.split():
        if len(lines[-1]) + 1 + len(word) > LINE_LIMIT > len(word):
            lines.append("")
        lines[-1] += f" {word}"
    return "".join(f"{line}{_END}" for line in lines)


def _by_library(name: str, value: str | Address, form: policy.EmailPolicy[EmailMessage] = _POLICY) -> str:
    """Return a header as the library encodes and breaks it."""
    written: str = form.header_factory(name, value).fold(policy=form)
    return written


def _form(kind: str, text: str) -> str:
    """Return one form of the letter, after the line that begins it."""
    written = b2a_qp(text.encode(), istext=True).decode("ascii").replace("\n", _END)
    head = f'Content-Type: text/{kind}; charset="utf-8"{_END}Content-Transfer-Encoding: quoted-printable{_END}'
    return f"--{BOUNDARY}{_END}{head}{_END}{written}{_END}"
