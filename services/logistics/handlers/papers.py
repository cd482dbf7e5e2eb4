"""The warehouse's papers: pick lists, what goes with a box, what customs is told."""

from __future__ import annotations

from collections.abc import Mapping

from services.common.basics.shapes import DEFAULT_PLACE
from services.common.basics.states import require_version
from services.logistics import paper_views
from services.logistics.api.papers import (
    MOST_TO_PICK,
    PapersList,
    PapersOf,
    PapersOfMany,
    PapersView,
    PickListOf,
    PickListView,
    WeighShipment,
)
from services.logistics.api.refusals import ShipmentOnHold, WrongShipmentStatus
from services.logistics.api.statuses import ShipmentStatus
from services.logistics.domain import Shipment
from services.logistics.domain.wares import Ware, to_pick
from services.logistics.domain.weighing import weigh
from services.logistics.handlers.label_use import withdraw
from services.logistics.handlers.shipments import show
from services.logistics.repository import Work


def get_pick_list(work: Work, of: PickListOf) -> PickListView:
    """List what to pick for what waits and may leave, the shelves in the order in which one walks."""
    waiting = work.wares.to_pack(of, MOST_TO_PICK + 1)
    chosen = waiting[:MOST_TO_PICK]
    wares = _wares(work, *chosen)
    rows = to_pick([(each.number, each.lines) for each in chosen], wares)
    return paper_views.pick_list_view(
        rows,
        [each.number for each in chosen],
        work.stock_places.working_days(of.place or DEFAULT_PLACE).zone,
        on_hold=work.wares.count_held(of),
        more=len(waiting) > MOST_TO_PICK,
    )


def get_papers(work: Work, number: str, of: PapersOf) -> PapersView:
    shipment = _printable(work, number)
    customs = work.stock_places.customs(shipment.place)
    return paper_views.papers_view(shipment, _wares(work, shipment), customs, of.carrier)


def list_papers(work: Work, of: PapersOfMany) -> PapersList:
    """Tell what the papers of many shipments say; one that cannot be printed refuses all."""
    found = [_printable(work, number) for number in dict.fromkeys(of.numbers)]
    wares, customs = _wares(work, *found), {each.place: work.stock_places.customs(each.place) for each in found}
    return {"items": [paper_views.papers_view(each, wares, customs[each.place], of.carrier) for each in found]}


def weigh_shipment(work: Work, number: str, weighing: WeighShipment) -> Shipment:
    """Record what a box weighs. A label that was bought for another weight is given back."""
    shipment = work.shipments.get(number, lock=True)
    require_version(weighing.version, shipment.version, lambda: show(work, shipment))
    told = weigh(shipment, weighing.gross_weight_g, _wares(work, shipment))
    work.journal.record(*told)
    if told:
        withdraw(work, shipment, "changed")
    return shipment


def _printable(work: Work, number: str) -> Shipment:
    """Return the shipment. Refuse what was recalled, whose address was erased, and what may not leave now."""
    shipment = work.shipments.get(number)
    if work.orders.is_erased(shipment.order_number):
        raise WrongShipmentStatus("its order is erased", details={"status": shipment.status.value})
    if shipment.status is ShipmentStatus.RECALLED:
        raise WrongShipmentStatus(f"{number} was recalled", details={"status": shipment.status.value})
    if shipment.status is not ShipmentStatus.DISPATCHED and work.orders.held([shipment.order_number]):
        raise ShipmentOnHold
    return shipment


def _wares(work: Work, *shipments: Shipment) -> Mapping[str, Ware]:
    return work.wares.of_skus(line.sku for each in shipments for line in each.lines)
