"""The postage of a return: asked for once the goods have come, decided by people, paid back as a claim of its own.

    asked → accepted | unconfirmed → accepted          asked → disputed → declined

One person accepts up to the amount that one may pay out alone; above it, and of what they asked for themselves, a
second one has to agree. Declining takes a ground from the closed list, words for the customer, and two people; the
customer may ask again with another receipt.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.aftersales.api import events
from services.aftersales.api.events import ReturnEvent
from services.aftersales.api.postage import MOST_POSTAGE
from services.aftersales.api.refusals import PostageNotFound, PostageUndecided, SecondPersonRequired, TooMuchPostage
from services.aftersales.api.statuses import ClaimCause, PostageGround, PostageOutcome
from services.aftersales.domain.postage import Postage
from services.aftersales.domain.record import ReturnRecord
from services.aftersales.domain.review import require_somebody_else
from services.common.basics.caller import is_same_person
from services.common.basics.money import Money
from services.common.basics.states import WrongStatus


class ReturnedPostage(ReturnRecord):
    """A return, as its postage is paid back."""

    def ask_postage(self, amount: Money, receipt: str, evidence: Sequence[str], by: str, now: datetime) -> ReturnEvent:
        """Take in what sending the goods has cost; they have to be here, and one question is open at a time."""
        if not any(unit.is_here or unit.sent_back_at is not None for unit in self.units):
            raise WrongStatus("the goods have not arrived yet", details={"status": self.status.value})
        if any(each.undecided for each in self.postage):
            raise PostageUndecided
        if len(self.postage) >= MOST_POSTAGE:
            raise TooMuchPostage
        asked = Postage(self.number, len(self.postage) + 1, self.order_number, amount, receipt, list(evidence), by, now)
        self.postage.append(asked)
        return events.ReturnPostageAsked(**self._ids, postage=asked.postage, amount=amount)

    def accept_postage(self, number: int, by: str, now: datetime, alone: Money) -> list[ReturnEvent]:
        """Pay it back, or let it wait for a second person. alone: what one person may still pay out by themselves."""
        asked = self._undecided_postage(number, by)
        if asked.outcome is PostageOutcome.UNCONFIRMED:
            require_somebody_else(by, asked.found_by)
            asked.confirmed_by = by
        else:
            asked.found_by, asked.ground, asked.note = by, None, ""
            if asked.amount > alone:
                asked.outcome = PostageOutcome.UNCONFIRMED
                return [self._second_look_at(asked, by)]
        asked.outcome, asked.decided_at = PostageOutcome.ACCEPTED, now
        told = self._postage_decided(asked)
        claimed = self._claim((), asked.amount, now, ClaimCause.POSTAGE)
        asked.claim = self.claims[-1].claim
        return [told, *claimed, *self._go_on(now)]

    def decline_postage(self, number: int, ground: PostageGround, note: str, by: str, now: datetime) -> ReturnEvent:
        """Find a ground to decline it; it is declined when a second person finds the same one."""
        asked = self._undecided_postage(number, by)
        if asked.outcome is not PostageOutcome.DISPUTED or asked.ground is not ground:
            asked.outcome, asked.ground, asked.note, asked.found_by = PostageOutcome.DISPUTED, ground, note, by
            return self._second_look_at(asked, by)
        require_somebody_else(by, asked.found_by)
        asked.outcome, asked.note, asked.confirmed_by, asked.decided_at = PostageOutcome.DECLINED, note, by, now
        return self._postage_decided(asked)

    def _undecided_postage(self, number: int, by: str) -> Postage:
        asked = next((each for each in self.postage if each.postage == number), None)
        if asked is None:
            raise PostageNotFound
        if not asked.undecided:
            raise WrongStatus(f"it is {asked.outcome}", details={"status": asked.outcome.value})
        if is_same_person(by, asked.asked_by) or self.asked_by(by):
            raise SecondPersonRequired("who asked for postage does not decide it")
        return asked

    def _postage_decided(self, asked: Postage) -> ReturnEvent:
        return events.ReturnPostageDecided(
            return_number=self.number,
            order_number=self.order_number,
            postage=asked.postage,
            amount=asked.amount,
            outcome=asked.outcome,
            ground=asked.ground,
            explanation=asked.note,
        )

    def _second_look_at(self, asked: Postage, by: str) -> ReturnEvent:
        return events.ReturnPostageLookWanted(**self._ids, postage=asked.postage, outcome=asked.outcome, by=by)
