"""How carriers kept what we promised, lane by lane: for the warehouse and for leads (standard, section 3).

A lane is a carrier, a country, and where parcels leave from. A report is a list of rows of one shape: for all, and by
carrier, country and lane. No customer and no parcel is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, TypedDict

from services.common.basics.api import Api, Period, PeriodNotGood, query
from services.common.basics.caller import LEAD, WAREHOUSE
from services.common.basics.shapes import Country, Example, Length, Note, Timestamp


class LaneBy(StrEnum):
    """What a row of the report is about."""

    ALL = "all"
    CARRIER = "carrier"
    COUNTRY = "country"
    LANE = "lane"


@dataclass(frozen=True)
class CarriersReportOf(Period):
    """A period of at most a year, by hand-over; all or one carrier, all or one country."""

    carrier: Annotated[str, Length(1, 40), Example("ups")] | None = None
    country: Country | None = None


class LaneRow(TypedDict):
    """Parcels that were handed over in the period. Days are whole days from hand-over to delivery, day and night."""

    by: LaneBy
    carrier: Annotated[str | None, Example("ups"), Note("null for all")]
    country: Annotated[str | None, Example("DE"), Note("null for all")]
    origin: Annotated[str | None, Example("CN"), Note("the calendar of the place that they left from; of lanes only")]
    parcels: int
    delivered: int
    on_time: Annotated[int, Note("delivered by the time that was promised")]
    late: Annotated[int, Note("delivered after it, or not delivered though it has passed")]
    late_by_carrier: Annotated[int, Note("of the late, those that the carrier had too long, as scans and clocks say")]
    late_by_customs: int
    late_by_customer: Annotated[int, Note("not there, refused, not collected, or the address was wrong")]
    late_by_unknown: Annotated[int, Note("the facts do not say, or it is not judged yet")]
    on_time_share: Annotated[float | None, Note("of those whose promise is decided, 0 to 1; null without one")]
    lost: Annotated[int, Note("lost, never scanned, or not received")]
    returned: Annotated[int, Note("refused, taken back, or on the way back to us")]
    days_half: Annotated[int | None, Note("half of those delivered took at most so many days")]
    days_most: Annotated[int | None, Note("nine of ten took at most so many days")]


class CarriersReport(TypedDict):
    since: Timestamp
    until: Timestamp
    items: list[LaneRow]


class Lanes(Api):
    """How carriers kept what we promised."""

    @query(roles=(WAREHOUSE, LEAD), errors=(PeriodNotGood,))
    def report_carriers(self, of: CarriersReportOf) -> CarriersReport:
        """Report how parcels arrived by carrier and country: on time, late, lost or sent back, and in how many days."""
