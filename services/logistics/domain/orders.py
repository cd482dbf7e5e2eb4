"""What logistics remembers of an order: whose it is, what it was changed to, and whether it was cancelled.

Events of one order may be handled in any order (a retried one comes late), so a change is kept with its place in the
order's chain of events, and an older one never overwrites a newer one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.logistics.api.parts import ShipmentLine
from services.logistics.domain.lines import Destination


@dataclass(eq=False)
class KnownOrder:
    """email: what the customer's mailbox is compared with (`store.blind`). time_zone: their own, if they told it.

    recall_asked: its customer asked to cancel it, before there was a shipment to keep back.
    changed_lines, changed_destination: after the change at `changed_seq` of the order's chain (0: no change).
    """

    order_number: str
    email: str | None = None
    time_zone: str | None = None
    changed_seq: int = 0
    changed_lines: tuple[ShipmentLine, ...] = ()
    changed_destination: Destination | None = None
    cancelled: bool = False
    recall_asked: bool = False

    def change(self, seq: int, lines: Sequence[ShipmentLine], destination: Destination | None) -> bool:
        """Remember what the order was changed to; False when something newer is known already."""
        if seq <= self.changed_seq:
            return False
        self.changed_seq, self.changed_lines, self.changed_destination = seq, tuple(lines), destination
        return True
