"""How logistics shows labels, rates and what labels cost. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.common.basics.api import Period
from services.common.basics.clock import rfc3339
from services.common.basics.money import ZERO, Money
from services.common.basics.shapes import money_view
from services.common.basics.untyped import JsonDict
from services.logistics.api.labels import (
    CostKind,
    LabelCostRow,
    LabelCosts,
    LabelCostView,
    LabelView,
    RateProblem,
    RatesView,
    RateView,
)
from services.logistics.domain.labels import Label, Offer, Rate

Sum = tuple[str, str, str, CostKind, int, Money]


def rates_view(number: str, offers: Sequence[Offer], problems: Iterable[RateProblem], expires_at: str) -> RatesView:
    """Show what is offered, the cheapest first, the faster one of two that cost the same."""
    rates = [(offer, rate) for offer in offers for rate in offer.rates]
    rates.sort(key=lambda each: (each[1].amount, each[1].days is None, each[1].days or 0, each[1].service))
    return {
        "shipment_number": number,
        "expires_at": expires_at,
        "rates": [_rate(offer, rate) for offer, rate in rates],
        "problems": list(problems),
    }


def label_view(label: Label) -> LabelView:
    """Show a label."""
    problem = label.problem_code and {"code": label.problem_code, "detail": label.problem or ""}
    return {
        "id": label.id,
        "shipment_number": label.shipment_number,
        "seller": label.seller,
        "carrier": label.carrier,
        "service": label.service,
        "status": label.status,
        "amount": money_view(label.amount),
        "tracking_number": label.tracking_number,
        "problem": problem or None,  # type: ignore[typeddict-item]
        "wanted_at": rfc3339(label.wanted_at),
        "wanted_by": label.wanted_by,
        "bought_at": rfc3339(label.bought_at) if label.bought_at else None,
    }


def cost_view(row: JsonDict) -> LabelCostView:
    """Show a movement of the ledger."""
    return {
        "id": row["id"],
        "at": rfc3339(row["at"]),
        "kind": row["kind"],
        "amount": money_view(row["amount"]),
        "label_id": row["label_id"],
        "shipment_number": row["shipment_number"],
        "order_number": row["order_number"],
        "seller": row["seller"],
        "carrier": row["carrier"],
        "service": row["service"],
    }


def costs_view(period: Period, sums: Sequence[Sum]) -> LabelCosts:
    """Show what labels cost in a period, one row for each carrier and service."""
    names = dict.fromkeys((seller, carrier, service) for seller, carrier, service, *_ in sums)
    return {
        "since": rfc3339(period.since),
        "until": rfc3339(period.until),
        "items": [_row(name, [each for each in sums if each[:3] == name]) for name in names],
        "cost": money_view(Money.total(amount for *_, amount in sums)),
    }


def _row(name: tuple[str, str, str], sums: Sequence[Sum]) -> LabelCostRow:
    times = {kind: number for _, _, _, kind, number, _ in sums}
    amounts = {kind: amount for _, _, _, kind, _, amount in sums}
    paid, back = amounts.get(CostKind.BOUGHT, ZERO), amounts.get(CostKind.REFUNDED, ZERO)
    return {
        "seller": name[0],
        "carrier": name[1],
        "service": name[2],
        "bought": times.get(CostKind.BOUGHT, 0),
        "refunded": times.get(CostKind.REFUNDED, 0),
        "paid": money_view(paid),
        "back": money_view(back * -1),
        "cost": money_view(paid + back),
    }


def _rate(offer: Offer, rate: Rate) -> RateView:
    return {
        "offer": offer.id,
        "rate": rate.id,
        "seller": offer.seller,
        "carrier": rate.carrier,
        "service": rate.service,
        "amount": money_view(rate.amount),
        "days": rate.days,
    }
