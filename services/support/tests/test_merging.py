"""Tickets that are put together, taken apart and split: nothing is lost, and no promise is escaped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from services.common.basics.caller import Caller
from services.common.basics.clock import rfc3339
from services.common.basics.errors import ServiceError
from services.common.commitments.events import CommitmentBreached
from services.common.testing import customer
from services.support.api import Category, TicketStatus, WrongStatus
from services.support.api.escalation import LeadAnswersFirst
from services.support.api.triage import (
    MergeCircle,
    NotMerged,
    NotRelated,
    NotSplittable,
    OtherCustomer,
    PromiseStands,
)
from services.support.handlers import escalating, merging, promises, splitting, tickets, writing
from services.support.tests.builders import ADA, EVE, HOUR, NOW, message_of
from services.support.tests.scene import GRACE, LENA, Scene, a_scene

ANNA = customer(ADA)
LATER = NOW + HOUR


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_scene(tmp_path) as scene:
        yield scene


def merge(scene: Scene, source: str, target: str, at: datetime = LATER, by: Caller = GRACE) -> Any:
    return scene.does(by, merging.merge_ticket, source, at=at, into=target, reason="the same question twice")


def unmerge(scene: Scene, source: str, at: datetime = LATER + HOUR) -> Any:
    return scene.does(GRACE, merging.unmerge_ticket, source, at=at, reason="it is about another shirt")


def mailed(scene: Scene) -> list[str]:
    with scene.work(at=LATER + HOUR) as work:
        return [item.about for item in work.notifications.claim_due(limit=100)]


def clocks(scene: Scene, number: str) -> dict[str, list[tuple[str, str]]]:
    """Return of each kind when each clock is due and how it stands, at the scene's time."""
    found: dict[str, list[tuple[str, str]]] = {}
    for each in scene.seen(GRACE, number)["commitments"]:
        found.setdefault(each["kind"], []).append((each["due_at"], each["status"]))
    return found


def test_a_merged_ticket_goes_on_in_the_other_and_comes_back(scene):
    target, _ = scene.opened(at=NOW + HOUR)
    source, _ = scene.opened()
    before = clocks(scene, source)

    shown = merge(scene, source, target)
    ended, there = clocks(scene, source), clocks(scene, target)
    page = scene.seen(ANNA, source)
    with pytest.raises(WrongStatus):
        merge(scene, source, target)
    posted = scene.does(ANNA, writing.post_message, source, at=LATER, body="Is it soft as well?")

    assert (shown["status"], shown["next_number"]) == (TicketStatus.MERGED, target)
    assert {status for found in ended.values() for _, status in found} == {"recalled"}
    assert all(set(found) <= set(there[kind]) for kind, found in before.items())
    assert (page["status"], page["next_number"], page["ratable"], page["escalation"]["possible"]) == (
        "merged", target, False, False,
    )  # fmt: skip
    assert scene.seen(ANNA, target)["merged"][0]["number"] == source
    assert (posted["number"], "message" in posted) == (source, False)
    assert scene.seen(GRACE, target)["messages"][-1]["body"] == "Is it soft as well?"
    assert mailed(scene).count("ticket_merged") == 1

    unmerge(scene, source)
    with pytest.raises(NotMerged):
        unmerge(scene, source)
    assert clocks(scene, source) == before
    assert scene.seen(GRACE, source)["status"] == "new"
    assert len([each for found in clocks(scene, target).values() for each in found if each[1] == "recalled"]) == 2
    assert scene.seen(GRACE, target)["messages"][-2]["body"] == "Is it soft as well?"
    assert "merged" not in scene.seen(GRACE, target)
    again = merge(scene, source, target, at=LATER + 2 * HOUR)
    assert again["status"] == "merged"


def test_what_was_late_is_late_there_and_told_once(scene):
    target, _ = scene.opened(at=NOW + 8 * HOUR)
    source, _ = scene.opened(category=Category.ORDER)
    late = NOW + 6 * HOUR

    merge(scene, source, target, at=late)
    with scene.work(at=late + HOUR) as work:
        told = [each for each in work.commitments.sweep() if isinstance(each, CommitmentBreached)]
        work.journal.record(*told)
    assert [(each.promised_on, each.kind) for each in told] == [(target, "first_response")]


