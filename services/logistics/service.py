"""Logistics on the bus: the calls it answers, the events it follows, and what it does by itself."""

from __future__ import annotations

from collections.abc import Mapping

from nameko.extensions import DependencyProvider

from services.common.basics.shapes import Page
from services.common.commitments import Clock
from services.common.commitments.causes import Attribution
from services.common.runtime.config import ENVIRON
from services.common.runtime.database import Database
from services.common.runtime.following import on
from services.common.runtime.service import Service, opens_its_own
from services.common.runtime.timers import every
from services.logistics.adapters.carriers import Carriers
from services.logistics.api import LogisticsApi
from services.logistics.api.lanes import CarriersReport, CarriersReportOf
from services.logistics.api.photos import AddPhotos
from services.logistics.api.replies import (
    CarrierReceipt,
    DeliveryEstimate,
    FlawView,
    ShipmentView,
    TrackingView,
    UnmatchedView,
)
from services.logistics.api.shipments import (
    CorrectHandOver,
    CorrectParcel,
    DenyDelivery,
    ListShipments,
    MarkDispatched,
    RecordDelivery,
    Step,
)
from services.logistics.api.sources import MarkedWebhooks, RereadWebhooks, UploadedScans
from services.logistics.api.tracking import AttachScans, DismissScans, EstimateDelivery, ListFlaws, ListUnmatched
from services.logistics.batching import Batching
from services.logistics.costing import Costing
from services.logistics.handlers import (
    breaches,
    edits,
    lanes,
    lives,
    orders,
    parcels,
    privacy,
    remedies,
    rereading,
    shipments,
    stock_places,
    tracking,
    uploads,
    wares,
    watching,
    webhooks,
)
from services.logistics.labelling import Labelling
from services.logistics.printing import Printing
from services.logistics.repository import Work
from services.logistics.settings import LogisticsSettings
from services.orders.api import events as orders_events


class CarrierAdapters(DependencyProvider):
    """Gives workers the carriers' adapters, made from the settings once."""

    def setup(self) -> None:
        self.carriers = Carriers.of(LogisticsSettings.load(self.container.config[ENVIRON]))

    def get_dependency(self, worker_ctx: object) -> Carriers:
        return self.carriers


