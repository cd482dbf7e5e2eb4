"""The ledger of an order: what the journal tells of its money, as movements between accounts. Pure.

    movements_of(entries)          # in the order in which they were recorded
    balances_of(movements)         # {(account, currency): cents}; those of a currency add up to zero

Nothing is stored: the journal is the only source, and an order of an older release has its ledger too. A movement
takes an amount from one account (`credit`) to another (`debit`). After each entry `platform` and `carrier` stand
together at what the order keeps (account.py): what is here and not on its way back, as far as the order is worth it.
What a bank took beyond that is our loss. What is left with `customer` is owed, or waits for a person.

Two things that the journal of an older release does not say are found by themselves: a refund that was taken out of
another one is known by what the other one is later told to be; money in another currency that went back bit by bit
counts as gone when its case ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.common.basics.money import CURRENCY
from services.orders.api import AttentionKind, CaptureUse, RefundCause, RefundStatus, SettleDecision
from services.orders.api import events as facts
from services.orders.api.ledger import LedgerAccount, MovementKind
from services.orders.api.order_event import OrderEvent
from services.orders.api.statuses import DisputeStatus
from services.orders.domain.currencies import minor_units

A, K = LedgerAccount, MovementKind
SURPLUS = frozenset({RefundCause.PAYMENT, RefundCause.BANK, RefundCause.CHARGEBACK})
"""What goes back for these was no part of the order's price: the order is worth what it was."""
FACTS: tuple[type[OrderEvent], ...] = (
    facts.OrderPlaced,
    facts.OrderExpired,
    facts.OrderCancelled,
    facts.PaymentCaptured,
    facts.PaymentNeedsAttention,
    facts.PaymentSettled,
    facts.ForeignMoneyReturned,
    facts.DisputeDecided,
    facts.ChargebackReturned,
    facts.RefundDue,
    facts.RefundSubmitted,
    facts.RefundSettled,
    facts.RefundFailed,
    facts.RefundPartMoved,
    facts.HandPaymentRecorded,
)
"""What the ledger reads of the journal."""


@dataclass(frozen=True)
class Entry:
    """An entry of the journal: `id` names it, `at` is when it was recorded."""

    id: str
    at: datetime
    event: OrderEvent


@dataclass(frozen=True)
class Movement:
    """So many `cents` (the smallest unit of `currency`, above zero) go from `credit` to `debit`."""

    entry: str
    at: datetime
    kind: MovementKind
    debit: LedgerAccount
    credit: LedgerAccount
    cents: int
    currency: str
    reference: str


@dataclass
class _Refund:
    """What is known of one refund. paid_from: the account that paid it; None before, and when it came back."""

    cents: int
    cause: RefundCause
    by_hand: bool = False
    paid_from: LedgerAccount | None = None


def movements_of(entries: Iterable[Entry]) -> list[Movement]:
    """Derive the movements of one order from its entries (of FACTS), in the order in which they were recorded."""
    known = list(entries)
    books = _Books(known)
    for entry in known:
        books.take(entry)
    return books.movements


def balances_of(movements: Iterable[Movement]) -> dict[tuple[LedgerAccount, str], int]:
    """Add up what each account has in each currency."""
    found: dict[tuple[LedgerAccount, str], int] = {}
    for each in movements:
        for account, cents in ((each.debit, each.cents), (each.credit, -each.cents)):
            key = account, each.currency
            found[key] = found.get(key, 0) + cents
    return found


