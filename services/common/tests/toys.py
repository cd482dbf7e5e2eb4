"""Made-up services on which the kit is tested: one that records facts, one that follows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from eventlet.event import Event as Gate

from services.common.basics.errors import Conflict
from services.common.basics.events import Event
from services.common.basics.message import Message
from services.common.basics.personal import PersonalText
from services.common.bus.rpc import rpc
from services.common.runtime.database import Database
from services.common.runtime.following import on
from services.common.runtime.service import Service
from services.common.store.database import Work


@dataclass(frozen=True, kw_only=True)
class ThingHappened(Event):
    source: ClassVar[str] = "teller"
    subject_field: ClassVar[str] = "thing"

    thing: str
    number: int
    order_number: str | None = None


@dataclass(frozen=True, kw_only=True)
class NobodyCares(ThingHappened):
    followed = False


@dataclass(frozen=True)
class Person:
    name: PersonalText
    lines: tuple[PersonalText, ...]


@dataclass(frozen=True, kw_only=True)
class ThingSaid(Event):
    subject_field: ClassVar[str] = "thing"
    followed = False

    thing: str
    order_number: str
    words: PersonalText
    by: Person


@dataclass(frozen=True, kw_only=True)
class Noted(Event):
    """What the follower records for each fact it has handled: its effect."""

    subject_field: ClassVar[str] = "thing"
    followed = False

    thing: str
    number: int


class Teller(Service):
    """Records facts."""

    name = "teller"
    transaction: Database[Work] = Database(Work)

    @rpc
    def tell(self, thing: str, numbers: list[int]) -> dict[str, Any]:
        with self.transaction() as work:
            work.journal.record(*(ThingHappened(thing=thing, number=number) for number in numbers))
        return {"told": len(numbers)}


def on_thing_happened(work: Work, event: ThingHappened, _: Message) -> None:
    Follower.begun.append(event.number)
    work.journal.record(Noted(thing=event.thing, number=event.number))
    work.journal.flush()  # what fails below must take this back
    if event.number in Follower.gates:
        Follower.gates[event.number].wait()
    if event.number in Follower.refused:
        raise Conflict("too much")


class Follower(Service):
    """Notes each fact once. A number in `refused` fails; one with a gate waits until the gate opens.

    begun: the numbers in the order in which they were taken up
    """

    name = "follower"
    transaction: Database[Work] = Database(Work)
    refused: ClassVar[set[int]] = set()
    gates: ClassVar[dict[int, Gate]] = {}
    begun: ClassVar[list[int]] = []

    follows = (on(ThingHappened, on_thing_happened),)

    @classmethod
    def reset(cls) -> None:
        cls.refused, cls.gates, cls.begun = set(), {}, []
