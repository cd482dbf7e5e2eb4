"""The same operations with many orders already there: what a page, a read, a new order cost must not grow.

One real order is placed and paid, and all that the platform wrote of it, in every table of every service, is written
again and again under other numbers, a millisecond older each time. Loaded past the services, by the database alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from psycopg2.extensions import QuotedString

from deploy.bench.latency import settler
from deploy.bench.places import Ground, Platform
from deploy.bench.report import Report
from deploy.bench.rounds import Figures, Generator, measure, merged, warm_up
from deploy.bench.shop import Shop, wait_for
from services.common import ids
from services.common.migrations import SERVICES

NOT_OF_ORDERS = ("alembic_version", "schedule", "outbox", "products", "stock")
CHUNK = 25_000
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_NAME = re.compile(rf"{ids.PATTERN}|{_UUID}")
OPERATIONS = ("read_order", "list_orders", "list_queue", "place_order")
CLIENTS, TURNS, ALLOWED = 4, 3, 1.3


class Column(NamedTuple):
    name: str
    type: str


def measure_growth(ground: Ground, platform: Platform, report: Report, sizes: Sequence[int], seconds: float) -> None:
    """Each operation with no other orders, then with that many; ratios of the median latency and of the CPU."""
    template = _template(ground, platform)
    empty = _measured(platform, seconds, report, "empty")
    loaded = 0
    for size in sorted(sizes):
        load(ground, template, loaded + 1, size)
        loaded = size
        ground.postgres.ask("CHECKPOINT")
        for operation, found in _measured(platform, seconds, report, f"{size:,} orders").items():
            before = empty[operation]
            if not found.operations or not before.operations:
                continue  # its failures have been told
            for what, ratio in (
                ("p50", found.percentile(0.5) / before.percentile(0.5)),
                ("CPU", found.cpu_total / before.cpu_total),
            ):
                report.compare(f"{operation} with {size:,} orders: × the {what} of none", ratio, at_most=ALLOWED)


def _measured(platform: Platform, seconds: float, report: Report, side: str) -> dict[str, Figures]:
    found = {}
    for operation in OPERATIONS:
        with Generator(platform.job(operation, CLIENTS)) as generator:
            warm_up(generator, platform.place)
            rounds = [measure(generator, platform.place, seconds / 2) for _ in range(TURNS)]
        found[operation] = merged(rounds)
        report.add("growth", side, operation, CLIENTS, found[operation])
    return found


def _template(ground: Ground, platform: Platform) -> str:
    """The number of an order that is paid, reviewed and has its shipment."""
    shop = Shop(platform.target)
    order = shop.place()
    shop.pay(order)
    path = f"/v1/shipments?order_number={order.number}"
    wait_for(lambda: shop.http.get(path, shop.staff)["items"])
    settler(ground)()
    return order.number


def load(ground: Ground, template: str, first: int, last: int) -> None:
    """Copy number `first` to `last` of everything about that order."""
    for service in SERVICES:
        with ground.postgres.cursor(service) as cursor:
            # past triggers and foreign keys, and without waiting for the disk at each commit
            cursor.execute("SET session_replication_role = replica; SET synchronous_commit = off")
            for table, columns, rows in list(_rows_about(cursor, template)):
                for row in rows:
                    for start in range(first, last + 1, CHUNK):
                        cursor.execute(copies(table, columns, row, start, min(start + CHUNK - 1, last)))
            cursor.execute("VACUUM ANALYZE")


def copies(table: str, columns: Sequence[Column], row: Sequence[str | None], first: int, last: int) -> str:
    """The statement that writes a row again for each number: other names, other times, otherwise the same."""
    names = sorted({name for value in row if value for name in _NAME.findall(value)})
    values = [_expression(value, column.type, names) for column, value in zip(columns, row, strict=True)]
    listed = ", ".join(f'"{column.name}"' for column in columns)
    renamed = ", ".join(f"{_other(name)} AS n{place}" for place, name in enumerate(names)) or "1"
    return (
        f"INSERT INTO {table} ({listed}) SELECT {', '.join(values)} FROM generate_series({first}, {last}) AS n "  # noqa: S608
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
    """Another name of the same form for each n: a number of which no two are alike, or an id."""
    salt = sum(name.encode()) * 104_729
    if re.fullmatch(_UUID, name):
        return f"md5({_quoted(name)} || n)::uuid::text"
    digits = f"lpad(upper(to_hex((n::bigint * 2654435761 + {salt}) & 68719476735)), 9, '0')"
    parts = f"substr({digits}, 1, 4) || '-' || substr({digits}, 5, 4) || '-' || substr({digits}, 9, 1)"
    return f"'{name[:4]}' || {parts}"


def _quoted(text: str) -> str:
    quoted = QuotedString(text)
    quoted.encoding = "utf-8"
    return str(quoted.getquoted().decode())


def _rows_about(cursor: Any, template: str) -> Iterator[tuple[str, list[Column], list[Sequence[str | None]]]]:
    """Every table's rows that name the order, or something of its own: its payment, its shipment, its entries."""
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
        yield table, _columns(cursor, table), rows


def _tables(cursor: Any) -> list[str]:
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    return [name for (name,) in cursor.fetchall()]


def _columns(cursor: Any, table: str) -> list[Column]:
    """All but those that count up by themselves."""
    cursor.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute LEFT JOIN pg_attrdef "
        "ON adrelid = attrelid AND adnum = attnum WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
        "AND attidentity = '' AND coalesce(pg_get_expr(adbin, adrelid), '') NOT LIKE 'nextval%%' ORDER BY attnum",
        [table],
    )
    return [Column(name, kind) for name, kind in cursor.fetchall()]
