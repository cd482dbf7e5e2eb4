"""Labels that are bought of carriers: offers, labels, their papers, and the ledger of what they cost."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics import ids
from services.common.basics.api import Period
from services.common.basics.money import Money
from services.common.basics.shapes import Page
from services.common.basics.untyped import JsonDict
from services.common.store.chain_keys import OWN
from services.common.store.pages import page
from services.common.store.statements import earliest
from services.common.store.upsert import add_if_new
from services.logistics import tables
from services.logistics.api.labels import CostKind, LabelNotFound, LabelStatus, ListLabelCosts
from services.logistics.api.terms import LABELS_KEPT
from services.logistics.domain.labels import LIVE, Label, Offer

_LABEL, _OFFER, _PAPER, _COST = tables.labels.c, tables.label_offers.c, tables.label_papers.c, tables.label_costs.c
OFFERS_KEPT = timedelta(days=1)
MOST = 50


class Labels:
    """The labels of shipments."""

    def __init__(self, session: Session):
        self._session = session

    def add_offer(self, offer: Offer) -> None:
        self._session.add(offer)

    def offer(self, offer_id: str) -> Offer | None:
        return self._session.get(Offer, offer_id)

    def is_spent(self, offer_id: str) -> bool:
        """Return whether a label of this offer was, or may have been, sold: it can be sold once."""
        sold = sa.select(_LABEL.id).where(_LABEL.offer_id == offer_id, _LABEL.status != LabelStatus.FAILED)
        return self._session.scalar(sold.limit(1)) is not None

    def add(self, label: Label) -> None:
        """Add it at once, so that the database refuses a second one for the same shipment."""
        self._session.add(label)
        self._session.flush()

    def get(self, label_id: str, shipment_number: str | None = None, *, lock: bool = False) -> Label:
        """Return a label, of that shipment if one is named. Raise LabelNotFound. lock: read it again, and lock it."""
        query = sa.select(Label).where(_LABEL.id == label_id)
        anew = {"populate_existing": lock}
        found = self._session.scalars(query.with_for_update() if lock else query, execution_options=anew).one_or_none()
        if found is None or shipment_number not in {None, found.shipment_number}:
            raise LabelNotFound
        return found

    def of_shipment(self, number: str, *, lock: bool = False) -> Sequence[Label]:
        """Return the labels of a shipment, the latest first. lock: read them again, and lock them."""
        mine = sa.select(Label).where(_LABEL.shipment_number == number)
        mine = mine.order_by(_LABEL.wanted_at.desc(), _LABEL.id.desc()).limit(MOST)
        anew = {"populate_existing": lock}
        return self._session.scalars(mine.with_for_update() if lock else mine, execution_options=anew).all()

    def live(self, number: str) -> Label | None:
        """Return the label of a locked shipment that is wanted or bought, locked."""
        mine = sa.select(Label).where(_LABEL.shipment_number == number, _LABEL.status.in_(sorted(LIVE)))
        anew = {"populate_existing": True}
        return self._session.scalars(mine.with_for_update(), execution_options=anew).one_or_none()

    def next_attempt(self) -> datetime | None:
        """Return when a seller is to be asked of a label next."""
        return self._session.scalar(earliest(_LABEL.attempt_at))

    def next_due(self, now: datetime) -> Label | None:
        """Return the next of which the seller is to be asked, locked for one replica."""
        query = sa.select(Label).where(_LABEL.attempt_at <= now).order_by(_LABEL.attempt_at).limit(1)
        return self._session.scalars(query.with_for_update(skip_locked=True)).one_or_none()

    def keep_paper(self, label_id: str, pdf: bytes, now: datetime) -> None:
        body = OWN.seal(b64encode(pdf).decode())
        add_if_new(self._session, tables.label_papers, {"label_id": label_id, "body": body, "kept_at": now})

    def paper(self, label_id: str) -> bytes | None:
        """Return the kept paper. Raise KeyMissing if it was sealed with a key that we do not have any more."""
        body = self._session.scalar(sa.select(_PAPER.body).where(_PAPER.label_id == label_id))
        return None if body is None else b64decode(OWN.open(body))

    def erase(self, shipment_numbers: Iterable[str]) -> None:
        """Remove the papers of these shipments' labels, and where they can be fetched: they name the customer."""
        numbers = sorted(shipment_numbers)
        theirs = sa.select(_LABEL.id).where(_LABEL.shipment_number.in_(numbers))
        self._session.execute(sa.delete(tables.label_papers).where(_PAPER.label_id.in_(theirs)))
        for label in self._session.scalars(sa.select(Label).where(_LABEL.shipment_number.in_(numbers))):
            label.forget_paper()

    def forget_old(self, now: datetime) -> None:
        """Remove offers that do not hold any more, and papers that are not printed again."""
        self._session.execute(sa.delete(tables.label_offers).where(_OFFER.made_at < now - OFFERS_KEPT))
        self._session.execute(sa.delete(tables.label_papers).where(_PAPER.kept_at < now - LABELS_KEPT.span))

    def note_cost(self, label: Label, kind: CostKind, now: datetime) -> None:
        """Write a movement of money into the ledger, once; what comes back is below 0."""
        amount = label.amount if kind is CostKind.BOUGHT else label.amount * -1
        row = {"id": ids.new_id(), "label_id": label.id, "kind": kind, "amount": amount, "at": now}
        names = ("shipment_number", "order_number", "seller", "carrier", "service")
        add_if_new(self._session, tables.label_costs, {**row, **{name: getattr(label, name) for name in names}})

    def costs(self, wanted: ListLabelCosts) -> Page[JsonDict]:
        """Return a page of the ledger, the oldest movement first."""
        query = sa.select(tables.label_costs)
        if wanted.since is not None:
            query = query.where(_COST.at >= wanted.since)
        if wanted.until is not None:
            query = query.where(_COST.at < wanted.until)
        keys = (_COST.at, _COST.id)
        return page(self._session, query, keys, _as_mapping, cursor=wanted.cursor, limit=wanted.limit)

    def cost_sums(self, period: Period) -> Sequence[tuple[str, str, str, CostKind, int, Money]]:
        """Return seller, carrier, service, kind, how often and how much, for what moved in the period."""
        alike = (_COST.seller, _COST.carrier, _COST.service, _COST.kind)
        summed = sa.type_coerce(sa.cast(sa.func.sum(_COST.amount), sa.BigInteger), _COST.amount.type)
        query = sa.select(*alike, sa.func.count(), summed)
        query = query.where(_COST.at >= period.since, _COST.at < period.until).group_by(*alike).order_by(*alike)
        return [(*row,) for row in self._session.execute(query)]


def _as_mapping(row: sa.Row[tuple[object, ...]]) -> JsonDict:
    return dict(row._mapping)
