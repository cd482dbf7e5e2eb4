"""The calls about what banks and providers say of our money: disputes, and books that are compared."""

from __future__ import annotations

from services.common.basics.shapes import Page
from services.common.runtime.database import Database
from services.common.runtime.timers import every
from services.orders.api.disputes import AnswerDispute, DisputeView, ListDisputes
from services.orders.api.reconciling import BookList
from services.orders.handlers import disputes, reconciling
from services.orders.repository import Work


class OrdersBanking:
    """A part of the service (`service`); each call has its transaction in `work`."""

    transaction: Database[Work]
    work: Work

    def list_disputes(self, query: ListDisputes) -> Page[DisputeView]:
        return disputes.list_disputes(self.work, query)

    def get_dispute(self, dispute_id: str) -> DisputeView:
        return disputes.get_dispute(self.work, dispute_id)

    def answer_dispute(self, dispute_id: str, answer: AnswerDispute) -> DisputeView:
        return disputes.answer_dispute(self.work, dispute_id, answer)

    def list_books(self) -> BookList:
        return reconciling.list_books(self.work)

    def compare_books(self) -> BookList:
        return reconciling.compare_books(self.work)

    @every(5.0, due=reconciling.next_comparison)
    def compare_due_books(self) -> None:
        reconciling.compare_due(self.transaction)

    @every(3600.0)
    def forget_books(self) -> None:
        """Forget what providers booked, and what differed, longer ago than it is kept."""
        reconciling.forget_old(self.transaction)
