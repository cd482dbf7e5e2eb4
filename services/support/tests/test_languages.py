"""Every mail to a customer can be written in another language, whole, and looks as it did."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from pathlib import Path

import pytest

from services.common import commitments
from services.common.commitments import Terms, TimeUnit
from services.common.language import date_in_words, speaking, terms
from services.common.testing.pseudo import PSEUDO, spoken
from services.orders.api.events import OrderPlaced, ReviewNeedsContact
from services.support.adapters import mail as room
from services.support.adapters.mail import privacy
from services.support.adapters.mail.composing import compose
from services.support.adapters.mail.html import html
from services.support.adapters.mail.letter import SCORES, Mail, letter
from services.support.adapters.mail.words import TEXTS, _, in_words
from services.support.api import Category, PartStatus, PrivacyKind
from services.support.domain import Link, PrivacyRequest
from services.support.domain.bodies import next_body
from services.support.handlers import following
from services.support.handlers.mailing import send
from services.support.handlers.privacy import OPEN_TICKET, TAX_RECORDS
from services.support.tests.builders import ADA, NOW, SETTINGS, an_event, text_of
from services.support.tests.scene import GRACE, Scene, a_scene
from services.support.tests.test_words import MAILS

TERMS = Path(terms.__file__).parent / "locale" / "texts.pot"
TEMPLATE = Path(room.__file__).parent / "locale" / "texts.pot"
NAMES = {"Pledge", "USD", "UTC", "Ada", "Lovelace", "Asia", "Shanghai", "PRV", "ORD", "TIC", "https", "FedEx"}
"""What is the same in every language: names, currencies, zones, numbers of cases."""
ENVELOPE = {"UNITED", "KINGDOM", "CHINA", "Reference"}
"""What stands on an envelope, for the post and the warehouse."""
SAID = (
    "We have received your order",
    "We have a question about your order",
    "We have received your message",
    "Your code to sign in",
)


@pytest.fixture(scope="module", autouse=True)
def pseudo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    mails, kit = (tmp_path_factory.mktemp("locale") for _room in range(2))
    with spoken(TEXTS, TEMPLATE, mails), spoken(terms.TEXTS, TERMS, kit):
        yield


def words(text: str) -> set[str]:
    """Return the words in plain letters: those that did not come out of a catalogue."""
    plain = re.sub(r"https?://\S+", "", text)
    return {word for word in re.findall(r"\w+", plain) if re.fullmatch("[A-Za-z]{2,}", word)}


def told(value: object) -> Iterator[str]:
    """Yield every text in what a mail was made of."""
    if isinstance(value, Mapping):
        yield from (text for each in value.items() for text in told(each))
    elif is_dataclass(value):
        yield from (text for each in fields(value) for text in told(getattr(value, each.name)))
    elif isinstance(value, list | tuple | set | frozenset):
        yield from (text for each in value for text in told(each))
    else:
        yield str(value)


@pytest.mark.pure
def test_no_mail_keeps_a_sentence_of_english_or_breaks() -> None:
    same = NAMES | ENVELOPE | _dates() | words(next_body("DE").name)
    pages, left = list[tuple[str, list[str], list[str]]](), dict[str, set[str]]()
    for name, mail in MAILS:
        if not isinstance(mail.again, partial):
            continue
        known = same | words(" ".join(told((mail.again.args, mail.again.keywords))))
        there, here = _sent(mail.in_language(PSEUDO)), _sent(mail)
        pages.append((name, re.findall(r"<[a-z]+|class=\"\w+", here[1]), re.findall(r"<[a-z]+|class=\"\w+", there[1])))
        if more := words(there[0]) - known:
            left[name] = more
        assert f'<html lang="{PSEUDO}">' in there[1]
        assert '<html lang="en">' in here[1]

    assert left == {}
    assert [name for name, here, there in pages if here != there] == []
    assert len(pages) > 200


def _dates() -> set[str]:
    """Return the words of dates, which come from the library."""
    with speaking(PSEUDO):
        return words(" ".join(date_in_words(NOW + timedelta(days=days)) for days in range(0, 366, 13)))


def _sent(mail: Mail) -> tuple[str, str]:
    scores = {score: f"https://shop.example/rating/{score}" for score in SCORES} if mail.link is Link.RATING else None
    with speaking(mail.language):
        body = letter(mail.text, mail.link, "https://shop.example/x", "Ada Lovelace", scores, answerable=bool(scores))
        return f"{mail.subject}\n{body}", html(mail.subject, body)


@pytest.mark.pure
def test_only_staff_are_written_to_in_english_alone() -> None:
    english = {name for name, mail in MAILS if mail.again is None}

    assert {mail.link for name, mail in MAILS if mail.again is None} == {Link.DESK}
    assert all(mail.in_language(PSEUDO) is mail for _, mail in MAILS if mail.again is None)
    assert english.isdisjoint(name for name, mail in MAILS if mail.again is not None)


@pytest.mark.pure
def test_what_was_erased_is_told_in_the_readers_language() -> None:
    asked = PrivacyRequest("PRV-0000-0000-0", PrivacyKind.ERASURE, ADA, NOW, "", NOW)
    asked.note("order ORD-0000-0001-R", PartStatus.ERASED)
    asked.note("conversation TIC-0000-0000-6", PartStatus.WAITING, OPEN_TICKET)
    asked.note("your name and address with order ORD-0000-0000-6", PartStatus.KEPT, TAX_RECORDS, NOW)

    told = privacy.erased(asked.number, asked.parts).in_language(PSEUDO).text

    assert words(told) <= {"ORD", "TIC", "PRV", "UTC", *_dates()}
    assert {OPEN_TICKET, TAX_RECORDS} <= {*privacy.ANSWERS}


@pytest.mark.pure
def test_a_term_is_said_in_english_as_everywhere() -> None:
    for unit in TimeUnit:
        for target in (1, 2, 30, 3600, 5400, 60, 7200):
            for earliest in (None, 1) if unit is TimeUnit.WORKING_DAYS else (None,):
                term = Terms(unit, target, earliest)
                assert in_words(term) == commitments.in_words(term)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_scene(tmp_path) as scene:
        yield scene


def test_a_customer_is_written_to_in_their_language(scene: Scene) -> None:
    customer = {"name": "Ada Lovelace", "email": ADA, "language": f"{PSEUDO}-XX", "time_zone": "Europe/Berlin"}
    scene.hears(following.on_order_placed, an_event(OrderPlaced, customer=customer))
    scene.hears(following.on_review_needs_contact, an_event(ReviewNeedsContact))
    scene.opened(email=ADA, language=None)  # who says nothing of it is written to as before
    scene.opened(email="eve@example.com", language="en-US")
    scene.asks(ADA)
    scene.asks("new@example.com")

    sent: list[EmailMessage] = []
    for item in sorted(scene.owed(), key=lambda each: each.created_at):
        send(item, SETTINGS, lambda *mail: sent.append(_read(compose(*mail))), NOW)
    mails = {(mail["Content-Language"], mail["Subject"]): text_of(mail, "html") for mail in sent}

    written = sorted((mail["To"], mail["Content-Language"], mail["Subject"].partition(" · ")[0]) for mail in sent)
    with speaking(PSEUDO):
        assert written == [
            *sorted((ADA, PSEUDO, _(said)) for said in SAID),
            ("eve@example.com", "en", "We have received your message"),
            ("new@example.com", "en", "Your code to sign in"),
        ]
    for (tag, _subject), page in mails.items():
        assert f'<html lang="{tag}">' in page
    [about_order] = [each["number"] for each in scene.listed() if each["category"] is Category.ORDER]
    with speaking(PSEUDO):
        asked = _("please answer us through the link below; we go on when we hear from you.")
    assert asked in scene.seen(GRACE, about_order)["messages"][0]["body"]


def _read(mail: bytes) -> EmailMessage:
    return message_from_bytes(mail, policy=policy.default)
