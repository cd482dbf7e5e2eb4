"""The ticket's rules: who may end it and how, what takes it up again, what is rated."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.basics.errors import Forbidden, Invalid, ServiceError
from services.support.api import (
    AlreadyRated,
    Author,
    Category,
    ClosedBy,
    NotAnswered,
    ReopenWindowOver,
    ResolutionCode,
    TicketClosed,
    TicketResolved,
    TicketStatus,
    WrongStatus,
)
from services.support.domain import IN_WORK, MOVES, REOPEN_WINDOW, Ticket
from services.support.tests.builders import NOW, TICKET_NUMBER, Desk, a_form, a_ticket

ANSWERED, DECLINED = ResolutionCode.ANSWERED, ResolutionCode.DECLINED
AGENT = "grace@pledge.example"


def an_answered_ticket(**form: Any) -> Ticket:
    ticket, _, _ = a_ticket(**form)
    ticket.answer("The shirt is made of cotton.", AGENT, NOW)
    return ticket


def a_resolved_ticket(**form: Any) -> Ticket:
    ticket = an_answered_ticket(**form)
    ticket.resolve(ANSWERED, None, NOW, by_lead=False, waits=False)
    return ticket


def an_outreach(*, needs_answer: bool = True) -> Ticket:
    ticket, _, _ = Ticket.reach_out(TICKET_NUMBER, a_form(), NOW, needs_answer=needs_answer)
    return ticket


def test_a_new_ticket_tells_until_when_it_is_answered():
    _, message, (opened,) = a_ticket(category=Category.COMPLAINT)

    assert message.author is Author.CUSTOMER
    assert opened.answer_by == NOW + timedelta(hours=2)
    assert opened.audience == "public"


def test_an_unproven_order_number_is_on_no_event():
    ticket, _, (opened,) = a_ticket(order_number="ORD-0000-0000-0")

    assert ticket.order_number == "ORD-0000-0000-0"
    assert opened.order is None


def test_a_public_answer_opens_a_new_ticket():
    ticket = an_answered_ticket()

    assert ticket.status is TicketStatus.OPEN
    assert ticket.assignee == AGENT


def test_an_internal_note_leaves_a_new_ticket_new_and_unanswered():
    ticket, _, _ = a_ticket()

    message, (posted,) = ticket.note("ask the warehouse", AGENT, NOW)

    assert message.internal
    assert posted.type == "note_posted"
    assert posted.audience == "internal"
    assert ticket.status is TicketStatus.NEW
    assert not ticket.answered


def test_a_note_cannot_ask_the_customer():
    ticket, _, _ = a_ticket()

    with pytest.raises(Invalid):
        ticket.note("?", AGENT, NOW, TicketStatus.WAITING_CUSTOMER)


def test_it_is_not_resolved_without_an_answer():
    ticket, _, _ = a_ticket()

    with pytest.raises(NotAnswered):
        ticket.resolve(ANSWERED, None, NOW, by_lead=True, waits=False)


def test_an_automatic_message_is_no_answer():
    ticket, _, _ = a_ticket()

    ticket.announce("We have received your message.", NOW)

    with pytest.raises(NotAnswered):
        ticket.resolve(ANSWERED, None, NOW, by_lead=True, waits=False)


def test_it_is_not_resolved_while_a_message_is_unanswered():
    ticket = an_answered_ticket()

    with pytest.raises(NotAnswered):
        ticket.resolve(ANSWERED, None, NOW, by_lead=True, waits=True)


def test_declining_a_demand_needs_a_reason():
    with pytest.raises(Invalid):
        an_answered_ticket().resolve(DECLINED, None, NOW, by_lead=True, waits=False)


def test_declining_a_demand_needs_a_lead():
    with pytest.raises(Forbidden):
        an_answered_ticket().resolve(DECLINED, "not ours", NOW, by_lead=False, waits=False)


def test_a_complaint_is_not_closed_by_silence():
    complaint = a_resolved_ticket(category=Category.COMPLAINT)

    with pytest.raises(Forbidden):
        complaint.close(ClosedBy.SILENCE, NOW)

    assert complaint.status is TicketStatus.RESOLVED


@pytest.mark.parametrize("by", [ClosedBy.CUSTOMER, ClosedBy.LEAD])
def test_a_customer_or_a_lead_closes_a_complaint(by):
    complaint = a_resolved_ticket(category=Category.COMPLAINT)

    (closed,) = complaint.close(by, NOW)

    assert isinstance(closed, TicketClosed)
    assert closed.closed_by is by


def test_only_what_is_resolved_can_be_closed():
    with pytest.raises(WrongStatus):
        an_answered_ticket().close(ClosedBy.CUSTOMER, NOW)


def test_a_customers_message_takes_a_resolved_ticket_up_again():
    ticket = a_resolved_ticket()

    _, events = ticket.write("It still does not work.", "guest", NOW)

    assert [event.type for event in events] == ["ticket_reopened", "message_posted"]
    assert ticket.status is TicketStatus.OPEN
    assert ticket.cycle == 2
    assert not ticket.answered


@given(st.timedeltas(min_value=timedelta(0), max_value=REOPEN_WINDOW))
def test_a_closed_ticket_can_be_taken_up_again_for_fourteen_days(since):
    ticket = a_resolved_ticket()
    ticket.close(ClosedBy.CUSTOMER, NOW)

    ticket.reopen(NOW + since)

    assert ticket.status is TicketStatus.OPEN


@given(st.timedeltas(min_value=timedelta(microseconds=1), max_value=timedelta(days=900)))
def test_after_that_it_stays_closed(beyond):
    ticket = a_resolved_ticket()
    ticket.close(ClosedBy.CUSTOMER, NOW)

    with pytest.raises(ReopenWindowOver):
        ticket.write("Hello?", "guest", NOW + REOPEN_WINDOW + beyond)

    assert ticket.status is TicketStatus.CLOSED
    assert ticket.messages_count == 2


def test_a_resolution_is_rated_once():
    ticket = a_resolved_ticket()
    ticket.rate(5, None, NOW)

    with pytest.raises(AlreadyRated):
        ticket.rate(1, None, NOW)


def test_the_next_resolution_can_be_rated_again():
    ticket = a_resolved_ticket()
    ticket.rate(2, None, NOW)
    ticket.reopen(NOW)
    ticket.answer("Now it is right at last.", AGENT, NOW)
    ticket.resolve(ANSWERED, None, NOW, by_lead=False, waits=False)

    rating, _ = ticket.rate(5, None, NOW)

    assert rating.cycle == 2


def test_what_is_not_resolved_cannot_be_rated():
    with pytest.raises(WrongStatus):
        an_answered_ticket().rate(5, None, NOW)


def test_spam_goes_back_to_where_it_came_from():
    ticket = a_resolved_ticket()

    ticket.mark_spam("advertising", by_lead=False)
    ticket.restore("it was a person")

    assert ticket.status is TicketStatus.RESOLVED


def test_a_message_to_spam_brings_it_back_to_sight():
    ticket, _, _ = a_ticket()
    ticket.mark_spam("advertising", by_lead=False)

    ticket.write("I am a person!", "guest", NOW)

    assert ticket.status is TicketStatus.NEW
    assert ticket.messages_count == 2


def test_resolved_spam_that_is_written_to_is_taken_up_again():
    ticket = a_resolved_ticket()
    ticket.mark_spam("advertising", by_lead=False)

    ticket.write("I am a person!", "guest", NOW)

    assert ticket.status is TicketStatus.OPEN
    assert ticket.cycle == 2
    assert not ticket.answered


def test_outreach_that_needs_an_answer_waits_for_the_customer():
    assert an_outreach(needs_answer=True).status is TicketStatus.WAITING_CUSTOMER


def test_outreach_is_settled_when_the_customer_decided():
    ticket = an_outreach()

    (resolved,) = ticket.settle(NOW)

    assert isinstance(resolved, TicketResolved)
    assert resolved.code is ResolutionCode.SETTLED
    assert not ticket.ratable


def test_outreach_in_which_the_customer_asked_something_goes_on():
    ticket = an_outreach()
    ticket.write("And what about my other order?", "guest", NOW)

    assert ticket.settle(NOW) == []
    assert ticket.status is TicketStatus.OPEN


def test_a_customers_own_ticket_is_never_settled_by_the_way():
    ticket = an_answered_ticket()

    assert ticket.settle(NOW) == []


def test_a_proven_mailbox_proves_its_order():
    ticket, _, _ = a_ticket(order_number="ORD-0000-0000-0")

    ticket.prove_mailbox("somebody.else@example.com")
    assert not ticket.order_proven

    ticket.prove_mailbox(ticket.customer_email)
    assert ticket.order_proven


STEPS = {
    "write": lambda t: t.write("?", "guest", NOW),
    "answer": lambda t: t.answer("The shirt is made of cotton.", AGENT, NOW),
    "ask": lambda t: t.answer("Which one of the two do you mean?", AGENT, NOW, TicketStatus.WAITING_CUSTOMER),
    "wait": lambda t: t.note("for the warehouse", AGENT, NOW, TicketStatus.WAITING_INTERNAL),
    "announce": lambda t: t.announce("news", NOW),
    "assign": lambda t: t.assign(AGENT),
    "resolve": lambda t: t.resolve(ANSWERED, None, NOW, by_lead=False, waits=False),
    "settle": lambda t: t.settle(NOW),
    "reopen": lambda t: t.reopen(NOW),
    "close": lambda t: t.close(ClosedBy.LEAD, NOW),
    "spam": lambda t: t.mark_spam("spam", by_lead=False),
    "restore": lambda t: t.restore("no spam"),
    "rate": lambda t: t.rate(4, None, NOW),
    "call_back": lambda t: t.call_back(),
}


@given(st.booleans(), st.lists(st.sampled_from(sorted(STEPS)), max_size=30))
def test_whatever_is_done_a_ticket_moves_along_its_table_only(outreach, steps):
    ticket = an_outreach() if outreach else a_ticket()[0]

    for step in steps:
        before, told = ticket.status, ticket.messages_count
        try:
            STEPS[step](ticket)
        except ServiceError:
            assert (ticket.status, ticket.messages_count) == (before, told), f"{step} failed half-way"
        passed_on = step == "reopen" or (step == "write" and before not in IN_WORK)
        assert ticket.status is before or ticket.status in MOVES[before] or passed_on
        assert ticket.messages_count >= told
        assert ticket.answered_cycle <= ticket.cycle
        if ticket.status in (TicketStatus.RESOLVED, TicketStatus.CLOSED):
            assert ticket.resolution_code is not None
            assert ticket.answered


@given(st.lists(st.sampled_from(sorted(set(STEPS) - {"settle", "announce"})), max_size=30))
def test_no_ticket_of_a_customer_ends_without_an_answer(steps):
    desk = Desk()

    for step in steps:
        try:
            STEPS[step](desk.ticket)
        except ServiceError:
            continue
        if desk.ticket.status in (TicketStatus.RESOLVED, TicketStatus.CLOSED):
            assert desk.ticket.answered_cycle == desk.ticket.cycle


@given(st.booleans(), st.lists(st.sampled_from(sorted(set(STEPS) - {"settle", "close"})), max_size=30))
def test_no_agent_alone_ends_a_complaint(waited_for, steps):
    ticket = a_ticket(category=Category.COMPLAINT)[0]

    for step in [*steps, *(["remind", "end_waiting"] if waited_for else [])]:
        with suppress(ServiceError):
            {**STEPS, **WAITING}[step](ticket)

        assert ticket.status not in (TicketStatus.SPAM, TicketStatus.CLOSED)
        assert ticket.resolution_code not in (ResolutionCode.DECLINED, ResolutionCode.SILENT)


WAITING = {"remind": lambda t: t.remind(NOW), "end_waiting": lambda t: t.end_waiting(NOW)}


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=30))
def test_a_ticket_that_was_written_to_is_in_sight(steps):
    ticket = a_ticket()[0]

    for step in [*steps, "write"]:
        with suppress(ServiceError):
            STEPS[step](ticket)
        if step == "write":
            assert ticket.status in IN_WORK
