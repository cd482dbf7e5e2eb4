"""Record which personal data staff read, before the answer leaves.

A route whose command is declared `personal`, a query or not, is recorded for staff: who (the caller), what (the
operation and the numbers of what it shows), when, and why (the header `Reason`, if given). So is a refusal that shows a
customer, such as a 412 with the thing as it is now, whatever the route. Support keeps it. Customers' own reads are not
recorded and cost nothing.

The answer waits for the record, so a process that is killed has shown nothing unrecorded. While support does not
answer, staff go on working: the read is logged with all that the record would hold, waits in this process, and is sent
once support answers. Only what waits there is lost to support's record by a kill, and stands in the log then. At most
`MOST` reads wait; beyond that, personal data are not shown to staff (503).
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator, Mapping
from typing import cast

import eventlet
from flask import current_app, g, request

from gateway.http.calls import services
from services.common.basics import ids
from services.common.basics.caller import Caller
from services.common.basics.clock import now, rfc3339
from services.common.basics.errors import ServiceError, Unavailable
from services.common.bus.rpc import RpcClient
from services.common.bus.service_client import RemoteService
from services.common.bus.travel import write_argument
from services.common.edge import texts
from services.support.api.reads import SUBJECTS, RecordRead

MOST = 10_000
PAUSE_SECONDS = 1.0
REASON_LENGTH, SUBJECT_LENGTH = 200, 64
PERSONAL = frozenset(
    {"contact", "delivery", "destination", "customer", "phone", "body", "address", "question", "received_by"}
    | {"summary", "label", "consent"}  # of what a customer is asked: an address, and who agreed
)
"""Names of fields with a customer's data; an e-mail address alone may be that of staff."""
NUMBERS = ("number", "ticket_number", "order_number")
log = logging.getLogger(__name__)


def record(operation: str, given: Mapping[str, object], answer: object) -> None:
    """Record that the caller is about to get this answer, if it is a member of staff. Raise Unavailable at `MOST`."""
    caller: Caller = g.caller
    if not caller.is_staff:
        return
    shown = [*subjects(given, answer), *g.get("also_shown", ())][:SUBJECTS]
    read = RecordRead(ids.new_id(), operation, shown, now(), _reason())
    waiting: UnsentReads = current_app.extensions.setdefault("reads", UnsentReads())
    client = cast(RemoteService, services().support).client
    if not waiting.is_empty:
        waiting.add(client, caller, read)
        return
    try:
        services().support.record_read(read)
    except ServiceError:  # away, or of an older release that does not know it
        waiting.add(client, caller, read)


def also(number: str) -> None:
    """Let the record of this read name that, too: where the answer is a file, its numbers are not seen."""
    g.setdefault("also_shown", []).append(number)


def shows_customer(shown: object) -> bool:
    """Return whether a customer's data stands anywhere in a JSON value."""
    if isinstance(shown, Mapping):
        return any((name in PERSONAL and bool(inner)) or shows_customer(inner) for name, inner in shown.items())
    return isinstance(shown, list) and any(map(shows_customer, shown))


def record_refusal(operation: str, given: Mapping[str, object], refusal: ServiceError) -> None:
    """Record a refusal that is about to show a customer to a member of staff, as `record` does an answer."""
    if shows_customer(refusal.details):
        record(operation, given, (refusal.details or {}).get("current"))


def subjects(given: Mapping[str, object], answer: object) -> Iterator[str]:
    """Yield the numbers of what is shown, and of their orders, each once: that in the address, and those of a page.

    Of a batch, those of what was done: a refusal shows no customer.
    """
    named = [value for value in given.values() if isinstance(value, str)]
    shown = answer if isinstance(answer, Mapping) else {}
    items = [shown] if named else shown.get("items", ())
    numbers = (each.get(name) for item in items for each in _shown(item) for name in NUMBERS)
    yield from list(dict.fromkeys(str(each)[:SUBJECT_LENGTH] for each in (*named, *numbers) if each))[:SUBJECTS]


def _shown(item: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """Yield the item, or what it holds where it is an outcome of a batch: its `status` is that of an answer then."""
    if isinstance(item.get("status"), int):
        yield from (inner for inner in item.values() if isinstance(inner, Mapping))
    else:
        yield item


class UnsentReads:
    """Reads that support could not take yet, in the order in which they happened."""

    def __init__(self) -> None:
        self._reads: deque[tuple[Caller, RecordRead]] = deque()
        self._sending = False

    @property
    def is_empty(self) -> bool:
        return not self._reads

    def add(self, client: RpcClient, caller: Caller, read: RecordRead) -> None:
        """Log the read and keep it until support takes it. Raise Unavailable when too many wait."""
        if len(self._reads) >= MOST:
            raise Unavailable("Reads cannot be recorded just now; try again later.", code="service_unavailable")
        by = caller.email or caller.actor
        told = {"by": by, "read_at": rfc3339(read.read_at), "why": read.reason, "trace_id": caller.trace_id}
        log.warning("a read waits to be recorded: %s %s", read.operation, read.subjects, extra=told)
        self._reads.append((caller, read))
        if not self._sending:
            self._sending = True
            eventlet.spawn(self._send, client)

    def _send(self, client: RpcClient) -> None:
        try:
            while self._reads:
                caller, read = self._reads[0]
                try:
                    client.call("support", "record_read", [write_argument(read)], caller=caller.to_headers())
                except ServiceError as problem:
                    if problem.code != "validation_failed":
                        eventlet.sleep(PAUSE_SECONDS)
                        continue
                    log.exception("a read cannot be recorded: %s by %s", read, caller.actor)
                self._reads.popleft()
        finally:
            self._sending = False


def _reason() -> str | None:
    """Return the header `Reason` as one line; browsers send it as bytes of UTF-8."""
    raw = request.headers.get("Reason", "").encode("latin-1", "replace").decode("utf-8", "replace")
    return texts.visible_line(raw)[:REASON_LENGTH].strip() or None
