"""One service goes back to a backup while the others have gone on; afterwards all of them agree again.

On RabbitMQ and PostgreSQL, judged by the fault harness's promises. Each test takes a platform of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from deploy import processes
from deploy.backup import ahead
from deploy.backup.manifest import Refused
from deploy.backup.restore import restore
from deploy.backup.take import take
from deploy.chaos.bank import Bank
from deploy.chaos.customer import SCANS, Bought, Shop, fill_shelves
from deploy.chaos.evidence import Evidence
from deploy.chaos.promises import judge
from deploy.chaos.run import evidence_of, ground, settle
from deploy.chaos.stage import Stage
from deploy.chaos.stories import Stories
from deploy.operate import opened
from services.common import ids
from services.common.clock import now, rfc3339

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
        """An order that the warehouse has."""
        order = self.customer.place(sku)
        self.customer.pay(order)
        self.customer.passed(order)
        self.customer.http.wait_for(lambda: self.customer.shipment_of(order))
        return order

    def hand_over(self, order: Bought, parcel: str, scans: Scans) -> None:
        """The warehouse's steps and the carrier's reports, all the way to the customer's door."""
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
        """An order that the customer cancels while the warehouse has it."""
        order = self.reviewed()
        self.customer.command(f"/v1/orders/{order.number}/cancellation", {"reason": "another colour"}, order)
        self.customer.until(order, lambda shown: shown["status"] == "cancelled")
        return order

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
    play.reviewed()
    play.customer.tell(play.customer.is_short_of_something)
    undone = {PARCELS[1]: queued, PARCELS[2]: play.reviewed()}
    for parcel, order in undone.items():
        play.hand_over(order, parcel, reported[parcel])
    play.rest()
    assert play.violations() == {}
    before = shipments(play.evidence)

    with pytest.raises(Refused, match="logistics still runs"):
        restore(play.environ, backup, "logistics")
    play.stop("logistics")
    restore(play.environ, backup, "logistics")
    play.start("logistics")
    play.rest()

    # what follows from events is there again, as it was; what people and carriers did is known to be missing
    after, numbers = shipments(play.evidence), {ids.renamed(order.number, ids.SHIPMENT) for order in undone.values()}
    assert {*after} == {*before}
    assert {number for number in before if before[number] != after[number]} == numbers
    assert {after[number]["status"] for number in numbers} == {"queued"}
    again = play.to_do_again("logistics")
    assert {*again} == numbers
    steps = {"shipment_sorted", "shipment_packed", "shipment_dispatched", "shipment_delivered"}
    assert all(steps <= {*types} for types in again.values())
    assert {*play.violations()} == {INVENTED, AGREE, ACKNOWLEDGED}

    # the warehouse and the carrier say it again
    for parcel, order in undone.items():
        play.hand_over(order, parcel, reported[parcel])
    play.rest()

    assert play.to_do_again("logistics") == {}
    assert {*play.violations()} == {INVENTED}


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
    """What must be as it was: what is sent where, how far it is, until when it is promised."""
    names = ("order_number", "status", "lines", "destination", "dispatch_due_at", "dispatched_at", "delivered_at")
    return {row["number"]: {name: row[name] for name in names} for row in evidence.rows("logistics", "shipments")}
