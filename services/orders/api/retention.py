"""What time should have erased, or a customer has asked to have erased, and what keeps it from that: told to people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from services.common.basics.events import Event
from services.common.basics.shapes import Example, Note


@dataclass(frozen=True, kw_only=True)
class ErasuresHeldUp(Event):
    """Customers of orders are still known though their time is over, because something of the order is open.

    count: of how many orders; orders: the oldest of them. Told once a day, for as long as there are any.
    """

    source: ClassVar[str] = "orders"
    subject_field: ClassVar[str] = "day"
    day: Annotated[str, Note("the day, which is a chain of the journal"), Example("RETENTION-2026-12-01")]
    count: int
    orders: tuple[str, ...]
