"""The shop's rules for returns, and the clocks that follow from them (`api.terms`). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.aftersales.api.terms import TERMS
from services.common.calendar import end_of_day, local_date, working_days
from services.common.commitments import Clock, start


@dataclass(frozen=True)
class Rules:
    """calendar, zone: the team's; send_days: the customer's time to send; address: where to."""

    calendar: str
    zone: str
    send_days: int
    address: Mapping[str, str]

    def check(self) -> None:
        """ValueError or KeyError for a calendar or a zone that does not exist."""
        working_days(self.calendar)
        self.send_by(datetime.fromisoformat("2026-01-01T00:00:00+00:00"), self.zone)

    def clock(self, kind: str, number: str, order_number: str, at: datetime, clock_id: str) -> Clock:
        """A clock of one of the three kinds on a return."""
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
        """The end of the customer's last day to hand the parcel over, in UTC."""
        return end_of_day(local_date(authorized_at, zone) + timedelta(days=self.send_days), zone)

    def instructions(self, number: str) -> dict[str, str]:
        """Where the goods go; the reference on the parcel tells whose they are."""
        return {**self.address, "reference": number}
