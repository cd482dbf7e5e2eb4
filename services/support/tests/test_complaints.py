"""Complaints: each has its steps and clocks, two people where one is not enough, and an end with reasons."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.basics import clock
from services.common.basics.caller import Caller
from services.common.basics.errors import ServiceError
from services.common.basics.money import Money
from services.common.commitments.events import CommitmentBreached
from services.common.edge.schemas import load
from services.common.testing import customer, staff
from services.orders.api import RefundCause
from services.orders.api.events import GoodwillGranted, GoodwillRefused, RefundFailed, RefundSettled, ResendOffered
from services.support.api import BeginTicket, Category
from services.support.api.complaint_views import ComplaintView
from services.support.api.complaints import ListComplaints, ListDecided, ReportComplaints, StepComplaint
from services.support.api.refusals import NothingDecided
from services.support.api.statuses import ComplaintStatus
from services.support.domain import Complaint
from services.support.domain.bodies import ANYWHERE, AS_OF, BODIES, next_body
from services.support.domain.complaint import COMPLAINT_MOVES, Decision
from services.support.handlers import complaints, escalating, following, opening, promises, tickets, waiting, writing
from services.support.tests.builders import ADA, DAY, HOUR, NOW, ORDER_NUMBER
from services.support.tests.scene import GRACE, LENA, Scene, a_scene
from services.support.tests.test_races import at_once

HEIDI, LEO = staff("agent", email="heidi@pledge.example"), staff("lead", email="leo@pledge.example")
OWNER = Caller("customer:ada@example.com", ADA, frozenset({"customer"}), frozenset({f"order:{ORDER_NUMBER}"}))
TAKEN_UP: dict[str, Any] = {"step": "acknowledged", "message": "We have read what you wrote and look into it now."}
FOUND: dict[str, Any] = {"step": "investigated", "findings": "The parcel lay three days in the warehouse."}
UPHELD: dict[str, Any] = {
    "step": "decided", "decision": "upheld", "cause": "late_delivery", "remedy": "apology",
    "message": "The parcel waited three days in our warehouse. You were right to complain.",
}  # fmt: skip
NOT_UPHELD: dict[str, Any] = {
    "step": "decided", "decision": "not_upheld", "cause": "late_delivery", "country": "DE",
    "message": "The parcel came on the day that we had promised when you bought.",
}  # fmt: skip
REFUND: dict[str, Any] = {**UPHELD, "remedy": "refund", "amount": {"amount": "20.00", "currency": "USD"}}


RESEND: dict[str, Any] = {**UPHELD, "remedy": "resend"}


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_scene(tmp_path) as made:
        yield made


def complained(scene: Scene, *, order: bool = False) -> str:
    """Have Ada complain, about her order or about nothing we sold. Return the ticket's number."""
    if not order:
        return scene.opened(customer(ADA), category=Category.COMPLAINT)[0]
    scene.learns_order()
    return scene.opened(OWNER, category=Category.COMPLAINT, order_number=ORDER_NUMBER)[0]


def step(scene: Scene, number: str, by: Caller = GRACE, at: datetime = NOW, **request: Any) -> ComplaintView:
    shown: ComplaintView = scene.does(by, complaints.step_complaint, number, at, **request)
    return shown


def investigated(scene: Scene, *, order: bool = False) -> str:
    number = complained(scene, order=order)
    step(scene, number, **TAKEN_UP)
    step(scene, number, **FOUND)
    return number


def object_(scene: Scene, number: str, at: datetime = NOW) -> ComplaintView:
    shown: ComplaintView = scene.does(
        customer(ADA), complaints.object_to_decision, number, at, message="Nobody looked at the second delay."
    )
    return shown


def refused(scene: Scene, number: str, by: Caller, **request: Any) -> str:
    with pytest.raises(ServiceError) as problem:
        step(scene, number, by, **request)
    return problem.value.code


def shown(scene: Scene, number: str, caller: Caller = GRACE) -> ComplaintView:
    found = scene.seen(caller, number)["complaint"]
    assert found is not None
    return found


def clocks(scene: Scene, number: str, at: datetime = NOW) -> dict[str, str]:
    """Return the verdicts of the ticket's clocks by kind, the latest of each."""
    with clock.frozen(at):
        return {each["kind"]: each["status"] for each in scene.seen(GRACE, number)["commitments"]}


