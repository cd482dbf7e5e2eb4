"""A new link to an order: for its customer alone. Others do not learn what exists."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.common.basics import ids
from services.support.api import RequestOrderLink
from services.support.domain.people import CODES_PER_WINDOW
from services.support.handlers import links
from services.support.tests.builders import ADA, EVE, ORDER_NUMBER
from services.support.tests.scene import Scene, a_scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_scene(tmp_path) as scene:
        scene.learns_order()
        yield scene


@pytest.mark.parametrize(
    ("number", "email", "mailed"),
    [
        (ORDER_NUMBER, ADA, True),
        (ORDER_NUMBER, EVE, False),
        (ids.number(ids.ORDER, 99), ADA, False),
    ],
)
def test_a_new_link_goes_to_the_orders_own_address(scene: Scene, number: str, email: str, mailed: bool) -> None:
    with scene.work() as work:
        assert links.request_order_link(work, number, RequestOrderLink(email)) == {}

    assert [(mail.recipient, mail.link_key) for mail in scene.owed()] == ([(ADA, ORDER_NUMBER)] if mailed else [])


@pytest.mark.parametrize("email", [ADA, EVE])
@pytest.mark.parametrize("number", [ORDER_NUMBER, ids.number(ids.ORDER, 99)])
def test_a_right_and_a_wrong_guess_cost_the_same(scene: Scene, number: str, email: str) -> None:
    statements: list[str] = []

    with scene.work() as work:
        connection = work.session.connection()
        sa.event.listen(connection, "before_cursor_execute", lambda *told: statements.append(told[2]))
        links.request_order_link(work, number, RequestOrderLink(email))

    assert [statement.split()[0] for statement in statements] == ["SELECT", "INSERT", "INSERT"]


def test_new_links_are_counted_for_each_pair_apart(scene: Scene) -> None:
    for email in [EVE] * 20 + [ADA] * 20:
        with scene.work() as work:
            links.request_order_link(work, ORDER_NUMBER, RequestOrderLink(email))

    assert len(scene.owed()) == CODES_PER_WINDOW
