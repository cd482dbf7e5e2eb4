"""Labels: rates compared, one bought, printed, given back. Each call to a seller is made outside of any transaction.

What is asked of a seller is written down first, so that whatever happens to the call, it is asked again what became
of it (`label_settling`).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from services.common.basics import clock, ids
from services.common.basics.api import Period
from services.common.basics.clock import rfc3339
from services.common.basics.errors import ServiceError, Unavailable
from services.common.basics.shapes import Page
from services.common.basics.states import require_version
from services.common.store.chain_keys import KeyMissing
from services.common.store.database import in_one
from services.logistics import label_views
from services.logistics.adapters.carriers import Carriers, Quote, Seller
from services.logistics.api.labels import (
    REFUSED,
    AskRates,
    BuyLabel,
    CarrierUnavailable,
    LabelCosts,
    LabelCostView,
    LabelList,
    LabelNotPrintable,
    LabelPaper,
    LabelsNotSold,
    LabelStatus,
    LabelView,
    ListLabelCosts,
    RateGone,
    RateProblem,
    RatesView,
)
from services.logistics.api.shipments import ShipmentVersion
from services.logistics.domain import Shipment
from services.logistics.domain import labels as rules
from services.logistics.domain.boxes import ToShip, box_of
from services.logistics.domain.customs import with_facts
from services.logistics.domain.labels import OFFER_HOLDS, Label, Offer
from services.logistics.handlers.label_settling import Sellers, Transaction, carry_on
from services.logistics.handlers.shipments import show
from services.logistics.repository import Work

PRINTED = frozenset({LabelStatus.BOUGHT, LabelStatus.USED})
REFUSALS: Mapping[str, type[ServiceError]] = {each.code: each for each in (RateGone, *REFUSED)}


def ask_rates(transaction: Transaction, carriers: Carriers, number: str, asked: AskRates) -> RatesView:
    """Ask each seller, and keep what it offers. One that does not answer costs its own rates."""
    box = in_one(transaction, lambda work: _box(work, _packable(work, number, asked.version)))
    if not carriers.sellers:
        raise LabelsNotSold
    offers: list[Offer] = []
    problems: list[RateProblem] = []
    silent: list[ServiceError] = []
    for name, seller in carriers.sellers.items():
        try:
            quote = seller.quote(box)
        except ServiceError as refused:
            problems.append({"seller": name, "code": refused.code, "detail": refused.message})
            silent += [refused] if isinstance(refused, Unavailable) else []
        else:
            problems += [{"seller": name, "code": "rate_missing", "detail": each} for each in quote.problems]
            offers.append(_offer(name, quote, box))
    if not offers and len(silent) == len(carriers.sellers):
        raise silent[0]
    in_one(transaction, lambda work: _keep_offers(work, offers))
    return label_views.rates_view(number, offers, problems, rfc3339(clock.now() + OFFER_HOLDS))


def buy_label(transaction: Transaction, carriers: Carriers, number: str, wanted: BuyLabel) -> LabelView:
    """Write down that it is wanted, then buy it; the same request again is told what became of it."""
    new: list[Label] = []
    asked = [number, asdict(wanted)]
    label_id = in_one(transaction, lambda work: work.once("buy_label", asked, lambda: _want(work, number, wanted, new)))
    if new and new[-1].id == label_id:  # an attempt that the database ended left one, too
        carry_on(transaction, carriers.sellers, new[-1])
    with transaction(reading=True) as work:
        label = work.labels.get(label_id)
    refusal = REFUSALS.get(label.problem_code or "")
    if label.status is LabelStatus.FAILED and refusal is not None:
        raise refusal(label.problem or "")
    return label_views.label_view(label)


def list_labels(work: Work, number: str) -> LabelList:
    work.shipments.get(number)
    items = [label_views.label_view(each) for each in work.labels.of_shipment(number)]
    return {"items": items, "sold": bool(Carriers.of(work.settings).sellers)}


def get_label_paper(transaction: Transaction, carriers: Carriers, number: str, label_id: str) -> LabelPaper:
    """Give the paper that is kept; else fetch it of its seller, and keep it."""
    with transaction(reading=True) as work:
        label = _printable(work, number, label_id)
        try:
            kept = work.labels.paper(label.id)
        except KeyMissing:
            kept = None
    pdf = kept or _seller(carriers.sellers, label).paper(label)
    if kept is None:
        in_one(transaction, lambda work: _keep_paper(work, number, label_id, pdf))
    return {"name": f"label-{number}.pdf", "pdf_base64": base64.b64encode(pdf).decode()}


def _keep_offers(work: Work, offers: Sequence[Offer]) -> None:
    for offer in offers:
        work.labels.add_offer(offer)


def _keep_paper(work: Work, number: str, label_id: str, pdf: bytes) -> None:
    work.shipments.get(number, lock=True)
    work.labels.keep_paper(label_id, pdf, work.now)
    _printable(work, number, label_id).has_paper()


def void_label(work: Work, number: str, label_id: str) -> LabelView:
    """Give it back. Its seller is told in a moment, and until it has said that the money comes back."""
    work.shipments.get(number, lock=True)
    label = work.labels.get(label_id, number, lock=True)
    work.journal.record(*label.void("given_back", work.now))
    return label_views.label_view(label)


def list_label_costs(work: Work, wanted: ListLabelCosts) -> Page[LabelCostView]:
    found = work.labels.costs(wanted)
    return {"items": [label_views.cost_view(row) for row in found["items"]], "next_cursor": found["next_cursor"]}


def report_label_costs(work: Work, period: Period) -> LabelCosts:
    period.require_at_most_a_year()
    return label_views.costs_view(period, work.labels.cost_sums(period))


def _want(work: Work, number: str, wanted: BuyLabel, new: list[Label]) -> str:
    shipment = _packable(work, number, wanted.version, lock=True)
    rules.require_none(work.labels.live(number))
    offer = work.labels.offer(wanted.offer)
    if offer is None or work.labels.is_spent(offer.id):
        raise RateGone
    rate = offer.rate(wanted.rate, shipment, _box(work, shipment).fingerprint, work.now)
    label = Label.want(ids.new_id(), offer, rate, shipment, work.caller.actor, work.now)
    label.begin(work.now)
    shipment.labelled = True
    work.labels.add(label)
    work.journal.record(label.wanted())
    new.append(label)
    return label.id


def _packable(work: Work, number: str, version: ShipmentVersion | None, *, lock: bool = False) -> Shipment:
    shipment = work.shipments.get(number, lock=lock)
    require_version(version, shipment.version, lambda: show(work, shipment))
    rules.require_packable(shipment, on_hold=bool(work.orders.held([shipment.order_number])))
    return shipment


def _box(work: Work, shipment: Shipment) -> ToShip:
    wares = work.wares.of_skus(line.sku for line in shipment.lines)
    return box_of(shipment, with_facts(shipment.lines, wares), work.stock_places.customs(shipment.place))


def _offer(seller: str, quote: Quote, box: ToShip) -> Offer:
    return Offer(ids.new_id(), box.reference, seller, quote.reference, box.fingerprint, quote.rates, clock.now())


def _printable(work: Work, number: str, label_id: str) -> Label:
    """Return a label that may be printed: it is paid, and its customer is not erased."""
    label = work.labels.get(label_id, number)
    if label.status not in PRINTED or work.orders.is_erased(label.order_number):
        raise LabelNotPrintable(details={"status": label.status.value})
    return label


def _seller(sellers: Sellers, label: Label) -> Seller:
    if label.seller not in sellers:
        raise CarrierUnavailable
    return sellers[label.seller]