def mails_to(scene: Scene, recipient: str = ADA) -> list[str]:
    return [item.text for item in scene.owed() if item.recipient == recipient]


def granted(number: str, ask: int = 1, refund: str = "REF-1") -> GoodwillGranted:
    return GoodwillGranted(
        order_number=ORDER_NUMBER, ticket_number=number, ask=ask, refund_id=refund, amount=Money(2000),
        due_at=NOW + 14 * DAY,
    )  # fmt: skip


# the domain


STEPS = st.sampled_from(["acknowledge", "investigate", "propose", "agree", "send_back", "fund", "refuse", "object"])
PEOPLE = st.sampled_from(["ada", "bob", "eve"])
WISHES = st.sampled_from([UPHELD, NOT_UPHELD, REFUND, RESEND])


@pytest.mark.pure
@given(st.lists(st.tuples(STEPS, PEOPLE, WISHES, st.booleans()), max_size=25))
def test_each_decision_has_its_people_and_its_money(steps: list[tuple[str, str, dict[str, Any], bool]]) -> None:
    """Whatever happens in whatever order: who decides twice is another one, and no refund is told that is not had."""
    found = Complaint("TIC-0000-0000-0", NOW)
    found.receive("ORD", NOW, NOW + DAY, NOW + 5 * DAY)
    for name, who, wish, lead in steps:
        before = found.status
        try:
            match name:
                case "acknowledge":
                    found.acknowledge(who, NOW, "ORD")
                case "investigate":
                    found.investigate("Found.", None, "ORD")
                case "propose":
                    found.propose(Decision.of(load(StepComplaint, wish), who, None, by_lead=lead), "ORD")
                case "agree":
                    found.agree(who, "ORD")
                case "send_back":
                    found.send_back("Why?", "ORD")
                case "fund" if found.awaits(found.asks):
                    if found.waiting and found.waiting.amount:
                        found.fund(f"REF-{found.asks}", NOW)
                    else:
                        found.offer(f"RMD-{found.asks}")
                case "refuse" if found.awaits(found.asks):
                    found.refuse_refund("not so much", "ORD", needs_second=lead)
                case "object":
                    found.object(NOW, "ORD", NOW + DAY)
        except ServiceError:
            assert found.status is before
            continue
        if name in ("propose", "agree", "fund") and found.ready:
            found.decide(NOW, "ORD")
        assert found.status is before or found.status in reachable(before)
        decision, earlier = found.decision, found.earlier_decision
        assert (found.status is ComplaintStatus.DECIDED) == (decision is not None)
        assert decision is None or not decision.waits_for_orders
        assert decision is None or decision.agreed_by != decision.by
        if decision and earlier:
            assert not decision.people & earlier.people


def reachable(status: ComplaintStatus) -> set[ComplaintStatus]:
    """Return the statuses after one act: a step, or two where a decision is put in force at once."""
    return {*COMPLAINT_MOVES[status], *(far for near in COMPLAINT_MOVES[status] for far in COMPLAINT_MOVES[near])}


@pytest.mark.pure
def test_who_else_helps_is_known_by_country() -> None:
    """The European platform for online disputes is closed; the others are sent where all may go."""
    known = {*BODIES.values(), ANYWHERE}

    assert all(body.name and body.url.startswith("https://") for body in known)
    assert not [body for body in known if "odr" in f"{body.name} {body.url}".lower()]
    assert {"DE", "FR", "GB", "US", "CH", "NO", "AU", "CA", "JP"} <= BODIES.keys()
    assert (next_body("ZZ"), next_body(None)) == (ANYWHERE, ANYWHERE)
    assert AS_OF.year >= 2025


@pytest.mark.pure
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"remedy": None}, "remedy_unfit"),
        ({"decision": "not_upheld", "remedy": "apology"}, "remedy_unfit"),
        ({"decision": "not_upheld", "remedy": "refund", "amount": REFUND["amount"]}, "remedy_unfit"),
        ({"remedy": "refund"}, "validation_failed"),
        ({"remedy": "refund", "amount": {"amount": "0.00", "currency": "USD"}}, "remedy_unfit"),
        ({"remedy": "refund", "amount": {"amount": "-5.00", "currency": "USD"}}, "validation_failed"),
        ({"remedy": "other"}, "validation_failed"),
        ({"remedy": "apology", "amount": REFUND["amount"]}, "validation_failed"),
        ({"cause": None}, "validation_failed"),
        ({"cause": "whatever"}, "validation_failed"),
        ({"message": "No."}, "answer_too_short"),
        ({"step": "acknowledged"}, "validation_failed"),
    ],
)
def test_a_decision_that_is_not_whole_is_refused(change: dict[str, Any], code: str) -> None:
    wish = {name: value for name, value in {**UPHELD, **change}.items() if value is not None}
    with pytest.raises(ServiceError) as problem:
        Decision.of(load(StepComplaint, wish), "grace", None)

    assert problem.value.code == code


