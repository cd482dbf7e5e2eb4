"""Money at banks: what they dispute, the evidence file for them, and their books beside ours."""

from __future__ import annotations

from flask import Response

from gateway.documents import printing
from gateway.http import limits
from gateway.http.calls import services
from gateway.http.resource import Resource
from gateway.resources.evidence import FILE, make_evidence, print_evidence
from services.common.basics.shapes import Page
from services.orders.api import OrdersApi
from services.orders.api.disputes import AnswerDispute, DisputeView, ListDisputes
from services.orders.api.reconciling import BookList

ITEM = "/disputes/<id:dispute_id>"

blp = Resource("disputes", "Money at banks: what they dispute, and their books beside ours")


@blp.get("/disputes", OrdersApi.list_disputes)
def list_disputes(query: ListDisputes) -> Page[DisputeView]:
    return services().orders.list_disputes(query)


@blp.get(ITEM, OrdersApi.get_dispute)
def get_dispute(dispute_id: str) -> DisputeView:
    return services().orders.get_dispute(dispute_id)


@blp.post(f"{ITEM}/answer", OrdersApi.answer_dispute)
def answer_dispute(dispute_id: str, answer: AnswerDispute) -> DisputeView:
    return services().orders.answer_dispute(dispute_id, answer)


@blp.get(f"{ITEM}/evidence", OrdersApi.get_dispute, media=FILE, personal=True)
def get_evidence(dispute_id: str) -> Response:
    """Make the evidence file for the bank: the order, consents, tracking, conversations and refunds, as one document.

    503 when a service does not answer: an incomplete file is not made.
    """
    return make_evidence(services().orders.get_dispute(dispute_id))


@blp.get(
    f"{ITEM}/evidence.pdf", OrdersApi.get_dispute, media=printing.PDF, personal=True, limit=limits.WRITES,
)  # fmt: skip
def get_evidence_pdf(dispute_id: str) -> Response:
    """Make the evidence file as PDF, ready to send: it says what the page says, each chapter within bounds.

    503 when a service does not answer, or while many documents are being made.
    """
    return print_evidence(services().orders.get_dispute(dispute_id))


@blp.get("/payments/books", OrdersApi.list_books)
def list_books() -> BookList:
    return services().orders.list_books()


@blp.post("/payments/books/compare", OrdersApi.compare_books)
def compare_books() -> BookList:
    return services().orders.compare_books()
