"""A label of a carrier: wanted, bought, used; or given back, and its money with it.

    wanted → bought → used            the call to the carrier is made between the two, outside of any transaction
       └─────┴──────→ voiding → voided | not_refunded        given back; or never needed, whatever the carrier has done
    wanted | voiding → failed                                it was not bought
    failed → voiding                                         it was, as the carrier says later: it is given back

What a carrier did not answer is asked again until it is known (`attempt_at`). Each purchase has one key at the carrier,
so it is paid once; while a shipment has a label that is wanted or bought, no second one is wanted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.common.basics.money import Money
from services.common.basics.personal import ERASED
from services.common.basics.untyped import JsonDict
from services.logistics.api.events import LabelMoved
from services.logistics.api.labels import LabelExists, LabelStatus, LabelUsed, RateGone
from services.logistics.api.parts import fold_number
from services.logistics.api.refusals import LabelNotUsed, ShipmentOnHold, WrongShipmentStatus
from services.logistics.api.statuses import ShipmentStatus
from services.logistics.domain.parcel import NewParcel
from services.logistics.domain.shipment import Shipment

OFFER_HOLDS = timedelta(hours=1)
GIVE_UP = timedelta(minutes=15)
"""After so long without an answer a label is not wanted any more."""
ON_ITS_WAY = timedelta(minutes=2)
"""So long a request that was not answered may still reach the carrier."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(hours=12)
MOST_ATTEMPTS = 12
"""So often a refund that is refused is asked for again: a fresh label's is at times refused for a moment."""
LIVE = frozenset({LabelStatus.WANTED, LabelStatus.BOUGHT})
GIVEN_BACK = frozenset({LabelStatus.VOIDING, LabelStatus.VOIDED, LabelStatus.NOT_REFUNDED})
PACKABLE = frozenset({ShipmentStatus.SORTING, ShipmentStatus.PACKED})
FOR_ALL = "This label was bought for all pieces, and declares all of them. Give it back before a part leaves."


@dataclass(frozen=True)
class Rate:
    """What a carrier takes. id: its name at the seller; days: to the delivery, as the carrier says."""

    id: str
    carrier: str
    service: str
    amount: Money
    days: int | None = None


def read_rate(item: JsonDict) -> Rate:
    """Read a rate as it was kept."""
    return Rate(**{**item, "amount": Money.parse(item["amount"]["amount"])})


@dataclass(eq=False)
class Offer:
    """The rates of one seller for one box. reference: the seller's name for it."""

    id: str
    shipment_number: str
    seller: str
    reference: str
    fingerprint: str
    rates: tuple[Rate, ...]
    made_at: datetime

    @property
    def expires_at(self) -> datetime:
        return self.made_at + OFFER_HOLDS

    def rate(self, rate_id: str, shipment: Shipment, fingerprint: str, now: datetime) -> Rate:
        """Return a rate that holds for the shipment as it is now. Raise RateGone."""
        found = next((each for each in self.rates if each.id == rate_id), None)
        fits = (self.shipment_number, self.fingerprint) == (shipment.number, fingerprint)
        if found is None or not fits or now >= self.expires_at:
            raise RateGone
        return found


@dataclass(frozen=True)
class Bought:
    """What the seller says of a label that is paid. paper_url: where it can be fetched."""

    tracking_number: str
    carrier: str
    amount: Money
    paper_url: str = ""


