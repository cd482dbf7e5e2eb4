"""What customers write by mail, at the desk: their answers, mail that comes back, and mail that is kept aside."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from deploy.demo.client import wait_for
from deploy.demo.story import Demo
from services.support.tests.builders import mails_in, text_of
from services.support.tests.letters import a_bounce, a_letter
from tests.e2e.conftest import started
from tests.e2e.desk import press, tab_of
from tests.e2e.test_basis import seen, seen_by_each
from tests.e2e.test_conversations import write_to_us

ADA = f"ada-{uuid.uuid4().hex[:8]}@example.com"
FIELD = "Answer to the customer"
ANSWER = "It is made of cotton, all of it, and it is blue."


class Post:
    """The mailbox that the platform reads, and the mails that it sends."""

    def __init__(self, folder: Path):
        self.box, self.sent = folder / "box", folder / "mail"

    def bring(self, raw: bytes) -> None:
        """Deliver a mail, as a mail server does."""
        name = uuid.uuid4().hex
        (self.box / "tmp" / name).write_bytes(raw)
        (self.box / "tmp" / name).rename(self.box / "new" / name)

    def of(self, which: Callable[[EmailMessage], bool]) -> EmailMessage:
        """Wait for a mail of the platform."""
        return wait_for(partial(self._find, which))

    def _find(self, which: Callable[[EmailMessage], bool]) -> EmailMessage | None:
        return next((mail for mail in mails_in(self.sent) if which(mail)), None)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Post]]:
    folder = tmp_path_factory.mktemp("mail-in")
    post = Post(folder)
    with started(folder, PLEDGE_MAIL_IN=f"maildir:{post.box}", PLEDGE_MAIL_IN_SECONDS="1") as url:
        yield url, post


def test_a_conversation_goes_on_by_mail_and_at_the_desk(browser: Browser, house: tuple[str, Post]) -> None:
    url, post = house
    demo = Demo(url)
    number, _ = write_to_us(demo, ADA, subject="What is it made of?")
    received = post.of(lambda mail: mail["To"] == ADA and number in mail["Subject"] + text_of(mail))
    letter: Any = partial(a_letter, sender=f"Ada <{ADA}>", to=received["Reply-To"], at=datetime.now(UTC))
    post.bring(letter(text="And is it blue?", quoting=received, message_id="<second@mail.example>"))

    with tab_of(browser, demo.as_staff("agent"), "agent") as tab:
        tab.goto(f"/desk/inbox/{number}")
        expect(tab.get_by_text("And is it blue?", exact=True)).to_be_visible()  # and nothing of what it quotes
        tab.get_by_label(FIELD).focus()
        tab.keyboard.type(ANSWER)
        press(tab, "Control+Enter")
        expect(tab.get_by_text("The answer is sent.")).to_be_attached()

        answer = post.of(lambda mail: mail["To"] == ADA and ANSWER in text_of(mail))
        assert answer["In-Reply-To"] == "<second@mail.example>"
        assert answer["References"].split()[-1] == "<second@mail.example>"

        post.bring(a_bounce(answer, to=answer["Reply-To"]))
        expect(tab.get_by_text("our mails come back since")).to_be_visible()
        seen(tab, "mail-comes-back")


def test_mail_that_is_kept_aside_is_shown_in_operations(browser: Browser, house: tuple[str, Post]) -> None:
    url, post = house
    demo = Demo(url)
    post.bring(a_letter(sender="nobody at all", message_id="<broken@mail.example>", at=datetime.now(UTC)))
    admin = demo.as_staff("admin")
    wait_for(lambda: admin.get("/v1/operations/mail-aside")["items"])

    with tab_of(browser, admin, "admin") as tab:
        tab.goto("/desk/operations")
        expect(tab.get_by_role("heading", name="Mail kept aside")).to_be_visible()
        expect(tab.get_by_text("it has no sender whom we could answer")).to_be_visible()
        seen_by_each(tab, "mail-aside")
