"""Conversations that end honestly, in one thread, and show each reader what they have proven."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.common.basics.caller import Caller
from services.common.basics.errors import Conflict, Forbidden, Invalid, NotFound
from services.common.edge.schemas import load
from services.common.testing import customer, staff
from services.support.api import BeginTicket, Category, Priority, ResolveTicket, TicketStatus, Topic
from services.support.api.triage import BatchTickets
from services.support.domain import Staff
from services.support.handlers import opening, promises, rating, tickets, waiting, writing
from services.support.tables import notifications
from services.support.tests.builders import (
    ADA,
    DAY,
    EVE,
    HOUR,
    NOW,
    ORDER_NUMBER,
    TICKET_NUMBER,
    a_form,
    add_staff,
    breached,
    token_of,
)
from services.support.tests.scene import GRACE, LENA, Scene, a_scene

ANSWER = "The shirt is made of cotton."
GRACE_MAIL, LENA_MAIL = "grace@pledge.example", "lena@pledge.example"


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_scene(tmp_path) as scene:
        yield scene


def said(scene: Scene, caller: Caller, number: str, body: str = ANSWER, **more: Any) -> Any:
    return scene.does(caller, writing.post_message, number, body=body, **more)


def by_link(scene: Scene, number: str, serial: int) -> Caller:
    """Return a caller with a ticket's link: 1 is the form's own, 2 the one that was mailed first."""
    return Caller(f"customer:{number}", grants=scene.exchanged(token_of(number, serial)))


def mails_to(scene: Scene, recipient: str = ADA) -> list[Any]:
    return [item for item in scene.owed() if item.recipient == recipient]


def texts_to(scene: Scene, recipient: str = ADA) -> list[str]:
    """Return all mails to that address, in order."""
    with scene.work(reading=True) as work:
        rows = work.session.execute(notifications.select().where(notifications.c.recipient == recipient)).mappings()
        return [row["text"] for row in sorted(rows, key=lambda row: row["created_at"])]


# a refusal


@pytest.mark.parametrize("code", ["declined", "duplicate"])
def test_a_refusal_is_told_with_reason_and_way_to_object(scene, code):
    number, _ = scene.opened(customer(ADA))
    said(scene, GRACE, number)
    scene.owed()

    scene.does(LENA, tickets.resolve_ticket, number, code=code, note="We do not make it in wool.")

    (mail,) = mails_to(scene)
    assert "We do not make it in wool." in mail.text
    assert "your message takes the matter up again" in mail.text
    assert "satisfied" not in mail.text
    shown = scene.seen(customer(ADA), number)
    assert shown["resolution"]["note"] == "We do not make it in wool."
    assert not shown["ratable"]
    with pytest.raises(Conflict) as refused:
        scene.does(customer(ADA), rating.rate_ticket, number, score=5)
    assert refused.value.code == "not_ratable"


def test_a_note_about_what_was_solved_stays_with_staff(scene):
    number, _ = scene.opened(customer(ADA))
    said(scene, GRACE, number)
    scene.does(GRACE, tickets.resolve_ticket, number, code="solved", note="he was angry")

    assert scene.seen(customer(ADA), number)["resolution"]["note"] is None


@pytest.mark.parametrize(
    ("given", "kept", "words"),
    [("too_late", "too_late", "is over.\n\nWe do not"), (None, "other", "this reason:\n\nWe do not")],
)
def test_declining_has_a_ground_that_is_told_and_kept(scene, given, kept, words):
    number, _ = scene.opened(customer(ADA))
    said(scene, GRACE, number)
    scene.owed()

    scene.does(LENA, tickets.resolve_ticket, number, code="declined", note="We do not make it.", ground=given)

    (mail,) = mails_to(scene)
    assert words in mail.text
    assert scene.seen(customer(ADA), number)["resolution"]["ground"] == kept
    said(scene, customer(ADA), number)
    scene.does(LENA, writing.post_message, number, body="You are right: we make one for you.")
    scene.does(LENA, tickets.resolve_ticket, number, code="solved")
    assert scene.seen(customer(ADA), number)["resolution"]["ground"] is None
    told = scene.does(LENA, tickets.get_ticket_timeline, number)["items"]
    assert [each["body"]["ground"] for each in told if each["type"] == "ticket_resolved"] == [kept, None]


@pytest.mark.parametrize("code", ["answered", "solved", "duplicate"])
def test_only_what_is_declined_has_a_ground(code):
    given = {"code": code, "ground": "law", "note": "No."}
    for kind, wish in (
        (ResolveTicket, given),
        (BatchTickets, {**given, "step": "resolve", "items": [{"number": TICKET_NUMBER}]}),
    ):
        with pytest.raises(Invalid):
            load(kind, wish)


# spam


def protected(scene: Scene) -> dict[str, str]:
    scene.learns_order()
    return {
        "complaint": scene.opened(category=Category.COMPLAINT)[0],
        "mailbox": scene.opened(customer(ADA))[0],
        "order": scene.opened(Caller("x", grants=frozenset({f"order:{ORDER_NUMBER}"})), order_number=ORDER_NUMBER)[0],
    }


@pytest.mark.parametrize("whose", ["complaint", "mailbox", "order"])
def test_only_a_lead_takes_a_customer_for_spam(scene, whose):
    number = protected(scene)[whose]
    scene.owed()

    with pytest.raises(Forbidden) as refused:
        scene.does(GRACE, tickets.mark_spam, number, reason="rude words")
    assert refused.value.code == "role_required"

    scene.does(LENA, tickets.mark_spam, number, reason="rude words")
    (mail,) = mails_to(scene)
    assert "rude words" in mail.text
    assert "your message takes the matter up again" in mail.text


def test_a_stranger_is_taken_for_spam_by_an_agent_in_silence(scene):
    number, _ = scene.opened()
    scene.owed()

    assert scene.does(GRACE, tickets.mark_spam, number, reason="pills")["status"] == "spam"
    assert mails_to(scene) == []


def test_no_answer_is_promised_while_the_clocks_stand_still(scene):
    number, _ = scene.opened(customer(ADA), category=Category.COMPLAINT)
    scene.does(LENA, tickets.mark_spam, number, reason="rude words")

    shown = scene.seen(customer(ADA), number)

    assert (shown["answer_by"], shown["next_due_at"]) == (None, None)


@pytest.mark.parametrize("again", [writing.post_message, writing.reopen_ticket])
def test_who_writes_again_comes_back_to_sight(scene, again):
    number, _ = scene.opened(customer(ADA), category=Category.COMPLAINT)
    scene.does(LENA, tickets.mark_spam, number, reason="rude words")

    scene.does(customer(ADA), again, number, **({"body": "I mean it."} if again is writing.post_message else {}))

    assert scene.seen(GRACE, number)["status"] == "new"
    assert scene.seen(customer(ADA), number)["answer_by"]
    assert [item["number"] for item in scene.listed()] == [number]


# waiting for the customer


def see_to_waiting(scene: Scene, at: Any) -> None:
    with scene.work(at=at) as work:
        waiting.see_to_waiting_tickets(work)


def test_who_does_not_answer_is_reminded_then_told_the_end(scene):
    number, _ = scene.opened()
    said(scene, GRACE, number, status=TicketStatus.WAITING_CUSTOMER)
    scene.owed()

    see_to_waiting(scene, NOW + 3 * DAY)
    see_to_waiting(scene, NOW + 4 * DAY)
    (reminder,) = texts_to(scene)[2:]
    assert "If we do not hear from you for 7 days, we end this conversation" in reminder

    see_to_waiting(scene, NOW + 9 * DAY)
    assert scene.seen(GRACE, number)["status"] == "waiting_customer"
    see_to_waiting(scene, NOW + 10 * DAY)
    assert scene.seen(GRACE, number)["status"] == "resolved"
    (end,) = texts_to(scene)[3:]
    assert "have ended this conversation" in end


def test_a_complaint_comes_back_to_us_instead_of_ending(scene):
    number, _ = scene.opened(category=Category.COMPLAINT)
    said(scene, GRACE, number, status=TicketStatus.WAITING_CUSTOMER)

    see_to_waiting(scene, NOW + 3 * DAY)
    see_to_waiting(scene, NOW + 10 * DAY)

    shown = scene.seen(GRACE, number)
    assert shown["status"] == "open"
    assert shown["messages"][-1]["internal"]
    (reminder,) = texts_to(scene)[2:]
    assert "end this conversation" not in reminder


def test_an_answer_ends_the_waiting(scene):
    number, _ = scene.opened()
    said(scene, GRACE, number, status=TicketStatus.WAITING_CUSTOMER)
    said(scene, customer(ADA), number, body="The blue one.", at=NOW + DAY)

    see_to_waiting(scene, NOW + 20 * DAY)

    assert scene.seen(GRACE, number)["status"] == "open"


@pytest.mark.parametrize("body", [".", "ok", "A: yes, steel", "." * 40, "!? " * 20])
def test_less_than_a_sentence_is_no_public_answer(scene, body):
    number, _ = scene.opened()

    with pytest.raises(Invalid) as refused:
        said(scene, GRACE, number, body=body)

    assert refused.value.code == "answer_too_short"
    assert scene.seen(GRACE, number)["answer_by"]
    said(scene, GRACE, number, body="see the buyer", internal=True)
    said(scene, customer(ADA), number, body="?")


# one answer, one thread


def test_of_two_agents_answers_one_goes_out(scene):
    number, _ = scene.opened()
    seen = scene.seen(GRACE, number)["version"]
    said(scene, GRACE, number, version=seen)

    with pytest.raises(Conflict) as refused:
        said(scene, LENA, number, body="No, it is made of wool.", version=seen)

    assert refused.value.code == "version_moved"
    assert [item["body"] for item in refused.value.details["messages"]] == [ANSWER]
    assert refused.value.details["version"] == scene.seen(GRACE, number)["version"]
    assert len(scene.seen(customer(ADA), number)["messages"]) == 2


@pytest.mark.parametrize("step", [tickets.close_ticket, writing.reopen_ticket])
def test_closing_and_reopening_need_what_was_seen(scene, step):
    number = scene.resolved()
    seen = scene.seen(LENA, number)["version"]
    said(scene, GRACE, number, body="One thing more: wash it cold.")

    with pytest.raises(Conflict) as refused:
        scene.does(LENA, step, number, version=seen)

    assert refused.value.code == "version_moved"


def test_a_note_moves_no_version_that_a_customer_sees(scene):
    number, _ = scene.opened(customer(ADA))
    before = scene.seen(customer(ADA), number)["version"]
    said(scene, GRACE, number, body="ask the buyer", internal=True)
    assert scene.seen(customer(ADA), number)["version"] == before

    said(scene, GRACE, number)
    with pytest.raises(Conflict) as refused:
        said(scene, customer(ADA), number, body="So?", version=before)

    assert [item["body"] for item in refused.value.details["messages"]] == [ANSWER]
    assert "actor" not in str(refused.value.details)


def test_a_customer_sees_positions_without_gaps(scene):
    number, _ = scene.opened(customer(ADA))
    for _ in range(2):
        said(scene, GRACE, number, body="ask the buyer", internal=True)
    said(scene, GRACE, number)
    posted = said(scene, customer(ADA), number, body="Thank you!")

    assert [item["position"] for item in scene.seen(customer(ADA), number)["messages"]] == [1, 2, 3]
    assert posted["message"]["position"] == 3
    assert [item["position"] for item in scene.seen(GRACE, number)["messages"]] == [1, 2, 3, 4, 5]


def test_what_is_written_too_late_goes_on_in_one_ticket(scene):
    number = scene.resolved()
    scene.does(customer(ADA), tickets.close_ticket, number)
    late = NOW + timedelta(days=20)

    first = said(scene, customer(ADA), number, body="It shrank.", at=late)
    second = said(scene, customer(ADA), number, body="By two sizes.", at=late)
    third = scene.does(customer(ADA), writing.reopen_ticket, number, message="Hello?", at=late)

    assert first["number"] == second["number"] == third["number"] != number
    assert first["previous_number"] == number
    assert scene.seen(customer(ADA), number)["next_number"] == first["number"]
    assert len(scene.seen(GRACE, first["number"])["messages"]) == 3


def test_staff_add_to_what_is_resolved_without_reopening(scene):
    number = scene.resolved()
    clocks = scene.seen(GRACE, number)["commitments"]
    scene.owed()

    posted = said(scene, GRACE, number, body="One thing more: wash it cold.")

    assert posted["status"] == "resolved"
    assert scene.seen(GRACE, number)["commitments"] == clocks
    assert ["wash it cold" in mail.text for mail in mails_to(scene)] == [True]


def test_an_admin_takes_part_like_an_agent(scene):
    number, _ = scene.opened()
    add_staff(scene.store, Staff("ada.admin@pledge.example", "Ada Admin", ["admin"]))
    admin = staff("admin", email="ada.admin@pledge.example")

    given = scene.does(admin, tickets.assign_ticket, number, assignee="ada.admin@pledge.example")
    said(scene, admin, number)

    assert given["assignee"] == scene.seen(GRACE, number)["assignee"] == "ada.admin@pledge.example"


# what it is about


def test_a_corrected_category_moves_the_clocks_from_their_start(scene):
    number, _ = scene.opened()

    scene.does(GRACE, tickets.amend_ticket, number, at=NOW + HOUR, category=Category.COMPLAINT)

    with scene.work(reading=True) as work:
        ticket = work.tickets.get(number)
        assert work.tickets.clocks(ticket, lock=False).due("first_response") == NOW + 2 * HOUR
        kinds = [entry["type"] for entry in work.tickets.timeline(number, public_only=False)]
    assert "ticket_amended" in kinds


def test_a_priority_is_for_staff_and_its_end_is_told(scene):
    number, _ = scene.opened(category=Category.PRODUCT)
    scene.owed()

    urgent = scene.does(GRACE, tickets.amend_ticket, number, priority=Priority.URGENT)
    assert (urgent["priority"], mails_to(scene)) == ("urgent", [])
    assert "priority" not in scene.seen(customer(ADA), number)

    scene.does(GRACE, tickets.amend_ticket, number, priority=Priority.LOW)
    (mail,) = mails_to(scene)
    assert "answer it later than we had said" in mail.text


def test_a_clock_that_ended_keeps_its_verdict(scene):
    number, _ = scene.opened()
    said(scene, GRACE, number, at=NOW + 3 * HOUR)

    scene.does(GRACE, tickets.amend_ticket, number, at=NOW + 4 * HOUR, category=Category.COMPLAINT)

    answered = next(c for c in scene.seen(GRACE, number)["commitments"] if c["kind"] == "first_response")
    assert answered["status"] == "kept"


def test_a_broken_promise_is_not_mended_by_another_category(scene):
    number, _ = scene.opened(category=Category.COMPLAINT)

    scene.does(LENA, tickets.amend_ticket, number, at=NOW + 3 * HOUR, category=Category.PRODUCT)

    with scene.work(at=NOW + 3 * HOUR, reading=True) as work:
        clocks = work.tickets.clocks(work.tickets.get(number), lock=False)
        assert clocks.due("first_response") == NOW + 2 * HOUR


def test_a_later_answer_is_told(scene):
    number, _ = scene.opened(category=Category.ORDER)
    scene.owed()

    scene.does(GRACE, tickets.amend_ticket, number, category=Category.PRODUCT)

    (mail,) = mails_to(scene)
    assert "Monday 2 March 2026, 10:00 (UTC)" in mail.text


def test_only_a_lead_says_that_a_complaint_is_none(scene):
    number, _ = scene.opened(category=Category.COMPLAINT)

    with pytest.raises(Forbidden):
        scene.does(GRACE, tickets.amend_ticket, number, category=Category.PRODUCT)
    assert scene.does(LENA, tickets.amend_ticket, number, category=Category.PRODUCT)["category"] == "product"


def test_a_topic_does_not_go_with_an_order(scene):
    with pytest.raises(Invalid) as refused:
        scene.opened(order_number=ORDER_NUMBER, topic=Topic.MATERIALS)

    assert refused.value.code == "topic_of_order"


# what a link shows


def test_an_unproven_link_shows_what_its_holder_wrote(scene):
    number, _ = scene.opened(email=ADA)
    stranger = by_link(scene, number, 1)
    said(scene, GRACE, number)

    shown = scene.seen(stranger, number)

    assert [item["body"] for item in shown["messages"]] == ["What is the shirt made of?"]
    assert shown["own_words_only"]
    assert len(scene.seen(by_link(scene, number, 2), number)["messages"]) == 2


def test_proof_ends_every_link_that_was_not_mailed(scene):
    number, token = scene.opened(email=ADA)
    said(scene, by_link(scene, number, 1), number, body="Give me the address.")

    said(scene, by_link(scene, number, 2), number, body="Who wrote that?")

    with pytest.raises(NotFound):
        scene.exchanged(token)
    marks = [item["proven"] for item in scene.seen(GRACE, number)["messages"]]
    assert marks == [False, False, True]


def test_who_came_through_the_orders_link_reads_until_the_proof(scene):
    scene.learns_order()
    owner = Caller("x", grants=frozenset({f"order:{ORDER_NUMBER}"}))
    number, token = scene.opened(owner, order_number=ORDER_NUMBER)
    others, _ = scene.opened(owner, order_number=ORDER_NUMBER, email=EVE)
    for each in (number, others):
        said(scene, GRACE, each)

    assert len(scene.seen(by_link(scene, number, 1), number)["messages"]) == 2
    assert len(scene.seen(by_link(scene, others, 1), others)["messages"]) == 1
    assert said(scene, by_link(scene, number, 1), number, body="Thank you!")["message"]["position"] == 3

    said(scene, by_link(scene, number, 2), number, body="It is me.")
    with pytest.raises(NotFound):
        scene.exchanged(token)


def test_who_signed_in_before_writing_keeps_the_forms_link(scene):
    number, token = scene.opened(customer(ADA))
    said(scene, GRACE, number)

    assert f"mailbox:{number}" in scene.exchanged(token)
    assert len(scene.seen(by_link(scene, number, 1), number)["messages"]) == 2


# staff


def test_staff_begin_a_conversation(scene):
    with scene.work(GRACE) as work:
        begun = BeginTicket("Ada", ADA, Category.ORDER, "Your call", "As you asked on the phone.", asks=True)
        ticket = opening.begin_ticket(work, begun)

    (mail,) = mails_to(scene)
    assert "As you asked on the phone." in mail.text
    assert "received your message" not in mail.text
    shown = scene.seen(GRACE, ticket["number"])
    assert (shown["status"], shown["assignee"]) == ("waiting_customer", GRACE_MAIL)
    assert [item["author"] for item in shown["messages"]] == ["agent"]


def test_staff_do_not_use_the_form_of_customers(scene):
    with pytest.raises(Forbidden) as refused:
        opening.open_ticket(lambda: scene.work(GRACE), a_form())

    assert refused.value.code == "staff_begin_tickets"


def test_the_assignee_of_a_ticket_is_told(scene):
    add_staff(scene.store, Staff(GRACE_MAIL, "Grace", ["agent"]), Staff(LENA_MAIL, "Lena", ["lead"]))
    number, _ = scene.opened()

    scene.does(LENA, tickets.assign_ticket, number, assignee=GRACE_MAIL)
    said(scene, customer(ADA), number, body="Are you there?")

    subjects = [mail.subject.partition(" · ")[0] for mail in mails_to(scene, GRACE_MAIL)]
    assert sorted(subjects) == ["A ticket is yours now", "The customer has written"]


def test_leads_are_told_of_a_former_colleagues_tickets(scene):
    add_staff(scene.store, Staff(LENA_MAIL, "Lena", ["lead"]))
    number, _ = scene.opened()
    said(scene, GRACE, number)

    said(scene, customer(ADA), number, body="Are you there?")

    assert [mail.subject for mail in mails_to(scene, LENA_MAIL)] == [f"The customer has written · {number}"]


# late


def test_late_news_have_a_clock_the_zone_and_the_number(scene):
    number, _ = scene.opened(time_zone="America/New_York")
    scene.owed()

    scene.hears(promises.on_commitment_breached, breached("first_response", number), source="support")

    (mail,) = mails_to(scene)
    (clock,) = [c for c in scene.seen(GRACE, number)["commitments"] if c["kind"] == "update"]
    assert number in mail.text
    assert "(America/New_York)" in mail.text
    assert "UTC" not in mail.text
    assert clock["due_at"].startswith("2026-03-03T15:59:59")
    assert "we write to you with news by Tuesday 3 March 2026, 10:59 (America/New_York)" in mail.text
    assert "lead" not in mail.text, "there is none who was told"


def test_news_stop_the_clock_of_news(scene):
    number, _ = scene.opened()
    scene.hears(promises.on_commitment_breached, breached("first_response", number), source="support")

    said(scene, GRACE, number)

    assert [c["status"] for c in scene.seen(GRACE, number)["commitments"] if c["kind"] == "update"] == ["kept"]


def test_mails_of_a_ticket_are_one_thread(scene):
    number, _ = scene.opened()
    said(scene, GRACE, number)
    said(scene, GRACE, number, body="One thing more: wash it cold.")

    first, second, third = sorted(mails_to(scene), key=lambda mail: (mail.created_at, mail.key != first_key(number)))

    assert second.subject == third.subject == f"Re: {first.subject}"
    assert first.in_reply_to is None
    assert second.thread == third.thread == first.message_id


def first_key(number: str) -> str:
    return f"{number}:ticket_opened:1:1"


def test_an_answer_and_its_end_are_one_mail(scene):
    number, _ = scene.opened()
    said(scene, GRACE, number)

    scene.does(GRACE, tickets.resolve_ticket, number, code="answered")

    (_, answer, asked) = texts_to(scene)
    assert "What we have marked as solved can be rated there" in answer
    assert "tell us below how satisfied you are" in asked.lower()
    assert [item.about for item in scene.owed()] == ["ticket_opened", "message_posted"]  # it is asked an hour later


def test_an_end_long_after_the_answer_is_told(scene):
    number, _ = scene.opened()
    said(scene, GRACE, number)

    scene.does(GRACE, tickets.resolve_ticket, number, at=NOW + DAY, code="solved")

    assert "We believe that your matter is solved" in texts_to(scene)[-1]


def test_an_answer_repeats_what_was_asked(scene):
    number, _ = scene.opened()
    said(scene, GRACE, number)

    (answer,) = texts_to(scene)[1:]
    assert ANSWER in answer
    assert "> What is the shirt made of?" in answer
    assert "Is it cotton?" in answer


def test_a_customer_reads_which_side_began(scene):
    with scene.work(GRACE) as work:
        opening.begin_ticket(work, BeginTicket("Ada", EVE, Category.ORDER, "Your call", "As you asked on the phone."))
    number, _ = scene.opened(customer(ADA))

    with scene.work(reading=True) as work:
        journal = work.session.connection().exec_driver_sql("SELECT body FROM journal WHERE type = 'ticket_opened'")
        began = [row for row in journal.scalars()]

    assert ['"opened_by":"agent"' in body.replace(" ", "") for body in began] == [True, False]
    entries = scene.does(customer(ADA), tickets.get_ticket_timeline, number)["items"]
    assert [entry["type"] for entry in entries] == ["ticket_opened"]
