"""Manifests, and the labels that wait for one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.store.statements import earliest
from services.logistics import tables
from services.logistics.api.labels import LabelStatus
from services.logistics.api.manifests import ManifestNotFound, ManifestStatus
from services.logistics.domain.labels import Label
from services.logistics.domain.manifests import Manifest

_MANIFEST, _LABEL = tables.manifests.c, tables.labels.c
MOST, MOST_LABELS = 50, 500


class Manifests:
    """The manifests of carriers."""

    def __init__(self, session: Session):
        self._session = session

    def add(self, manifest: Manifest) -> None:
        self._session.add(manifest)

    def get(self, manifest_id: str, *, lock: bool = False) -> Manifest:
        """Return a manifest. Raise ManifestNotFound. lock: read it again, and lock it."""
        query = sa.select(Manifest).where(_MANIFEST.id == manifest_id)
        again = {"populate_existing": lock}
        found = self._session.scalars(query.with_for_update() if lock else query, execution_options=again).one_or_none()
        if found is None:
            raise ManifestNotFound
        return found

    def latest(self) -> Sequence[Manifest]:
        query = sa.select(Manifest).order_by(_MANIFEST.wanted_at.desc(), _MANIFEST.id).limit(MOST)
        return self._session.scalars(query).all()

    def unlisted(self, sellers: Iterable[str], since: datetime) -> Sequence[Label]:
        """Return labels of these sellers that were bought since then and are on none, locked for one replica."""
        query = sa.select(Label).where(_wait(sellers, since)).order_by(_LABEL.bought_at, _LABEL.id)
        again = {"populate_existing": True}
        locked = query.limit(MOST_LABELS).with_for_update(skip_locked=True)
        return self._session.scalars(locked, execution_options=again).all()

    def waiting(self, sellers: Iterable[str], since: datetime) -> int:
        """Return how many they are."""
        return self._session.scalar(sa.select(sa.func.count(_LABEL.id)).where(_wait(sellers, since))) or 0

    def labels_of(self, manifest: Manifest) -> Sequence[Label]:
        return self._session.scalars(sa.select(Label).where(_LABEL.manifest_id == manifest.id)).all()

    def freed_by(self, manifest: Manifest) -> Sequence[Label]:
        """Return the labels of a failed one, read again and locked; they may be on another one by now."""
        if manifest.status is not ManifestStatus.FAILED:
            return ()
        named = sa.and_(_LABEL.seller == manifest.seller, _LABEL.reference.in_(manifest.shipments))
        query = (
            sa.select(Label)
            .where(named, _LABEL.bought_at.is_not(None))
            .order_by(_LABEL.bought_at, _LABEL.id)
            .with_for_update()
        )
        return self._session.scalars(query, execution_options={"populate_existing": True}).all()

    def next_attempt(self) -> datetime | None:
        """Return when a seller is to be asked of a manifest next."""
        return self._session.scalar(earliest(_MANIFEST.attempt_at))

    def next_due(self, now: datetime, manifest_id: str | None = None) -> Manifest | None:
        """Return the next of which the seller is to be asked, locked for one replica. manifest_id: this one, if due."""
        query = sa.select(Manifest).where(_MANIFEST.attempt_at <= now).order_by(_MANIFEST.attempt_at).limit(1)
        if manifest_id is not None:
            query = query.where(_MANIFEST.id == manifest_id)
        return self._session.scalars(query.with_for_update(skip_locked=True)).one_or_none()


def _wait(sellers: Iterable[str], since: datetime) -> sa.ColumnElement[bool]:
    paid = _LABEL.status.in_([LabelStatus.BOUGHT, LabelStatus.USED])
    none = sa.and_(_LABEL.manifest_id.is_(None), _LABEL.bought_at.is_not(None), _LABEL.bought_at >= since)
    return sa.and_(none, paid, _LABEL.seller.in_(sorted(sellers)))
