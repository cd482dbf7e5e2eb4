"""What customers and leads are told of money: true when it is sent, and nothing that does not exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.aftersales.api.events import ReturnRefunded
from services.common.basics import ids
from services.common.basics.money import ZERO, Money
from services.common.bus.travel import read_event
from services.common.testing import promised
from services.orders.api import AttentionKind, OrdersApi
from services.orders.api.events import (
    OrderCancelled,
    OrderExpired,
    PaymentCaptured,
    PaymentNeedsAttention,
    RefundFailed,
    RefundSettled,
    ReviewNeedsContact,
    ReviewPassed,
    UnknownPaymentFound,
)
from services.orders.api.parts import (
    ReportedAmount,
)
from services.support.adapters.mail import aftersales, banking, orders, promises
from services.support.adapters.mail.letter import Mail
from services.support.domain import Staff
from services.support.handlers import following, news
from services.support.handlers.promises import on_commitment_breached
from services.support.tests.builders import ADA, ORDER_NUMBER, add_staff, an_event, breached
from services.support.tests.scene import Scene, a_scene

ROOT = Path(__file__).parents[3]
LENA = "lena@pledge.example"
PATHS = {"/v1/payments/attention", "/v1/disputes", "/v1/payments/{id}/settle", "/v1/refunds",
         "/v1/refunds/{id}/retry", "/v1/refunds/{id}/paid"}  # fmt: skip


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_scene(tmp_path) as scene:
        yield scene


def a_capture(use: str, missing: Money = ZERO, surplus: Money = ZERO) -> PaymentCaptured:
    amount = ReportedAmount(amount="20.00", currency="USD")
    return an_event(PaymentCaptured, amount=amount, use=use, missing=missing, surplus=surplus)


def a_failure(*, manual: bool = False, after_settled: bool = False) -> RefundFailed:
    return an_event(
        RefundFailed, refund_id="REF-1", amount=Money(1250), cause="return", reason="closed",
        manual=manual, after_settled=after_settled,
    )  # fmt: skip


def a_case(kind: str) -> PaymentNeedsAttention:
    amount = ReportedAmount(amount="1500", currency="JPY")
    due = datetime(2026, 3, 3, tzinfo=UTC)
    return an_event(PaymentNeedsAttention, payment_id="PAY-1", amount=amount, reason="why", kind=kind, due_at=due)


@pytest.mark.parametrize(
    ("capture", "says", "does_not_say"),
    [
        (a_capture("order"), "we check your order within", "goes back"),
        (a_capture("order", surplus=Money(500)), "5.00 USD of it are more than", "missing"),
        (a_capture("part", missing=Money(500)), "5.00 USD of what your order costs are missing", "we check your order"),
        (a_capture("surplus", surplus=Money(2000)), "10 working days", "we check your order"),
        (a_capture("attention"), "a colleague looks into it", "we check your order"),
        (a_capture("again"), "paid in full again", "we check your order"),
    ],
)
def test_a_capture_is_told_as_what_it_is(capture: PaymentCaptured, says: str, does_not_say: str) -> None:
    text = orders.payment_captured(capture, None).text

    assert says in text
    assert does_not_say not in text


@pytest.mark.parametrize("paid", [None, ReportedAmount(amount="20.00", currency="USD")])
def test_what_a_review_finds_is_told_with_the_payment(paid: ReportedAmount | None) -> None:
    passed, question = an_event(ReviewPassed, paid=paid), an_event(ReviewNeedsContact, paid=paid)

    for mail in (orders.review_passed(passed, None), orders.review_needs_contact(question, None)):
        assert ("Your payment of 20.00 USD has arrived, thank you." in mail.text) is (paid is not None)


@pytest.mark.parametrize("credit_note", [True, False])
def test_a_credit_note_is_spoken_of_where_there_is_one(credit_note: bool) -> None:
    paid = orders.refund_settled(an_event(RefundSettled, cause="change", credit_note=credit_note), None)
    returned = aftersales.return_refunded(an_event(ReturnRefunded, credit_note=credit_note), None)

    for mail in (paid, returned):
        assert ("Your credit note is on the page of your order" in mail.text) is credit_note


def test_an_old_event_is_told_as_a_payment_of_the_order() -> None:
    old = read_event(PaymentCaptured, promised("orders", "payment_captured")[1]["body"])

    text = orders.payment_captured(old, None).text

    assert "we check your order within" in text


@pytest.mark.parametrize("kind", [kind.value for kind in AttentionKind])
def test_a_lead_is_told_what_to_do_where(kind: str) -> None:
    mail = banking.payment_needs_person(a_case(kind))

    assert "1500 JPY" in mail.text
    assert _named(mail)
    assert _named(mail) <= PATHS


def test_the_lead_of_a_refused_refund_is_sent_to_what_exists() -> None:
    mail = banking.refund_needs_person(a_failure(manual=True))

    assert _named(mail) == {"/v1/refunds", "/v1/refunds/{id}/retry", "/v1/refunds/{id}/paid"}
    assert {"retry_refund", "record_paid_refund", "list_refunds"} <= set(OrdersApi.methods)


DESK_PLACES = set(re.findall(r'path: "(\w+)"', (ROOT / "gateway/web/desk/js/desk.js").read_text("utf-8")))


@pytest.mark.parametrize(
    ("number", "otherwise", "page"),
    [
        ("TIC-0000-0000-W", "promises", "desk/inbox/TIC-0000-0000-W"),
        ("ORD-0000-0000-D", "money", "desk/orders/ORD-0000-0000-D"),
        (ids.number(ids.RETURN, 7), "promises", f"desk/returns/{ids.number(ids.RETURN, 7)}"),
        ("SHP-0000-0000-2", "promises", "desk/promises"),
        (None, "money", "desk/money"),
    ],
)
def test_links_of_staff_lead_to_a_place_on_the_desk(number: str | None, otherwise: str, page: str) -> None:
    assert news.desk_page(number, otherwise) == page
    assert page.split("/")[1] in DESK_PLACES


def test_leads_are_sent_to_the_money_that_is_nobodys(scene):
    add_staff(scene.store, Staff(LENA, "Lena", ["lead"]))

    scene.hears(following.on_unknown_payment_found, an_event(UnknownPaymentFound, payment_id="PAY-1", reason="why"))

    (mail,) = scene.owed()
    assert (mail.recipient, mail.link, mail.link_key) == (LENA, "desk", "desk/money")
    assert "no order of ours): why." in mail.text


def test_a_refund_that_comes_back_is_told_to_customer_and_leads(scene):
    scene.learns_order()
    add_staff(scene.store, Staff(LENA, "Lena", ["lead"]))

    scene.hears(following.on_refund_failed, a_failure(after_settled=True))

    told = {mail.recipient: mail.text for mail in scene.owed()}
    assert "We told you that our refund" in told[ADA]
    assert "We send it again" in told[ADA]
    assert "owed again" in told[LENA]


def test_only_leads_are_told_that_a_case_of_money_is_late(scene):
    scene.learns_order()
    add_staff(scene.store, Staff(LENA, "Lena", ["lead"]))

    scene.hears(on_commitment_breached, breached("payment_attention", "PAY-1", ORDER_NUMBER), source="orders")

    (mail,) = scene.owed()
    assert mail.recipient == LENA
    assert "The customer has been told" not in mail.text


def test_a_late_refund_of_a_return_is_told_once(scene):
    """After-sales and orders each have a clock for it, due at the same time."""
    scene.learns_order()

    for source, subject in (("aftersales", "RET-1"), ("orders", "REF-1")):
        scene.hears(on_commitment_breached, breached("refund", subject, ORDER_NUMBER), source=source)

    assert len(scene.owed()) == 1


def test_a_held_refund_is_not_promised() -> None:
    event = an_event(OrderCancelled, refund=Money(2500), held=True, remedy_id=None)

    text = orders.order_cancelled(event, None).text

    assert "25.00 USD go back" not in text
    assert "Your bank is looking into" in text


def test_an_expired_order_is_not_said_to_be_unpaid() -> None:
    text = orders.order_expired(OrderExpired(order_number=ORDER_NUMBER), None).text

    assert "nothing was charged" not in text
    assert "it goes back" in text


def test_each_clock_that_a_customer_is_told_of_has_words() -> None:
    assert promises.FOR_LEADS.isdisjoint(promises.LATE)


def _named(mail: Mail) -> set[str]:
    return {path.rstrip(".,") for path in re.findall(r"/v1/[\w/{}-]+", mail.text)}
