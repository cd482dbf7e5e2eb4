"""Putting back in the outboxes what a follower has not handled, so that the relays publish it again.

It goes to all followers, as always; their inboxes drop what they have. So a replay is harmless, and can be repeated,
as long as inboxes remember: further back than that it is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime

import sqlalchemy as sa

from deploy.operate.backup.manifest import Refused
from deploy.operate.by_hand import opened
from services import SERVICES
from services.common.basics import clock
from services.common.basics.clock import rfc3339
from services.common.basics.message import Message
from services.common.runtime.config import Settings
from services.common.runtime.following import Following, followed_by
from services.common.store import tables
from services.common.store.database import Store, Work
from services.common.store.inbox import KEPT
from services.common.store.upsert import dialect_insert
from services.members import service_class

BATCH = 500


def replay(stores: Mapping[str, Store], followers: Iterable[str], since: datetime) -> dict[tuple[str, str], int]:
    """Count, for each (source, follower), the entries since then that were put back for the follower."""
    if since < clock.now() - KEPT:
        raise Refused(f"inboxes remember {KEPT.days} days: what is older than that would be done twice, not dropped")
    counts = {}
    for follower in followers:
        followed: dict[str, dict[str, Following]] = {}
        for each in followed_by(service_class(follower)):
            followed.setdefault(each.source, {})[each.event.type] = each
        for source, handlers in sorted(followed.items()):
            counts[source, follower] = _put_back(stores[source], stores[follower], handlers, since)
    return counts


def report(counts: Mapping[tuple[str, str], int], since: datetime) -> None:
    for (source, follower), count in sorted(counts.items()):
        if count:
            print(f"{source:12} {count} entries since {rfc3339(since)} are published again for {follower}")
    if not any(counts.values()):
        print(f"nobody missed anything since {rfc3339(since)}")


@contextmanager
def all_stores(settings: Settings, instead: Mapping[str, str] | None = None) -> Iterator[dict[str, Store]]:
    """Open every service's database. `instead` names others by their URLs."""
    with ExitStack() as stack:
        urls = {service: settings.database_url(service) for service in SERVICES} | dict(instead or {})
        yield {service: stack.enter_context(opened(url)) for service, url in urls.items()}


def _put_back(source: Store, follower: Store, handlers: Mapping[str, Following], since: datetime) -> int:
    journal, count, position = tables.journal.c, 0, 0
    query = (
        sa.select(tables.journal)
        .where(journal.type.in_(handlers), journal.occurred_at >= since)
        .order_by(journal.position)
        .limit(BATCH)
    )
    while True:
        with source.reader.connect() as connection:
            entries = connection.execute(query.where(journal.position > position)).mappings().all()
        if not entries:
            return count
        position = entries[-1]["position"]
        known = _known(follower, [entry["id"] for entry in entries])
        unknown = [entry for entry in entries if (handlers[entry["type"]].name, entry["id"]) not in known]
        missed = [entry["id"] for entry in unknown if _matters(handlers[entry["type"]], entry)]
        if missed:
            count += _to_outbox(source, missed)


def _matters(following: Following, entry: sa.RowMapping) -> bool:
    return following.matters(Message.of_entry(following.source, dict(entry)))


def _to_outbox(source: Store, ids: list[str]) -> int:
    """Put these into the outbox. Return how many were not waiting there already."""
    with source.work(Work) as work:
        insert = dialect_insert(work.session)(tables.outbox).values(
            [{"entry_id": entry_id, "followed": True} for entry_id in ids]
        )
        done = work.session.execute(insert.on_conflict_do_nothing().returning(tables.outbox.c.entry_id))
        return len(done.all())


def _known(follower: Store, ids: list[str]) -> set[tuple[str, str]]:
    """Return (handler, event) of what the follower has: done, waiting to be tried again, or given up."""
    row = tables.inbox.c
    with follower.reader.connect() as connection:
        found = connection.execute(sa.select(row.handler, row.event_id).where(row.event_id.in_(ids)))
        return {(handler, event_id) for handler, event_id in found}
