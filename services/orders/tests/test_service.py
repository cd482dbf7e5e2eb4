"""Orders over the bus: what is asked, what is announced, what happens by itself."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import eventlet
import pytest
import sqlalchemy as sa
from eventlet import wsgi
from itsdangerous import URLSafeSerializer

from services.common.basics import clock, ids
from services.common.basics.caller import ADMIN, AGENT, LEAD, REVIEWER, Caller
from services.common.basics.errors import Forbidden, Invalid, NotFound, ServiceError
from services.common.store import tables
from services.common.testing import Platform, customer, eventually, guest, holder, running, staff
from services.orders.service import OrdersService
from services.orders.tests.builders import EMAIL, SECRET, a_webhook, order_form

MUG = {"title": "A mug", "price": {"amount": "12.50", "currency": "USD"}, "weight_g": 400, "hs_code": "691200"}
SHIPMENT = ids.number(ids.SHIPMENT, 7)


class Bank:
    """A bank at a local address, which answers as it is told and remembers what it was asked."""

    def __init__(self) -> None:
        self.status, self.asked = "202 Accepted", []  # type: ignore[var-annotated]
        self.answers = eventlet.event.Event()
        self.slow_at = 0  # which request is answered only when `answers` is sent
        self._socket = eventlet.listen(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = eventlet.spawn(wsgi.server, self._socket, self, log_output=False)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        environ["wsgi.input"].read()
        if environ["PATH_INFO"] == "/sandbox/movements":  # its books, which are not what these tests are about
            start_response("503 Service Unavailable", [])
            return []
        self.asked.append((environ["PATH_INFO"], environ.get("HTTP_IDEMPOTENCY_KEY")))
        if len(self.asked) == self.slow_at:
            self.answers.wait()
        start_response(self.status, [("Content-Type", "application/json")])
        return [b'{"id": "ref.1", "status": "pending"}']

    def close(self) -> None:
        self._thread.kill()
        self._socket.close()


@pytest.fixture
def bank() -> Iterator[Bank]:
    bank = Bank()
    yield bank
    bank.close()


@pytest.fixture
def shop(tmp_path: Path, bank: Bank) -> Iterator[Platform]:
    with running(OrdersService, folder=tmp_path, environ={"PLEDGE_SANDBOX_URL": bank.url}) as platform:
        for sku in ("MUG", "TEA"):
            platform.call("orders", "put_product", sku, MUG, caller=staff(ADMIN))
            adjust(platform, sku, 10)
        yield platform


def adjust(shop: Platform, sku: str, delta: int) -> None:
    shop.call("orders", "adjust_stock", sku, {"delta": delta, "reason": "counted"}, caller=staff(ADMIN))


def place(shop: Platform, *lines: tuple[str, int]) -> str:
    return str(shop.call("orders", "place_order", order_form(*lines), caller=guest())["number"])


def report(shop: Platform, kind: str, **data: Any) -> dict[str, Any]:
    headers, body = a_webhook(kind, **data)
    answer: dict[str, Any] = shop.call("orders", "receive_payment_webhook", "sandbox", headers, body, caller=guest())
    return answer


def pay(shop: Platform, number: str) -> None:
    started = shop.call("orders", "start_payment", number, {}, caller=holder(f"order:{number}"))
    cents = int(started["amount"]["amount"].replace(".", ""))
    report(
        shop, "payment.captured", payment_id=started["payment_id"], amount_cents=cents, currency="USD", reference="p.1"
    )


def order_of(shop: Platform, number: str) -> dict[str, Any]:
    order: dict[str, Any] = shop.call("orders", "get_order", number, caller=staff(AGENT))
    return order


def until(shop: Platform, number: str, condition: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    def asked() -> dict[str, Any] | None:
        order = order_of(shop, number)
        return order if condition(order) else None

    found = eventually(asked)
    assert found is not None
    return found


def test_a_guest_orders_and_pays_and_the_review_passes_by_itself(shop: Platform) -> None:
    number = place(shop, ("MUG", 2))
    pay(shop, number)

    order = until(shop, number, lambda order: order["review"]["status"] == "passed")

    assert (order["status"], order["stage"]) == ("confirmed", "preparing")
    assert {check["result"] for check in order["review"]["checks"]} == {"passed"}
    assert [item["status"] for item in order["commitments"]] == ["kept"]
    timeline = shop.call("orders", "get_timeline", number, caller=holder(f"order:{number}"))["items"]
    assert [entry["type"] for entry in timeline] == [
        "order_placed", "payment_started", "payment_captured", "review_passed",
    ]  # fmt: skip


def test_a_placed_order_can_be_paid_from_its_unstored_reply(shop: Platform) -> None:
    buyer = customer(EMAIL, key="k")
    placed = shop.call("orders", "place_order", order_form(("MUG", 1)), caller=buyer)
    again = shop.call("orders", "place_order", order_form(("MUG", 1)), caller=buyer)

    claims = URLSafeSerializer(SECRET, salt="sandbox-payment").loads(placed["payment"]["client_secret"])
    report(
        shop, "payment.captured", payment_id=claims["payment_id"], amount_cents=claims["amount_cents"],
        currency=claims["currency"], reference="p.1",
    )  # fmt: skip

    until(shop, placed["number"], lambda order: order["review"]["status"] == "passed")
    assert again == placed
    with shop.store("orders").engine.connect() as connection:
        (kept,) = connection.execute(sa.select(tables.idempotency_keys.c.reply)).scalars()
    assert placed["payment"]["id"] in kept
    assert "client_secret" not in kept


@pytest.mark.parametrize("end", ["captured", "cancelled"])
def test_a_repeated_reply_after_payment_has_no_payment_data(shop: Platform, end: str) -> None:
    buyer = customer(EMAIL, key="k")
    placed = shop.call("orders", "place_order", order_form(("MUG", 1)), caller=buyer)
    if end == "captured":
        payment = {"payment_id": placed["payment"]["id"], "amount_cents": 1250, "currency": "USD", "reference": "p.1"}
        report(shop, "payment.captured", **payment)
    else:
        shop.call("orders", "cancel_order", placed["number"], {"reason": ""}, caller=customer(EMAIL))

    again = shop.call("orders", "place_order", order_form(("MUG", 1)), caller=buyer)

    assert again["number"] == placed["number"]
    assert placed["payment"].keys() - again["payment"].keys() == {"client_secret", "url"}


def test_a_reviewer_reads_and_decides_what_waits_for_a_person(shop: Platform) -> None:
    form = order_form(("MUG", 1), postal_code="1")
    number = str(shop.call("orders", "place_order", form, caller=guest())["number"])
    pay(shop, number)
    until(shop, number, lambda order: order["review"]["status"] == "needs_contact")
    found = {"check": "delivery", "result": "passed", "evidence": "confirmed by telephone"}

    waiting = shop.call("orders", "list_reviews", {}, caller=staff(REVIEWER))["items"]
    decision = {"decision": "pass", "checks": [found]}
    decided = shop.call("orders", "decide_review", number, decision, caller=staff(REVIEWER))

    assert [item["number"] for item in waiting] == [number]
    assert decided["review"]["status"] == "passed"
    assert decided["review"]["checks"][-1].items() >= {**found, "by": "staff:reviewer@pledge.example"}.items()


@pytest.mark.parametrize("role", ["agent", "reviewer", "lead", "aftersales", "admin"])
def test_who_works_on_orders_sees_what_happened_to_them(shop: Platform, role: str) -> None:
    number = place(shop)

    assert shop.call("orders", "get_timeline", number, caller=staff(role))["items"]
    assert shop.call("orders", "authorize_order_access", number, caller=staff(role)) == {"order_number": number}


def test_the_warehouse_does_not_see_what_happened_to_orders(shop: Platform) -> None:
    number = place(shop)

    for method in ("get_timeline", "authorize_order_access"):
        for any_number in (number, "ORD-0000-0000-0"):
            with pytest.raises(Forbidden, match="role_required"):
                shop.call("orders", method, any_number, caller=staff("warehouse"))


def test_the_order_of_a_signed_in_customer_is_theirs_to_follow(shop: Platform) -> None:
    number = place(shop)

    assert shop.call("orders", "authorize_order_access", number, caller=customer(EMAIL)) == {"order_number": number}
    assert shop.call("orders", "get_timeline", number, caller=customer(EMAIL))["items"]
    for method in ("authorize_order_access", "get_timeline", "get_order", "list_changes"):
        with pytest.raises(NotFound):
            shop.call("orders", method, number, caller=customer("eve@example.com"))


def test_the_link_of_an_order_lists_that_order_alone(shop: Platform) -> None:
    number, other = place(shop), place(shop)

    listed = shop.call("orders", "list_orders", {}, caller=holder(f"order:{number}"))["items"]

    assert [item["number"] for item in listed] == [number] != [other]
    for stranger in (holder("ticket:TIC-0000-0000-0"), staff("warehouse"), guest()):
        with pytest.raises(Forbidden, match="role_required"):
            shop.call("orders", "list_orders", {}, caller=stranger)


def test_the_same_form_twenty_times_at_once_is_one_order(shop: Platform) -> None:
    buyer = customer(EMAIL, key="k")

    replies = [eventlet.spawn(shop.call, "orders", "place_order", order_form(), caller=buyer) for _ in range(20)]

    assert len({reply.wait()["number"] for reply in replies}) == 1


@pytest.mark.parametrize("forged", ["other secret", "no header", "other body", "too old"])
def test_a_forged_webhook_is_refused_and_changes_nothing(shop: Platform, forged: str) -> None:
    number = place(shop)
    started = shop.call("orders", "start_payment", number, {}, caller=holder(f"order:{number}"))
    facts = {
        "payment_id": started["payment_id"], "amount_cents": 2500, "currency": "USD", "reference": "p.1",
    }  # fmt: skip
    with clock.shifted(timedelta(seconds=-301 if forged == "too old" else 0)):
        secret = "another-secret-of-somebody" if forged == "other secret" else SECRET
        headers, body = a_webhook("payment.captured", secret, **facts)
    if forged == "no header":
        headers = {}
    if forged == "other body":
        body = base64.b64encode(base64.b64decode(body) + b" ").decode()

    with pytest.raises(Forbidden) as refused:
        shop.call("orders", "receive_payment_webhook", "sandbox", headers, body, caller=guest())

    assert refused.value.code == "bad_signature"
    assert order_of(shop, number)["payment"]["status"] == "pending"


def test_a_repeated_webhook_counts_once_and_nonsense_fails(shop: Platform) -> None:
    number = place(shop)
    started = shop.call("orders", "start_payment", number, {}, caller=holder(f"order:{number}"))
    facts = {
        "payment_id": started["payment_id"], "amount_cents": 2500, "currency": "USD", "reference": "p.1",
    }  # fmt: skip

    answers = [report(shop, "payment.captured", event_id="evt_1", **facts)["duplicate"] for _ in range(3)]

    assert answers == [False, True, True]
    assert report(shop, "payment.unheard_of") == {"accepted": True, "duplicate": False}
    with pytest.raises(Invalid):
        report(shop, "payment.captured", payment_id=7)
    with pytest.raises(NotFound):
        shop.call("orders", "receive_payment_webhook", "nobody", {}, "", caller=guest())
    with pytest.raises(Invalid):
        shop.call("orders", "receive_payment_webhook", "sandbox", {}, "***", caller=guest())


def test_a_low_count_asks_changes_the_order_and_refunds(shop: Platform, bank: Bank) -> None:
    number = place(shop, ("MUG", 2), ("TEA", 1))
    pay(shop, number)
    until(shop, number, lambda order: order["review"]["status"] == "passed")
    adjust(shop, "MUG", -9)
    change = until(shop, number, lambda order: order["changes"])["changes"][0]

    answer = {"decision": "accept", "option": "remove_line", "digest": change["digest"]}
    shop.call("orders", "answer_change", change["id"], answer, caller=holder(f"order:{number}"))

    order = until(shop, number, lambda order: order["refunds"][0]["status"] == "pending")
    assert [line["sku"] for line in order["lines"]] == ["TEA"]
    refund = order["refunds"][0]
    assert bank.asked == [("/sandbox/refunds", f"{refund['id']}.1")]
    report(
        shop, "refund.settled", refund_id=refund["id"], id="ref.1", reference="p.1", amount_cents=2500, currency="USD"
    )
    assert order_of(shop, number)["refunds"][0]["status"] == "settled"


def test_a_slow_answer_of_the_bank_holds_up_no_other_refund(shop: Platform, bank: Bank) -> None:
    bank.slow_at = 1
    numbers = [place(shop, ("MUG", 1)), place(shop, ("MUG", 1))]
    for number in numbers:
        pay(shop, number)
        until(shop, number, lambda order: order["status"] == "confirmed")
        payment = order_of(shop, number)["payment"]["id"]
        facts: dict[str, Any] = {"payment_id": payment, "amount_cents": 1250, "currency": "USD"}
        report(shop, "payment.captured", **facts, reference="p.2")
        eventually(lambda number=number: len(bank.asked) > numbers.index(number))  # type: ignore[misc]

    until(shop, numbers[1], lambda order: order["refunds"][0]["status"] == "pending")

    assert order_of(shop, numbers[0])["refunds"][0]["status"] == "submitted"
    bank.answers.send()
    until(shop, numbers[0], lambda order: order["refunds"][0]["status"] == "pending")


def test_a_bank_in_trouble_is_asked_again_under_the_same_key(shop: Platform, bank: Bank) -> None:
    bank.status = "500 Internal Server Error"
    number = place(shop)
    pay(shop, number)
    until(shop, number, lambda order: order["review"]["status"] == "passed")
    units = [{"line_id": 1, "unit": 0, "amount": {"amount": "12.50", "currency": "USD"}}]
    claim = {
        "order_number": number, "return_number": "RET-7K3M-9Q2X-C", "units": units,
        "amount": {"amount": "12.50", "currency": "USD"},
    }  # fmt: skip

    base = {"order_number": number, "shipment_number": SHIPMENT}
    steps: list[tuple[str, dict[str, Any]]] = [
        ("shipment_created", {"lines": [{"sku": "MUG", "quantity": 1}]}),
        ("shipment_dispatched", {"dispatched_at": "2026-03-03T10:00:00Z"}),
        ("shipment_delivered", {"delivered_at": "2026-03-12T10:00:00Z"}),
    ]
    for seq, (type_, facts) in enumerate(steps, 1):
        shop.publish("logistics", type_, {**base, **facts}, subject=SHIPMENT, subject_seq=seq)
    event_id = shop.publish("aftersales", "refund_claimed", claim)
    shop.publish("aftersales", "refund_claimed", claim, event_id=event_id)
    eventually(lambda: bank.asked)
    bank.status = "202 Accepted"

    order = until(shop, number, lambda order: order["refunds"][0]["status"] == "pending")
    assert len(order["refunds"]) == 1
    assert len(bank.asked) >= 2
    assert {key for _, key in bank.asked if key} == {f"{order['refunds'][0]['id']}.1"}


def test_logistics_reports_complete_the_order_in_any_order(shop: Platform) -> None:
    number = place(shop, ("MUG", 2))
    pay(shop, number)
    until(shop, number, lambda order: order["review"]["status"] == "passed")
    shipment = ids.renamed(number, ids.SHIPMENT)
    base = {"order_number": number, "shipment_number": shipment}
    reports: list[tuple[str, int, dict[str, Any]]] = [
        ("shipment_delivered", 5, {"delivered_at": "2026-03-12T10:00:00Z"}),
        ("tracking_updated", 4, {"status": "in_transit"}),
        ("shipment_dispatched", 3, {"dispatched_at": "2026-03-03T10:00:00Z"}),
    ]

    for type_, seq, facts in reports:
        shop.publish("logistics", type_, {**base, **facts}, subject=shipment, subject_seq=seq)

    order = until(shop, number, lambda order: order["status"] == "completed")
    assert order["completed_at"] == "2026-03-12T10:00:00Z"
    assert shop.call("orders", "get_product", "MUG", caller=guest())["available"] == 8
    assert shop.dead_letters("orders") == []


@pytest.mark.parametrize(
    "change",
    [
        lambda form: form.update(discount="all"),
        lambda form: form["lines"][0].update(price="0.01"),
        lambda form: form["lines"][0].update(quantity=0),
        lambda form: form["lines"][0].update(quantity=10**15),
        lambda form: form["lines"][0].update(quantity=True),
        lambda form: form["lines"].append(dict(form["lines"][0])),
        lambda form: form.update(lines=[]),
        lambda form: form.update(lines=[{"sku": f"SKU-{n}", "quantity": 1} for n in range(51)]),
        lambda form: form["contact"].update(email="no address"),
        lambda form: form["contact"].update(name="A\x00da"),
        lambda form: form["contact"].update(name="\u200b"),
        lambda form: form["contact"].update(phone="123"),
        lambda form: form["contact"].update(email="我買@example.com"),
        lambda form: form["delivery"].update(country="XX"),
        lambda form: form["delivery"].update(city="x" * 10_000),
        lambda form: form.pop("delivery"),
    ],
)
def test_an_invalid_order_is_refused_with_the_fields_named(
    shop: Platform, change: Callable[[dict[str, Any]], Any]
) -> None:
    form = order_form()
    change(form)

    with pytest.raises(Invalid) as refused:
        shop.call("orders", "place_order", form, caller=guest())

    assert refused.value.code == "validation_failed"
    assert refused.value.details["errors"][0]["field"]
    assert shop.call("orders", "list_orders", {}, caller=staff(AGENT))["items"] == []


def test_only_permitted_roles_may_act(shop: Platform) -> None:
    number = place(shop)
    owner = holder(f"order:{number}")
    refused: list[tuple[str, list[Any], Caller]] = [
        ("put_product", ["MUG", MUG], staff(AGENT)),
        ("adjust_stock", ["MUG", {"delta": 1, "reason": "x"}], owner),
        ("import_products", ["sku\nx\n"], staff(REVIEWER)),
        ("propose_change", [number, {"kind": "cancel", "reason": "x"}], owner),
        ("list_reviews", [{}], owner),
        ("decide_review", [number, {"decision": "pass"}], staff(AGENT)),
        ("start_payment", [number, {}], staff(AGENT)),
        ("cancel_order", [number, {}], staff(ADMIN)),
        ("list_orders", [{}], guest()),
    ]

    for method, arguments, caller in refused:
        with pytest.raises(ServiceError) as answer:
            shop.call("orders", method, *arguments, caller=caller)
        assert answer.value.code in ("role_required", "customer_required"), method


def test_a_reviewer_decides_over_the_bus_and_is_answered(shop: Platform) -> None:
    """The reply goes through the real encoder, which takes no keys but plain texts."""
    form = order_form(("MUG", 1))
    form["delivery"]["country"], form["delivery"]["region"] = "US", ""
    number = str(shop.call("orders", "place_order", form, caller=guest())["number"])
    pay(shop, number)
    until(shop, number, lambda order: order["review"]["status"] == "needs_contact")
    reviewer = staff(REVIEWER)
    (waiting,) = shop.call("orders", "list_reviews", {}, caller=reviewer)["items"]
    found = {"check": "delivery", "result": "passed", "evidence": "called: it is New York"}

    contacted = shop.call("orders", "decide_review", number, {"decision": "contact", "checks": []}, caller=reviewer)
    passed = shop.call("orders", "decide_review", number, {"decision": "pass", "checks": [found]}, caller=reviewer)

    assert waiting["number"] == number
    assert contacted["review"]["status"] == "needs_contact"
    assert (passed["number"], passed["review"]["status"]) == (number, "passed")
    assert passed["review"]["checks"][-1]["evidence"] == found["evidence"]


def _see_to_money(shop: Platform, number: str) -> None:
    """Settle a second capture whose refund the bank reports wrongly, and a payment in another currency."""
    lead, payment = staff(LEAD), order_of(shop, number)["payment"]["id"]
    facts: dict[str, Any] = {"payment_id": payment, "amount_cents": 1250}
    report(shop, "payment.captured", **facts, currency="USD", reference="p.2")
    report(shop, "payment.captured", **facts, currency="JPY", reference="p.3")
    refund = until(shop, number, lambda order: order["refunds"][0]["status"] == "pending")["refunds"][0]["id"]
    report(shop, "refund.settled", refund_id=refund, amount_cents=1, currency="USD", reference="p.2", id="ref.1")
    listed = shop.call("orders", "list_attention", {}, caller=lead)["items"]
    foreign = next(case["payment_id"] for case in listed if case["kind"] == "other_currency")
    decision = {"decision": "returned", "note": "sent back in the bank's window"}
    shop.call("orders", "settle_payment", foreign, decision, caller=lead)
    (manual,) = shop.call("orders", "list_refunds", {"status": "manual"}, caller=lead)["items"]
    report(shop, "payment.disputed", **facts, currency="USD", reference="p.2", id="dp.1")
    (dispute,) = eventually(lambda: shop.call("orders", "list_disputes", {}, caller=lead)["items"])
    shop.call("orders", "answer_dispute", dispute["id"], {"note": "sent"}, caller=lead)
    report(shop, "dispute.won", **facts, currency="USD", reference="p.2", id="dp.1")
    eventually(lambda: shop.call("orders", "get_dispute", dispute["id"], caller=lead)["status"] == "won")
    shop.call("orders", "compare_books", caller=lead)
    assert [each["provider"] for each in shop.call("orders", "list_books", caller=lead)["items"]] == ["sandbox"]
    proof = {"proof": "transfer 4711", "version": manual["version"]}
    shop.call("orders", "record_paid_refund", refund, proof, caller=lead)
    shop.call("orders", "record_paid_refund", refund, {"proof": "wrong one", "decision": "not_paid"}, caller=lead)
    retried = shop.call("orders", "retry_refund", refund, {}, caller=lead)
    assert (len(listed), retried["status"]) == (2, "due")


def test_each_method_answers_over_the_bus(shop: Platform) -> None:
    admin, reviewer, lead = staff(ADMIN), staff(REVIEWER), staff("lead")
    shop.call("orders", "list_products", {}, caller=guest())
    assert {"country": "DE", "name": "GERMANY"} in shop.call("orders", "list_destinations", caller=guest())["items"]
    shop.call("orders", "get_address_form", "DE", caller=guest())
    shop.call("orders", "get_product", "MUG", caller=guest())
    shop.call("orders", "preview_import", "sku,title,price\nPEN,A pen,2.50\n", caller=admin)
    shop.call("orders", "import_products", "sku,title,price\nPEN,A pen,2.50\n", caller=admin)
    shop.call("orders", "put_discount", "SPRING-10", {"percent": 10}, caller=admin)
    shop.call("orders", "get_discount", "SPRING-10", caller=admin)
    shop.call("orders", "list_discounts", {}, caller=admin)
    wanted = {"lines": [{"sku": "MUG", "quantity": 1}], "discount_code": "SPRING-10"}
    shop.call("orders", "quote_order", wanted, caller=guest())
    shop.call("orders", "get_stock", "MUG", {}, caller=reviewer)
    address = {"line1": "Hauptstr. 1", "city": "Berlin", "postal_code": "10115", "country": "DE"}
    shop.call("orders", "put_stock_place", "berlin", {"name": "Berlin", **address}, caller=lead)
    assert len(shop.call("orders", "list_stock_places", caller=staff(AGENT))["items"]) == 2
    move = {"sku": "MUG", "quantity": 1, "from_place": "main", "to_place": "berlin", "reason": "transport"}
    moved = shop.call("orders", "move_stock", move, caller=lead)
    assert [each["place"] for each in moved["places"]] == ["main", "berlin"]
    shop.call("orders", "release_hold", place(shop, ("MUG", 1)), {"reason": "sold out"}, caller=reviewer)
    number, owner = place(shop, ("MUG", 2)), holder
    pay(shop, number)
    order = until(shop, number, lambda order: order["review"]["status"] == "passed")
    shop.call("orders", "hold_order", number, {"reason": "fraud"}, caller=reviewer)
    assert shop.call("orders", "list_holds", {}, caller=staff(AGENT))["items"][0]["order_number"] == number
    shop.call("orders", "release_order", number, caller=lead)
    shop.call("orders", "list_orders", {}, caller=staff(AGENT))
    shop.call("orders", "list_orders_to_export", {}, caller=staff(LEAD))
    shop.call("orders", "authorize_order_access", number, caller=owner(f"order:{number}"))
    wish = {"kind": "lines", "reason": "one is scratched", "lines": [{"sku": "MUG", "quantity": 1}]}
    withdrawn = shop.call("orders", "propose_change", number, wish, caller=staff(AGENT))
    shop.call("orders", "withdraw_change", withdrawn["id"], caller=lead)
    change = shop.call("orders", "propose_change", number, wish, caller=staff(AGENT))
    shop.call("orders", "list_changes", number, caller=owner(f"order:{number}"))
    answer = {"decision": "decline", "digest": change["digest"]}
    shop.call("orders", "answer_change", change["id"], answer, caller=owner(f"order:{number}"))
    edit = {"kind": "lines", "lines": [{"sku": "MUG", "quantity": 1}]}
    shown = shop.call("orders", "preview_edit", number, edit, caller=owner(f"order:{number}"))
    given = {**edit, "digest": shown["digest"]}
    shop.call("orders", "edit_order", number, given, caller=owner(f"order:{number}"))
    shop.call("orders", "cancel_order", number, {}, caller=owner(f"order:{number}"))
    vague = order_form(("MUG", 1), country="US")
    asked = str(shop.call("orders", "place_order", vague, caller=guest())["number"])
    pay(shop, asked)
    until(shop, asked, lambda order: order["review"]["status"] == "needs_contact")
    shop.call("orders", "list_reviews", {}, caller=reviewer)
    shop.call("orders", "decide_review", asked, {"decision": "contact"}, caller=reviewer)
    _see_to_money(shop, asked)
    shop.call("orders", "get_timeline", number, caller=owner(f"order:{number}"))
    shop.call("orders", "list_commitments", {}, caller=lead)
    period = {"since": "2026-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}
    shop.call("orders", "report_commitments", period, caller=lead)
    shop.call("orders", "list_breaches", {**period, "until": "2026-12-31T00:00:00Z"}, caller=lead)
    shop.call("orders", "get_payments", number, caller=owner(f"order:{number}"))
    shop.call("orders", "list_documents", number, caller=owner(f"order:{number}"))
    shop.call("orders", "list_movements", period, caller=lead)
    shop.call("orders", "report_ledger", period, caller=lead)
    shop.call("orders", "count_promises")
    more = {"amount": {"amount": "5.00", "currency": "USD"}, "note": "sale"}
    shop.call("orders", "raise_refund_ceiling", more, caller=admin)
    shop.call("orders", "get_refund_ceiling", caller=lead)
    shop.call("orders", "get_health")
    shop.call("orders", "verify_journal", caller=lead)
    shop.call("orders", "export_person", caller=customer("ada@example.com"))
    coming = shop.call("orders", "list_upcoming", caller=staff("admin"))["items"]
    assert "Forget reports of the bank that are too old to come again." in {each.get("does") for each in coming}
    shop.call("orders", "list_dead_letters", {}, caller=staff("admin"))
    shop.call("orders", "redrive_letters", {"events": ["none"]}, caller=staff("admin"))
    decide_about_a_lost_parcel(shop)

    assert order["status"] == "confirmed"
    assert shop.silent("orders") == set()


def decide_about_a_lost_parcel(shop: Platform) -> None:
    """Play a lost parcel: the customer chooses a refund, and then the warehouse receives the goods."""
    number = place(shop, ("MUG", 2))
    pay(shop, number)
    until(shop, number, lambda order: order["review"]["status"] == "passed")
    base = {"order_number": number, "shipment_number": SHIPMENT}
    lines = [{"line_id": 1, "sku": "MUG", "quantity": 2}]
    lost = {"parcels": [f"{SHIPMENT}-01"], "reason": "lost", "lines": []}
    reports: list[tuple[str, int, dict[str, Any]]] = [
        ("parcel_not_arriving", 3, lost),
        ("shipment_dispatched", 2, {"dispatched_at": "2026-03-03T10:00:00Z"}),
        ("shipment_created", 1, {"lines": lines}),
    ]
    for type_, seq, facts in reports:
        shop.publish("logistics", type_, {**base, **facts}, subject=SHIPMENT, subject_seq=seq)
    until(shop, number, lambda order: order["stage"] == "not_arriving")
    found = {"shipment_number": SHIPMENT, "reason": "lost", "evidence": "the carrier called"}
    opened = shop.call("orders", "open_remedy", number, found, caller=staff(AGENT))
    (listed,) = shop.call("orders", "list_remedies", {}, caller=staff("warehouse"))["items"]
    wish = {"option": "refund", "digest": opened["digest"]}
    shop.call("orders", "answer_remedy", number, wish, caller=holder(f"order:{number}"))
    until(shop, number, lambda order: order["status"] == "cancelled")
    goods = {"lines": [{"sku": "MUG", "quantity": 2}], "note": "not opened"}
    back = shop.call("orders", "receive_goods", listed["id"], goods, caller=staff("warehouse"))
    assert back["goods_back_at"] is not None
