"""How the ledger is shown."""

from __future__ import annotations

from collections.abc import Mapping

from services.common.basics.clock import rfc3339
from services.orders.api.ledger import (
    LedgerAccount,
    LedgerBalanceView,
    LedgerSumView,
    MovementView,
    OrderMovementView,
)
from services.orders.api.payments import ReportedAmountView
from services.orders.domain.currencies import reported
from services.orders.domain.ledger import Movement


def amount_view(cents: int, currency: str) -> ReportedAmountView:
    """Show an amount as its currency writes it; one below zero has its sign."""
    shown = reported(abs(cents), currency)
    return {"amount": f"-{shown.amount}" if cents < 0 else shown.amount, "currency": currency}


def movement_view(movement: Movement) -> MovementView:
    return {
        "at": rfc3339(movement.at),
        "kind": movement.kind,
        "debit": movement.debit,
        "credit": movement.credit,
        "amount": amount_view(movement.cents, movement.currency),
        "reference": movement.reference,
        "entry": movement.entry,
    }


def order_movement_view(
    number: str, movement: Movement, names: Mapping[str, tuple[str, str | None]]
) -> OrderMovementView:
    """Show a movement with its order. names: who holds each payment and refund, and their name for it."""
    provider, reference = names.get(movement.reference, (None, None))
    return {
        **movement_view(movement),
        "order_number": number,
        "provider": provider,
        "provider_reference": reference,
    }


def balance_views(balances: Mapping[tuple[LedgerAccount, str], int]) -> list[LedgerBalanceView]:
    """Show the balances, by currency and then in the order of the accounts."""
    return [
        {"account": account, "amount": amount_view(balances[account, currency], currency)}
        for account, currency in _sorted(balances)
    ]


class Sums:
    """The movements of a period, added up by account and currency."""

    def __init__(self) -> None:
        self._of: dict[tuple[LedgerAccount, str], list[int]] = {}

    def add(self, movement: Movement) -> None:
        for side, account in enumerate((movement.debit, movement.credit)):
            self._of.setdefault((account, movement.currency), [0, 0])[side] += movement.cents

    def views(self) -> list[LedgerSumView]:
        return [_sum_view(*key, *self._of[key]) for key in _sorted(self._of)]


def _sum_view(account: LedgerAccount, currency: str, debit: int, credit: int) -> LedgerSumView:
    def write(cents: int) -> str:
        return amount_view(cents, currency)["amount"]

    return {
        "account": account,
        "currency": currency,
        "debit": write(debit),
        "credit": write(credit),
        "balance": write(debit - credit),
    }


def _sorted(of: Mapping[tuple[LedgerAccount, str], object]) -> list[tuple[LedgerAccount, str]]:
    places = list(LedgerAccount)
    return sorted(of, key=lambda key: (key[1], places.index(key[0])))
