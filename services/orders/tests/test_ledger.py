"""The ledger: derived from any order's life, it adds up to zero, and says where the money is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.basics.money import CURRENCY, Money
from services.orders.api import AttentionKind, CaptureUse, RefundCause, RefundStatus, SettleDecision
from services.orders.api import events as facts
from services.orders.api.ledger import LedgerAccount, MovementKind
from services.orders.api.order_event import OrderEvent
from services.orders.api.parts import Address, Contact, ReportedAmount, ReturnPolicy, Totals
from services.orders.domain.currencies import minor_units, reported
from services.orders.domain.ledger import Entry, Movement, balances_of, movements_of
from services.orders.tests.builders import NOW

pytestmark = pytest.mark.pure

NUMBER, YEN = "ORD-0000-0001-R", "JPY"
EXAMPLES, LIVES = 100, 100
OURS = (RefundCause.GOODWILL, RefundCause.POSTAGE)
OF_PRICE = (RefundCause.RETURN, RefundCause.REMEDY, RefundCause.CHANGE)
A, K = LedgerAccount, MovementKind


@dataclass
class Owed:
    """A refund as the life knows it."""

    refund_id: str
    cents: int
    cause: RefundCause
    paid_from: str = ""


@dataclass
class Life:
    """A random order: what happens to it, as entries, and beside that where its money is (in cents)."""

    chance: Random
    entries: list[Entry] = field(default_factory=list)
    total: int = 0
    lives: bool = False
    ended: bool = False
    captured: int = 0
    provider: int = 0
    by_hand: int = 0
    aside: int = 0
    given_up: int = 0
    carrier: int = 0
    yen: dict[str, int] = field(default_factory=dict)
    refunds: list[Owed] = field(default_factory=list)

    @property
    def available(self) -> int:
        return self.captured - self.aside

    @property
    def kept(self) -> int:
        return min(self.available, max(self.total - self.given_up, 0) if self.lives else 0)

    def tell(self, event: type[OrderEvent], /, *, at_once: bool = False, **told: Any) -> None:
        """Record it. at_once: in the transaction of the entry before."""
        turn = len(self.entries)
        at = self.entries[-1].at if at_once else NOW + timedelta(seconds=turn)
        self.entries.append(Entry(f"entry-{turn}", at, event(order_number=NUMBER, **told)))

    def of(self, refund: Owed) -> dict[str, Any]:
        return {
            "refund_id": refund.refund_id, "amount": Money(refund.cents), "cause": refund.cause, "reference": "x",
        }  # fmt: skip

    # what may happen

    def place(self) -> None:
        self.total = self.chance.randint(1, 9999)
        nobody = Contact("", "", "")
        totals = Totals(Money(self.total), Money(0), Money(0), Money(self.total))
        address = Address("", "", country="GB")
        self.tell(
            facts.OrderPlaced, customer=nobody, delivery=address, lines=(), totals=totals,
            return_policy=ReturnPolicy("1", 30), placed_at=NOW,
        )  # fmt: skip

    def capture(self) -> None:
        cents = self.chance.choice([self.total, self.total, self.total // 2 + 1, self.total + 500])
        confirms = not self.lives and not self.ended and self.available + cents >= self.total
        use = CaptureUse.ORDER if confirms else self.chance.choice([CaptureUse.PART, CaptureUse.SURPLUS])
        self.captured, self.provider, self.lives = self.captured + cents, self.provider + cents, self.lives or confirms
        name = f"PAY-{len(self.entries)}"
        self.tell(facts.PaymentCaptured, payment_id=name, amount=reported(cents, CURRENCY), captured_at=NOW, use=use)

    def capture_yen(self) -> None:
        name, amount = f"PAY-{len(self.entries)}", self.chance.randint(1, 5000)
        self.yen[name] = amount
        self.tell(
            facts.PaymentCaptured, payment_id=name, amount=ReportedAmount(str(amount), YEN), captured_at=NOW,
            use=CaptureUse.ATTENTION,
        )  # fmt: skip

    def return_yen(self) -> None:
        """Send it back: as it is told now, bit by bit, or as an older release told it, when all is gone."""
        name = self.chance.choice([each for each, here in self.yen.items() if here] or [""])
        if not name:
            return
        here, new = self.yen[name], self.chance.random() < 0.7
        back = self.chance.choice([here, here // 2 + 1]) if new else here
        self.yen[name] -= back
        if new:
            self.tell(facts.ForeignMoneyReturned, payment_id=name, amount=ReportedAmount(str(back), YEN))
        if not self.yen[name]:
            decision = self.chance.choice([None, SettleDecision.RETURNED])
            self.tell(
                facts.PaymentSettled, at_once=new, payment_id=name, kind=AttentionKind.OTHER_CURRENCY,
                decision=decision, note="",
            )  # fmt: skip

    def owe(self) -> None:
        cause = self.chance.choice([*OURS, *OF_PRICE, RefundCause.PAYMENT])
        most = self.available if cause is RefundCause.PAYMENT else min(self.available, self.kept)
        if most > 0 and not (cause is not RefundCause.PAYMENT and not self.lives):
            before = self.kept
            refund = Owed(f"REF-{len(self.entries)}", self.chance.randint(1, most), cause)
            self.refunds.append(refund)
            self.aside += refund.cents
            self.given_up += refund.cents if cause is not RefundCause.PAYMENT else 0
            self.carrier += before - self.kept if cause is RefundCause.POSTAGE else 0
            self.tell(facts.RefundDue, **self.of(refund))

    def uncover(self) -> None:
        """Owe more than is here."""
        cents = self.chance.randint(1, 100)
        if self.lives:
            self.given_up += cents
            self.tell(
                facts.PaymentNeedsAttention, payment_id="PAY", amount=reported(cents, CURRENCY), reason="",
                kind=AttentionKind.CLAIM_UNCOVERED,
            )  # fmt: skip

    def unpaid(self) -> Owed | None:
        return self.chance.choice([each for each in self.refunds if not each.paid_from] or [None])

    def split(self) -> None:
        """Take a part out of a refund: as it is told now, or as an older release told it."""
        refund = self.unpaid()
        if refund is None or refund.cents < 2 or refund.cause is RefundCause.POSTAGE:
            return
        apart = Owed(f"REF-{len(self.entries)}", self.chance.randint(1, refund.cents - 1), refund.cause)
        refund.cents -= apart.cents
        self.refunds.append(apart)
        new = self.chance.random() < 0.7
        self.tell(facts.RefundDue, **self.of(apart), taken_out_of=refund.refund_id if new else "")
        if not new:
            self.tell(
                facts.RefundPartMoved, **self.of(refund), claim_id=refund.refund_id, status=RefundStatus.SUBMITTED
            )

    def settle(self) -> None:
        refund = self.unpaid()
        if refund is None:
            return
        by_hand = self.chance.random() < 0.3
        if by_hand:
            self.tell(facts.HandPaymentRecorded, **self.of(refund), by="a", proof="p")
            self.tell(facts.HandPaymentRecorded, **self.of(refund), by="b", proof="p", confirmed=True)
        self.pay(refund, "by_hand" if by_hand else "provider", at_once=by_hand)

    def pay(self, refund: Owed, account: str, *, at_once: bool = False) -> None:
        refund.paid_from = account
        setattr(self, account, getattr(self, account) - refund.cents)
        self.told(refund, RefundStatus.SETTLED, facts.RefundSettled, at_once=at_once, settled_at=NOW)

    def told(self, refund: Owed, status: RefundStatus, kind: type[OrderEvent], *, at_once: bool, **more: Any) -> None:
        """Tell of a refund; of one that is a part, by the part and then by its claim, as orders do."""
        parts = {e.event.claim_id for e in self.entries if isinstance(e.event, facts.RefundPartMoved)}
        if refund.refund_id in parts or self.chance.random() < 0.2:
            self.tell(
                facts.RefundPartMoved, at_once=at_once, **self.of(refund), claim_id=refund.refund_id, status=status
            )
            at_once = True
        self.tell(kind, at_once=at_once, **self.of(refund), **more)

    def fail(self) -> None:
        refund = self.unpaid()
        if refund is not None:
            self.told(refund, RefundStatus.FAILED, facts.RefundFailed, at_once=False, reason="", manual=False)

    def come_back(self) -> None:
        refund = self.chance.choice([each for each in self.refunds if each.paid_from] or [None])
        if refund is None:
            return
        setattr(self, refund.paid_from, getattr(self, refund.paid_from) + refund.cents)
        refund.paid_from = ""
        more = {"reason": "closed", "manual": False, "after_settled": True}
        self.told(refund, RefundStatus.FAILED, facts.RefundFailed, at_once=False, **more)

    def refund_unasked(self) -> None:
        """Have the bank pay back; a person finds that it is what was owed, or that it stays."""
        refund = self.unpaid()
        covers = refund is not None and self.chance.random() < 0.6
        cents = refund.cents if covers and refund is not None else self.chance.randint(1, 500)
        self.provider -= cents
        self.aside += cents
        self.tell(
            facts.PaymentNeedsAttention, payment_id="PAY", amount=reported(cents, CURRENCY), reason="",
            kind=AttentionKind.BANK_REFUND,
        )  # fmt: skip
        decision = SettleDecision.COVERS_OWED if covers else SettleDecision.NOTED
        self.tell(facts.PaymentSettled, payment_id="PAY", kind=AttentionKind.BANK_REFUND, decision=decision, note="")
        if covers and refund is not None:
            self.aside -= cents
            refund.paid_from = "provider"
            self.told(refund, RefundStatus.SETTLED, facts.RefundSettled, at_once=True, settled_at=NOW)
        else:
            bank = Owed(f"REF-{len(self.entries)}", cents, RefundCause.BANK)
            self.tell(facts.RefundSettled, at_once=True, **self.of(bank), settled_at=NOW)

    def lose_dispute(self) -> None:
        """Have the customer's bank take a part: of what was owed first, and more."""
        refund, rest = self.unpaid(), self.available
        self.tell(
            facts.PaymentSettled, payment_id="PAY", kind=AttentionKind.DISPUTE, decision=SettleDecision.LOST, note=""
        )
        if refund is not None:
            self.pay(refund, "provider", at_once=True)
        if rest > 0:
            taken = Owed(f"REF-{len(self.entries)}", self.chance.randint(1, rest), RefundCause.CHARGEBACK, "provider")
            self.refunds.append(taken)
            self.aside += taken.cents
            self.provider -= taken.cents
            self.tell(facts.RefundSettled, at_once=True, **self.of(taken), settled_at=NOW)

    def win_after_all(self) -> None:
        """Have the bank give back what it had taken; what came back and was paid by hand since is not that."""
        taken = [x for x in self.refunds if (x.cause, x.paid_from) == (RefundCause.CHARGEBACK, "provider")]
        refund = self.chance.choice(taken or [None])
        if refund is not None:
            self.refunds.remove(refund)
            self.aside -= refund.cents
            setattr(self, refund.paid_from, getattr(self, refund.paid_from) + refund.cents)
            amount = reported(refund.cents, CURRENCY)
            self.tell(facts.ChargebackReturned, payment_id="PAY", refund_id=refund.refund_id, amount=amount)

    def end(self) -> None:
        if self.lives:
            amount = max(self.kept, 0)
            self.lives, self.ended = False, True
            self.tell(facts.OrderCancelled, reason="", refund=Money(amount))
            if amount:
                refund = Owed(f"REF-{len(self.entries)}", amount, RefundCause.CANCELLATION)
                self.refunds.append(refund)
                self.aside += amount
                self.tell(facts.RefundDue, at_once=True, **self.of(refund))


