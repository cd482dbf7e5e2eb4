"""What commands and events do to an order, its money and its stock, in the database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.common.basics import clock
from services.common.basics.caller import AGENT
from services.common.basics.errors import Forbidden, Invalid, NotFound
from services.common.edge.fields import load
from services.common.store.idempotency import IdempotencyKeyReused
from services.common.testing import customer, guest, holder, staff
from services.orders import schemas
from services.orders.domain import OutOfStock, Payment, StockTooLow, UnknownProduct, VersionMoved, WrongStatus
from services.orders.handlers import catalogue, changing, placing, reviewing
from services.orders.payments import FactKind, PaymentFact
from services.orders.repository import ProductNotFound, Work
from services.orders.tests.builders import EMAIL, SETTINGS, Shop, captured, declined, order_form


def test_an_order_costs_what_the_catalogue_says_and_nothing_for_freight_and_duties(shop: Shop) -> None:
    number = shop.place(("MUG", 3))

    order = shop.order(number)

    assert order["totals"] == {
        "goods": {"amount": "37.50", "currency": "USD"},
        "shipping": {"amount": "0.00", "currency": "USD"},
        "duties": {"amount": "0.00", "currency": "USD"},
        "total": {"amount": "37.50", "currency": "USD"},
    }
    assert [paid["amount"] for paid in order["lines"][0]["paid"]] == ["12.50"] * 3
    assert order["stage"] == order["status"] == "awaiting_payment"
    assert order["payment"]["status"] == "created"
    assert shop.count("MUG") == (10, 3)
    shop.holds()


def test_the_same_key_and_order_are_one_order_and_another_body_is_refused(shop: Shop) -> None:
    def place(form: dict[str, object]) -> str:
        wanted = load(schemas.PlaceOrder, form)
        with shop.store.work(Work, customer(EMAIL, key="k1")) as work:
            return str(work.once("place_order", form, lambda: placing.place_order(work, SETTINGS, wanted))["number"])

    first = place(order_form())

    assert place(order_form()) == first
    assert shop.count("MUG") == (10, 2)
    with pytest.raises(IdempotencyKeyReused):
        place(order_form(("MUG", 5)))


def test_what_is_not_for_sale_is_refused_by_its_place_in_the_form(shop: Shop) -> None:
    with pytest.raises(UnknownProduct) as refused:
        shop.place(("MUG", 1), ("NO-SUCH", 1))

    assert refused.value.details["errors"][0]["field"] == "lines.1.sku"
    assert shop.count("MUG") == (10, 0)


def test_who_comes_too_late_for_the_last_pieces_leaves_nothing_behind(shop: Shop) -> None:
    shop.stocked("LAMP", 1)

    with pytest.raises(OutOfStock) as refused:
        shop.place(("LAMP", 2), ("MUG", 1))

    assert refused.value.details == {"sku": "LAMP", "wanted": 2}
    assert shop.count("MUG") == (10, 0)
    assert shop.do(placing.list_orders, {})["items"] == []
    shop.holds()


def test_a_capture_confirms_the_order_and_starts_the_review_clock(shop: Shop) -> None:
    number = shop.place()

    payment = shop.pay(number)

    order = shop.order(number)
    assert (order["status"], order["stage"], order["review"]["status"]) == ("confirmed", "in_review", "pending")
    assert order["payment"]["id"] == payment.payment_id
    assert [clock_["kind"] for clock_ in order["commitments"]] == ["review"]
    assert shop.journal(number) == ["order_placed", "payment_started", "payment_captured"]


def test_the_same_report_counts_once(shop: Shop) -> None:
    number = shop.place()
    payment = shop.start(number)
    fact = captured(payment, event="evt_1")

    first, second = shop.report(fact), shop.report(fact)

    assert (first["duplicate"], second["duplicate"]) == (False, True)
    assert shop.journal(number).count("payment_captured") == 1


def test_a_declined_payment_can_be_tried_again_with_the_same_reservation(shop: Shop) -> None:
    number = shop.place(("MUG", 10))
    first = shop.start(number)
    shop.report(declined(first))

    second = shop.pay(number)

    assert second.payment_id != first.payment_id
    assert shop.order(number)["status"] == "confirmed"
    assert shop.count("MUG") == (10, 10)


def test_starting_twice_is_one_attempt(shop: Shop) -> None:
    number = shop.place()

    first, second = shop.start(number), shop.start(number)

    assert first.payment_id == second.payment_id
    assert shop.journal(number) == ["order_placed", "payment_started"]


def test_a_second_capture_of_one_order_goes_back_in_full(shop: Shop) -> None:
    number = shop.place()
    first = shop.start(number)
    shop.report(declined(first))
    shop.pay(number)

    shop.report(captured(first))

    order = shop.order(number)
    assert [(refund["cause"], refund["amount"]["amount"]) for refund in order["refunds"]] == [("payment", "25.00")]
    assert order["status"] == "confirmed"
    shop.holds()


def test_an_order_nobody_tried_to_pay_expires_and_frees_its_stock(shop: Shop) -> None:
    number = shop.place()

    with clock.shifted(timedelta(hours=25)):
        assert shop.do(lambda work: work.orders.unpaid_since(work.now)) == [number]
        shop.do(placing.expire_unpaid, number)

    assert shop.order(number)["status"] == "expired"
    assert shop.count("MUG") == (10, 0)


def test_an_order_with_any_attempt_to_pay_never_expires(shop: Shop) -> None:
    number = shop.place()
    shop.report(declined(shop.start(number)))

    with clock.shifted(timedelta(days=400)):
        assert shop.do(lambda work: work.orders.unpaid_since(work.now)) == []
        shop.do(placing.expire_unpaid, number)

    assert shop.order(number)["status"] == "awaiting_payment"
    assert shop.count("MUG") == (10, 2)


def expired_order(shop: Shop) -> tuple[str, Payment]:
    number = shop.place(("MUG", 6))
    payment = shop.do(lambda work: work.payments.of_order(number)[0])
    with clock.shifted(timedelta(hours=25)):
        shop.do(placing.expire_unpaid, number)
    return number, payment


def test_a_late_payment_revives_an_expired_order_while_the_goods_are_there(shop: Shop) -> None:
    number, payment = expired_order(shop)

    shop.report(captured(payment))

    assert shop.order(number)["status"] == "confirmed"
    assert shop.count("MUG") == (10, 6)
    assert shop.journal(number)[-1] == "order_revived"
    shop.holds()


def test_a_late_payment_goes_back_when_the_goods_are_gone(shop: Shop) -> None:
    number, payment = expired_order(shop)
    shop.place(("MUG", 6), email="grace@example.com")

    shop.report(captured(payment))

    order = shop.order(number)
    assert order["status"] == "expired"
    assert [refund["amount"]["amount"] for refund in order["refunds"]] == ["75.00"]
    assert shop.count("MUG") == (10, 6)
    shop.holds()


def test_money_in_another_currency_that_the_order_does_not_need_calls_for_a_person_once(shop: Shop) -> None:
    number, payment = expired_order(shop)
    shop.place(("MUG", 6), email="grace@example.com")

    shop.report(captured(payment, 7000, "EUR"))
    shop.report(captured(payment, 7000, "EUR"))

    assert shop.journal(number)[-2:] == ["payment_captured", "payment_needs_attention"]
    attention = shop.body(number, "payment_needs_attention")
    assert attention["payment_id"] == payment.payment_id
    assert attention["amount"] == {"amount": "70.00", "currency": "EUR"}
    assert shop.order(number)["refunds"] == []


@pytest.mark.parametrize("role", ["agent", "reviewer", "lead", "aftersales", "admin"])
def test_who_works_on_orders_sees_them(shop: Shop, role: str) -> None:
    number = shop.place()

    assert shop.do(placing.get_order, number, caller=staff(role))["number"] == number
    assert shop.do(changing.list_changes, number, caller=staff(role))["items"] == []


def test_the_warehouse_sees_no_orders(shop: Shop) -> None:
    number = shop.place()

    for look in (placing.get_order, changing.list_changes):
        with pytest.raises(NotFound):
            shop.do(look, number, caller=staff("warehouse"))


def test_strangers_do_not_learn_that_an_order_exists(shop: Shop) -> None:
    number = shop.place()

    for stranger in (guest(), customer("eve@example.com"), holder("order:ORD-0000-0000-0")):
        with pytest.raises(NotFound) as refused:
            shop.do(placing.get_order, number, caller=stranger)
        assert refused.value.code == "order_not_found"


def test_customers_list_their_own_orders_newest_first_in_pages(shop: Shop) -> None:
    numbers = [shop.place(("MUG", 1)) for _ in range(3)]
    shop.place(("MUG", 1), email="grace@example.com")

    first = shop.do(placing.list_orders, {"limit": 2}, caller=customer(EMAIL))
    rest = shop.do(placing.list_orders, {"limit": 2, "cursor": first["next_cursor"]}, caller=customer(EMAIL))

    assert [item["number"] for item in first["items"] + rest["items"]] == numbers[::-1]
    assert rest["next_cursor"] is None
    with pytest.raises(Forbidden):
        shop.do(placing.list_orders, {}, caller=guest())


def test_a_customer_sees_results_of_checks_but_not_the_evidence(shop: Shop) -> None:
    number = shop.paid()

    shown = shop.do(placing.get_order, number, caller=customer(EMAIL))["review"]["checks"]
    to_staff = shop.do(placing.get_order, number, caller=staff(AGENT))["review"]["checks"]

    assert all(set(check) == {"check", "result", "at"} for check in shown)
    assert all(check["evidence"] and check["by"] for check in to_staff)


def test_a_product_edit_that_missed_a_change_is_refused(shop: Shop) -> None:
    facts = {
        "title": "A mug", "price": shop.do(lambda work: work.products.get("MUG").price), "weight_g": 1,
        "origin_country": "CN", "matches": [],
    }  # fmt: skip

    saved = shop.do(catalogue.put_product, "MUG", {**facts, "version": 1})

    assert saved["version"] == 2
    with pytest.raises(VersionMoved):
        shop.do(catalogue.put_product, "MUG", {**facts, "version": 1})


def test_only_admins_write_the_catalogue(shop: Shop) -> None:
    with pytest.raises(Forbidden):
        shop.do(catalogue.adjust_stock, "MUG", 1, "found", caller=staff(AGENT))


def test_a_shelf_cannot_hold_less_than_nothing(shop: Shop) -> None:
    with pytest.raises(StockTooLow):
        shop.do(catalogue.adjust_stock, "MUG", -11, "lost")
    with pytest.raises(ProductNotFound):
        shop.do(catalogue.adjust_stock, "NO-SUCH", 1, "found")
    shop.holds()


def test_a_csv_is_imported_whole_or_not_at_all(shop: Shop) -> None:
    text = "sku,title,price,weight_g,origin_country,stock,Colour\nCUP,A cup,4.00,200,CN,7,blue\n"

    assert shop.do(catalogue.import_products, text) == {"imported": 1}
    with pytest.raises(Invalid) as refused:
        shop.do(catalogue.import_products, text + "JUG,A jug,free,200,CN,7,blue\n")

    product = shop.do(catalogue.get_product, "CUP")
    assert (product["available"], product["parameters"]) == (7, {"Colour": "blue"})
    assert refused.value.details["errors"][0]["field"] == "3.price"
    with pytest.raises(ProductNotFound):
        shop.do(catalogue.get_product, "JUG")
    shop.holds()


def test_a_wrong_status_says_which(shop: Shop) -> None:
    number = shop.paid()

    with pytest.raises(WrongStatus) as refused:
        shop.start(number)

    assert refused.value.details == {"status": "confirmed"}


@pytest.mark.parametrize(("cents", "currency"), [(2400, "USD"), (2600, "USD"), (2500, "EUR")])
def test_a_wrong_amount_is_recorded_and_the_review_asks_the_customer(shop: Shop, cents: int, currency: str) -> None:
    number = shop.place()
    shop.pay(number, cents, currency)
    shop.do(reviewing.start_review, SETTINGS, number)

    order = shop.order(number)
    assert (order["status"], order["stage"]) == ("confirmed", "contacting_you")
    assert [check["check"] for check in order["review"]["checks"] if check["result"] == "failed"] == ["payment"]
    assert currency in shop.body(number, "review_needs_contact")["failed"][0]["evidence"]
    shop.holds()


def test_a_report_about_nothing_we_know_is_taken_and_noted(shop: Shop) -> None:
    answer = shop.report(PaymentFact("evt_9", FactKind.CAPTURED, "PAY-0000-0000-0", "", 1, "USD", "x"))

    assert answer == {"accepted": True, "duplicate": False}
