"""Customers who need not be known any more are found by an index, however many orders there are."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import sqlalchemy as sa

from services.common.basics import clock
from services.common.basics.caller import SYSTEM
from services.common.testing.rows import copy_rows, plans
from services.orders import tables
from services.orders.handlers import placing, privacy
from services.orders.repository import Work
from services.orders.tests.scene import Scene


def test_no_walk_over_what_is_old_reads_all_orders(scene: Scene) -> None:
    number = scene.place(("MUG", 1))
    with clock.shifted(timedelta(hours=26)):
        scene.do(placing.expire_unpaid, number)
    with scene.store.engine.begin() as connection:
        copy_rows(connection, tables.orders, 500, order_number="substr(order_number, 1, 4) || n")
        row = tables.orders.c
        connection.execute(sa.update(tables.orders).where(row.order_number != number).values(email="erased"))
        connection.execute(sa.text("ANALYZE"))

    old: list[str] = []

    def look() -> None:
        with clock.shifted(timedelta(days=4000)):
            old.extend(scene.do(lambda work: work.erasing.outlived(work.now), caller=SYSTEM))

    found = plans(scene.store.engine, look)

    assert old == [number]
    if scene.store.engine.dialect.name == "postgresql":  # SQLite has no thousands of rows to mind
        assert any("ix_orders_known" in plan for plan in found.values()), found
    with clock.shifted(timedelta(days=4000)):
        privacy.erase_what_is_old(partial(scene.store.work, Work, SYSTEM))
        assert scene.do(lambda work: work.erasing.outlived(work.now)) == []
