"""Periodic jobs that one replica does at a time: `@every(seconds)` on a service method.

    @every(2.0)
    def resubmit_refunds(self):
        ...

    @every(seconds=lambda settings: settings.look_seconds)     # as the service's settings say
    def look(self):
        ...

Each replica looks when the job is due, and every LOOK_SECONDS at least; the row in `schedule` is claimed by one of them
in a single statement. The schedule keeps its beat (it does not drift) and does not pile up after an outage. A job that
is killed half-way is simply due again the next time, so jobs must take their work from rows and mark it as done.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import eventlet
import sqlalchemy as sa
from eventlet.greenthread import GreenThread
from nameko.extensions import Entrypoint
from sqlalchemy.dialects import postgresql, sqlite

from services.common.basics import clock
from services.common.basics.caller import Caller
from services.common.basics.errors import Unavailable
from services.common.basics.ids import new_id
from services.common.runtime.database import Database
from services.common.store import tables
from services.common.store.database import Store

LOOK_SECONDS = 5.0

log = logging.getLogger(__name__)


def claim(store: Store, name: str, period: timedelta) -> tuple[bool, datetime]:
    """Claim the job. Return whether it is due and this replica is to do it, and when it is due the next time."""
    insert = sqlite.insert if store.is_sqlite else postgresql.insert
    now = clock.now()
    with store.engine.begin() as connection:
        due = connection.execute(
            sa.select(tables.schedule.c.next_at).where(tables.schedule.c.name == name).with_for_update(skip_locked=True)
        ).scalar()
        if due is not None and due > now:
            return False, due
        missed = due is None or due < now - period
        following = now + period if missed or due is None else due + period
        statement = insert(tables.schedule).values(name=name, next_at=following)
        upsert = statement.on_conflict_do_update(
            index_elements=["name"],
            set_={"next_at": statement.excluded.next_at},
            where=tables.schedule.c.next_at <= now,
        )
        return connection.execute(upsert.returning(tables.schedule.c.name)).first() is not None, following


class Every(Entrypoint):
    """The entrypoint behind `@every`."""

    quiet = True  # whether there was something to do or not, it runs

    def __init__(self, seconds: float | Callable[..., float], **kwargs: object):
        super().__init__(**kwargs)
        self._seconds = seconds
        self._stopping = False
        self._thread: GreenThread | None = None
        self._looking = eventlet.event.Event()

    def setup(self) -> None:
        self._database = next(item for item in self.container.dependencies if isinstance(item, Database))

    def start(self) -> None:
        seconds = self._seconds(self._database.store.settings) if callable(self._seconds) else self._seconds
        self.period = timedelta(seconds=seconds)
        self._thread = self.container.spawn_managed_thread(self._run, identifier=f"every-{self.method_name}")

    def stop(self) -> None:
        self._stopping = True
        if self._thread is not None:
            self._thread.kill()

    def kill(self) -> None:
        self.stop()

    def look(self) -> None:
        """Look whether the job is due now, not when the pause is over. A test that moved the clock asks for it."""
        if not self._looking.ready():
            self._looking.send()

    def _run(self) -> None:
        least = min(max(self.period.total_seconds() / 4, 0.1), LOOK_SECONDS)
        name = f"{self.container.service_name}.{self.method_name}"
        while not self._stopping:
            pause, self._looking = least, eventlet.event.Event()
            try:
                claimed, due = claim(self._database.store, name, self.period)
                if claimed:
                    self._work_once()
                pause = min(max((due - clock.now()).total_seconds(), least), LOOK_SECONDS)
            except Unavailable as exc:
                log.warning("timer %s: %s", self.method_name, exc)
            except sa.exc.SQLAlchemyError as exc:
                log.warning("timer %s: the database does not answer: %s", self.method_name, exc)
            self._looking.wait(pause)

    def _work_once(self) -> None:
        """Run the method in a worker and wait for it, so that a slow job is never started twice by this replica."""
        done = eventlet.event.Event()

        def finished(_ctx: object, result: object, exc_info: object) -> object:
            done.send()
            return result, exc_info

        caller = Caller(f"service:{self.container.service_name}", trace_id=new_id().replace("-", ""))
        self.container.spawn_worker(self, (), {}, context_data={"caller": caller.to_headers()}, handle_result=finished)
        done.wait()


every = Every.decorator