def test_no_mail_names_a_time_that_is_over(scene):
    target, source = scene.opened()[0], scene.opened()[0]
    scene.does(ANNA, writing.post_message, target, body="Is it soft as well?")
    days_later = NOW + 72 * HOUR

    merge(scene, source, target, at=days_later)
    unmerge(scene, source, at=days_later)
    done = scene.does(GRACE, splitting.split_ticket, target, at=days_later, positions=[1], subject="The colour")

    with scene.work(at=days_later) as work:
        told = [item.text for item in work.notifications.claim_due(limit=100) if item.created_at == days_later]
        late = {each.promised_on for each in work.commitments.sweep() if isinstance(each, CommitmentBreached)}
    assert done["split"]["number"] in late
    assert len(told) == 3
    assert not [text for text in told if "answers you" in text and " by " in text]


def test_a_breach_that_was_on_its_way_is_told_in_the_target(scene):
    target, _ = scene.opened(at=NOW + 5 * HOUR)
    source, _ = scene.opened(category=Category.ORDER)
    late = NOW + 6 * HOUR
    with scene.work(at=late) as work:
        (event,) = [each for each in work.commitments.sweep() if isinstance(each, CommitmentBreached)]
    merge(scene, source, target, at=late)

    with scene.work(at=late) as work:
        assert not [each for each in work.commitments.sweep() if isinstance(each, CommitmentBreached)]
        promises.on_commitment_breached(work, event, message_of(event))

    said = [each["body"] for each in scene.seen(ANNA, target)["messages"] if each["author"] == "system"]
    assert any("sorry" in each for each in said)
    assert not any("sorry" in each["body"] for each in scene.seen(ANNA, source)["messages"])


def test_an_answer_in_the_target_keeps_both_promises(scene):
    target, _ = scene.opened()
    source, _ = scene.opened()
    merge(scene, source, target, at=NOW + HOUR)
    scene.does(GRACE, writing.post_message, target, at=LATER, body="The shirt is made of cotton.")

    assert [status for _, status in clocks(scene, target)["first_response"]] == ["kept", "kept"]
    scene.does(GRACE, tickets.resolve_ticket, target, at=LATER, code="answered")
    assert [status for _, status in clocks(scene, target)["resolution"]] == ["kept", "kept"]


def test_a_question_makes_a_waiting_target_our_turn(scene):
    target, _ = scene.opened()
    scene.does(GRACE, writing.post_message, target, body="Which size do you mean?", status="waiting_customer")
    source, _ = scene.opened()

    merge(scene, source, target)

    assert scene.seen(GRACE, target)["status"] == "open"


def test_circles_and_chains(scene):
    one, two, three = (scene.opened()[0] for _ in range(3))
    merge(scene, one, two)
    with pytest.raises(MergeCircle):
        merge(scene, two, one)
    with pytest.raises(MergeCircle):
        merge(scene, two, two)
    merge(scene, two, three)
    with pytest.raises(WrongStatus):
        unmerge(scene, one)
    scene.does(ANNA, writing.post_message, one, at=LATER, body="Is it soft as well?")
    assert scene.seen(GRACE, three)["messages"][-1]["body"] == "Is it soft as well?"

    unmerge(scene, two)
    unmerge(scene, one)
    running = {n: [s for found in clocks(scene, n).values() for _, s in found].count("running") for n in (one, two)}
    assert running == {one: 2, two: 2}


def test_what_is_never_merged(scene):
    mine, _ = scene.opened()
    theirs, _ = scene.opened(email=EVE, name="Eve")
    complaint, _ = scene.opened(category=Category.COMPLAINT)
    idea, _ = scene.opened(category=Category.SUGGESTION)
    ended = scene.resolved()
    spam, _ = scene.opened()
    scene.does(GRACE, tickets.mark_spam, spam, reason="an advertisement")
    wanted, _ = scene.opened()
    scene.does(ANNA, escalating.escalate_ticket, wanted, reason="Nobody has answered what I asked.")
    for source, target, refusal in (
        (mine, theirs, OtherCustomer),
        (complaint, mine, PromiseStands),
        (idea, mine, PromiseStands),
        (mine, ended, WrongStatus),
        (spam, mine, WrongStatus),
        (mine, spam, WrongStatus),
        (wanted, mine, LeadAnswersFirst),
    ):
        with pytest.raises(refusal):
            merge(scene, source, target)
    assert merge(scene, ended, complaint)["status"] == "merged"


