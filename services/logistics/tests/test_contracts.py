"""What others rely on: each promised example is what logistics makes, and it can read what orders promises."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.common.basics import clock, ids
from services.common.basics.events import Event
from services.common.basics.money import Money
from services.common.basics.shapes import PageQuery
from services.common.bus.rpc_body import encode_result
from services.common.bus.travel import read_event
from services.common.store import tables
from services.common.store.journal import as_published
from services.common.testing import fresh_store, promised, staff
from services.logistics.api.costs import SettleInvoiceRow
from services.logistics.api.events import (
    InvoiceRowDecided,
    InvoiceUploaded,
    ParcelEvent,
    ScansDismissed,
    ScansUploaded,
    ShipmentEvent,
    ShipmentsErased,
    WareSaved,
    WebhooksReread,
)
from services.logistics.api.papers import WeighShipment
from services.logistics.api.parts import Eta, HandedOn
from services.logistics.api.photos import AN_UPLOAD, AddPhotos
from services.logistics.api.shipments import CorrectHandOver, CorrectParcel, DenyDelivery, ListShipments, RecordDelivery
from services.logistics.api.sources import RereadWebhooks
from services.logistics.api.statuses import ParcelStatus
from services.logistics.api.tracking import AttachScans, DismissScans, ListUnmatched
from services.logistics.api.wares import SaveWare
from services.logistics.domain import NewParcel
from services.logistics.domain.labels import Label, Offer, Rate
from services.logistics.handlers import (
    invoices,
    orders,
    papers,
    parcels,
    rereading,
    shipments,
    tracking,
    uploads,
    wares,
)
from services.logistics.service import LogisticsService
from services.logistics.tests.builders import a_line, a_place, a_scan, a_told, an_order_number, review_passed
from services.logistics.tests.scene import DISPATCHED, WAREHOUSE, Scene
from services.orders.api.events import OrderErased, ReviewPassed

pytestmark = pytest.mark.pure  # one database, whatever the form

OWN = Path(__file__).parents[1] / "contracts"
KINDS: tuple[type[Event], ...] = (
    *ShipmentEvent.__subclasses__(), *ParcelEvent.__subclasses__(), ShipmentsErased, InvoiceRowDecided,
)  # fmt: skip
OF_NO_ORDER = (
    InvoiceUploaded.type, ScansDismissed.type, ScansUploaded.type, WareSaved.type, WebhooksReread.type,
)  # fmt: skip
EVENTS = sorted({*OF_NO_ORDER, *(kind.type for kind in KINDS if kind is not ParcelEvent)})
FACTS: dict[str, Any] = {
    "eta": Eta(date(2026, 3, 11), date(2026, 3, 12)),
    "pick_up": a_place(),
    "handed_on": HandedOn("usps", "9400100000000000000001"),
}
SUBJECTS = ("row_id", "shipment_number", "unmatched_id", "upload_id", "reading_id", "sku")
REPLIES = (
    "get_shipment",
    "get_tracking",
    "list_shipments",
    "list_unmatched",
    "mark_dispatched",
    "receive_carrier_webhook",
)


class Story:
    """Six orders that between them go through everything; what was recorded and answered meanwhile."""

    def __init__(self, scene: Scene):
        self.scene = scene
        self.replies: dict[str, Any] = {}
        self._delivered(an_order_number(1))
        self._troubled(an_order_number(2))
        self._recalled(an_order_number(3))
        self._lost(an_order_number(4))
        self._taken_back(an_order_number(5))
        self._put_right(an_order_number(6))
        with scene.work(WAREHOUSE) as work:
            uploads.upload_scans(
                work, "tracking_number,occurred_at,status\nLP8,2026-03-09T08:00:00Z,in_transit\nLP8,,\n"
            )
        with scene.work(staff("lead")) as work:
            work.raw.keep("easypost", b"{}", ["LP8"], work.now)
            wanted = RereadWebhooks("easypost", "LP8", work.now - timedelta(days=1), work.now + timedelta(days=1))
            rereading.reread_webhooks(work, wanted)
        with scene.work(staff("lead")) as work:
            invoices.upload_invoice(
                work, "invoice,tracking_number,charge,amount\nI-1,94001,duty,20.00\nI-1,0,vat,1.00\n"
            )
            (held,) = invoices.list_invoice_rows(work, PageQuery())["items"]
        with scene.work(staff("lead")) as work:
            lost = work.shipments.of_order(an_order_number(4))[0].number
            invoices.settle_invoice_row(work, held["id"], SettleInvoiceRow("count", "A new label was put on it.", lost))
        erased = OrderErased(order_number=an_order_number(6), request_id=ids.number(ids.PRIVACY, 1))
        scene.hear(OrderErased, erased.body())
        with scene.work() as work:
            entries = [
                entry
                for n in (6, 5, 4, 3, 2, 1)
                for entry in work.journal.timeline(an_order_number(n), public_only=False)
            ]  # fmt: skip
            of_no_order = tables.journal.select().where(tables.journal.c.type.in_(OF_NO_ORDER))
            entries += [as_published(dict(row)) for row in work.session.execute(of_no_order).mappings()]
        self.events: dict[str, Any] = {entry["type"]: {"service": "logistics", **entry} for entry in entries}

    def _delivered(self, order_number: str) -> None:
        scene = self.scene
        scene.pass_review(order_number)
        parcel = NewParcel("fedex", "EZ4000000004", 700)
        self.replies["mark_dispatched"] = scene.dispatch(parcel, order_number=order_number)
        number = {"number": parcel.tracking_number}
        with clock.frozen(DISPATCHED + timedelta(days=8)):
            scene.scan(a_scan(ParcelStatus.IN_TRANSIT, 30, **number))  # type: ignore[arg-type]
            waits = a_scan(ParcelStatus.AVAILABLE_FOR_PICKUP, 170, **number)  # type: ignore[arg-type]
            scene.scan(waits, told=[a_told(170, number=parcel.tracking_number, **FACTS)])
            received = scene.scan(a_scan(ParcelStatus.DELIVERED, 180, message="Front door", **number))  # type: ignore[arg-type]
            self.replies["receive_carrier_webhook"] = {
                "accepted": True,
                "duplicate": received.duplicate,
                "events": received.events,
            }
            self.replies["get_tracking"] = scene.tracking(order_number=order_number)
            with scene.work(WAREHOUSE) as work:
                shipments.add_photos(work, self.replies["mark_dispatched"]["number"], AddPhotos((AN_UPLOAD,)))
            with scene.work(WAREHOUSE) as work:
                self.replies["get_shipment"] = shipments.show(
                    work, shipments.get_shipment(work, self.replies["mark_dispatched"]["number"])
                )  # fmt: skip

    def _troubled(self, order_number: str) -> None:
        scene = self.scene
        lines = [*review_passed(order_number)["lines"]]
        scene.pass_review(order_number, lines=[*lines, {**lines[0], "line_id": 2, "sku": "PEN-1"}])
        scene.edit(order_number=order_number)
        scene.change({"line_id": 2, "sku": "PEN-1", "quantity": 1}, seq=9, order_number=order_number)
        scene.dispatch(NewParcel("usps", "94001"), order_number=order_number)
        scene.edit("CHG-2", order_number)
        with scene.work() as work:
            orders.recall_order(work, order_number)
        with clock.frozen(DISPATCHED + timedelta(days=5)):
            scan = a_scan(ParcelStatus.EXCEPTION, 100, number="94001", carrier="usps", reason="damaged")
            scene.scan(scan)
        with clock.frozen(DISPATCHED + timedelta(days=40)), scene.work() as work:
            tracking.raise_alerts(work)

    def _lost(self, order_number: str) -> None:
        scene = self.scene
        scene.pass_review(order_number)
        sent = scene.dispatch(NewParcel("usps", "94002"), order_number=order_number)
        for hours, status in ((50, ParcelStatus.LOST), (60, ParcelStatus.IN_TRANSIT), (70, ParcelStatus.LOST)):
            scene.scan(a_scan(status, hours, number="94002", carrier="usps"))
        scene.decide("resend", shipment_number=sent["number"], order_number=order_number)

    def _taken_back(self, order_number: str) -> None:
        scene = self.scene
        scene.pass_review(order_number)
        scene.dispatch(NewParcel("ups", "EZ5"), order_number=order_number)
        with clock.frozen(DISPATCHED + timedelta(days=8)):
            for status, hours in (("delivered", 50), ("in_transit", 60)):
                scan = a_scan(ParcelStatus(status), hours, number="EZ5", carrier="ups", message=f"{status} {hours}")
                scene.scan(scan)

    def _put_right(self, order_number: str) -> None:
        scene = self.scene
        scene.pass_review(order_number)
        number = scene.dispatch(NewParcel("localpost", "LP9"), order_number=order_number)["number"]
        with clock.frozen(DISPATCHED + timedelta(days=12)):
            scene.scan(a_scan(ParcelStatus.IN_TRANSIT, 200, number="LP1", carrier="otherpost", message="Arrived"))
            with scene.work(WAREHOUSE) as work:
                self.replies["list_unmatched"] = parcels.list_unmatched(work, ListUnmatched())
                listed = self.replies["list_unmatched"]["items"][0]["id"]
                parcels.attach_unmatched(work, listed, AttachScans(f"{number}-01", "its own number"))
            scene.scan(a_scan(ParcelStatus.IN_TRANSIT, 210, number="LP2", carrier="otherpost", message="Arrived"))
            with scene.work(WAREHOUSE) as work:
                stray = parcels.list_unmatched(work, ListUnmatched())["items"][0]["id"]
                parcels.dismiss_unmatched(work, stray, DismissScans("another shop's parcel"))
            with scene.work(WAREHOUSE) as work:
                stated = CorrectHandOver(DISPATCHED - timedelta(hours=3), "the van left at five")
                parcels.correct_hand_over(work, number, stated)
            with scene.work(WAREHOUSE) as work:
                correction = CorrectParcel("two digits were swapped", tracking_number="LP8")
                parcels.correct_parcel(work, number, f"{number}-01", correction)
            with scene.work(WAREHOUSE) as work:
                delivery = RecordDelivery(work.now - timedelta(hours=1), "Signed for by A. Lovelace.")
                parcels.record_delivery(work, number, f"{number}-01", delivery)
            with scene.work(WAREHOUSE) as work:
                denial = DenyDelivery("The photo shows another house.")
                parcels.deny_delivery(work, number, f"{number}-01", denial)

    def _recalled(self, order_number: str) -> None:
        scene = self.scene
        scene.pass_review(order_number)
        with scene.work(WAREHOUSE) as work:
            self.replies["list_shipments"] = shipments.list_shipments(work, ListShipments(limit=1))
        number = scene.pack(order_number)
        with scene.work(WAREHOUSE) as work:
            papers.weigh_shipment(work, number, WeighShipment(900))
        with scene.work(WAREHOUSE) as work:
            wares.put_ware(work, "MUG-1", SaveWare("A-03-2", "4006381333931"))
        with scene.work(WAREHOUSE) as work:
            rate = Rate("standard", "simulator", "Standard", Money(640))
            offer = Offer(ids.new_id(), number, "simulator", "sim_1", "", (rate,), work.now)
            work.journal.record(
                Label.want(ids.new_id(), offer, rate, work.shipments.get(number), "", work.now).wanted()
            )
        with scene.work() as work:
            orders.cancel_order(work, order_number)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("contracts")
    with fresh_store("logistics", folder, postgres=False) as store, clock.frozen(DISPATCHED):
        yield Story(Scene(store))


def shape(value: Any) -> Any:
    """Return a value's keys and types at all depths."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value).__name__


