"""Mail that comes in: answers to our mails, strangers, bounces, programs, files, and what is kept aside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.common.basics.caller import SYSTEM
from services.common.basics.shapes import PageQuery
from services.common.edge.tokens import REPLY_LIFETIME, reply_token
from services.common.runtime.upload_settings import UploadSettings
from services.common.testing import customer
from services.support.adapters.mail.sending import MailSettings
from services.support.adapters.mailbox.maildir import Maildir
from services.support.adapters.mailbox.settings import MailInSettings
from services.support.api import TicketView
from services.support.api.terms import RECEIPTS_KEPT, RECEIVED_KEPT
from services.support.domain import Staff
from services.support.domain.incoming import ON_TICKET, OPENED_BY_SENDER, IncomingRecord
from services.support.handlers import letters_in, mail_in, mailing, merging, tickets, waiting, writing
from services.support.tests.builders import ADA, DAY, EVE, HOUR, NOW, ORDER_NUMBER, SETTINGS, mails_in, text_of
from services.support.tests.letters import a_bounce, a_letter
from services.support.tests.scene import GRACE, LENA, Scene, a_scene
from tests.e2e.pictures import MAKER, PDF, picture

HERS = "<AM0PR04MB12345678901234567890ABCDEF@AM0PR04MB1234.prod.outlook.com>"


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
    out, box = str(tmp_path / "out"), f"maildir:{tmp_path / 'box'}"
    parts = (MailInSettings(mail_dir=out, mail_in=box), MailSettings(mail_dir=out))
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
    assert answer["In-Reply-To"].strip() == HERS
    assert answer["References"].split()[-1] == HERS
    assert ours["Message-ID"] in answer["References"]
    lines = b"\n".join(path.read_bytes() for path in (post.folder / "out").iterdir()).splitlines()
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
        broken.setattr(letters_in, "take_letter", lambda *_: 1 / 0)
        post.arrives(a_letter(to=post.reply_address(number), text="Here I am."))
        assert "Here I am." not in post.thread(number)

    post.looks()

    assert post.thread(number).count("Here I am.") == 1


def test_one_replica_looks_into_the_mailbox(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    number, _ = post.opened()
    begun: list[str] = []
    take = mail_in.take

    def meanwhile(transaction: Any, mail: Any, size: int) -> Any:
        begun.append(mail.fingerprint)
        if len(begun) == 1:
            post.looks()  # another replica, while this one is at it: each would count a try
        return take(transaction, mail, size)

    monkeypatch.setattr(mail_in, "take", meanwhile)
    post.arrives(a_letter(to=post.reply_address(number), text="Once, please."))

    with post.work() as work:
        assert (len(begun), work.incoming.get(begun[0]).attempts) == (1, 1)


def test_what_was_taken_stays_so_when_it_comes_unreadable(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    number, _ = post.opened()
    post.arrives(a_letter(to=post.reply_address(number), text="Here I am."))
    with post.work() as work:
        (known,) = work.session.scalars(sa.select(IncomingRecord)).all()

    monkeypatch.setattr(mail_in, "MOST_BYTES", 10)
    monkeypatch.setattr(mail_in, "fingerprint_of", lambda _: known.id)
    post.arrives(a_letter(to=post.reply_address(number), text="Here I am."), name="again")

    assert (post.kept_aside(), post.in_folder("Done")) == ([], 2)


@pytest.mark.parametrize("late", [False, True])
def test_an_answer_to_spam_is_seen_by_people(post: Post, late: bool) -> None:
    number = post.resolved()
    if late:
        post.does(customer(ADA), tickets.close_ticket, number)
    post.does(LENA, tickets.mark_spam, number, reason="an advertisement")
    at = NOW + DAY * (40 if late else 1)

    post.arrives(a_letter(to=post.reply_address(number, at=at), text="I am a customer."), at)

    assert post.kept_aside() == []
    newest = post.newest() if late else post.seen(GRACE, number)
    assert (newest["status"] in ("new", "open"), newest["messages"][-1]["body"]) == (True, "I am a customer.")


def test_what_fails_again_and_again_is_kept_aside(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    number, _ = post.opened()
    with monkeypatch.context() as broken:
        broken.setattr(letters_in, "take_letter", lambda *_: 1 / 0)
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
        "forged": good[:-22] + ("bb" if good[-22:-20] == "aa" else "aa") + good[-20:],  # in its proof, nowhere else
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


def test_a_stranger_sees_what_they_wrote_until_proven(post: Post) -> None:
    post.learns_order()
    asked = a_letter(subject="My order ORD-0000-0007-6?", text="Where is it?", page="<p>Where is it?</p>")

    post.arrives(asked.replace(b"ORD-0000-0007-6", ORDER_NUMBER.encode()))

    opened = post.newest()
    assert (opened["category"], opened["order_number"], opened["order_link"]) == ("order", ORDER_NUMBER, "claimed")
    assert opened["mailbox_proven"] is False
    (mail,) = post.sent()
    assert (mail["To"], mail["In-Reply-To"]) == (ADA, "<letter@mail.example>")
    assert "Where is it?" not in text_of(mail), "nothing that a stranger wrote is mailed to anybody"

    post.arrives(a_letter(to=mail["Reply-To"], text="It is really me.", message_id="<2@mail.example>"), NOW + HOUR)

    shown = post.seen(GRACE, opened["number"])
    assert (shown["mailbox_proven"], shown["order_link"]) == (True, "verified")
    assert shown["messages"][-1]["body"] == "It is really me."


def test_an_answer_to_an_orders_mail_is_about_that_order(post: Post) -> None:
    post.learns_order()
    to = post.reply_address(ORDER_NUMBER)

    post.arrives(a_letter(to=to, text="Please leave it with my neighbour."))
    post.arrives(a_letter(to=to, text="Number 12, I mean.", message_id="<2@mail.example>"), NOW + HOUR)

    opened = post.newest()
    assert (opened["order_number"], opened["order_link"], opened["mailbox_proven"]) == (ORDER_NUMBER, "verified", True)
    assert [each["body"] for each in opened["messages"]] == ["Please leave it with my neighbour.", "Number 12, I mean."]


def test_a_mail_that_came_back_calls_a_person_once(post: Post) -> None:
    number, _ = post.opened()
    (ours,) = post.sent()
    back = a_bounce(ours, to=ours["Reply-To"])

    post.arrives(a_bounce(ours, to="support@pledge.example"))  # forged: it knows no reply address
    post.arrives(a_bounce(ours, to=ours["Reply-To"], action="delayed", status="4.4.1"))
    assert post.notes(number) == []
    post.arrives(back)
    post.arrives(back.replace(b"failed5.1.1", b"again"))

    (note,) = post.notes(number)
    assert ADA in note
    assert "5.1.1 smtp; 550 no such user here" in note
    assert "mailbox_unreachable" in post.seen(GRACE, number)
    assert len(post.sent()) == 1, "nobody answers a mail server"
    post.arrives(a_letter(to=ours["Reply-To"], text="I am here again."), NOW + HOUR)
    assert "mailbox_unreachable" not in post.seen(GRACE, number)


def test_what_came_back_is_told_where_a_merged_ticket_goes_on(post: Post) -> None:
    source, target = post.opened()[0], post.opened()[0]
    ours = next(each for each in post.sent() if source in each["Subject"])
    post.does(GRACE, merging.merge_ticket, source, into=target, reason="the same question twice")
    post.does(GRACE, writing.post_message, target, body="Which size do you mean?", status="waiting_customer")
    merged = len(post.notes(source))

    post.arrives(a_bounce(ours, to=ours["Reply-To"]))
    post.arrives(
        a_letter(to=ours["Reply-To"], subject="Out of office", text="I am away.", message_id="<2@mail.example>")
    )

    assert [note for note in post.notes(target) if ADA in note]
    assert [note for note in post.notes(target) if "I am away." in note]
    assert len(post.notes(source)) == merged
    assert post.seen(GRACE, target)["status"] == "open"


def test_a_program_is_noted_for_staff_and_never_answered(post: Post) -> None:
    number, _ = post.opened()
    (ours,) = post.sent()
    before = post.seen(GRACE, number)

    post.arrives(a_letter(to=ours["Reply-To"], text="I am away until Monday.", auto_submitted="auto-replied"))
    post.arrives(a_letter(text="Buy now!", precedence="bulk", message_id="<2@mail.example>"))
    post.arrives(a_letter(sender="support@pledge.example", text="An echo.", message_id="<3@mail.example>"))

    (note,) = post.notes(number)
    assert "I am away until Monday." in note
    assert post.seen(GRACE, number)["answer_by"] == before["answer_by"]
    assert len(post.listed()) == 1
    assert len(post.sent(NOW + HOUR)) == 1


def test_neither_floods_nor_loops_go_on(post: Post) -> None:
    number, _ = post.opened(email=EVE)
    to = post.reply_address(number, EVE)

    for each in range(ON_TICKET + 2):
        post.arrives(a_letter(to=to, sender=EVE, text=f"Still me, {each}.", message_id=f"<{each}@eve.example>"))
    for each in range(OPENED_BY_SENDER + 2):
        post.arrives(a_letter(text=f"New, {each}.", message_id=f"<{each}@ada.example>"))

    assert len([each for each in post.thread(number) if each.startswith("Still me")]) == ON_TICKET
    assert len(post.listed()) == 1 + OPENED_BY_SENDER
    assert len(post.kept_aside()) == post.in_folder("Aside") == 4
    post.arrives(a_letter(text="The next day.", message_id="<next@ada.example>"), NOW + DAY)
    assert len(post.listed()) == 2 + OPENED_BY_SENDER


def test_a_loop_that_answers_an_orders_mails_ends(post: Post) -> None:
    post.learns_order()
    to = post.reply_address(ORDER_NUMBER)

    for each in range(ON_TICKET + 3):
        post.arrives(a_letter(to=to, text=f"Still me, {each}.", message_id=f"<{each}@mail.example>"))

    assert len(post.newest()["messages"]) == ON_TICKET
    assert len(post.kept_aside()) == 3


def test_a_loop_that_answers_what_is_long_closed_ends(post: Post) -> None:
    number, _ = post.opened()
    to, later = post.reply_address(number, at=NOW + DAY * 40), NOW + DAY * 40
    post.does(GRACE, writing.post_message, number, body="It is washable, at 30 degrees.")
    post.does(GRACE, tickets.resolve_ticket, number, code="answered")
    with post.work(SYSTEM, NOW + DAY * 10) as work:
        waiting.close_silent_tickets(work)

    for each in range(ON_TICKET + 3):
        post.arrives(a_letter(to=to, text=f"Still me, {each}.", message_id=f"<{each}@mail.example>"), later)

    assert len(post.newest()["messages"]) == ON_TICKET
    assert len(post.kept_aside()) == 3


def test_what_is_kept_aside_is_taken_by_no_other_replica(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_in, "OPENED_BY_SENDER", 0)
    move = Maildir.aside

    def another_looks_first(box: Maildir, name: str) -> None:
        monkeypatch.setattr(Maildir, "aside", move)
        post.looks()  # it has decided, and has not moved it yet
        move(box, name)

    monkeypatch.setattr(Maildir, "aside", another_looks_first)
    post.arrives(a_letter(text="One too many."))

    assert (post.listed(), len(post.kept_aside()), post.in_folder("Aside")) == ([], 1, 1)
    (path,) = (post.box / ".Aside" / "cur").iterdir()
    path.rename(post.box / "cur" / path.name)
    post.looks()
    assert (len(post.listed()), post.kept_aside()) == (1, [])


def test_what_cannot_be_taken_is_kept_aside_and_shown(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    with post.work() as work:
        work.people.add_staff([Staff("grace@pledge.example", "Grace", ["agent"])])
    monkeypatch.setattr(mail_in, "MOST_BYTES", 4000)

    post.arrives(a_letter(text="x" * 5000))
    post.arrives(a_letter(sender="nobody"))
    post.arrives(a_letter(sender="grace@pledge.example", message_id="<3@mail.example>"))

    assert sorted(each.split()[1] for each in post.kept_aside()) == ["has", "has", "member"]
    assert post.in_folder("Aside") == 3
    assert post.listed() == []


def test_files_come_by_the_rules_of_uploads(post: Post) -> None:
    number, _ = post.opened()
    (ours,) = post.sent()
    files = [
        ("Bild ä.jpg", "image/jpeg", picture()),
        ("..\\..\\x.pdf", "application/pdf", PDF),
        ("macro.docm", "application/msword", b"PK\x03\x04 no"),
        *[(f"{each}.txt", "application/octet-stream", b"plain") for each in range(4)],
    ]

    post.arrives(a_letter(to=ours["Reply-To"], text="See the pictures.", files=files), NOW + HOUR)

    last = next(each for each in post.seen(GRACE, number)["messages"] if each["body"] == "See the pictures.")
    assert sorted(each["name"] for each in last["attachments"]) == ["0.txt", "1.txt", "Bild ä.jpg", "x.pdf"]
    kept = [path.read_bytes() for path in (post.folder / "uploads").rglob("*") if path.is_file()]
    assert len(kept) == 5, "one of them is a small picture"
    assert all(MAKER.encode() not in content for content in kept)
    (note,) = post.notes(number)
    assert "macro.docm (file_type_not_allowed)" in note
    assert "2 more" in note
    told = post.sent(NOW + HOUR)[-1]
    assert "3 files that came with your mail were not taken" in text_of(told)
    assert "macro" not in text_of(told)


def test_what_was_dealt_with_is_forgotten_in_time(post: Post) -> None:
    number, _ = post.opened()
    post.arrives(a_letter(to=post.reply_address(number)))

    post.looks(datetime.now(UTC) + RECEIVED_KEPT.span + DAY)
    with post.work(at=NOW + RECEIPTS_KEPT.span + DAY) as work:
        mail_in.forget_mails(work)
        left = work.incoming.added_lately(number)

    assert post.in_folder("Done") == left == 0
