"""What shipments cost us: estimated when the warehouse gets the work, owed at dispatch, settled by people where needed.

Who writes to the ledger of a shipment holds the shipment's lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from services.common.basics import ids
from services.common.basics.api import Period
from services.common.basics.money import Money
from services.common.basics.shapes import Page
from services.common.basics.states import require_version
from services.logistics import cost_views
from services.logistics.api.cost_events import LandedCostMoved
from services.logistics.api.costs import (
    CostBy,
    CostCell,
    CostsReport,
    CostsSettled,
    CostStatus,
    CostsView,
    DecideCosts,
    ListCostCells,
    ListCosts,
)
from services.logistics.api.parts import ShipmentLine
from services.logistics.api.shipment_event import ShipmentEvent
from services.logistics.api.terms import LANDED_COST
from services.logistics.domain import Shipment
from services.logistics.domain.clocks import cost_clock
from services.logistics.domain.costs import LandedCost
from services.logistics.domain.customs import End, with_facts
from services.logistics.domain.duties import Estimate
from services.logistics.repository import Work

UNSETTLED = (CostStatus.ESTIMATED, CostStatus.NO_RULE)


def begin(work: Work, shipment: Shipment, lines: Sequence[ShipmentLine]) -> LandedCost:
    """Estimate what a shipment costs of which there is no ledger yet. lines: what its goods are."""
    country, found = shipment.destination.country, _estimated(work, shipment, lines)
    cost, begun = LandedCost.begin(shipment.number, shipment.order_number, country, found, work.now)
    work.costs.add(cost)
    work.journal.record(begun)
    return cost


def estimate(work: Work, shipment: Shipment) -> LandedCost:
    """Estimate again what a shipment costs: it or its rules may have changed since."""
    cost = work.costs.find(shipment.number)
    if cost is None:
        return begin(work, shipment, _known(work, shipment))
    if cost.accrued_at is None or cost.missing:
        record(work, cost, _estimate(work, shipment, cost))
    return cost


def accrue(work: Work, shipment: Shipment) -> None:
    """Owe what a shipment costs that leaves, by the rules of this day."""
    _accrue(work, estimate(work, shipment), shipment)


def withdraw(work: Work, shipment: Shipment) -> None:
    """Owe nothing for a shipment that does not leave, but for labels that were bought for it."""
    cost = work.costs.find(shipment.number)
    if cost is not None:
        record(work, cost, cost.withdraw())
        if shipment.labelled:
            bill(work, shipment, cost)


def note_postage(work: Work, number: str) -> None:
    """Take over what the labels of a locked shipment cost by now, if it has left or never will."""
    cost = work.costs.find(number)
    if cost is not None and (cost.accrued_at is not None or cost.status is CostStatus.WITHDRAWN):
        bill(work, work.shipments.get(number), cost)


def bill(work: Work, shipment: Shipment, cost: LandedCost) -> None:
    """Compare what carriers have billed by now with what is owed."""
    billed = work.costs.billed(shipment.number, [parcel.id for parcel in shipment.parcels])
    record(work, cost, cost.bill(billed, goods_of(shipment), work.now, limit_of(work)))


def ledger_of(work: Work, shipment: Shipment) -> LandedCost:
    """Return the ledger of a locked shipment; it is begun for one that is older than ledgers are."""
    cost = work.costs.find(shipment.number) or begin(work, shipment, _known(work, shipment))
    if shipment.dispatched_at is not None and cost.accrued_at is None:
        _accrue(work, cost, shipment)
    return cost


def record(work: Work, cost: LandedCost, told: Iterable[ShipmentEvent]) -> None:
    """Write down what happened, and let the clock run while a person must decide."""
    events = [*told]
    work.journal.record(*events)
    moves = [each for each in events if isinstance(each, LandedCostMoved)]
    if all(CostStatus.DISPUTED not in (each.previous_status, each.status) for each in moves):
        return
    running = work.commitments.running(LANDED_COST, cost.shipment_number)
    if cost.status is CostStatus.DISPUTED and running is None:
        place = work.settings
        clock = cost_clock(cost.shipment_number, work.now, place.origin_calendar, place.origin_zone, ids.new_id())
        work.commitments.start(clock)
    elif cost.status is not CostStatus.DISPUTED and running is not None:
        work.commitments.stop(LANDED_COST, cost.shipment_number, work.now)


def get_costs(work: Work, number: str) -> CostsView:
    """Show the ledger; of a shipment that is older than ledgers are, as it would be begun."""
    shipment = work.shipments.get(number)
    cost = work.costs.find(number) or LandedCost.begin(
        number, shipment.order_number, shipment.destination.country, _estimated(work, shipment), work.now
    )[0]  # fmt: skip
    return _show(work, cost)


def decide_costs(work: Work, number: str, decided: DecideCosts) -> CostsView:
    """Do what a person decides, and note who it was, and why."""
    shipment = work.shipments.get(number, lock=True)
    cost = ledger_of(work, shipment)
    require_version(decided.version, cost.version, lambda: _show(work, cost))
    told = _decide(work, shipment, cost, decided)
    cost.decided(decided.decision, work.caller.actor, decided.note, work.now)
    record(work, cost, [_with_reason(each, decided) for each in told])
    if decided.decision == "claim":
        work.commitments.stop(LANDED_COST, number, work.now)
    return _show(work, cost)


def list_costs(work: Work, wanted: ListCosts) -> Page[CostsView]:
    found = work.costs.page(wanted)
    return {"items": [_show(work, each, rows=False) for each in found["items"]], "next_cursor": found["next_cursor"]}


def report_costs(work: Work, period: Period) -> CostsReport:
    """Sum up what left in a period, by country, SKU and month."""
    period.require_at_most_a_year()
    sums = [(by, work.costs.sums(period, by)) for by in CostBy]
    return cost_views.report_view(period, sums, work.costs.without_rule(period))


def list_cost_cells(work: Work, wanted: ListCostCells) -> Page[CostCell]:
    found = work.costs.cells(wanted)
    return {"items": [cost_views.cell_view(each) for each in found["items"]], "next_cursor": found["next_cursor"]}


def limit_of(work: Work) -> Money:
    """Return the largest difference that is accepted without a person."""
    return Money.parse(work.settings.cost_limit)


def goods_of(shipment: Shipment) -> Sequence[ShipmentLine]:
    """Return the lines that bear the costs."""
    return [line for line in shipment.lines if line.quantity > 0] or shipment.lines


def _with_reason(event: ShipmentEvent, decided: DecideCosts) -> ShipmentEvent:
    if isinstance(event, LandedCostMoved):
        return replace(event, decision=decided.decision, reason=decided.note)
    return event


def _decide(work: Work, shipment: Shipment, cost: LandedCost, decided: DecideCosts) -> list[ShipmentEvent]:
    limit = limit_of(work)
    if decided.decision == "accept":
        return cost.accept(limit)
    if decided.decision == "claim":
        return cost.claim()
    if decided.decision == "enter":
        return cost.enter(decided.amounts, goods_of(shipment), limit)
    if cost.status not in UNSETTLED:
        raise CostsSettled(details={"status": cost.status.value})
    return _estimate(work, shipment, cost, asked=True)


def _estimate(work: Work, shipment: Shipment, cost: LandedCost, *, asked: bool = False) -> list[ShipmentEvent]:
    country, found, lines = shipment.destination.country, _estimated(work, shipment), goods_of(shipment)
    return cost.estimate(country, found, lines, work.now, limit_of(work), asked=asked)


def _accrue(work: Work, cost: LandedCost, shipment: Shipment) -> None:
    at, postage = shipment.dispatched_at or work.now, work.costs.postage(shipment.number) if shipment.labelled else None
    record(work, cost, cost.accrue(goods_of(shipment), postage, at, limit_of(work)))


def _known(work: Work, shipment: Shipment) -> Sequence[ShipmentLine]:
    """Return the lines with what the catalogue knows of their goods by now."""
    return with_facts(shipment.lines, work.wares.of_skus(line.sku for line in shipment.lines))


def _estimated(work: Work, shipment: Shipment, lines: Sequence[ShipmentLine] | None = None) -> Estimate:
    """Estimate by the rules of the day of the dispatch, or of this one. lines: if not as the catalogue knows them."""
    lines = _known(work, shipment) if lines is None else lines
    to = End(shipment.destination.country, shipment.destination.address.get("postal_code") or "")
    day = (shipment.dispatched_at or work.now).date()
    customs = work.stock_places.customs(shipment.place, on_paper=False)
    return work.settings.duty_rules.estimate(lines, to, day, customs)


def _show(work: Work, cost: LandedCost, *, rows: bool = True) -> CostsView:
    clock = work.commitments.find(LANDED_COST, cost.shipment_number) if cost.status is CostStatus.DISPUTED else None
    due_at = clock.due_at if clock is not None and clock.stopped_at is None else None
    return cost_views.costs_view(cost, due_at, work.costs.rows_of(cost.shipment_number) if rows else ())
