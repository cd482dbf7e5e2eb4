"""What every service answers and does, whatever it is about.

    class OrdersService(Service):
        name = "orders"
        work = Database(Work)

answers  get_timeline, list_commitments, report_commitments, get_health, verify_journal
does     tells of clocks that run out, every second; forgets what need not be remembered, every hour
"""

from __future__ import annotations

from typing import Any

from marshmallow import fields as f

from services.common.basics.caller import AGENT, LEAD
from services.common.basics.errors import NotFound
from services.common.bus.rpc import rpc
from services.common.edge.fields import Strict, Time, WholeNumber, load
from services.common.runtime.database import Database
from services.common.runtime.handling import Handling
from services.common.runtime.timers import every
from services.common.store import idempotency
from services.common.store.database import Work
from services.common.store.journal import TIMELINE_LIMIT


class ListCommitments(Strict):
    cursor = f.String()
    limit = WholeNumber(1, 100)


class ReportCommitments(Strict):
    since = Time(required=True)
    until = Time(required=True)


class Service(Handling):
    """The base of all services; a subclass gives its name and its database."""

    work = Database[Any](Work)

    def may_see_order(self, work: Any, order_number: str) -> bool:
        """Whether the caller may see what happened to an order here: staff, and who holds the order's link."""
        return bool(work.caller.is_staff or work.caller.owns(f"order:{order_number}", None))

    @rpc
    def get_timeline(self, order_number: str) -> dict[str, Any]:
        """What this service recorded about an order, oldest first; customers are shown the public entries.

        `truncated` says that there may be older ones than the thousand that are shown.

        NotFound (`order_not_found`) for who has nothing to do with the order.
        """
        with self.work(reading=True) as work:
            if not self.may_see_order(work, order_number):
                raise NotFound("no such order", code="order_not_found")
            entries = work.journal.timeline(order_number, public_only=not work.caller.is_staff)
            return {"items": entries, "truncated": len(entries) == TIMELINE_LIMIT}

    @rpc
    def list_commitments(self, query: dict[str, Any]) -> dict[str, Any]:
        """The running clocks of this service, the next due first; agents and leads only."""
        wanted = load(ListCommitments, query)
        with self.work(reading=True) as work:
            work.caller.require(AGENT, LEAD)
            running: dict[str, Any] = work.commitments.list_running(**wanted)
            return running

    @rpc
    def report_commitments(self, query: dict[str, Any]) -> dict[str, Any]:
        """Kept, breached and running by kind, of the clocks started in [since, until); agents and leads only."""
        wanted = load(ReportCommitments, query)
        with self.work(reading=True) as work:
            work.caller.require(AGENT, LEAD)
            return {"items": work.commitments.report(**wanted)}

    @rpc
    def get_health(self) -> dict[str, Any]:
        """`{"service", "status": "ok"}` when the database answers, else Unavailable."""
        with self.work(reading=True) as work:
            work.inbox.dead(limit=1)
        return {"service": self.name, "status": "ok"}

    @rpc
    def verify_journal(self) -> dict[str, Any]:
        """Every flaw in the journal's chains; an empty list is the proof. Agents and leads only."""
        with self.work(reading=True) as work:
            work.caller.require(AGENT, LEAD)
            flaws = [
                {"subject": flaw.subject, "subject_seq": flaw.subject_seq, "what": flaw.what}
                for flaw in work.journal.verify()
            ]
            return {"service": self.name, "flaws": flaws}

    @every(1.0)
    def sweep_commitments(self) -> None:
        """Tell of the clocks that run out or have run out."""
        with self.work() as work:
            work.journal.record(*work.commitments.sweep())

    @every(3600.0)
    def forget_old(self) -> None:
        """Drop idempotency keys after a day and handled events after ninety."""
        with self.work() as work:
            idempotency.forget_old(work.session, work.now)
            work.inbox.forget_old()
