"""Questions that are looked into: what the customer is told, whose turn it is, and that two people answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.basics import clock
from services.common.basics.caller import Caller
from services.common.basics.states import VersionMoved
from services.common.testing import customer, staff
from services.support.api import (
    AnswerRepeats,
    AnswerTooShort,
    ListVerifications,
    OwnDraft,
    StillVerifying,
    VerificationStatus,
    VerificationView,
    WrongStatus,
)
from services.support.handlers import tickets, verifying, waiting, writing
from services.support.tests.builders import ADA, DAY, HOUR, NOW, PROMISES
from services.support.tests.scene import GRACE, LENA, Scene, a_scene

QUESTION = "Can the kettle be used on 110 V?"
DRAFT = "No: this kettle needs 220 to 240 V. The model KET-110 is made for 110 V."
HEIDI = staff("agent", email="heidi@pledge.example")


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_scene(tmp_path) as made:
        yield made


def look_into(scene: Scene, number: str, at: datetime = NOW, **more: Any) -> VerificationView:
    asked = {"question": QUESTION, "known": "The label says 220-240 V.", **more}
    found: VerificationView = scene.does(GRACE, verifying.verify_ticket, number, at, **asked)
    return found


def draft(scene: Scene, found: VerificationView, text: str = DRAFT, by: Caller = GRACE, **more: Any) -> Any:
    return scene.does(by, verifying.draft_answer, found["id"], draft=text, **more)


def decide(scene: Scene, found: VerificationView, by: Caller = LENA, **decision: Any) -> Any:
    return scene.does(by, verifying.decide_verification, found["id"], **(decision or {"decision": "approve"}))


def running(scene: Scene, number: str) -> dict[str, str]:
    """Return the verdicts of the ticket's clocks by kind, the latest of each."""
    with clock.frozen(NOW):
        return {each["kind"]: each["status"] for each in scene.seen(GRACE, number)["commitments"]}


def mails(scene: Scene, recipient: str) -> list[str]:
    return [item.subject.partition(" · ")[0] for item in scene.owed() if item.recipient == recipient]


def test_a_customer_is_told_what_is_looked_into_and_until_when(scene: Scene) -> None:
    number, _ = scene.opened(customer(ADA))

    look_into(scene, number)

    seen = scene.seen(customer(ADA), number)
    told = seen["looked_into"]
    assert told is not None
    assert (seen["status"], told["question"]) == ("verifying", QUESTION)
    assert [str(told[name])[:10] for name in ("news_by", "complete_by")] == ["2026-03-03", "2026-03-05"]
    assert QUESTION in seen["messages"][-1]["body"]
    verdicts = running(scene, number)
    assert (verdicts["first_response"], verdicts["complete_answer"], verdicts["update"]) == (
        "kept",
        "running",
        "running",
    )
    letters = [item for item in scene.owed() if item.recipient == ADA]
    assert QUESTION in letters[-1].text


def test_only_another_person_lets_the_answer_out(scene: Scene) -> None:
    number, _ = scene.opened(customer(ADA))
    found = look_into(scene, number, draft=DRAFT)

    with pytest.raises(OwnDraft):
        decide(scene, found, by=GRACE)
    before = [each["body"] for each in scene.seen(customer(ADA), number)["messages"]]
    done = decide(scene, found)

    seen = scene.seen(customer(ADA), number)
    assert DRAFT not in before
    assert (done["status"], done["decided_by"], done["answer"]) == ("verified", LENA.email, DRAFT)
    assert (seen["messages"][-1]["body"], seen["messages"][-1].get("verified")) == (DRAFT, True)
    assert "verified_by" not in seen["messages"][-1]
    assert (seen["status"], seen["looked_into"]) == ("open", None)
    verdicts = running(scene, number)
    assert (verdicts["complete_answer"], verdicts["update"]) == ("kept", "kept")
    with pytest.raises(WrongStatus):
        decide(scene, found, by=HEIDI)


def test_an_edited_answer_goes_out_as_it_was_edited(scene: Scene) -> None:
    number, _ = scene.opened(customer(ADA))
    found = look_into(scene, number, draft=DRAFT)

    decide(scene, found, decision="approve", text=f"{DRAFT} We are sorry.")

    message = scene.seen(GRACE, number)["messages"][-1]
    assert (message["body"], message["actor"], message["verified_by"]) == (
        f"{DRAFT} We are sorry.",
        GRACE.email,
        LENA.email,
    )


