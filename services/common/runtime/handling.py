"""The work of a lane (`messaging`): handle a batch of events in one transaction.

A transaction costs more than most handlers do, so what has gathered shares one: the marks of the inbox are one
statement, the journal is written once, one commit makes all of it durable. The faster events come, the more share.

Nothing else follows from it. When any of a batch fails, nothing of the batch was committed, and each is handled again
in a transaction of its own: only the one that fails is kept for later. The events of one order stay in their order,
and a batch takes its orders in the order of their numbers, so that two replicas seldom wait for each other's rows; when
they do in a circle, the database ends one of the two, which is a failure like any other.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

from services.common.basics.message import Message
from services.common.basics.untyped import Fields
from services.common.bus.travel import read_event
from services.common.runtime import telemetry
from services.common.runtime.database import Database
from services.common.runtime.following import Following
from services.common.store.database import Work

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Incoming:
    """One event for one handler as it came: read, as JSON, and as the bus's own message (None: tried again)."""

    event: Message
    envelope: Fields
    message: object | None

    @property
    def retried(self) -> bool:
        return self.message is None


Settle = Callable[[Incoming, Exception | None], None]


class Handling:
    """Base of the services that follow events; a subclass has `name`, `transaction` and the table `follows`.

    gather_seconds: for so long many events gather, where what is done about them can wait (`messaging`).
    """

    name: ClassVar[str]
    gather_seconds: ClassVar[float] = 0.0
    follows: Sequence[Following] = ()
    transaction: Database[Work]

    def handle_events(self, take: Callable[[], Sequence[Incoming]], settle: Settle) -> None:
        """Run in a worker: handle what `take` gives until it gives nothing, and `settle` each with its result."""
        while batch := take():
            self._handle(batch, settle)

    def _handle(self, batch: Sequence[Incoming], settle: Settle) -> None:
        error: Exception | None = None
        try:
            matter = [each.event for each in batch if self._matters(each)]
            if matter:
                self._in_one_transaction(matter)
        except Exception as exc:
            if len(batch) > 1:
                log.info("a batch of %d events failed, now one by one: %r", len(batch), exc)
                for each in batch:
                    self._handle([each], settle)
                return
            error = exc
        for each in batch:
            settle(each, error)

    def _matters(self, incoming: Incoming) -> bool:
        """Return whether to handle an event; one that is tried again has an inbox row, which is to be settled."""
        event = incoming.event
        return incoming.retried or self._followed[event.service, event.type].matters(event)

    def _in_one_transaction(self, events: Sequence[Message]) -> None:
        with self.transaction() as work:
            ours = work.caller
            for event in sorted(work.inbox.accept(events), key=_place):
                trace_id = event.trace_id or telemetry.new_trace_id()
                work.caller = replace(ours, trace_id=trace_id, causation_id=event.id)
                with telemetry.handling(self.name, event.handler, work.caller.to_headers()):
                    self._run(work, event)
                    work.session.flush()

    def _run(self, work: Work, event: Message) -> None:
        following = self._followed[event.service, event.type]
        following.handler(work, read_event(following.event, event.body), event)

    @cached_property
    def _followed(self) -> Mapping[tuple[str, str], Following]:
        return {following.key: following for following in self.follows}


def _place(event: Message) -> str:
    return event.order_number or event.subject
