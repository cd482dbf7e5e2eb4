"""Mails as others send them: an answer, a stranger's letter, a mail server's report."""

from __future__ import annotations

from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from services.support.tests.builders import ADA, NOW, text_of

OURS = "support@pledge.example"


def a_letter(
    *,
    to: str = OURS,
    sender: str = f"Ada Lovelace <{ADA}>",
    subject: str = "Re: We have answered you",
    text: str = "Is it blue?",
    page: str = "",
    quoting: EmailMessage | None = None,
    message_id: str | None = "<letter@mail.example>",
    at: datetime = NOW,
    files: Any = (),
    **headers: str,
) -> bytes:
    """Build a mail. files: (name, media type, content); headers: more of them, `auto_submitted="auto-replied"`."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"], mail["Subject"], mail["Date"] = sender, to, subject, format_datetime(at)
    if message_id:
        mail["Message-ID"] = message_id
    for name, value in headers.items():
        mail[name.replace("_", "-").title()] = value
    quoted = ""
    if quoting is not None:
        mail["In-Reply-To"] = quoting["Message-ID"]
        words = "\n".join(f"> {line}".rstrip() for line in text_of(quoting).splitlines())
        quoted = f"\n\nOn Mon, 2 Mar 2026 at 10:00, Pledge customer service <{OURS}> wrote:\n\n{words}\n"
    mail.set_content(f"{text}{quoted}")
    if page:
        mail.add_alternative(page, subtype="html")
    for name, media_type, content in files:
        main, _, sub = media_type.partition("/")
        mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return mail.as_bytes()


def a_bounce(mail: EmailMessage, *, to: str, action: str = "failed", status: str = "5.1.1") -> bytes:
    """Build what a mail server says that could not deliver a mail of ours (RFC 3464)."""
    return (
        f"Return-Path: <>\r\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example>\r\nTo: {to}\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="=b"\r\n'
        f"Message-ID: <{action}{status}@mx.example>\r\n\r\n--=b\r\nContent-Type: text/plain\r\n\r\n"
        "I'm sorry to have to inform you that your message could not be delivered.\r\n\r\n--=b\r\n"
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {mail['To']}\r\nAction: {action}\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 no such user here\r\n\r\n--=b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"From: {mail['From']}\r\nTo: {mail['To']}\r\nMessage-ID: {mail['Message-ID']}\r\n\r\n--=b--\r\n"
    ).encode()