def test_a_draft_that_is_sent_back_is_written_again(scene: Scene) -> None:
    number, _ = scene.opened(customer(ADA))
    found = look_into(scene, number, draft="It is fine, more or less, I think.")
    with pytest.raises(WrongStatus):
        decide(scene, look_into(scene, scene.opened()[0]))

    back = decide(scene, found, decision="send_back", note="Say for which voltage.")
    assert (back["status"], back["note"]) == ("sent_back", "Say for which voltage.")
    told = {item.subject.partition(" · ")[0]: item for item in scene.owed() if item.about == "verification"}
    assert told["Your draft was sent back"].recipient == GRACE.email
    assert {item.link_key for item in told.values()} == {f"desk/inbox/{found['ticket_number']}"}
    with pytest.raises(WrongStatus):
        decide(scene, found)

    assert draft(scene, found, by=HEIDI)["drafted_by"] == HEIDI.email
    assert decide(scene, found, by=GRACE)["status"] == "verified"


def test_news_says_something_new_and_ends_nothing(scene: Scene) -> None:
    number, _ = scene.opened(customer(ADA))
    look_into(scene, number)
    news = "The maker answers us tomorrow morning."

    scene.does(GRACE, writing.post_message, number, NOW + HOUR, body=news)
    with pytest.raises(AnswerRepeats):
        scene.does(GRACE, writing.post_message, number, NOW + 2 * HOUR, body=f"  {news.upper()} ")
    with pytest.raises(StillVerifying):
        scene.does(GRACE, tickets.resolve_ticket, number, code="answered")
    with pytest.raises(StillVerifying):
        look_into(scene, number)

    assert scene.seen(GRACE, number)["status"] == "verifying"
    assert running(scene, number)["update"] == "running"
    assert mails(scene, ADA) == ["We have received your message", "Re: We have received your message"]
    letters = scene.seen(customer(ADA), number)["messages"]
    assert [each["body"] for each in letters].count(news) == 1


def test_a_question_back_lets_the_promise_stand_still(scene: Scene) -> None:
    number, _ = scene.opened(customer(ADA))
    look_into(scene, number)
    ask = {"body": "Which plug does your kettle have?", "status": "waiting_customer"}
    scene.does(GRACE, writing.post_message, number, NOW, **ask)
    paused = running(scene, number)

    scene.does(customer(ADA), writing.post_message, number, NOW + DAY, body="The one with two pins.")

    assert (paused["complete_answer"], paused["update"]) == ("paused", "paused")
    assert scene.seen(GRACE, number)["status"] == "verifying"
    assert running(scene, number)["complete_answer"] == "running"


def test_silence_does_not_end_what_is_looked_into(scene: Scene) -> None:
    number, _ = scene.opened(customer(ADA))
    look_into(scene, number)
    ask = {"body": "Which plug does your kettle have?", "status": "waiting_customer"}
    scene.does(GRACE, writing.post_message, number, NOW, **ask)

    for days in (4, 12):
        with scene.work(at=NOW + days * DAY) as work:
            waiting.see_to_waiting_tickets(work)

    assert scene.seen(GRACE, number)["status"] == "verifying"


def test_the_queue_shows_what_is_not_verified_yet(scene: Scene) -> None:
    found = [look_into(scene, scene.opened()[0], NOW + n * HOUR) for n in range(3)]
    draft(scene, found[1])
    decide(scene, found[1])

    with scene.work(GRACE, reading=True) as work:
        waits = verifying.list_verifications(work, ListVerifications())["items"]
        verified = verifying.list_verifications(work, ListVerifications(status=VerificationStatus.VERIFIED))["items"]

    assert [each["id"] for each in waits] == [found[0]["id"], found[2]["id"]]
    assert [each["id"] for each in verified] == [found[1]["id"]]


def test_a_decision_about_another_draft_is_refused(scene: Scene) -> None:
    number, _ = scene.opened(customer(ADA))
    found = draft(scene, look_into(scene, number))
    draft(scene, found, f"{DRAFT} Ask us for it.")

    with pytest.raises(VersionMoved) as refused:
        decide(scene, found, decision="approve", version=found["version"])

    assert refused.value.details["current"]["draft"] == f"{DRAFT} Ask us for it."


@pytest.mark.parametrize("text", ["ok", "." * 40])
def test_less_than_a_sentence_is_no_complete_answer(scene: Scene, text: str) -> None:
    found = look_into(scene, scene.opened()[0], draft=DRAFT)

    with pytest.raises(AnswerTooShort):
        draft(scene, found, text)


@pytest.mark.pure
@given(st.integers(0, 300 * 24))
def test_the_complete_answer_comes_after_the_first_news(hours: int) -> None:
    at = NOW + hours * HOUR
    complete_by, news_by = PROMISES.complete_by(at), PROMISES.news_by(at)

    assert at < news_by < complete_by
    assert complete_by - at <= timedelta(days=14), "three working days, the longest holidays between"
