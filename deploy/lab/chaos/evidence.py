"""What the checker judges by: every service's database as it is now, and the record of a run."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache, cached_property

import kombu
import sqlalchemy as sa
from sqlalchemy.orm import Session

from deploy.lab.chaos import record
from services import SERVICES
from services.common.basics.message import Message
from services.common.basics.untyped import Fields
from services.common.commitments import Clock
from services.common.runtime.following import followed_by
from services.common.runtime.messaging import subscriptions
from services.common.store import journal
from services.members import service_class

Row = Fields


class Evidence:
    """Tables are read when first asked for, and once; an `Evidence` is a picture of one moment."""

    def __init__(self, databases: Mapping[str, str], entries: Iterable[record.Entry], amqp_uri: str = ""):
        self._engines = {name: sa.create_engine(url, poolclass=sa.NullPool) for name, url in databases.items()}
        self._amqp_uri = amqp_uri
        self._tables: dict[tuple[str, str], list[Row]] = {}
        self.entries = list(entries)

    def recorded(self, what: str) -> list[record.Entry]:
        """Return the entries of that kind in the clients' record."""
        return record.of(self.entries, what)

    def rows(self, service: str, table: str) -> list[Row]:
        """Return all rows of a table."""
        key = (service, table)
        if key not in self._tables:
            with self._engines[service].connect() as connection:
                found = connection.execute(sa.text(f'SELECT * FROM "{table}"'))  # noqa: S608 (names of our own)
                self._tables[key] = [dict(row) for row in found.mappings()]
        return self._tables[key]

    def by(self, service: str, table: str, *columns: str) -> dict[object, list[Row]]:
        """Return the rows of a table by the value of a column (or by the values of several)."""
        found: dict[object, list[Row]] = defaultdict(list)
        for row in self.rows(service, table):
            found[row[columns[0]] if len(columns) == 1 else tuple(row[column] for column in columns)].append(row)
        return found

    def events(self, service: str, *types: str) -> list[Row]:
        """Return the journal's entries of these types (or all), oldest first. `data` is the decoded body."""
        chosen = [row for row in self.rows(service, "journal") if not types or row["type"] in types]
        chosen.sort(key=lambda row: int(row["position"]))
        return [{**row, "data": json.loads(row["body"])} for row in chosen]

    def clocks(self, service: str) -> list[Clock]:
        return [Clock.from_record(row["clock"]) for row in self.rows(service, "commitments")]

    def flaws(self, service: str) -> list[journal.ChainFlaw]:
        """Return what the journal's own verification finds."""
        with Session(self._engines[service]) as session:
            return list(journal.verify(session))

    @property
    def followers(self) -> Mapping[tuple[str, str], list[tuple[str, str]]]:
        """(source, event type) → [(service, handler)] as the services themselves declare it."""
        return followers()

    def matters(self, service: str, source: str, entry: Row) -> bool:
        """Return whether an entry of the source's journal is handled by a service that follows its type."""
        following = next(each for each in followed_by(service_class(service)) if each.key == (source, entry["type"]))
        return following.when is None or following.matters(Message.of_entry(source, entry))

    @cached_property
    def queues(self) -> dict[str, int]:
        """How many messages each follower's queue holds; nothing when no broker was named."""
        if not self._amqp_uri:
            return {}
        with kombu.Connection(self._amqp_uri, connect_timeout=5) as connection:
            channel = connection.channel()
            names = [f"{service}.inbox" for service in SERVICES]
            return {name: channel.queue_declare(name, passive=True).message_count for name in names}

    def unsettled(self) -> dict[str, int]:
        """Count what is still under way, by name; empty when everything has come to rest."""
        found = {f"{name}": count for name, count in self.queues.items()}
        for service, engine in self._engines.items():
            with engine.connect() as connection:
                for name, query in _UNDER_WAY.items():
                    if name.startswith((service, "every")):
                        label = f"{service} {name.partition(' ')[2]}"
                        found[label] = connection.scalar(sa.text(query)) or 0
        return {name: count for name, count in found.items() if count}


@cache
def followers() -> Mapping[tuple[str, str], list[tuple[str, str]]]:
    """See `Evidence.followers`; loads the services' code."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for service in SERVICES:
        for source, type_, handler in subscriptions(service_class(service)):
            found[source, type_].append((service, handler))
    return found


_UNDER_WAY = {
    "every outbox": "SELECT count(*) FROM outbox",
    "every inbox": "SELECT count(*) FROM inbox WHERE next_attempt_at IS NOT NULL",
    "orders refunds": "SELECT count(*) FROM refunds WHERE status NOT IN ('settled', 'manual')",
    "support mails": "SELECT count(*) FROM notifications WHERE status = 'pending'",
}
