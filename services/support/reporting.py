"""The calls about ratings and reports."""

from __future__ import annotations

from services.common.basics.api import Period
from services.support.api import RatedTicket, RateTicket
from services.support.api.ratings import RateByLink, RatingAsked
from services.support.api.reports import (
    DeflectionReport,
    RejectionReport,
    ReportOf,
    SatisfactionReport,
    TimesReport,
)
from services.support.handlers import rating, reports
from services.support.repository import Work


class SupportReports:
    """A part of the service (`service`); each call has its transaction in `work`."""

    work: Work

    def rate_ticket(self, number: str, request: RateTicket) -> RatedTicket:
        return rating.rate_ticket(self.work, number, request)

    def get_rating_link(self, token: str) -> RatingAsked:
        return rating.get_rating_link(self.work, token)

    def rate_by_link(self, request: RateByLink) -> RatedTicket:
        return rating.rate_by_link(self.work, request)

    def report_satisfaction(self, of: ReportOf) -> SatisfactionReport:
        return reports.report_satisfaction(self.work, of)

    def report_times(self, of: ReportOf) -> TimesReport:
        return reports.report_times(self.work, of)

    def report_rejections(self, of: ReportOf) -> RejectionReport:
        return reports.report_rejections(self.work, of)

    def report_deflection(self, period: Period) -> DeflectionReport:
        return reports.report_deflection(self.work, period)
