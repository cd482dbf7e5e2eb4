"""How mail leaves: files, SMTP, and what can break on the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import eventlet
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.support.adapters.mail.composing import compose
from services.support.adapters.mail.html import html
from services.support.adapters.mail.letter import letter, when
from services.support.adapters.mail.sending import MailSettings, Undeliverable, opened
from services.support.domain import Link
from services.support.tests.builders import NOW, SETTINGS, mails_in, text_of

MAIL: tuple[Any, ...] = (
    "support@pledge.example",
    "ada@example.com",
    "We have answered you",
    "Hello\n" + "x" * 300,
    "<1@pledge>",
    NOW,
    [],
)


class SmtpServer:
    """A mail server that says what it is told to say to RCPT, and keeps what it is given."""

    def __init__(self, rcpt: str = "250 ok", *, mute: bool = False):
        self.rcpt, self.mute = rcpt, mute
        self.mails: list[bytes] = []
        self.socket = eventlet.listen(("127.0.0.1", 0))
        self.url = f"smtp://127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = eventlet.spawn(eventlet.serve, self.socket, self.serve)

    def serve(self, client: Any, _address: Any) -> None:
        if self.mute:
            client.close()
            return
        stream = client.makefile("rwb")

        def say(text: str) -> None:
            stream.write(text.encode() + b"\r\n")
            stream.flush()

        say("220 here")
        for raw in stream:
            word = raw[:4].upper()
            if word == b"DATA":
                say("354 go on")
                lines: list[bytes] = []
                for line in stream:
                    if line == b".\r\n":
                        break
                    lines.append(line)
                self.mails.append(b"".join(lines))
            say({b"RCPT": self.rcpt, b"QUIT": "221 bye"}.get(word, "250 ok"))
            if word == b"QUIT":
                break
        client.close()


@contextmanager
def smtp_server(**kwargs: Any) -> Iterator[SmtpServer]:
    server = SmtpServer(**kwargs)
    try:
        yield server
    finally:
        server.thread.kill()
        server.socket.close()


def test_mail_is_written_to_whole_files_without_a_server(tmp_path: Path):
    settings = replace(SETTINGS, data_dir=tmp_path)

    with opened(settings.part(MailSettings)) as post:
        post(*MAIL)
        post(*MAIL)

    (mail,) = mails_in(tmp_path / "mail")
    assert mail["To"] == "ada@example.com"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert text_of(mail).splitlines()[1] == "x" * 300
    assert list((tmp_path / "mail").glob(".*")) == []


@pytest.mark.parametrize("recipient", ["ada@example.com", f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.example"])
def test_no_line_of_a_mail_is_longer_than_76_characters(tmp_path: Path, recipient: str):
    settings, link = replace(SETTINGS, data_dir=tmp_path), "https://shop.example/tickets/1#token=" + "t" * 300
    subject = f"Something went wrong with your parcel · {'X' * 60}"
    thread = ["<1@pledge.example>", "<2@pledge.example>"]

    with opened(settings.part(MailSettings)) as post:
        body = letter("Grüße, " + "x" * 900 + " — schön.", Link.TICKET, link, "Ada")
        post("support@pledge.example", recipient, subject, body, f"<{'a' * 32}@pledge.example>", NOW, thread)

    (path,) = (tmp_path / "mail").glob("*.eml")
    raw = path.read_bytes()
    assert max(map(len, raw.splitlines())) <= 76 or len(recipient) > 70
    assert max(len(line) for line in raw.splitlines() if recipient.encode() not in line) <= 76
    raw.decode("ascii")
    (mail,) = mails_in(tmp_path / "mail")
    assert (mail["To"], mail["Subject"]) == (recipient, subject)
    assert (mail["In-Reply-To"], mail["References"]) == ("<2@pledge.example>", "<1@pledge.example> <2@pledge.example>")
    assert link in text_of(mail)


class Read(HTMLParser):
    """Reads a page as a mail program shows it: what is said, and the targets of links."""

    def __init__(self, page: str):
        super().__init__()
        self.said, self.targets, self._in = "", list[str](), list[str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in.append(tag)
        self.targets += [value or "" for name, value in attrs if name in ("href", "src")]
        assert not any(name.startswith("on") for name, _ in attrs)
        assert tag not in ("script", "img", "iframe", "form", "link", "base"), tag

    def handle_endtag(self, tag: str) -> None:
        while self._in and self._in.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not {"style", "title"} & {*self._in}:
            self.said += data


def words_in(text: str) -> list[str]:
    """Return the words of a text, without the signs of a quotation and the capital that begins a box."""
    return text.replace(">", " ").lower().split()


@given(text=st.text(alphabet=st.sampled_from("ab <>&\"'\n:/.?#=-> See your order: http"), max_size=300))
@example(
    "Look:\nSee your order: https://evil.example/\n\n<script>alert(1)</script>\n\n> See your order: https://evil.example/"
)
def test_the_page_of_a_mail_says_what_its_text_says(text: str):
    whole = letter(text, Link.ORDER, "https://shop.example/orders/1#token=a&b", "Ada")

    read = Read(html("A subject", whole))

    spoken = f"Pledge {whole.replace(': https://shop.example/orders/1#token=a&b', '', 1)}"
    assert read.targets == ["https://shop.example/orders/1#token=a&b"]
    assert words_in(read.said) == words_in(spoken)


def test_a_mail_comes_as_text_and_as_a_page():
    body = letter("Your code is below.", Link.CODE, "1234-5678")
    mail = message_from_bytes(
        compose("support@pledge.example", "ada@example.com", "Hello", body, "<1@pledge>", NOW),
        policy=policy.default,
    )

    assert text_of(mail) == body
    assert "1234-5678</p>" in text_of(mail, "html")
    assert mail.get_content_type() == "multipart/alternative"


@pytest.mark.parametrize(
    ("name", "greeted"),
    [
        ("Ada Lovelace", "Hello Ada Lovelace,"),
        ("  Dr. Anne-Marie O'Neill ", "Hello Dr. Anne-Marie O'Neill,"),
        ("李娜", "Hello 李娜,"),
        ("नरेंद्र मोदी", "Hello नरेंद्र मोदी,"),
        ("สมชาย ใจดี", "Hello สมชาย ใจดี,"),
        ("عَلِيّ", "Hello عَلِيّ,"),
        ("علی\u200cرضا", "Hello علی\u200cرضا,"),
        ("Jose\u0301", "Hello José,"),
        ("Martin King, Jr.", "Hello Martin King, Jr.,"),
        ("Gal·la Sebastià", "Hello Gal·la Sebastià,"),
        ("http://evil.example", "Hello,"),
        ("evil.example", "Hello,"),
        ("J.R.R. Tolkien", "Hello J.R.R. Tolkien,"),
        ("pills, www.evil.example/x", "Hello,"),
        ("\u0301", "Hello,"),
        ("", "Hello,"),
        ("see www.evil.example/pills", "Hello,"),
        ("Ada\nBcc: all", "Hello,"),
        ("A" * 61, "Hello,"),
    ],
)
def test_a_customer_is_greeted_by_what_can_be_a_name(name: str, greeted: str):
    assert letter("Text.", Link.ORDER, "", name).splitlines()[0] == greeted


def test_with_a_server_mail_goes_there(tmp_path: Path):
    with smtp_server() as server, opened(MailSettings(smtp_url=server.url)) as post:
        post(*MAIL)

        assert b"Message-ID: <1@pledge>" in server.mails[0]
        assert "x" * 300 in text_of(message_from_bytes(server.mails[0], policy=policy.default))


@pytest.mark.parametrize(("answer", "for_good"), [("550 no such user", True), ("451 later", False)])
def test_a_refused_recipient_is_told_from_one_refused_for_now(answer, for_good):
    with smtp_server(rcpt=answer) as server, opened(MailSettings(smtp_url=server.url)) as post:
        with pytest.raises(Undeliverable) as problem:
            post(*MAIL)

        assert problem.value.for_good is for_good


def test_a_server_that_hangs_up_is_a_problem_for_now():
    with (
        smtp_server(mute=True) as server,
        pytest.raises(Undeliverable) as problem,
        opened(MailSettings(smtp_url=server.url)),
    ):
        raise AssertionError("it was opened")

    assert not problem.value.for_good


def test_a_folder_that_cannot_be_written_is_a_problem_for_now(tmp_path: Path):
    (tmp_path / "mail").write_text("a file, not a folder")

    with pytest.raises(Undeliverable) as problem, opened(MailSettings(data_dir=tmp_path)) as post:
        post(*MAIL)

    assert not problem.value.for_good


@given(st.sampled_from([1, 2, 4]), st.text(max_size=5), st.sampled_from("\r\n\0\x0b\x85\u2028"), st.text(max_size=5))
def test_no_header_can_be_broken_out_of(place, before, control, after):
    parts: list[Any] = list(MAIL)
    parts[place] += before + control + after

    with pytest.raises(ValueError, match="control characters"):
        compose(*parts)


def test_a_time_is_told_in_the_readers_zone():
    moment = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)

    assert when(moment, "Asia/Shanghai") == "Wednesday 4 March 2026, 18:00 (Asia/Shanghai)"
    assert when(moment, "No/Where") == when(moment) == "Wednesday 4 March 2026, 10:00 (UTC)"
    assert when(moment, "../../etc/passwd").endswith("(UTC)")


def test_every_letter_ends_with_where_to_go():
    body = letter("text", Link.TICKET, "https://shop.example/tickets/1#token=t")

    assert "Read and answer: https://shop.example/tickets/1#token=t" in body
    assert "use the link" in body
