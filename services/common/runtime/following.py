"""Which events a service follows: a table of event, handler and source.

    follows = (
        on(ShipmentCreated, following.on_shipment_created),
        on(CommitmentBreached, promises.on_commitment_breached, source="orders"),
    )

A handler is a function `(work, event, message)`: the open transaction, the event as its emitter declares it, and the
envelope (`subject_seq`, `occurred_at`, `id`). mypy checks that the handler takes that event.

Where only some events of a type matter, `when` says which, from the event and its envelope alone. What it refuses is
acked unhandled: no transaction is opened for it, and it is in no inbox.

    on(CustomerNotified, notices.on_customer_notified, when=notices.matters)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from services.common.basics.events import Event
from services.common.basics.message import Message
from services.common.bus.travel import read_event

E = TypeVar("E", bound=Event)


@dataclass(frozen=True)
class Following:
    """One event that a service follows."""

    source: str
    event: type[Event]
    handler: Callable[..., None]
    when: Callable[..., bool] | None = None

    @property
    def key(self) -> tuple[str, str]:
        """(source service, event type): what its messages are known by."""
        return self.source, self.event.type

    def matters(self, message: Message) -> bool:
        """Return whether that event, of this type, is handled."""
        return self.when is None or self.when(read_event(self.event, message.body), message)

    @property
    def name(self) -> str:
        """What the handling of this event is called in logs, spans and the inbox, for ever."""
        return f"on_{self.event.type}" if self.event.source else f"on_{self.source}_{self.event.type}"


def on(
    event: type[E],
    handler: Callable[[Any, E, Message], None],
    *,
    source: str = "",
    when: Callable[[E, Message], bool] | None = None,
) -> Following:
    """Follow an event, all of its type or those that `when` is true of. It must be pure, for an event may come twice.

    `source` is needed for events of the kit only, which every service may emit.
    """
    source = source or event.source
    if not source:
        raise TypeError(f"{event.__name__} can come from several services: say which")
    return Following(source, event, handler, when)


def followed_by(service_class: type) -> Sequence[Following]:
    """Return the table of what a service class follows."""
    found: Sequence[Following] = getattr(service_class, "follows", ())
    return found
