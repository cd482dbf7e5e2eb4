"""One service goes back to a backup while the others have gone on; afterwards all of them agree again.

On RabbitMQ and PostgreSQL, judged by the fault harness's promises. Each test takes a platform of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa

from deploy.lab.chaos.bank import Bank
from deploy.lab.chaos.customer import SCANS, Bought, Shop, fill_shelves
from deploy.lab.chaos.evidence import Evidence
from deploy.lab.chaos.promises import judge
from deploy.lab.chaos.run import evidence_of, ground, settle
from deploy.lab.chaos.stage import Stage
from deploy.lab.chaos.stories import Stories
from deploy.operate.backup import ahead
from deploy.operate.backup.manifest import Refused
from deploy.operate.backup.restore import restore
from deploy.operate.backup.take import take
from deploy.operate.by_hand import opened
from deploy.run import processes
from services import SERVICES
from services.common.basics import ids
from services.common.basics.clock import now, rfc3339

SECONDS = 60.0
INVENTED, AGREE = "no_event_is_known_that_was_never_recorded", "services_agree_on_what_happened"
ACKNOWLEDGED = "dispatches_and_scans_exist_exactly_once"
PARCELS = tuple(f"EZ000000000000000{number}US" for number in range(3))
Scans = list[dict[str, Any]]


class Play(NamedTuple):
    stage: Stage
    customer: Stories
    bank: Bank
    shop: Shop

    @property
    def environ(self) -> dict[str, str]:
        """What an operator's shell knows."""
        urls = {f"PLEDGE_{name.upper()}_DATABASE_URL": url for name, url in self.stage.databases.items()}
        admin = self.stage.server("postgres").uri
        folder = str(self.stage.folder)
        return {
            **urls, "PLEDGE_AMQP_URI": self.stage.amqp_uri, "PLEDGE_POSTGRES_ADMIN_URL": admin, "PLEDGE_DEV": "1",
            "PLEDGE_DATA_DIR": folder,
        }  # fmt: skip

    @property
    def evidence(self) -> Evidence:
        return evidence_of(self.stage, self.shop.record)

    def rest(self) -> None:
        settle(self.stage, self.bank, self.shop, lambda line: None)

    def violations(self) -> dict[str, list[str]]:
        return {verdict.name: verdict.violations for verdict in judge(self.evidence) if verdict.violations}

    def stop(self, service: str) -> None:
        member = self.stage.members[f"{service}.1"]
        member.terminate()
        assert member.await_end() == 0

    def start(self, service: str) -> None:
        member = self.stage.members[f"{service}.1"]
        member.start()
        assert processes.until(member.ready, SECONDS), member.log.read_text()[-2000:]

    def reviewed(self, sku: str = "") -> Bought:
        """Place an order and bring it to the warehouse."""
        order = self.customer.place(sku)
        self.customer.pay(order)
        self.customer.passed(order)
        self.customer.http.wait_for(lambda: self.customer.shipment_of(order))
        return order

    def hand_over(self, order: Bought, parcel: str, scans: Scans) -> None:
        """Take the warehouse's steps and send the carrier's reports, all the way to the customer's door."""
        note = self.shop.record.note
        shipment = self.customer.shipment_of(order)
        assert shipment
        for step in ("sorted", "packed"):
            self.customer.staff_does(f"/v1/shipments/{shipment}/{step}", {}, "number", shipment)
        handed = {"parcels": [{"carrier": "easypost", "tracking_number": parcel, "weight_g": 900}]}
        self.customer.staff_does(f"/v1/shipments/{shipment}/dispatched", handed, "number", shipment)
        note("shipment", shipment=shipment, order=order.number, parcel=parcel)
        for count in range(1, len(scans) + 1):
            self.customer.report(parcel, scans[:count], f"evt_{parcel}_{count}")
        note("scans", parcel=parcel, messages=[each["message"] for each in scans])
        self.customer.until(order, lambda shown: shown["status"] == "completed")

    def cancelled(self) -> Bought:
        """Cancel an order as its customer while the warehouse has it."""
        order = self.reviewed()
        self.customer.command(f"/v1/orders/{order.number}/cancellation", {"reason": "another colour"}, order)
        self.customer.until(order, lambda shown: shown["status"] == "cancelled")
        return order

    def until(self, condition: Callable[[Evidence], Any]) -> None:
        assert processes.until(lambda: bool(condition(self.evidence)), SECONDS)

    def look_after_refunds(self) -> None:
        """Ask the bank now, not in the minutes after which one looks again by oneself."""
        with opened(self.stage.databases["orders"]) as store, store.engine.begin() as at:
            at.execute(sa.text("UPDATE refunds SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL"))

    def to_do_again(self, service: str) -> dict[str, list[str]]:
        with opened(self.stage.databases[service]) as store:
            return ahead.to_do_again(store)


@pytest.fixture
def play() -> Iterator[Play]:
    with ground(seed=5, replicas=1) as (stage, bank, shop):
        fill_shelves(shop, ["ada"])
        customer = Stories(shop, bank, "ada", seed=5)
        yield Play(stage, customer, bank, shop)
        customer.http.close()