@dataclass(eq=False)
class Label:
    """One label. offer_id, reference and rate_id name it at its seller; its id is our key there.

    called_at: when the seller was last asked to sell it. attempt_at: when to ask the seller again.
    manifest_id: the manifest that it is on.
    """

    id: str
    shipment_number: str
    order_number: str
    offer_id: str
    seller: str
    reference: str
    rate_id: str
    carrier: str
    service: str
    amount: Money
    status: LabelStatus
    wanted_at: datetime
    wanted_by: str
    attempt_at: datetime | None
    attempts: int = 0
    called_at: datetime | None = None
    tracking_number: str | None = None
    paper_url: str = ""
    bought_at: datetime | None = None
    problem_code: str | None = None
    problem: str | None = None
    manifest_id: str | None = None

    @classmethod
    def want(cls, label_id: str, offer: Offer, rate: Rate, shipment: Shipment, by: str, now: datetime) -> Label:
        return cls(
            label_id,
            shipment.number,
            shipment.order_number,
            offer.id,
            offer.seller,
            offer.reference,
            rate.id,
            rate.carrier,
            rate.service,
            rate.amount,
            LabelStatus.WANTED,
            now,
            by,
            now,
        )

    def wanted(self) -> LabelMoved:
        return self._moved(None)

    def begin(self, now: datetime) -> None:
        """Claim an attempt: the next one is put off, so that of two processes one makes it."""
        self.attempts += 1
        self.attempt_at = now + min(FIRST_PAUSE * 2 ** min(self.attempts - 1, 20), LONGEST_PAUSE)
        if self.attempts > MOST_ATTEMPTS and self.status in {LabelStatus.BOUGHT, LabelStatus.USED}:
            self.attempt_at = None  # its paper is not to be had; it may be asked for all the same
        if self.status is LabelStatus.WANTED:
            self.called_at = now

    def bought(self, found: Bought, now: datetime) -> list[LabelMoved]:
        """Take over what was paid for. What is not wanted any more, or was booked as not bought, is given back."""
        if self.bought_at is not None:
            return []
        self.bought_at, self.tracking_number, self.amount = now, found.tracking_number, found.amount
        self.carrier = found.carrier or self.carrier
        self.problem_code = self.problem = None
        self._again_at(now)  # its paper is to be fetched, or our money
        if self.status is LabelStatus.WANTED:
            self.paper_url = found.paper_url
            return [self._to(LabelStatus.BOUGHT)]
        if self.status is LabelStatus.VOIDING:
            return [self._moved(self.status)]
        return [self._to(LabelStatus.VOIDING, "given_back")]

    def not_bought(self, code: str, problem: str) -> list[LabelMoved]:
        """Note that it was not sold, and why; nothing was paid."""
        if self.bought_at is not None or self.status not in {LabelStatus.WANTED, LabelStatus.VOIDING}:
            return []
        self.problem_code, self.problem, self.attempt_at = code, problem[:300], None
        return [self._to(LabelStatus.FAILED, code)]

    def doubted(self, code: str, problem: str, now: datetime) -> list[LabelMoved]:
        """Note that this attempt was refused, but another may have sold it: that is found out, and it is given back."""
        if self.status is not LabelStatus.WANTED:
            return []
        told = self.void(code, now)
        self.problem_code, self.problem = code, problem[:300]
        return told

    def unanswered(self, code: str, problem: str, now: datetime) -> list[LabelMoved]:
        """Note that it is not known; one that was wanted for long is wanted no more."""
        self.problem_code, self.problem = code, problem[:300]
        if self.status is LabelStatus.WANTED and now - self.wanted_at >= GIVE_UP:
            return self.void("not_answered", now)
        return []

    def may_be_on_its_way(self, now: datetime) -> bool:
        """Return whether a request to sell it may still reach the seller."""
        return self.called_at is not None and now - self.called_at < ON_ITS_WAY

    def has_paper(self) -> None:
        """Note that its paper is kept: there is nothing more to do."""
        if self.status in {LabelStatus.BOUGHT, LabelStatus.USED}:
            self.attempt_at = self.problem_code = self.problem = None

    def forget_paper(self) -> None:
        """Fetch its paper no more, and forget the carrier's words, which may quote the address: it is erased."""
        self.paper_url, self.problem = "", self.problem and ERASED
        self.has_paper()

    def use(self) -> list[LabelMoved]:
        return [self._to(LabelStatus.USED)] if self.status is LabelStatus.BOUGHT else []

    def void(self, reason: str, now: datetime) -> list[LabelMoved]:
        """Give it back, whether it is paid or that is not known. Raise LabelUsed; again is harmless."""
        if self.status is LabelStatus.USED:
            raise LabelUsed
        if self.status not in LIVE:
            return []
        self._again_at(now)
        self.problem_code = self.problem = None
        return [self._to(LabelStatus.VOIDING, reason)]

    def refunded(self) -> list[LabelMoved]:
        self.problem_code = self.problem = None
        return self._settle(LabelStatus.VOIDED)

    def not_refunded(self, problem: str) -> list[LabelMoved]:
        self.problem_code, self.problem = "not_refunded", problem[:300]
        return self._settle(LabelStatus.NOT_REFUNDED)

    def _settle(self, status: LabelStatus) -> list[LabelMoved]:
        if self.status is not LabelStatus.VOIDING:
            return []
        self.attempt_at = None
        return [self._to(status)]

    def _again_at(self, now: datetime) -> None:
        self.attempts, self.attempt_at = 0, now

    def _to(self, status: LabelStatus, reason: str | None = None) -> LabelMoved:
        previous, self.status = self.status, status
        return self._moved(previous, reason)

    def _moved(self, previous: LabelStatus | None, reason: str | None = None) -> LabelMoved:
        return LabelMoved(
            shipment_number=self.shipment_number,
            order_number=self.order_number,
            label_id=self.id,
            seller=self.seller,
            carrier=self.carrier,
            service=self.service,
            amount=self.amount,
            previous_status=previous,
            status=self.status,
            tracking_number=self.tracking_number,
            reason=reason,
        )


