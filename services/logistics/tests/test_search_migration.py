"""Shipments of before are made findable in batches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

from services.common.basics import clock
from services.common.store.chain_keys import OWN
from services.common.store.migrations import alembic_config
from services.common.testing import fresh_store
from services.common.testing.rows import copy_rows, statements
from services.logistics import tables
from services.logistics.tests.scene import DISPATCHED, Scene


def test_many_shipments_are_filled_by_few_statements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    versions = ScriptDirectory.from_config(alembic_config("logistics")).walk_revisions()
    migration: Any = next(each.module for each in versions if each.path.endswith("_search.py"))
    row = tables.shipments.c
    with fresh_store("logistics", tmp_path) as store, clock.frozen(DISPATCHED):
        monkeypatch.setattr(OWN, "writes", False)  # a row as releases before wrote it
        Scene(store).pass_review()
        with store.engine.begin() as connection:
            kept = connection.scalar(sa.select(row.search))
            copy_rows(
                connection, tables.shipments, 3000,
                number="substr(number, 1, 4) || n", order_number="substr(order_number, 1, 4) || n",
            )  # fmt: skip
            connection.execute(sa.update(tables.shipments).values(search=None))
            with Operations.context(MigrationContext.configure(connection)):
                asked = statements(connection, migration._fill)
            filled = set(connection.scalars(sa.select(row.search)))

    assert filled == {kept}
    assert kept
    assert len(asked) < 12
