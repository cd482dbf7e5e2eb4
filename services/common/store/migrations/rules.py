"""What a migration may do while the code of the release before it still runs, read off the SQL that it makes.

It may add. It may not take away, rename or tighten what the old code uses, nor hold up a table that is in use:

- no DROP or RENAME of a table or column, no other type, no NOT NULL, no CHECK, UNIQUE or foreign key on a table that
  was there before (it may be added NOT VALID, where the old code keeps it anyway);
- a new column is NULL or has a default of the database's (`server_default`);
- an index on a table that was there before is made by `kit.create_index_concurrently`.

What takes something away comes one release later, in a version that says so: `TAKES_AWAY = "what is unused since
release …"` at its top. It is then free in what it removes or tightens; how it builds indexes is asked of it too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations

_MADE = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?(\S+)")
_INDEX = re.compile(r"CREATE (?:UNIQUE )?INDEX (CONCURRENTLY )?.*? ON (\S+)")
_ALTERED = re.compile(r"ALTER TABLE (?:ONLY |IF EXISTS )*(\S+) ")
_TAKEN = {
    "takes something away": re.compile(r"DROP (TABLE|COLUMN|SCHEMA|TYPE)|^TRUNCATE|^DELETE FROM"),
    "renames": re.compile(r" RENAME "),
    "changes a type": re.compile(r"ALTER COLUMN \S+ (SET DATA )?TYPE "),
    "refuses what the old code may write": re.compile(
        r"SET NOT NULL|ADD COLUMN (?!.*DEFAULT).* NOT NULL|ADD (CONSTRAINT \S+ )?(CHECK|UNIQUE|FOREIGN)(?!.*NOT VALID)"
    ),
}


def faults(version: object) -> Iterator[str]:
    """Yield what is wrong with a version (its module, as Alembic loads it), statement by statement."""
    statements = sql_of(version)
    made = {match[1] for each in statements for match in _MADE.finditer(each)}
    for statement in statements:
        index, altered = _INDEX.search(statement), _ALTERED.match(statement)
        if index and not index[1] and index[2] not in made:
            yield f"holds up {index[2]} while its index is made: {statement}"
        if getattr(version, "TAKES_AWAY", None) or (altered and altered[1] in made):
            continue
        yield from (f"{fault}: {statement}" for fault, found in _TAKEN.items() if found.search(statement))


def sql_of(version: Any) -> list[str]:
    """Return the statements that the version runs on PostgreSQL, each on one line."""
    written = StringIO()
    offline = {"as_sql": True, "output_buffer": written}
    context = MigrationContext.configure(dialect_name="postgresql", opts=offline)
    with Operations.context(context):
        version.upgrade()
    return [" ".join(each.split()) for each in written.getvalue().split(";\n") if each.strip()]
