"""The clocks on a return, made to say what is true of its pieces after each step.

return_review  runs until the return is decided, and again while an appeal waits for a third person
verification   runs while a piece that arrived is not decided, stands still while all that is left is the customer's to
               appeal or in appeal, and stops when the last word on each piece is said
send_back      runs while rejected goods are to go back to the customer
refund         one for each claim, until it is settled
"""

from __future__ import annotations

from collections.abc import Iterable

from services.aftersales.api.statuses import ReturnStatus
from services.aftersales.api.terms import RETURN_REVIEW, SEND_BACK, VERIFICATION
from services.aftersales.domain import Return
from services.aftersales.repository import Work
from services.common.basics.ids import new_id
from services.common.commitments import Clock

UNDER_REVIEW = frozenset({ReturnStatus.REQUESTED, ReturnStatus.NEEDS_INFO, ReturnStatus.APPEALED})


def start_clock(work: Work, kind: str, item: Return) -> Clock:
    """Start a clock of that kind on the return, from now."""
    clock = work.settings.rules.clock(kind, item.number, item.order_number, work.now, new_id())
    work.commitments.start(clock)
    return clock


def keep_clocks(work: Work, item: Return, started: Iterable[Clock] = ()) -> None:
    """Start, pause and stop the clocks on a return, and put it into the queue by what is due next.

    started: clocks that this unit of work has started on it already.
    """
    clocks = {clock.id: clock for clock in (*work.open_clocks(item.number), *started)}
    units = item.units
    to_decide = any(unit.unjudged or (unit.undecided and not unit.in_appeal) for unit in units)
    wanted = {
        VERIFICATION: to_decide,
        RETURN_REVIEW: item.status in UNDER_REVIEW or any(unit.in_appeal for unit in units),
        SEND_BACK: any(unit.to_send_back for unit in units),
    }
    waits = any(unit.rejected or unit.in_appeal for unit in units)
    for clock in clocks.values():
        if wanted.get(clock.kind, True):
            continue
        if clock.kind == VERIFICATION and waits:
            if clock.paused_at is None:
                clock.pause(max(work.now, clock.started_at), "waiting for an appeal")
        else:
            clock.stop(max(work.now, clock.started_at))
        work.commitments.save(clock)
    for kind, is_wanted in wanted.items():
        runs = any(
            clock.kind == kind and (clock.paused_at is None or kind != VERIFICATION) for clock in clocks.values()
        )
        if is_wanted and not runs:
            clock = start_clock(work, kind, item)
            clocks[clock.id] = clock
    running = [clock.due_at for clock in clocks.values() if clock.stopped_at is None and clock.paused_at is None]
    item.due_at = min(running, default=work.now)
