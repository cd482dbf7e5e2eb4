"""The broker: whether it answers, whether every queue is there, read, and not filling up."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kombu.exceptions import OperationalError as BrokerAway

from deploy.operate.doctor.finding import Finding, critical, warning
from deploy.run.queues import Depth, look
from services import SERVICES
from services.common.runtime.config import Settings

QUEUES = tuple(f"{service}.inbox" for service in SERVICES) + tuple(f"rpc-{service}" for service in SERVICES)
GIVEN_UP = "dead-letters"
MANY = 100


def examine(settings: Settings, pause: Callable[[], None]) -> Iterator[Finding]:
    """Yield what is wrong with the queues. pause: called between the two looks that show whether a queue grows."""
    if settings.embedded:
        return
    try:
        first = look(settings.amqp_uri, [*QUEUES, GIVEN_UP])
        pause()
        second = look(settings.amqp_uri, QUEUES)
    except BrokerAway as problem:
        yield critical(
            "broker_unreachable", "rabbitmq", f"it does not answer: {problem}",
            "start it, or correct PLEDGE_AMQP_URI; until then entries wait in the outboxes and nothing is lost",
        )  # fmt: skip
        return
    for name in QUEUES:
        yield from _of_queue(name, first[name], second[name])
    given_up = first[GIVEN_UP]
    if given_up and given_up.messages:
        yield warning(
            "broker_dead_letters", GIVEN_UP, f"the broker gave up {given_up.messages} messages",
            "see where they came from (their x-death header), move them back, or purge the queue",
        )  # fmt: skip


def _of_queue(name: str, before: Depth | None, now: Depth | None) -> Iterator[Finding]:
    service = name.removesuffix(".inbox").removeprefix("rpc-")
    if now is None:
        yield critical(
            "queue_missing", name, "there is no such queue: what is sent there comes back",
            "run the migrate step: python -m deploy.run.prepare, or the migrate container",
        )  # fmt: skip
        return
    if not now.consumers:
        yield critical(
            "queue_without_consumer", name, f"nobody reads it; {now.messages} messages wait",
            f"start {service}; when it runs, see in its log why it does not consume",
        )  # fmt: skip
    if before is not None and now.messages >= MANY and now.messages > before.messages:
        yield warning(
            "queue_growing", name, f"from {before.messages} to {now.messages} messages within one look",
            f"start more replicas of {service}, or see in its log what keeps it (database, a slow handler)",
        )  # fmt: skip