# receipt and investigation


def test_a_complaint_is_told_its_steps_and_their_dates(scene: Scene) -> None:
    number = complained(scene)

    (mail,) = mails_to(scene)
    assert "A person takes your complaint up by" in mail
    assert "We decide about it by" in mail
    found = shown(scene, number, customer(ADA))
    assert found["status"] == "received"
    assert [str(found[name])[:10] for name in ("acknowledge_by", "decide_by")] == ["2026-03-03", "2026-03-09"]
    running = clocks(scene, number)
    assert running["complaint_acknowledgment"] == running["complaint_decision"] == "running"


def test_news_comes_each_working_day_until_it_is_decided(scene: Scene) -> None:
    number = complained(scene)
    scene.owed()

    step(scene, number, **TAKEN_UP)
    (mail,) = mails_to(scene)
    assert TAKEN_UP["message"] in mail
    running = clocks(scene, number)
    assert (running["first_response"], running["complaint_acknowledgment"], running["update"]) == (
        "kept", "kept", "running",
    )  # fmt: skip
    step(scene, number, at=NOW + DAY, **FOUND, message="The warehouse has found out when it left.")
    assert clocks(scene, number, NOW + DAY)["update"] == "running"
    assert refused(scene, number, GRACE, **FOUND, message="the warehouse has found out when it LEFT.") == (
        "answer_repeats"
    )
    assert shown(scene, number, customer(ADA))["told"] == "The warehouse has found out when it left."
    step(scene, number, **UPHELD)
    ended = clocks(scene, number, NOW + DAY)
    assert {ended[kind] for kind in ("update", "complaint_decision", "resolution")} == {"kept"}


def test_waiting_for_the_customer_stops_the_decision_clock(scene: Scene) -> None:
    number = investigated(scene)

    scene.does(GRACE, writing.post_message, number, body="Which parcel was it, please?", status="waiting_customer")

    paused = clocks(scene, number)
    assert (paused["complaint_decision"], paused["update"]) == ("paused", "paused")
    scene.does(customer(ADA), writing.post_message, number, body="The second one.")
    assert clocks(scene, number)["complaint_decision"] == "running"


def test_a_corrected_category_begins_and_ends_a_complaint(scene: Scene) -> None:
    number, _ = scene.opened(customer(ADA))
    scene.owed()

    scene.does(GRACE, tickets.amend_ticket, number, category=Category.COMPLAINT)
    assert any("We have taken in your complaint" in mail for mail in mails_to(scene))
    assert shown(scene, number)["status"] == "received"
    scene.does(LENA, tickets.amend_ticket, number, category=Category.PRODUCT)
    assert scene.seen(GRACE, number)["complaint"] is None
    assert clocks(scene, number)["complaint_decision"] == "kept"
    scene.does(GRACE, tickets.amend_ticket, number, category=Category.COMPLAINT)
    assert (shown(scene, number)["status"], clocks(scene, number)["complaint_decision"]) == ("received", "running")


def test_staff_write_down_a_complaint_by_phone(scene: Scene) -> None:
    with scene.work(GRACE) as work:
        begun = BeginTicket("Ada", ADA, Category.COMPLAINT, "Your call", "You told us that it came too late.")
        number = opening.begin_ticket(work, begun)["number"]

    assert any("We have taken in your complaint" in mail for mail in mails_to(scene))
    assert shown(scene, number)["status"] == "received"


@pytest.mark.parametrize("kind", ["complaint_acknowledgment", "complaint_decision"])
def test_a_late_step_is_told_to_the_customer(scene: Scene, kind: str) -> None:
    number = complained(scene)
    scene.owed()
    times = {"started_at": NOW, "due_at": NOW + DAY, "told_at": NOW + 2 * DAY}
    event = CommitmentBreached(kind=kind, promised_on=number, order_number=None, owner="support", **times)

    scene.hears(promises.on_commitment_breached, event, source="support")

    (mail,) = mails_to(scene)
    assert "your complaint: we had promised it by" in mail


