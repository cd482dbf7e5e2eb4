"""How the queues on the broker stand, seen by any of its users."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from amqp.exceptions import NotFound

from services.common.bus.connections import close, connect


class Depth(NamedTuple):
    messages: int
    consumers: int


def look(uri: str, names: Iterable[str]) -> dict[str, Depth | None]:
    """Return each queue, None where there is none. Raise kombu's OperationalError if the broker does not answer."""
    found: dict[str, Depth | None] = {}
    names = list(names)
    if not names:
        return found
    connection = connect(uri, heartbeat=0)
    try:
        for name in names:
            channel = connection.channel()  # one each: the broker closes it when there is no such queue
            try:
                answer = channel.queue_declare(name, passive=True)
                found[name] = Depth(answer.message_count, answer.consumer_count)
            except NotFound:
                found[name] = None
    finally:
        close(connection)
    return found
