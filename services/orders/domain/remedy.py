"""What we do about a parcel that does not arrive: the customer decides (standard, section 3; section 2: "will not
arbitrarily change or cancel the user's valid order without authorization").

draft → awaiting_customer → waiting | resent | refunded; or withdrawn (it turned up), stale (another question is asked).

The machinery is that of change requests: what is shown is sealed by a digest, the consent keeps it, and what is done is
the option as it was shown. Silence decides nothing: the question stays open, and the order as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.common.basics.money import Money
from services.common.basics.states import moved
from services.orders.api import Consent, ConsentRequired
from services.orders.api.parts import PiecesBack, RemovedUnits
from services.orders.api.remedies import GoodsAlreadyBack
from services.orders.api.remedy_events import (
    GoodsReceived,
    RemedyAccepted,
    RemedyClosed,
    RemedyDrafted,
    RemedyOvertaken,
    RemedyRequested,
)
from services.orders.api.statuses import RemedyReason, RemedyStatus
from services.orders.domain.change import Option, digest_of, offered, option_named, require_digest

RESEND, REFUND, WAIT = "resend", "refund", "wait"
S = RemedyStatus
OPEN = frozenset({S.DRAFT, S.AWAITING_CUSTOMER})
DECIDED = frozenset({S.RESENT, S.REFUNDED})
UNSETTLED = OPEN | {S.WAITING}
MOVES: Mapping[RemedyStatus, frozenset[RemedyStatus]] = {
    S.DRAFT: frozenset({S.AWAITING_CUSTOMER, S.WITHDRAWN, S.STALE}),
    S.AWAITING_CUSTOMER: frozenset({S.WAITING, *DECIDED, S.WITHDRAWN, S.STALE}),
    S.WAITING: frozenset({S.WITHDRAWN, S.STALE}),
}
BECOMES = {RESEND: S.RESENT, REFUND: S.REFUNDED, WAIT: S.WAITING}
SOFT = frozenset({RemedyReason.NEVER_SCANNED, RemedyReason.LATE})
"""Reasons that only say how long nothing came: no news for a customer who has chosen to wait."""


@dataclass(eq=False)
class Remedy:
    """One question about one shipment, and what became of it.

    parcels       those that do not arrive; none: all of the shipment
    pieces        the units of the order that are concerned, by line; none while a person has to say which
    due_at        until when we write to the customer: the question, or after "wait" the next one
    replacement   the number of the shipment that is sent instead
    """

    remedy_id: str
    order_number: str
    shipment_number: str
    parcels: tuple[str, ...]
    reason: RemedyReason
    proposed_by: str
    created_at: datetime
    due_at: datetime
    evidence: str = ""
    summary: str = ""
    pieces: tuple[RemovedUnits, ...] = ()
    options: tuple[Option, ...] = ()
    digest: str = ""
    status: RemedyStatus = RemedyStatus.DRAFT
    consent: Consent | None = None
    replacement: str | None = None
    told_at: datetime | None = None
    decided_at: datetime | None = None
    goods_back_at: datetime | None = None

    @property
    def units(self) -> frozenset[tuple[int, int]]:
        """The (line, unit) pairs that are concerned."""
        return frozenset((line.line_id, unit) for line in self.pieces for unit in line.units)

    def counts(self) -> dict[str, int]:
        """Count the pieces per SKU."""
        counts: dict[str, int] = {}
        for line in self.pieces:
            counts[line.sku] = counts.get(line.sku, 0) + line.quantity
        return counts

    def concerns(self, parcels: Sequence[str]) -> bool:
        """Return whether the question is about all of these parcels."""
        return not self.parcels or (bool(parcels) and set(parcels) <= set(self.parcels))

    def drafted(self) -> RemedyDrafted:
        return RemedyDrafted(**self._names(), parcels=self.parcels, reason=self.reason)

    def ask(self, pieces: Sequence[RemovedUnits], summary: str, options: Sequence[Option]) -> RemedyRequested:
        """Seal the question and put it to the customer."""
        self.status = moved(MOVES, self.status, S.AWAITING_CUSTOMER, "the question")
        self.pieces, self.summary, self.options = tuple(pieces), summary, tuple(options)
        self.digest = self.seal()
        return RemedyRequested(
            **self._names(),
            parcels=self.parcels,
            reason=self.reason,
            summary=summary,
            options=tuple(offered(option) for option in self.options),
            digest=self.digest,
        )

    def seal(self) -> str:
        """Return the SHA-256, in hex, of everything the customer decides on."""
        shown = {
            **self._names(),
            "parcels": list(self.parcels),
            "summary": self.summary,
            "units": sorted(self.units),
            "options": list(self.options),
        }
        return digest_of(shown)

    def decide(self, consent: Consent, now: datetime) -> Option:
        """Take the customer's decision: OtherDigest, UnknownOption or WrongStatus when that cannot be."""
        require_digest(consent.digest, self.digest)
        chosen = option_named(self.options, consent.option)
        self.status = moved(MOVES, self.status, BECOMES[consent.option], "the question")
        self.consent, self.decided_at = consent, now
        return chosen

    def consented(self, order_number: str) -> Option:
        """Return the option the customer agreed to, for that order. Raise ConsentRequired otherwise."""
        if self.status not in DECIDED or self.consent is None or self.order_number != order_number:
            raise ConsentRequired
        if not self.consent.digest == self.digest == self.seal():
            raise ConsentRequired("what was agreed to is not what would be done", code="digest_mismatch")
        return option_named(self.options, self.consent.option)

    def accepted(self, chosen: Option, ask_again_at: datetime | None = None) -> RemedyAccepted:
        """Tell what the customer has chosen."""
        if self.consent is None:
            raise ConsentRequired
        return RemedyAccepted(
            **self._names(),
            parcels=self.parcels,
            option=chosen["option"],
            consent=self.consent,
            lines=self.pieces,
            refund=Money.parse(chosen["refund"]["amount"]),
            replacement=self.replacement,
            ask_again_at=ask_again_at,
        )

    def close(self, status: RemedyStatus, now: datetime, *, delivered: bool = False) -> RemedyClosed:
        """Close the question, because the goods have turned up or something else is asked. Nothing was changed."""
        self.status, self.decided_at = moved(MOVES, self.status, status, "the question"), now
        return RemedyClosed(**self._names(), parcels=self.parcels, status=status, delivered=delivered)

    def overtaken(self, parcel_id: str, parcel_status: str) -> RemedyOvertaken:
        """Return the event: a parcel has turned up after the customer's choice was carried out."""
        if self.consent is None:
            raise ConsentRequired
        return RemedyOvertaken(
            **self._names(),
            parcels=self.parcels,
            option=self.consent.option,
            parcel_id=parcel_id,
            parcel_status=parcel_status,
            replacement=self.replacement,
        )

    def receive_goods(self, counts: Mapping[str, int], note: str, now: datetime) -> GoodsReceived:
        """Note, once, that so many pieces came back to us."""
        if self.goods_back_at is not None:
            raise GoodsAlreadyBack
        self.goods_back_at = now
        lines = tuple(PiecesBack(sku, count) for sku, count in sorted(counts.items()))
        return GoodsReceived(**self._names(), parcels=self.parcels, lines=lines, note=note)

    def _names(self) -> dict[str, str]:
        return {
            "order_number": self.order_number,
            "remedy_id": self.remedy_id,
            "shipment_number": self.shipment_number,
        }
