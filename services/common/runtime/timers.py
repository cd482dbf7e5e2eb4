"""Periodic jobs that one replica does at a time: `@every(seconds)` on a service method.

    @every(2.0)
    def resubmit_refunds(self):
        ...

    @every(seconds=lambda settings: settings.look_seconds)     # as the service's settings say
    def look(self):
        ...

    @every(0.5, due=lambda work: work.notifications.next_due())
    def send_mail(self):                                       # at most that often, and only when something is due
        ...

Each replica does what is due when it is due; the row in `schedule` is claimed by one of them in a single statement. The
schedule keeps its beat (it does not drift) and does not pile up after an outage. A job that is killed half-way is
simply due again the next time, so jobs must take their work from rows and mark it as done.

Where a job can say when it has something to do (`due`, a look at the database), it sleeps until then. Whatever is
written in this process rings a bell, for it may be due earlier: the job looks again at once, but not more often than
its period says. What another replica wrote, that replica does; should it die first, or be busy with what it took
before, the others look every LOOK_SECONDS.
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
from services.common.basics.caller import SYSTEM, Caller
from services.common.basics.errors import Unavailable
from services.common.basics.ids import new_id
from services.common.runtime.database import Database
from services.common.runtime.resting import Resting
from services.common.store import tables
from services.common.store.database import Store

LOOK_SECONDS, FAILED_SECONDS = 5.0, 1.0

Due = Callable[..., datetime | None]
"""When a job has something to do, as a unit of work of its service finds it: a time that may be past, or never."""
_NEXT_AT = sa.select(tables.schedule.c.next_at).where(tables.schedule.c.name == sa.bindparam("name"))

log = logging.getLogger(__name__)


def claim(store: Store, name: str, period: timedelta, known: datetime | None = None) -> tuple[bool, datetime]:
    """Claim the job. Return whether it is due and this replica is to do it, and when it is due the next time.

    known: when it is due as far as this replica knows. It may be later by now: another replica was there first.
    """
    insert = sqlite.insert if store.is_sqlite else postgresql.insert
    now, due = clock.now(), known or _due(store, name)
    if due is not None and due > now:
        return False, due
    following = now + period if due is None or due < now - period else due + period
    statement = insert(tables.schedule).values(name=name, next_at=following)
    upsert = statement.on_conflict_do_update(
        index_elements=["name"],
        set_={"next_at": statement.excluded.next_at},
        where=tables.schedule.c.next_at <= now,
    )
    with store.engine.begin() as connection:
        claimed = connection.execute(upsert.returning(tables.schedule.c.name)).first() is not None
    return claimed, following if claimed else _due(store, name) or following


def _due(store: Store, name: str) -> datetime | None:
    with store.reader.connect() as connection:
        found: datetime | None = connection.scalar(_NEXT_AT, {"name": name})
        return found


class Every(Entrypoint):
    """The entrypoint behind `@every`. due: when there is something to do; without it there always is."""

    quiet = True  # whether there was something to do or not, it runs

    def __init__(self, seconds: float | Callable[..., float], due: Due | None = None, **kwargs: object):
        super().__init__(**kwargs)
        self._seconds, self._due = seconds, due
        self._stopping = False
        self._thread: GreenThread | None = None
        self._known: datetime | None = None
        self._rest = Resting()

    def setup(self) -> None:
        self._database = next(item for item in self.container.dependencies if isinstance(item, Database))

    def start(self) -> None:
        seconds = self._seconds(self._database.store.settings) if callable(self._seconds) else self._seconds
        self.period = timedelta(seconds=seconds)
        if self._due is not None:
            self._database.store.bells.append(self._rest.ring)
        self._thread = self.container.spawn_managed_thread(self._run, identifier=f"every-{self.method_name}")

    def stop(self) -> None:
        self._stopping = True
        if self._thread is not None:
            self._thread.kill()

    def kill(self) -> None:
        self.stop()

    def look(self) -> None:
        """Look whether the job is due now, not when the pause is over. A test that moved the clock asks for it."""
        self._known = None
        self._rest.end()

    def _run(self) -> None:
        least = min(max(self.period.total_seconds() / 4, 0.1), LOOK_SECONDS)
        while not self._stopping:
            self._rest.begin()
            pause = max(least, FAILED_SECONDS)
            try:
                pause = min(max((self._turn() - clock.now()).total_seconds(), least), LOOK_SECONDS)
            except Unavailable as exc:
                log.warning("timer %s: %s", self.method_name, exc)
            except sa.exc.SQLAlchemyError as exc:
                log.warning("timer %s: the database does not answer: %s", self.method_name, exc)
            except Exception:  # of the look: it ends neither the timer nor, with it, the service
                log.exception("timer %s: whether it is due cannot be told", self.method_name)
            self._rest.take(pause, self.period.total_seconds())

    def _turn(self) -> datetime:
        """Do the job if it is due and no other replica does. Return when to look again."""
        now = clock.now()
        if self._known is not None and self._known - now > self.period:
            self._known = None  # the clock was set back: what was known of it is not to be waited for
        if self._known is not None and self._known > now:
            return self._known
        if self._due is not None:
            with self._database.store.work(self._database.work_class, SYSTEM, reading=True) as work:
                due = self._due(work)
            if due is None or due > work.now:
                return due or work.now + timedelta(seconds=LOOK_SECONDS)
        name = f"{self.container.service_name}.{self.method_name}"
        claimed, self._known = claim(self._database.store, name, self.period, self._known)
        known = self._known
        if claimed:
            self._work_once()
        return known

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