class LogisticsService(Batching, Printing, Labelling, Costing, Service, LogisticsApi):
    name = "logistics"
    transaction: Database[Work] = Database(Work, LogisticsSettings)
    work: Work
    carriers = CarrierAdapters()
    follows = (
        on(orders_events.ProductSaved, wares.on_product_saved),
        on(orders_events.StockPlaceSaved, stock_places.on_stock_place_saved),
        on(orders_events.ReviewPassed, orders.on_review_passed),
        on(orders_events.ChangeRequested, orders.on_change_requested),
        on(orders_events.ChangeDeclined, orders.on_change_declined),
        on(orders_events.ChangeClosed, orders.on_change_closed),
        on(orders_events.StockCovered, orders.on_stock_covered),
        on(orders_events.DispatchHeld, orders.on_dispatch_held),
        on(orders_events.DispatchReleased, orders.on_dispatch_released),
        on(orders_events.EditRequested, edits.on_edit_requested, when=edits.asks_us),
        on(orders_events.OrderChanged, orders.on_order_changed),
        on(orders_events.OrderDivided, orders.on_order_divided, when=orders.is_for_us),
        on(orders_events.CancellationRequested, orders.on_cancellation_requested),
        on(orders_events.OrderCancelled, orders.on_order_cancelled),
        on(orders_events.RemedyAccepted, remedies.on_remedy_accepted),
        on(orders_events.ExchangeArranged, remedies.on_exchange_arranged),
        on(orders_events.ExchangeStopped, remedies.on_exchange_stopped),
        on(orders_events.OrderErased, privacy.on_order_erased),
    )

    def personal_data(self) -> Mapping[str, object]:
        return privacy.export_parcels(self.work)

    def may_see_order(self, order_number: str) -> bool:
        return tracking.may_see_order(self.work, order_number)

    def cause_of(self, clock: Clock) -> Attribution:
        return breaches.cause_of(self.work, clock)

    def list_shipments(self, query: ListShipments) -> Page[ShipmentView]:
        return shipments.list_shipments(self.work, query)

    def get_shipment(self, number: str) -> ShipmentView:
        return shipments.show(self.work, shipments.get_shipment(self.work, number))

    def mark_sorted(self, number: str, step: Step) -> ShipmentView:
        return shipments.show(self.work, shipments.mark_sorted(self.work, number, step))

    def mark_packed(self, number: str, step: Step) -> ShipmentView:
        return shipments.show(self.work, shipments.mark_packed(self.work, number, step))

    def add_photos(self, number: str, photos: AddPhotos) -> ShipmentView:
        return shipments.show(self.work, shipments.add_photos(self.work, number, photos))

    def mark_dispatched(self, number: str, handed_over: MarkDispatched) -> ShipmentView:
        return shipments.show(self.work, shipments.mark_dispatched(self.work, number, handed_over))

    def correct_hand_over(self, number: str, correction: CorrectHandOver) -> ShipmentView:
        return shipments.show(self.work, parcels.correct_hand_over(self.work, number, correction))

    def correct_parcel(self, number: str, parcel_id: str, correction: CorrectParcel) -> ShipmentView:
        return shipments.show(self.work, parcels.correct_parcel(self.work, number, parcel_id, correction))

    def record_delivery(self, number: str, parcel_id: str, delivery: RecordDelivery) -> ShipmentView:
        return shipments.show(self.work, parcels.record_delivery(self.work, number, parcel_id, delivery))

    def deny_delivery(self, number: str, parcel_id: str, denial: DenyDelivery) -> ShipmentView:
        return shipments.show(self.work, parcels.deny_delivery(self.work, number, parcel_id, denial))

    def list_flaws(self, query: ListFlaws) -> Page[FlawView]:
        return webhooks.list_flaws(self.work, query)

    def list_unmatched(self, query: ListUnmatched) -> Page[UnmatchedView]:
        return parcels.list_unmatched(self.work, query)

    def attach_unmatched(self, unmatched_id: str, attachment: AttachScans) -> ShipmentView:
        return shipments.show(self.work, parcels.attach_unmatched(self.work, unmatched_id, attachment))

    def dismiss_unmatched(self, unmatched_id: str, dismissal: DismissScans) -> UnmatchedView:
        return parcels.dismiss_unmatched(self.work, unmatched_id, dismissal)

    def get_tracking(self, order_number: str) -> TrackingView:
        return tracking.get_tracking(self.work, order_number)

    def estimate_delivery(self, wanted: EstimateDelivery) -> DeliveryEstimate:
        return tracking.estimate_delivery(self.work, wanted)

    def report_carriers(self, of: CarriersReportOf) -> CarriersReport:
        return lanes.report_carriers(self.work, of)

    def reread_webhooks(self, wanted: RereadWebhooks) -> MarkedWebhooks:
        return rereading.reread_webhooks(self.work, wanted)

    def upload_scans(self, csv_text: str) -> UploadedScans:
        return uploads.upload_scans(self.work, csv_text)

    @opens_its_own
    def receive_carrier_webhook(self, carrier: str, headers: Mapping[str, str], raw_base64: str) -> CarrierReceipt:
        return webhooks.receive_carrier_webhook(self.transaction, self.carriers, carrier, headers, raw_base64)

    @every(2.0, due=lambda work: work.watches.next_registering())
    def register_parcels(self) -> None:
        """Tell carriers which parcels to report to us."""
        watching.register_parcels(self.transaction, self.carriers)

    @every(5.0, due=lambda work: work.raw.next_marked())
    def read_webhooks_again(self) -> None:
        """Read again what carriers sent, where it was asked for."""
        rereading.read_marked(self.transaction, self.carriers)

    @every(10.0)
    def find_late_and_stuck(self) -> None:
        """Ask carriers for parcels without news; raise those that are late or stuck."""
        watching.find_late_and_stuck(self.transaction, self.carriers)

    @every(1.0, due=lives.next_scan)
    def play_lives(self) -> None:
        """Scan the parcels of the simulated carrier, in development."""
        lives.play(self.transaction, self.carriers)

    @every(3600.0)
    def forget_receipts(self) -> None:
        """Forget carriers' reports that are too old to come again."""
        with self.transaction() as work:
            work.tracking.forget_old_receipts(work.now)
            work.flaws.forget_old(work.now)
            work.raw.forget_old(work.now)
            work.said.forget_old(work.now)
            work.labels.forget_old(work.now)