# the decision


def test_a_complaint_ends_with_its_decision_and_no_other_way(scene: Scene) -> None:
    number = investigated(scene)
    scene.owed()

    with pytest.raises(ServiceError) as problem:
        scene.does(LENA, tickets.resolve_ticket, number, code="declined", note="No.")
    assert problem.value.code == "complaint_undecided"
    step(scene, number, **UPHELD)

    (mail,) = mails_to(scene)
    assert "you were right, and we uphold your complaint" in mail
    assert UPHELD["message"] in mail
    assert "We are sorry, and apologize for it." in mail
    assert "you can object once" in mail
    assert "turn to" not in mail
    seen = scene.seen(customer(ADA), number)
    assert (seen["status"], seen["complaint"] and seen["complaint"]["status"]) == ("resolved", "decided")
    with scene.work(at=NOW + 30 * DAY) as work:
        waiting.close_silent_tickets(work)
    assert scene.seen(GRACE, number)["status"] == "resolved"
    assert scene.does(customer(ADA), tickets.close_ticket, number)["status"] == "closed"


def test_what_an_agent_does_not_uphold_needs_a_second_person(scene: Scene) -> None:
    number = investigated(scene)
    scene.owed()

    assert step(scene, number, **NOT_UPHELD)["status"] == "proposed"
    assert mails_to(scene) == []
    assert shown(scene, number, customer(ADA))["status"] == "investigating"
    assert refused(scene, number, GRACE, step="agreed") == "second_person_required"
    back = step(scene, number, LENA, step="sent_back", note="Which day did we promise?")
    assert (back["status"], back.get("why")) == ("investigating", "Which day did we promise?")
    step(scene, number, **NOT_UPHELD)
    decided = step(scene, number, HEIDI, step="agreed")

    decision = decided["decision"]
    assert decision is not None
    assert (decided["status"], decision.get("by"), decision.get("agreed_by")) == (
        "decided", GRACE.actor, HEIDI.actor,
    )  # fmt: skip
    (mail,) = mails_to(scene)
    assert "the European Consumer Centre of Germany: https://www.eccnet.eu" in mail
    seen = shown(scene, number, customer(ADA))["decision"]
    assert seen is not None
    assert "by" not in seen
    assert "cause" not in seen
    assert scene.seen(customer(ADA), number)["resolution"] is not None


def test_a_decision_is_written_by_the_mailboxes_of_people(scene: Scene) -> None:
    """Answers are counted by them, so a person has one row in the workload."""
    number = investigated(scene)

    step(scene, number, **NOT_UPHELD)
    step(scene, number, LENA, step="agreed")

    said = scene.seen(LENA, number)["messages"][-1]
    assert (said["actor"], said["verified_by"]) == (GRACE.email, LENA.email)


def test_who_asked_for_a_lead_has_a_lead_decide(scene: Scene) -> None:
    number = investigated(scene)
    scene.does(customer(ADA), escalating.escalate_ticket, number, reason="I want to be heard by a lead of yours.")

    assert refused(scene, number, GRACE, **UPHELD) == "lead_answers_first"
    assert step(scene, number, **NOT_UPHELD)["status"] == "proposed"
    assert refused(scene, number, HEIDI, step="agreed") == "lead_answers_first"
    assert step(scene, number, LENA, step="agreed")["status"] == "decided"
    assert clocks(scene, number)["lead_answer"] == "kept"


def test_a_lead_does_not_uphold_alone_but_not_their_own(scene: Scene) -> None:
    number = investigated(scene)
    own = scene.opened(LENA, category=Category.COMPLAINT, email=str(LENA.email))[0]

    assert step(scene, number, LENA, **NOT_UPHELD)["status"] == "decided"
    assert refused(scene, own, LENA, **TAKEN_UP) == "second_person_required"


