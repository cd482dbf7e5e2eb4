"""The clocks of a ticket: what starts, moves and stops them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.basics import ids
from services.common.basics.errors import ServiceError
from services.common.calendar import BusinessHours
from services.support.api import Category, Priority, ResolutionCode, TicketStatus
from services.support.api.terms import ANSWER, SOONER
from services.support.domain import NEVER, Ticket, TicketClocks, business_hours
from services.support.tests.builders import DAY, HOUR, NOW, PROMISES, TICKET_NUMBER, Desk, a_form

AGENT, LEAD = "grace@pledge.example", "lena@pledge.example"
TEXT = "Which one of the two do you mean?"


def resolve(desk: Desk, at: datetime) -> None:
    desk.does("resolve", ResolutionCode.ANSWERED, None, at, by_lead=False, waits=desk.clocks.waits, now=at)


@pytest.mark.parametrize(
    ("category", "hours"),
    [
        (Category.COMPLAINT, 2),
        (Category.ORDER, 4),
        (Category.AFTERSALES, 4),
        (Category.PRODUCT, 8),
        (Category.LOGISTICS, 8),
        (Category.SUGGESTION, 8),
    ],
)
def test_the_first_answer_is_due_by_category_in_business_hours(category, hours):
    opens = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

    assert PROMISES.answer_by(category, opens) == opens + timedelta(hours=hours)


def test_what_is_asked_at_night_is_counted_from_the_morning():
    friday_night = datetime(2026, 3, 6, 15, 0, tzinfo=UTC)

    assert PROMISES.answer_by(Category.COMPLAINT, friday_night) == datetime(2026, 3, 9, 3, 0, tzinfo=UTC)


def test_the_next_deadline_is_the_earliest_that_runs():
    desk = Desk(category=Category.COMPLAINT)

    assert desk.clocks.next_due_at == NOW + 2 * HOUR


def test_an_answer_in_time_keeps_the_promise():
    desk = Desk()

    desk.does("answer", "The shirt is made of cotton.", AGENT, NOW + HOUR, now=NOW + HOUR)

    assert desk.clock("first_response").verdict(NOW + DAY) == "kept"
    assert desk.clocks.next_due_at == desk.clock("resolution").due_at


def test_an_answer_at_the_last_second_is_in_time():
    desk = Desk()
    due = desk.clock("first_response").due_at

    desk.does("answer", "The shirt is made of cotton.", AGENT, due, now=due)

    assert desk.clock("first_response").verdict(due + DAY) == "kept"


def test_neither_a_note_nor_an_automatic_message_stops_the_clock():
    desk = Desk()

    desk.does("note", "ask the buyer", AGENT, NOW + HOUR, now=NOW + HOUR)
    desk.does("announce", "We are on it.", NOW + HOUR, now=NOW + HOUR)

    assert desk.clock("first_response").stopped_at is None


def test_further_messages_do_not_move_the_next_answer():
    desk = Desk()
    desk.does("answer", "Which one of the two do you mean?", AGENT, NOW, now=NOW)
    desk.does("write", "The blue one.", "guest", NOW + HOUR, now=NOW + HOUR)
    due = desk.clock("next_response").due_at

    desk.does("write", "Hello?", "guest", NOW + 3 * HOUR, now=NOW + 3 * HOUR)

    assert desk.clock("next_response").due_at == due
    assert len([clock for clock in desk.clocks.all if clock.kind == "next_response"]) == 1


def test_a_second_message_starts_no_second_clock():
    desk = Desk()

    desk.does("write", "Hello?", "guest", NOW + HOUR, now=NOW + HOUR)

    assert {clock.kind for clock in desk.clocks.all} == {"first_response", "resolution"}


def test_the_resolution_waits_while_the_customer_is_asked():
    desk = Desk()
    due = desk.clock("resolution").due_at
    desk.does("answer", "Which one of the two do you mean?", AGENT, NOW, TicketStatus.WAITING_CUSTOMER, now=NOW)
    assert desk.clocks.next_due_at == NEVER

    desk.does("write", "The blue one.", "guest", NOW + 7 * DAY, now=NOW + 7 * DAY)

    assert desk.clock("resolution").due_at > due + 6 * DAY


def test_reopening_starts_new_clocks_and_keeps_old_verdicts():
    desk = Desk()
    desk.does("answer", "The shirt is made of cotton.", AGENT, NOW, now=NOW)
    resolve(desk, NOW + HOUR)

    desk.does("reopen", NOW + DAY, now=NOW + DAY)

    resolutions = [clock for clock in desk.clocks.all if clock.kind == "resolution"]
    assert [clock.verdict(NOW + DAY) for clock in resolutions] == ["kept", "running"]
    assert desk.clocks.waits


def test_clocks_of_spam_stand_still_and_go_on():
    desk = Desk()
    desk.does("mark_spam", "advertising", by_lead=False, now=NOW + HOUR)
    assert desk.clocks.next_due_at == NEVER

    desk.does("restore", "a person", now=NOW + DAY)

    assert desk.clock("first_response").verdict(NOW + DAY) == "running"
    assert desk.clock("first_response").due_at == NOW + DAY + 7 * HOUR


def test_outreach_owes_no_first_answer_but_the_next_one():
    ticket, _, events = Ticket.reach_out(TICKET_NUMBER, a_form(), NOW, needs_answer=True)
    clocks = TicketClocks([], PROMISES, ids.new_id)
    clocks.hear(ticket, events, NOW)
    assert not clocks.waits

    _, events = ticket.write("Send the rest.", "guest", NOW + HOUR)
    clocks.hear(ticket, events, NOW + HOUR)

    assert clocks.waits


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["write", "answer", "ask", "note", "announce", "resolve", "reopen", "mark_spam", "restore"]
            ),
            st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=3)),
        ),
        max_size=15,
    )
)
def test_one_response_clock_runs_until_a_person_answers(steps):
    desk, now, waiting = Desk(), NOW, True

    for step, later in steps:
        now += later
        try:
            match step:
                case "ask":
                    desk.does("answer", TEXT, AGENT, now, TicketStatus.WAITING_CUSTOMER, now=now)
                case "answer" | "note" | "write":
                    desk.does(step, TEXT, AGENT, now, now=now)
                case "resolve":
                    resolve(desk, now)
                case "mark_spam":
                    desk.does(step, "reason", by_lead=False, now=now)
                case "restore":
                    desk.does(step, "reason", now=now)
                case "announce":
                    desk.does("announce", "text", now, now=now)
                case "reopen":
                    desk.does("reopen", now, now=now)
        except ServiceError:
            continue
        waiting = {"write": True, "reopen": True, "answer": False, "ask": False}.get(step, waiting)

        running = [clock for clock in desk.clocks.all if clock.stopped_at is None]
        responses = [clock for clock in running if clock.kind != "resolution"]
        assert len(responses) == int(waiting)
        assert len(running) - len(responses) <= 1
        assert desk.ticket.status == "spam" or (desk.ticket.status in ("resolved", "closed")) == (not running)


@pytest.mark.parametrize(
    "text", ["", "Mon", "Mon-Fri", "Mon-Fri 9-18", "Xyz 09:00-18:00", "Mon 18:00-09:00", "Fri-Mon 09:00-18:00"]
)
def test_hours_of_work_that_make_no_sense_are_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 (every one of them is)
        business_hours(text, "Asia/Shanghai", "CN")


def test_hours_of_work_may_have_a_lunch_break():
    hours = business_hours("Mon-Fri 09:00-12:00 13:00-18:00, Sat 10:00-14:00", "Asia/Shanghai", "")

    assert isinstance(hours, BusinessHours)
    assert hours.add(datetime(2026, 3, 2, 3, 30, tzinfo=UTC), 3600) == datetime(2026, 3, 2, 5, 30, tzinfo=UTC)
    assert hours.is_open(datetime(2026, 3, 7, 3, 0, tzinfo=UTC))


@given(st.lists(st.tuples(st.sampled_from(Category), st.integers(0, 300)), min_size=1, max_size=6))
def test_a_running_answer_clock_takes_the_categorys_terms(corrections):
    """Only a clock that has run out is left as it is."""
    desk, now, run_out = Desk(), NOW, False

    for category, minutes in corrections:
        now += timedelta(minutes=minutes)
        run_out = run_out or now > desk.clock("first_response").due_at
        before = desk.clock("first_response").due_at
        fields = {"topic": None, "order_number": None, "sku": None, "order_proven": False, "by_lead": True}
        desk.does("amend", category=category, now=now, **fields)

        expected = before if run_out else PROMISES.answer_by(category, NOW)
        assert desk.clock("first_response").due_at == expected
        assert desk.clock("resolution").due_at == Desk().clock("resolution").due_at


HOURS = {**dict(ANSWER), **dict(SOONER)}


@given(st.sampled_from(Category), st.lists(st.sampled_from(Priority), min_size=1, max_size=5))
def test_a_priority_shortens_the_time_of_a_category(category, priorities):
    """Whatever it was before, the clock runs from its start, and never longer than the category's."""
    desk = Desk()
    fields = {"topic": None, "order_number": None, "sku": None, "order_proven": False, "by_lead": True}

    for priority in priorities:
        desk.does("amend", category=category, priority=priority, now=NOW, **fields)

        hours = min(HOURS[category], HOURS.get(priority, 99))
        assert desk.clock("first_response").due_at == PROMISES.hours.add(NOW, hours * 3600)
        assert desk.clock("resolution").due_at == Desk().clock("resolution").due_at


def test_a_further_message_is_answered_as_soon_as_urgent_says():
    desk = Desk()
    desk.does("answer", "The shirt is made of cotton.", AGENT, NOW, now=NOW)
    fields = {"topic": None, "order_number": None, "sku": None, "order_proven": False, "by_lead": False}
    desk.does("amend", category=None, priority=Priority.URGENT, now=NOW, **fields)

    desk.does("write", "And the lid?", "ada", NOW + HOUR, now=NOW + HOUR)

    assert desk.clock("next_response").due_at == NOW + 3 * HOUR


def test_a_pause_of_a_recounted_clock_is_kept():
    desk = Desk()
    desk.does("mark_spam", "advertising", by_lead=False, now=NOW + HOUR)
    desk.does("restore", "a person", now=NOW + 2 * HOUR)

    fields = {"topic": None, "order_number": None, "sku": None, "order_proven": False, "by_lead": True}
    desk.does("amend", category=Category.ORDER, now=NOW + 3 * HOUR, **fields)

    assert desk.clock("first_response").due_at == PROMISES.answer_by(Category.ORDER, NOW) + HOUR
