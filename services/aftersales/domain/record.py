"""What a return is, and how it moves from state to state; the steps are in goods.py and returns.py."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from services.aftersales.api import events
from services.aftersales.api.events import ReturnEvent
from services.aftersales.api.refusals import SecondPersonRequired
from services.aftersales.api.statuses import ClaimCause, Ground, ReturnOutcome, ReturnStatus
from services.aftersales.domain.postage import Postage
from services.aftersales.domain.review import Review
from services.aftersales.domain.standing import following
from services.aftersales.domain.states import LETTING_GO, TRANSITIONS
from services.aftersales.domain.units import RefundClaim, ReturnUnit
from services.common.basics.caller import is_same_person, person_of
from services.common.basics.money import Money
from services.common.basics.states import moved, require_status
from services.common.calendar import end_of_day, local_date

S = ReturnStatus


@dataclass(eq=False)
class ReturnRecord:
    """zone: the customer's, in whose days their time to send is counted.

    due_at: by when staff must take the next step (the longest waiting comes first in their queue)
    requested_by: who of the staff asked in the customer's name; None when the customer asked
    law: the legal rule under which the customer declared it, with its version; law_due_at: when it has to be repaid
    appeal_by: until when the customer may appeal what is rejected now; None when nothing is, or it was never limited
    outcome: what the customer wants for what is accepted from now on
    exchanges: how many shipments were asked for in exchange
    """

    number: str
    order_number: str
    email: str
    zone: str
    description: str
    evidence: list[str]
    requested_at: datetime
    due_at: datetime
    units: list[ReturnUnit]
    status: ReturnStatus = ReturnStatus.REQUESTED
    version: int = 1
    reviews: list[Review] = field(default_factory=list)
    claims: list[RefundClaim] = field(default_factory=list)
    postage: list[Postage] = field(default_factory=list)
    proposed_by: str | None = None
    confirmed_by: str | None = None
    ground: Ground | None = None
    explanation: str | None = None
    appeal: str | None = None
    appealed_at: datetime | None = None
    authorized_at: datetime | None = None
    instructions: dict[str, str] = field(default_factory=dict)
    send_by: datetime | None = None
    sent_at: datetime | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    received_at: datetime | None = None
    inspected_at: datetime | None = None
    closed_at: datetime | None = None
    requested_by: str | None = None
    appeal_by: datetime | None = None
    law: str | None = None
    law_due_at: datetime | None = None
    outcome: ReturnOutcome = ReturnOutcome.REFUND
    exchanges: int = 0

    @property
    def refund(self) -> Money:
        """All that was claimed for its pieces so far; not what is exchanged, nor a lost exchange that orders pays."""
        return Money.total(claim.amount for claim in self.claims if claim.cause is ClaimCause.RETURN)

    @property
    def unjudged(self) -> bool:
        """Whether goods are here that were not inspected yet."""
        return any(unit.unjudged for unit in self.units)

    @property
    def _ids(self) -> dict[str, str]:
        return {"return_number": self.number, "order_number": self.order_number}

    def asked_by(self, by: str) -> bool:
        """Return whether this person asked for the return, as staff for a customer or as the customer."""
        return is_same_person(by, self.requested_by) or person_of(by).removeprefix("customer:") == self.email

    def _require_other_than_asker(self, by: str) -> None:
        if self.asked_by(by):
            raise SecondPersonRequired("who asked for a return does not decide it")

    @property
    def proof_of_sending_at(self) -> datetime | None:
        """When the customer named the parcel that the goods are in."""
        return self.sent_at if self.tracking_number else None

    def legal_due(self, units: Iterable[ReturnUnit]) -> datetime | None:
        """Return when the law wants these pieces refunded.

        Return None without a rule, or before they or a proof of sending arrive.
        """
        came = [[at for at in (self.proof_of_sending_at, unit.received_at) if at is not None] for unit in units]
        if self.law_due_at is None or not came or not all(came):
            return None
        last = max(min(times) for times in came)
        return max(self.law_due_at, end_of_day(local_date(last, self.zone), self.zone))

    def _claim(
        self, accepted: Collection[ReturnUnit], refund: Money, now: datetime, cause: ClaimCause = ClaimCause.RETURN
    ) -> list[ReturnEvent]:
        if not refund:
            return []
        claim = RefundClaim(self.number, len(self.claims) + 1, refund, now, cause=cause)
        self.claims.append(claim)
        units = tuple(events.ClaimedUnit(unit.line_id, unit.unit, unit.paid) for unit in accepted)
        claimed = events.RefundClaimed(
            return_number=self.number,
            order_number=self.order_number,
            claim=claim.claim,
            amount=refund,
            units=units,
            due_at=self.legal_due(accepted),
            law=self.law,
            cause=cause,
        )
        return [claimed]

    def _bring_back_to_received(self) -> None:
        for status in (S.AUTHORIZED, S.IN_TRANSIT, S.RECEIVED):
            if status in TRANSITIONS[self.status]:
                self._move(status)

    def _go_on(self, now: datetime) -> list[ReturnEvent]:
        """Follow goods and money, state by state, to where the return stands."""
        while (to := following(self.status, self.units, self.claims)) is not None:
            self._move(to)
        self._hold()
        if self.status is not S.CLOSED:
            return []
        self.closed_at = now
        return [events.ReturnClosed(**self._ids)]

    def _require(self, *allowed: ReturnStatus) -> None:
        require_status(self.status, allowed, "the return")

    def _move(self, to: ReturnStatus) -> None:
        self.status = moved(TRANSITIONS, self.status, to, "the return")
        self._hold()

    def _hold(self) -> None:
        """Keep the pieces from other returns, except those that are free again."""
        for unit in self.units:
            unit.holds = self.status not in LETTING_GO and not unit.came_to_nothing and not unit.exchanged
