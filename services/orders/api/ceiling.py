"""The ceiling on what is paid back in a day: an alarm first, then a stop (standard, section 4).

How much each currency has is data, and changed like terms: `PLEDGE_TERMS` may have "refunds_a_day" beside "terms".

    {"version": "2026-12", "terms": {}, "refunds_a_day": {"USD": {"alarm": "5000.00", "stop": "8000.00"}}}

The ceiling delays no promise: the clock of a refund that waits for it runs on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, TypedDict

from services.common.basics.api import Api, command, query
from services.common.basics.caller import ADMIN, LEAD
from services.common.basics.errors import Invalid
from services.common.basics.events import Event
from services.common.basics.money import CURRENCY, ZERO, Money
from services.common.basics.shapes import Example, MoneyView, Note, Text, Version
from services.common.basics.states import VersionMoved
from services.orders.api.statuses import CeilingLevel


@dataclass(frozen=True)
class Ceiling:
    """Amounts of one day: leads are told when `alarm` is reached, beyond `stop` a refund waits for a person."""

    alarm: Money
    stop: Money

    def __post_init__(self) -> None:
        if not ZERO < self.alarm <= self.stop:
            raise ValueError(f"a ceiling needs 0 < alarm <= stop: {self.alarm}, {self.stop}")


class Ceilings(Mapping[str, Ceiling]):
    """The ceilings in force, by currency."""

    def __init__(self, own: Mapping[str, Ceiling]):
        self._own = self._in_force = dict(own)

    def change(self, changes: Mapping[str, Ceiling]) -> None:
        """Put a shop's changes in force instead of the earlier ones. For a process that starts."""
        self._in_force = {**self._own, **changes}

    def __getitem__(self, currency: str) -> Ceiling:
        return self._in_force[currency]

    def __iter__(self) -> Iterator[str]:
        return iter(self._in_force)

    def __len__(self) -> int:
        return len(self._in_force)


CEILINGS = Ceilings({CURRENCY: Ceiling(alarm=Money(25_000_00), stop=Money(50_000_00))})


def read_ceilings(data: object) -> dict[str, Ceiling]:
    """Read what a shop changes. ValueError for another currency than ours, or amounts that are none."""
    if not isinstance(data, dict):
        raise ValueError('refunds_a_day: expected {"USD": {"alarm": "5000.00", "stop": "8000.00"}}')
    return {currency: _ceiling(currency, change) for currency, change in data.items()}


def _ceiling(currency: str, change: object) -> Ceiling:
    name = f"refunds_a_day.{currency}"
    if currency not in CEILINGS:
        raise ValueError(f"{name}: nothing is paid back in it; there is {', '.join(CEILINGS)}")
    if not isinstance(change, dict) or set(change) != {"alarm", "stop"}:
        raise ValueError(f"{name}: expected alarm and stop")
    if not all(isinstance(amount, str) for amount in change.values()):
        raise ValueError(f'{name}: expected amounts as text, "5000.00"')
    try:
        return Ceiling(**{level: Money.parse(amount) for level, amount in change.items()})
    except ValueError as problem:
        raise ValueError(f"{name}: {problem}") from None


# what happens on a day


@dataclass(frozen=True)
class Raise:
    """What one person added to the ceiling of a day."""

    by: str
    amount: Money


@dataclass(frozen=True, kw_only=True)
class PayoutEvent(Event):
    """What happens to one day's payouts, which are a chain of the journal: its last entry says how much is used.

    total: what has been sent on that day. raised: what people have added to its ceiling. told: what leads have heard.
    """

    source: ClassVar[str] = "orders"
    subject_field: ClassVar[str] = "ledger"
    ledger: Annotated[str, Note("the day and the currency"), Example("PAYOUTS-2026-12-01-USD")]
    total: Money
    raised: tuple[Raise, ...] = ()
    told: CeilingLevel | None = None


@dataclass(frozen=True, kw_only=True)
class RefundCounted(PayoutEvent):
    """A refund is sent, and uses up that much of the day. released: a person let it go beyond the ceiling."""

    followed: ClassVar[bool] = False
    refund_id: str
    of_order: str
    amount: Money
    released: bool = False


@dataclass(frozen=True, kw_only=True)
class RefundCeilingReached(PayoutEvent):
    """Leads and admins are told, once for each level and day."""

    level: CeilingLevel
    alarm: Money
    stop: Money


@dataclass(frozen=True, kw_only=True)
class RefundCeilingRaised(PayoutEvent):
    followed: ClassVar[bool] = False
    by: str
    amount: Money
    note: str


class NothingRaised(Invalid):
    """A ceiling is raised by something."""

    code = "nothing_raised"
    message = "A ceiling is raised by more than nothing."


@dataclass(frozen=True)
class RaiseRefundCeiling:
    """amount: what is added for today alone. note: why, as it is to be on record."""

    amount: Money
    note: Annotated[str, Text(2000)]
    version: Version | None = None


class RefundCeilingView(TypedDict):
    """Today's payouts. `room` is what may still be sent; a refund that needs more waits in the attention queue."""

    day: Annotated[str, Note("in the team's time zone"), Example("2026-12-01")]
    alarm: MoneyView
    stop: MoneyView
    raised: Annotated[MoneyView, Note("what people have added for today")]
    sent: MoneyView
    room: MoneyView
    waiting: Annotated[int, Note("refunds that wait for a person")]
    version: int


class RefundCeilings(Api):
    """The ceiling on what is paid back in a day."""

    @query(roles=(LEAD,))
    def get_refund_ceiling(self) -> RefundCeilingView:
        """Show how much has been paid back today, and how much more may be."""

    @command(roles=(ADMIN,), errors=(NothingRaised, VersionMoved))
    def raise_refund_ceiling(self, wish: RaiseRefundCeiling) -> RefundCeilingView:
        """Raise the ceiling for today. What waits is sent as far as there is room now.

        Not for what one has asked for oneself: that waits for another person.
        """
