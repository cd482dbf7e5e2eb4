"""Suggestions: each has an end, each step is told, and the board names no customer (standard, section 6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.basics import clock
from services.common.basics.caller import Caller
from services.common.basics.errors import ServiceError
from services.common.basics.states import VersionMoved
from services.common.commitments.events import CommitmentBreached
from services.common.testing import customer, guest
from services.support.api import (
    Category,
    ListSuggestions,
    NamesCustomer,
    NotFollowed,
    PublicWordsMissing,
    SuggestionNotFound,
    SuggestionStatus,
    SuggestionStep,
    SuggestionView,
    WrongStatus,
)
from services.support.api.terms import FOLLOWERS_KEPT
from services.support.domain import Suggestion
from services.support.domain.suggestion import SUGGESTION_MOVES, UNDECIDED, Words, require_no_customer
from services.support.handlers import promises, suggestions, tickets
from services.support.tests.builders import ADA, DAY, NOW, message_of
from services.support.tests.scene import GRACE, LENA, Scene, a_scene

BOB = customer("bob@example.com")
WORDS = {"title": "Name the plug", "text": "Each page names the plug.", "public": True}
STEPS: tuple[dict[str, Any], ...] = (
    {"status": "reviewed", **WORDS},
    {"status": "planned"},
    {"status": "done", "link": "/shop"},
    {"status": "announced"},
)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_scene(tmp_path) as made:
        yield made


def suggested(scene: Scene, **form: Any) -> tuple[str, str]:
    """Have a customer suggest something. Return the ticket's number and the suggestion's id."""
    number, _ = scene.opened(category=Category.SUGGESTION, topic=None, **form)
    return number, next(each["id"] for each in listed(scene) if each["ticket_number"] == number)


def listed(scene: Scene, caller: Caller = LENA, **query: Any) -> list[SuggestionView]:
    with scene.work(caller, reading=True) as work:
        return suggestions.list_suggestions(work, ListSuggestions(**query))["items"]


def move(scene: Scene, found: str, at: datetime = NOW, **step: Any) -> Any:
    return scene.does(LENA, suggestions.move_suggestion, found, at, **step)


def follow(scene: Scene, found: str, who: Caller = BOB, **request: Any) -> Any:
    return scene.does(who, suggestions.follow_suggestion, found, **request)


def clocks(scene: Scene, number: str) -> dict[str, str]:
    with clock.frozen(NOW):
        return {each["kind"]: each["status"] for each in scene.seen(GRACE, number)["commitments"]}


@pytest.mark.pure
@given(st.lists(st.tuples(st.sampled_from(SuggestionStep), st.booleans(), st.booleans()), max_size=12))
def test_any_row_of_steps_keeps_its_promises(steps: list[tuple[SuggestionStep, bool, bool]]) -> None:
    """A suggestion waits for a decision, or has come to one; what is shown has words, what is declined a reason."""
    found = Suggestion("1", "TIC-0000-0000-0", NOW, NOW)
    found.receive(None, NOW, NOW + DAY)
    for step, words, public in steps:
        status = SuggestionStatus(step)
        before = (found.status, found.public)
        wish = Words("Title", "Text.", public, "Reason.", "/shop") if words else Words(public=public, reason="Reason.")
        try:
            found.move(status, wish, None, NOW, review_by=NOW + 2 * DAY)
        except WrongStatus:
            assert status not in SUGGESTION_MOVES[before[0]]
            assert (found.status, found.public) == before
            continue
        except PublicWordsMissing:
            return  # the transaction ends here
        assert (found.review_by is not None) == (found.status in UNDECIDED)
        assert not found.public or (found.title and found.text)
        assert found.status is not SuggestionStatus.ANNOUNCED or found.public
        assert found.status is not SuggestionStatus.DECLINED or found.reason


@pytest.mark.pure
@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Each page names the plug.", False),
        ("Ada Lovelace wants plugs.", True),
        ("Lovelace wants plugs.", True),
        ("Write to ADA@example.com about it.", True),
        ("As bob.b@shop.example says.", True),
        ("As in TIC-83WN-Y57P-T.", True),
        ("As in ord-0000-0007-w.", True),
        ("Name the plug @ each page.", False),
        ("ADA LOVELACE wants plugs.", True),
        ("Ada wants plugs.", True),
        ("See /tickets/1#token=tic_x", True),
    ],
)
@pytest.mark.parametrize("field", ["title", "text", "reason", "link"])
def test_words_for_the_public_name_no_customer(field: str, text: str, names: bool) -> None:
    words = Words(**{field: text})  # type: ignore[arg-type]

    if not names:
        return require_no_customer(words, "Ada Lovelace", "ada@example.com")
    with pytest.raises(NamesCustomer):
        require_no_customer(words, "Ada Lovelace", "ada@example.com")
    return None


def test_a_suggestion_is_told_until_it_is_announced(scene: Scene) -> None:
    number, found = suggested(scene)
    assert clocks(scene, number)["suggestion_review"] == "running"
    assert "We decide about your suggestion by" in scene.owed()[-1].text
    assert listed(scene, guest()) == []

    for step, told in zip(STEPS, ("has read", "plan to do it", "It is done", "announced"), strict=True):
        move(scene, found, **step)
        mails = {item.recipient: item.text for item in scene.owed()}
        assert told in mails[ADA]
        assert told in mails.get("bob@example.com", told)
        assert ("bob@example.com" in mails) == (step["status"] != "reviewed")
        if step["status"] == "reviewed":
            assert follow(scene, found)["followers"] == follow(scene, found)["followers"] == 1

    [shown] = listed(scene, guest())
    assert (shown["status"], shown["title"], shown["link"]) == ("announced", "Name the plug", "/shop")
    assert "ticket_number" not in shown
    assert clocks(scene, number)["suggestion_review"] == "kept"
    with pytest.raises(NotFollowed):
        follow(scene, found)


def test_a_follower_who_stops_hears_no_more(scene: Scene) -> None:
    _, found = suggested(scene)
    with pytest.raises(SuggestionNotFound):
        follow(scene, found)
    move(scene, found, **STEPS[0])
    follow(scene, found)
    scene.owed()

    assert follow(scene, found, follow=False)["followers"] == follow(scene, found, follow=False)["followers"] == 0
    move(scene, found, status="planned")

    assert {item.recipient for item in scene.owed()} == {ADA}


def test_a_declined_suggestion_has_a_reason_and_a_way_back(scene: Scene) -> None:
    number, found = suggested(scene)
    move(scene, found, **STEPS[0])
    with pytest.raises(ServiceError, match="reason"):
        move(scene, found, status="declined")
    move(scene, found, status="declined", reason="Plugs differ by region.")

    mail = scene.owed()[-1].text
    assert "Plugs differ by region." in mail
    assert "takes the matter up again" in mail
    assert "satisfied" not in mail
    assert clocks(scene, number)["suggestion_review"] == "kept"
    again = move(scene, found, status="reviewed")
    assert (again["reason"], clocks(scene, number)["suggestion_review"]) == (None, "running")


def test_a_repeated_step_is_told_once(scene: Scene) -> None:
    _, found = suggested(scene)
    first = move(scene, found, **STEPS[0])
    scene.owed()

    assert move(scene, found, **STEPS[0])["version"] == first["version"]
    assert move(scene, found, status="reviewed", title="Name each plug")["title"] == "Name each plug"
    assert scene.owed() == []
    with pytest.raises(VersionMoved):
        move(scene, found, status="planned", version=first["version"])


def test_the_category_decides_what_is_a_suggestion(scene: Scene) -> None:
    number, _ = scene.opened()
    assert listed(scene) == []

    scene.does(GRACE, tickets.amend_ticket, number, category="suggestion")
    assert "taken in what you wrote as a suggestion" in scene.owed()[-1].text
    [found] = listed(scene)
    scene.does(LENA, tickets.amend_ticket, number, category="logistics")
    assert (listed(scene), clocks(scene, number)["suggestion_review"]) == ([], "recalled")
    told = scene.owed()[-1]
    assert (told.recipient, "sorted it anew as a question about a delivery" in told.text) == (ADA, True)
    assert "person answers you by" in told.text
    scene.does(LENA, tickets.amend_ticket, number, category="suggestion")

    assert [each["id"] for each in listed(scene)] == [found["id"]]
    assert clocks(scene, number)["suggestion_review"] == "running"


def test_a_late_decision_is_told_though_the_ticket_ended(scene: Scene) -> None:
    number = scene.resolved(category=Category.SUGGESTION, topic=None)
    scene.owed()
    late = CommitmentBreached(
        kind="suggestion_review", owner="support", promised_on=number, order_number=None, due_at=NOW,
        started_at=NOW - timedelta(days=10), told_at=NOW,
    )  # fmt: skip

    with scene.work() as work:
        promises.on_commitment_breached(work, late, message_of(late, source="support"))

    [mail] = [item for item in scene.owed() if item.recipient == ADA]
    assert "late with deciding about your suggestion" in mail.text


def test_an_erasure_leaves_the_board_and_forgets_followers(scene: Scene) -> None:
    number, found = suggested(scene)
    move(scene, found, **STEPS[0])
    follow(scene, found)
    _, hidden = suggested(scene, email="eve@example.com")
    move(scene, hidden, status="reviewed", title="Not shown")

    with scene.work() as work:
        work.erasing.person("bob@example.com")
        for email in (ADA, "eve@example.com"):
            for ticket in work.erasing.tickets_of(email):
                work.erasing.ticket(ticket)

    shown = {each["id"]: each for each in listed(scene)}
    assert (shown[found]["followers"], shown[found]["title"]) == (0, "Name the plug")
    assert shown[hidden]["title"] != "Not shown"
    scene.owed()
    move(scene, found, status="planned")
    assert scene.owed() == []
    assert number == shown[found]["ticket_number"]


def test_who_follows_what_rests_is_forgotten_in_time(scene: Scene) -> None:
    found = [suggested(scene, email=f"{name}@example.com")[1] for name in ("ann", "ben")]
    for each in found:
        move(scene, each, **STEPS[0])
        follow(scene, each)
    move(scene, found[0], status="declined", reason="Plugs differ by region.")

    for days, left in ((-1, {*found}), (1, {found[1]})):
        with scene.work(at=NOW + FOLLOWERS_KEPT.span + timedelta(days=days)) as work:
            suggestions.forget_followers(work)
            assert {*work.suggestions.followed_by("bob@example.com")} == left


def test_only_a_lead_says_that_a_suggestion_is_none(scene: Scene) -> None:
    number, _ = suggested(scene)

    with pytest.raises(ServiceError) as refused:
        scene.does(GRACE, tickets.amend_ticket, number, category="product")

    assert refused.value.code == "role_required"
    assert clocks(scene, number)["suggestion_review"] == "running"


def test_a_mail_to_a_follower_has_a_key_without_the_mailbox(scene: Scene) -> None:
    _, found = suggested(scene)
    move(scene, found, **STEPS[0])
    follow(scene, found)
    scene.owed()

    move(scene, found, status="planned")

    [mail] = [item for item in scene.owed() if item.recipient == "bob@example.com"]
    assert "bob" not in mail.key


def test_a_mail_names_a_suggestion_that_can_be_opened(scene: Scene) -> None:
    """However far down the board it is: a page has a hundred."""
    _, found = suggested(scene)
    move(scene, found, **STEPS[0])
    follow(scene, found)
    for each in range(3):
        _, newer = suggested(scene, subject=f"Another {each}", email=f"eve-{each}@example.com")
        move(scene, newer, status="reviewed", title=f"Another {each}", text="Another.", public=True)
    scene.owed()
    move(scene, found, status="planned")

    [mail] = [item for item in scene.owed() if item.recipient == "bob@example.com"]
    asked = dict(parse_qsl(urlsplit(mail.link_key).query))
    assert [each["id"] for each in listed(scene, guest(), limit=1, **asked)] == [found]
    move(scene, found, status="planned", public=False)
    assert listed(scene, guest(), **asked) == []
    assert [each["id"] for each in listed(scene, LENA, **asked)] == [found]


def test_who_follows_changes_no_version(scene: Scene) -> None:
    _, found = suggested(scene)
    version = move(scene, found, **STEPS[0])["version"]

    follow(scene, found)

    assert move(scene, found, status="planned", version=version)["status"] == "planned"


def test_a_late_decision_leaves_no_promise_of_news(scene: Scene) -> None:
    number = scene.resolved(category=Category.SUGGESTION, topic=None)
    [found] = [each["id"] for each in listed(scene)]
    late = CommitmentBreached(
        kind="suggestion_review", owner="support", promised_on=number, order_number=None, due_at=NOW,
        started_at=NOW - timedelta(days=10), told_at=NOW,
    )  # fmt: skip
    with scene.work() as work:
        promises.on_commitment_breached(work, late, message_of(late, source="support"))
    assert clocks(scene, number)["update"] == "running"

    move(scene, found, status="reviewed")
    move(scene, found, status="declined", reason="Plugs differ by region.")

    assert clocks(scene, number)["update"] == "kept"
