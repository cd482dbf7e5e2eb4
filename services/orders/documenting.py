"""The calls about numbered documents."""

from __future__ import annotations

from services.orders.api.documents import DocumentList
from services.orders.handlers import documents
from services.orders.repository import Work


class OrdersDocuments:
    """A part of the service (`service`); each call has its transaction in `work`."""

    work: Work

    def list_documents(self, number: str) -> DocumentList:
        return documents.list_documents(self.work, number)
