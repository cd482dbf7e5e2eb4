"""Orders that are already there: all that the platform wrote of a real one, written again under other numbers.

One order that waits in the warehouse and one that was delivered, sent back, refunded and asked about are brought about
over HTTP. Their rows, in every table of every service, are copied by the database alone, past the services: numbers
(check characters included), ids, tracking numbers, e-mail addresses and keys are others and fit together, times (those
in ids too) are a millisecond older with each copy. Hashes are others too and prove nothing: the journals of copies do
not verify.
"""

from __future__ import annotations

import re
import uuid
import zlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from typing import NamedTuple

from psycopg2.extensions import QuotedString
from psycopg2.extensions import cursor as Cursor

from deploy.lab.bench.latency import settler
from deploy.lab.bench.places import Ground
from deploy.lab.bench.shop import SCANS, Shop, wait_for
from services import SERVICES
from services.common.basics import ids
from services.common.store.journal_rows import GENESIS

NOT_OF_ORDERS = ("alembic_version", "schedule", "outbox", "products", "stock")
CHUNK = 25_000
AT_ONCE = 2
IN_BULK = {"full_page_writes": "off", "max_wal_size": "8GB", "autovacuum": "off"}
"""What would have each page written several times; a crash meanwhile may cost the databases, which nobody needs."""
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_TRACKING = r"EZ[0-9A-F]{16}US"
_NAME = re.compile(rf"{ids.PATTERN}|{_UUID}|{_TRACKING}")
_RENAMED = re.compile(rf"{_NAME.pattern}|(?!{GENESIS})\b[0-9a-f]{{64}}\b|\b[0-9a-f]{{32}}\b")


class Column(NamedTuple):
    name: str
    type: str


class Rows(NamedTuple):
    """What a table holds of one order."""

    table: str
    columns: list[Column]
    rows: list[Sequence[str | None]]


Templates = Mapping[str, Sequence[Sequence[Rows]]]
"""By service: all that is there of the one order, and of the other."""


def templates(ground: Ground, shop: Shop) -> Templates:
    """Return the two orders, read while the tables are small: every row is searched for what belongs to them."""
    waiting, finished = (shop.place(f"{uuid.uuid4()}@example.com") for _ in range(2))
    for order in (waiting, finished):
        shop.pay(order)
    wait_for(lambda: shop.http.get(f"/v1/shipments?order_number={waiting.number}", shop.staff)["items"])
    shop.scan(shop.dispatch(finished), SCANS)
    shop.send_back(finished)
    shop.ask(f"{uuid.uuid4()}@example.com", finished)
    settler(ground)()
    found = dict[str, list[list[Rows]]]()
    for service in SERVICES:
        with ground.postgres.cursor(service) as cursor:
            found[service] = [list(_rows_about(cursor, order.number)) for order in (waiting, finished)]
    return found


def load(ground: Ground, templates: Templates, already: int, wanted: int) -> list[str]:
    """Copy until there are `wanted` orders in equal parts of each template; what could not be copied, in words."""
    of_service = partial(_load, ground, templates, already, wanted)
    pool = ThreadPoolExecutor(AT_ONCE)
    with ground.postgres.while_set(IN_BULK):
        try:
            return list(chain.from_iterable(pool.map(of_service, SERVICES)))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)  # an interrupt does not wait for what fills the tables


def _load(ground: Ground, templates: Templates, already: int, wanted: int, service: str) -> list[str]:
    missing, orders = [], templates[service]
    first, last = already // len(orders) + 1, wanted // len(orders)
    with ground.postgres.cursor(service) as cursor:
        # past triggers and foreign keys, and without waiting for the disk at each commit
        cursor.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        for table, columns, rows in chain.from_iterable(orders):
            if refused := sum(_copy(cursor, table, columns, row, first, last) for row in rows):
                missing.append(f"{service}.{table}: {refused:,} copies of {len(rows)} rows were there already")
        cursor.execute("VACUUM ANALYZE")
    return missing


def _copy(
    cursor: Cursor, table: str, columns: Sequence[Column], row: Sequence[str | None], first: int, last: int
) -> int:
    """Insert copies. Return how many the table refused, because their key existed."""
    missing = 0
    for start in range(first, last + 1, CHUNK):
        end = min(start + CHUNK - 1, last)
        cursor.execute(copies(table, columns, row, start, end))
        missing += end - start + 1 - cursor.rowcount
    return missing


