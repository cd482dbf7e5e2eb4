"""Which events a service follows: a table of event, handler and source.

    follows = (
        on(ShipmentCreated, following.on_shipment_created),
        on(CommitmentBreached, promises.on_commitment_breached, source="orders"),
    )

A handler is a function `(work, event, message)`: the open transaction, the event as its emitter declares it, and the
envelope (`subject_seq`, `occurred_at`, `id`). mypy checks that the handler takes that event.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from services.common.basics.events import Event
from services.common.basics.message import Message

E = TypeVar("E", bound=Event)


@dataclass(frozen=True)
class Following:
    """One event that a service follows."""

    source: str
    event: type[Event]
    handler: Callable[[object, Any, Message], None]

    @property
    def key(self) -> tuple[str, str]:
        """(source service, event type): what its messages are known by."""
        return self.source, self.event.type

    @property
    def name(self) -> str:
        """What the handling of this event is called in logs, spans and the inbox, for ever."""
        return f"on_{self.event.type}" if self.event.source else f"on_{self.source}_{self.event.type}"


def on(event: type[E], handler: Callable[[Any, E, Message], None], *, source: str = "") -> Following:
    """Follow an event. `source` is needed for events of the kit only, which every service may emit."""
    source = source or event.source
    if not source:
        raise TypeError(f"{event.__name__} can come from several services: say which")
    return Following(source, event, handler)