def test_a_merged_ticket_is_not_worked_on(scene):
    target, _ = scene.opened()
    source, token = scene.opened()
    merge(scene, source, target)
    for handler, request in (
        (tickets.amend_ticket, {"category": "complaint"}),
        (tickets.resolve_ticket, {"code": "answered"}),
        (tickets.mark_spam, {"reason": "an advertisement"}),
        (tickets.assign_ticket, {"assignee": None}),
        (writing.post_message, {"body": "The shirt is made of cotton."}),
        (tickets.close_ticket, {}),
        (writing.reopen_ticket, {}),
    ):
        with pytest.raises(WrongStatus):
            scene.does(LENA, handler, source, at=LATER, **request)
    holder = Caller("guest", grants=scene.exchanged(token))
    scene.does(holder, writing.post_message, source, at=LATER, body="Is it soft as well?")
    last = scene.seen(GRACE, target)["messages"][-1]
    assert (last["body"], last["proven"]) == ("Is it soft as well?", False)
    with pytest.raises(ServiceError, match="ticket_not_found"):
        scene.seen(holder, target)


def test_messages_become_a_ticket_of_their_own(scene):
    number, _ = scene.opened()
    scene.does(GRACE, writing.post_message, number, body="The shirt is made of cotton.")
    scene.does(ANNA, writing.post_message, number, at=LATER, body="My other order has not come.")
    thread = scene.seen(GRACE, number)["messages"]

    for positions in ([thread[1]["position"]], [99], [1, 3]):
        with pytest.raises(NotSplittable):
            scene.does(GRACE, splitting.split_ticket, number, at=LATER, positions=positions, subject="Parcel")
    done = scene.does(
        GRACE, splitting.split_ticket, number, at=LATER + HOUR,
        positions=[3], subject="Where is my parcel?", category="logistics",
    )  # fmt: skip
    new, old = scene.seen(GRACE, done["split"]["number"]), scene.seen(GRACE, number)

    assert [each["body"] for each in new["messages"]] == ["My other order has not come."]
    assert (new["subject"], new["category"], new["related"][0]["number"]) == (
        "Where is my parcel?",
        "logistics",
        number,
    )
    first = next(each for each in new["commitments"] if each["kind"] == "first_response")
    assert first["started_at"] == rfc3339(LATER)
    assert [each["status"] for each in old["commitments"] if each["kind"] == "next_response"] == ["recalled"]
    assert old["related"][0]["number"] == new["number"]
    scene.does(GRACE, tickets.resolve_ticket, number, at=LATER + HOUR, code="answered")
    assert any("of its own" in each["body"] for each in scene.seen(ANNA, number)["messages"])
    assert "related" not in scene.seen(ANNA, number)


def test_a_complaint_that_is_split_off_has_its_clocks(scene):
    number, _ = scene.opened()
    scene.does(ANNA, writing.post_message, number, at=LATER, body="Your colleague was rude to me.")
    done = scene.does(
        GRACE, splitting.split_ticket, number, at=LATER, positions=[2], subject="Rude", category="complaint"
    )
    kinds = clocks(scene, done["split"]["number"])
    assert {"complaint_acknowledgment", "complaint_decision", "first_response"} <= kinds.keys()
    assert [status for _, status in clocks(scene, number)["first_response"]] == ["running"]


def test_tickets_are_related_and_not(scene):
    one, two = scene.opened()[0], scene.opened(email=EVE)[0]
    scene.does(GRACE, merging.relate_ticket, one, other=two)
    scene.does(GRACE, merging.relate_ticket, two, other=one)
    assert scene.seen(GRACE, two)["related"][0]["number"] == one
    with scene.work(GRACE) as work:
        merging.unrelate_ticket(work, two, one)
    with scene.work(GRACE) as work, pytest.raises(NotRelated):
        merging.unrelate_ticket(work, one, two)
    assert "related" not in scene.seen(GRACE, one)
