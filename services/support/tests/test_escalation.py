"""A customer asks for a lead: once in each cycle, told to all whom it concerns, answered by a lead in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.basics.caller import Caller
from services.common.basics.errors import Forbidden
from services.common.testing import customer, guest, staff
from services.support.api import (
    Category,
    ClosedBy,
    ListTickets,
    NotAnswered,
    ReopenWindowOver,
    ResolutionCode,
    TicketNotFound,
    TicketStatus,
    WrongStatus,
)
from services.support.api.escalation import AlreadyEscalated, LeadAnswersFirst, NotEscalatable, ReasonTooShort
from services.support.api.statuses import View
from services.support.domain import Staff
from services.support.domain.escalation import escalate, may_escalate, note_answer_of_lead
from services.support.handlers import promises, tickets, waiting, writing
from services.support.handlers.escalating import escalate_ticket
from services.support.tests.builders import ADA, DAY, NOW, Desk, add_staff, breached
from services.support.tests.scene import GRACE, LENA, Scene, a_scene

ANSWER, WHY = "The shirt is made of cotton.", "Nobody reads what I write to you."
BOSS, AGENT = "boss@pledge.example", "grace@pledge.example"
ADA_SIGNED_IN = customer(ADA)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_scene(tmp_path) as scene:
        yield scene


def told(scene: Scene) -> dict[str, str]:
    """Return the last text to each reader of the mails that wait."""
    return {item.recipient: item.text for item in scene.owed()}


def verdicts(scene: Scene, number: str) -> dict[str, str]:
    return {clock["kind"]: clock["status"] for clock in scene.seen(GRACE, number)["commitments"]}


STEPS = ("escalate", "answer", "lead answers", "resolve", "close", "reopen", "spam", "restore")


@pytest.mark.pure
@given(st.lists(st.sampled_from(STEPS), max_size=14), st.sampled_from(Category))
def test_each_cycle_has_one_wish_and_no_end_without_a_lead(taken: list[str], category: Category) -> None:
    """Take any steps in any order; what is refused changes nothing."""
    desk, now = Desk(category=category), NOW
    asked: dict[int, int] = {}
    for step in taken:
        now += timedelta(minutes=7)
        ticket, clocks = desk.ticket, desk.clocks
        may, before = may_escalate(ticket, now), ticket.cycle
        try:
            match step:
                case "escalate":
                    events = escalate(ticket, WHY, "ada", now, proven=True)[1]
                    asked[ticket.cycle] = asked.get(ticket.cycle, 0) + 1
                    assert may
                case "answer":
                    events = ticket.answer(f"{ANSWER} {now}", AGENT, now)[1]
                case "lead answers":
                    events = [*ticket.answer(f"{ANSWER} {now}", LENA.actor, now)[1], *note_answer_of_lead(ticket, now)]
                case "resolve":
                    events = ticket.resolve(ResolutionCode.ANSWERED, None, now, by_lead=True, waits=clocks.waits)
                    assert not ticket.lead_wanted
                case "close":
                    events = ticket.close(ClosedBy.LEAD, now)
                case "reopen":
                    events = ticket.reopen(now)
                case "spam":
                    events = ticket.mark_spam("advertising", by_lead=True)
                case _:
                    events = ticket.restore("no spam")
        except (AlreadyEscalated, NotEscalatable, LeadAnswersFirst, NotAnswered, Forbidden, WrongStatus):
            assert not (may and step == "escalate")
            assert ticket.cycle == before
            continue
        clocks.hear(ticket, events, now)
        runs = [clock for clock in clocks.all if clock.kind == "lead_answer" and clock.stopped_at is None]
        assert len(runs) == (1 if ticket.lead_wanted else 0)
    assert set(asked.values()) <= {1}


def test_leads_and_assignee_hear_and_the_customer_has_a_time(scene: Scene) -> None:
    add_staff(scene.store, Staff("lena@pledge.example", "Lena", ["lead"]), Staff(AGENT, "Grace", ["agent"]))
    number, _ = scene.opened()
    scene.does(GRACE, tickets.assign_ticket, number, assignee=AGENT)
    scene.does(GRACE, writing.post_message, number, body=ANSWER, status="waiting_customer")
    scene.owed()

    shown = scene.does(ADA_SIGNED_IN, escalate_ticket, number, reason=WHY)
    mails, seen = told(scene), scene.seen(ADA_SIGNED_IN, number)

    assert (shown["status"], seen["messages"][-1]["body"]) == ("open", WHY)
    assert mails.keys() == {ADA, "lena@pledge.example", AGENT}
    assert "Our leads have been told" in mails[ADA]
    assert "a lead of our team answers you by Tuesday 3 March 2026" in mails[ADA]
    assert "answer the customer yourself by Tuesday 3 March 2026, 23:59 (Asia/Shanghai)" in mails["lena@pledge.example"]
    assert "a lead of our team answers next" in mails[AGENT]
    assert seen["escalation"] == {
        "possible": False, "to": "lead", "asked_at": "2026-03-02T02:00:00Z",
        "answer_by": "2026-03-03T15:59:59.999999Z", "answered_at": None,
    }  # fmt: skip


def test_only_a_lead_ends_the_wait_for_a_lead(scene: Scene) -> None:
    number, _ = scene.opened()
    scene.does(ADA_SIGNED_IN, escalate_ticket, number, reason=WHY)

    def counted() -> tuple[int, list[str]]:
        with scene.work(GRACE, reading=True) as work:
            page = tickets.list_tickets(work, ListTickets(view=View.ESCALATED))
        return page["counts"]["escalated"], [item["number"] for item in page["items"]]

    scene.does(GRACE, writing.post_message, number, body=ANSWER)
    assert counted() == (1, [number])
    with pytest.raises(LeadAnswersFirst):
        scene.does(LENA, tickets.resolve_ticket, number, code="answered")
    assert scene.seen(GRACE, number)["escalated_at"] == "2026-03-02T02:00:00Z"

    scene.does(LENA, writing.post_message, number, body="I have read it all, and I am sorry.")
    scene.does(GRACE, tickets.resolve_ticket, number, code="answered")

    assert counted() == (0, [])
    assert verdicts(scene, number)["lead_answer"] == "kept"
    assert scene.seen(ADA_SIGNED_IN, number)["escalation"]["answered_at"] == "2026-03-02T02:00:00Z"
    assert "escalated_at" not in scene.seen(GRACE, number)


@pytest.mark.parametrize(("role", "heard"), [("admin", {ADA, BOSS}), ("agent", {ADA})])
def test_a_shop_without_a_lead_speaks_of_who_is_in_charge(scene: Scene, role: str, heard: set[str]) -> None:
    add_staff(scene.store, Staff(BOSS, "Boss", [role]))
    number, _ = scene.opened()
    scene.owed()

    scene.does(ADA_SIGNED_IN, escalate_ticket, number, reason=WHY)
    mails = told(scene)

    assert mails.keys() == heard
    assert ("have been told" in mails[ADA]) == (role == "admin")
    assert "the person in charge of our shop answers you by" in mails[ADA]
    assert " lead" not in mails[ADA]
    scene.does(staff("admin"), writing.post_message, number, body="I have read it all, and I am sorry.")
    assert verdicts(scene, number)["lead_answer"] == "kept"


def test_what_ended_is_taken_up_again_by_the_wish_for_a_lead(scene: Scene) -> None:
    declined, _ = scene.opened()
    scene.does(GRACE, writing.post_message, declined, body=ANSWER)
    scene.does(LENA, tickets.resolve_ticket, declined, code="declined", note="We have no other.")
    closed = scene.resolved(email="eve@example.com")
    scene.does(LENA, tickets.close_ticket, closed)

    for number, who in ((declined, ADA), (closed, "eve@example.com")):
        assert scene.seen(customer(who), number)["escalation"]["possible"] is True
        shown = scene.does(customer(who), escalate_ticket, number, reason=WHY, at=NOW + 14 * DAY)

        assert (shown["status"], shown["cycle"]) == ("open", 2)
        assert "Your matter has been taken up again" in told_at(scene, who)


def told_at(scene: Scene, who: str, at: datetime = NOW + 14 * DAY) -> str:
    with scene.work(at=at) as work:
        return [each.text for each in work.notifications.claim_due(limit=100) if each.recipient == who][-1]


def test_who_may_not_ask_for_a_lead_is_told_why(scene: Scene) -> None:
    number = scene.resolved()
    spam, _ = scene.opened(email="eve@example.com")
    scene.does(LENA, tickets.mark_spam, spam, reason="advertising")
    holder = Caller("guest", grants=frozenset({f"ticket:{number}"}))
    refusals = (
        (GRACE, number, WHY, Forbidden, NOW),
        (guest(), number, WHY, TicketNotFound, NOW),
        (ADA_SIGNED_IN, number, "Too bad!", ReasonTooShort, NOW),
        (ADA_SIGNED_IN, number, "?" * 60, ReasonTooShort, NOW),
        (customer("eve@example.com"), spam, WHY, NotEscalatable, NOW),
    )
    for who, which, reason, refusal, at in refusals:
        with pytest.raises(refusal):
            scene.does(who, escalate_ticket, which, at, reason=reason)
    scene.does(holder, escalate_ticket, number, reason=WHY)
    with pytest.raises(AlreadyEscalated):
        scene.does(ADA_SIGNED_IN, escalate_ticket, number, reason=WHY)
    other = scene.resolved()
    scene.does(LENA, tickets.close_ticket, other)
    with pytest.raises(ReopenWindowOver):
        scene.does(ADA_SIGNED_IN, escalate_ticket, other, NOW + 15 * DAY, reason=WHY)


def test_a_wish_for_a_lead_does_not_end_in_silence(scene: Scene) -> None:
    number, _ = scene.opened()
    scene.does(ADA_SIGNED_IN, escalate_ticket, number, reason=WHY)
    scene.does(GRACE, writing.post_message, number, body=ANSWER, status="waiting_customer")
    for days in (4, 12):
        with scene.work(at=NOW + days * DAY) as work:
            waiting.see_to_waiting_tickets(work)

    assert scene.seen(GRACE, number)["status"] == TicketStatus.OPEN


def test_a_lead_who_is_late_is_apologized_for(scene: Scene) -> None:
    number, _ = scene.opened()
    scene.does(ADA_SIGNED_IN, escalate_ticket, number, reason=WHY)
    scene.owed()

    scene.hears(promises.on_commitment_breached, breached("lead_answer", number), source="support")

    assert "we are late with giving you the answer of the person in charge" in told(scene)[ADA].lower()
