"""Conversations and mails are erased when time is up, and what was said changes in no other way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from services.common.basics import clock
from services.common.basics.caller import Caller
from services.common.testing import customer, staff
from services.support import tables as t
from services.support.adapters.mail.sending import Undeliverable
from services.support.api import WrongStatus
from services.support.api.privacy import ConfirmPrivacy, PrivacyKind
from services.support.api.terms import MAILS_KEPT, TICKETS_KEPT
from services.support.domain import Factor, Staff
from services.support.domain.incoming import IncomingRecord
from services.support.domain.people import sign_in_code
from services.support.handlers import mailing, merging, privacy, rating, tickets, writing
from services.support.repository import Work
from services.support.tests.builders import ADA, NOW, SETTINGS, add_staff
from services.support.tests.scene import GRACE, Scene, a_scene

DAY = timedelta(days=1)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_scene(tmp_path) as scene:
        yield scene


def closed(scene: Scene) -> str:
    number = scene.resolved()
    scene.does(staff("lead", email="lena@x.example"), tickets.close_ticket, number)
    return number


def test_time_erases_closed_conversations_and_mails(scene: Scene) -> None:
    done, (open_, _) = closed(scene), scene.opened()
    due = scene.owed()
    with scene.work() as work:
        mailing.note_outcomes(work, [mailing.Outcome(item.key, None) for item in due])

    def after(span: timedelta) -> tuple[list[str], int]:
        """Return with whom the two conversations were, and how many mails still say to whom they went."""
        privacy.forget(partial(scene.work, at=NOW + span))
        with scene.work(reading=True) as work:
            return [work.tickets.get(each).customer_email for each in (done, open_)], len(
                work.notifications.sent_to(ADA)
            )

    assert after(MAILS_KEPT.span - DAY) == ([ADA, ADA], len(due))
    assert after(MAILS_KEPT.span + DAY) == ([ADA, ADA], 0)
    with scene.work(reading=True) as work:
        languages = sa.select(t.notifications.c.language).where(t.notifications.c.recipient == "erased")
        assert {*work.session.scalars(languages)} == {None}
    assert after(TICKETS_KEPT.span + DAY) == (["erased", ADA], 0)


@pytest.mark.parametrize(
    "change", ["UPDATE messages SET body = 'x'", "UPDATE messages SET internal = true", "DELETE FROM messages",
               "UPDATE ratings SET comment = 'x'", "UPDATE ratings SET score = 5, comment = 'erased'"],
)  # fmt: skip
def test_what_was_said_changes_to_erased_only(scene: Scene, change: str) -> None:
    number = scene.resolved()
    scene.does(customer(ADA), rating.rate_ticket, number, score=1)

    with pytest.raises(DBAPIError, match="append-only"), scene.store.engine.begin() as connection:
        connection.execute(sa.text(change))

    with scene.store.engine.begin() as connection:
        assert connection.execute(sa.text("UPDATE messages SET body = 'erased'")).rowcount


def test_nothing_is_written_to_who_was_erased(scene: Scene) -> None:
    number = closed(scene)
    with scene.work() as work:
        work.erasing.ticket(work.tickets.get(number, lock=True))
    assert scene.owed() == []

    for act, body in (
        (writing.reopen_ticket, dict[str, str]()),
        (writing.post_message, {"body": "One more thing that you should know."}),
    ):
        with pytest.raises(WrongStatus, match="was erased"):
            scene.does(GRACE, act, number, NOW, **body)

    assert scene.owed() == []


def test_second_factors_go_with_who_was_erased(scene: Scene) -> None:
    add_staff(scene.store, Staff("eve@example.com", "Eve", ["agent"]))
    for email in (ADA, "eve@example.com"):
        with scene.work(Caller(f"customer:{email}", email, frozenset({"customer"}))) as work:
            work.add(Factor(f"{email}-factor", email, "sealed", NOW))

    with scene.work() as work:
        for email in (ADA, "eve@example.com"):
            work.erasing.person(email)

    with scene.work(reading=True) as work:
        assert list(work.session.scalars(sa.select(t.factors.c.email))) == ["eve@example.com"]


def test_a_copy_whose_mail_was_lost_is_mailed_again(scene: Scene) -> None:
    ada = customer(ADA)
    with scene.work(ada) as work:
        asked = privacy.ask(work, PrivacyKind.EXPORT)
    (code_mail,) = scene.owed()
    code = sign_in_code(SETTINGS.secret, code_mail.link_key)
    with clock.frozen(NOW):
        privacy.confirm(partial(scene.store.work, Work, ada), asked["number"], ConfirmPrivacy(code))
    lost = Undeliverable("no such user", for_good=True)
    with scene.work() as work:
        mailing.note_outcomes(work, [mailing.Outcome(item.key, lost) for item in work.notifications.claim_due()])

    with scene.work(ada, at=NOW + DAY) as work:
        privacy.ask(work, PrivacyKind.EXPORT)
        privacy.ask(work, PrivacyKind.EXPORT)

    with scene.work(at=NOW + DAY) as work:
        copies = [item for item in work.notifications.claim_due(limit=100) if item.about == "privacy_copy"]
    assert [item.recipient for item in copies] == [ADA]


def test_a_merged_ticket_is_kept_as_long_as_its_target(scene: Scene) -> None:
    merged, (target, _) = scene.opened()[0], scene.opened()
    scene.does(GRACE, merging.merge_ticket, merged, into=target, reason="the same question twice")
    scene.does(GRACE, writing.post_message, target, NOW + 90 * DAY, body="The shirt is made of cotton, all of it.")
    scene.does(GRACE, tickets.resolve_ticket, target, NOW + 90 * DAY, code="solved")
    scene.does(customer(ADA), tickets.close_ticket, target, NOW + 91 * DAY)

    def known(at: datetime) -> list[bool]:
        privacy.forget(partial(scene.work, at=at))
        return [scene.seen(GRACE, each)["customer"]["email"] == ADA for each in (merged, target)]

    assert known(NOW + TICKETS_KEPT.span + 30 * DAY) == [True, True]
    assert known(NOW + TICKETS_KEPT.span + 100 * DAY) == [False, False]


def test_a_copy_has_the_receipts_of_mails_that_came(scene: Scene) -> None:
    with scene.work() as work:
        work.incoming.begin(IncomingRecord("f" * 64, NOW, 1200, ADA, "<1@mail.example>"))
        work.incoming.begin(IncomingRecord("e" * 64, NOW, 1200, "eve@example.com"))
        work.incoming.mark_unreachable(ADA, "5.1.1 no such user")

    with scene.work(customer(ADA), reading=True) as work:
        copy: Any = privacy.export_conversations(work)

    assert [(each["size"], each["message_id"]) for each in copy["mails_received"]] == [(1200, "<1@mail.example>")]
    assert copy["unreachable"]["reason"] == "5.1.1 no such user"
