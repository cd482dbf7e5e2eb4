"""What is old is found by indexes, however much there is of what is not, or was erased before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.common.basics import ids
from services.common.basics.caller import SYSTEM
from services.common.testing.rows import copy_rows, plans
from services.support import tables as t
from services.support.api import PrivacyKind
from services.support.domain import PrivacyRequest
from services.support.handlers import privacy, tickets
from services.support.tests.builders import ADA, DAY, NOW, ORDER_NUMBER
from services.support.tests.scene import GRACE, LENA, Scene, a_scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_scene(tmp_path) as made:
        yield made


def test_no_walk_over_what_is_old_reads_a_table_whole(scene: Scene) -> None:
    def forget() -> None:
        with scene.work(SYSTEM) as work:
            work.erasing.old_tickets(work.now - DAY)
            work.erasing.old_mails(work.now - DAY)
            work.reads.forget(work.now - DAY)
            work.order_links.forget(work.now - DAY)
            work.codes.forget(work.now - DAY)
            work.people.forget_counts(work.now - DAY)

    known, _ = scene.opened()
    with scene.store.engine.begin() as connection:
        copy_rows(connection, t.tickets, 500, number="substr(number, 1, 4) || n")
        copy_rows(connection, t.notifications, 500, key="key || n")
        row, mail = t.tickets.c, t.notifications.c
        gone = sa.update(t.tickets).where(row.number != known)
        connection.execute(gone.values(customer_email="erased", status="closed"))
        connection.execute(sa.update(t.notifications).where(mail.key.contains("100")).values(recipient="erased"))
        connection.execute(sa.text("ANALYZE"))
    found = plans(scene.store.engine, forget)

    whole = re.compile(r"SCAN (tickets|notifications|staff_reads|order_links|sign_in)\b|Seq Scan")
    assert [plan for plan in found.items() if whole.search(plan[1]) and "USING" not in plan[1]] == []
    if scene.store.engine.dialect.name == "postgresql":  # SQLite has no thousands of rows to mind
        assert any("ix_tickets_known" in plan for plan in found.values()), found
        assert any("ix_notifications_known" in plan for plan in found.values()), found


@pytest.mark.parametrize("about_order", [False, True])
def test_copies_are_read_once_for_all_that_one_asks_for(scene: Scene, about_order: bool) -> None:
    def closed(number: str) -> None:
        scene.does(LENA, tickets.close_ticket, number)

    scene.learns_order()
    numbers = [scene.resolved(email=ADA, order_number=ORDER_NUMBER) for _ in range(4)]
    for number in numbers[:2]:
        closed(number)
    request = PrivacyRequest(ids.number(ids.PRIVACY, 1), PrivacyKind.ERASURE, ADA, NOW, "", NOW)
    asked: list[str] = []
    sa.event.listen(scene.store.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))

    def read() -> int:
        found = len([each for each in asked if "FROM idempotency_keys" in each])
        asked.clear()
        return found

    with scene.work(SYSTEM) as work:
        if about_order:
            privacy._erase_order(work, ORDER_NUMBER, request.number)
        else:
            privacy._erase_or_wait(work, work.erasing.tickets_of(ADA), request)
    assert read() == 1
    assert [scene.seen(GRACE, number)["customer"]["email"] for number in numbers] == ["erased", "erased", ADA, ADA]
    parts = sorted(part["status"] for part in request.parts)
    assert parts == ([] if about_order else ["erased", "erased", "waiting", "waiting"])

    for number in numbers[2:]:
        closed(number)
    asked.clear()
    with scene.work(SYSTEM) as work:
        privacy.erase_what_ended(work)
        privacy.erase_what_ended(work)
    assert read() == 1
    assert {scene.seen(GRACE, number)["customer"]["email"] for number in numbers} == {"erased"}


def test_copies_of_a_page_of_tickets_are_read_once(scene: Scene) -> None:
    for each in range(5):
        scene.resolved(email=f"old-{each}@example.com")

    def erase() -> None:
        with scene.work(SYSTEM) as work:
            found = [each for email in range(5) for each in work.erasing.tickets_of(f"old-{email}@example.com")]
            privacy._erase(work, *found)

    asked: list[str] = []
    sa.event.listen(scene.store.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    erase()

    assert len([each for each in asked if "FROM idempotency_keys" in each]) == 1
