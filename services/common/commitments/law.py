"""What the law demands at the latest, whatever was promised: `due = min(promise, law)`. Dated, versioned data. Pure.

    limit = limit_for(WITHDRAWAL, "DE", on=date(2026, 12, 1))          # None: no rule is known for that place and day
    if limit and limit.covers(delivered_at, declared_at, zone):
        bind(clock, limit.due_at(declared_at, zone, goods_at), limit)

A rule counts calendar days, in the customer's zone: the day of the event does not count, and the last day counts whole.
A clock that is bound keeps its promise where that is earlier, and names the rule beside its terms where it is not.

withdrawal  a consumer takes back a purchase without a reason: directive 2011/83/EU, articles 9 to 13, in the EU and the
            EEA (with the parts of member states that have a country code of their own), and the Consumer Contracts
            Regulations 2013 in the United Kingdom. Declared within 14 days of the delivery; repaid within 14 days of
            the declaration, but not before the goods, or the proof that they were sent, have come.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.common.calendar import end_of_day, local_date
from services.common.commitments.clock import Clock

WITHDRAWAL = "withdrawal"

_MEMBERS = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_PARTS_OF_MEMBERS = "AX GF GP MF MQ RE YT"  # Åland, and the outermost regions of France

EU = frozenset(_MEMBERS.split()) | frozenset(_PARTS_OF_MEMBERS.split())
EEA = EU | {"IS", "LI", "NO"}


@dataclass(frozen=True)
class LegalLimit:
    """One rule for one kind of claim: in force in `countries` for purchases from `since` to `until`, both included.

    declare_days  within so many days of the delivery it has to be declared
    repay_days    within so many days of the declaration it has to be repaid
    """

    rule: str
    version: str
    kind: str
    countries: frozenset[str]
    since: date
    declare_days: int
    repay_days: int
    until: date | None = None

    @property
    def label(self) -> str:
        return f"{self.rule} ({self.version})"

    def in_force(self, country: str, on: date) -> bool:
        return country in self.countries and self.since <= on and (self.until is None or on <= self.until)

    def covers(self, delivered_at: datetime, declared_at: datetime, zone: str) -> bool:
        """Return whether it was declared in time: on the last day in the customer's zone, or before."""
        last = local_date(delivered_at, zone) + timedelta(days=self.declare_days)
        return local_date(declared_at, zone) <= last

    def due_at(self, declared_at: datetime, zone: str, goods_at: datetime | None = None) -> datetime:
        """Return the last moment to repay, in UTC.

        goods_at: when the goods, or the proof that they were sent, came; the repayment may wait for that day, no longer
        """
        last = local_date(declared_at, zone) + timedelta(days=self.repay_days)
        if goods_at is not None:
            last = max(last, local_date(goods_at, zone))
        return end_of_day(last, zone)


LIMITS = (
    LegalLimit("2011/83/EU", "2014-06-13", WITHDRAWAL, EEA, date(2014, 6, 13), 14, 14),
    LegalLimit("SI 2013/3134", "2014-06-13", WITHDRAWAL, frozenset({"GB"}), date(2014, 6, 13), 14, 14),
)


def limit_for(kind: str, country: str | None, on: date, limits: Iterable[LegalLimit] = LIMITS) -> LegalLimit | None:
    """Return the rule for a claim of that kind on a purchase of that day for that country, if there is one."""
    if country is None:
        return None
    return next((limit for limit in limits if limit.kind == kind and limit.in_force(country, on)), None)


def bind(clock: Clock, due_at: datetime, label: str) -> None:
    """Let the law bind a clock that has just started: it is due at `due_at` at the latest.

    The warning is given when a quarter of the time that is left then is left.
    """
    if due_at >= clock.due_at:
        return
    clock.due_at = due_at
    clock.warn_at = min(clock.warn_at, max(due_at - (due_at - clock.started_at) / 4, clock.started_at))
    clock.provisional = False  # a calendar that is not certain yet can only end later
    if label not in clock.terms_version:
        clock.terms_version = f"{clock.terms_version}; {label}"
    if clock.earliest_at is not None and clock.earliest_at > due_at:
        clock.earliest_at = None
