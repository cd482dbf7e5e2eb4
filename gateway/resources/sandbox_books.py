"""The books of the sandbox bank: what it has moved since it was started, in the memory of this process.

GET /sandbox/movements?since=&until=&after=    → a page of them, and since when they are complete
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, TypedDict

from gateway.http.resource import Resource
from gateway.settings import GatewaySettings
from services.common.basics import clock
from services.common.basics.api import ANYONE
from services.common.basics.shapes import Between, Line

Kind = Literal["capture", "refund", "refund_back", "dispute", "dispute_back"]
MOST, PAGE = 2000, 50
KINDS: Mapping[str, Kind] = {
    "payment.captured": "capture", "refund.settled": "refund", "refund.failed": "refund_back",
    "payment.disputed": "dispute", "dispute.won": "dispute_back",
}  # fmt: skip
"""What is booked when this is reported."""

blp = Resource("sandbox_books", "What the sandbox bank has moved", prefix="/sandbox")


def enabled(known: GatewaySettings) -> bool:
    return known.has_sandbox


@dataclass(frozen=True)
class ListMovements:
    """since, until: seconds since 1970. after: the name of the last entry that was read."""

    since: Annotated[int, Between(0, 2**33)]
    until: Annotated[int, Between(0, 2**33)]
    after: Annotated[str, Line(200, min=0)] = ""


class Booked(TypedDict):
    """An entry. about: the bank's name for what was moved; payment: its name for the payment that this was part of."""

    id: str
    kind: Kind
    amount_cents: int
    currency: str
    about: str
    payment: str
    payment_id: str
    at: int


class Movements(TypedDict):
    items: list[Booked]
    following: str
    complete_from: int


@blp.get("/movements", roles=(ANYONE,))
def list_movements(query: ListMovements) -> Movements:
    """List what this bank has booked, a page at a time."""
    booked = [each for each in _BOOKS.values() if query.since <= each["at"] <= query.until]
    names = [each["id"] for each in booked]
    start = names.index(query.after) + 1 if query.after in names else 0
    page = booked[start : start + PAGE]
    following = page[-1]["id"] if len(booked) > start + PAGE else ""
    return {"items": page, "following": following, "complete_from": _complete_from()}


def book(name: str, kind: str, facts: Mapping[str, object]) -> None:
    """Write what moved money into the books, once; the oldest entries make room."""
    if kind not in KINDS or not facts["amount_cents"]:
        return
    entry: Booked = {
        "id": name,
        "kind": KINDS[kind],
        "amount_cents": int(str(facts["amount_cents"])),
        "currency": str(facts["currency"]),
        "about": str(facts.get("id") or facts["reference"]),
        "payment": str(facts["reference"]),
        "payment_id": str(facts.get("payment_id", "")),
        "at": int(clock.now().timestamp()),
    }
    _BOOKS.setdefault(name, entry)
    while len(_BOOKS) > MOST:
        _BOOKS.pop(next(iter(_BOOKS)))


def _complete_from() -> int:
    """Return since when nothing is missing: what a process before this one had booked is forgotten."""
    oldest = next(iter(_BOOKS.values()), None)
    return int(clock.now().timestamp()) if oldest is None else oldest["at"]


_BOOKS: dict[str, Booked] = {}
