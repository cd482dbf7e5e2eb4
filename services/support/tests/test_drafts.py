"""Drafts: each person's own, found again anywhere, gone when sent, and never back after that."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.common.basics.caller import SYSTEM
from services.common.testing import customer, staff
from services.support import tables as t
from services.support.api import TicketNotFound, VersionMoved, WrongStatus
from services.support.api.drafts import DraftMoved
from services.support.api.triage import BatchItem, BatchStep, BatchTickets
from services.support.domain import Staff
from services.support.handlers import batch, drafting, writing
from services.support.handlers import staff as people
from services.support.tests.builders import ADA, NOW, add_staff
from services.support.tests.scene import GRACE, LENA, Scene, a_scene

HEIDI = staff("agent", email="heidi@pledge.example")
BODY = "The shirt is made of cotton."


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_scene(tmp_path) as made:
        yield made


def keeps(scene: Scene, number: str, body: str, caller: Any = GRACE, **more: Any) -> Any:
    return scene.does(caller, drafting.save_draft, number, **{"kind": "answer", "body": body, **more})


def kept(scene: Scene, number: str, caller: Any = GRACE) -> list[tuple[str, str, int]]:
    return [(each["kind"], each["body"], each["version"]) for each in scene.seen(caller, number)["drafts"]]


def test_a_draft_is_shown_to_its_writer_alone(scene: Scene) -> None:
    number, _ = scene.opened(customer(ADA))
    other, _ = scene.opened()

    keeps(scene, number, "The shirt", version=0)
    keeps(scene, number, "Ask the maker.", kind="note")
    keeps(scene, number, "Dear Ada,", HEIDI)
    keeps(scene, number, BODY, version=1)

    assert kept(scene, number) == [("answer", BODY, 2), ("note", "Ask the maker.", 1)]
    assert kept(scene, number, HEIDI) == [("answer", "Dear Ada,", 1)]
    assert (kept(scene, number, LENA), kept(scene, other)) == ([], [])
    assert "drafts" not in scene.seen(customer(ADA), number)
    assert {each["number"] for each in scene.listed() if each.get("drafted")} == {number}
    assert [each for each in scene.listed(LENA) if "drafted" in each] == []
    for nobody in (customer("eve@example.com"), customer(ADA)):
        with pytest.raises(TicketNotFound):
            keeps(scene, number, "I am no agent", nobody)


def test_what_was_written_elsewhere_is_not_overwritten(scene: Scene) -> None:
    number, _ = scene.opened()
    keeps(scene, number, "The shirt", version=0)
    keeps(scene, number, "The shirt is", version=1)

    with pytest.raises(DraftMoved) as refused:
        keeps(scene, number, "The other tab", version=1)

    assert refused.value.details["current"]["body"] == "The shirt is"
    assert keeps(scene, number, "The shirt is", version=1)["version"] == 2  # a repeat of what is kept
    assert keeps(scene, number, "Whatever there was")["version"] == 3


def test_what_is_sent_is_no_draft_and_does_not_come_back(scene: Scene) -> None:
    number, _ = scene.opened()
    keeps(scene, number, BODY, version=0)
    keeps(scene, number, "A note", kind="note")
    seen = scene.seen(GRACE, number)["version"]
    scene.does(customer(ADA), writing.post_message, number, body="And is it washable, too?")

    with pytest.raises(VersionMoved):
        scene.does(GRACE, writing.post_message, number, body=BODY, version=seen, draft=1)
    assert kept(scene, number)[0] == ("answer", BODY, 1)  # what was refused is kept

    scene.does(GRACE, writing.post_message, number, body=BODY, draft=1)
    assert kept(scene, number) == [("answer", "", 2), ("note", "A note", 1)]
    for late in (0, 1):
        with pytest.raises(DraftMoved):
            keeps(scene, number, "The shirt is made", version=late)
    assert keeps(scene, number, "A second one", version=2)["version"] == 3


def test_an_answer_that_was_never_kept_ends_what_comes_late(scene: Scene) -> None:
    number, _ = scene.opened()
    for version in (0, 1):
        scene.does(GRACE, writing.post_message, number, body=f"{BODY} {version}", draft=version)

    with pytest.raises(DraftMoved):
        keeps(scene, number, "The shirt", version=1)


def test_an_answer_to_many_leaves_what_was_begun_on_one(scene: Scene) -> None:
    number, _ = scene.opened()
    keeps(scene, number, BODY)

    request = BatchTickets(BatchStep.ANSWER, [BatchItem(number)], body="We are looking into it, please wait a little.")
    assert batch.batch_tickets(partial(scene.work, GRACE), request)["done"] == 1

    assert kept(scene, number) == [("answer", BODY, 1)]


def test_two_tabs_that_begin_at_once_keep_one_of_both(scene: Scene) -> None:
    number, _ = scene.opened()
    begins, refused = threading.Barrier(2), list[str]()

    def begin(body: str) -> None:
        begins.wait()
        try:
            keeps(scene, number, body, version=0)
        except DraftMoved:
            refused.append(body)

    threads = [threading.Thread(target=begin, args=(body,)) for body in ("one", "two")]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    ((_, body, version),) = kept(scene, number)
    assert ({body, *refused}, len(refused), version) == ({"one", "two"}, 1, 1)


def test_drafts_go_with_the_conversation_the_person_and_time(scene: Scene) -> None:
    erased, _ = scene.opened(customer(ADA))
    left, _ = scene.opened(email="bob@example.com")
    add_staff(
        scene.store, Staff("heidi@pledge.example", "Heidi", ["agent"]), Staff("root@pledge.example", "R", ["admin"])
    )

    def rows() -> list[tuple[str, str]]:
        with scene.work(SYSTEM, reading=True) as work:
            return sorted(tuple(row) for row in work.session.execute(sa.select(t.drafts.c.person, t.drafts.c.body)))

    keeps(scene, erased, "Dear Ada", HEIDI)
    keeps(scene, left, "Dear Bob", HEIDI)
    keeps(scene, left, "Bob asks for more than we can do.", kind="note")
    with scene.work(SYSTEM) as work:
        work.erasing.ticket(work.tickets.get(erased, lock=True))
    assert [body for _, body in rows()] == ["Bob asks for more than we can do.", "Dear Bob"]
    with pytest.raises(WrongStatus):
        keeps(scene, erased, "Dear Ada, it is erased", HEIDI)

    with scene.work(staff("admin", email="root@pledge.example")) as work:
        people.deactivate_staff(work, "heidi@pledge.example")
    assert [person for person, _ in rows()] == ["grace@pledge.example"]

    for days, left_over in ((30, 1), (31, 0)):
        with scene.work(SYSTEM, NOW + timedelta(days=days)) as work:
            drafting.forget_drafts(work)
        assert len(rows()) == left_over