class _Books:
    """The money of one order, as far as its entries were read.

    claimed: what of `captured` went back, or is set aside for it. given_up: what the order is worth less.
    kept: what `platform` and `carrier` stand at, together, with the sign turned.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.movements: list[Movement] = []
        self._told = {(e.event.payment_id, e.at) for e in entries if isinstance(e.event, facts.ForeignMoneyReturned)}
        self._total = self._captured = self._claimed = self._given_up = self._kept = 0
        self._lives = False
        self._refunds: dict[str, _Refund] = {}
        self._claims: set[str] = set()
        self._foreign: dict[str, tuple[int, str]] = {}
        self._covered_at: datetime | None = None
        self._lost_at: datetime | None = None

    def take(self, entry: Entry) -> None:
        self._entry = entry
        match entry.event:
            case facts.OrderPlaced() as placed:
                self._total = placed.totals.total.cents
            case facts.OrderExpired() | facts.OrderCancelled():
                self._lives = False
            case facts.PaymentCaptured() as captured:
                self._capture(captured)
            case facts.PaymentNeedsAttention() as case:
                self._open_case(case)
            case facts.PaymentSettled() as settled:
                self._close_case(settled)
            case facts.ForeignMoneyReturned() as back:
                self._return_foreign(back.payment_id, minor_units(back.amount))
            case facts.DisputeDecided(outcome=DisputeStatus.LOST):
                self._lost_at = entry.at
            case facts.ChargebackReturned() as returned:
                self._take_back(returned)
            case facts.RefundEvent() as refund:
                self._move_refund(refund)
        self._balance()

    # money that arrives

    def _capture(self, event: facts.PaymentCaptured) -> None:
        cents, currency = minor_units(event.amount), event.amount.currency
        self._write(K.CAPTURE, A.PROVIDER, A.CUSTOMER, cents, event.payment_id, currency)
        if currency != CURRENCY:
            self._foreign[event.payment_id] = cents, currency
            return
        self._captured += cents
        if event.use is CaptureUse.ORDER:
            self._lives = True

    def _return_foreign(self, payment_id: str, cents: int) -> None:
        here, currency = self._foreign.get(payment_id, (0, ""))
        back = min(cents, here)
        self._foreign[payment_id] = here - back, currency
        self._write(K.RETURNED, A.CUSTOMER, A.PROVIDER, back, payment_id, currency)

    def _take_back(self, event: facts.ChargebackReturned) -> None:
        """Have what a bank took and gave back here again."""
        cents, currency = minor_units(event.amount), event.amount.currency
        if currency != CURRENCY:
            here, _ = self._foreign.get(event.payment_id, (0, ""))
            self._foreign[event.payment_id] = here + cents, currency
        else:
            known = self._refunds.get(event.refund_id)
            if known is None:
                return
            known.cents -= cents
            self._claimed -= cents
            if known.cents <= 0:
                del self._refunds[event.refund_id]
        self._write(K.REFUND_CAME_BACK, A.PROVIDER, A.CUSTOMER, cents, event.refund_id or event.payment_id, currency)

    # what a bank does by itself, and what people decide

    def _open_case(self, event: facts.PaymentNeedsAttention) -> None:
        cents, currency = minor_units(event.amount), event.amount.currency
        if event.kind is AttentionKind.BANK_REFUND:
            self._claimed += cents if currency == CURRENCY else 0
            self._write(K.BANK_REFUND, A.CUSTOMER, A.PROVIDER, cents, event.payment_id, currency)
        elif event.kind is AttentionKind.CLAIM_UNCOVERED:
            self._given_up += cents

    def _close_case(self, event: facts.PaymentSettled) -> None:
        case, at = (event.kind, event.decision), self._entry.at
        if case == (AttentionKind.BANK_REFUND, SettleDecision.COVERS_OWED):
            self._covered_at = at
        elif case == (AttentionKind.DISPUTE, SettleDecision.LOST):
            self._lost_at = at
        elif event.kind is AttentionKind.OTHER_CURRENCY and (event.payment_id, at) not in self._told:
            self._return_foreign(event.payment_id, self._foreign.get(event.payment_id, (0, ""))[0])

    # money that goes back

    def _move_refund(self, event: facts.RefundEvent) -> None:
        if isinstance(event, facts.RefundPartMoved):
            self._claims.add(event.claim_id)
        elif event.refund_id in self._claims and isinstance(event, _OF_CLAIM):
            return  # tells of all parts of a claim together
        known = self._refunds.get(event.refund_id)
        if known is None:
            known = self._begin(event)
        else:
            self._correct(known, event)
        if known is None:
            return
        if isinstance(event, facts.HandPaymentRecorded):
            known.by_hand = event.confirmed
        elif _is_paid(event):
            self._pay(known, event.refund_id)
        elif known.paid_from is not None and _came_back(event):
            self._write(K.REFUND_CAME_BACK, known.paid_from, A.CUSTOMER, known.cents, event.refund_id)
            known.paid_from, known.by_hand = None, False

    def _begin(self, event: facts.RefundEvent) -> _Refund | None:
        """Set aside what an unknown refund is for; None for one that only tells of what was counted before."""
        known = _Refund(event.amount.cents, event.cause)
        parent = self._refunds.get(event.taken_out_of) if isinstance(event, facts.RefundDue) else None
        if parent is not None:
            parent.cents -= known.cents
        elif event.cause is RefundCause.BANK:  # counted when its case was opened
            if not isinstance(event, facts.RefundFailed):
                return None
            known.paid_from = A.PROVIDER
        elif isinstance(event, facts.RefundSettled) and event.cause is not RefundCause.CHARGEBACK:
            return None  # the customer had it by other ways
        else:
            self._set_aside(known, known.cents)
        self._refunds[event.refund_id] = known
        return known

    def _set_aside(self, refund: _Refund, cents: int) -> None:
        self._claimed += cents
        if refund.cause not in SURPLUS:
            self._given_up += cents

    def _correct(self, refund: _Refund, event: facts.RefundEvent) -> None:
        """Take over a smaller amount: the rest is a refund of its own, which was counted too."""
        less = refund.cents - event.amount.cents
        if less > 0 and refund.paid_from is None:
            refund.cents -= less
            self._set_aside(refund, -less)

    def _pay(self, refund: _Refund, refund_id: str) -> None:
        if refund.paid_from is not None:
            return
        refund.paid_from = A.BY_HAND if refund.by_hand else A.PROVIDER
        if self._covered_at == self._entry.at:
            self._claimed -= refund.cents  # the bank paid it, and that was counted when its case was opened
            return
        kind = K.PAID_BY_HAND if refund.by_hand else K.REFUND
        if refund.cause is RefundCause.CHARGEBACK or self._lost_at == self._entry.at:
            kind = K.CHARGEBACK
        self._write(kind, A.CUSTOMER, refund.paid_from, refund.cents, refund_id)

    # what the order keeps

    def _balance(self) -> None:
        """Move to our side what the order keeps by now, or back from it."""
        worth = max(self._total - self._given_up, 0) if self._lives else 0
        kept = min(self._captured - self._claimed, worth)
        more, self._kept = kept - self._kept, kept
        event = self._entry.event
        reference = getattr(event, "refund_id", None) or getattr(event, "payment_id", None) or event.order_number
        if more > 0:
            self._write(K.SALE, A.CUSTOMER, A.PLATFORM, more, reference)
        elif more < 0:
            kind = _why_less(event)
            self._write(kind, A.CARRIER if kind is K.POSTAGE else A.PLATFORM, A.CUSTOMER, -more, reference)

    def _write(
        self,
        kind: MovementKind,
        debit: LedgerAccount,
        credit: LedgerAccount,
        cents: int,
        reference: str,
        currency: str = CURRENCY,
    ) -> None:
        if cents:
            entry = self._entry
            self.movements.append(Movement(entry.id, entry.at, kind, debit, credit, cents, currency, reference))


_OF_CLAIM = facts.RefundSubmitted, facts.RefundSettled, facts.RefundFailed
"""What is told of a claim as a whole, under its number, beside what is told of its parts."""
_OF_CAUSE: Mapping[RefundCause, MovementKind] = {
    RefundCause.GOODWILL: K.GOODWILL,
    RefundCause.POSTAGE: K.POSTAGE,
    RefundCause.CHARGEBACK: K.LOSS,
}


def _why_less(event: OrderEvent) -> MovementKind:
    if isinstance(event, facts.PaymentNeedsAttention):
        return K.LOSS
    return _OF_CAUSE.get(event.cause, K.SALE_REVERSED) if isinstance(event, facts.RefundEvent) else K.SALE_REVERSED


def _is_paid(event: facts.RefundEvent) -> bool:
    if isinstance(event, facts.RefundPartMoved):
        return event.status is RefundStatus.SETTLED
    return isinstance(event, facts.RefundSettled)


def _came_back(event: facts.RefundEvent) -> bool:
    if isinstance(event, facts.RefundPartMoved):
        return event.status is not RefundStatus.SETTLED
    return isinstance(event, facts.RefundFailed) and event.after_settled
