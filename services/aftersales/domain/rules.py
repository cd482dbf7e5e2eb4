"""The shop's rules for returns, and the clocks that follow from them (`api.terms`). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.aftersales.api.terms import TERMS
from services.common.basics.money import Money
from services.common.calendar import end_of_day, local_date, working_days
from services.common.commitments import Clock, start

FOUR_EYES_ABOVE = Money(20_000)


@dataclass(frozen=True)
class Rules:
    """calendar, zone: the team's; address: where the goods go.

    send_days, appeal_days: the customer's time to send the goods, and to appeal a rejection
    alone: what one person may pay out on the returns of an order without a second one
    """

    calendar: str
    zone: str
    send_days: int
    address: Mapping[str, str]
    appeal_days: int = 30
    alone: Money = FOUR_EYES_ABOVE

    def check(self) -> None:
        """Raise ValueError or KeyError for a calendar or a zone that does not exist."""
        working_days(self.calendar)
        self.send_by(datetime.fromisoformat("2026-01-01T00:00:00+00:00"), self.zone)

    def clock(self, kind: str, number: str, order_number: str, at: datetime, clock_id: str) -> Clock:
        """Start a clock of one of the kinds on a return."""
        return start(
            kind,
            number,
            at,
            id=clock_id,
            owner="aftersales",
            terms=TERMS[kind],
            calendar=self.calendar,
            zone=self.zone,
            order_number=order_number,
        )

    def send_by(self, authorized_at: datetime, zone: str) -> datetime:
        """Return the end of the customer's last day to hand the parcel over, in UTC."""
        return end_of_day(local_date(authorized_at, zone) + timedelta(days=self.send_days), zone)

    def appeal_by(self, rejected_at: datetime, zone: str) -> datetime:
        """Return the end of the customer's last day to appeal a rejection, in UTC."""
        return end_of_day(local_date(rejected_at, zone) + timedelta(days=self.appeal_days), zone)

    def instructions(self, number: str) -> dict[str, str]:
        """Return the address for the goods, with the reference that identifies the parcel."""
        return {**self.address, "reference": number}