ACTS: list[Callable[[Life], None]] = [
    Life.capture, Life.capture, Life.capture_yen, Life.return_yen, Life.owe, Life.owe, Life.split, Life.settle,
    Life.settle, Life.fail, Life.come_back, Life.refund_unasked, Life.lose_dispute, Life.win_after_all, Life.uncover,
    Life.end,
]  # fmt: skip


def live(chance: Random) -> Life:
    life = Life(chance)
    life.place()
    for act in chance.choices(ACTS, k=chance.randint(1, 10)):
        act(life)
    return life


@given(seed=st.integers(0, 2**48))
@settings(max_examples=EXAMPLES, deadline=None)
def test_ten_thousand_lives_add_up_to_zero(seed: int) -> None:
    chance = Random(seed)

    for _ in range(LIVES):
        life = live(chance)

        movements = movements_of(life.entries)

        check(life, movements)


def check(life: Life, movements: list[Movement]) -> None:
    balances = balances_of(movements)
    usd = {account: balances.get((account, CURRENCY), 0) for account in A}
    told = [(entry.event.type, str(getattr(entry.event, "amount", ""))) for entry in life.entries]
    for currency in (CURRENCY, YEN):
        assert not sum(cents for (_, each), cents in balances.items() if each == currency), told
    assert all(each.cents > 0 and each.debit is not each.credit for each in movements), told
    # where the money is
    assert (usd[A.PROVIDER], usd[A.BY_HAND]) == (life.provider, life.by_hand), told
    assert balances.get((A.PROVIDER, YEN), 0) == sum(life.yen.values()), told
    # whose it is: what the order keeps is ours, and all else is owed, or waits for a person
    assert -usd[A.PLATFORM] - usd[A.CARRIER] == life.kept, told
    assert usd[A.CARRIER] == life.carrier, told
    owed = sum(each.cents for each in life.refunds if not each.paid_from)
    assert -usd[A.CUSTOMER] == owed + life.available - life.kept, told