def copies(table: str, columns: Sequence[Column], row: Sequence[str | None], first: int, last: int) -> str:
    """Return the statement that writes a row again for each number, with other names and times."""
    names = sorted({name for value in row if value for name in _RENAMED.findall(value)})
    values = [_expression(value, column.type, names) for column, value in zip(columns, row, strict=True)]
    listed = ", ".join(f'"{column.name}"' for column in columns)
    renamed = ", ".join(f"{_other(name)} AS n{place}" for place, name in enumerate(names)) or "1"
    return (
        f"INSERT INTO {table} ({listed}) SELECT {', '.join(values)} FROM generate_series({last}, {first}, -1) AS n "  # noqa: S608
        f"CROSS JOIN LATERAL (SELECT {renamed} OFFSET 0) AS other ON CONFLICT DO NOTHING"
    )


def _expression(value: str | None, kind: str, names: Sequence[str]) -> str:
    if value is None:
        return "NULL"
    if kind == "timestamp with time zone":
        return f"{_quoted(value)}::timestamptz - n * interval '1 millisecond'"
    parts = re.split(f"({'|'.join(map(re.escape, names))})", value) if names else [value]
    shown = [f"n{names.index(part)}" if part in names else _quoted(part) for part in parts if part]
    return f"({' || '.join(shown) or _quoted('')})::{kind}"


def _other(name: str) -> str:
    """Return another name of the same form for each n, no two alike."""
    if re.fullmatch(ids.PATTERN, name):
        return _number(name)
    digest = f"md5({_quoted(name)} || n)"
    if re.fullmatch(_TRACKING, name):
        return f"'EZ' || upper(left({digest}, 16)) || 'US'"
    if re.fullmatch(_UUID, name):
        return f"{_older(name, digest) if name[14] == '7' else digest}::uuid::text"
    return f"{digest} || md5(n || {_quoted(name)})" if len(name) == 64 else digest


def _older(name: str, digest: str) -> str:
    """Return a UUID of version 7 for each n, older than this one: its millisecond decides where an index keeps it."""
    milliseconds = int(name.replace("-", "")[:12], 16)
    return f"(lpad(to_hex({milliseconds} - n), 12, '0') || '7' || left({digest}, 3) || '8' || right({digest}, 15))"


def _number(name: str) -> str:
    """Return a number as `ids.number` makes it, from an integer that differs for each n and each name."""
    which = f"((n::bigint * 2654435761 + {zlib.crc32(name.encode())}) % {ids.COUNT})"
    base = len(ids.ALPHABET)
    digits = [f"{which} / {base**place} % {base}" for place in range(7, -1, -1)]
    values = [*map(str, name[:3].encode()), *digits]
    check = " + ".join(f"{place} * ({value})" for place, value in enumerate(values, 1))
    first, second, last = digits[:4], digits[4:], [f"({check}) % {base}"]
    return f"'{name[:3]}' || " + " || ".join(f"'-' || {_characters(part)}" for part in (first, second, last))


def _characters(digits: Sequence[str]) -> str:
    return " || ".join(f"substr('{ids.ALPHABET}', ({digit})::int + 1, 1)" for digit in digits)


def _quoted(text: str) -> str:
    quoted = QuotedString(text)
    quoted.encoding = "utf-8"
    return str(quoted.getquoted().decode())


def _rows_about(cursor: Cursor, template: str) -> Iterator[Rows]:
    """Yield every table's rows that name the order, or something of its own: its payment, its shipment, its entries."""
    tables = [table for table in _tables(cursor) if table not in NOT_OF_ORDERS]
    known, found = {template}, dict[str, list[Sequence[str | None]]]()
    while True:
        for table in tables:
            texts = ", ".join(f'"{column.name}"::text' for column in _columns(cursor, table))
            cursor.execute(f"SELECT {texts} FROM {table} AS t WHERE t::text ~ %s", ["|".join(sorted(known))])  # noqa: S608
            found[table] = cursor.fetchall()
        names = {n for rows in found.values() for row in rows for value in row if value for n in _NAME.findall(value)}
        if names <= known:
            break
        known |= names
    for table, rows in found.items():
        yield Rows(table, _columns(cursor, table), rows)


def _tables(cursor: Cursor) -> list[str]:
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    return [name for (name,) in cursor.fetchall()]


def _columns(cursor: Cursor, table: str) -> list[Column]:
    """Return all columns but those that count up by themselves."""
    cursor.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute LEFT JOIN pg_attrdef "
        "ON adrelid = attrelid AND adnum = attnum WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
        "AND attidentity = '' AND coalesce(pg_get_expr(adbin, adrelid), '') NOT LIKE 'nextval%%' ORDER BY attnum",
        [table],
    )
    return [Column(name, kind) for name, kind in cursor.fetchall()]
