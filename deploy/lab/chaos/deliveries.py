"""Deliveries as a broker may make them: again, late, out of order."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

import kombu
import orjson
import sqlalchemy as sa
from kombu.exceptions import OperationalError

from services.common.store import tables
from services.common.store.journal import ENTRIES, as_published

HANDFUL = 60
PATIENCE_SECONDS = 60.0
AWAY: tuple[type[BaseException], ...] = (OSError, OperationalError, sa.exc.OperationalError)


def repeat(database_url: str, amqp_uri: str, service: str, dice: random.Random) -> None:
    """Publish some of a service's journal entries once more."""
    entries = _entries(database_url)
    chosen = dice.choices(entries, k=min(HANDFUL, len(entries))) if entries else []
    publish(amqp_uri, service, chosen)


@contextmanager
def held_back(amqp_uri: str, service: str, count: int = 0) -> Iterator[None]:
    """Take the next deliveries to a service (`count`, 0: all) for the time of the block.

    Then the broker delivers them again, after those that were meant to follow them.
    """
    with kombu.Connection(amqp_uri, connect_timeout=3) as connection:
        channel = connection.channel()
        channel.basic_qos(0, count, False)
        channel.basic_consume(
            f"{service}.inbox", consumer_tag="first", arguments={"x-priority": 100}, callback=lambda message: None
        )
        yield


def patiently(act: Callable[[], None]) -> None:
    """Do it, again and again while the servers are away."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            act()
            return
        except AWAY:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def publish(amqp_uri: str, service: str, entries: Iterable[Mapping[str, object]]) -> None:
    """Publish these journal rows as the relay would."""
    with kombu.Connection(amqp_uri, connect_timeout=3) as connection:
        producer = kombu.Producer(connection.channel())
        for entry in entries:
            producer.publish(
                orjson.dumps({**as_published(entry), "service": service}),
                exchange=f"{service}.events", routing_key=entry["type"], delivery_mode=2,
                content_type="application/json", content_encoding="utf-8", retry=False,
            )  # fmt: skip


def _entries(database_url: str) -> list[dict[str, object]]:
    """Return the newest and some of the oldest entries: what was handled long ago may come again, too."""
    engine = sa.create_engine(database_url, poolclass=sa.NullPool, connect_args={"connect_timeout": 3})
    order = tables.journal.c.position
    try:
        with engine.connect() as connection:
            newest = connection.execute(ENTRIES.order_by(order.desc()).limit(150))
            oldest = connection.execute(ENTRIES.order_by(order).limit(50))
            return [dict(row) for result in (newest, oldest) for row in result.mappings()]
    finally:
        engine.dispose()
