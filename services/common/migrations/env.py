"""Run by Alembic for each migration: on the connection that `migrate` holds."""

from __future__ import annotations

from alembic import context

from services.common.migrations import target_metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=target_metadata(context.config.attributes["service"]),
    compare_type=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
