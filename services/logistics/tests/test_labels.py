"""A label is paid once, whatever its seller does and however many press; what is not used comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from services.common.basics import clock
from services.common.basics.errors import ServiceError
from services.common.basics.guard import transaction
from services.common.basics.personal import ERASED
from services.common.testing import fresh_store
from services.logistics.adapters.carriers import Carriers
from services.logistics.adapters.carriers.easypost import EasyPost
from services.logistics.adapters.carriers.easypost_labels import EasyPostLabels
from services.logistics.api.labels import AskRates, BuyLabel, LabelView, ListLabelCosts, RatesView
from services.logistics.api.papers import WeighShipment
from services.logistics.api.refusals import LabelNotUsed
from services.logistics.api.shipments import MarkDispatched, PackedGiven, ParcelGiven, Step
from services.logistics.domain import NewParcel
from services.logistics.domain.labels import FOR_ALL, GIVE_UP, ON_ITS_WAY
from services.logistics.handlers import label_settling, labels, orders, papers, shipments
from services.logistics.repository import Work
from services.logistics.tests.builders import review_passed
from services.logistics.tests.easypost_server import NUMBER, PDF, EasyPostServer, easypost
from services.logistics.tests.scene import DISPATCHED, ORDER, WAREHOUSE, Scene, given
from services.orders.api.events import OrderErased

PRIORITY, FIRST = "rate_21595c953ead44b7a167166a0e74e044", "rate_5d93936512bb4b6285d783a85b0b8ab6"
SOON = timedelta(minutes=1)


class Station:
    """The pack station with one weighed box, and EasyPost, which sells labels."""

    def __init__(self, scene: Scene, server: EasyPostServer):
        self.scene, self.server = scene, server
        self.carriers = Carriers({"easypost": EasyPost(easypost_api_key="key", easypost_url=server.url)})
        scene.pass_review()
        self.number = scene.number()
        with scene.work(WAREHOUSE) as work:
            shipments.mark_sorted(work, self.number, Step())
        with scene.work(WAREHOUSE) as work:
            papers.weigh_shipment(work, self.number, WeighShipment(900))

    def work(self, *, reading: bool = False) -> AbstractContextManager[Work]:
        return self.scene.work(WAREHOUSE)

    def rates(self) -> RatesView:
        return labels.ask_rates(self.work, self.carriers, self.number, AskRates())

    def buy(self, rate: str = FIRST) -> LabelView:
        offer = self.rates()["rates"][0]["offer"]
        return labels.buy_label(self.work, self.carriers, self.number, BuyLabel(offer, rate))

    def settle(self, after: timedelta = SOON) -> LabelView:
        """Let the sweep run some time from now. Return the latest label."""
        with clock.frozen(clock.now() + after):
            label_settling.settle_labels(self.work, self.carriers.sellers)
        return self.label

    @property
    def label(self) -> LabelView:
        with self.work() as work:
            return labels.list_labels(work, self.number)["items"][0]

    def void(self) -> LabelView:
        label_id = self.label["id"]
        with self.work() as work:
            return labels.void_label(work, self.number, label_id)

    def erase(self) -> None:
        self.scene.hear(OrderErased, {"order_number": ORDER, "request_id": "PRV-0000-0000-0"}, seq=20)

    def leave(self, *parcels: NewParcel) -> str:
        """Hand it over, packing it first if need be. Return its tracking number."""
        return self.dispatch(given(*parcels) if parcels else MarkDispatched())

    def dispatch(self, handed_over: MarkDispatched) -> str:
        with self.work() as work:
            if work.shipments.get(self.number).packed_at is None:
                shipments.mark_packed(work, self.number, Step())
        with self.work() as work:
            return shipments.mark_dispatched(work, self.number, handed_over).parcels[0].tracking_number

    @property
    def status(self) -> str:
        with self.work() as work:
            return work.shipments.get(self.number).status

    @property
    def costs(self) -> list[str]:
        with self.work() as work:
            return [each["amount"]["amount"] for each in labels.list_label_costs(work, ListLabelCosts())["items"]]


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    with (
        fresh_store("logistics", tmp_path) as store,
        easypost() as server,
        clock.frozen(DISPATCHED),
    ):
        yield Station(Scene(store), server)


def refusal(call: Callable[..., object], *asked: object) -> str:
    with pytest.raises(ServiceError) as refused:
        call(*asked)
    return refused.value.code


def test_the_cheapest_rate_is_shown_first_with_what_is_missing(station: Station) -> None:
    shown = station.rates()

    assert [(each["carrier"], each["service"], each["amount"]["amount"], each["days"]) for each in shown["rates"]] == [
        ("usps", "First", "5.49", 2), ("usps", "Priority", "7.37", 1),
    ]  # fmt: skip
    assert [each["detail"] for each in shown["problems"]] == [
        "FedEx: Unable to retrieve FedEx rates", "1 not in USD",
    ]  # fmt: skip
    told = station.server.asked[0][2]["shipment"]
    assert (told["parcel"], told["options"]["incoterm"]) == ({"weight": 31.8}, "DDP")
    assert told["to_address"]["street1"] == "1 Main St"
    assert told["customs_info"]["customs_items"] == [
        {
            "description": "A mug", "code": "MUG-1", "quantity": 2, "value": "25.00", "currency": "USD",
            "weight": 24.7, "hs_tariff_number": "691200", "origin_country": "CN",
        }
    ]  # fmt: skip


def test_two_who_press_pay_once_and_it_leaves_under_that_number(station: Station) -> None:
    met: list[str] = []
    station.server.while_buying = lambda: met.append(refusal(station.buy))

    bought = station.buy()
    station.server.while_buying = lambda: None

    assert (bought["status"], bought["tracking_number"], bought["amount"]["amount"]) == ("bought", NUMBER, "5.50")
    assert met == ["label_exists"]
    assert (station.server.sold, station.costs) == (["shp_1"], ["5.50"])
    assert refusal(station.leave, NewParcel("usps", "94001")) == "label_not_used"
    paper = labels.get_label_paper(station.work, station.carriers, station.number, bought["id"])
    assert paper["name"] == f"label-{station.number}.pdf"
    station.server.trouble = "away"
    assert labels.get_label_paper(station.work, station.carriers, station.number, bought["id"]) == paper
    assert station.leave() == NUMBER
    assert (station.label["status"], refusal(station.void)) == ("used", "label_used")
    moved = [(each["previous_status"], each["status"]) for each in station.scene.told("label_moved")]
    assert moved == [(None, "wanted"), ("wanted", "bought"), ("bought", "used")]


def test_nothing_leaves_under_a_label_that_was_given_back(station: Station) -> None:
    station.buy()
    station.void()

    assert refusal(station.leave, NewParcel("usps", f"{NUMBER[:4]} {NUMBER[4:]}")) == "label_not_used"
    assert station.settle()["status"] == "voided"
    assert refusal(station.leave, NewParcel("usps", NUMBER)) == "label_not_used"
    assert refusal(station.leave) == "no_label"
    assert station.leave(NewParcel("usps", "94001")) == "94001"
    assert refusal(station.leave) == "wrong_shipment_status"


def test_a_lost_answer_is_asked_for_until_it_is_known(station: Station) -> None:
    station.server.trouble = "lost"

    assert station.buy()["status"] == "wanted"

    assert (station.settle()["status"], station.server.sold, station.costs) == ("bought", ["shp_1"], ["5.50"])
    with clock.frozen(clock.now() + 3 * SOON):
        label_settling.settle_labels(station.work, station.carriers.sellers)
    label_id = station.label["id"]
    with station.work() as work:
        assert work.labels.paper(label_id) == PDF


def test_a_refusal_of_a_second_try_is_no_proof_of_none_paid(station: Station) -> None:
    station.server.trouble = "late"

    assert station.buy()["status"] == "wanted"
    station.server.trouble = "rate"

    assert [station.settle()["status"], station.costs] == ["voiding", []]
    station.server.arrive()
    assert (station.settle(2 * SOON)["status"], station.costs) == ("voided", ["5.50", "-5.50"])


@pytest.mark.parametrize("status", [400, 401, 403, 408, 409, 429])
def test_a_refusal_to_tell_is_no_proof_of_none_paid(station: Station, status: int) -> None:
    station.server.trouble = "lost"
    station.buy()
    station.void()

    station.server.trouble = f"reads {status}"
    assert station.settle(GIVE_UP + ON_ITS_WAY + SOON)["status"] == "voiding"
    assert station.label["problem"] is not None

    station.server.trouble = ""
    assert (station.settle(2 * GIVE_UP)["status"], station.costs) == ("voided", ["5.50", "-5.50"])


def test_what_its_seller_does_not_know_was_not_bought(station: Station) -> None:
    station.server.trouble = "away"
    with pytest.raises(ServiceError):
        station.rates()
    station.server.trouble = "late"
    station.buy()
    station.void()

    station.server.trouble = "reads 404"

    assert station.settle(GIVE_UP + ON_ITS_WAY + SOON)["status"] == "failed"


def test_what_is_paid_is_booked_though_it_was_written_off(station: Station) -> None:
    def write_off() -> None:
        with station.work() as work:
            label = work.labels.live(station.number)
            assert label is not None
            work.journal.record(*label.not_bought("label_refused", "another replica was told so"))

    station.server.while_buying = write_off

    assert station.buy()["status"] == "voiding"
    assert (station.settle()["status"], station.costs) == ("voided", ["5.50", "-5.50"])


def test_what_left_without_its_label_has_it_given_back(station: Station) -> None:
    station.server.trouble = "lost"
    station.buy()

    assert station.leave(NewParcel("usps", "94001")) == "94001"

    assert station.label["status"] == "voiding"
    assert (station.settle()["status"], station.costs) == ("voided", ["5.50", "-5.50"])


def test_a_seller_that_stays_away_is_given_up(station: Station) -> None:
    offer = station.rates()["rates"][0]["offer"]
    station.server.trouble = "away"
    wanted = labels.buy_label(station.work, station.carriers, station.number, BuyLabel(offer, FIRST))

    assert (wanted["status"], refusal(station.rates)) == ("wanted", "carrier_unavailable")
    assert station.settle(GIVE_UP)["status"] == "voiding"
    station.server.trouble = ""
    assert station.settle(GIVE_UP + SOON)["status"] == "voiding"  # the request may still be on its way
    assert station.settle(GIVE_UP + ON_ITS_WAY + SOON)["status"] == "failed"
    assert (station.server.sold, station.costs) == ([], [])


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        ("busy", "carrier_busy"),
        ("rate", "rate_gone"),
        ("address", "address_refused"),
        ("refused", "label_refused"),
    ],
)
def test_a_refusal_costs_nothing_and_the_box_leaves_by_hand(station: Station, trouble: str, code: str) -> None:
    station.server.trouble = trouble

    assert refusal(station.buy) == code

    assert (station.label["status"], station.costs) == ("failed", [])
    assert station.leave(NewParcel("usps", "94001")) == "94001"


def test_what_changes_or_stays_here_gives_its_label_back(station: Station) -> None:
    station.buy()
    offer = station.rates()["rates"][0]["offer"]
    moved = {**review_passed(ORDER)["delivery"], "line1": "2 Main St"}
    (line,) = review_passed(ORDER)["lines"]
    station.scene.change(line, seq=9, delivery=moved)

    assert station.label["status"] == "voiding"
    with station.work() as work:
        papers.weigh_shipment(work, station.number, WeighShipment(900))
    stale = BuyLabel(offer, PRIORITY)  # of the box as it was
    assert refusal(labels.buy_label, station.work, station.carriers, station.number, stale) == "rate_gone"
    assert station.settle()["status"] == "voided"
    station.buy(PRIORITY)
    with station.work() as work:
        papers.weigh_shipment(work, station.number, WeighShipment(900))
    assert station.label["status"] == "bought"
    with station.work() as work:
        papers.weigh_shipment(work, station.number, WeighShipment(950))
    assert station.settle()["status"] == "voided"
    station.buy()
    with station.work() as work:
        orders.cancel_order(work, ORDER)
    station.settle()
    assert sorted(station.costs) == ["-5.50", "-5.50", "-7.38", "5.50", "5.50", "7.38"]


def test_a_refund_is_awaited_for_as_long_as_it_takes(station: Station) -> None:
    station.server.refund = "submitted"
    station.buy()

    assert [station.void()["status"], station.settle()["status"]] == ["voiding", "voiding"]
    station.server.shipments["shp_1"]["refund_status"] = "refunded"
    assert station.settle(timedelta(days=20))["status"] == "voided"


def test_an_erased_customer_has_no_label_kept(station: Station) -> None:
    bought = station.buy()
    labels.get_label_paper(station.work, station.carriers, station.number, bought["id"])
    station.leave()

    station.erase()

    printing = (labels.get_label_paper, station.work, station.carriers, station.number, bought["id"])
    assert refusal(*printing) == "label_not_printable"
    with station.work() as work:
        assert work.labels.paper(bought["id"]) is None


def test_no_part_leaves_under_a_label_for_all_pieces(station: Station) -> None:
    """What it declares to customs is all that was bought: two mugs, where one leaves."""
    one_of_two = ParcelGiven("usps", NUMBER, lines=(PackedGiven(1, 1),))
    station.buy()

    with pytest.raises(LabelNotUsed) as refused:
        station.dispatch(MarkDispatched((one_of_two,), rest_follows=True))

    assert refused.value.message == FOR_ALL
    assert (station.label["status"], station.status) == ("bought", "packed")
    station.void()
    station.dispatch(MarkDispatched((replace(one_of_two, tracking_number="94001"),), rest_follows=True))
    assert station.status == "dispatched"


def test_an_unanswered_label_is_given_back_for_a_part(station: Station) -> None:
    station.server.trouble = "lost"
    station.buy()

    station.dispatch(MarkDispatched((ParcelGiven("usps", "94001", lines=(PackedGiven(1, 1),)),), rest_follows=True))

    assert (station.label["status"], station.status) == ("voiding", "dispatched")


@pytest.mark.parametrize("trouble", ["elsewhere", "endless"])
def test_no_address_goes_elsewhere_and_no_answer_is_endless(station: Station, trouble: str) -> None:
    station.server.trouble = trouble

    assert (refusal(station.rates), len(station.server.asked)) == ("carrier_unavailable", 1)


def test_postage_that_a_carrier_bills_itself_counts(station: Station) -> None:
    station.server.trouble = "own account"
    station.buy()

    assert station.costs == ["5.57"]


def test_an_erasure_meets_what_is_under_way(station: Station) -> None:
    station.server.trouble = "address"
    refusal(station.buy)
    station.server.trouble, station.server.while_buying = "", station.erase

    bought = station.buy()

    assert station.settle()["status"] == "bought"
    assert refusal(labels.get_label_paper, station.work, station.carriers, station.number, bought["id"])
    with station.work() as work:
        paid, refused = work.labels.of_shipment(station.number)
        assert (work.labels.paper(paid.id), paid.paper_url, paid.attempt_at) == (None, "", None)
        assert (refused.problem_code, refused.problem) == ("address_refused", ERASED)


def test_a_paper_that_comes_after_an_erasure_is_not_kept(station: Station) -> None:
    bought = station.buy()
    station.server.while_printing = station.erase

    station.settle()

    with station.work() as work:
        assert work.labels.paper(bought["id"]) is None


def test_no_seller_is_asked_in_a_transaction_or_without_our_key() -> None:
    seller = EasyPost(easypost_api_key="key", easypost_url="http://127.0.0.1:1").seller

    assert isinstance(seller, EasyPostLabels)
    assert EasyPost().seller is None
    with transaction(), pytest.raises(RuntimeError, match="EasyPost"):
        seller._call("GET", "/v2/shipments/shp_1")
