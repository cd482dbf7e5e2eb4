"""What commands and events do to an order, its money and its stock, in the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import pytest

from services.common.basics import clock
from services.common.basics.caller import AGENT
from services.common.basics.errors import Forbidden, Invalid, NotFound
from services.common.basics.money import Money
from services.common.edge.schemas import load
from services.common.store.database import EndedForAnother
from services.common.store.idempotency import IdempotencyKeyReused
from services.common.testing import customer, guest, holder, staff
from services.orders.adapters.payments import FactKind, PaymentFact
from services.orders.api import (
    AdjustStock,
    ListOrders,
    ListProducts,
    OutOfStock,
    PlaceOrder,
    ProductNotFound,
    SaveProduct,
    StockTooLow,
    UnknownProduct,
    VersionMoved,
    WrongStatus,
)
from services.orders.domain import Payment
from services.orders.handlers import catalogue, changes, imports, placing
from services.orders.repository import Work
from services.orders.tests.builders import EMAIL, captured, declined, order_form
from services.orders.tests.scene import Scene


def test_an_order_costs_the_catalogue_price_without_extras(scene: Scene) -> None:
    number = scene.place(("MUG", 3))

    order = scene.order(number)

    assert order["totals"] == {
        "goods": {"amount": "37.50", "currency": "USD"},
        "shipping": {"amount": "0.00", "currency": "USD"},
        "duties": {"amount": "0.00", "currency": "USD"},
        "total": {"amount": "37.50", "currency": "USD"},
        "ordered": {"amount": "37.50", "currency": "USD"},
        "discount": {"amount": "0.00", "currency": "USD"},
        "tax": {"amount": "0.00", "currency": "USD"},
        "refunded": {"amount": "0.00", "currency": "USD"},
    }
    assert [paid["amount"] for paid in order["lines"][0]["paid"]] == ["12.50"] * 3
    assert order["stage"] == order["status"] == "awaiting_payment"
    assert order["payment"]["status"] == "created"
    assert scene.count("MUG") == (10, 3)
    scene.holds()


def test_a_reused_key_with_another_body_is_refused(scene: Scene) -> None:
    def place(form: dict[str, object]) -> str:
        wanted = load(PlaceOrder, form)
        transaction = partial(scene.store.work, Work, customer(EMAIL, key="k1"))
        return placing.place_order(transaction, wanted)["number"]

    first = place(order_form())

    assert place(order_form()) == first
    assert scene.count("MUG") == (10, 2)
    with pytest.raises(IdempotencyKeyReused):
        place(order_form(("MUG", 5)))


def test_an_order_ended_for_another_is_placed_once_more(scene: Scene) -> None:
    begun: list[Work] = []

    @contextmanager
    def transaction(*, reading: bool = False) -> Iterator[Work]:
        with scene.store.work(Work, customer(EMAIL, key="k1"), reading=reading) as work:
            yield work
            begun.append(work)
            if len(begun) == 1:
                raise EndedForAnother

    placed = placing.place_order(transaction, load(PlaceOrder, order_form()))

    assert "repeated" not in placed
    assert [each["number"] for each in scene.do(placing.list_orders, ListOrders())["items"]] == [placed["number"]]
    assert (len(begun), scene.count("MUG")) == (2, (10, 2))
    scene.holds()


def test_unavailable_products_are_refused_by_their_place(scene: Scene) -> None:
    with pytest.raises(UnknownProduct) as refused:
        scene.place(("MUG", 1), ("NO-SUCH", 1))

    assert refused.value.details["errors"][0]["field"] == "lines.1.sku"
    assert scene.count("MUG") == (10, 0)


def test_losing_the_last_pieces_leaves_nothing_behind(scene: Scene) -> None:
    scene.stocked("LAMP", 1)

    with pytest.raises(OutOfStock) as refused:
        scene.place(("LAMP", 2), ("MUG", 1))

    assert refused.value.details == {"sku": "LAMP", "wanted": 2}
    assert scene.count("MUG") == (10, 0)
    assert scene.do(placing.list_orders, ListOrders())["items"] == []
    scene.holds()


def test_a_capture_confirms_the_order_and_starts_the_clock(scene: Scene) -> None:
    number = scene.place()

    payment = scene.pay(number)

    order = scene.order(number)
    assert (order["status"], order["stage"], order["review"]["status"]) == ("confirmed", "preparing", "passed")
    assert order["payment"]["id"] == payment.payment_id
    assert [clock_["kind"] for clock_ in order["commitments"]] == ["review"]
    told = ["order_placed", "payment_started", "payment_captured", "review_passed", "document_issued"]
    assert scene.journal(number) == told
    assert [entry["actor"] for entry in scene.events(number)][2:4] == ["provider:sandbox", "service:orders"]


def test_the_same_report_counts_once(scene: Scene) -> None:
    number = scene.place()
    payment = scene.start(number)
    fact = captured(payment, event="evt_1")

    first, second = scene.report(fact), scene.report(fact)

    assert (first["duplicate"], second["duplicate"]) == (False, True)
    assert scene.journal(number).count("payment_captured") == 1


def test_a_declined_payment_can_be_retried_on_the_same_stock(scene: Scene) -> None:
    number = scene.place(("MUG", 10))
    first = scene.start(number)
    scene.report(declined(first))

    second = scene.pay(number)

    assert second.payment_id != first.payment_id
    assert scene.order(number)["status"] == "confirmed"
    assert scene.count("MUG") == (10, 10)


def test_starting_twice_is_one_attempt(scene: Scene) -> None:
    number = scene.place()

    first, second = scene.start(number), scene.start(number)

    assert first.payment_id == second.payment_id
    assert scene.journal(number) == ["order_placed", "payment_started"]


def test_a_second_capture_of_one_order_goes_back_in_full(scene: Scene) -> None:
    number = scene.place()
    first = scene.start(number)
    scene.report(declined(first))
    scene.pay(number)

    scene.report(captured(first))

    order = scene.order(number)
    assert [(refund["cause"], refund["amount"]["amount"]) for refund in order["refunds"]] == [("payment", "25.00")]
    assert order["status"] == "confirmed"
    scene.holds()


def test_an_unpaid_order_expires_and_frees_its_stock(scene: Scene) -> None:
    number = scene.place()

    with clock.shifted(timedelta(hours=25)):
        assert scene.do(lambda work: work.orders.unpaid_since(work.now)) == [number]
        scene.do(placing.expire_unpaid, number)

    assert scene.order(number)["status"] == "expired"
    assert scene.count("MUG") == (10, 0)


def test_an_attempt_to_pay_does_not_keep_the_stock(scene: Scene) -> None:
    number = scene.place()
    scene.report(declined(scene.start(number)))

    with clock.shifted(timedelta(minutes=31)):
        assert scene.do(lambda work: work.orders.unpaid_since(work.now)) == [number]
        scene.do(placing.expire_unpaid, number)
        scene.do(placing.expire_unpaid, number)

    assert scene.order(number)["status"] == "expired"
    assert scene.count("MUG") == (10, 0)


def expired_order(scene: Scene) -> tuple[str, Payment]:
    number = scene.place(("MUG", 6))
    payment = scene.do(lambda work: work.payments.of_order(number)[0])
    with clock.shifted(timedelta(hours=25)):
        scene.do(placing.expire_unpaid, number)
    return number, payment


def test_a_late_payment_revives_an_order_with_goods_in_stock(scene: Scene) -> None:
    number, payment = expired_order(scene)

    scene.report(captured(payment))

    assert scene.order(number)["status"] == "confirmed"
    assert scene.count("MUG") == (10, 6)
    assert scene.journal(number)[-4:-1] == ["payment_captured", "order_revived", "review_passed"]
    scene.holds()


def test_a_late_payment_goes_back_when_the_goods_are_gone(scene: Scene) -> None:
    number, payment = expired_order(scene)
    scene.place(("MUG", 6), email="grace@example.com")

    scene.report(captured(payment))

    order = scene.order(number)
    assert order["status"] == "expired"
    assert [refund["amount"]["amount"] for refund in order["refunds"]] == ["75.00"]
    assert scene.count("MUG") == (10, 6)
    scene.holds()


def test_foreign_money_opens_one_case_for_a_person(scene: Scene) -> None:
    number, payment = expired_order(scene)
    scene.place(("MUG", 6), email="grace@example.com")

    scene.report(captured(payment, 7000, "EUR"))
    scene.report(captured(payment, 7000, "EUR"))

    assert scene.journal(number)[-2:] == ["payment_captured", "payment_needs_attention"]
    attention = scene.body(number, "payment_needs_attention")
    assert attention["payment_id"] == payment.payment_id
    assert attention["amount"] == {"amount": "70.00", "currency": "EUR"}
    assert scene.order(number)["refunds"] == []


@pytest.mark.parametrize("role", ["agent", "reviewer", "lead", "aftersales", "admin"])
def test_who_works_on_orders_sees_them(scene: Scene, role: str) -> None:
    number = scene.place()

    assert scene.do(placing.get_order, number, caller=staff(role))["number"] == number
    assert scene.do(changes.list_changes, number, caller=staff(role))["items"] == []


def test_the_warehouse_sees_no_orders(scene: Scene) -> None:
    number = scene.place()

    for look in (placing.get_order, changes.list_changes):
        with pytest.raises(NotFound):
            scene.do(look, number, caller=staff("warehouse"))


def test_strangers_do_not_learn_that_an_order_exists(scene: Scene) -> None:
    number = scene.place()

    for stranger in (guest(), customer("eve@example.com"), holder("order:ORD-0000-0000-0")):
        with pytest.raises(NotFound) as refused:
            scene.do(placing.get_order, number, caller=stranger)
        assert refused.value.code == "order_not_found"


def test_customers_list_their_own_orders_newest_first_in_pages(scene: Scene) -> None:
    numbers = [scene.place(("MUG", 1)) for _ in range(3)]
    scene.place(("MUG", 1), email="grace@example.com")

    first = scene.do(placing.list_orders, ListOrders(limit=2), caller=customer(EMAIL))
    rest = scene.do(placing.list_orders, ListOrders(limit=2, cursor=first["next_cursor"]), caller=customer(EMAIL))

    assert [item["number"] for item in first["items"] + rest["items"]] == numbers[::-1]
    assert rest["next_cursor"] is None
    with pytest.raises(Forbidden):
        scene.do(placing.list_orders, ListOrders(), caller=guest())


def test_a_customer_sees_results_of_checks_but_not_the_evidence(scene: Scene) -> None:
    number = scene.paid()

    shown = scene.do(placing.get_order, number, caller=customer(EMAIL))["review"]["checks"]
    to_staff = scene.do(placing.get_order, number, caller=staff(AGENT))["review"]["checks"]

    assert all(set(check) == {"check", "result", "at"} for check in shown)
    assert all(check["evidence"] and check["by"] for check in to_staff)


def test_a_product_edit_that_missed_a_change_is_refused(scene: Scene) -> None:
    seen = SaveProduct("A mug", Money(1250), weight_g=1, version=2)

    saved = scene.do(catalogue.put_product, "MUG", seen)

    assert saved["version"] == 3
    with pytest.raises(VersionMoved):
        scene.do(catalogue.put_product, "MUG", seen)


def test_a_list_of_products_shows_what_can_be_ordered(scene: Scene) -> None:
    before = {item["sku"]: item["available"] for item in scene.do(catalogue.list_products, ListProducts())["items"]}
    scene.place(("MUG", 2))

    after = {item["sku"]: item["available"] for item in scene.do(catalogue.list_products, ListProducts())["items"]}

    assert after == {**before, "MUG": before["MUG"] - 2}
    assert after["MUG"] == scene.do(catalogue.get_product, "MUG")["available"]


def test_a_shelf_cannot_hold_less_than_nothing(scene: Scene) -> None:
    with pytest.raises(StockTooLow):
        scene.do(catalogue.adjust_stock, "MUG", AdjustStock(-11, "lost"))
    with pytest.raises(ProductNotFound):
        scene.do(catalogue.adjust_stock, "NO-SUCH", AdjustStock(1, "found"))
    scene.holds()


def test_a_csv_is_imported_whole_or_not_at_all(scene: Scene) -> None:
    text = "sku,title,price,weight_g,origin_country,stock,parameter:Colour\nCUP,A cup,4.00,200,CN,7,blue\n"

    assert scene.do(imports.import_products, text)["imported"] == 1
    with pytest.raises(Invalid) as refused:
        scene.do(imports.import_products, text + "JUG,A jug,free,200,CN,7,blue\n")

    product = scene.do(catalogue.get_product, "CUP")
    assert (product["available"], product["parameters"]) == (7, {"Colour": "blue"})
    assert refused.value.details["errors"][0]["field"] == "3.price"
    with pytest.raises(ProductNotFound):
        scene.do(catalogue.get_product, "JUG")
    scene.holds()


def test_a_preview_says_what_the_import_then_does(scene: Scene) -> None:
    scene.do(imports.import_products, "sku,title,price,stock\nCUP,A cup,4.00,7\nPOT,A pot,9.00,1\n")
    text = "sku,title,price,stock,parameter:Colour\ncup,A cup,4.50,5,blue\nPOT,A pot,9.00,1,\nJUG,A jug,6.00,,\n"

    preview = scene.do(imports.preview_import, text)
    before = scene.do(catalogue.get_product, "CUP")
    done = scene.do(imports.import_products, text)

    changes = {
        each["sku"]: {f["field"]: (f["before"], f["after"]) for f in each["fields"]} for each in preview["changes"]
    }
    assert changes == {
        "CUP": {"price": ("4.00", "4.50"), "parameters": ("", "Colour: blue"), "stock": ("7", "5")},
        "JUG": {"title": ("", "A jug"), "price": ("", "6.00")},
    }
    assert [each["is_new"] for each in preview["changes"]] == [False, True]
    assert before["price"]["amount"] == "4.00"
    assert {name: preview[name] for name in done} == done  # type: ignore[literal-required]
    with pytest.raises(Invalid) as refused:
        scene.do(imports.preview_import, text + "INK,,free,,\n")
    assert [each["field"] for each in refused.value.details["errors"]] == ["5.price"]


def test_a_wrong_status_says_which(scene: Scene) -> None:
    number = scene.paid()

    with pytest.raises(WrongStatus) as refused:
        scene.start(number)

    assert refused.value.details == {"status": "confirmed"}


def test_a_report_about_nothing_we_know_is_taken_and_noted(scene: Scene) -> None:
    answer = scene.report(PaymentFact("evt_9", FactKind.CAPTURED, "PAY-0000-0000-0", "", 1, "USD", "x"))

    assert answer == {"accepted": True, "duplicate": False}
