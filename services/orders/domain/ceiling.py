"""What was paid back on one day, and whether one more refund may go: an alarm first, then a stop. Pure.

    day = Payouts(ledger, total, raised, told, seq)      # as the last entry of the day's chain says
    told = day.count(refund, ceiling)                    # its events, or None: it waits for a person

A refund counts once on each day that it is sent. What a person added to the ceiling lets out what others asked for.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from services.common.basics.caller import is_same_person
from services.common.basics.money import CURRENCY, ZERO, Money
from services.orders.api.ceiling import (
    Ceiling,
    NothingRaised,
    PayoutEvent,
    Raise,
    RefundCeilingRaised,
    RefundCeilingReached,
    RefundCounted,
)
from services.orders.api.statuses import CeilingLevel
from services.orders.domain.refund import Refund

LEVELS = (None, CeilingLevel.ALARM, CeilingLevel.STOP)


def ledger_of(day: date) -> str:
    """Return the name of a day's chain in the journal."""
    return f"PAYOUTS-{day.isoformat()}-{CURRENCY}"


@dataclass
class Payouts:
    """One day. `seq` is how many entries its chain has."""

    ledger: str
    total: Money = ZERO
    raised: tuple[Raise, ...] = ()
    told: CeilingLevel | None = None
    seq: int = 0

    @property
    def version(self) -> int:
        """The version that callers see: 1 for a day on which nothing was sent."""
        return self.seq + 1

    def limit(self, ceiling: Ceiling, askers: Collection[str] = ()) -> Money:
        """Return how much may be sent in all, if one more refund goes that these people asked for."""
        return ceiling.stop + Money.total(each.amount for each in self.raised if not is_same_person(each.by, *askers))

    def has_room_for(self, refund: Refund, ceiling: Ceiling) -> bool:
        """Return whether the refund may be sent without a person who lets it go."""
        return self.total + refund.amount <= self.limit(ceiling, refund.askers)

    def room(self, ceiling: Ceiling) -> Money:
        return max(self.limit(ceiling) - self.total, ZERO)

    def count(self, refund: Refund, ceiling: Ceiling) -> list[PayoutEvent] | None:
        """Count a refund that is sent now. Return what is to be recorded; None if it has to wait for a person."""
        if refund.counted_on == self.ledger:
            return []
        if not refund.released_by and not self.has_room_for(refund, ceiling):
            return None
        released = bool(refund.released_by)
        self.total += refund.amount
        refund.count(self.ledger)
        counted = RefundCounted(
            ledger=self.ledger,
            total=self.total,
            raised=self.raised,
            told=self.told,
            refund_id=refund.refund_id,
            of_order=refund.order_number,
            amount=refund.amount,
            released=released,
        )
        return self._record(counted, *([] if self.total < ceiling.alarm else self._tell(CeilingLevel.ALARM, ceiling)))

    def stop(self, ceiling: Ceiling) -> list[PayoutEvent]:
        """Return what tells people that refunds wait now; nothing if they have heard it today."""
        return self._record(*self._tell(CeilingLevel.STOP, ceiling))

    def add(self, amount: Money, by: str, note: str) -> list[PayoutEvent]:
        """Raise the ceiling of this day. NothingRaised for nothing, or less. A stop after it is told again."""
        if amount <= ZERO:
            raise NothingRaised
        self.raised = (*self.raised, Raise(by, amount))
        self.told = CeilingLevel.ALARM if self.told is CeilingLevel.STOP else self.told
        raised = RefundCeilingRaised(
            ledger=self.ledger, total=self.total, raised=self.raised, told=self.told, by=by, amount=amount, note=note
        )
        return self._record(raised)

    def _tell(self, level: CeilingLevel, ceiling: Ceiling) -> list[PayoutEvent]:
        if LEVELS.index(self.told) >= LEVELS.index(level):
            return []
        self.told = level
        stop = self.limit(ceiling, "")
        reached = RefundCeilingReached(
            ledger=self.ledger,
            total=self.total,
            raised=self.raised,
            told=self.told,
            level=level,
            alarm=ceiling.alarm,
            stop=stop,
        )
        return [reached]

    def _record(self, *events: PayoutEvent) -> list[PayoutEvent]:
        self.seq += len(events)
        return list(events)