def test_an_objection_is_decided_by_other_people_once(scene: Scene) -> None:
    number = investigated(scene)
    step(scene, number, LENA, **NOT_UPHELD)
    scene.owed()

    again = object_(scene, number)

    assert (again["status"], again["may_object"]) == ("objected", False)
    assert again["earlier"] is not None
    (mail,) = mails_to(scene)
    assert "other people of our team than before decide by" in mail.lower()
    assert scene.seen(GRACE, number)["status"] == "open"
    assert {clocks(scene, number)[kind] for kind in ("complaint_decision", "update", "resolution")} == {"running"}
    step(scene, number, **FOUND)
    assert refused(scene, number, LENA, **UPHELD) == "second_person_required"
    step(scene, number, **NOT_UPHELD)
    assert refused(scene, number, LENA, step="agreed") == "second_person_required"
    assert step(scene, number, LEO, step="agreed")["status"] == "decided"
    (final,) = mails_to(scene)
    assert "Other people of our team than before have decided this" in final
    assert "object once" not in final
    with pytest.raises(ServiceError) as problem:
        object_(scene, number)
    assert problem.value.code == "already_objected"


def test_only_its_customer_objects_and_only_to_a_decision(scene: Scene) -> None:
    number = investigated(scene)
    codes = []
    for who in (customer(ADA), customer("eve@example.com"), GRACE):
        with pytest.raises(ServiceError) as problem:
            scene.does(who, complaints.object_to_decision, number, message="But it was late.")
        codes.append(problem.value.code)

    assert codes == ["nothing_decided", "ticket_not_found", "ticket_not_found"]


# refunds


def test_a_refund_is_told_once_orders_has_it(scene: Scene) -> None:
    number = investigated(scene, order=True)
    scene.owed()

    assert step(scene, number, **REFUND)["status"] == "arranging"
    assert mails_to(scene) == []
    facts: dict[str, Any] = {
        "order_number": ORDER_NUMBER,
        "refund_id": "REF-1",
        "amount": Money(2000),
        "cause": RefundCause.GOODWILL,
    }
    settled = RefundSettled(**facts, reference=f"{number}/1", settled_at=NOW)
    with pytest.raises(NothingDecided):  # it came before the answer: it is tried again
        scene.hears(following.on_refund_settled, settled)
    for event in (granted(number, ask=7, refund="REF-0"), granted(number), granted(number, refund="REF-2")):
        scene.hears(complaints.on_goodwill_granted, event)

    (mail,) = mails_to(scene)
    assert "You get 20.00 USD back, to the account that you paid from by Monday 16 March 2026" in mail
    decision = shown(scene, number, customer(ADA))["decision"]
    assert decision is not None
    assert decision["refund"] is not None
    assert (decision["refund"]["state"], decision["refund"]["amount"]["amount"]) == ("due", "20.00")
    failed = RefundFailed(**facts, reference=f"{number}/1", reason="closed", manual=False)
    scene.hears(following.on_refund_failed, failed)
    assert refund_of(scene, number) == "failed"
    scene.hears(following.on_refund_settled, settled)
    assert refund_of(scene, number) == "settled"
    assert any("20.00 USD for your complaint have been paid back" in mail for mail in mails_to(scene))


def refund_of(scene: Scene, number: str) -> str:
    decision = shown(scene, number, customer(ADA))["decision"]
    assert decision is not None
    assert decision["refund"] is not None
    return decision["refund"]["state"]


def test_a_new_parcel_is_told_once_orders_asks_about_it(scene: Scene) -> None:
    number = investigated(scene, order=True)
    scene.owed()

    assert step(scene, number, **RESEND)["status"] == "arranging"
    offered = ResendOffered(order_number=ORDER_NUMBER, ticket_number=number, ask=1, remedy_id="RMD-1")
    scene.hears(complaints.on_resend_offered, offered)

    (mail,) = mails_to(scene)
    assert "on the page of your order what we do about the parcel, and you choose" in mail
    decision = shown(scene, number, customer(ADA))["decision"]
    assert decision is not None
    assert (decision["remedy_id"], decision["refund"]) == ("RMD-1", None)


@pytest.mark.parametrize("second", [True, False])
def test_what_orders_refuses_comes_back_to_people(scene: Scene, second: bool) -> None:
    number = investigated(scene, order=True)
    step(scene, number, **REFUND)
    scene.owed()
    why = GoodwillRefused(
        order_number=ORDER_NUMBER, ticket_number=number, ask=1, why="not so much", needs_second_person=second
    )
    with pytest.raises(ServiceError):  # it stays a complaint while the money may be on its way
        scene.does(LENA, tickets.amend_ticket, number, category=Category.ORDER)

    scene.hears(complaints.on_goodwill_refused, why)
    scene.hears(complaints.on_goodwill_granted, granted(number))  # late, and no answer to anything any more

    found = shown(scene, number)
    assert (found["status"], mails_to(scene)) == ("proposed" if second else "investigating", [])
    if second:
        assert refused(scene, number, GRACE, step="agreed") == "second_person_required"
        step(scene, number, HEIDI, step="agreed")
    else:
        assert found.get("why") == "not so much"
        step(scene, number, **REFUND)
    scene.hears(complaints.on_goodwill_granted, granted(number, ask=2))
    assert shown(scene, number)["status"] == "decided"