def own(name: str) -> Any:
    return json.loads((OWN / f"{name}.v1.json").read_text())


@pytest.mark.parametrize("event", EVENTS)
def test_each_event_is_made_as_its_example_promises(story: Story, event: str) -> None:
    example, made = own(event), story.events[event]

    assert shape(made) == shape(example)
    assert (made["type"], made["version"], made["audience"]) == (event, 1, example["audience"])
    body = made["body"]
    assert made["subject"] == next((body[name] for name in SUBJECTS if name in body), made["order_number"])
    assert made["order_number"] == body.get("order_number")


@pytest.mark.parametrize("method", REPLIES)
def test_each_reply_is_as_its_example_promises(story: Story, method: str) -> None:
    reply = json.loads(encode_result(story.replies[method]))["result"]

    assert shape(reply) == shape(own(f"rpc_{method}"))


def test_each_event_and_reply_has_exactly_one_example() -> None:
    files = {path.name.removesuffix(".v1.json") for path in OWN.glob("*.v1.json")}

    assert files == {*EVENTS, *(f"rpc_{method}" for method in REPLIES)}


@pytest.mark.parametrize("following", LogisticsService.follows, ids=lambda following: following.name)
def test_what_we_follow_is_read_from_its_makers_example(following: Any) -> None:
    for example in promised(*following.key):
        read = read_event(following.event, example["body"])

        assert read.order == example["order_number"]


def test_an_event_that_gained_fields_is_still_read() -> None:
    body = {**review_passed(an_order_number()), "drone": {"pilot": "Ada"}}
    body["customer"]["nickname"] = "Countess"

    assert read_event(ReviewPassed, body).lines[0].sku == a_line().sku
