"""What leads read about the whole, as JSON and as files (standard, section 6).

GET /v1/reports/satisfaction · times · rejections · deflection      and each with /export, as CSV
GET /v1/reports/carriers · /v1/reports/carriers/export              how carriers kept them, lane by lane
GET /v1/commitments/report/export                                   how promises were kept, as CSV
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask import Response

from gateway.http import exports
from gateway.http.calls import services
from gateway.http.resource import Resource
from gateway.resources import commitments
from services.common.basics.api import EveryService, Period
from services.common.basics.errors import Unavailable
from services.logistics.api import LogisticsApi
from services.logistics.api.lanes import CarriersReport, CarriersReportOf, LaneRow
from services.support.api import SupportApi
from services.support.api.reports import (
    DeflectionReport,
    DeflectionRow,
    RejectionReport,
    RejectionRow,
    ReportOf,
    SatisfactionReport,
    SatisfactionRow,
    TimesReport,
    TimesRow,
)

blp = Resource("service-reports", "Satisfaction, times, rejections, and what needed no person")


@blp.get("/reports/satisfaction", SupportApi.report_satisfaction)
def report_satisfaction(of: ReportOf) -> SatisfactionReport:
    return services().support.report_satisfaction(of)


@blp.get("/reports/times", SupportApi.report_times)
def report_times(of: ReportOf) -> TimesReport:
    return services().support.report_times(of)


@blp.get("/reports/rejections", SupportApi.report_rejections)
def report_rejections(of: ReportOf) -> RejectionReport:
    return services().support.report_rejections(of)


@blp.get("/reports/deflection", SupportApi.report_deflection)
def report_deflection(period: Period) -> DeflectionReport:
    return services().support.report_deflection(period)


@blp.get("/reports/satisfaction/export", SupportApi.report_satisfaction, media="text/csv")
def export_satisfaction(of: ReportOf) -> Response:
    """Export the same rows as CSV in UTF-8; the first row names the columns."""
    return file_of("satisfaction", SatisfactionRow, services().support.report_satisfaction(of)["items"])


@blp.get("/reports/times/export", SupportApi.report_times, media="text/csv")
def export_times(of: ReportOf) -> Response:
    """Export the same rows as CSV in UTF-8; the first row names the columns."""
    return file_of("times", TimesRow, services().support.report_times(of)["items"])


@blp.get("/reports/rejections/export", SupportApi.report_rejections, media="text/csv")
def export_rejections(of: ReportOf) -> Response:
    """Export the same rows as CSV in UTF-8; the first row names the columns."""
    return file_of("rejections", RejectionRow, services().support.report_rejections(of)["items"])


@blp.get("/reports/deflection/export", SupportApi.report_deflection, media="text/csv")
def export_deflection(period: Period) -> Response:
    """Export the same rows as CSV in UTF-8; the first row names the columns."""
    return file_of("deflection", DeflectionRow, services().support.report_deflection(period)["items"])


@blp.get("/reports/carriers", LogisticsApi.report_carriers)
def report_carriers(of: CarriersReportOf) -> CarriersReport:
    return services().logistics.report_carriers(of)


@blp.get("/reports/carriers/export", LogisticsApi.report_carriers, media="text/csv")
def export_carriers(of: CarriersReportOf) -> Response:
    """Export the same rows as CSV in UTF-8; the first row names the columns."""
    return file_of("carriers", LaneRow, services().logistics.report_carriers(of)["items"])


@blp.get("/commitments/report/export", EveryService.report_commitments, errors=(Unavailable,), media="text/csv")
def export_commitments(period: Period) -> Response:
    """Export the promises of a period as CSV in UTF-8, by service and kind. It is refused while a service is missing.

    A file without some of them would be read as the whole.
    """
    report = commitments.report_commitments(period)
    if report["missing"]:
        raise Unavailable(f"{', '.join(report['missing'])} does not answer just now")
    return file_of("promises", commitments.ServiceReport, report["items"])


def file_of(name: str, kind: type, rows: Iterable[Mapping[str, object]]) -> Response:
    """Answer with a file: a column for each field of this kind of row. What may be a formula is made text."""
    columns = list(kind.__annotations__)
    lines = [exports.row(iter(columns)), *(exports.row(iter([row.get(each) for each in columns])) for row in rows)]
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
    return Response("".join(lines), headers=headers, content_type=exports.CSV)