def test_logistics_goes_back_to_a_backup_and_all_agree_again(play: Play, tmp_path: Path) -> None:
    reported = {parcel: scans_of(parcel) for parcel in PARCELS}
    kept, queued = play.reviewed(), play.reviewed()
    play.hand_over(kept, PARCELS[0], reported[PARCELS[0]])
    play.rest()
    backup = take(play.environ, tmp_path / "backup")

    play.cancelled()
    waiting = play.reviewed()
    play.customer.tell(play.customer.is_short_of_something)
    undone = {PARCELS[1]: queued, PARCELS[2]: play.reviewed()}
    for parcel, order in undone.items():
        play.hand_over(order, parcel, reported[parcel])
    play.rest()
    assert play.violations() == {}

    # what was published and not yet handled would be taken for new later
    play.stop("orders")
    sorted_ = play.customer.shipment_of(waiting)
    play.customer.staff_does(f"/v1/shipments/{sorted_}/sorted", {}, "number", str(sorted_))
    play.until(lambda evidence: evidence.queues["orders.inbox"])
    play.stop("logistics")
    with pytest.raises(Refused, match=r"orders\.inbox still holds 1 messages"):
        restore(play.environ, backup, "logistics")
    play.start("orders")
    play.start("logistics")
    play.rest()
    before = shipments(play.evidence)

    with pytest.raises(Refused, match="logistics still runs"):
        restore(play.environ, backup, "logistics")
    play.stop("logistics")
    restore(play.environ, backup, "logistics")
    play.start("logistics")
    play.rest()

    # what follows from events is there again, as it was; what people and carriers did is known to be missing
    after = shipments(play.evidence)
    numbers = {ids.renamed(order.number, ids.SHIPMENT) for order in (waiting, *undone.values())}
    assert {*after} == {*before}
    assert {number for number in before if before[number] != after[number]} == numbers
    assert {after[number]["status"] for number in numbers} == {"queued"}
    again = play.to_do_again("logistics")
    assert {*again} == numbers
    steps = {"shipment_sorted", "shipment_packed", "shipment_dispatched", "shipment_delivered"}
    assert again.pop(str(sorted_)) == ["shipment_sorted"]
    assert all(steps <= {*types} for types in again.values())
    assert {*play.violations()} == {INVENTED, AGREE, ACKNOWLEDGED}

    # the warehouse and the carrier say it again
    for parcel, order in undone.items():
        play.hand_over(order, parcel, reported[parcel])
    play.customer.staff_does(f"/v1/shipments/{sorted_}/sorted", {}, "number", str(sorted_))
    play.rest()

    assert play.to_do_again("logistics") == {}
    assert {*play.violations()} == {INVENTED}


def test_after_restoring_orders_the_bank_refunds_only_once(play: Play, tmp_path: Path) -> None:
    order = play.reviewed()
    play.hand_over(order, PARCELS[0], scans_of(PARCELS[0]))
    play.rest()
    backup = take(play.environ, tmp_path / "backup")

    play.customer.send_back(order)
    lost = play.customer.place()
    play.rest()
    assert play.violations() == {}

    play.stop("orders")
    restore(play.environ, backup, "orders")
    play.start("orders")
    play.until(lambda evidence: [row["status"] for row in evidence.rows("orders", "refunds")] == ["pending"])
    play.look_after_refunds()
    play.rest()

    # the refund was claimed, and paid, again: the bank knew it by its number; what only the customer had said is lost
    broken = play.violations()
    assert {*broken} == {INVENTED, AGREE, "orders_exist_exactly_once"}
    assert [
        line for name in (AGREE, "orders_exist_exactly_once") for line in broken[name] if lost.number not in line
    ] == []
    assert play.to_do_again("orders")[lost.number] == ["order_placed"]
    assert play.customer.http.get(f"/v1/orders/{order.number}", order.token)["refunds"][0]["status"] == "settled"


def test_everything_goes_back_together_and_goes_on(play: Play, tmp_path: Path) -> None:
    play.reviewed()
    play.rest()
    backup = take(play.environ, tmp_path / "backup")
    play.reviewed()
    play.rest()

    for service in SERVICES:
        play.stop(service)
    restore(play.environ, backup)
    for service in SERVICES:
        play.start(service)
    order = play.reviewed()
    play.hand_over(order, PARCELS[0], scans_of(PARCELS[0]))
    play.rest()

    assert {*play.violations()} <= {"orders_exist_exactly_once", "payments_are_captured_exactly_once",
                                    "what_the_bank_took_is_captured"}  # fmt: skip
    assert len(play.evidence.rows("orders", "orders")) == 2
    assert [play.to_do_again(service) for service in SERVICES] == [{}] * 4


def scans_of(parcel: str) -> Scans:
    start = now().replace(microsecond=0) - timedelta(minutes=5)
    return [
        {
            "object": "TrackingDetail", "status": status, "message": f"{status} {parcel}", "source": "USPS",
            "datetime": rfc3339(start + timedelta(minutes=place)),
            "tracking_location": {"city": "NEW YORK", "state": "NY", "country": "US"},
        }
        for place, status in enumerate(SCANS)
    ]  # fmt: skip


def number_of(order: Bought) -> str:
    return ids.renamed(order.number, ids.SHIPMENT)


def shipments(evidence: Evidence) -> dict[str, dict[str, Any]]:
    """Return what must not change: what is sent where, how far it is, until when it is promised.

    What is sealed of a destination looks different each time; what a shipment is found by tells whom it goes to.
    """
    names = ("order_number", "status", "lines", "search", "dispatch_due_at", "dispatched_at", "delivered_at")
    return {row["number"]: {name: row[name] for name in names} for row in evidence.rows("logistics", "shipments")}
