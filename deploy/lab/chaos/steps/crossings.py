"""Orders as a process that knows its own boundaries: `python -m deploy.lab.chaos.steps.crossings FOLDER orders`.

A boundary is the moment between two steps that another machine sees: a request or an event came in, a transaction is
about to commit or has, the bank is about to be asked or has answered, an event is about to be published or the broker
has it, an answer or an ack has left. Each that is crossed is a line in FOLDER/crossed, its names with a bar between.

FOLDER/kill-at names a boundary, and which crossing of it counts from when it was written: `commits refund_due 1`. There
the process ends itself as a power cut would, once: it takes the file away before.

It is started again at once: a parent that has imported everything, and done nothing, forks it, so that a start takes a
moment. FOLDER/ran has a line for each start and for each kill. The child ends with its parent.
"""

from __future__ import annotations

import eventlet

if __name__ == "__main__":
    eventlet.monkey_patch()

import ctypes
import os
import re
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from eventlet import patcher
from kombu.message import Message as Received

from services import __main__ as start
from services.common.basics.caller import SYSTEM, Caller
from services.common.basics.message import Message
from services.common.bus.publisher import ConfirmedPublisher, EntrySettled, Outgoing
from services.common.bus.relay import Relay
from services.common.bus.rpc import RpcConsumer
from services.common.runtime.handling import Incoming
from services.common.runtime.messaging import InboxConsumer
from services.common.store.database import Store, Work
from services.common.store.direct import WROTE
from services.common.store.inbox import Inbox
from services.members import service_class, settings_class

COMMANDS = frozenset({"start_payment", "receive_payment_webhook", "cancel_order", "answer_dispute"})
"""Of the requests, those that move money; all others are looks at what has become of it."""
PR_SET_PDEATHSIG = 1
HEARD = "heard"
A_NAME = re.compile(r"/[a-z]{2,3}_[A-Za-z0-9_]{6,}")
OURS = "/services/orders/"


class Crossings:
    """The boundaries of this process."""

    def __init__(self, folder: Path):
        self._trace = (folder / "crossed").open("a", buffering=1)
        self._order = folder / "kill-at"
        self._armed, self._seen = "", Counter[str]()

    def cross(self, *names: str) -> None:
        """Write down a boundary by all its names. End the process if it is the one, and this the crossing of it."""
        if not names:
            return
        self._trace.write("|".join(names) + "\n")
        try:
            wanted = self._order.read_text()
        except FileNotFoundError:
            return
        if wanted != self._armed:
            self._armed, self._seen = wanted, Counter()
        self._seen.update(names)
        name, _, which = wanted.rpartition(" ")
        if name in names and self._seen[name] == int(which):
            self._order.unlink()
            os.kill(os.getpid(), signal.SIGKILL)


def watch(crossings: Crossings) -> None:
    """Have every boundary of this process written down."""
    for watched in (_requests, _events, _commits, _calls, _publishing):
        watched(crossings.cross)


Cross = Callable[..., None]


def _requests(cross: Cross) -> None:
    take, reply, end = RpcConsumer.handle_message, RpcConsumer._reply, RpcConsumer.handle_result

    def name_of(message: Received) -> str:
        return str(message.delivery_info["routing_key"]).rpartition(".")[2]

    def handle_message(self: RpcConsumer, body: object, message: Received) -> None:
        if name_of(message) in COMMANDS:
            cross(f"is asked to {name_of(message)}")
        take(self, body, message)

    def answer(self: RpcConsumer, message: Received, body: bytes) -> None:
        reply(self, message, body)
        if name_of(message) in COMMANDS:
            cross(f"has answered {name_of(message)}")

    def handle_result(self: RpcConsumer, message: Received, result: object, exc_info: object) -> tuple[object, object]:
        ended = end(self, message, result, exc_info)
        if name_of(message) in COMMANDS:
            cross(f"has acked {name_of(message)}")
        return ended

    _put(RpcConsumer, handle_message=handle_message, _reply=answer, handle_result=handle_result)


