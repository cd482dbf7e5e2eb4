"""Webhooks are kept as they came: a code that we learn later counts for them, and erased customers are not in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.common.basics import clock
from services.common.basics.clock import rfc3339
from services.common.basics.personal import ERASED
from services.common.store.chain_keys import OWN
from services.common.store.tables import journal
from services.common.testing import fresh_store, staff
from services.logistics import tables
from services.logistics.adapters.carriers import Carriers, Webhook, simulator
from services.logistics.api.sources import RereadWebhooks
from services.logistics.api.statuses import ParcelStatus
from services.logistics.api.terms import RAW_KEPT
from services.logistics.api.tracking import AttachScans, ListFlaws, ListUnmatched
from services.logistics.domain import NewParcel
from services.logistics.handlers import parcels, rereading, uploads, webhooks
from services.logistics.tests.builders import SECRET, a_webhook, an_order_number, simulated
from services.logistics.tests.scene import DISPATCHED, ORDER, Scene
from services.orders.api.events import OrderErased

NOW = DISPATCHED + timedelta(days=2)
KEYS = "2026-03-02:" + "5d" * 32
LEFT = {"code": "in_transit", "message": "Left", "occurred_at": "2026-03-04T09:00:00Z"}
BEAMED = {"code": "teleported", "message": "Beamed to Ada", "occurred_at": "2026-03-05T06:00:00Z"}


@dataclass(frozen=True)
class Learned(simulator.Simulator):
    """The carrier, once we know what it means by "teleported"."""

    means: ParcelStatus = ParcelStatus.DELIVERED

    def parse(self, raw: bytes, received_at: datetime) -> Webhook:
        webhook = super().parse(raw, received_at)
        events = [
            replace(each, status=self.means, unmapped=False) if each.code == "teleported" else each
            for each in webhook.events
        ]
        return replace(webhook, events=tuple(events))


def knowing(means: ParcelStatus | None) -> Carriers:
    kind = simulator.Simulator(simulator_webhook_secret=SECRET)
    return Carriers({"simulator": Learned(simulator_webhook_secret=SECRET, means=means) if means else kind})


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("logistics", tmp_path) as store, clock.frozen(DISPATCHED):
        scene = Scene(store)
        scene.pass_review()
        scene.dispatch(NewParcel("simulator", "SIM1"))
        yield scene


def receive(scene: Scene, *scans: dict[str, str], at: datetime = NOW) -> None:
    raw = a_webhook(at.isoformat(), *({"sequence": 0, **each} for each in scans))
    with clock.frozen(at):
        webhooks.receive_carrier_webhook(scene.work, knowing(None), "simulator", *simulated(raw, at))


def reread(scene: Scene, means: ParcelStatus | None, **wanted: Any) -> int:
    with clock.frozen(NOW + timedelta(days=1)):
        with scene.work(staff("lead")) as work:
            marked = rereading.reread_webhooks(work, RereadWebhooks(**wanted))["webhooks"]
        assert rereading.read_marked(scene.work, knowing(means)) == marked
        assert rereading.read_marked(scene.work, knowing(means)) == 0
    return marked


def status(scene: Scene) -> str:
    return scene.tracking()["shipments"][0]["parcels"][0]["status"]


def flaws(scene: Scene) -> list[str]:
    with scene.work(staff("agent")) as work:
        return [item["kind"] for item in webhooks.list_flaws(work, ListFlaws())["items"]]


def kept(scene: Scene) -> list[str]:
    with scene.work() as work:
        return list(work.session.scalars(tables.raw_webhooks.select().with_only_columns(tables.raw_webhooks.c.body)))


def erase(scene: Scene) -> None:
    scene.hear(OrderErased, {"order_number": ORDER, "request_id": "PRV-0000-0001-H"}, seq=20)


def test_a_code_that_is_learned_counts_for_what_came_before(scene: Scene) -> None:
    receive(scene, LEFT, BEAMED)
    receive(scene, LEFT, BEAMED, at=NOW + timedelta(hours=1))
    assert (status(scene), flaws(scene)) == ("in_transit", ["unknown_code"])

    assert reread(scene, None) == 2
    assert (status(scene), flaws(scene), scene.told("parcel_delivered")) == ("in_transit", ["unknown_code"], [])

    assert reread(scene, ParcelStatus.DELIVERED) == 2
    assert (status(scene), flaws(scene)) == ("delivered", [])
    assert len(scene.told("parcel_delivered")) == 1

    reread(scene, ParcelStatus.DELIVERED)
    assert len(scene.told("parcel_delivered")) == 1
    assert [told["webhooks"] for told in scene.told("webhooks_reread")] == [2, 2, 2]


def test_what_is_read_last_holds_until_the_carrier_speaks(scene: Scene) -> None:
    receive(scene, LEFT, BEAMED)
    for means in (ParcelStatus.EXCEPTION, ParcelStatus.CUSTOMS, ParcelStatus.OUT_FOR_DELIVERY, ParcelStatus.CUSTOMS):
        reread(scene, means)
        assert status(scene) == means

    receive(scene, {"code": "delivered", "occurred_at": "2026-03-05T07:00:00Z"}, at=NOW + timedelta(hours=1))
    reread(scene, ParcelStatus.LOST, tracking_number="sim 1")

    assert status(scene) == "delivered"


def test_only_what_is_wanted_is_read_again(scene: Scene) -> None:
    receive(scene, LEFT)
    receive(scene, BEAMED, at=NOW + timedelta(hours=1))

    assert reread(scene, None, carrier="easypost") == 0
    assert reread(scene, None, tracking_number="SIM2") == 0
    assert reread(scene, None, until=NOW) == 0
    assert reread(scene, None, carrier="Simulator", since=NOW + timedelta(minutes=1)) == 1


def test_what_is_kept_is_sealed_and_goes_with_its_customer(scene: Scene) -> None:
    OWN.use(KEYS)
    try:
        receive(scene, LEFT, BEAMED)
        (stored,) = kept(scene)
        assert stored.startswith("2026-03-02.")

        OWN.use("")
        reread(scene, ParcelStatus.DELIVERED)
        assert status(scene) == "in_transit"  # it was sealed with a key that is gone: what it said stands

        OWN.use(KEYS)
        reread(scene, ParcelStatus.DELIVERED)
        assert status(scene) == "delivered"
    finally:
        OWN.use("")
    erase(scene)
    assert kept(scene) == []


def test_an_attached_number_is_erased_and_stays_so(scene: Scene) -> None:
    receive(scene, {**BEAMED, "tracking_number": "SIM-9", "location": "Denver"})
    ours = AttachScans(f"{scene.number()}-01", "its label says so")
    with scene.work(staff("agent")) as work:
        (listed,) = parcels.list_unmatched(work, ListUnmatched())["items"]
        parcels.attach_unmatched(work, listed["id"], ours)
    erase(scene)

    (scan,) = scene.tracking()["shipments"][0]["parcels"][0]["events"]
    with scene.work() as work:
        was_listed = work.unmatched.get(listed["id"])
    assert (kept(scene), scan["message"], scan["location"]) == ([], ERASED, ERASED)
    assert (was_listed.message, was_listed.location) == (ERASED, ERASED)

    named = {"message": "Left with Ada", "location": "1 High Street"}
    for hours, number in enumerate(("SIM1", "SIM9"), start=1):
        receive(scene, {**LEFT, **named, "tracking_number": number}, at=NOW + timedelta(hours=hours))
    assert kept(scene) == []
    assert_nothing_says(scene, "Ada", "High Street")
    assert status(scene) == "in_transit"
    receive(scene, {**LEFT, "tracking_number": "SIM5"}, at=NOW + timedelta(hours=3))
    assert len(kept(scene)) == 1


def test_words_that_come_after_an_erasure_are_kept_nowhere(scene: Scene) -> None:
    receive(scene, LEFT, BEAMED)
    assert "Ada" in stored(scene)
    erase(scene)
    assert_nothing_says(scene, "Ada")

    wait = {"code": "delivered", "message": "Handed to Ada", "location": "Ada's", "occurred_at": "2026-03-05T09:00:00Z"}
    beamed = {**BEAMED, "message": "Beamed to Ada's mother"}
    back = {**LEFT, "message": "Ada was not at home", "occurred_at": "2026-03-05T11:00:00Z"}
    for hours, scans in enumerate(([wait, beamed], [wait, back], [wait, back]), start=6):
        receive(scene, *scans, at=NOW + timedelta(hours=hours))
    rows = "tracking_number,carrier,occurred_at,status,message\nSIM1,simulator,2026-03-05T12:00Z,vanished,Ada took it"
    with clock.frozen(NOW + timedelta(hours=9)), scene.work(staff("agent")) as work:
        assert [row["outcome"] for row in uploads.upload_scans(work, rows)["rows"]] == ["unknown_status"]

    assert_nothing_says(scene, "Ada")
    assert len(scene.told("parcel_delivered")) == len(scene.told("delivery_taken_back")) == 1
    assert flaws(scene).count("unknown_code") == 3
    (parcel,) = scene.tracking()["shipments"][0]["parcels"]
    assert {scan["message"] for scan in parcel["events"]} == {ERASED}


def test_a_number_that_is_used_again_is_its_new_parcels(scene: Scene) -> None:
    erase(scene)
    later, other = NOW + timedelta(days=400), an_order_number(2)
    with clock.frozen(later):
        scene.pass_review(other, passed_at=rfc3339(later))
        scene.dispatch(NewParcel("simulator", "SIM1"), order_number=other)
        scanned = {**LEFT, "message": "Left the depot", "occurred_at": rfc3339(later + timedelta(hours=1))}
        receive(scene, scanned, at=later + timedelta(hours=2))

        (parcel,) = scene.tracking(order_number=other)["shipments"][0]["parcels"]
    assert [scan["message"] for scan in parcel["events"]] == ["Left the depot"]


def stored(scene: Scene) -> str:
    """Return all that the service's tables hold."""
    with scene.store.engine.connect() as connection:
        kept = (*tables.metadata.sorted_tables, journal)
        return repr([connection.execute(table.select()).all() for table in kept])


def assert_nothing_says(scene: Scene, *words: str) -> None:
    found = stored(scene)
    assert [word for word in words if word in found] == []


def test_what_is_kept_is_forgotten_in_time(scene: Scene) -> None:
    receive(scene, LEFT)
    for over, left in ((timedelta(), 1), (timedelta(seconds=1), 0)):
        with clock.frozen(NOW + RAW_KEPT.span + over), scene.work() as work:
            work.raw.forget_old(work.now)
        assert len(kept(scene)) == left