@given(seed=st.integers(0, 2**48))
@settings(max_examples=25, deadline=None)
def test_what_comes_later_rewrites_no_movement(seed: int) -> None:
    life = live(Random(seed))
    whole = movements_of(life.entries)

    for count, entry in enumerate(life.entries[1:], start=1):
        if entry.at != life.entries[count - 1].at:
            before = movements_of(life.entries[:count])

            assert whole[: len(before)] == before


@pytest.mark.parametrize(
    ("amount", "currency", "cents"), [("15.00", "USD", 1500), ("1500", "JPY", 1500), ("-1.500", "KWD", -1500)]
)
def test_amounts_are_read_as_their_currency_writes_them(amount: str, currency: str, cents: int) -> None:
    assert minor_units(ReportedAmount(amount, currency)) == cents


def test_a_sale_goodwill_and_postage_stand_where_they_belong() -> None:
    life = Life(Random(1))
    life.place()
    life.total = life.entries[0].event.totals.total.cents  # type: ignore[attr-defined]
    life.tell(facts.PaymentCaptured, payment_id="PAY-1", amount=reported(life.total, CURRENCY), captured_at=NOW)
    for refund_id, cause in (
        ("REF-1", RefundCause.GOODWILL),
        ("REF-2", RefundCause.POSTAGE),
        ("REF-3", RefundCause.RETURN),
    ):
        life.tell(facts.RefundDue, **life.of(Owed(refund_id, 10, cause)))
        life.tell(facts.RefundSettled, **life.of(Owed(refund_id, 10, cause)), settled_at=NOW)

    found = [(each.kind, each.debit, each.credit, each.reference) for each in movements_of(life.entries)]

    assert found == [
        (K.CAPTURE, A.PROVIDER, A.CUSTOMER, "PAY-1"),
        (K.SALE, A.CUSTOMER, A.PLATFORM, "PAY-1"),
        (K.GOODWILL, A.PLATFORM, A.CUSTOMER, "REF-1"),
        (K.REFUND, A.CUSTOMER, A.PROVIDER, "REF-1"),
        (K.POSTAGE, A.CARRIER, A.CUSTOMER, "REF-2"),
        (K.REFUND, A.CUSTOMER, A.PROVIDER, "REF-2"),
        (K.SALE_REVERSED, A.PLATFORM, A.CUSTOMER, "REF-3"),
        (K.REFUND, A.CUSTOMER, A.PROVIDER, "REF-3"),
    ]
