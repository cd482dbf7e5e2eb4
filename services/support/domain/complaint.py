"""Complaints: received, acknowledged, investigated, decided, and objected to once (standard, section 6; the steps are
those of ISO 10002). Pure.

    received → acknowledged → investigating → decided → objected → investigating → decided
                                   ⇅              ↑
                               proposed → arranging

`proposed` waits for a second person, `arranging` for orders, which is asked for the refund or the new parcel. What
either does not agree to is investigated again. `received` and `withdrawn` follow the category of its ticket. A decision
is told when it is in force: a refund, once orders has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from services.common.basics.caller import is_same_person
from services.common.basics.clock import parse_rfc3339, rfc3339
from services.common.basics.events import Event
from services.common.basics.folding import fold
from services.common.basics.money import Money
from services.common.basics.states import moved, require_status
from services.common.basics.untyped import Fields, JsonDict
from services.support.api import events as e
from services.support.api.complaints import StepComplaint
from services.support.api.refusals import (
    AlreadyObjected,
    AnswerRepeats,
    NothingDecided,
    OtherPersonDecides,
    RefundNeedsOrder,
    RemedyUnfit,
)
from services.support.api.statuses import ComplaintCause, ComplaintDecision, ComplaintRemedy, RefundState
from services.support.api.statuses import ComplaintStatus as _S
from services.support.domain.state import require_sentence

COMPLAINT_MOVES: Mapping[_S, frozenset[_S]] = {
    _S.RECEIVED: frozenset({_S.ACKNOWLEDGED, _S.WITHDRAWN}),
    _S.ACKNOWLEDGED: frozenset({_S.INVESTIGATING, _S.WITHDRAWN}),
    _S.INVESTIGATING: frozenset({_S.INVESTIGATING, _S.PROPOSED, _S.ARRANGING, _S.DECIDED, _S.WITHDRAWN}),
    _S.PROPOSED: frozenset({_S.INVESTIGATING, _S.ARRANGING, _S.DECIDED, _S.WITHDRAWN}),
    _S.ARRANGING: frozenset({_S.PROPOSED, _S.INVESTIGATING, _S.DECIDED}),
    _S.DECIDED: frozenset({_S.OBJECTED}),
    _S.OBJECTED: frozenset({_S.INVESTIGATING}),
    _S.WITHDRAWN: frozenset({_S.RECEIVED}),
}
UNDECIDED = frozenset(_S) - {_S.DECIDED, _S.WITHDRAWN}
"""A person has to do something: the clock `complaint_decision` runs."""
BY_ORDERS = frozenset({ComplaintRemedy.REFUND, ComplaintRemedy.RESEND})
"""What orders does: it needs an order that is proven, and is told once orders has it."""
NEEDS_SECOND = "a refund of this amount needs a second person"


@dataclass(frozen=True)
class Decision:
    """What is decided, by whom, and how far its refund is.

    country: the customer's, as far as it is known. by_lead: a lead decided it, or agreed to it. refund_id, remedy_id:
    what orders does about it.
    """

    decision: ComplaintDecision
    reasons: str
    cause: ComplaintCause
    by: str
    remedy: ComplaintRemedy | None = None
    remedy_note: str | None = None
    amount: Money | None = None
    country: str | None = None
    agreed_by: str | None = None
    decided_at: datetime | None = None
    refund_id: str | None = None
    refund_state: RefundState | None = None
    refund_due_at: datetime | None = None
    refund_settled_at: datetime | None = None
    by_lead: bool = False
    remedy_id: str | None = None

    @classmethod
    def of(cls, wish: StepComplaint, by: str, country: str | None, *, by_lead: bool = False) -> Decision:
        """Build it from a request. Raise RemedyUnfit, AnswerTooShort for reasons of less than a sentence."""
        assert wish.decision is not None, "the request's rules"
        assert wish.cause is not None, "the same"
        reasons = wish.message or ""
        require_sentence(reasons)
        upheld = wish.decision is not ComplaintDecision.NOT_UPHELD
        refund = wish.remedy is ComplaintRemedy.REFUND
        if upheld == (wish.remedy is None) or (refund and not upheld) or refund != bool(wish.amount):
            raise RemedyUnfit
        return cls(
            wish.decision, reasons, wish.cause, by, wish.remedy, wish.remedy_note, wish.amount,
            wish.country or country, by_lead=by_lead,
        )  # fmt: skip

    @property
    def people(self) -> frozenset[str]:
        """Who took it."""
        return frozenset({self.by, self.agreed_by or self.by})

    @property
    def waits_for_orders(self) -> bool:
        """Whether orders has to say first that it does what is decided."""
        return self.remedy in BY_ORDERS and self.refund_id is None and self.remedy_id is None

    def to_json(self) -> JsonDict:
        return {
            "decision": self.decision.value, "reasons": self.reasons, "cause": self.cause.value, "by": self.by,
            "remedy": self.remedy and self.remedy.value, "remedy_note": self.remedy_note,
            "cents": self.amount and self.amount.cents, "country": self.country, "agreed_by": self.agreed_by,
            "decided_at": _written(self.decided_at), "refund_id": self.refund_id,
            "refund_state": self.refund_state and self.refund_state.value,
            "refund_due_at": _written(self.refund_due_at), "refund_settled_at": _written(self.refund_settled_at),
            "by_lead": self.by_lead, "remedy_id": self.remedy_id,
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: Fields) -> Decision:
        return cls(
            ComplaintDecision(data["decision"]), data["reasons"], ComplaintCause(data["cause"]), data["by"],
            data["remedy"] and ComplaintRemedy(data["remedy"]), data["remedy_note"],
            data["cents"] and Money(data["cents"]), data["country"], data["agreed_by"], _read(data["decided_at"]),
            data["refund_id"], data["refund_state"] and RefundState(data["refund_state"]),
            _read(data["refund_due_at"]), _read(data["refund_settled_at"]), data["by_lead"],
            data["remedy_id"],
        )  # fmt: skip


@dataclass
class Complaint:
    """The complaint of one ticket.

    owner: who investigates. told: the last news. proposal, decided, earlier: decisions, as JSON: what waits for a
    second person or for orders, what is in force, and what the customer objected to. cause, decided_at: those of the
    latest decision. asks: how often orders was asked for a refund. why: why the last proposal came back. changed: what
    was changed because of it.
    """

    ticket_number: str
    received_at: datetime
    status: _S = _S.RECEIVED
    acknowledged_at: datetime | None = None
    owner: str | None = None
    findings: str | None = None
    told: str | None = None
    told_at: datetime | None = None
    proposal: JsonDict | None = None
    decided: JsonDict | None = None
    earlier: JsonDict | None = None
    cause: ComplaintCause | None = None
    decided_at: datetime | None = None
    objected_at: datetime | None = None
    asks: int = 0
    why: str | None = None
    changed: str | None = None
    decide_by: datetime | None = None
    version: int = 1

    # steps; order: the one that its ticket is proven to be about

    def receive(self, order: str | None, now: datetime, acknowledge_by: datetime, decide_by: datetime) -> list[Event]:
        """Record until when a person takes it up, and decides."""
        if self.status is _S.WITHDRAWN:
            self._move(_S.RECEIVED)
            self.received_at, self.acknowledged_at = now, None
        self.decide_by = decide_by
        return [e.ComplaintReceived(**self._names(order), acknowledge_by=acknowledge_by, decide_by=decide_by)]

    def withdraw(self, order: str | None) -> list[Event]:
        """End it, because its ticket is about something else. What is decided stays as it is.

        WrongStatus while orders is asked for a refund, and after an objection.
        """
        if self.status in (_S.DECIDED, _S.WITHDRAWN):
            return []
        if self.earlier is not None:
            self._require(_S.WITHDRAWN)
        self.proposal = None
        return self._step(_S.WITHDRAWN, order)

    def acknowledge(self, owner: str, now: datetime, order: str | None) -> list[Event]:
        self._move(_S.ACKNOWLEDGED)
        self.owner, self.acknowledged_at = owner, now
        return [e.ComplaintAcknowledged(**self._names(order))]

    def investigate(self, findings: str, owner: str | None, order: str | None) -> list[Event]:
        """Record what was found, for colleagues. It can be done again."""
        self._require(_S.ACKNOWLEDGED, _S.INVESTIGATING, _S.OBJECTED)
        self.findings, self.owner = findings, owner or self.owner
        return self._step(_S.INVESTIGATING, order)

    def tell(self, news: str, now: datetime) -> None:
        """Note the news that the customer is told. Raise AnswerRepeats if they were told the same before."""
        if fold(news) == fold(self.told or ""):
            raise AnswerRepeats
        self.told, self.told_at = news, now

    def propose(self, decision: Decision, order: str | None) -> list[Event]:
        """Decide it. What a person may not decide alone waits for a second one; a refund waits for orders.

        OtherPersonDecides for those who took the decision that the customer objected to.
        """
        self._require(_S.INVESTIGATING)
        self._require_other(decision.by, *(self.earlier_decision.people if self.earlier_decision else ()))
        if decision.remedy in BY_ORDERS and order is None:
            raise RefundNeedsOrder
        self.proposal, self.why = decision.to_json(), None
        if decision.decision is ComplaintDecision.UPHELD or decision.by_lead:
            return self._carry_out(decision, order)
        return self._step(_S.PROPOSED, order)

    def agree(self, by: str, order: str | None, *, by_lead: bool = False) -> list[Event]:
        """Agree as the second person. OtherPersonDecides for who proposed it, or decided before."""
        self._require(_S.PROPOSED)
        found = self.waiting
        assert found is not None, "something is proposed"
        self._require_other(by, found.by, *(self.earlier_decision.people if self.earlier_decision else ()))
        agreed = replace(found, agreed_by=by, by_lead=found.by_lead or by_lead)
        self.proposal = agreed.to_json()
        return self._carry_out(agreed, order)

    def send_back(self, why: str, order: str | None) -> list[Event]:
        """Give a proposal back, with the reason."""
        self._require(_S.PROPOSED)
        self.why = why
        return self._step(_S.INVESTIGATING, order, why)

    def fund(self, refund_id: str, due_at: datetime) -> None:
        """Note that orders pays it back, until then."""
        found = self.waiting
        assert found is not None, "orders was asked for what is proposed"
        self.proposal = replace(
            found, refund_id=refund_id, refund_state=RefundState.DUE, refund_due_at=due_at
        ).to_json()

    def offer(self, remedy_id: str) -> None:
        """Note that orders asks the customer about the parcel."""
        found = self.waiting
        assert found is not None, "orders was asked for what is proposed"
        self.proposal = replace(found, remedy_id=remedy_id).to_json()

    def refuse_refund(self, why: str, order: str | None, *, needs_second: bool) -> list[Event]:
        """Note that orders does not do it: not yet, without a second person, or not so."""
        self.why = NEEDS_SECOND if needs_second else why
        return self._step(_S.PROPOSED if needs_second else _S.INVESTIGATING, order, self.why)

    def awaits(self, ask: int) -> bool:
        """Return whether an answer of orders is the one to what was asked last."""
        return self.status is _S.ARRANGING and ask == self.asks

    @property
    def ready(self) -> bool:
        """Whether what is proposed may be put in force now."""
        found = self.waiting
        if found is None or found.waits_for_orders:
            return False
        return self.status is not _S.PROPOSED or found.agreed_by is not None

    def decide(self, now: datetime, order: str | None) -> list[Event]:
        """Put in force what was proposed and agreed to."""
        found = self.waiting
        assert found is not None, "only what is proposed is decided"
        self._move(_S.DECIDED)
        found = replace(found, decided_at=now)
        self.decided, self.proposal, self.why = found.to_json(), None, None
        self.cause, self.decided_at = found.cause, now
        return [
            e.ComplaintDecided(
                **self._names(order), decision=found.decision, remedy=found.remedy,
                final=self.earlier is not None,
            )
        ]  # fmt: skip

    def object(self, now: datetime, order: str | None, decide_by: datetime) -> list[Event]:
        """Take the customer's objection, once. NothingDecided, AlreadyObjected."""
        if self.objected_at is not None:
            raise AlreadyObjected
        if self.status is not _S.DECIDED:
            raise NothingDecided
        self._move(_S.OBJECTED)
        self.earlier, self.decided = self.decided, None
        self.objected_at, self.decide_by = now, decide_by
        return [e.ComplaintObjected(**self._names(order), decide_by=decide_by)]

    def improve(self, changed: str, order: str | None) -> list[Event]:
        """Record what was changed because of it. NothingDecided before the first decision."""
        if self.decided is None and self.earlier is None:
            raise NothingDecided
        self.changed = changed
        return [e.ComplaintImproved(**self._names(order))]

    def note_refund(self, refund_id: str, state: RefundState, at: datetime | None = None) -> None:
        """Note how far a refund of it is."""
        for name in ("decided", "earlier"):
            kept = getattr(self, name)
            if kept is not None and kept["refund_id"] == refund_id:
                found = replace(Decision.from_json(kept), refund_state=state, refund_settled_at=at)
                setattr(self, name, found.to_json())

    def erase(self, erased: str) -> None:
        """Overwrite what says something of its customer; what was changed because of it names no customer."""
        self.findings, self.told, self.why = (text and erased for text in (self.findings, self.told, self.why))
        for name in ("proposal", "decided", "earlier"):
            kept = getattr(self, name)
            if kept is not None:
                note = kept["remedy_note"] and erased
                setattr(self, name, {**kept, "reasons": erased, "remedy_note": note})

    # what it holds

    @property
    def waiting(self) -> Decision | None:
        return None if self.proposal is None else Decision.from_json(self.proposal)

    @property
    def decision(self) -> Decision | None:
        return None if self.decided is None else Decision.from_json(self.decided)

    @property
    def earlier_decision(self) -> Decision | None:
        return None if self.earlier is None else Decision.from_json(self.earlier)

    @property
    def is_decided(self) -> bool:
        return self.status is _S.DECIDED

    @property
    def may_object(self) -> bool:
        return self.status is _S.DECIDED and self.objected_at is None

    def _carry_out(self, decision: Decision, order: str | None) -> list[Event]:
        if not decision.waits_for_orders:
            return []
        if order is None:  # the ticket may have been corrected since it was proposed
            raise RefundNeedsOrder
        self.asks += 1
        if decision.amount is None:
            asked: Event = e.ResendAsked(**self._names(order), ask=self.asks, by=decision.by)
        else:
            asked = e.GoodwillAsked(
                **self._names(order), ask=self.asks, amount=decision.amount, by=decision.by,
                agreed_by=decision.agreed_by,
            )  # fmt: skip
        return [*self._step(_S.ARRANGING, order), asked]

    def _require_other(self, person: str, *others: str) -> None:
        if is_same_person(person, *others):
            raise OtherPersonDecides

    def _require(self, *allowed: _S) -> None:
        require_status(self.status, allowed, "the complaint")

    def _step(self, to: _S, order: str | None, why: str = "") -> list[Event]:
        before = self.status
        self._move(to)
        if to is before:
            return []
        return [e.ComplaintMoved(**self._names(order), from_status=before, status=to, why=why)]

    def _move(self, to: _S) -> None:
        self.status = moved(COMPLAINT_MOVES, self.status, to, "the complaint")

    def _names(self, order: str | None) -> JsonDict:
        return {"ticket_number": self.ticket_number, "order_number": order}


def _written(at: datetime | None) -> str | None:
    return None if at is None else rfc3339(at)


def _read(text: str | None) -> datetime | None:
    return None if text is None else parse_rfc3339(text)
