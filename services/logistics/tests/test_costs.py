"""What a shipment costs us: estimated, owed at dispatch, billed once, and settled by a person where it differs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.common.basics import clock
from services.common.basics.api import Period
from services.common.basics.errors import ServiceError
from services.common.basics.money import Money
from services.common.basics.shapes import PageQuery
from services.common.store.database import ConcurrentUpdate
from services.common.testing import fresh_store, staff
from services.logistics import tables
from services.logistics.api.costs import (
    BadInvoiceCsv,
    CostsSettled,
    CostsView,
    DecideCosts,
    ListCostCells,
    ListCosts,
    ReadInvoice,
    RowOutcome,
    SettleInvoiceRow,
)
from services.logistics.api.labels import CostKind
from services.logistics.api.refusals import WrongShipmentStatus
from services.logistics.api.terms import LANDED_COST
from services.logistics.domain import NewParcel
from services.logistics.domain.labels import Label, Offer, Rate
from services.logistics.handlers import costs, invoices, orders
from services.logistics.settings import LogisticsSettings
from services.logistics.tests.builders import an_order_number
from services.logistics.tests.scene import DISPATCHED, ORDER, WAREHOUSE, Scene
from services.orders.api.events import OrderErased, ProductSaved

LEAD = staff("lead")
HEAD = "invoice,tracking_number,charge,amount\n"
YEAR = Period(DISPATCHED - timedelta(days=100), DISPATCHED + timedelta(days=200))


class Office:
    """A lead who looks after what parcels cost."""

    def __init__(self, scene: Scene):
        self.scene = scene

    def costs(self, order_number: str = ORDER) -> CostsView:
        number = self.scene.number(order_number)
        with self.scene.work(LEAD) as work:
            return costs.get_costs(work, number)

    def upload(self, *rows: str) -> ReadInvoice:
        with self.scene.work(LEAD) as work:
            return invoices.upload_invoice(work, HEAD + "\n".join(rows))

    def decide(self, decision: Any, **amounts: Any) -> CostsView:
        number = self.scene.number()
        with self.scene.work(LEAD) as work:
            return costs.decide_costs(work, number, DecideCosts(decision, "Because.", **amounts))

    def settle(self, decision: Any, shipment_number: str | None = None) -> str:
        with self.scene.work(LEAD) as work:
            held = invoices.list_invoice_rows(work, PageQuery())["items"][0]["id"]
            return invoices.settle_invoice_row(work, held, SettleInvoiceRow(decision, "Looked at.", shipment_number))[
                "outcome"
            ]

    def send_to(self, country: str, order_number: str = ORDER, number: str = "1Z1") -> None:
        delivery = {"name": "Ada", "line1": "1 Main St", "city": "Town", "country": country, "postal_code": "80331"}
        self.scene.pass_review(order_number, delivery={"line2": None, "region": "", **delivery})
        self.scene.dispatch(NewParcel("fedex", number), order_number=order_number)

    def buy_label(self, cents: int) -> None:
        """Write down that a label was paid for a shipment."""
        number = self.scene.number()
        with self.scene.work(WAREHOUSE) as work:
            shipment = work.shipments.get(number, lock=True)
            rate = Rate("r", "fedex", "Ground", Money(cents))
            offer = Offer("o", shipment.number, "simulator", "s", "", (rate,), work.now)
            label = Label.want("l", offer, rate, shipment, "", work.now)
            shipment.labelled = True
            work.labels.note_cost(label, CostKind.BOUGHT, work.now)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with fresh_store("logistics", tmp_path) as store, clock.frozen(DISPATCHED):
        yield Office(Scene(store))


def amount(view: Any) -> Any:
    return view and view["amount"]


def test_costs_go_from_the_estimate_to_what_was_billed(office: Office) -> None:
    scene = office.scene
    scene.pass_review()
    estimated = office.costs()
    assert (estimated["status"], amount(estimated["estimated"]), estimated["accrued"]) == ("estimated", "2.50", None)
    office.buy_label(640)
    scene.dispatch(NewParcel("fedex", "1Z1"))
    (accrued,) = scene.told("landed_cost_accrued")
    assert (accrued["duty"]["amount"], accrued["freight"]["amount"]) == ("2.50", "6.40")
    assert (accrued["payer"], accrued["customer_charged"]["amount"]) == ("platform", "0.00")

    bill = ("I-1,1z-1,import duty,2.75", "I-1,1Z1,vat,3.00", "I-1,1Z1,toll,9.00", "I-1,1Z9,duty,1.00")
    first, again = office.upload(*bill), office.upload(*reversed(bill))

    assert [row["outcome"] for row in first["rows"]] == ["counted", "counted", "refused", "unmatched"]
    assert "toll" in (first["rows"][2]["detail"] or "")
    assert (amount(first["counted"]), first["held"], first["differences"]) == ("5.75", 1, [])
    assert (again["known"], again["refused"], amount(again["counted"])) == (3, 1, "0.00")
    view = office.costs()
    assert (view["status"], amount(view["difference"]), amount(view["cost"])) == ("reconciled", "3.25", "12.15")

    twice = office.upload("I-1,1Z1,duty,2.80", "I-2,1Z1,brokerage,15.00")
    assert [row["outcome"] for row in twice["rows"]] == ["repeated", "counted"]
    disputed = office.costs()
    assert (disputed["status"], amount(disputed["difference"])) == ("disputed", "18.25")
    repeated = office.upload("I-1,1Z1,duty,2.80", "I-2,1Z1,brokerage,15.00")  # as after an answer that was lost
    assert (repeated["known"], repeated["differences"]) == (2, twice["differences"])
    assert twice["differences"] == [disputed["shipment_number"]]
    assert disputed["due_at"] == "2026-03-10T15:59:59.999999Z"
    claimed = office.decide("claim")
    assert (claimed["status"], claimed["due_at"]) == ("disputed", None)
    office.upload("I-3,1Z1,brokerage,-15.00")
    assert office.costs()["status"] == "reconciled"
    with scene.work() as work:
        promised = {each["kind"] for each in work.commitments.of_order(ORDER)}
    assert LANDED_COST not in promised  # customers are not told of it
    assert [office.settle("dismiss"), office.settle("count", scene.number())] == ["dismissed", "counted"]
    rows = {row["tracking_number"]: row for row in office.costs()["rows"] if row["settled_by"]}
    assert rows["1Z1"]["outcome"] is RowOutcome.COUNTED
    statuses = [each["status"] for each in scene.told("landed_cost_moved")]
    assert statuses == ["estimated", "reconciled", "disputed", "disputed", "reconciled", "disputed"]


def test_a_difference_is_accepted_and_another_one_is_not(office: Office) -> None:
    office.send_to("US")
    office.upload("I-1,1Z1,duty,20.00")

    assert office.decide("accept")["status"] == "reconciled"
    view = office.costs()
    assert view["decision"] is not None
    assert (view["decision"]["by"], view["decision"]["note"]) == (LEAD.actor, "Because.")
    office.upload("I-2,1Z1,storage,4.99")
    assert office.costs()["status"] == "reconciled"
    office.upload("I-3,1Z1,storage,0.02")
    assert office.costs()["status"] == "disputed"
    for refused in ("estimate", "enter"):
        with pytest.raises(ServiceError, match="not where this decision begins"):
            office.decide(refused, **({"duty": "1.00"} if refused == "enter" else {}))


def test_decisions_that_come_too_early_are_refused(office: Office) -> None:
    office.scene.pass_review()
    office.upload("I-1,1Z9,duty,1.00")

    with pytest.raises(CostsSettled):
        office.decide("claim")
    with pytest.raises(WrongShipmentStatus):
        office.settle("count", office.scene.number())


def test_a_ledger_begun_late_knows_what_the_catalogue_does(office: Office, tmp_path: Path) -> None:
    entry = '- {countries: [US], since: 2026-01-01, hs: "6911", source: us, read_on: 2026-01-01, duty: {percent: 40}}'
    (tmp_path / "own.yaml").write_text(entry)
    office.scene.store.settings = LogisticsSettings(duties=str(tmp_path / "own.yaml"))
    office.scene.pass_review()
    facts = {"weight_g": 350, "hs_code": "691110", "origin_country": "CN"}
    said = {"order_number": None, "sku": "MUG-1", "price": {"amount": "12.50", "currency": "USD"}, "product_version": 2}
    office.scene.hear(ProductSaved, {**said, **facts})
    number = office.scene.number()
    with office.scene.work() as work:
        work.session.delete(work.costs.find(number))
    shown = office.costs()

    office.scene.dispatch(NewParcel("fedex", "1Z1"))

    assert amount(shown["estimated"]) == amount(office.costs()["accrued"]) == "10.00"


def test_what_no_rule_says_waits_for_a_person(office: Office) -> None:
    office.send_to("CH")
    view = office.costs()
    assert (view["status"], view["estimated"], view["accrued"], view["cost"]) == ("no_rule", None, None, None)
    assert {each["component"].value for each in view["missing"]} == {"duty", "import_vat"}
    assert office.scene.told("landed_cost_accrued") == []
    with office.scene.work(LEAD) as work:
        assert costs.report_costs(work, YEAR)["without_rule"] == 1
        waiting = costs.list_costs(work, ListCosts(status=view["status"]))["items"]
    assert [each["shipment_number"] for each in waiting] == [view["shipment_number"]]
    assert office.decide("estimate")["status"] == "no_rule"

    entered = office.decide("enter", duty="0.00", import_vat="2.03")

    assert (entered["status"], amount(entered["accrued"])) == ("accrued", "2.03")
    assert len(office.scene.told("landed_cost_accrued")) == 1
    office.send_to("CH", an_order_number(2), "1Z2")
    office.upload("I-1,1Z2,tax,5.01")
    assert office.costs(an_order_number(2))["status"] == "disputed"  # nothing says that it is right


def test_what_does_not_leave_costs_its_label_alone(office: Office) -> None:
    office.scene.pass_review()
    office.buy_label(640)
    with office.scene.work() as work:
        orders.cancel_order(work, ORDER)

    view = office.costs()

    assert (view["status"], view["accrued"], amount(view["cost"])) == ("withdrawn", None, "6.40")


def test_the_report_sums_by_country_sku_and_month(office: Office) -> None:
    office.send_to("US")
    with clock.frozen(DISPATCHED + timedelta(days=31)):
        office.send_to("DE", an_order_number(2), "1Z2")
    office.upload("I-1,1Z2,vat,5.00")

    with office.scene.work(LEAD) as work:
        report = costs.report_costs(work, YEAR)
        cells = costs.list_cost_cells(work, ListCostCells(since=YEAR.since, until=YEAR.until))["items"]

    assert {(row["by"], row["name"]): amount(row["cost"]) for row in report["items"]} == {
        ("all", None): "7.50", ("country", "DE"): "5.00", ("country", "US"): "2.50", ("sku", "MUG-1"): "7.50",
        ("month", "2026-03"): "2.50", ("month", "2026-04"): "5.00",
    }  # fmt: skip
    assert [(each["month"], each["country"], amount(each["duty"]), amount(each["import_vat"])) for each in cells] == [
        ("2026-03", "US", "2.50", "0.00"), ("2026-04", "DE", "0.00", "5.00"),
    ]  # fmt: skip


def test_the_database_lets_the_platform_pay_all(office: Office) -> None:
    office.send_to("US")

    for change in ({"payer": "customer"}, {"customer_charged": Money(1)}):
        with pytest.raises(ConcurrentUpdate), office.scene.work() as work:
            work.session.execute(sa.update(tables.cost_entries).values(change))


def test_an_erasure_takes_what_was_said_of_costs(office: Office) -> None:
    office.send_to("US")
    office.upload("I-1,1Z1,duty,20.00", "I-1,1Z1,duty,20.00", "I-1,1Z9,duty,1.00")
    office.decide("claim")
    office.settle("dismiss")
    office.settle("dismiss")
    assert "Because." in str(office.costs())
    assert "Looked at." in str(office.costs())

    office.scene.hear(OrderErased, {"order_number": ORDER, "request_id": "PRV-0000-0000-0"}, seq=20)

    view = office.costs()
    assert "Because." not in str(view)
    assert "Looked at." not in str(view)
    with office.scene.work() as work:
        told = str([entry["body"] for entry in work.journal.timeline(ORDER, public_only=False)])
    assert ("Because." in told, "Looked at." in told, "'reason': 'erased'" in told) == (False, False, True)


def test_an_upload_that_breaks_off_leaves_nothing(office: Office) -> None:
    office.send_to("US")

    def break_off() -> None:
        with office.scene.work(LEAD) as work:
            assert invoices.upload_invoice(work, f"{HEAD}I-1,1Z1,duty,20.00")["differences"]
            raise InterruptedError

    with pytest.raises(InterruptedError):
        break_off()
    assert (office.costs()["status"], office.costs()["rows"]) == ("accrued", [])
    for wrong in ("", "tracking_number,amount\n", HEAD + '"I-1'):
        with pytest.raises(BadInvoiceCsv), office.scene.work(LEAD) as work:
            invoices.preview_invoice(work, wrong)
