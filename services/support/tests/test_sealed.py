"""Whom to write to about an order is known to support, and a copy of its database does not tell it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.common.store.chain_keys import OWN
from services.common.testing.rows import seal_rows, tables_that_say
from services.support import tables as t
from services.support.domain import OrderContact
from services.support.repository import Work
from services.support.tests.scene import Scene, a_scene

KEYS, LATER = f"2026-11-29-cd34:{'2e' * 32}", f"2026-12-01-ef56:{'3d' * 32}"
NUMBER, WORDS = "ORD-0000-0007-W", ("ottoline", "quillfeather", "marmalade")


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    OWN.use(KEYS)
    with a_scene(tmp_path) as scene:
        yield scene
    OWN.use("")


def learn(scene: Scene, seq: int, name: str = "Ottoline Quillfeather", contents: str | None = None) -> bool:
    with scene.work() as work:
        return work.contacts.learn(OrderContact(NUMBER, seq, "ottoline@example.com", name, contents=contents))


def known(scene: Scene) -> tuple[str, str, str | None]:
    with scene.work() as work:
        found = work.contacts.get(NUMBER)
        return found.email, found.name, found.contents


def test_a_contact_is_read_and_stands_sealed(scene: Scene) -> None:
    assert learn(scene, 1, contents="To: 77 Marmalade Row")
    assert learn(scene, 3, "Ottoline Q. Quillfeather")
    assert not learn(scene, 2)

    assert known(scene) == ("ottoline@example.com", "Ottoline Q. Quillfeather", "To: 77 Marmalade Row")
    assert tables_that_say(scene.store.engine, *WORDS) == {}
    OWN.use(f"{LATER},{KEYS}")
    assert (seal_rows(scene.store, Work), seal_rows(scene.store, Work)) == (1, 0)
    OWN.use(LATER)
    assert known(scene)[0] == "ottoline@example.com"

    with scene.store.engine.begin() as connection:
        connection.execute(sa.update(t.order_contacts).values(own_key=""))
    assert known(scene) == ("erased", "erased", "erased")
    with scene.work() as work:
        assert work.erasing.contact(NUMBER) is None
    assert not learn(scene, 9)
    assert known(scene) == ("erased", "erased", None)


def test_contacts_of_before_are_sealed_when_a_process_starts(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as before:
        before.setattr(OWN, "writes", False)
        learn(scene, 1, contents="To: 77 Marmalade Row")
        assert tables_that_say(scene.store.engine, *WORDS) == {"order_contacts": [*WORDS]}
        plain = known(scene)

    assert (seal_rows(scene.store, Work), seal_rows(scene.store, Work)) == (1, 0)

    assert tables_that_say(scene.store.engine, *WORDS) == {}
    assert known(scene) == plain == ("ottoline@example.com", "Ottoline Quillfeather", "To: 77 Marmalade Row")
    with scene.work() as work:
        assert work.erasing.contact(NUMBER) == "ottoline@example.com"
    assert seal_rows(scene.store, Work) == 0


def test_a_contact_without_its_key_can_be_erased(scene: Scene) -> None:
    learn(scene, 1)
    OWN.use(LATER)

    with scene.work() as work:
        assert work.erasing.contact(NUMBER) is None

    OWN.use(KEYS)
    assert known(scene)[:2] == ("erased", "erased")
