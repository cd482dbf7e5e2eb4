"""The clocks on a return, made to say what is true of its pieces after each step.

return_review  runs until the return is decided, and again while an appeal waits for a third person
verification   runs while a piece that arrived is not decided, stands still while all that is left is the customer's to
               appeal or in appeal, and stops when the last word on each piece is said
send_back      runs while rejected goods are to go back to the customer
postage        runs while postage that the customer asked for is not decided
refund         one for each claim, until it is settled; under a law it begins with the proof of sending, whose claim
               takes it over

The law binds verification and refund (`due = min(promise, law)`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.aftersales.api.statuses import ClaimCause, ReturnStatus
from services.aftersales.api.terms import POSTAGE, REFUND, RETURN_REVIEW, SEND_BACK, VERIFICATION
from services.aftersales.domain import Return, ReturnUnit
from services.aftersales.repository import Work
from services.common.basics.ids import new_id
from services.common.commitments import Clock, bind

UNDER_REVIEW = frozenset({ReturnStatus.REQUESTED, ReturnStatus.NEEDS_INFO, ReturnStatus.APPEALED})


def start_clock(work: Work, kind: str, item: Return, units: Iterable[ReturnUnit] = ()) -> Clock:
    """Start a clock of that kind on the return, from now, bound by what the law says of these pieces."""
    clock = work.settings.rules.clock(kind, item.number, item.order_number, work.now, new_id())
    _bind_by_law(clock, item, units)
    work.commitments.start(clock)
    return clock


def _bind_by_law(clock: Clock, item: Return, units: Iterable[ReturnUnit]) -> None:
    due_at = item.legal_due(units)
    if due_at is not None and item.law is not None:
        bind(clock, due_at, item.law)


def clock_claims(work: Work, item: Return, units: Sequence[ReturnUnit]) -> None:
    """Give each new claim, for these pieces, its refund clock."""
    taken = {claim.clock_id for claim in item.claims}
    free = [clock for clock in work.open_clocks(item.number) if clock.kind == REFUND and clock.id not in taken]
    for claim in item.claims:
        if claim.clock_id is not None or claim.settled:
            continue
        if free and claim.cause is ClaimCause.RETURN:
            clock = free.pop()
            if clock.paused_at is not None:
                clock.resume(work.now)
            promise = work.settings.rules.clock(REFUND, item.number, item.order_number, work.now, clock.id)
            bind(clock, promise.due_at, promise.terms_version)
            _bind_by_law(clock, item, units)
            work.commitments.save(clock)
        else:
            clock = start_clock(work, REFUND, item, units)
        claim.clock_id = clock.id


def start_legal_refund(work: Work, item: Return) -> Clock:
    """Start the refund's clock for goods that are proved to be on their way: the law does not wait for them."""
    clock = work.settings.rules.clock(REFUND, item.number, item.order_number, work.now, new_id())
    due_at = item.legal_due(item.units)
    assert due_at is not None
    assert item.law is not None
    clock.due_at = max(clock.due_at, due_at)  # the promise begins with the acceptance only
    bind(clock, due_at, item.law)
    work.commitments.start(clock)
    return clock


def keep_clocks(work: Work, item: Return) -> None:
    """Start, pause and stop the clocks on a return, and put it into the queue by what is due next."""
    clocks = {clock.id: clock for clock in work.open_clocks(item.number)}
    units = item.units
    to_decide = any(unit.unjudged or (unit.undecided and not unit.in_appeal) for unit in units)
    wanted = {
        VERIFICATION: to_decide,
        RETURN_REVIEW: item.status in UNDER_REVIEW or any(unit.in_appeal for unit in units),
        SEND_BACK: any(unit.to_send_back for unit in units),
        POSTAGE: any(postage.undecided for postage in item.postage),
    }
    is_sent = item.law is not None and item.proof_of_sending_at is not None
    claimed = {claim.clock_id for claim in item.claims}
    awaited = is_sent and any(unit.awaited for unit in units)
    waits = any(unit.rejected or unit.in_appeal for unit in units)
    for clock in clocks.values():
        if wanted.get(clock.kind, clock.id in claimed or awaited or to_decide):
            continue
        if clock.kind in (VERIFICATION, REFUND) and waits:
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
            clock = start_clock(work, kind, item, [unit for unit in units if unit.is_here])
            clocks[clock.id] = clock
    if awaited and not any(clock.kind == REFUND and clock.id not in claimed for clock in clocks.values()):
        clock = start_legal_refund(work, item)
        clocks[clock.id] = clock
    running = [clock.due_at for clock in clocks.values() if clock.stopped_at is None and clock.paused_at is None]
    item.due_at = min(running, default=work.now)
