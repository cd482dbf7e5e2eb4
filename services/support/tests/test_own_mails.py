"""The person who works on a ticket is told of it: not too often, not in vain, and not if they do not want it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.common.basics.caller import Caller
from services.common.testing import customer
from services.support import tables as t
from services.support.api.mail_choices import ChooseMails
from services.support.domain import Notification, Staff
from services.support.handlers import tickets, writing
from services.support.handlers.own_mails import APART, choose_mails, get_mail_choices
from services.support.tests.builders import ADA, NOW, add_staff
from services.support.tests.scene import GRACE, LENA, Scene, a_scene

AGENT, OTHER, MINUTE = "grace@pledge.example", "otto@pledge.example", timedelta(minutes=1)
ADA_SIGNED_IN = customer(ADA)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_scene(tmp_path) as scene:
        add_staff(scene.store, Staff(AGENT, "Grace", ["agent"]), Staff(OTHER, "Otto", ["agent"]))
        yield scene


def given_to(scene: Scene, person: str = AGENT, by: Caller = LENA) -> str:
    number, _ = scene.opened()
    scene.does(by, tickets.assign_ticket, number, assignee=person)
    return number


def writes(scene: Scene, number: str, minutes: int) -> None:
    scene.does(ADA_SIGNED_IN, writing.post_message, number, NOW + minutes * MINUTE, body="Are you there?")


def mails(scene: Scene, person: str = AGENT) -> list[tuple[str, timedelta | None]]:
    """Return the subject of each mail to that person, and when it goes out, after NOW."""
    with scene.work() as work:
        query = sa.select(Notification).where(t.notifications.c.recipient == person)
        found = work.session.scalars(query.order_by(t.notifications.c.next_attempt_at)).all()
        return [
            (each.subject.partition(" · ")[0], each.next_attempt_at - NOW if each.next_attempt_at else None)
            for each in found
        ]


def test_many_replies_of_a_ticket_are_two_mails(scene: Scene) -> None:
    number = given_to(scene)
    writes(scene, number, 1)
    scene.owed()
    with scene.work(at=NOW + MINUTE) as work:
        for item in work.notifications.claim_due(limit=100):
            item.sent(work.now)

    for minutes in (2, 3, 4, 9):
        writes(scene, number, minutes)

    wrote = [at for subject, at in mails(scene) if subject == "The customer has written" and at is not None]
    assert wrote == [MINUTE + APART]
    writes(scene, number, 30)
    assert len([each for each in mails(scene) if each[0] == "The customer has written"]) == 2


@pytest.mark.parametrize("step", ["answered", "given away"])
def test_a_mail_that_waits_is_taken_back_when_it_is_in_vain(scene: Scene, step: str) -> None:
    number = given_to(scene)
    writes(scene, number, 1)
    with scene.work(at=NOW + MINUTE) as work:
        for item in work.notifications.claim_due(limit=100):
            item.sent(work.now)
    writes(scene, number, 2)
    before = len(mails(scene))

    if step == "answered":
        scene.does(GRACE, writing.post_message, number, NOW + 3 * MINUTE, body="Yes, we are here for you.")
    else:
        scene.does(LENA, tickets.assign_ticket, number, NOW + 3 * MINUTE, assignee=OTHER)

    assert len(mails(scene)) == before - 1


def test_each_person_chooses_which_mails_they_want(scene: Scene) -> None:
    with scene.work(GRACE, reading=True) as work:
        assert get_mail_choices(work) == {"assignments": True, "replies": True}
    given_to(scene, by=GRACE)
    assert mails(scene) == [], "who takes a ticket need not be told"
    for assignments, replies, expected in (
        (False, True, ["The customer has written"]),
        (True, False, ["A ticket is yours now"]),
        (False, False, []),
    ):
        with scene.work(GRACE) as work:
            choose_mails(work, ChooseMails(assignments, replies))
        before = Counter(subject for subject, _ in mails(scene))
        writes(scene, given_to(scene), 0)
        assert Counter(subject for subject, _ in mails(scene)) - before == Counter(expected)
