"""Keys of the shop's own systems: what an exchange writes, and what it does not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from services.common.basics.caller import Caller, key_actor
from services.common.edge.tokens import KEY_PREFIX, token_hash
from services.common.testing import staff
from services.support.api import Category
from services.support.api.api_keys import KeyNameTooLong, KeyOver, KeyRole, MakeApiKey
from services.support.api.reads import RecordRead
from services.support.domain import Staff
from services.support.domain.api_keys import MOST_ACTOR
from services.support.handlers import api_keys, complaints, drafting, reads
from services.support.repository import Work
from services.support.tests.builders import NOW, add_staff
from services.support.tests.scene import Scene, a_scene

BOSS = "admin@pledge.example"


class Opened:
    """Opens transactions and notes which of them could write."""

    def __init__(self, scene: Scene, at: datetime = NOW):
        self._scene, self._at, self.writing = scene, at, list[bool]()

    def __call__(self, *, reading: bool = False) -> AbstractContextManager[Work]:
        self.writing.append(not reading)
        return self._scene.work(at=self._at, reading=reading)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_scene(tmp_path) as made:
        yield made


@pytest.fixture
def secret(scene: Scene) -> str:
    add_staff(scene.store, Staff(BOSS, "Ada", ["admin"]))
    with scene.work(staff("admin", email=BOSS)) as work:
        return api_keys.make_key(work, MakeApiKey("stock-system", [KeyRole.WAREHOUSE]))["secret"]


def test_a_made_up_key_writes_nothing(scene: Scene) -> None:
    opened = Opened(scene)

    with pytest.raises(KeyOver):
        api_keys.check_key(opened, token_hash(KEY_PREFIX + "00" * 32))

    assert opened.writing == [False]


def test_the_use_of_a_key_is_noted_once_a_day(scene: Scene, secret: str) -> None:
    first, again, next_day = Opened(scene), Opened(scene), Opened(scene, NOW + timedelta(days=1))

    for opened in (first, again, next_day):
        api_keys.check_key(opened, token_hash(secret))

    assert [each.writing for each in (first, again, next_day)] == [[False, True], [False], [False, True]]
    with scene.work(staff("admin", email=BOSS), reading=True) as work:
        assert api_keys.list_keys(work)["items"][0]["used_at"] == "2026-03-03T02:00:00Z"


def test_a_key_that_ends_while_its_use_is_noted_is_refused(scene: Scene, secret: str) -> None:
    @contextmanager
    def ends_in_between(*, reading: bool = False) -> Iterator[Work]:
        with scene.work(reading=reading) as work:
            yield work
        if reading:
            with scene.work(staff("admin", email=BOSS)) as work:
                api_keys.end_key(work, work.api_keys.every()[0].id)

    with pytest.raises(KeyOver):
        api_keys.check_key(ends_in_between, token_hash(secret))


def a_maker(scene: Scene, length: int) -> str:
    """Have an admin whose mailbox has so many characters."""
    email = f"ada@{'d' * (length - 12)}.example"
    add_staff(scene.store, Staff(email, "Ada", ["admin"]))
    return email


def test_staff_columns_hold_the_longest_key(scene: Scene) -> None:
    maker, wish = a_maker(scene, MOST_ACTOR - 37), MakeApiKey("k" * 32, [KeyRole.AGENT])
    with scene.work(staff("admin", email=maker)) as work:
        api_keys.make_key(work, wish)
    key = Caller(key_actor(wish.name, maker), None, frozenset({"agent"}))
    assert len(key.actor) == MOST_ACTOR

    number, _ = scene.opened(category=Category.COMPLAINT)
    with scene.work(key) as work:
        reads.record_read(work, RecordRead("1", "get_order", [], NOW))
    scene.does(key, drafting.save_draft, number, kind="note", body="Ask the maker.")
    scene.does(
        key,
        complaints.step_complaint,
        number,
        step="acknowledged",
        message="We have read what you wrote and look into it now.",
    )

    assert scene.seen(key, number)["assignee"] == key.actor


def test_a_key_whose_name_and_maker_are_too_long_is_not_made(scene: Scene) -> None:
    maker = a_maker(scene, MOST_ACTOR - 36)

    with scene.work(staff("admin", email=maker)) as work, pytest.raises(KeyNameTooLong):
        api_keys.make_key(work, MakeApiKey("k" * 32, [KeyRole.AGENT]))
    with scene.work(staff("admin", email=maker)) as work:
        api_keys.make_key(work, MakeApiKey("k" * 31, [KeyRole.AGENT]))
