"""Change requests: the only way to alter a confirmed order (standard, section 2: "will not arbitrarily change or cancel
the user's valid order without authorization").

draft → awaiting_customer → accepted → applied; or declined, withdrawn, expired, stale: the order is as it was. The
customer's own edit is accepted as it is made (draft → accepted). Silence is never consent. The consent keeps the digest
of exactly what the customer was shown, and `Order.amend` asks for it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypedDict

from services.common.basics.money import Money
from services.common.basics.states import moved
from services.orders.api import (
    AddressView,
    ChangeAccepted,
    ChangeClosed,
    ChangeDeclined,
    ChangeKind,
    ChangeOptionView,
    ChangeRequested,
    ChangeStale,
    ChangeStatus,
    Consent,
    ConsentRequired,
    Contact,
    LineLeft,
    OfferedOption,
    OrderLineView,
    OtherDigest,
    UnknownOption,
)
from services.orders.api.events import EditRequested
from services.orders.api.statuses import EditBarrier

MOVES: Mapping[ChangeStatus, frozenset[ChangeStatus]] = {
    ChangeStatus.DRAFT: frozenset({ChangeStatus.AWAITING_CUSTOMER, ChangeStatus.ACCEPTED, ChangeStatus.WITHDRAWN}),
    ChangeStatus.AWAITING_CUSTOMER: frozenset(
        {
            ChangeStatus.ACCEPTED,
            ChangeStatus.DECLINED,
            ChangeStatus.WITHDRAWN,
            ChangeStatus.EXPIRED,
            ChangeStatus.STALE,
        }
    ),
    ChangeStatus.ACCEPTED: frozenset({ChangeStatus.APPLIED, ChangeStatus.STALE}),
}


def pauses_promise(kind: ChangeKind, *, asked_by_customer: bool, goods_are_missing: bool) -> bool:
    """Return whether an order waits for the answer to a proposal, and the promise to dispatch it with the order.

    It does when the customer asked for the change, or when the order cannot be sent without an answer because goods are
    missing. A proposal without the customer's wish stops nothing: the order goes on as bought, its clock runs, and the
    question ends when the goods leave. A question by staff cannot make a promise longer.
    """
    return asked_by_customer or (kind is ChangeKind.STOCK_SHORT and goods_are_missing)


class RemovedLine(TypedDict):
    """Units that an option takes out of a line."""

    line_id: int
    sku: str
    quantity: int
    units: list[int]


class Option(ChangeOptionView):
    """One way to go on. It is plain JSON, since it is shown, sealed by digest and applied as it stands."""

    removed: list[RemovedLine]
    added: list[OrderLineView]
    delivery: AddressView | None
    cancels: bool


@dataclass(eq=False)
class Change:
    """A proposal and what became of it.

    order_version  of the order as the options were made for it; when it moves on, the change is stale
    options        what the customer sees is what is applied, and all of it is in the digest
    waiting        the customer knows that goods are missing and leaves the order as it is: not to be asked again
    own            the customer's own edit; because: why it was not done
    """

    change_id: str
    order_number: str
    order_version: int
    kind: ChangeKind
    summary: str
    options: tuple[Option, ...]
    proposed_by: str
    created_at: datetime
    expires_at: datetime
    sku: str | None = None
    short: int = 0
    digest: str = ""
    status: ChangeStatus = ChangeStatus.DRAFT
    consent: Consent | None = field(default=None)
    waiting: bool = False
    told_at: datetime | None = None
    decided_at: datetime | None = None
    own: bool = False
    because: EditBarrier | None = None

    @property
    def is_open(self) -> bool:
        """Whether an answer is awaited: the customer's, or that of the warehouse to the customer's own edit."""
        own_waits = self.own and self.status is ChangeStatus.ACCEPTED
        return own_waits or self.status is ChangeStatus.AWAITING_CUSTOMER

    def ask(self, contact: Contact, *, pauses: bool = True) -> ChangeRequested:
        """Seal the proposal and put it to the customer; see `pauses_promise`."""
        self.status = moved(MOVES, self.status, ChangeStatus.AWAITING_CUSTOMER, "the change")
        self.digest = self.seal()
        return ChangeRequested(
            order_number=self.order_number,
            change_id=self.change_id,
            kind=self.kind,
            summary=self.summary,
            options=tuple(offered(option) for option in self.options),
            digest=self.digest,
            expires_at=self.expires_at,
            customer=contact,
            pauses=pauses,
        )

    def seal(self) -> str:
        """Return the SHA-256, in hex, of everything the customer decides on."""
        shown = {
            "change_id": self.change_id,
            "order_number": self.order_number,
            "order_version": self.order_version,
            "kind": self.kind.value,
            "summary": self.summary,
            "options": list(self.options),
        }
        return digest_of(shown)

    def make_own(
        self, consent: Consent, now: datetime, *, asks_warehouse: bool, shipments: Sequence[str] = ()
    ) -> EditRequested:
        """Accept the edit for the customer who makes it. Raise OtherDigest if they were shown something else."""
        self.digest = self.seal()
        self._same_digest(consent.digest)
        option = self._option(consent.option)
        self.status = moved(MOVES, self.status, ChangeStatus.ACCEPTED, "the change")
        self.own, self.consent, self.decided_at = True, consent, now
        return EditRequested(
            order_number=self.order_number,
            change_id=self.change_id,
            kind=self.kind,
            summary=self.summary,
            option=offered(option),
            consent=consent,
            asks_warehouse=asks_warehouse,
            shipments=tuple(shipments),
        )

    def accept(self, consent: Consent, now: datetime) -> ChangeAccepted:
        """Accept one of the options. Raise OtherDigest, UnknownOption or WrongStatus if that is not possible."""
        status = moved(MOVES, self.status, ChangeStatus.ACCEPTED, "the change")
        self._same_digest(consent.digest)
        self._option(consent.option)
        self.status, self.consent, self.decided_at = status, consent, now
        return ChangeAccepted(
            order_number=self.order_number, change_id=self.change_id, option=consent.option, consent=consent
        )

    def decline(self, digest: str, now: datetime) -> ChangeDeclined:
        """Decline the change: the order stays as it is."""
        status = moved(MOVES, self.status, ChangeStatus.DECLINED, "the change")
        self._same_digest(digest)
        self.status, self.decided_at = status, now
        return ChangeDeclined(order_number=self.order_number, change_id=self.change_id)

    def close(self, status: ChangeStatus, now: datetime, because: EditBarrier | None = None) -> ChangeClosed:
        """Close the change as withdrawn, expired or stale. No answer is needed any more, and nothing was changed."""
        self.status = moved(MOVES, self.status, status, "the change")
        self.because = because
        self.decided_at = self.decided_at if self.own else now
        return ChangeClosed(
            order_number=self.order_number, change_id=self.change_id, status=status, own=self.own, because=because
        )

    def consented(self, order_number: str, order_version: int) -> Option:
        """Return the option the customer agreed to, for that order in that version.

        Raise ConsentRequired or ChangeStale otherwise.
        """
        if self.status is not ChangeStatus.ACCEPTED or self.consent is None or self.order_number != order_number:
            raise ConsentRequired
        if not self.consent.digest == self.digest == self.seal():
            raise ConsentRequired("what was agreed to is not what would be done", code="digest_mismatch")
        if self.order_version != order_version:
            raise ChangeStale
        return self._option(self.consent.option)

    def applied(self) -> None:
        self.status = moved(MOVES, self.status, ChangeStatus.APPLIED, "the change")

    def _same_digest(self, digest: str) -> None:
        require_digest(digest, self.digest)

    def _option(self, name: str) -> Option:
        return option_named(self.options, name)


def digest_of(shown: Mapping[str, object]) -> str:
    """Return the SHA-256, in hex, of what a customer is shown to decide on."""
    text = json.dumps(shown, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def require_digest(given: str, shown: str) -> None:
    """Refuse, with OtherDigest, a decision about something else than what is shown."""
    if not hmac.compare_digest(given.encode(), shown.encode()):
        raise OtherDigest


def option_named(options: Sequence[Option], name: str) -> Option:
    """Return the option of that name. Raise UnknownOption, with the names that exist, if there is none."""
    for option in options:
        if option["option"] == name:
            return option
    raise UnknownOption(details={"options": [option["option"] for option in options]})


def offered(option: Option) -> OfferedOption:
    """Convert the option to its form in events."""
    lines = tuple(LineLeft(**line) for line in option["lines_after"])
    return OfferedOption(option["option"], option["label"], lines, Money.parse(option["refund"]["amount"]))
