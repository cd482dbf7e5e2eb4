"""The numbered documents of an order, shown to its customer and to staff who work on it."""

from __future__ import annotations

from services.orders import document_views
from services.orders.api.documents import DocumentList
from services.orders.handlers import access
from services.orders.repository import Work


def list_documents(work: Work, number: str) -> DocumentList:
    access.get_visible_order(work, number)
    return document_views.document_list(work.documents.of_order(number), work.payments.of_order(number))
