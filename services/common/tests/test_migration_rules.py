"""Every migration can be made while the code of the release before it runs; one that cannot is told."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from alembic import op
from alembic.script import ScriptDirectory

from services import SERVICES
from services.common.store import migrations
from services.common.store.migrations import alembic_config, migrate
from services.common.store.migrations.kit import create_index_concurrently
from services.common.store.migrations.rules import faults

LATER = """
import sqlalchemy as sa
from alembic import op
from services.common.store.migrations.kit import create_index_concurrently
revision, down_revision, branch_labels, depends_on = "9999", "{head}", None, None
def upgrade():
    op.create_table("campaigns", sa.Column("name", sa.String(20), primary_key=True))
    create_index_concurrently("ix_orders_beside", "orders", ["email", "order_number"])
    op.add_column("orders", sa.Column("campaign", sa.String(20)))
"""


def versions(service: str) -> list[object]:
    return [each.module for each in ScriptDirectory.from_config(alembic_config(service)).walk_revisions()]


@pytest.mark.parametrize("service", SERVICES)
def test_every_version_lets_the_old_code_go_on(service: str) -> None:
    assert [(version, fault) for version in versions(service) for fault in faults(version)] == []


def unguarded(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(20), nullable=False)


@pytest.mark.parametrize(
    ("upgrade", "fault"),
    [
        (lambda: op.drop_column("orders", "email"), "takes something away"),
        (lambda: op.drop_table("orders"), "takes something away"),
        (lambda: op.execute("DELETE FROM orders"), "takes something away"),
        (lambda: op.alter_column("orders", "email", new_column_name="mail"), "renames"),
        (lambda: op.rename_table("orders", "purchases"), "renames"),
        (lambda: op.alter_column("orders", "email", type_=sa.Text()), "changes a type"),
        (lambda: op.alter_column("orders", "email", nullable=False), "refuses what the old code may write"),
        (lambda: op.add_column("orders", unguarded("channel")), "refuses what the old code may write"),
        (lambda: op.create_check_constraint("small", "orders", "goods < 9"), "refuses what the old code may write"),
        (lambda: op.create_unique_constraint("one", "orders", ["email"]), "refuses what the old code may write"),
        (lambda: op.create_foreign_key("fk", "orders", "people", ["e"], ["e"]), "refuses what the old code may write"),
        (lambda: op.create_index("ix", "orders", ["email"]), "holds up orders while its index is made"),
    ],
)
def test_what_the_old_code_would_not_survive_is_told(upgrade, fault):
    (found,) = faults(SimpleNamespace(upgrade=upgrade))

    assert found.startswith(fault)


def test_what_only_adds_is_let_through() -> None:
    def upgrade() -> None:
        op.add_column("orders", sa.Column("note", sa.Text()))
        op.add_column("orders", sa.Column("channel", sa.String(20), server_default="web", nullable=False))
        op.create_table("people", unguarded("email"), sa.UniqueConstraint("email"))
        op.create_index("ix_people_email", "people", ["email"])
        op.create_check_constraint("some", "people", "email <> ''")
        create_index_concurrently("ix_orders_channel", "orders", ["channel"])

    assert list(faults(SimpleNamespace(upgrade=upgrade))) == []


def test_a_version_may_take_away_if_it_says_so_and_blocks_none() -> None:
    def upgrade() -> None:
        op.drop_column("orders", "email")
        op.alter_column("orders", "channel", nullable=False)
        op.create_index("ix", "orders", ["channel"])

    (found,) = faults(SimpleNamespace(upgrade=upgrade, TAKES_AWAY="email: nobody has read it since 0.2"))

    assert found.startswith("holds up orders")


@pytest.mark.integration
def test_an_index_is_built_while_another_replica_waits(monkeypatch, tmp_path: Path) -> None:
    """Both of them migrate; a writer's open transaction holds the build up, and the build holds up no other writer."""
    import eventlet

    base = sa.make_url(os.environ["PLEDGE_TEST_PG_URL"])
    server = sa.create_engine(base, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    name = f"t_beside_{os.getpid()}"
    with server.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    url = base.set(database=name).render_as_string(hide_password=False)
    database = sa.create_engine(url, poolclass=sa.pool.NullPool)
    try:
        migrate("orders", url)
        head = ScriptDirectory.from_config(alembic_config("orders")).get_current_head()
        (tmp_path / "later.py").write_text(LATER.format(head=head))
        monkeypatch.setattr(migrations, "alembic_config", _with_versions(tmp_path))
        with database.connect() as writer, database.connect() as another:
            writer.execute(sa.text("UPDATE orders SET email = email"))
            replicas = [eventlet.spawn(migrate, "orders", url) for _ in range(2)]
            _eventually(database, "SELECT count(*) FROM pg_index WHERE NOT indisvalid")
            another.execute(sa.text("UPDATE orders SET email = email"))
            another.commit()
            writer.commit()
        for replica in replicas:
            replica.wait()

        _eventually(database, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_orders_beside'::regclass")
        assert "campaign" in {each["name"] for each in sa.inspect(database).get_columns("orders")}
        assert sa.inspect(database).has_table("campaigns")
    finally:
        with server.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))


def _with_versions(folder: Path):
    def configured(service: str):
        config = alembic_config(service)
        config.set_main_option(
            "version_locations", f"{config.get_main_option('version_locations')}{os.pathsep}{folder}"
        )
        return config

    return configured


def _eventually(database: sa.Engine, query: str) -> None:
    from services.common.testing import eventually

    def found() -> bool:
        with database.connect() as connection:
            return bool(connection.scalar(sa.text(query)))

    eventually(found)
