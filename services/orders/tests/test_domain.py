"""What an order, a payment, a refund and a change may become, and what never."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.basics.errors import Invalid
from services.common.basics.events import Event
from services.common.basics.money import ZERO, Money
from services.orders.api import (
    Address,
    ChangeStale,
    ChangeStatus,
    CheckResult,
    ConsentRequired,
    OrderStatus,
    OtherDigest,
    PaymentStatus,
    RefundCause,
    RefundStatus,
    ReportedAmount,
    UnknownOption,
    WrongStatus,
    events,
)
from services.orders.api.edits import NothingLeft, NothingToChange
from services.orders.domain import Change, Fulfillment, Order, Refund, automatic_checks, stage_of_shipments
from services.orders.domain.edit import lines_edit, own_change
from services.orders.domain.options import address_option, cancel_option, lines_option, shortage_options
from services.orders.domain.refund import FAILURES_BEFORE_A_PERSON
from services.orders.tests.builders import (
    CONTACT,
    DELIVERY,
    EMAIL,
    NOW,
    a_change,
    a_consent,
    a_payment,
    a_product,
    an_order,
)

pytestmark = pytest.mark.pure

PRICES = st.integers(min_value=1, max_value=10**7).map(lambda cents: str(Money(cents)))
LINES = st.lists(st.tuples(st.integers(1, 40), PRICES), min_size=1, max_size=8)


@given(LINES)
def test_what_each_unit_cost_adds_up_to_what_was_paid(lines: list[tuple[int, str]]) -> None:
    order = an_order(*((f"SKU-{place}", count, price) for place, (count, price) in enumerate(lines)))

    assert Money.total(Money.total(line.paid) for line in order.lines) == order.total
    assert order.paid_for_rest == order.total
    assert (order.shipping, order.duties) == (ZERO, ZERO)
    for line in order.lines:
        assert set(line.paid) == {line.unit_price}


@given(LINES, st.data())
def test_removals_piece_by_piece_add_up_to_what_was_paid(lines: list[tuple[int, str]], data: st.DataObject) -> None:
    order = an_order(*((f"SKU-{place}", n, price) for place, (n, price) in enumerate(lines)), confirmed=True)
    refunded = ZERO

    while sum(order.wanted().values()) > 1:
        sku = data.draw(st.sampled_from(sorted(order.wanted())))
        left = data.draw(st.integers(0, order.wanted()[sku] - 1))
        if len(order.wanted()) == 1:
            left = max(left, 1)
            if left == order.wanted()[sku]:
                break
        change = a_change(order, (lines_option(order, {sku: left}),))
        change.accept(a_consent(change), NOW)
        refunded += order.amend(change).refund

    assert refunded + order.paid_for_rest == order.total


@given(LINES, st.data())
def test_an_edit_pays_back_to_the_cent_what_it_takes_out(lines: list[tuple[int, str]], data: st.DataObject) -> None:
    order = an_order(*((f"SKU-{place}", n, price) for place, (n, price) in enumerate(lines)), confirmed=True)
    wanted, paid = order.wanted(), order.paid_for_rest
    left = {sku: data.draw(st.integers(0, count)) for sku, count in wanted.items()}
    if left == wanted or not any(left.values()):
        with pytest.raises(NothingToChange if left == wanted else NothingLeft):
            lines_edit(order, left)
        return

    change = own_change(order, lines_edit(order, left), 0, "guest", NOW)
    again = own_change(order, lines_edit(order, left), 0, "customer", NOW + timedelta(days=1))
    requested = change.make_own(a_consent(change, digest=change.seal()), NOW, asks_warehouse=False)
    changed = order.amend(change)

    assert (again.change_id, again.seal()) == (change.change_id, change.digest)
    assert changed.refund + order.paid_for_rest == paid
    assert requested.option.refund == changed.refund > ZERO
    assert order.wanted() == {sku: count for sku, count in left.items() if count}
    assert (changed.own, change.status, change.is_open) == (True, ChangeStatus.APPLIED, False)


def test_an_option_names_no_refund_where_nothing_goes_back() -> None:
    order = an_order(("MUG", 2, "12.50"), confirmed=True)
    paid = [option["label"] for option in (lines_edit(order, {"MUG": 1}), cancel_option(order))]
    for line in order.lines:
        line.paid = tuple(ZERO for _ in line.paid)

    labels = [option["label"] for option in (lines_edit(order, {"MUG": 1}), cancel_option(order))]

    assert ["USD" in label for label in paid] == [True, True]
    assert labels == [f"{order.lines[0].title}: 1 instead of 2. Nothing is paid back", "Cancel the order"]


@pytest.mark.parametrize("status", [status for status in ChangeStatus if status is not ChangeStatus.ACCEPTED])
def test_an_order_changes_only_by_an_accepted_change(status: ChangeStatus) -> None:
    order = an_order(confirmed=True)
    before = order.bought_lines(), order.delivery, order.version
    change = a_change(order)
    change.consent, change.status = a_consent(change), status

    with pytest.raises(ConsentRequired):
        order.amend(change)

    assert (order.bought_lines(), order.delivery, order.version) == before


def test_a_consent_to_one_order_does_nothing_to_another() -> None:
    order, other = an_order(confirmed=True), an_order(confirmed=True)
    change = a_change(order)
    change.accept(a_consent(change), NOW)

    with pytest.raises(ConsentRequired):
        other.amend(change)


@pytest.mark.parametrize(
    "tamper",
    [
        lambda change: setattr(change, "options", (dict(change.options[0], label="other"), *change.options[1:])),
        lambda change: setattr(change, "summary", "other"),
        lambda change: setattr(change, "order_version", 2),
        lambda change: setattr(change, "digest", "0" * 64),
        lambda change: setattr(change, "consent", replace(change.consent, digest="0" * 64)),
        lambda change: setattr(change, "consent", None),
    ],
)
def test_what_was_agreed_to_must_be_what_is_done(tamper: Callable[[Change], None]) -> None:
    order = an_order(confirmed=True)
    change = a_change(order)
    change.accept(a_consent(change), NOW)
    tamper(change)

    with pytest.raises(ConsentRequired):
        order.amend(change)


def test_a_change_for_an_older_version_is_stale() -> None:
    order = an_order(("MUG", 3, "12.50"), confirmed=True)
    first, second = a_change(order), a_change(order)
    for change in (first, second):
        change.accept(a_consent(change, "ship_rest"), NOW)
    order.amend(first)

    with pytest.raises(ChangeStale):
        order.amend(second)


def test_a_change_is_applied_once() -> None:
    order = an_order(("MUG", 3, "12.50"), confirmed=True)
    change = a_change(order)
    change.accept(a_consent(change, "ship_rest"), NOW)
    order.amend(change)

    with pytest.raises(ConsentRequired):
        order.amend(change)


def test_an_answer_to_another_question_is_refused() -> None:
    change = a_change(an_order(confirmed=True))

    with pytest.raises(OtherDigest):
        change.accept(a_consent(change, digest="0" * 64), NOW)
    with pytest.raises(OtherDigest):
        change.decline("0" * 64, NOW)
    with pytest.raises(UnknownOption):
        change.accept(a_consent(change, "double_it"), NOW)

    assert change.status is ChangeStatus.AWAITING_CUSTOMER


def test_nothing_is_cancelled_without_the_customers_wish() -> None:
    order = an_order(confirmed=True)

    with pytest.raises(ConsentRequired):
        order.cancel(ZERO)

    assert order.status is OrderStatus.CONFIRMED


def test_only_amend_place_and_pay_back_touch_an_orders_content() -> None:
    """Read off the source: no other function assigns lines, removed units, delivery or status `cancelled`.

    `forget_in_order` takes names and addresses out of an order that has ended, when its customer asked for that;
    `keep_part` and `leave_behind` say which shipment brings what, and write to shipments alone.
    """
    package, allowed = Path(inspect.getfile(Order)).parents[1], {
        "amend", "place", "cancel", "request_cancellation", "pay_back", "forget_in_order",
        "keep_part", "leave_behind",
    }  # fmt: skip
    writers = set()
    for path in package.rglob("*.py"):
        if "tests" in path.relative_to(package).parts:
            continue
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef):
                writers |= {function.name for node in ast.walk(function) if _writes(node)}

    assert writers <= allowed, writers - allowed
    assert "amend" in writers


def _writes(node: ast.AST) -> bool:
    protected = {"lines", "removed", "delivery", "cancellation", "paid", "goods", "contact"}
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        flat = [item for target in targets for item in (target.elts if isinstance(target, ast.Tuple) else [target])]
        names = {target.attr for target in flat if isinstance(target, ast.Attribute)}
        return bool(names & protected - {"cancellation"}) or ("cancellation" in names and not _clears(node))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        owner = node.func.value
        return (
            node.func.attr in {"append", "remove", "pop", "clear", "extend", "insert"}
            and isinstance(owner, ast.Attribute)
            and owner.attr in protected
        )
    return False


def _clears(node: ast.AST) -> bool:
    """Return whether a statement only takes a cancellation back, which leaves the order as it is."""
    value = getattr(node, "value", None)
    return isinstance(value, ast.Tuple) and any(
        isinstance(item, ast.Constant) and item.value is None for item in value.elts
    )


def test_a_shortage_offers_every_option_with_its_refund() -> None:
    order = an_order(("MUG", 3, "12.50"), ("TEA", 1, "24.90"), confirmed=True)

    options = {item["option"]: item for item in shortage_options(order, "MUG", 1, a_product("CUP", "10.00"))}

    assert list(options) == ["wait", "substitute", "ship_rest", "remove_line", "cancel"]
    refunds = {name: item["refund"]["amount"] for name, item in options.items()}
    assert refunds == {
        "wait": "0.00", "substitute": "2.50", "ship_rest": "12.50", "remove_line": "37.50", "cancel": "62.40",
    }  # fmt: skip
    assert [(line["sku"], line["quantity"]) for line in options["substitute"]["lines_after"]] == [
        ("MUG", 2), ("TEA", 1), ("CUP", 1),
    ]  # fmt: skip
    assert [line["sku"] for line in options["remove_line"]["lines_after"]] == ["TEA"]


def test_the_only_product_cannot_be_removed_but_cancelled() -> None:
    order = an_order(("MUG", 1, "12.50"), confirmed=True)

    assert [item["option"] for item in shortage_options(order, "MUG", 1, None)] == ["wait", "cancel"]


def test_a_dearer_substitute_costs_the_customer_nothing() -> None:
    order = an_order(("MUG", 1, "12.50"), confirmed=True)
    change = a_change(order, shortage_options(order, "MUG", 1, a_product("CUP", "99.00")))
    change.accept(a_consent(change, "substitute"), NOW)

    event = order.amend(change)

    assert event.refund == ZERO
    assert order.paid_for_rest == order.total == Money(1250)
    assert order.wanted() == {"CUP": 1}


def test_a_new_address_is_shown_in_full_for_the_decision() -> None:
    elsewhere = replace(DELIVERY, line2="Flat 4", region="Kent")

    label = address_option(an_order(confirmed=True), elsewhere)["label"]

    assert all(part in label for part in vars(elsewhere).values())


@pytest.mark.parametrize("quantities", [{}, {"MUG": 3}, {"TEA": 0}, {"MUG": 0}])
def test_only_fewer_pieces_of_what_was_ordered_can_be_proposed(quantities: dict[str, int]) -> None:
    with pytest.raises(Invalid):
        lines_option(an_order(("MUG", 2, "12.50"), confirmed=True), quantities)


def test_an_accepted_address_is_the_orders_address() -> None:
    order = an_order(confirmed=True)
    elsewhere = replace(DELIVERY, line1="1 Other Street")
    change = a_change(order, (address_option(order, elsewhere),))
    change.accept(a_consent(change, "change_address"), NOW)

    order.amend(change)

    assert order.delivery == elsewhere


def test_a_cancel_option_gives_everything_back() -> None:
    order = an_order(("MUG", 2, "12.50"), ("TEA", 1, "24.90"), confirmed=True)

    option = cancel_option(order)

    assert (option["refund"]["amount"], option["lines_after"], option["cancels"]) == ("49.90", [], True)


# payments and refunds


def test_a_capture_after_a_failure_is_believed() -> None:
    payment = a_payment(an_order())
    payment.fail("declined")

    event = payment.capture(2500, "USD", "ref", NOW)

    assert event is not None
    assert (payment.status, payment.captured) == (PaymentStatus.CAPTURED, payment.amount)


def test_a_failure_after_a_capture_is_of_no_account() -> None:
    payment = a_payment(an_order(), "25.00")

    assert payment.fail("late") is None
    assert payment.capture(2500, "USD", "ref", NOW) is None
    assert payment.status is PaymentStatus.CAPTURED


def test_money_in_another_currency_cannot_be_refunded_as_dollars() -> None:
    payment = a_payment(an_order(), "25.00", "EUR")

    assert (payment.captured, payment.refundable, payment.foreign_rest) == (ZERO, ZERO, 2500)


def a_refund() -> Refund:
    return Refund("REF-1", "PAY-1", "ORD-1", "sandbox", Money(500), RefundCause.RETURN, "RET-1", NOW, NOW, NOW)


def test_a_repeat_after_a_time_out_uses_the_same_key() -> None:
    refund = a_refund()
    first = refund.submit(NOW)
    key = refund.key

    again = refund.submit(NOW + timedelta(seconds=5))

    assert first is not None
    assert again is None
    assert (refund.status, refund.key) == (RefundStatus.SUBMITTED, key)


def test_a_failed_refund_is_owed_again_under_a_new_key() -> None:
    refund = a_refund()
    refund.submit(NOW)
    key = refund.key
    refund.fail("account closed", "ref.1", NOW)

    event = refund.submit(NOW)

    assert event is not None
    assert (refund.status, refund.key != key) == (RefundStatus.SUBMITTED, True)


def test_an_old_failure_told_again_does_not_end_the_new_attempt() -> None:
    refund = a_refund()
    refund.submit(NOW)
    refund.fail("account closed", "ref.1", NOW)
    refund.submit(NOW)

    assert refund.fail("account closed", "ref.1", NOW) is None
    assert refund.status is RefundStatus.SUBMITTED


def test_after_three_failures_a_person_takes_over() -> None:
    refund = a_refund()
    for attempt in range(FAILURES_BEFORE_A_PERSON):
        refund.submit(NOW)
        refund.fail("account closed", f"ref.{attempt}", NOW)

    assert refund.status is RefundStatus.MANUAL
    assert refund.next_attempt_at is None


def test_a_refund_settles_once() -> None:
    refund = a_refund()
    refund.submit(NOW)

    assert refund.settle(NOW) is not None  # the report was faster than the answer to the call
    refund.accepted("ref.1", NOW)

    assert refund.settle(NOW) is None
    assert refund.status is RefundStatus.SETTLED


def test_a_failure_after_the_settlement_is_owed_again() -> None:
    refund = a_refund()
    refund.submit(NOW)
    refund.settle(NOW, "ref.1")

    event = refund.fail("account closed", "ref.1", NOW)

    assert event is not None
    assert event.after_settled
    assert (refund.status, refund.settled_at, refund.next_attempt_at is None) == (RefundStatus.FAILED, None, False)


# shipments


@given(st.permutations([("preparing", 2), ("dispatched", 3), ("in_transit", 4), ("customs", 5)]))
def test_the_order_in_which_reports_arrive_does_not_matter(reports: list[tuple[str, int]]) -> None:
    shipment = Fulfillment("SHP-1", "ORD-1", (), seq=1)

    for stage, seq in reports:
        if stage == "dispatched":
            shipment.dispatch(NOW, seq)
        else:
            shipment.report(stage, seq)

    assert (shipment.stage, shipment.seq) == ("customs", 5)
    assert shipment.dispatched_at == NOW


def test_a_hand_over_repeated_after_a_restore_is_no_news() -> None:
    shipment = Fulfillment("SHP-1", "ORD-1", ())
    shipment.dispatch(NOW, 4)
    shipment.deliver(NOW, 6)

    news = shipment.dispatch(NOW + timedelta(days=1), 9)

    assert not news
    assert (shipment.dispatched_at, shipment.stage) == (NOW + timedelta(days=1), "delivered")


def test_a_late_scan_does_not_bring_a_delivered_shipment_back() -> None:
    shipment = Fulfillment("SHP-1", "ORD-1", ())
    shipment.deliver(NOW, 5)

    shipment.report("in_transit", 6)

    assert shipment.stage == "delivered"


def test_an_order_is_as_far_as_its_slowest_shipment() -> None:
    fast, slow, recalled = (Fulfillment(f"SHP-{n}", "ORD-1", ()) for n in range(3))
    fast.report("out_for_delivery", 4)
    slow.report("customs", 3)
    recalled.recall(NOW, 2)

    assert stage_of_shipments([fast, slow, recalled]) == "customs"
    assert stage_of_shipments([recalled]) is None


# review


def failed_checks(order: Order, **kwargs: object) -> dict[str, str]:
    payments = kwargs.pop("payments", None) or [a_payment(order, str(order.total))]
    known, short = kwargs.get("known", order.wanted()), kwargs.get("short", {})
    checks = automatic_checks(order, payments, known, short)  # type: ignore[arg-type]
    assert [check.check for check in checks] == ["order_info", "payment", "delivery"]
    return {check.check: check.evidence for check in checks if check.result is CheckResult.FAILED}


def test_an_order_as_it_should_be_passes_all_three_checks() -> None:
    assert failed_checks(an_order(confirmed=True)) == {}


def test_a_check_counts_one_line_and_several_lines() -> None:
    def said(order: Order) -> str:
        return automatic_checks(order, [], order.wanted(), {})[0].evidence

    assert said(an_order()) == "1 line as quoted, all allocated"
    assert said(an_order(("MUG", 2, "12.50"), ("TEA", 1, "9.00"))) == "2 lines as quoted, all allocated"


@pytest.mark.parametrize(
    ("address", "evidence"),
    [
        (replace(DELIVERY, postal_code="12"), "12 is no postal code of GB"),
        (replace(DELIVERY, postal_code=""), "the postal code is missing"),
        (replace(DELIVERY, country="US", postal_code="10001"), "the region"),
        (replace(DELIVERY, city=""), "city is missing"),
    ],
)
def test_an_address_that_cannot_be_delivered_to_is_found(address: Address, evidence: str) -> None:
    assert evidence in failed_checks(an_order(delivery=address))["delivery"]


def test_a_place_without_postal_codes_needs_none() -> None:
    assert (
        failed_checks(
            an_order(delivery=replace(DELIVERY, country="HK", region="Kowloon", postal_code=""), confirmed=True)
        )
        == {}
    )


def test_a_phone_number_that_cannot_be_one_is_found() -> None:
    assert "phone" in failed_checks(an_order(contact=replace(CONTACT, phone="12")))["delivery"]


def test_what_is_missing_in_stock_or_catalogue_is_found() -> None:
    assert "MUG: 1 missing" in failed_checks(an_order(), short={"MUG": 1})["order_info"]
    assert "not in the catalogue" in failed_checks(an_order(), known=set[str]())["order_info"]


def test_a_disputed_payment_is_found() -> None:
    order = an_order(confirmed=True)
    payment = a_payment(order, "25.00")
    payment.dispute("fraud", ReportedAmount("25.00", "USD"), NOW)

    assert "disputed" in failed_checks(order, payments=[payment])["payment"]


def test_every_event_has_its_own_name_and_an_audience() -> None:
    types = [event.type for event in vars(events).values() if isinstance(event, type) and issubclass(event, Event)]

    assert len(types) == len(set(types))
    assert events.ReviewNeedsContact.audience == "internal"
    assert events.RefundFailed.audience == "internal"


def test_a_completed_order_cannot_be_cancelled_or_expire() -> None:
    order = an_order(confirmed=True)
    order.complete(NOW)

    with pytest.raises(WrongStatus):
        order.expire()
    with pytest.raises(WrongStatus):
        order.request_cancellation(a_consent(a_change(an_order(confirmed=True))), "")
    assert EMAIL in order.email
