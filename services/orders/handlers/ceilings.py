"""The ceiling on what is paid back in a day: counted before the bank is asked, raised and passed by people.

The count is the journal's own: each day is a chain, and the head of the chain is the lock under which two replicas
count. A refund that would go beyond the ceiling waits for a person, with a case and its clock; its own clock runs on.
What was counted and never sent stays counted: the ceiling errs on the safe side.

One order of locks holds everywhere: the order, the day, then refunds by their number. Whether a refund waits, and
whether the ceiling is raised, is decided under the day's lock alone, so no raise is lost for a refund that is looked at
in the same moment.
"""

from __future__ import annotations

from services.common.basics.caller import ADMIN
from services.common.basics.money import CURRENCY
from services.common.basics.states import require_version
from services.common.calendar.places import local_date
from services.orders import views
from services.orders.api import AttentionKind
from services.orders.api.ceiling import CEILINGS, RaiseRefundCeiling, RefundCeilingView
from services.orders.api.refusals import AdminRequired
from services.orders.domain import Refund
from services.orders.domain.ceiling import Payouts, ledger_of
from services.orders.handlers import cases
from services.orders.repository import Transaction, Work


def today(work: Work) -> str:
    """Return the name of today's chain, by the team's calendar."""
    return ledger_of(local_date(work.now, work.settings.team_zone))


class Gate:
    """Lets refunds pass in one transaction. Make it before a refund is locked: it locks the day, if one is due."""

    def __init__(self, work: Work):
        self._work = work
        self.moved = False
        """Whether cases have to follow (`put_in_front`)."""
        self._payouts = work.payouts.lock(today(work)) if work.payouts.has_due() else None

    def lets(self, refund: Refund) -> bool:
        """Return whether the refund may be sent now. If not it waits, and people are told of the stop."""
        if not refund.is_to_be_sent:
            return True
        if self._payouts is None:  # it fell due, or was refused, in this very moment: the next round counts it
            return False
        waited, ceiling = refund.waits_since is not None, CEILINGS[CURRENCY]
        told = self._payouts.count(refund, ceiling)
        if told is None:
            refund.wait(self._work.now)
            self._work.journal.record(*self._payouts.stop(ceiling))
            self.moved = True
            return False
        self._work.journal.record(*told)
        self.moved = self.moved or waited
        return True


def put_in_front(transaction: Transaction) -> None:
    """Open the cases of refunds that wait, and end those of refunds that do not any more: each by itself."""
    with transaction(reading=True) as work:
        unsure = work.payouts.unlike_their_cases()
    for refund_id, order_number in unsure:
        with transaction() as work:
            work.orders.find(order_number, lock=True)
            day = work.payouts.lock(today(work))
            refund = work.payments.find_refund(refund_id)
            if refund is not None:
                _see_to(work, refund, day)


def _see_to(work: Work, refund: Refund, day: Payouts) -> None:
    if refund.waits_since is None:
        cases.close_kinds(work, refund.payment_id, AttentionKind.REFUND_CEILING, reference=refund.refund_id)
        return
    if refund.next_attempt_at is None or refund.next_attempt_at <= work.now:
        return
    if day.has_room_for(refund, CEILINGS[CURRENCY]):  # raised since it was stopped
        refund.next_attempt_at = work.now
        return
    refund.next_attempt_at = None
    cases.open_case(
        work,
        AttentionKind.REFUND_CEILING,
        refund.payment_id,
        refund.order_number,
        refund.amount.cents,
        CURRENCY,
        f"the refund {refund.refund_id} would go beyond what may be paid back in a day; the customer waits for it",
        refund.refund_id,
    )


def release(work: Work, refund_id: str) -> None:
    """Let one refund go beyond the ceiling. The order is locked."""
    if not work.caller.has(ADMIN):
        raise AdminRequired
    refund = work.payments.find_refund(refund_id)
    assert refund is not None, "refunds that wait are never dropped"
    refund.release(work.caller.actor, work.now)


def get_ceiling(work: Work) -> RefundCeilingView:
    """Show today's payouts."""
    return _show(work, work.payouts.read(today(work)))


def raise_ceiling(work: Work, wish: RaiseRefundCeiling) -> RefundCeilingView:
    """Raise today's ceiling, and have all that waits tried at once."""
    day = work.payouts.lock(today(work))
    require_version(wish.version, day.version, lambda: _show(work, day))
    work.journal.record(*day.add(wish.amount, work.caller.actor, wish.note))
    work.payouts.try_again()
    return _show(work, day)


def _show(work: Work, day: Payouts) -> RefundCeilingView:
    return views.refund_ceiling_view(
        day, CEILINGS[CURRENCY], local_date(work.now, work.settings.team_zone), work.payouts.waiting()
    )
