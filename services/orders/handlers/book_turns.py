"""Turns at the books of a provider: one replica has them at a time, and each of its steps makes that longer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.common.basics import clock
from services.orders.domain.books import Comparison
from services.orders.repository import Transaction, Work

LEASE = timedelta(minutes=3)
"""How long one replica has the books of a provider to itself, from its last step."""


def books_of(work: Work, name: str) -> Comparison:
    """Return how far the books of a provider are read, locked."""
    comparison = work.books.comparison(name, lock=True)
    assert comparison is not None, "begun before"
    return comparison


@dataclass
class Turn:
    """The books of a provider, leased to this replica until `held`: each step makes it longer."""

    transaction: Transaction
    name: str
    held: datetime

    @classmethod
    def taken(cls, transaction: Transaction, name: str) -> Turn | None:
        """Lease the books. Return None while another replica has them, or if it has compared them by now."""
        with transaction() as work:
            work.books.begin(Comparison.first(name, work.now))
            is_due = books_of(work, name).next_at <= work.now
            held = work.leases.take(_lease_of(name), LEASE) if is_due else None
        return cls(transaction, name, held) if held else None

    def comparison(self, work: Work) -> Comparison:
        """Return how far the books are read, locked. Raise LeaseLost if they are not ours any more."""
        comparison = books_of(work, self.name)
        self.held = work.leases.renew(_lease_of(self.name), self.held, LEASE)
        return comparison

    def end(self, work: Work) -> Comparison:
        """Return how far the books are read, locked, and let others have them."""
        comparison = self.comparison(work)
        work.leases.end(_lease_of(self.name), self.held)
        return comparison

    def go_on(self) -> None:
        """Renew the lease when half of it is over."""
        if clock.now() > self.held - LEASE / 2:
            with self.transaction() as work:
                self.comparison(work)


def _lease_of(name: str) -> str:
    return f"orders.books {name}"
