"""How good answers are, over HTTP: read by leads, shown to their authors (standard, sections 1 and 6).

GET /v1/quality · POST /v1/quality/{id}      answers that are read · what a lead found
GET /v1/reports/quality?since=&until=        by person
"""

from __future__ import annotations

from gateway.http.calls import services
from gateway.http.resource import Resource
from services.common.basics.api import Period
from services.common.basics.shapes import Page
from services.support.api import SupportApi
from services.support.api.quality import ListQuality, QualityReport, QualityView, ReviewAnswer

blp = Resource("quality", "What leads find when they read answers")


@blp.get("/quality", SupportApi.list_quality)
def list_quality(query: ListQuality) -> Page[QualityView]:
    return services().support.list_quality(query)


@blp.post("/quality/<id:review_id>", SupportApi.review_answer)
def review_answer(review_id: str, request: ReviewAnswer) -> QualityView:
    return services().support.review_answer(review_id, request)


@blp.get("/reports/quality", SupportApi.report_quality)
def report_quality(query: Period) -> QualityReport:
    return services().support.report_quality(query)
