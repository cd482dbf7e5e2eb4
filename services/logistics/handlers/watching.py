"""Making sure to get news of parcels: carriers are asked to report each, and asked for those that become silent.

One number at a time, each outside of a transaction: what fails costs that number, and is tried again later. What is
due is claimed first (`domain/watch.py`), so two replicas do not do the same, and what is cut off is done again. Each
carrier is called within its budget (`adapters/carriers/calls.py`); what has to wait for it counts as not tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from logging import getLogger

from prometheus_client import Counter

from services.common.basics import clock
from services.common.basics.errors import ServiceError
from services.common.store.database import in_one
from services.logistics.adapters.carriers import Carrier, Carriers, TooManyCalls, Webhook
from services.logistics.api.statuses import FlawKind
from services.logistics.domain import Watch
from services.logistics.domain.flaws import Flaw
from services.logistics.handlers import tracking
from services.logistics.handlers.webhooks import count, flaws_of
from services.logistics.handlers.words import note_flaws
from services.logistics.repository import Work

FAILED = Counter("pledge_carrier_calls_failed_total", "calls that a carrier did not answer as we need", ["carrier"])
Transaction = Callable[..., AbstractContextManager[Work]]
Due = Callable[[Work], Sequence[Watch]]
Call = Callable[[str, str, datetime], Webhook]
Done = Callable[[Watch, datetime], None]
log = getLogger(__name__)


def register_parcels(transaction: Transaction, carriers: Carriers) -> None:
    """Tell carriers of the parcels that were dispatched, so that they tell us where those are."""
    for watch, carrier in _claimed(transaction, carriers, _to_register, asked=False):
        _try(transaction, carriers, carrier, watch, carrier.register, Watch.registered)


def ask_carriers(transaction: Transaction, carriers: Carriers) -> None:
    """Ask for the parcels of which there should be news by now."""
    for watch, carrier in _claimed(transaction, carriers, _to_ask, asked=True):
        _try(transaction, carriers, carrier, watch, _asking(carrier), Watch.answered)


def find_late_and_stuck(transaction: Transaction, carriers: Carriers) -> None:
    """Ask carriers for parcels without news, and then raise those that are late or stuck."""
    ask_carriers(transaction, carriers)
    with transaction() as work:
        tracking.raise_alerts(work, is_asked(carriers))


def is_asked(carriers: Carriers) -> Callable[[str], bool]:
    """Tell of a carrier's name whether its parcels are asked for."""
    return lambda carrier: carriers.watching(carrier) is not None


def _asking(carrier: Carrier) -> Call:
    return lambda number, name, now: carrier.fetch(number, now, name)


def _claimed(transaction: Transaction, carriers: Carriers, due: Due, *, asked: bool) -> Iterator[tuple[Watch, Carrier]]:
    """Claim what is due now. Yield each with the adapter that can do it; without one it stays unchanged.

    What its carrier's budget does not allow now is put off. asked: it is to be asked for, else registered.
    """
    if not any(each.can_be_asked for each in carriers.adapters.values()):
        return
    with transaction() as work:
        claimed = due(work)
    for watch in claimed:
        carrier = carriers.watching(watch.carrier)
        if carrier is None:
            continue
        free_at = carriers.budgets[carrier.name].take(clock.now())
        if free_at is None:
            yield watch, carrier
        else:
            _put_off(transaction, watch, free_at, asked=asked)


def _put_off(transaction: Transaction, watch: Watch, until: datetime, *, asked: bool) -> None:
    def act(work: Work) -> None:
        current = work.watches.of_parcels([watch.parcel_id], lock=True).get(watch.parcel_id)
        if current is not None and current.tracking_number == watch.tracking_number:
            current.put_off(until, asked=asked)

    in_one(transaction, act)


def _to_register(work: Work) -> Sequence[Watch]:
    found = work.watches.to_register(work.now)
    for watch in found:
        watch.begin_registering(work.now)
    return found


def _to_ask(work: Work) -> Sequence[Watch]:
    found = work.watches.to_ask(work.now)
    return [watch for watch in found if _is_silent(work, watch)]


def _is_silent(work: Work, watch: Watch) -> bool:
    """Return whether to ask for it, and claim it then.

    If there was news since, put it off until it becomes silent again.
    """
    shipment = work.shipments.of_parcel(watch.parcel_id)
    at = shipment.ask_from(shipment.parcel(watch.parcel_id))
    if at is None or at > work.now:
        watch.expect(at)
        return False
    watch.begin_asking(work.now)
    return True


def _try(transaction: Transaction, carriers: Carriers, carrier: Carrier, watch: Watch, call: Call, done: Done) -> None:
    """Make one call, and record how it went, with what it brought. Call no more for now a carrier that asks for it."""
    problem, brought = "", Webhook("", ())
    try:
        brought = call(watch.tracking_number, watch.carrier, clock.now())
    except ServiceError as refused:
        problem = str(refused)
        if isinstance(refused, TooManyCalls):
            carriers.budgets[carrier.name].rest(refused.until)
        FAILED.labels(carrier.name).inc()
        log.warning("%s, of %s: %s", carrier.name, watch.parcel_id, problem)

    def record(work: Work) -> tracking.Received:
        received = tracking.take_scans(work, brought.events, brought.told)
        number = watch.tracking_number
        silent = [Flaw(FlawKind.NOT_ANSWERED, problem, tracking_number=number)] if problem else []
        brought_flaws = [replace(flaw, tracking_number=number) for flaw in flaws_of(brought)]
        note_flaws(work, carrier.name, [*silent, *brought_flaws], [number])
        current = work.watches.of_parcels([watch.parcel_id], lock=True).get(watch.parcel_id)
        if current is not None and current.tracking_number == watch.tracking_number:
            lookups = "; ".join(brought.lookup_errors)
            if problem or lookups:
                current.failed(problem or lookups)
            if not problem:
                done(current, work.now)
        return received

    count(carrier.name, brought, in_one(transaction, record))
