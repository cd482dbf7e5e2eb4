"""Who has how much to do (standard, section 6), as JSON and as a file."""

from __future__ import annotations

from flask import Response

from gateway.http import exports
from gateway.http.calls import services
from gateway.http.resource import Resource
from services.common.basics.api import Period
from services.support.api import SupportApi
from services.support.api.workload import WorkloadReport

COUNTS = ("open", "ours", "overdue", "unassigned", "assigned", "answered")

blp = Resource("workload", "Who has how much to do")


@blp.get("/reports/workload", SupportApi.report_workload)
def report_workload(period: Period) -> WorkloadReport:
    return services().support.report_workload(period)


@blp.get("/reports/workload/export", SupportApi.report_workload, media="text/csv")
def export_workload(period: Period) -> Response:
    """Export the same as CSV in UTF-8: a row for each team, then one for each person."""
    report = services().support.report_workload(period)
    rows = [("team", each["team"], each) for each in report["teams"]]
    people = [("person", each["email"], each) for each in report["people"]]
    lines = [exports.row(iter(("kind", "who", *COUNTS)))]
    for kind, who, load in (*rows, *people):
        found = dict(load)
        lines.append(exports.row(iter((kind, who, *(found.get(each, "") for each in COUNTS)))))
    headers = {"Content-Disposition": 'attachment; filename="workload.csv"', "Cache-Control": "no-store"}
    return Response("".join(lines), headers=headers, content_type=exports.CSV)
