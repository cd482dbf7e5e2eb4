"""The shop's rules for returns, and the clocks that follow from them (standard, sections 4 and 6). Pure.

return_review   2 working days from the request, or from an appeal, to the decision; stands still for the customer
verification    2 working days from the receipt to the inspection, so that the refund cannot be put off by not looking
refund          10 working days, 5 at the earliest, from the acceptance to the money's arrival
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.common.calendar import end_of_day, local_date, working_days
from services.common.commitments import Clock, start, terms_for

RETURN_REVIEW, VERIFICATION, REFUND = "return_review", "verification", "refund"


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
            terms=terms_for(kind),
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
