"""Answers that leads read: which are drawn, who reads them, what their authors and reports are told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.common.basics import ids
from services.common.basics.api import Period
from services.common.basics.caller import Caller
from services.common.testing import customer
from services.support.api.quality import (
    AlreadyRead,
    ListQuality,
    OwnAnswer,
    QualityNotFound,
    QualityReason,
    QualityState,
    QualityView,
    ReviewAnswer,
)
from services.support.domain.quality import ONE_IN, is_drawn
from services.support.handlers import canned, quality, rating, tickets, verifying
from services.support.tests.builders import ADA, NOW
from services.support.tests.scene import GRACE, LENA, Scene, a_scene

BLUE = "It is a blue dye, of one of the two."
ANSWER = "The shirt is made of cotton, and nothing else."


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_scene(tmp_path) as made:
        yield made


def listed(scene: Scene, caller: Caller, **query: Any) -> list[QualityView]:
    with scene.work(caller, reading=True) as work:
        return quality.list_quality(work, ListQuality(**query))["items"]


def reads(scene: Scene, review_id: str, caller: Caller = LENA, note: str | None = None) -> QualityView:
    with scene.work(caller) as work:
        return quality.review_answer(work, review_id, ReviewAnswer(5, 4, 3, note))


def drawn(scene: Scene, reason: QualityReason = QualityReason.SAMPLE) -> list[QualityView]:
    return [each for each in listed(scene, LENA, limit=100) if each["reason"] is reason]


def badly_rated(scene: Scene, score: int = 2, by: Caller = GRACE) -> str:
    """Have the answer to a question badly rated that is not drawn by lot besides."""
    number = next(each for each, _ in iter(lambda: scene.opened(customer(ADA)), None) if not is_drawn(each, 2))
    scene.does(by, canned.post_message, number, body=ANSWER)
    scene.does(by, tickets.resolve_ticket, number, code="answered")
    scene.does(customer(ADA), rating.rate_ticket, number, score=score, comment="It is wool.")
    return number


@pytest.mark.pure
def test_one_answer_in_twenty_is_drawn_wherever_it_is_asked() -> None:
    places = [(ids.number(ids.TICKET, number), position) for number in range(500) for position in range(2, 12)]

    lots = [is_drawn(*place) for place in places]

    assert lots == [is_drawn(*place) for place in places]
    assert 0.9 / ONE_IN < sum(lots) / len(lots) < 1.1 / ONE_IN


def test_what_is_drawn_is_what_the_lot_says(scene: Scene) -> None:
    number, _ = scene.opened(customer(ADA))
    for turn in range(40):
        scene.does(GRACE, canned.post_message, number, body=f"{ANSWER} That is our answer number {turn}.")
        scene.does(GRACE, canned.post_message, number, body="a note of mine", internal=True)

    thread = scene.seen(GRACE, number)["messages"]
    expected = [
        each["body"]
        for each in thread
        if each["author"] == "agent" and not each["internal"] and is_drawn(number, each["position"])
    ]
    assert sorted(each["answer"] for each in drawn(scene)) == sorted(expected)
    assert all(each["question"] == "What is the shirt made of?" for each in drawn(scene))


def test_drafts_sent_back_and_low_ratings_are_read(scene: Scene) -> None:
    number, _ = scene.opened(customer(ADA))
    question = {"question": "Which dye is in the shirt?", "known": "two makers", "draft": "It is some dye or other."}
    found = scene.does(GRACE, verifying.verify_ticket, number, NOW, **question)
    for why in ("Which one?", "Still: which one?"):
        scene.does(LENA, verifying.decide_verification, found["id"], decision="send_back", note=why)
        scene.does(
            GRACE,
            verifying.draft_answer,
            found["id"],
            NOW + timedelta(hours=1),
            draft=BLUE,
        )
    low = [badly_rated(scene, score) for score in (1, 2, 3, 5)][:2]

    sent_back = drawn(scene, QualityReason.SENT_BACK)
    assert sorted((each["answer"], each["remark"]) for each in sent_back) == [
        (BLUE, "Still: which one?"),
        ("It is some dye or other.", "Which one?"),
    ]
    rated = drawn(scene, QualityReason.LOW_RATING)
    assert sorted(each["ticket_number"] for each in rated) == sorted(low)
    assert {(each["answer"], each["remark"], each["agent"]) for each in rated} == {(ANSWER, "It is wool.", GRACE.email)}


def test_another_person_than_its_author_reads_an_answer(scene: Scene) -> None:
    badly_rated(scene)
    badly_rated(scene, by=LENA)
    (of_grace,) = listed(scene, LENA, state=QualityState.OPEN)
    with scene.work(LENA, reading=True) as work:
        own = quality.list_quality(work, ListQuality(agent=LENA.email))["items"]
    assert (own, listed(scene, GRACE)) == ([], [])
    boss = Caller("staff:boss", "boss@pledge.example", frozenset({"lead"}), trace_id="test")
    (of_lena,) = (each for each in listed(scene, boss) if each["agent"] == LENA.email)

    with pytest.raises(OwnAnswer):
        reads(scene, of_lena["id"], LENA)
    with pytest.raises(QualityNotFound):
        reads(scene, ids.new_id())
    read = reads(scene, of_grace["id"], note="Say which cotton.")
    with pytest.raises(AlreadyRead):
        reads(scene, of_grace["id"], boss)

    assert (read["polite"], read["truthful"], read["complete"], read["read_by"]) == (5, 4, 3, LENA.email)
    assert [each["note"] for each in listed(scene, GRACE)] == ["Say which cotton."]
    with scene.work(LENA, reading=True) as work:
        period = Period(NOW - timedelta(days=1), NOW + timedelta(days=1))
        rows = quality.report_quality(work, period)["items"]
        before = quality.report_quality(work, Period(NOW - timedelta(days=9), NOW))["items"]
    assert rows == [
        {"agent": GRACE.email, "read": 1, "open": 0, "polite": 5.0, "truthful": 4.0, "complete": 3.0},
        {"agent": LENA.email, "read": 0, "open": 1, "polite": None, "truthful": None, "complete": None},
    ]
    assert before == []


def test_two_leads_who_read_at_once_find_it_once(scene: Scene) -> None:
    badly_rated(scene)
    (each,) = listed(scene, LENA)
    outcomes: list[str] = []

    def read(by: Caller) -> None:
        try:
            reads(scene, each["id"], by)
        except AlreadyRead:
            outcomes.append("refused")
        else:
            outcomes.append("read")

    leads = [LENA, Caller("staff:boss", "boss@pledge.example", frozenset({"lead"}), trace_id="test")]
    threads = [threading.Thread(target=read, args=(lead,)) for lead in leads]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert sorted(outcomes) == ["read", "refused"]


def test_an_erased_conversation_is_not_read_any_more(scene: Scene) -> None:
    number = badly_rated(scene)
    (each,) = listed(scene, LENA)

    with scene.work() as work:
        work.erasing.ticket(work.tickets.get(number, lock=True))

    assert listed(scene, LENA) == []
    with pytest.raises(QualityNotFound):
        reads(scene, each["id"])