def require_packable(shipment: Shipment, *, on_hold: bool) -> None:
    """Raise `wrong_shipment_status` unless the box is being packed or packed, `shipment_on_hold` while it is held."""
    if shipment.status not in PACKABLE:
        raise WrongShipmentStatus(f"it is {shipment.status}", details={"status": shipment.status.value})
    if on_hold:
        raise ShipmentOnHold


def require_none(live: Label | None) -> None:
    """Raise LabelExists if there is one that is wanted or bought."""
    if live is not None:
        raise LabelExists(details={"label_id": live.id, "status": live.status.value})


def usable(labels: Sequence[Label], parcels: Sequence[NewParcel], *, rest_follows: bool) -> Label | None:
    """Return the live label of a shipment that leaves with these parcels: one that is bought must be among them.

    None leaves under one that was given back, and no part under one that was bought for all: its customs declaration
    names the rest, too. Raise LabelNotUsed.
    """
    live = next((each for each in labels if each.status in LIVE), None)
    numbers = {fold_number(each.tracking_number) for each in parcels}
    if live is not None and live.status is LabelStatus.BOUGHT:
        if rest_follows:
            raise _not_used(live, FOR_ALL)
        number = fold_number(live.tracking_number or "")
        if number not in numbers:
            raise _not_used(live)
        numbers.discard(number)
    for each in labels:
        if each.status in GIVEN_BACK and fold_number(each.tracking_number or "") in numbers:
            raise _not_used(each, "This label was given back. Nothing leaves under it: name another one.")
    return live


def hand_over(
    labels: Sequence[Label], parcels: Sequence[NewParcel], now: datetime, *, rest_follows: bool
) -> list[LabelMoved]:
    """Use the label of a shipment with the parcels that leave. Raise LabelNotUsed.

    One that is only wanted is given back: the box left without it.
    """
    live = usable(labels, parcels, rest_follows=rest_follows)
    if live is None:
        return []
    return live.use() if live.status is LabelStatus.BOUGHT else live.void("left_without_it", now)


def _not_used(label: Label, words: str = "") -> LabelNotUsed:
    about = {"label_id": label.id, "carrier": label.carrier, "tracking_number": label.tracking_number or ""}
    return LabelNotUsed(words, details=about)


def parcels_under(labels: Iterable[Label], weight_g: int | None) -> tuple[NewParcel, ...]:
    """Return the parcel that leaves under the bought label, if one is bought."""
    bought = (each for each in labels if each.status is LabelStatus.BOUGHT and each.tracking_number is not None)
    return tuple(NewParcel(each.carrier, each.tracking_number or "", weight_g) for each in bought)
