"""Pieces for which the customer wants the same once more: asked for, ended with money instead, or delivered.

For each accepted piece there is one of the two, never both: while `replacement` names the shipment that brings another
one there is no claim, and a claim is made in the step that forgets the shipment.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from services.aftersales.api import events
from services.aftersales.api.events import ReturnEvent
from services.aftersales.api.statuses import ExchangeEnd, Outcome, ReturnOutcome, ReturnStatus
from services.aftersales.domain.record import ReturnRecord
from services.aftersales.domain.standing import named_units
from services.aftersales.domain.units import ReturnUnit
from services.common.basics.money import Money
from services.common.basics.states import WrongStatus
from services.common.commitments import LegalLimit

S = ReturnStatus
NOT_AUTHORIZED = frozenset({S.REQUESTED, S.NEEDS_INFO, S.REJECTED, S.APPEALED})
"""States that a withdrawal under a rule leaves at once: it needs no review, and no rejection stands against it."""


class ReturnedExchanges(ReturnRecord):
    """A return, as the steps of an exchange."""

    def choose_refund(self, limit: LegalLimit | None, now: datetime) -> list[ReturnEvent]:
        """Record that the customer wants money instead. Another piece that is being sent already is to be stopped.

        limit: the rule under which this is a withdrawal from the purchase, if one covers it; it is repaid as that says.
        """
        if self.outcome is not ReturnOutcome.EXCHANGE or all(unit.ended for unit in self.units):
            raise WrongStatus("nothing of this return is to be exchanged", details={"outcome": self.outcome.value})
        if self.status in (S.WITHDRAWN, S.REJECTED_FINAL):
            raise WrongStatus(f"the return is {self.status}", details={"status": self.status.value})
        self.outcome = ReturnOutcome.REFUND
        if limit is not None:
            self.law, self.law_due_at = limit.label, limit.due_at(now, self.zone)
        sent = list(dict.fromkeys(unit.replacement for unit in self.units if unit.exchanging and unit.replacement))
        chosen = events.ReturnRefundChosen(**self._ids, chosen_at=now, law=self.law, waits=bool(sent))
        return [chosen, *(events.ExchangeWithdrawn(**self._ids, shipment_number=number) for number in sent)]

    def end_exchange(self, shipment_number: str, why: ExchangeEnd, now: datetime) -> list[ReturnEvent]:
        """Pay back the pieces that this shipment does not bring. Nothing happens a second time."""
        units = self.brought_by(shipment_number)
        if not units:
            return []
        for unit in units:
            unit.replacement = None
        refund = Money.total(unit.paid for unit in units)
        ended = events.ReturnExchangeEnded(**self._ids, units=named_units(units), why=why, refund=refund)
        return [ended, *self._claim(units, refund, now), *self._go_on(now)]

    def send_otherwise(self, shipment_number: str, instead: str, keys: Iterable[tuple[int, int]]) -> None:
        """Let another shipment bring these pieces, because the first did not arrive."""
        for unit in self.brought_by(shipment_number, keys):
            unit.replacement = instead

    def repaid_otherwise(
        self, shipment_number: str, keys: Iterable[tuple[int, int]], now: datetime
    ) -> list[ReturnEvent]:
        """Wait no longer for pieces that orders pays back, because what was sent in exchange did not arrive."""
        units = self.brought_by(shipment_number, keys)
        for unit in units:
            unit.replacement = None
        return self._go_on(now) if units else []

    def deliver_exchange(self, shipment_number: str, at: datetime, now: datetime) -> list[ReturnEvent]:
        """Record that another one has arrived: the customer has it, and may send that back in its own time."""
        units = self.brought_by(shipment_number)
        if not units:
            return []
        for unit in units:
            unit.outcome, unit.exchanged_at = Outcome.EXCHANGED, at
        exchanged = events.ReturnExchanged(
            **self._ids, units=named_units(units), shipment_number=shipment_number, delivered_at=at
        )
        return [exchanged, *self._go_on(now)]

    def take_back_exchange(
        self, shipment_number: str, elsewhere: Collection[tuple[int, int]], now: datetime
    ) -> list[ReturnEvent]:
        """Wait again for what was not delivered after all; not for pieces that are in another return by now."""
        units = [
            unit
            for unit in self.units
            if unit.exchanged and unit.replacement == shipment_number and unit.key not in elsewhere
        ]
        if not units:
            return []
        for unit in units:
            unit.outcome, unit.exchanged_at = Outcome.ACCEPTED, None
        self.closed_at = None
        taken_back = events.ReturnExchangeTakenBack(
            **self._ids, units=named_units(units), shipment_number=shipment_number
        )
        return [taken_back, *self._go_on(now)]

    def brought_by(self, shipment_number: str, keys: Iterable[tuple[int, int]] | None = None) -> list[ReturnUnit]:
        """Return the pieces for which this shipment brings another one; keys: of these alone."""
        brought = [unit for unit in self.units if unit.exchanging and unit.replacement == shipment_number]
        wanted = None if keys is None else set(keys)
        return [unit for unit in brought if wanted is None or unit.key in wanted]
