"""The calls about several tickets at once: put together, taken apart, split, related, and many in one step."""

from __future__ import annotations

from services.common.runtime.service import opens_its_own
from services.support.api import TicketSummary
from services.support.api.triage import (
    BatchResult,
    BatchTickets,
    MergeTicket,
    RelateTicket,
    SplitResult,
    SplitTicket,
    UnmergeTicket,
)
from services.support.handlers import batch, merging, splitting
from services.support.repository import Transaction, Work


class SupportTriage:
    """A part of the service (`service`); each call has its transaction in `work`, but for the last."""

    work: Work
    transaction: Transaction

    def merge_ticket(self, number: str, request: MergeTicket) -> TicketSummary:
        return merging.merge_ticket(self.work, number, request)

    def unmerge_ticket(self, number: str, request: UnmergeTicket) -> TicketSummary:
        return merging.unmerge_ticket(self.work, number, request)

    def split_ticket(self, number: str, request: SplitTicket) -> SplitResult:
        return splitting.split_ticket(self.work, number, request)

    def relate_ticket(self, number: str, request: RelateTicket) -> TicketSummary:
        return merging.relate_ticket(self.work, number, request)

    def unrelate_ticket(self, number: str, other: str) -> TicketSummary:
        return merging.unrelate_ticket(self.work, number, other)

    @opens_its_own
    def batch_tickets(self, request: BatchTickets) -> BatchResult:
        return batch.batch_tickets(self.transaction, request)
