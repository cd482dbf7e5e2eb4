"""What logistics remembers of an order: whose it is, what of it remains, and whether it was cancelled.

Events of one order may be handled in any order (a retried one comes late), so what remains is kept with its place in
the order's chain of events, and an older change never overwrites a newer one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.logistics.domain.lines import RemainingLine, ShipmentLine, apply_change


@dataclass(eq=False)
class KnownOrder:
    """remaining: the lines after the change at `changed_seq` of the order's chain (0: there was none)."""

    order_number: str
    email: str | None = None
    changed_seq: int = 0
    remaining: tuple[RemainingLine, ...] = ()
    cancelled: bool = False

    def change(self, seq: int, remaining: Sequence[RemainingLine]) -> bool:
        """Remember what remains of the order; False when something newer is known already."""
        if seq <= self.changed_seq:
            return False
        self.changed_seq, self.remaining = seq, tuple(remaining)
        return True

    def lines_to_send(self, lines: Sequence[ShipmentLine], seq: int) -> tuple[ShipmentLine, ...]:
        """The lines as they stood at `seq`, with the change that came after it, if one did."""
        return apply_change(lines, self.remaining) if self.changed_seq > seq else tuple(lines)
