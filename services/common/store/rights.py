"""Who may do what in a service's database (PostgreSQL).

The role that migrates owns the tables; the role that runs may work with rows and change nothing else: no table, no
trigger, no function. What is append-only (`migrations.kit.make_append_only`) it may read and add to, no more, so that
who breaks into a service cannot rewrite its journal. Which tables those are, the database itself tells.

    grant_run_time(connection, "orders")         # after each migration, as the owner; any number of times
"""

from __future__ import annotations

import sqlalchemy as sa

_TABLES = sa.text(
    "SELECT c.relname, EXISTS (SELECT 1 FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
    "WHERE t.tgrelid = c.oid AND p.proname = 'refuse_change') "
    "FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1"
)
READ_ONLY = frozenset({"alembic_version"})


def grant_run_time(connection: sa.Connection, role: str) -> None:
    """Give the role what a running service needs, and take all else away. The caller commits.

    Nothing changes for the role that owns the tables itself, as where one role does both.
    """
    if connection.dialect.name != "postgresql" or role == connection.scalar(sa.text("SELECT current_user")):
        return
    run, quote = connection.exec_driver_sql, connection.dialect.identifier_preparer.quote
    quoted, database = quote(role), quote(str(connection.scalar(sa.text("SELECT current_database()"))))
    run(f"GRANT CONNECT ON DATABASE {database} TO {quoted}")
    run(f"REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM {quoted}")
    run(f"REVOKE ALL ON SCHEMA public FROM {quoted}")
    run(f"GRANT USAGE ON SCHEMA public TO {quoted}")
    run(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {quoted}")
    for table, append_only in connection.execute(_TABLES).all():
        rights = "SELECT" if table in READ_ONLY else "SELECT, INSERT"
        rights += "" if append_only or table in READ_ONLY else ", UPDATE, DELETE"
        name = quote(table)
        run(f"REVOKE ALL ON TABLE {name} FROM {quoted}")
        run(f"GRANT {rights} ON TABLE {name} TO {quoted}")


def may_change_its_journal(connection: sa.Connection) -> bool:
    """Return whether the role that asks could rewrite the journal, as its owner or as a superuser."""
    if connection.dialect.name != "postgresql":
        return False
    query = "SELECT pg_has_role(c.relowner, 'MEMBER') FROM pg_class c WHERE c.oid = 'public.journal'::regclass"
    return bool(connection.scalar(sa.text(query)))
