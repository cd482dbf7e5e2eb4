"""The guard of the contact form: what is set aside, who sees it, and what follows when it is let through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from services.common.basics import clock
from services.common.basics.caller import Caller
from services.common.basics.personal import CUSTOMER_ERASED
from services.common.edge import tokens
from services.common.testing import customer, guest, holder
from services.support.api import Category, RequestTicketLink, TicketReceipt, TicketStatus, WrongStatus
from services.support.api.guard import Quarantined, Suspicion
from services.support.api.refusals import SpamNeedsLead
from services.support.api.terms import TICKETS_KEPT
from services.support.domain import Staff
from services.support.domain.guard import FORM_LIFETIME, Filled, GuardRules, suspicions
from services.support.handlers import links, opening, privacy, tickets, writing
from services.support.repository import Work
from services.support.tests.builders import ADA, DAY, HOUR, NOW, SETTINGS, a_form, add_staff
from services.support.tests.scene import GRACE, LENA, Scene, a_scene
from services.support.tests.test_ladder import passes

S = Suspicion
RULES = GuardRules(seconds=3, needs_form=False)
SECOND = timedelta(seconds=1)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_scene(tmp_path) as scene:
        yield scene


def form_begun(at: datetime) -> str:
    return tokens.form_token(SETTINGS.secret, "0" * 32, at + FORM_LIFETIME)


def sent(scene: Scene, caller: Caller | None = None, at: datetime = NOW, **form: Any) -> TicketReceipt:
    """Send the contact form over the front door; unless told otherwise it was filled in too fast."""
    filled = {"form_token": form_begun(NOW - SECOND), **form}
    with clock.frozen(at):
        return opening.open_ticket(partial(scene.store.work, Work, caller or guest()), a_form(**filled))


@pytest.mark.parametrize(
    ("trap", "token", "age", "found"),
    [
        (False, True, 3 * SECOND, []),
        (False, True, 3 * SECOND - timedelta(milliseconds=1), [S.TOO_FAST]),
        (False, True, -SECOND, [S.TOO_FAST]),
        (False, True, FORM_LIFETIME - SECOND, []),
        (False, True, FORM_LIFETIME, [S.TOO_OLD]),
        (False, True, None, [S.FORGED]),
        (True, True, HOUR, [S.TRAP]),
        (True, True, None, [S.TRAP, S.FORGED]),
        (True, False, None, [S.TRAP]),
        (False, False, None, []),
    ],
)
def test_a_form_speaks_for_or_against_itself(
    trap: bool, token: bool, age: timedelta | None, found: list[Suspicion]
) -> None:
    filled = Filled(trap, token, NOW - age if age is not None else None)

    assert suspicions(filled, NOW, RULES) == found


def test_a_shop_can_ask_for_a_form() -> None:
    without = Filled(trap=False, token=False, begun_at=None)

    assert suspicions(without, NOW, GuardRules(seconds=3, needs_form=True)) == [S.NO_FORM]


def test_a_form_token_tells_its_age_and_no_forgery() -> None:
    token = form_begun(NOW)

    assert tokens.form_ends(SETTINGS.secrets, token) == NOW + FORM_LIFETIME
    assert tokens.form_ends(SETTINGS.secrets, token[:-1] + ("0" if token[-1] != "0" else "1")) is None
    assert tokens.form_ends(("another secret of theirs",), token) is None
    assert tokens.form_ends(SETTINGS.secrets, token.replace(".", ".9", 1)) is None


def test_a_suspicious_message_waits_without_any_mail(scene: Scene) -> None:
    receipt = sent(scene, category=Category.SUGGESTION, website="https://buy.example")
    number = receipt["ticket_number"]

    assert receipt.get("quarantined") is True
    assert scene.listed() == []
    seen = scene.seen(GRACE, number)
    promised = [(each["kind"], each["due_at"]) for each in seen["commitments"]]
    assert (seen["status"], promised) == (TicketStatus.QUARANTINED, [("first_response", receipt["answer_by"])])
    assert seen["next_due_at"] == receipt["answer_by"]
    assert seen["quarantine"]["reasons"] == [S.TRAP, S.TOO_FAST]
    assert [item["number"] for item in scene.listed(view="quarantined")] == [number]
    with scene.work() as work:
        links.request_ticket_link(work, number, RequestTicketLink(ADA))
    with scene.work() as work:
        links.mail_requested_links(work)
    assert scene.owed() == []
    stranger = holder(f"ticket:{number}")
    mine = scene.seen(stranger, number)
    assert (mine["status"], mine.get("quarantine")) == (TicketStatus.QUARANTINED, None)
    assert mine["answer_by"] == receipt["answer_by"]
    for refused, caller, body in (
        (Quarantined, stranger, "And here is another link for you."),
        (WrongStatus, GRACE, "Thank you for writing to us today."),
    ):
        with pytest.raises(refused):
            scene.does(caller, writing.post_message, number, body=body)
    with pytest.raises(WrongStatus):
        scene.does(GRACE, tickets.amend_ticket, number, category=Category.ORDER)


def test_who_has_shown_something_is_not_judged(scene: Scene) -> None:
    order = holder("order:ORD-0000-0007-W")

    assert "quarantined" not in sent(scene, customer(ADA), website="x")
    assert "quarantined" not in sent(scene, order, website="x", order_number="ORD-0000-0007-W")
    assert "quarantined" in sent(scene, holder("ticket:TIC-X8VH-K9S7-2"), website="x")
    assert "quarantined" not in sent(scene, form_token=None)
    assert "quarantined" not in sent(scene, form_token=form_begun(NOW - HOUR))


def test_what_is_let_through_counts_from_its_start(scene: Scene) -> None:
    """Released while the time still runs: promises as if nothing had been, and the mail that was held back."""
    number = sent(scene, category=Category.COMPLAINT)["ticket_number"]
    ordinary, _ = scene.opened(category=Category.COMPLAINT)
    scene.owed()

    scene.does(GRACE, tickets.restore_ticket, number, at=NOW + HOUR, reason="a person wrote it")

    held, usual = scene.seen(GRACE, number), scene.seen(GRACE, ordinary)
    assert held["status"] == TicketStatus.NEW
    assert {(each["kind"], each["started_at"], each["due_at"]) for each in held["commitments"]} == {
        (each["kind"], each["started_at"], each["due_at"]) for each in usual["commitments"]
    }
    assert (held["answer_by"], held["next_due_at"]) == (usual["answer_by"], usual["next_due_at"])
    [mail] = [each for each in scene.owed(NOW + HOUR) if each.reference == number]
    assert (mail.about, mail.recipient) == ("ticket_opened", ADA)
    assert "set yours aside" in mail.text
    assert held["complaint"] is not None
    with pytest.raises(WrongStatus):
        scene.does(GRACE, tickets.restore_ticket, number, reason="twice")


def test_what_is_let_through_late_is_said_to_be_late(scene: Scene) -> None:
    number = sent(scene)["ticket_number"]

    scene.does(GRACE, tickets.restore_ticket, number, at=NOW + 3 * DAY, reason="a person wrote it")

    assert scene.seen(GRACE, number)["answer_by"] == "2026-03-02T10:00:00Z"
    [mail] = scene.owed(NOW + 3 * DAY)
    assert "are late" in mail.text
    assert "a person answers you by" not in mail.text


def test_what_is_kept_as_spam_sends_no_mail(scene: Scene) -> None:
    number = sent(scene, category=Category.COMPLAINT)["ticket_number"]
    with pytest.raises(SpamNeedsLead):
        scene.does(GRACE, tickets.mark_spam, number, reason="an advertisement")
    scene.does(LENA, tickets.mark_spam, number, reason="an advertisement")

    assert scene.owed() == []
    assert scene.listed(view="quarantined") == []
    stranger = holder(f"ticket:{number}")
    assert scene.seen(stranger, number)["status"] == TicketStatus.CLOSED
    with pytest.raises(Quarantined):
        scene.does(stranger, writing.post_message, number, body="Buy.")
    with pytest.raises(Quarantined):
        scene.does(stranger, writing.reopen_ticket, number)

    scene.does(LENA, tickets.restore_ticket, number, at=NOW + HOUR, reason="it is none")

    seen = scene.seen(LENA, number)
    assert (seen["status"], seen["answer_by"]) == (TicketStatus.NEW, "2026-03-02T04:00:00Z")
    assert seen["next_due_at"] == seen["answer_by"]
    assert [mail.about for mail in scene.owed(NOW + HOUR)] == ["ticket_opened"]


def test_a_proven_mailbox_lets_its_message_through(scene: Scene) -> None:
    number = sent(scene)["ticket_number"]

    scene.does(customer(ADA), writing.post_message, number, body="It was I who wrote this to you.")

    seen = scene.seen(GRACE, number)
    assert (seen["status"], seen["mailbox_proven"], len(seen["messages"])) == (TicketStatus.NEW, True, 2)
    assert [mail.about for mail in scene.owed()] == ["ticket_opened"]


def test_who_takes_spam_up_again_without_words_goes_on(scene: Scene) -> None:
    number = sent(scene)["ticket_number"]
    scene.does(LENA, tickets.mark_spam, number, reason="an advertisement")

    scene.does(customer(ADA), writing.reopen_ticket, number, at=NOW + HOUR)

    seen = scene.seen(GRACE, number)
    assert (seen["status"], len(seen["messages"]), seen["cycle"]) == (TicketStatus.NEW, 1, 1)
    assert [mail.about for mail in scene.owed(NOW + HOUR)] == ["ticket_opened"]


def test_what_waits_is_not_forgotten(scene: Scene) -> None:
    """The receipt says by when: staff are told that it runs out, its writer is not, and spam is over."""
    add_staff(scene.store, Staff("lena@pledge.example", "Lena", ["lead"]))
    sent(scene)
    spam = sent(scene, email="bo@example.com", message="Buy our gold.")["ticket_number"]
    scene.does(LENA, tickets.mark_spam, spam, reason="an advertisement")

    passes(scene, NOW + 7 * HOUR)
    passes(scene, NOW + DAY)

    assert {(mail.recipient, mail.about) for mail in scene.owed(NOW + DAY)} == {("lena@pledge.example", "ladder")}
    seen = scene.seen(LENA, spam)
    assert (seen["next_due_at"], seen["answer_by"]) == (None, None)


@pytest.mark.parametrize("passed", [False, True])
def test_nothing_stays_of_who_was_erased(scene: Scene, passed: bool) -> None:
    number = sent(scene)["ticket_number"]
    if passed:
        scene.does(customer(ADA), writing.post_message, number, body="It was I who wrote this to you.")
        scene.does(LENA, tickets.mark_spam, number, reason="it is none of ours")

    privacy.forget(partial(scene.work, at=NOW + TICKETS_KEPT.span + DAY))

    seen = scene.seen(LENA, number)
    assert (seen["status"], seen["next_due_at"], seen["customer"]["email"]) == (TicketStatus.SPAM, None, "erased")
    assert scene.listed(view="quarantined") == []
    with scene.work() as work:
        held = work.quarantines.find(number)
        assert held is not None
        assert held.let_through_by == (CUSTOMER_ERASED if passed else None)


def test_the_same_message_sent_again_is_one(scene: Scene) -> None:
    first = sent(scene, replace(guest(), idempotency_key="k" * 20))
    again = sent(scene, replace(guest(), idempotency_key="k" * 20), form_token=form_begun(NOW - HOUR))

    assert again["ticket_number"] == first["ticket_number"]
    assert again.get("quarantined") is True
