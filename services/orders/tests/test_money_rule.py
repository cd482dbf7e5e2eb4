"""The rule of money: what was captured is kept, on its way back, or in front of a person, whatever is told when.

A bank tells anything: captures of right and wrong amounts, with the same and with other references, in other
currencies; disputes; refunds that settle, fail, or that were not asked for. Customers and leads do what they may.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.common.basics import clock, ids
from services.common.basics.caller import AGENT, LEAD
from services.common.basics.errors import ServiceError
from services.common.basics.money import Money
from services.common.testing import fresh_store, holder, staff
from services.orders.adapters.payments import FactKind, PaymentFact
from services.orders.api import (
    CancelOrder,
    OrderExpired,
    OrderStatus,
    RecordPaidRefund,
    RetryRefund,
    SettlePayment,
    StartPayment,
)
from services.orders.api.ledger import LedgerAccount
from services.orders.domain import Account, disputes
from services.orders.domain.attention import HOLDS_ALL_PAYOUTS
from services.orders.domain.ledger import Movement, balances_of, movements_of
from services.orders.domain.refund import UNSENT
from services.orders.handlers import accounts, attention, cancellations, payments, refund_queue, refunds, submissions
from services.orders.handlers.refunds import BY_AFTERSALES
from services.orders.repository import Work
from services.orders.tests.builders import NOW
from services.orders.tests.scene import Scene
from services.orders.tests.test_changes import ship
from services.orders.tests.test_refunds import claim, claim_undelivered

TWO_LEADS = (staff(LEAD), staff(LEAD, email="linus@pledge.example"))
USD = "USD"


@dataclass
class Story:
    """One order, and what the bank truly did.

    taken: captures by payment and reference, as they were first reported; asked: payments that the bank can name.
    """

    scene: Scene
    number: str
    turn: int = 0
    taken: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)

    def do(self, act: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
        """Do it a second later than all before; what is refused is nothing that happened."""
        self.turn += 1
        with clock.frozen(NOW + timedelta(seconds=self.turn)):
            try:
                return act(*arguments, **more)
            except ServiceError:
                return None

    def payments(self) -> list[Any]:
        found: list[Any] = self.scene.do(lambda work: work.payments.of_order(self.number))
        return found

    def refunds(self) -> list[Any]:
        found: list[Any] = self.scene.do(lambda work: work.payments.refunds_of(self.number))
        return found

    def cases(self) -> list[Any]:
        found: list[Any] = self.scene.do(lambda work: work.cases.open_of_order(self.number))
        return found


def start(story: Story, draw: Any) -> None:
    owner = holder(f"order:{story.number}")
    payment = story.do(story.scene.do, payments.attempt_payment, story.number, StartPayment(), caller=owner)
    story.asked |= set() if payment is None else {payment.payment_id}


def capture(story: Story, draw: Any) -> None:
    payment = draw(st.sampled_from([each for each in story.payments() if each.payment_id in story.asked]))
    reference = draw(st.sampled_from(["a", "b", payment.payment_id]))
    cents = draw(st.sampled_from([payment.amount.cents, payment.amount.cents, 0, 1, 1500, 9999]))
    currency = draw(st.sampled_from([USD, USD, USD, "JPY"]))
    fact = PaymentFact(ids.new_id(), FactKind.CAPTURED, payment.payment_id, "", cents, currency, reference)
    if cents:
        story.taken.setdefault((payment.payment_id, reference), (cents, currency))
    story.do(story.scene.report, fact)


def dispute(story: Story, draw: Any) -> None:
    payment = draw(st.sampled_from(story.payments()))
    cents, currency = draw(st.sampled_from([0, 0, 1, 1000, 99999])), draw(st.sampled_from([USD, USD, "JPY"]))
    name = draw(st.sampled_from(["", "", f"dp.1 {story.number}", f"dp.2 {story.number}"]))
    fact = PaymentFact(
        ids.new_id(), FactKind.DISPUTED, payment.payment_id, "", cents, currency, reference="dp", dispute=name
    )
    story.do(story.scene.report, fact)


def end_dispute(story: Story, draw: Any) -> None:
    """Report what the bank decided, of a dispute that it told of or not, and perhaps for the second time."""
    payment = draw(st.sampled_from(story.payments()))
    kinds = [FactKind.DISPUTE_WON, FactKind.DISPUTE_LOST, FactKind.DISPUTE_LOST]
    kind, name = draw(st.sampled_from(kinds)), draw(st.sampled_from(["dp.1", "dp.1", "dp.2"]))
    cents = draw(st.sampled_from([0, 1000, 99999]))
    fact = PaymentFact(ids.new_id(), kind, payment.payment_id, "", cents, USD, "dp", dispute=f"{name} {story.number}")
    story.do(story.scene.report, fact)


def tell_of_refund(story: Story, draw: Any) -> None:
    found = story.refunds()
    if found:
        refund = draw(st.sampled_from(found))
        kind = draw(st.sampled_from([FactKind.REFUND_SETTLED, FactKind.REFUND_SETTLED, FactKind.REFUND_FAILED]))
        cents = draw(st.sampled_from([refund.amount.cents, refund.amount.cents, 1]))
        reference = draw(st.sampled_from([f"ref.{refund.key}", f"ref.{refund.key}", "ref.x"]))
        fact = PaymentFact(ids.new_id(), kind, "", refund.refund_id, cents, USD, reference)
        story.do(story.scene.report, fact)


def refund_at_bank(story: Story, draw: Any) -> None:
    payment = draw(st.sampled_from(story.payments()))
    cents, reference = draw(st.sampled_from([1, 1000, 2500])), draw(st.sampled_from(["own.1", ids.new_id()]))
    fact = PaymentFact(ids.new_id(), FactKind.REFUND_SETTLED, payment.payment_id, "", cents, USD, reference)
    story.do(story.scene.report, fact)


def send(story: Story, draw: Any) -> None:
    story.do(story.scene.do, submissions.claim_due)


def cancel(story: Story, draw: Any) -> None:
    owner = holder(f"order:{story.number}")
    story.do(story.scene.do, cancellations.cancel_order, story.number, CancelOrder(""), caller=owner)


def change(story: Story, draw: Any) -> None:
    lines = [{"sku": "MUG", "quantity": 2}]
    proposal = {"kind": "lines", "reason": "one is scratched", "lines": lines}
    asked = story.do(story.scene.propose, story.number, staff(AGENT), **proposal)
    if asked is not None:
        story.do(story.scene.answer, asked, "accept", "remove_line")


def give_back(story: Story, draw: Any) -> None:
    """Claim units of a paid order, as after-sales would."""
    if story.scene.order(story.number)["status"] in (OrderStatus.CONFIRMED, OrderStatus.COMPLETED):
        units = draw(st.sampled_from([[(1, 0)], [(1, 1)], [(1, 0), (1, 1)]]))
        paid = story.scene.do(lambda work: work.orders.get(story.number).lines[0].paid)
        amount = str(Money.total(paid[unit] for _, unit in units))
        story.do(
            draw(st.sampled_from([claim, claim_undelivered])),
            story.scene,
            story.number,
            units,
            amount,
            ids.new_number(ids.RETURN),
        )


def expire(story: Story, draw: Any) -> None:
    def act(work: Work) -> OrderExpired:
        return work.orders.get(story.number, lock=True).expire()

    event = story.do(story.scene.do, act)
    if event is not None:
        story.do(story.scene.hear, accounts.on_order_expired, event)


def dispatch(story: Story, draw: Any) -> None:
    if story.scene.order(story.number)["status"] is OrderStatus.CONFIRMED:
        story.do(ship, story.scene, story.number, "created", "dispatched")


def decide(story: Story, draw: Any) -> None:
    offered = [(case.payment_id, decision) for case in story.cases() for decision in case.decisions]
    if offered:
        payment_id, decision = draw(st.sampled_from(offered))
        settling = SettlePayment(decision, "looked at it")
        story.do(story.scene.do, attention.settle_payment, payment_id, settling, caller=TWO_LEADS[0])


def see_to_refund(story: Story, draw: Any) -> None:
    found = story.refunds()
    if found:
        refund, lead = draw(st.sampled_from(found)), draw(st.sampled_from(TWO_LEADS))
        paid = RecordPaidRefund("transfer 4711", draw(st.sampled_from(["paid", "paid", "not_paid"])))
        acts = [(refund_queue.retry_refund, RetryRefund()), (refund_queue.record_paid_refund, paid)]
        act, request = draw(st.sampled_from(acts))
        story.do(story.scene.do, act, refund.refund_id, request, caller=lead)


ACTS = [
    start, capture, capture, dispute, end_dispute, end_dispute, tell_of_refund, tell_of_refund, refund_at_bank, send,
    cancel, change, give_back, expire, dispatch, decide, decide, see_to_refund,
]  # fmt: skip


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with fresh_store("orders", tmp_path_factory.mktemp("money"), postgres=False) as store, clock.frozen(NOW):
        yield Scene(store).stocked("MUG", 1_000_000).discounts("THIRD", percent=33).discounts("CENT", amount="0.01")


@pytest.mark.pure  # one database, whatever the form
@given(data=st.data(), acts=st.lists(st.sampled_from(ACTS), min_size=1, max_size=14))
@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_every_cent_is_kept_on_its_way_or_asked_about(bank: Scene, data: Any, acts: list[Any]) -> None:
    code = data.draw(st.sampled_from(["", "THIRD", "CENT"]))
    story = Story(bank, bank.place(("MUG", 3), discount_code=code))

    for act in [start, *acts]:
        act(story, data.draw)

        check(story)


def check(story: Story) -> None:
    order, kept = story.scene.order(story.number), story.payments()
    cents = {name: Money.parse(money["amount"]).cents for name, money in order["account"].items()}
    cases = story.cases()
    kinds = {case.kind.value for case in cases}
    held = any(case.kind in HOLDS_ALL_PAYOUTS for case in cases)
    contested = sum(disputes.contested_of(payment, cases).cents for payment in kept)

    # nothing that the bank took is missing, and nothing is counted twice
    assert cents["captured"] == sum(amount for amount, currency in story.taken.values() if currency == USD)
    assert cents["captured"] == cents["kept"] + cents["refunded"] + cents["attention"]
    # what is neither kept nor on its way back is in front of a person
    assert held or "shortfall" in kinds or cents["attention"] == contested, (cents, kinds)
    for payment in kept:
        asked = {case.kind.value for case in cases if case.payment_id == payment.payment_id}
        assert not payment.foreign_rest or "other_currency" in asked
    # an order that has ended or expired keeps nothing
    if order["status"] in (OrderStatus.CANCELLED, OrderStatus.EXPIRED) and not held:
        assert (cents["kept"], cents["attention"]) == (0, contested)
    # what is disputed, and did not go before, is not paid out
    waiting, made = story.scene.do(lambda work: refunds.waiting_of(work, story.number)), story.refunds()
    for payment in kept:
        free = [each for each in disputes.unsent_of(payment, made) if each.refund_id not in waiting]
        assert held or Money.total(each.amount for each in free) <= disputes.room_of(payment, made, cases)
        open_dispute = any((case.kind.value, case.payment_id) == ("dispute", payment.payment_id) for case in cases)
        assert (payment.disputed_at is not None) == open_dispute
    _check_clocks(story, order, cases)
    _check_ledger(story)


def _check_ledger(story: Story) -> None:
    """Check that what the journal tells, booked, is what our books say."""

    def read(work: Work) -> tuple[Account, list[Movement]]:
        order = work.orders.get(story.number)
        account = accounts.account_of(work, order, work.payments.of_order(story.number))
        return account, movements_of(work.ledger.of_orders([story.number])[story.number])

    account, movements = story.scene.do(read)
    balances = balances_of(movements)
    usd = {name: balances.get((name, USD), 0) for name in LedgerAccount}
    unasked = sum(each.cents for each in movements if (each.kind.value, each.currency) == ("bank_refund", USD))
    live = story.scene.order(story.number)["status"] in (OrderStatus.CONFIRMED, OrderStatus.COMPLETED)

    assert not sum(usd.values())
    # what left is what was settled, and what a bank paid back unasked beyond the money that was here
    settled = sum(each.amount.cents for each in story.refunds() if each.settled_at is not None)
    beyond = account.captured.cents - usd[LedgerAccount.PROVIDER] - usd[LedgerAccount.BY_HAND] - settled
    assert 0 <= beyond <= unasked, (beyond, unasked, movements)
    # and what is ours is what the order keeps
    kept = min(account.available.cents - beyond, account.worth.cents if live else 0)
    assert -usd[LedgerAccount.PLATFORM] - usd[LedgerAccount.CARRIER] == kept, (kept, movements)
    yen = sum(payment.foreign_rest for payment in story.payments())
    assert balances.get((LedgerAccount.PROVIDER, "JPY"), 0) == yen == -balances.get((LedgerAccount.CUSTOMER, "JPY"), 0)


def _check_clocks(story: Story, order: Any, cases: list[Any]) -> None:
    running = {each["subject"] for each in order["commitments"] if each["status"] in ("running", "breached")}
    running &= {each["subject"] for each in order["commitments"] if "stopped_at" not in each}
    assert {case.payment_id for case in cases} <= running
    refused = {case.reference for case in cases if case.kind.value == "refund_refused"}
    for refund in story.refunds():
        promised_here = refund.cause not in BY_AFTERSALES
        assert (refund.refund_id in running) == (promised_here and refund.settled_at is None)
        assert refund.status.value != "manual" or refund.refund_id in refused
        assert refund.next_attempt_at is not None or refund.status not in UNSENT or refund.status.value == "manual"