def test_a_refund_needs_an_order_that_is_proven(scene: Scene) -> None:
    scene.learns_order()
    number, _ = scene.opened(customer("eve@example.com"), category=Category.COMPLAINT, order_number=ORDER_NUMBER)
    step(scene, number, **TAKEN_UP)
    step(scene, number, **FOUND)

    assert refused(scene, number, LENA, **REFUND) == "refund_needs_order"


# what is learnt


def test_the_report_counts_causes_and_what_was_changed(scene: Scene) -> None:
    first, second, third = investigated(scene), investigated(scene), investigated(scene)
    step(scene, first, **UPHELD)
    step(scene, second, LENA, **{**NOT_UPHELD, "cause": "conduct"})
    changed = "Parcels leave on the day on which they are packed."

    assert refused(scene, third, LENA, step="improved", changed=changed) == "nothing_decided"
    assert refused(scene, first, GRACE, step="improved", changed=changed) == "role_required"
    assert refused(scene, first, LENA, step="improved", changed=f"{ADA} is written to first.") == "names_customer"
    step(scene, first, LENA, step="improved", changed=changed)

    with scene.work(LENA, reading=True) as work:
        report = complaints.report_complaints(work, ReportComplaints())
        rows = complaints.list_decided_complaints(work, ListDecided())["items"]
        waits = complaints.list_complaints(work, ListComplaints())["items"]
        later = complaints.report_complaints(work, ReportComplaints(since=NOW + HOUR))
    assert (report["decided"], report["open"], later["decided"]) == (2, 1, 0)
    assert [(each["cause"], each["total"], each["changed"]) for each in report["causes"]] == [
        ("conduct", 1, 0), ("late_delivery", 1, 1),
    ]  # fmt: skip
    assert [each["changed"] for each in report["improvements"]] == [changed]
    assert {(each["ticket_number"], each["decision"]) for each in rows} == {(first, "upheld"), (second, "not_upheld")}
    assert [each["ticket_number"] for each in waits] == [third]


def test_an_erased_complaint_says_nothing_of_its_customer(scene: Scene) -> None:
    number = investigated(scene)
    step(scene, number, **UPHELD)
    with scene.work() as work:
        work.erasing.ticket(work.tickets.get(number, lock=True))

    found = shown(scene, number)
    decision = found["decision"]
    assert decision is not None
    assert (found["told"], found.get("findings"), decision["reasons"]) == ("erased",) * 3
    assert decision.get("cause") == "late_delivery"


def test_a_stranger_reads_no_decision(scene: Scene) -> None:
    number, _ = scene.opened(category=Category.COMPLAINT)
    step(scene, number, **TAKEN_UP)
    step(scene, number, **FOUND, message="The warehouse has found out when it left.")
    step(scene, number, **UPHELD)
    stranger = Caller("guest", grants=frozenset({f"ticket:{number}"}))

    found = shown(scene, number, stranger)

    assert (found["status"], found["decision"], found["told"], found["may_object"]) == ("decided", None, None, False)


@pytest.mark.integration
def test_of_two_people_who_decide_at_once_one_does(tmp_path: Path) -> None:
    with a_scene(tmp_path, postgres=True) as scene:
        number = investigated(scene, order=True)
        people = (GRACE, HEIDI, LENA, LEO)

        answers = at_once(len(people), lambda turn: step(scene, number, people[turn], **REFUND))
        waits = [each for each in answers if isinstance(each, dict)]
        granted_twice = at_once(2, lambda turn: scene.hears(complaints.on_goodwill_granted, granted(number)))

        assert [each["status"] for each in waits] == ["arranging"]
        assert granted_twice == [None, None]
        assert len([each for each in scene.owed() if each.about == "complaint_decided"]) == 1
        objections = at_once(3, lambda turn: object_(scene, number))
        assert sum(isinstance(each, dict) for each in objections) == 1
