"""What a mail says: cut as its writer meant it, whatever program, characters and markup it came with; within bounds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.support.adapters.mailbox.bodies import decoded, text_of_page, unflowed
from services.support.adapters.mailbox.cutting import cut
from services.support.adapters.mailbox.reading import MOST_BYTES, TEXT_LIMIT, MailUnreadable, read
from services.support.adapters.mailbox.settings import MailInSettings
from services.support.domain.incoming import NO_TEXT, IncomingMail, MailKind
from services.support.tests.letters import a_letter
from services.support.tests.mail_corpus import ANSWERS

pytestmark = pytest.mark.pure
INBOX = MailInSettings(mail_in="maildir:/nowhere")


def said(raw: bytes) -> IncomingMail:
    return read(raw, INBOX.tokens_in)


def test_nearly_all_answers_are_cut_as_their_writer_meant() -> None:
    found = {each.program: (said(each.raw()).text, each.wrote) for each in ANSWERS}

    wrong = {program: texts for program, texts in found.items() if texts[0] != texts[1]}
    assert len(ANSWERS) == len(found) == 60
    assert len(wrong) <= 3, wrong


def test_no_answer_loses_a_word_of_its_writer() -> None:
    for each in ANSWERS:
        text = said(each.raw()).text
        assert [line for line in each.wrote.splitlines() if line not in text] == [], each.program


@given(st.text(alphabet="> \n:-_@<a1", max_size=300))
def test_cutting_keeps_nothing_that_was_not_there(text: str) -> None:
    assert set(cut(text).split()) <= set(text.split())


@pytest.mark.parametrize(
    ("raw", "charset", "text"),
    [
        ("Größe".encode("cp1252"), "iso-8859-1", "Größe"),
        ("Größe".encode(), "us-ascii", "Größe"),
        ("Größe".encode("cp1252"), None, "Größe"),
        ("10 €".encode("cp1252"), "latin1", "10 €"),
        ("사이즈".encode("cp949"), "ks_c_5601-1987", "사이즈"),
        ("①髙".encode("cp932"), "shift_jis", "①髙"),
        ("一".encode(), "x-nobody-knows", "一"),
        (b"\xff\xfe", "utf-7", "ÿþ"),
    ],
)
def test_characters_are_read_as_they_were_meant(raw: bytes, charset: str | None, text: str) -> None:
    assert decoded(raw, charset) == text


def test_of_a_page_only_text_is_kept() -> None:
    page = (
        "<html><head><title>no</title><style>p {}</style></head><body onload=x()>"
        "<p>Hello &lt;b&gt; &amp; <b>you</b></p>"
        "<script>alert(1)</script><!-- no --><ul><li>one<li>two</ul><a href='https://x.example/a'>here</a>"
        '<a href="javascript:no()">there</a><img src=x onerror=no()></body></html>'
    )

    assert text_of_page(page) == "Hello <b> & you\n\n- one\n- two\n\nhere <https://x.example/a>there"


@pytest.mark.parametrize(
    "text",
    [
        "<" * 300_000, "<div>" * 90_000, "<blockquote>" * 40_000, "<script>" * 60_000, "<!--" * 90_000, "</" * 200_000,
        "<td>x" * 60_000, "<a " + "class=" * 80_000, "&amp" * 90_000,
    ],
    ids=lambda text: text[:9],
)  # fmt: skip
def test_no_page_takes_long(text: str) -> None:
    """A parser that builds a tree takes minutes for some of these; the suite would not end."""
    assert text_of_page(text) is not None


@pytest.mark.parametrize(
    "text", [">" * 200_000, "a:\n" * 60_000, "> a\nb\n\n" * 20_000, "From: x\n" * 20_000, "_" * 10 + "\n" * 190_000]
)
def test_no_text_takes_long_to_cut(text: str) -> None:
    assert cut(text) is not None


def test_lines_that_a_program_broke_are_joined() -> None:
    assert unflowed("one \ntwo\n> a \n> b\n-- \nAda") == "one two\n> a b\n-- \nAda"


PART = b"--x\r\nContent-Type: text/plain\r\n\r\nx\r\n"
BOUNDARIES = b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n'


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"From: a@b.example\r\n\r\n" + b"x" * MOST_BYTES, "bytes"),
        (b"X: " + b"y" * 300_000 + b"\r\n\r\nx", "header"),
        (b"".join(BOUNDARIES % (each, each) for each in range(60)), "parts with parts"),
        (b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + PART * 400, "parts"),
    ],
    ids=["large", "header", "deep", "many"],
)  # fmt: skip
def test_a_mail_beyond_the_bounds_is_not_taken_apart(raw: bytes, why: str) -> None:
    with pytest.raises(MailUnreadable, match=why):
        said(raw)


@given(st.binary(max_size=400))
def test_whatever_comes_is_read_or_named_unreadable(raw: bytes) -> None:
    for head in (b"", b"From: =?utf-8?q?=ff?= <a@b.example>\r\nSubject: "):
        try:
            mail = said(head + raw)
        except MailUnreadable:
            continue
        assert mail.text
        assert mail.subject
        assert len(mail.text) <= TEXT_LIMIT
        assert "\0" not in mail.text + mail.subject + mail.name


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({}, MailKind.LETTER),
        ({"auto_submitted": "no"}, MailKind.LETTER),
        ({"auto_submitted": "auto-replied; vacation"}, MailKind.AUTOMATIC),
        ({"precedence": "bulk"}, MailKind.AUTOMATIC),
        ({"x_autoreply": "yes"}, MailKind.AUTOMATIC),
        ({"list_id": "<news.example>"}, MailKind.AUTOMATIC),
        ({"return_path": "<>"}, MailKind.AUTOMATIC),
        ({"sender": "no-reply@shop.example"}, MailKind.AUTOMATIC),
        ({"sender": "MAILER-DAEMON@mx.example", "subject": "Undelivered Mail Returned to Sender"}, MailKind.BOUNCE),
        ({"subject": "Automatische Antwort: Re: We have answered you"}, MailKind.AUTOMATIC),
        ({"subject": "Réponse automatique : Absence"}, MailKind.AUTOMATIC),
        ({"subject": "自動返信: 不在"}, MailKind.AUTOMATIC),
        ({"subject": "Out of office until Monday"}, MailKind.AUTOMATIC),
        ({"subject": "Automatic doors, out of stock?"}, MailKind.LETTER),
    ],
)
def test_programs_are_told_from_people(headers: dict[str, Any], kind: MailKind) -> None:
    assert said(a_letter(**headers)).kind is kind


def test_a_header_is_read_whatever_its_bytes_are() -> None:
    raw = "From: Größe, Ada <ADA@Example.com>\r\nSubject: AW: Re: Schöne Größe\r\n\r\n".encode()

    mail = said(raw)

    assert (mail.sender, mail.subject, mail.text) == ("ada@example.com", "Schöne Größe", NO_TEXT)
