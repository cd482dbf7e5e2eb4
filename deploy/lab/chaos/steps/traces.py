"""What a life leaves behind: its cents by the bank's books and by ours, and all else that can be counted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from deploy.lab.chaos.customer import Bought
from deploy.lab.chaos.evidence import Evidence
from deploy.lab.chaos.steps.lives import Life, Living
from services import SERVICES
from services.common.basics.untyped import JsonDict

A_NUMBER = re.compile(r"[A-Z]{3}-[0-9A-Z-]+|[0-9]+(?:\.[0-9]+)?")
STATES = (("orders", "status"), ("payments", "status"), ("refunds", "status"), ("disputes", "status"))
OF_PROVIDER = "provider"


def lost_cents(living: Living, life: Life, order: Bought) -> int:
    """Return how many cents are not where they have to be: at the bank, in our books, and between the two."""
    shown = living.customer.http.get(f"/v1/orders/{order.number}/payments", living.customer.staff)
    balances = {each["account"]: _cents(each["amount"]) for each in shown["balances"]}
    held, expected = living.bank.holds(order.number), order.cents if life.keeps else 0
    return abs(held - expected) + abs(balances.get(OF_PROVIDER, 0) - held) + abs(sum(balances.values()))


def traces_of(evidence: Evidence, number: str) -> Counter[str]:
    """Count the events, mails, clocks and states of an order: a life that was disturbed has the same as any other."""
    return Counter(_traces(evidence, number))


def unlike(undisturbed: Counter[str], disturbed: Counter[str]) -> list[str]:
    """Return what is there too often or too seldom."""
    every = sorted({*undisturbed, *disturbed})
    return [
        f"{each}: {disturbed[each]} instead of {undisturbed[each]}"
        for each in every
        if disturbed[each] != undisturbed[each]
    ]


def _traces(evidence: Evidence, number: str) -> Iterator[str]:
    for service in SERVICES:
        for row in evidence.by(service, "journal", "order_number")[number]:
            yield f"{service} tells {row['type']}"
        for row in evidence.by(service, "commitments", "order_number")[number]:
            yield f"{service}'s clock {row['kind']} {'has stopped' if row['stopped_at'] else 'runs'}"
    for row in evidence.by("support", "notifications", "order_number")[number]:
        yield f"mail, {row['status']}: {A_NUMBER.sub('…', row['subject'])}"
    for table, column in STATES:
        for row in evidence.by("orders", table, "order_number")[number]:
            yield f"{table}: {row[column]}"


def _cents(amount: JsonDict) -> int:
    return int(str(amount["amount"]).replace(".", ""))
