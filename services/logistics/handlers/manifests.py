"""Manifests: wanted for what was bought today, made by those who sold it, printed. Each call is made outside of any
transaction.
"""

from __future__ import annotations

import base64
from datetime import datetime
from itertools import groupby
from logging import getLogger

from services.common.basics import ids
from services.common.basics.clock import rfc3339
from services.common.basics.errors import Conflict, ServiceError
from services.common.calendar import local_date, start_of_day
from services.common.store.chain_keys import KeyMissing
from services.common.store.database import in_one
from services.logistics.adapters.carriers import Carriers, Seller
from services.logistics.api.labels import CarrierUnavailable, LabelPaper
from services.logistics.api.manifests import ManifestList, ManifestNotPrintable, ManifestStatus, ManifestView
from services.logistics.domain.labels import Label
from services.logistics.domain.manifests import Manifest, Manifested
from services.logistics.handlers.label_settling import Sellers, Transaction
from services.logistics.repository import Work

MOST_IN_A_ROW = 20
log = getLogger(__name__)


def make_manifests(transaction: Transaction, carriers: Carriers) -> ManifestList:
    """Want a manifest for each carrier with labels that are on none, and ask for it."""
    makers = _makers(carriers)
    for manifest_id in in_one(transaction, lambda work: _want(work, makers)):
        _carry_on_next(transaction, makers, manifest_id)
    with transaction(reading=True) as work:
        return _list(work, makers)


def list_manifests(work: Work) -> ManifestList:
    return _list(work, _makers(Carriers.of(work.settings)))


def get_manifest_paper(transaction: Transaction, carriers: Carriers, manifest_id: str) -> LabelPaper:
    """Give the paper that is kept; else fetch it of its seller, and keep it."""
    with transaction(reading=True) as work:
        manifest = work.manifests.get(manifest_id)
        if manifest.status is not ManifestStatus.MADE:
            raise ManifestNotPrintable(details={"status": manifest.status.value})
        try:
            pdf = work.labels.paper(manifest.id)
        except KeyMissing:
            pdf = None
    if pdf is None:
        fetched = _maker(_makers(carriers), manifest).manifest_paper(manifest)
        in_one(transaction, lambda work: work.labels.keep_paper(manifest_id, fetched, work.now))
        pdf = fetched
    return {"name": f"manifest-{manifest.carrier}-{manifest.day}.pdf", "pdf_base64": base64.b64encode(pdf).decode()}


def settle_manifests(transaction: Transaction, carriers: Carriers) -> None:
    """Ask again of the manifests of which it is not known what became of them."""
    makers = _makers(carriers)
    for _ in range(MOST_IN_A_ROW):
        if not _carry_on_next(transaction, makers):
            return


def _carry_on_next(transaction: Transaction, makers: Sellers, manifest_id: str | None = None) -> bool:
    """Claim the next manifest that is due, or this one, and carry on with it. Return False if there is none."""
    with transaction() as work:
        manifest = work.manifests.next_due(work.now, manifest_id)
        if manifest is None:
            return False
        manifest.begin(work.now)
    carry_on(transaction, makers, manifest)
    return True


def carry_on(transaction: Transaction, makers: Sellers, manifest: Manifest) -> None:
    """Ask the seller of a claimed manifest for it, and write down what it says."""
    with transaction(reading=True) as work:
        numbers = [label.tracking_number or "" for label in work.manifests.labels_of(manifest)]

    def fail(work: Work, code: str, words: str) -> None:
        found = work.manifests.get(manifest.id, lock=True)
        found.fail(code, words, work.manifests.labels_of(found))

    def take(work: Work, made: Manifested) -> None:
        found = work.manifests.get(manifest.id, lock=True)
        found.take(made, work.now, work.manifests.freed_by(found))

    try:
        made = _maker(makers, manifest).manifest(manifest, numbers)
    except Conflict as refused:
        code, words = refused.code, refused.message
        in_one(transaction, lambda work: fail(work, code, words))
    except ServiceError as silent:
        code, words = silent.code, silent.message
        log.warning("%s, of manifest %s: %s", manifest.seller, manifest.id, silent)
        in_one(transaction, lambda work: work.manifests.get(manifest.id, lock=True).unanswered(code, words))
    else:
        in_one(transaction, lambda work: take(work, made))


def _want(work: Work, makers: Sellers) -> list[str]:
    """Write down which are wanted, due at once. Return their ids."""

    def kind(label: Label) -> tuple[str, str]:
        return label.seller, label.carrier

    today = local_date(work.now, work.origin.zone)
    waiting = sorted(work.manifests.unlisted(makers, _day_began(work)), key=kind)
    wanted = [
        Manifest.want(ids.new_id(), list(labels), today, work.caller.actor, work.now)
        for _, labels in groupby(waiting, key=kind)
    ]
    for manifest in wanted:
        work.manifests.add(manifest)
    return [manifest.id for manifest in wanted]


def _day_began(work: Work) -> datetime:
    return start_of_day(local_date(work.now, work.origin.zone), work.origin.zone)


def _makers(carriers: Carriers) -> Sellers:
    return {name: seller for name, seller in carriers.sellers.items() if seller.makes_manifests}


def _maker(makers: Sellers, manifest: Manifest) -> Seller:
    if manifest.seller not in makers:
        raise CarrierUnavailable("it is not set up any more")
    return makers[manifest.seller]


def _list(work: Work, makers: Sellers) -> ManifestList:
    return {
        "items": [_view(each) for each in work.manifests.latest()],
        "waiting": work.manifests.waiting(makers, _day_began(work)),
    }


def _view(manifest: Manifest) -> ManifestView:
    code, words = manifest.problem_code, manifest.problem
    return {
        "id": manifest.id,
        "seller": manifest.seller,
        "carrier": manifest.carrier,
        "day": manifest.day.isoformat(),
        "status": manifest.status,
        "labels": len(manifest.shipments),
        "problem": {"code": code, "detail": words or ""} if code else None,
        "wanted_at": rfc3339(manifest.wanted_at),
        "wanted_by": manifest.wanted_by,
        "made_at": rfc3339(manifest.made_at) if manifest.made_at else None,
    }