def _events(cross: Cross) -> None:
    take, accept, ack = InboxConsumer._wait_in_line, Inbox.accept, InboxConsumer._ack

    def wait_in_line(self: InboxConsumer, delivery: Incoming) -> None:
        cross(f"receives {delivery.event.type}")
        take(self, delivery)

    def accept_them(self: Inbox, messages: Iterable[Message]) -> list[Message]:
        accepted = accept(self, messages)
        self._session.info[HEARD] = [each.type for each in accepted]
        return accepted

    def acked(self: InboxConsumer, delivery: Incoming) -> None:
        ack(self, delivery)
        cross(f"has acked {delivery.event.type}")

    _put(InboxConsumer, _wait_in_line=wait_in_line, _ack=acked)
    _put(Inbox, accept=accept_them)


def _commits(cross: Cross) -> None:
    work = Store.work

    @contextmanager
    def watched(self: Store, kind: type[Work], caller: Caller = SYSTEM, *, reading: bool = False) -> Iterator[Work]:
        names: list[str] = []
        with work(self, kind, caller, reading=reading) as unit:
            yield unit
            if not reading:
                names = _names_of(unit)
                cross(*(f"is about to commit {name}" for name in names))
        cross(*(f"has committed {name}" for name in names))

    _put(Store, work=watched)


def _names_of(unit: Work) -> list[str]:
    """Return what a unit of work is about to write, by name: its events, else what it heard, else who wrote it."""
    session = unit.session
    journal = vars(unit).get("journal")
    told = [event.type for event in journal.pending] if journal is not None else []
    if told:
        return told
    if not (session.info.get(WROTE) or session.new or session.dirty or session.deleted):
        return []
    return session.info.get(HEARD) or [_writer()]


def _writer() -> str:
    frame = sys._getframe(1)
    while frame.f_back is not None:
        frame = frame.f_back
        if OURS in frame.f_code.co_filename:
            return frame.f_code.co_name.strip("_<>")
    return "that it was told"


def _calls(cross: Cross) -> None:
    send = requests.Session.send

    def sent(self: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        call = f"{request.method} {A_NAME.sub('/…', request.path_url.partition('?')[0])}"
        cross(f"asks the bank {call}")
        answer = send(self, request, **options)
        cross(f"has the bank's answer to {call}")
        return answer

    _put(requests.Session, send=sent)


def _publishing(cross: Cross) -> None:
    publish, round_ = ConfirmedPublisher.publish, Relay._publish_under_lock
    batch_of: dict[str, Sequence[str]] = {}

    def published(self: ConfirmedPublisher, batch: Sequence[Outgoing], settled: EntrySettled) -> None:
        types = [each.routing_key for each in batch]
        cross(*(f"publishes {each}" for each in types))
        publish(self, batch, settled)
        cross(*(f"knows that the broker has {each}" for each in types))
        batch_of["last"] = types

    def round_of(self: Relay) -> int | None:
        taken = round_(self)
        cross(*(f"need not publish any more {each}" for each in batch_of.pop("last", ())))
        return taken

    _put(ConfirmedPublisher, publish=published)
    _put(Relay, _publish_under_lock=round_of)


def _put(owner: type, **methods: object) -> None:
    for name, method in methods.items():
        setattr(owner, name, method)


def keep_running(folder: Path, names: Sequence[str]) -> int:
    """Run services in a child, and again in another one whenever it was killed. Return how it ended otherwise."""
    import stripe  # noqa: F401 (what the adapter does when it first needs it)

    for name in names:
        settings_class(name), service_class(name)
    wait = patcher.original("os").waitpid  # the patched one would start the hub that children begin with
    with (folder / "ran").open("a", buffering=1) as ran:
        while True:
            ran.write("started\n")
            child = os.fork()
            if not child:
                ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
                watch(Crossings(folder))
                os._exit(start.main(names, os.environ))
            code = os.waitstatus_to_exitcode(wait(child, 0)[1])
            if code != -signal.SIGKILL:
                return code
            ran.write("killed\n")


if __name__ == "__main__":
    os._exit(keep_running(Path(sys.argv[1]), sys.argv[2:]))
