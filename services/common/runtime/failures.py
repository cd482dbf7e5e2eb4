"""What a service could not handle: kept in its inbox table, tried again when it is due, or put aside for people.

Each of these is a transaction of its own, after that of the handler was rolled back. If even that fails
(the database is away), the message goes back to the queue: nothing is acked that is not in one of the two.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping

import orjson

from services.common.basics.errors import NotFound, Unavailable
from services.common.runtime.handling import Incoming
from services.common.store.database import Store, Work
from services.common.store.inbox import Kept

log = logging.getLogger(__name__)

UNREADABLE = "unreadable"


class Failures:
    """Of one service. read: make a delivery of an envelope; LookupError, TypeError or ValueError if not possible."""

    def __init__(self, service: str, store: Store, read: Callable[[Mapping[str, object], object | None], Incoming]):
        self._service, self._store, self._read = service, store, read

    def keep(self, delivery: Incoming, error: Exception) -> bool:
        """Keep an event whose handler failed, for another attempt. Return whether that could be stored."""
        event = delivery.event
        try:
            text = orjson.dumps(delivery.envelope).decode()
            with self._store.work(Work) as work:
                dead = work.inbox.record_failure(event.handler, event.id, text, _what(error))
        except Unavailable as exc:
            log.warning("inbox of %s: %s failed on %s: %r", self._service, event.handler, event.id, exc)
            return False
        except Exception:
            # whatever it was, the message is not kept yet: it goes back, slowly, and this replica lives on
            log.exception("inbox of %s: the failure of %s could not be kept", self._service, event.id)
            return False
        if isinstance(error, NotFound) and not dead:  # events come in any order: what it waits for is on its way
            log.info("%s waits with %s %s: %r", event.handler, event.type, event.id, error)
            return True
        level = logging.ERROR if dead else logging.WARNING
        log.log(level, "%s failed on %s %s%s: %r", event.handler, event.type, event.id, " (parked)" * dead, error)
        return True

    def park_unreadable(self, body: object, error: Exception) -> bool:
        """Store the exact bytes of what no handler can read. Return whether that could be stored."""
        if isinstance(body, bytes | memoryview):
            body = bytes(body).decode(errors="replace")
        text = body if isinstance(body, str) else orjson.dumps(body, default=repr).decode()
        digest = hashlib.sha256(text.encode(errors="replace")).hexdigest()
        try:
            with self._store.work(Work) as work:
                work.inbox.record_failure(UNREADABLE, digest, text, _what(error), fatal=True)
        except Exception:
            log.exception("inbox of %s: an unreadable message could not be kept", self._service)
            return False
        return True

    def due(self) -> list[Incoming]:
        """Return what is to be tried again now, claimed for this replica."""
        with self._store.work(Work) as work:
            found = [self._read_again(work, kept) for kept in work.inbox.claim_due()]
        return [delivery for delivery in found if delivery is not None]

    def _read_again(self, work: Work, kept: Kept) -> Incoming | None:
        """Read a kept message again.

        If this release cannot read or no longer follows it, park it for a person; return None.
        """
        try:
            delivery = self._read(orjson.loads(kept.message), None)
        except (LookupError, TypeError, ValueError) as exc:
            log.error("inbox of %s: %s %s cannot be read: %r", self._service, *kept[:2], exc)
            work.inbox.record_failure(kept.handler, kept.event_id, kept.message, _what(exc), fatal=True)
            return None
        if kept.handler != delivery.event.handler:  # a new reader: it did not exist when the event came
            work.inbox.hand_over(kept, delivery.event)
        return delivery


def _what(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
