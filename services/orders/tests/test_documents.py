"""Numbered documents: receipts less credit notes are what was kept, of the money and of each tax, without a gap."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.basics import clock
from services.common.basics.money import ZERO, Money
from services.common.testing import guest, holder
from services.orders.adapters.payments import FactKind
from services.orders.api import OrderNotFound
from services.orders.api.statuses import DocumentKind, RefundCause
from services.orders.domain import Payment, documents
from services.orders.domain.documents import Content, Document, Share, standing
from services.orders.domain.tax import TaxRate, include
from services.orders.domain.values import OrderLine
from services.orders.handlers import bank, payments
from services.orders.handlers import documents as handler
from services.orders.repository import Work
from services.orders.repository.documents import Documents
from services.orders.settings import OrdersSettings
from services.orders.tests.builders import NOW, captured, refund_fact
from services.orders.tests.scene import Scene
from services.orders.tests.test_dispute_ends import ended
from services.orders.tests.test_money import again
from services.orders.tests.test_refunds import claim, refund_of


def listed(scene: Scene, number: str) -> Any:
    return scene.do(handler.list_documents, number, caller=holder(f"order:{number}"))


def settle(scene: Scene, number: str, kind: FactKind = FactKind.REFUND_SETTLED, reference: str = "ref.1") -> None:
    scene.report(refund_fact(refund_of(scene, number), kind, reference, event=f"{kind}-{reference}-{number}"))


def test_each_paid_refund_has_a_note_with_its_tax(scene: Scene) -> None:
    scene.store.settings = OrdersSettings.load({"PLEDGE_TAX_NUMBERS": "GB GB123456789"})
    scene.stocked("TEA", 5, "24.90").discounts()
    number = scene.place(("MUG", 2), ("TEA", 1), discount_code="SPRING", passes=False)
    scene.pay(number)
    scene.edit(number, lines=[{"sku": "MUG", "quantity": 1}])
    before = listed(scene, number)
    settle(scene, number)
    settle(scene, number)
    shown = listed(scene, number)

    (receipt, note) = shown["items"]
    assert [each["kind"] for each in before["items"]] == ["receipt"]
    assert (receipt["number"], receipt["amount"]["amount"]) == ("REC-2026-000001", "44.91")
    assert receipt["taxes"][0]["tax"]["amount"] == "7.49"
    assert (note["number"], note["receipt"], note["cause"]) == ("CRN-2026-000001", "REC-2026-000001", "change")
    assert [(line["sku"], line["units"], line["amount"]["amount"]) for line in note["lines"]] == [("MUG", [1], "11.25")]
    assert [(tax["rate"], tax["tax"]["amount"]) for tax in note["taxes"]] == [("20.00", "1.87")]
    assert [shown[name]["amount"] for name in ("received", "credited", "kept")] == ["44.91", "11.25", "33.66"]
    assert scene.body(number, "document_issued")["number"] == "CRN-2026-000001"
    assert scene.body(number, "refund_settled")["credit_note"] is True
    with pytest.raises(OrderNotFound):
        scene.do(handler.list_documents, number, caller=guest())
    scene.holds()


def test_money_that_comes_back_takes_its_note_back(scene: Scene) -> None:
    number = scene.paid(("MUG", 2))
    claim(scene, number, [(1, 0)], "12.50")

    settle(scene, number)
    settle(scene, number, FactKind.REFUND_FAILED)
    back = listed(scene, number)
    settle(scene, number, reference="ref.2")

    kinds = [(each["number"][:3], each["kind"], each["corrects"]) for each in listed(scene, number)["items"]]
    assert back["credited"]["amount"] == "0.00"
    assert kinds == [
        ("REC", "receipt", None),
        ("CRN", "credit_note", None),
        ("CRN", "credit_correction", "CRN-2026-000001"),
        ("CRN", "credit_note", None),
    ]
    scene.holds()


def test_what_rolls_back_gives_its_number_back(scene: Scene) -> None:
    first, second = scene.place(("MUG", 1)), scene.place(("MUG", 1), line1="1 Other Street", email="eve@example.com")
    payment = scene.start(first)

    def dies(work: Work) -> None:
        payments.take_facts(work, "sandbox", [captured(payment)])
        work.documents.end()
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        scene.do(dies)
    scene.pay(second)
    scene.report(captured(payment))
    scene.report(captured(payment))

    assert [listed(scene, number)["items"][0]["number"][-1] for number in (second, first)] == ["1", "2"]
    scene.holds()


def paid_before(scene: Scene, *ends: FactKind) -> tuple[str, Payment]:
    """Return an order that an older release took the money of, and its payment: it issued nothing."""
    with patch.object(Documents, "end"):
        number = scene.place(("MUG", 2))
        payment = scene.pay(number)
        scene.report(*(ended(payment, kind) for kind in ends))
    return number, payment


def test_a_payment_after_the_upgrade_pays_what_is_not_paid(scene: Scene) -> None:
    number, payment = paid_before(scene)

    scene.report(again(payment))

    (receipt,) = listed(scene, number)["items"]
    assert (receipt["lines"], receipt["other"]["amount"], receipt["amount"]["amount"]) == ([], "25.00", "25.00")
    assert listed(scene, number)["kept"] is None


def test_an_older_order_that_is_paid_again_has_its_goods(scene: Scene) -> None:
    number, payment = paid_before(scene, FactKind.DISPUTED, FactKind.DISPUTE_LOST)

    scene.report(again(payment))

    (receipt,) = listed(scene, number)["items"]
    assert ([line["amount"]["amount"] for line in receipt["lines"]], receipt["other"]["amount"]) == (["25.00"], "0.00")


def test_what_comes_back_of_an_older_chargeback_has_no_note(scene: Scene) -> None:
    number, _ = paid_before(scene, FactKind.DISPUTED, FactKind.DISPUTE_LOST)

    def give_back(work: Work) -> None:
        (payment,) = work.payments.of_order(number, lock=True)
        bank.undo_chargeback(work, payment, "dp.1", 1000, stays=1500)

    with clock.shifted(timedelta(days=1)):
        scene.do(give_back)

    assert [each["amount"]["amount"] for each in scene.order(number)["refunds"]] == ["15.00"]
    assert listed(scene, number)["items"] == []


Step = tuple[str, int, tuple[int, ...]]
STEPS = st.one_of(
    st.tuples(st.just("pay"), st.integers(1, 5000), st.just(())),
    st.tuples(st.just("repay"), st.integers(1, 3000), st.lists(st.integers(0, 4), max_size=3).map(tuple)),
    st.tuples(st.just("give"), st.integers(1, 3000), st.just(())),
    st.tuples(st.just("come back"), st.integers(0, 9), st.just(())),
)


@pytest.mark.pure
@given(
    prices=st.lists(st.integers(1, 2000), min_size=5, max_size=5),
    percents=st.sampled_from([("19", "7"), ("25.5", "0.01"), ("20", "")]),
    steps=st.lists(STEPS, max_size=8),
)
@settings(max_examples=60, deadline=None)
def test_receipts_less_notes_are_what_was_kept(prices: list[int], percents: tuple[str, str], steps: list[Step]) -> None:
    """Of any life of an order: each unit, of each tax, is never below nothing, and at its price when all is paid.

    Where all went back, and nothing was given, no tax is left.
    """
    lines = [a_line(1, prices[:2], percents[0]), a_line(2, prices[2:], percents[1])]
    keys, issued = [(1, 0), (1, 1), (2, 0), (2, 1), (2, 2)], list[Document]()
    price = dict(zip(keys, (amount for line in lines for amount in shares_of(line)), strict=True))
    kept = 0

    for act, cents, units in steps:
        gone = [each for each in issued if each.kind is DocumentKind.CREDIT_NOTE]
        if act == "pay":
            kept += cents
            issued.append(issue(DocumentKind.RECEIPT, cents, documents.of_payment(Money(cents), lines, issued)))
        elif act in ("repay", "give") and kept:
            cents = min(cents, kept)
            kept -= cents
            mine = [keys[unit] for unit in dict.fromkeys(units)]
            cause = RefundCause.GOODWILL if act == "give" else RefundCause.RETURN if mine else RefundCause.PAYMENT
            content = documents.of_refund(Money(cents), lines, mine, issued, cause)
            issued.append(issue(DocumentKind.CREDIT_NOTE, cents, content, cause=cause))
        elif act == "come back" and gone:
            note = gone[cents % len(gone)]
            mine_of = [each for each in issued if each.refund_id == note.refund_id]
            back = documents.credited(mine_of)
            if back > ZERO:
                kept += back.cents
                content = documents.of_correction(back, mine_of)
                correction = issue(DocumentKind.CREDIT_CORRECTION, back.cents, content, note.refund_id, note.cause)
                issued.append(correction)
        here = standing(issued)
        assert (documents.received(issued) - documents.credited(issued)).cents == kept
        assert all(each.amount == each.other + total_of(each) for each in issued)
        assert all(ZERO <= share.tax <= share.amount for share in here.values())
        given = any(each.cause is RefundCause.GOODWILL for each in issued)
        assert kept or given or not any(share.tax for share in here.values())
        full = [key for key, share in here.items() if share.amount == price[key].amount]
        assert all(here[key] == price[key] for key in full)


def a_line(line_id: int, prices: list[int], percent: str) -> OrderLine:
    paid = tuple(map(Money, prices))
    rate = TaxRate("DE", Decimal(percent), "DE1") if percent else None
    facts: dict[str, Any] = {"weight_g": 1, "hs_code": None, "origin_country": "CN", "tax": include(rate, paid)}
    return OrderLine("ORD", line_id, f"SKU-{line_id}", "A thing", paid[0], paid, **facts)


def shares_of(line: OrderLine) -> list[Share]:
    taxes = line.tax.amounts if line.tax else (ZERO,) * len(line.paid)
    return [Share(amount, tax) for amount, tax in zip(line.paid, taxes, strict=True)]


def total_of(document: Document) -> Money:
    return Money.total(line.share.amount for line in document.lines)


def issue(
    kind: DocumentKind, cents: int, content: Content, refund_id: str = "", cause: RefundCause | None = None
) -> Document:
    """Return a document as it would be kept; a note is of a refund of its own."""
    refund = refund_id or str(id(content))
    series = documents.SERIES[kind]
    return Document(
        "1", kind, series, 2026, 1, "ORD", "PAY", refund, refund, "", "", cause, Money(cents), content.lines,
        content.other, NOW,
    )  # fmt: skip
