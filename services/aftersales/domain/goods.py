"""The goods of a return: their receipt, their inspection, the second look at it, and where they go then."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from services.aftersales.api import events
from services.aftersales.api.events import ReturnEvent
from services.aftersales.api.refusals import AlreadyPaidBack, NotRestockable
from services.aftersales.api.statuses import Condition, Disposition, Outcome, ReturnOutcome, ReturnStatus
from services.aftersales.domain.record import ReturnRecord
from services.aftersales.domain.standing import by_ground, disposed_units, judged_units, named_units
from services.aftersales.domain.units import Chosen, Finding, Receipt, ReturnUnit, named
from services.common.basics import ids
from services.common.basics.money import Money

S = ReturnStatus
WITH_GOODS = (S.RECEIVED, S.INSPECTED, S.REFUND_DUE, S.EXCHANGE_DUE, S.REFUNDED)


class ReturnedGoods(ReturnRecord):
    """A return, as the steps that its goods take."""

    def receive(self, receipts: Sequence[Receipt], by: str, now: datetime) -> ReturnEvent:
        """Record what arrived, and how; the rest may come later. Goods that are here were sent, whatever was told."""
        self._require(S.LAPSED, S.AUTHORIZED, S.IN_TRANSIT, *WITH_GOODS)
        expected = sorted((unit for unit in self.units if unit.expected), key=lambda unit: unit.received_at is not None)
        chosen: list[ReturnUnit] = []
        for receipt in receipts:
            for unit in named(expected, receipt, chosen):
                unit.receive(receipt.condition, now, by)
                chosen.append(unit)
        self._bring_back_to_received()
        self.received_at = now
        shown = tuple(events.ArrivedUnit(unit.line_id, unit.unit, unit.sku, unit.condition) for unit in chosen)
        return events.ReturnReceived(**self._ids, units=shown)

    def inspect(
        self,
        findings: Sequence[Finding],
        by: str,
        now: datetime,
        paid_back: Collection[tuple[int, int]] = (),
        alone: Money | None = None,
    ) -> list[ReturnEvent]:
        """Judge pieces that arrived. What is accepted is claimed, exactly as it was paid, once.

        paid_back: pieces whose money the order gave back by other ways; they cannot be accepted once more.
        alone: what one person may still pay out on this order without a second one; None: any amount.
        """
        self._require(S.IN_TRANSIT, *WITH_GOODS)
        judgeable = sorted((unit for unit in self.units if unit.judgeable), key=lambda unit: unit.outcome is not None)
        judged: list[ReturnUnit] = []
        for finding in findings:
            for unit in named(judgeable, finding, judged):
                unit.judge(finding, now, by)
                judged.append(unit)
        self._hold_back(judged, by, paid_back, alone)
        return self._conclude(judged, by, now, again=False)

    def look_again(
        self,
        findings: Sequence[Finding],
        by: str,
        now: datetime,
        appeal_by: datetime | None = None,
        paid_back: Collection[tuple[int, int]] = (),
        alone: Money | None = None,
    ) -> list[ReturnEvent]:
        """Decide what waits for a second person: disputed, unconfirmed or appealed. See `ReturnUnit.look_again`.

        appeal_by: until when the customer may appeal what is rejected now.
        """
        self._require(S.RECEIVED, S.INSPECTED, S.REFUND_DUE, S.EXCHANGE_DUE)
        self._require_other_than_asker(by)
        looked_at: list[ReturnUnit] = []
        found_well = [unit for unit in self.units if unit.outcome is Outcome.UNCONFIRMED]
        found_wanting = [unit for unit in self.units if unit.undecided and unit.outcome is not Outcome.UNCONFIRMED]
        for finding in findings:
            accepts = finding.outcome is Outcome.ACCEPTED
            waiting = [*found_well, *found_wanting] if accepts else [*found_wanting, *found_well]
            for unit in named(waiting, finding, looked_at):
                unit.look_again(finding, now, by)
                looked_at.append(unit)
        self._hold_back(looked_at, by, paid_back, alone)
        rejected = [unit for unit in looked_at if unit.rejected]
        if rejected:
            self.appeal_by = appeal_by
        final = [unit for unit in looked_at if unit.outcome is Outcome.REJECTED_FINAL]
        told = [*self._tell_rejected(rejected, final=False), *self._tell_rejected(final, final=True)]
        return [*told, *self._conclude(looked_at, by, now, again=True)]

    def send_back(
        self, pieces: Sequence[Chosen], carrier: str | None, tracking_number: str | None, by: str, now: datetime
    ) -> list[ReturnEvent]:
        """Record that rejected goods were handed to a carrier, back to the customer.

        Without `pieces`, all that are here.
        """
        leaving = [unit for unit in self.units if unit.to_send_back]
        if pieces or not leaving:
            pieces, here, leaving = pieces or [Chosen()], leaving, []
            for piece in pieces:
                leaving += named(here, piece, leaving)
        for unit in leaving:
            unit.sent_back_at, unit.sent_back_by = now, by
            unit.back_carrier, unit.back_tracking = carrier, tracking_number
        self._hold()
        sent = events.ReturnSentBack(
            **self._ids, units=named_units(leaving), carrier=carrier, tracking_number=tracking_number
        )
        return [sent, *self._go_on(now)]

    def dispose(self, pieces: Sequence[tuple[Chosen, Disposition]], by: str, now: datetime) -> ReturnEvent:
        """Record that accepted pieces go back on the shelf or are scrapped, once for each piece."""
        disposable = [unit for unit in self.units if unit.disposable]
        disposable.sort(key=lambda unit: unit.condition is not Condition.RECEIVED_OK)
        chosen: list[ReturnUnit] = []
        for piece, disposition in pieces:
            for unit in named(disposable, piece, chosen):
                if disposition is Disposition.RESTOCK and unit.condition is not Condition.RECEIVED_OK:
                    raise NotRestockable(details={"sku": unit.sku, "condition": unit.condition.value})
                unit.disposition, unit.disposed_at, unit.disposed_by = disposition, now, by
                chosen.append(unit)
        return events.ReturnDisposed(**self._ids, number=self.number, units=disposed_units(chosen))

    def _hold_back(
        self, judged: Iterable[ReturnUnit], by: str, paid_back: Collection[tuple[int, int]], alone: Money | None
    ) -> None:
        """Hold back what one person must not refund alone, for a second one."""
        accepted = [unit for unit in judged if unit.accepted]
        if any(unit.key in paid_back for unit in accepted):
            raise AlreadyPaidBack
        by_one = [unit for unit in accepted if unit.confirmed_by is None]
        here = Money.total(unit.paid for unit in by_one if unit.is_here)
        too_much = self.asked_by(by) or (alone is not None and here > alone)
        for unit in by_one:
            if too_much or not unit.is_here:
                unit.hold_back()

    def _conclude(self, judged: Collection[ReturnUnit], by: str, now: datetime, *, again: bool) -> list[ReturnEvent]:
        """Claim what was accepted, or have another one sent for it, tell what was found, and go on from there."""
        self._bring_back_to_received()
        self.inspected_at = now
        accepted = [unit for unit in judged if unit.accepted]
        disputed = [unit for unit in judged if unit.outcome is Outcome.DISPUTED]
        unconfirmed = [unit for unit in judged if unit.outcome is Outcome.UNCONFIRMED]
        exchanged = accepted if self.outcome is ReturnOutcome.EXCHANGE else []
        repaid = [] if exchanged else accepted
        refund = Money.total(unit.paid for unit in repaid)
        happened: list[ReturnEvent] = []
        if accepted or not again:
            told = events.ReturnInspected(
                return_number=self.number,
                order_number=self.order_number,
                accepted=len(accepted),
                disputed=len(disputed),
                unconfirmed=len(unconfirmed),
                refund=refund,
                exchanged=len(exchanged),
            )
            happened.append(told)
        if disputed or unconfirmed:
            found = judged_units([*disputed, *unconfirmed])
            happened.append(events.ReturnSecondLookWanted(**self._ids, units=found, by=by))
        return [*happened, *self._claim(repaid, refund, now), *self._exchange(exchanged), *self._go_on(now)]

    def _exchange(self, units: Collection[ReturnUnit]) -> list[ReturnEvent]:
        """Ask orders to send the same pieces once more, as a shipment of its own, instead of paying them back."""
        if not units:
            return []
        self.exchanges += 1
        number = ids.number_after(ids.SHIPMENT, self.number, self.exchanges)
        for unit in units:
            unit.replacement = number
        claimed = tuple(events.ClaimedUnit(unit.line_id, unit.unit, unit.paid) for unit in units)
        return [events.ExchangeClaimed(**self._ids, shipment_number=number, units=claimed)]

    def _tell_rejected(self, units: Iterable[ReturnUnit], *, final: bool) -> list[ReturnEvent]:
        return [
            events.ReturnRejected(
                **self._ids,
                ground=group[0].ground,
                explanation=group[0].note,
                final=final,
                units=named_units(group),
                appeal_by=None if final else self.appeal_by,
                goods_back=group[0].to_send_back,
            )
            for group in by_ground(units)
            if group[0].ground is not None
        ]
