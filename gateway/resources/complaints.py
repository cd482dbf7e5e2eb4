"""Complaints over HTTP: the steps of staff, the customer's objection, the report (standard, section 6)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from flask import Response

from gateway.http import exports, limits
from gateway.http.calls import services
from gateway.http.resource import Resource
from services.common.basics.shapes import Page
from services.support.api import SupportApi
from services.support.api.complaint_views import ComplaintReport, ComplaintView, DecidedComplaint
from services.support.api.complaints import (
    ListComplaints,
    ListDecided,
    ObjectToDecision,
    ReportComplaints,
    Since,
    StepComplaint,
    Until,
)

ITEM = "/tickets/<number(TIC):number>/complaint"
COLUMNS: exports.Columns[DecidedComplaint] = {
    "ticket": lambda each: each["ticket_number"],
    "received_at": lambda each: each["received_at"],
    "decided_at": lambda each: each["decided_at"],
    "cause": lambda each: each["cause"],
    "decision": lambda each: each["decision"],
    "remedy": lambda each: each["remedy"],
    "refunded_usd": lambda each: each["refunded"] and each["refunded"]["amount"],
    "objected": lambda each: "yes" if each["objected"] else "no",
    "changed": lambda each: each["changed"],
}


@dataclass(frozen=True)
class ExportComplaints:
    """By the time of the decision; without `since` the last 90 days."""

    since: Since | None = None
    until: Until | None = None


blp = Resource("complaints", "What went wrong, what was decided, and what was changed because of it")


@blp.get("/complaints", SupportApi.list_complaints)
def list_complaints(query: ListComplaints) -> Page[ComplaintView]:
    return services().support.list_complaints(query)


@blp.post(ITEM, SupportApi.step_complaint)
def step_complaint(number: str, request: StepComplaint) -> ComplaintView:
    return services().support.step_complaint(number, request)


@blp.post(f"{ITEM}/objection", SupportApi.object_to_decision, limit=limits.MESSAGES)
def object_to_decision(number: str, request: ObjectToDecision) -> ComplaintView:
    return services().support.object_to_decision(number, request)


@blp.get("/reports/complaints", SupportApi.report_complaints)
def report_complaints(query: ReportComplaints) -> ComplaintReport:
    return services().support.report_complaints(query)


@blp.get("/reports/complaints/export", SupportApi.list_decided_complaints, media="text/csv")
def export_complaints(query: ExportComplaints) -> Response:
    """Export the decided complaints of a period as CSV in UTF-8, the oldest first; the first row names the columns.

    What a spreadsheet would take for a formula begins with an apostrophe.
    """
    return exports.stream(
        "complaints.csv", export_complaints.__name__, COLUMNS, exports.every_page(partial(_page, query))
    )


def _page(query: ExportComplaints, cursor: str | None) -> Page[DecidedComplaint]:
    return services().support.list_decided_complaints(ListDecided(**vars(query), cursor=cursor, limit=100))
