"""Mail that comes in: answers to our mails, strangers, bounces, programs, files, and what is kept aside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from services.common.basics.caller import SYSTEM
from services.common.basics.shapes import PageQuery
from services.common.edge.tokens import REPLY_LIFETIME, reply_token
from services.common.runtime.uploads import UploadSettings
from services.support.adapters.mailbox.maildir import Maildir
from services.support.adapters.mailbox.settings import MailInSettings
from services.support.api import TicketView
from services.support.handlers import mail_in, mailing, writing
from services.support.tests.builders import ADA, DAY, EVE, HOUR, NOW, SETTINGS, mails_in, text_of
from services.support.tests.letters import a_letter
from services.support.tests.scene import GRACE, LENA, Scene, a_scene

HERS = "<AM0PR04MB12345678901234567890ABCDEF0123456789@AM0PR04MB1234.eurprd04.prod.outlook.com>"


class Post(Scene):
    """A scene with a maildir that is read, and a folder to which our mail is written."""

    def __init__(self, scene: Scene, folder: Path):
        super().__init__(scene.store)
        self.folder = folder
        self.box = folder / "box"

    def arrives(self, raw: bytes, at: datetime = NOW, name: str = "") -> None:
        """Deliver a mail, and look into the mailbox."""
        with Maildir.opened(self.box):
            pass
        count = sum(1 for _ in self.box.rglob("*"))
        (self.box / "new" / (name or f"{count}.mail")).write_bytes(raw)
        self.looks(at)

    def looks(self, at: datetime = NOW) -> None:
        mail_in.take_mails(partial(self.work, SYSTEM, at))

    def sent(self, at: datetime = NOW) -> list[Any]:
        """Send what waits. Return all that was ever sent."""
        mailing.send_due_mails(partial(self.work, SYSTEM, at))
        return mails_in(self.folder / "out")

    def reply_address(self, number: str, email: str = ADA, at: datetime = NOW) -> str:
        inbox = SETTINGS.part(MailInSettings)
        return inbox.reply_address(reply_token(SETTINGS.secret, number, email, at))

    def thread(self, number: str) -> list[str]:
        return [each["body"] for each in self.seen(GRACE, number)["messages"]]

    def notes(self, number: str) -> list[str]:
        return [each["body"] for each in self.seen(GRACE, number)["messages"] if each["internal"]]

    def in_folder(self, name: str) -> int:
        return sum(1 for _ in (self.box / f".{name}" / "cur").iterdir())

    def kept_aside(self) -> list[str]:
        with self.work(LENA, reading=True) as work:
            return [each["reason"] for each in mail_in.list_mail_aside(work, PageQuery())["items"]]

    def newest(self) -> TicketView:
        found = max(self.listed(), key=lambda each: each["opened_at"])
        return self.seen(GRACE, found["number"])


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    mail = {"mail_dir": str(tmp_path / "out"), "mail_in": f"maildir:{tmp_path / 'box'}"}
    parts = (MailInSettings(**mail), type(SETTINGS.part(mailing.MailSettings))(mail_dir=mail["mail_dir"]))
    before = SETTINGS.loaded
    object.__setattr__(SETTINGS, "loaded", (*before, *parts, UploadSettings(uploads_dir=str(tmp_path / "uploads"))))
    with a_scene(tmp_path) as scene:
        yield Post(scene, tmp_path)
    object.__setattr__(SETTINGS, "loaded", before)


def test_an_answer_by_mail_goes_into_its_ticket(post: Post) -> None:
    number, _ = post.opened()
    asked, answered, later = (NOW + HOUR * each for each in (1, 2, 3))
    post.does(
        GRACE, writing.post_message, number, body="Which size, please, S or M?", status="waiting_customer", at=asked
    )
    ours = post.sent(asked)[-1]
    assert "You can answer this mail" in text_of(ours)
    assert "You can answer this mail" in text_of(ours, "html")

    post.arrives(a_letter(to=ours["Reply-To"], text="Size M, please.", quoting=ours, message_id=HERS), at=answered)

    assert post.thread(number)[-1] == "Size M, please."
    shown = post.seen(GRACE, number)
    assert (shown["status"], shown["mailbox_proven"]) == ("open", True)
    assert shown["messages"][-1]["proven"] is True
    assert post.in_folder("Done") == 1
    post.does(GRACE, writing.post_message, number, body="Thank you. We send it in size M today.", at=later)
    answer = post.sent(later)[-1]
    assert answer["In-Reply-To"] == HERS
    assert answer["References"].split()[-1] == HERS
    assert ours["Message-ID"] in answer["References"]
    lines = next((post.folder / "out").glob("*-*.eml")).read_bytes().splitlines()
    assert max(map(len, lines)) <= 78


def test_the_same_mail_is_taken_once_however_it_comes(post: Post) -> None:
    number, _ = post.opened()
    raw = a_letter(to=post.reply_address(number), text="Only once, please.")

    post.arrives(raw)
    post.arrives(raw, name="again")
    post.arrives(
        b"Received: by another.way.example\r\nDelivered-To: support@pledge.example\r\n" + raw, name="other way"
    )

    assert post.thread(number).count("Only once, please.") == 1
    assert post.in_folder("Done") == 3


def test_a_mail_whose_taking_was_cut_off_is_taken_next_time(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    number, _ = post.opened()
    with monkeypatch.context() as broken:
        broken.setattr(mail_in.letters_in, "take_letter", lambda *_: 1 / 0)
        post.arrives(a_letter(to=post.reply_address(number), text="Here I am."))
        assert "Here I am." not in post.thread(number)

    post.looks()

    assert post.thread(number).count("Here I am.") == 1


def test_what_fails_again_and_again_is_kept_aside(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    number, _ = post.opened()
    with monkeypatch.context() as broken:
        broken.setattr(mail_in.letters_in, "take_letter", lambda *_: 1 / 0)
        post.arrives(a_letter(to=post.reply_address(number), text="Here I am."))
        for _ in range(5):
            post.looks()
    assert post.kept_aside() == [mail_in.BROKEN]

    (path,) = (post.box / ".Aside" / "cur").iterdir()
    path.rename(post.box / "cur" / path.name)  # as a person does with their mail program
    post.looks()

    assert post.kept_aside() == []
    assert post.thread(number)[-1] == "Here I am."


@pytest.mark.parametrize("what", ["no token", "forged", "of another ticket", "of another mailbox", "expired"])
def test_what_proves_nothing_opens_a_ticket_of_its_own(post: Post, what: str) -> None:
    number, _ = post.opened()
    other, _ = post.opened(email=EVE)
    good = post.reply_address(number)
    to = {
        "no token": "support@pledge.example",
        "forged": good.replace(good[-22:-20], "aa") if good[-22:-20] != "aa" else good.replace(good[-22:-20], "bb"),
        "of another ticket": post.reply_address(other, ADA),
        "of another mailbox": post.reply_address(other, EVE),
        "expired": post.reply_address(number, at=NOW - REPLY_LIFETIME - DAY),
    }[what]

    post.arrives(a_letter(to=to, text="Show me what Eve wrote."), at=NOW + HOUR)

    assert "Show me what Eve wrote." not in post.thread(number) + post.thread(other)
    opened = post.newest()
    assert (opened["customer"]["email"], opened["mailbox_proven"]) == (ADA, False)
    assert opened["messages"][0]["proven"] is False
    hint = [each["body"] for each in opened["messages"] if each["internal"]]
    assert bool(hint) is (what != "no token")
