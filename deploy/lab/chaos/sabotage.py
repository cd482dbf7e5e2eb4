"""A service without one of its safeguards, to prove that the checker notices; nothing but its tests starts this.

    python -m deploy.lab.chaos.sabotage inbox logistics
    python -m deploy.lab.chaos.sabotage publish orders committing:order_placed
    python -m deploy.lab.chaos.sabotage nothing logistics handling:review_passed

inbox     every delivery is taken for the first one
publish   events are published before their transaction is committed
ack       messages are acknowledged before they have had their effect
nothing   all safeguards are on

`committing:<type>` ends the process, as a power cut would, in the moment before an event of that type is committed;
`handling:<type>` when one is about to be handled.
"""

from __future__ import annotations

import eventlet

if __name__ == "__main__":
    eventlet.monkey_patch()

import os
import signal
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from deploy.lab.chaos import deliveries
from services import __main__ as start
from services.common.basics.message import Message
from services.common.runtime.config import Settings
from services.common.runtime.handling import Incoming
from services.common.runtime.messaging import InboxConsumer
from services.common.store import tables
from services.common.store.inbox import Inbox
from services.common.store.journal import Journal

INBOX: Any = Inbox
JOURNAL: Any = Journal
CONSUMER: Any = InboxConsumer
ON_ITS_WAY_SECONDS = 1.0  # for what was sent before the end to leave the process


def inbox(service: str) -> None:
    INBOX.accept = lambda self, messages: list(messages)


def publish(service: str) -> None:
    uri, flush = Settings.load(os.environ).amqp_uri, Journal.flush

    def early(journal: Journal, *, commit: bool = False) -> int:
        count = flush(journal)  # without its commit, which comes after the events
        newest = sa.select(tables.journal).order_by(tables.journal.c.position.desc()).limit(count)
        rows = [dict(row) for row in journal._session.execute(newest).mappings()] if count else []
        deliveries.publish(uri, service, rows)
        return count

    JOURNAL.flush = early


def ack(service: str) -> None:
    wait_in_line = InboxConsumer._wait_in_line

    def careless(consumer: InboxConsumer, delivery: Incoming) -> None:
        consumer._ack(delivery)
        wait_in_line(consumer, replace(delivery, message=None))

    CONSUMER._wait_in_line = careless


def nothing(service: str) -> None:
    pass


SABOTAGES: Mapping[str, Callable[[str], None]] = {each.__name__: each for each in (inbox, publish, ack, nothing)}


def die_at(moment: str) -> None:
    """Make the process end itself at that moment."""
    when, _, type_ = moment.partition(":")
    flush, accept = Journal.flush, Inbox.accept

    def committing(journal: Journal, *, commit: bool = False) -> int:
        types = {event.type for event in journal.pending}
        count = flush(journal, commit=commit and type_ not in types)
        if type_ in types:
            _die()
        return count

    def handling(inbox: Inbox, messages: Iterable[Message]) -> list[Message]:
        messages = list(messages)
        if any(message.type == type_ for message in messages):
            _die()
        return accept(inbox, messages)

    if when == "committing":
        JOURNAL.flush = committing
    else:
        INBOX.accept = handling


def _die() -> None:
    eventlet.sleep(ON_ITS_WAY_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


def main(what: str, service: str, *moments: str) -> int:
    SABOTAGES[what](service)
    for moment in moments:
        die_at(moment)
    return start.main([service], os.environ)


if __name__ == "__main__":
    os._exit(main(*sys.argv[1:]))
