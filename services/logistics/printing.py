"""The calls about the warehouse's papers: what to pick and where it lies, what goes with a box, what a scanner read."""

from __future__ import annotations

from services.logistics.api.papers import (
    PapersList,
    PapersOf,
    PapersOfMany,
    PapersView,
    PickListOf,
    PickListView,
    WeighShipment,
)
from services.logistics.api.replies import ShipmentView
from services.logistics.api.wares import ReadUnit, SaveWare, UnitView, WareView
from services.logistics.handlers import papers, shipments, wares
from services.logistics.repository import Work


class Printing:
    """A part of the service (`service`); each call has its transaction in `work`."""

    work: Work

    def get_pick_list(self, of: PickListOf) -> PickListView:
        return papers.get_pick_list(self.work, of)

    def get_papers(self, number: str, of: PapersOf) -> PapersView:
        return papers.get_papers(self.work, number, of)

    def list_papers(self, of: PapersOfMany) -> PapersList:
        return papers.list_papers(self.work, of)

    def weigh_shipment(self, number: str, weighing: WeighShipment) -> ShipmentView:
        return shipments.show(self.work, papers.weigh_shipment(self.work, number, weighing))

    def get_ware(self, sku: str) -> WareView:
        return wares.get_ware(self.work, sku)

    def put_ware(self, sku: str, ware: SaveWare) -> WareView:
        return wares.put_ware(self.work, sku, ware)

    def read_unit(self, number: str, unit: ReadUnit) -> UnitView:
        return wares.read_unit(self.work, number, unit)
