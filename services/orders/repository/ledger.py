"""What the journal tells of orders' money, read for the ledger (`domain.ledger`)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.api import TimelineEntry
from services.common.basics.clock import parse_rfc3339
from services.common.basics.shapes import Page
from services.common.bus.travel import read_event
from services.common.store import journal_reading
from services.orders import tables
from services.orders.domain.ledger import FACTS, Entry

_TYPES = {fact.type: fact for fact in FACTS}


class LedgerEntries:
    """The entries of the journal that are about money."""

    def __init__(self, session: Session):
        self._session = session
        self._places: dict[tuple[datetime, datetime], tuple[int, int]] = {}

    def of_orders(self, numbers: Collection[str]) -> dict[str, list[Entry]]:
        """Return all entries about the money of these orders, each order's from the first on."""
        found = journal_reading.of_chains(self._session, numbers, sorted(_TYPES))
        return {number: list(map(_entry, told)) for number, told in groupby(found, lambda each: each["subject"])}

    def of_period(self, since: datetime, until: datetime, *, cursor: str | None, limit: int) -> Page[tuple[str, str]]:
        """Return a page of the entries of a period, as (order, entry's id), in the order of the journal."""
        if (since, until) not in self._places:
            self._places[since, until] = journal_reading.places_of(self._session, since, until)
        places = self._places[since, until]
        return journal_reading.page_of_period(
            self._session, since, until, places, sorted(_TYPES), cursor=cursor, limit=limit
        )

    def names_of(self, ids: Collection[str]) -> dict[str, tuple[str, str | None]]:
        """Return who holds each payment or refund, and the provider's name for it."""
        paid, back = tables.payments.c, tables.refunds.c
        wanted = sorted(ids)
        query = sa.union_all(
            sa.select(paid.payment_id, paid.provider, paid.reference).where(paid.payment_id.in_(wanted)),
            sa.select(back.refund_id, back.provider, back.provider_reference).where(back.refund_id.in_(wanted)),
        )
        return {row[0]: (row[1], row[2]) for row in self._session.execute(query)}


def _entry(told: TimelineEntry) -> Entry:
    return Entry(told["id"], parse_rfc3339(told["occurred_at"]), read_event(_TYPES[told["type"]], told["body"]))
