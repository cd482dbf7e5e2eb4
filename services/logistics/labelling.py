"""The calls about labels that carriers sell and the manifests of these, and what is done about them by itself."""

from __future__ import annotations

from services.common.basics.api import Period
from services.common.basics.shapes import Page
from services.common.runtime.database import Database
from services.common.runtime.service import opens_its_own
from services.common.runtime.timers import every
from services.logistics.adapters.carriers import Carriers
from services.logistics.api.labels import (
    AskRates,
    BuyLabel,
    LabelCosts,
    LabelCostView,
    LabelList,
    LabelPaper,
    LabelView,
    ListLabelCosts,
    RatesView,
)
from services.logistics.api.manifests import ManifestList
from services.logistics.handlers import label_settling, labels, manifests
from services.logistics.repository import Work


class Labelling:
    """A part of the service (`service`); each call has its transaction in `work`, or opens its own."""

    work: Work
    transaction: Database[Work]
    carriers: Carriers

    @opens_its_own
    def ask_rates(self, number: str, asked: AskRates) -> RatesView:
        return labels.ask_rates(self.transaction, self.carriers, number, asked)

    @opens_its_own
    def buy_label(self, number: str, wanted: BuyLabel) -> LabelView:
        return labels.buy_label(self.transaction, self.carriers, number, wanted)

    def list_labels(self, number: str) -> LabelList:
        return labels.list_labels(self.work, number)

    @opens_its_own
    def get_label_paper(self, number: str, label_id: str) -> LabelPaper:
        return labels.get_label_paper(self.transaction, self.carriers, number, label_id)

    def void_label(self, number: str, label_id: str) -> LabelView:
        return labels.void_label(self.work, number, label_id)

    def list_label_costs(self, wanted: ListLabelCosts) -> Page[LabelCostView]:
        return labels.list_label_costs(self.work, wanted)

    def report_label_costs(self, period: Period) -> LabelCosts:
        return labels.report_label_costs(self.work, period)

    @every(5.0, due=lambda work: work.labels.next_attempt())
    def settle_labels(self) -> None:
        """Ask carriers about labels of which something is not known yet, or not done."""
        label_settling.settle_labels(self.transaction, self.carriers.sellers)

    @opens_its_own
    def make_manifests(self) -> ManifestList:
        return manifests.make_manifests(self.transaction, self.carriers)

    def list_manifests(self) -> ManifestList:
        return manifests.list_manifests(self.work)

    @opens_its_own
    def get_manifest_paper(self, manifest_id: str) -> LabelPaper:
        return manifests.get_manifest_paper(self.transaction, self.carriers, manifest_id)

    @every(5.0, due=lambda work: work.manifests.next_attempt())
    def settle_manifests(self) -> None:
        """Ask carriers again for manifests that are wanted."""
        manifests.settle_manifests(self.transaction, self.carriers)
