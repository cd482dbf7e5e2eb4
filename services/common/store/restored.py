"""What a restored journal says of the entries that it lost.

A service that goes back to an older backup has forgotten the ends of some chains, and others have not. Were those
numbers used again, followers would take what is new for old: their projections refuse to go back. So such a chain goes
on past what others know, and the entry after the gap says why there is one; `verify` takes a gap for no flaw only
where the chain itself declares it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.common.basics.events import Event
from services.common.basics.untyped import Fields


@dataclass(frozen=True, kw_only=True)
class JournalRestored(Event):
    """Entries lost_from … lost_to of a chain were recorded after the backup that is in place now.

    lost: the types of those that were handled; known_by: the services that did.
    """

    subject_field: ClassVar[str] = "chain"
    followed: ClassVar[bool] = False

    chain: str
    order_number: str | None
    backup_of: datetime
    lost_from: int
    lost_to: int
    lost: tuple[str, ...]
    known_by: tuple[str, ...]


def declares_gap(entry: Fields, body: Mapping[str, object], after: int) -> bool:
    """Return whether an entry itself says why it does not follow on number `after`."""
    if entry["type"] != JournalRestored.type:
        return False
    return (body["lost_from"], body["lost_to"]) == (after + 1, entry["subject_seq"] - 1)
