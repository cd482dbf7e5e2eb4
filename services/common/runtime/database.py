"""The nameko dependency that opens units of work, and publishes what they recorded."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Generic, TypeVar

import sqlalchemy as sa
from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider
from sqlalchemy.orm import Session

from services.common.basics import clock
from services.common.basics.api import KindReport
from services.common.basics.caller import Caller
from services.common.basics.errors import Unavailable
from services.common.bus.relay import Relay
from services.common.runtime.config import ENVIRON, Settings
from services.common.runtime.stored import StoredSettings
from services.common.store import tables
from services.common.store.chain_keys import OWN, KeyMissing, seal_kept_texts, seal_plain_keys
from services.common.store.database import ConcurrentUpdate, Store, Work, translated

log = logging.getLogger(__name__)

W = TypeVar("W", bound=Work, covariant=True)


class Calling(DependencyProvider):
    """The nameko dependency: `self.caller` is who asks this worker."""

    if TYPE_CHECKING:  # what nameko puts in its place on each worker's instance

        def __get__(self, instance: object, owner: type) -> Caller: ...

    def get_dependency(self, worker_ctx: WorkerContext) -> Caller:
        return Caller.from_headers(worker_ctx.data.get("caller"))


class Database(DependencyProvider, Generic[W]):
    """The nameko dependency: `self.transaction()` is a unit of work on behalf of the caller."""

    if TYPE_CHECKING:  # what nameko puts in its place on each worker's instance

        def __get__(self, instance: object, owner: type) -> Callable[..., AbstractContextManager[W]]: ...

    def __init__(self, work: type[W], settings: type[Settings] = Settings):
        self.work_class, self.settings_class = work, settings

    def setup(self) -> None:
        settings, service = self.settings_class.load(self.container.config[ENVIRON]), self.container.service_name
        url = settings.database_url(service)
        self.store = Store(url, pool_size=self.container.max_workers + 4, settings=settings)
        self.relay = Relay(self.store, service, settings.amqp_uri)
        self._stopping = False
        if isinstance(settings, StoredSettings):
            OWN.use(settings.journal_keys, writes=settings.seal_journal, rows=settings.seal_rows)
        self.store.on_commit = self.relay.wake

    def start(self) -> None:
        self._relaying = self.container.spawn_managed_thread(self.relay.run, identifier="relay")
        self._sealing = self.container.spawn_managed_thread(self._seal_keys, identifier="chain keys")

    def stop(self) -> None:
        """Publish what the workers committed, then close the store. Called when the workers are done."""
        self._stopping = True
        self.relay.stop()
        self._relaying.wait()
        self._sealing.wait()
        self.store.dispose()

    def kill(self) -> None:
        self._stopping = True
        self.relay.stop()

    def _seal_keys(self) -> None:
        """Seal what stands in plain form, or by an older key; what a database that is away left is sealed next time."""

        @contextmanager
        def transaction() -> Iterator[Session]:
            with self.store.work(Work) as work:
                yield work.session

        rows = [("rows", each) for each in self.work_class.seals]
        for what, seal in [("keys of chains", seal_plain_keys), ("replies and messages", seal_kept_texts), *rows]:
            try:  # one that fails holds up no other
                if sealed := seal(transaction, lambda: self._stopping):
                    log.info("%s: sealed %d %s", self.container.service_name, sealed, what)
            except (Unavailable, ConcurrentUpdate, KeyMissing) as away:
                log.warning("%s: not all %s are sealed yet: %s", self.container.service_name, what, away)

    def get_dependency(self, worker_ctx: WorkerContext) -> Callable[..., AbstractContextManager[W]]:
        caller = Caller.from_headers(worker_ctx.data.get("caller"))

        def work(*, reading: bool = False) -> AbstractContextManager[W]:
            return self.store.work(self.work_class, caller, reading=reading)

        return work

    def health(self) -> None:
        """Raise unless the database answers (readiness)."""
        self.store.ping()

    def backlog(self) -> dict[str, float]:
        """Return, for /metrics, what waits: entries to be published and the oldest one's age, retries, dead letters."""
        out, inbox = tables.outbox, tables.inbox.c
        oldest = (
            sa.select(tables.journal.c.occurred_at)
            .join_from(out, tables.journal, tables.journal.c.id == out.c.entry_id)
            .order_by(out.c.position)
            .limit(1)
        )
        with translated(), self.store.reader.connect() as connection:
            since = connection.scalar(oldest)
            waiting = connection.scalar(sa.select(sa.func.count()).select_from(out))
            retries = connection.scalar(sa.select(sa.func.count()).where(inbox.next_attempt_at.is_not(None)))
            dead = connection.scalar(sa.select(sa.func.count()).where(inbox.dead_at.is_not(None)))
        age = (clock.now() - since).total_seconds() if since else 0.0
        return {
            "outbox_entries": waiting or 0,
            "outbox_seconds": age,
            "retries": retries or 0,
            "dead_letters": dead or 0,
        }

    def promises(self) -> list[KindReport]:
        """Count, for /metrics, how many clocks of the last seven days were kept, breached or still run."""
        with self.store.work(Work, reading=True) as work:
            return work.commitments.report(work.now - timedelta(days=7), work.now)
