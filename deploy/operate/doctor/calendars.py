"""Calendars whose data ends soon: the teams', the warehouse's, and those of the countries that are shipped to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from deploy.operate.by_hand import opened
from deploy.operate.doctor.finding import Finding, warning
from services import SERVICES
from services.aftersales.settings import AftersalesSettings
from services.common.basics.clock import now
from services.common.calendar import shipped_overlay, working_days
from services.common.runtime.config import Settings
from services.common.store import tables
from services.logistics.settings import LogisticsSettings
from services.members import closures_of
from services.orders.settings import OrdersSettings
from services.support.settings import SupportSettings

WARN_BEFORE = timedelta(days=60)


def examine(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Warn 60 days before the last certain day. A country without any data is left out: nothing of its ends.

    Those in which a promise runs are watched too, whether or not anybody said which countries are shipped to.
    """
    orders = OrdersSettings.load(environ)
    overlay = shipped_overlay() | closures_of(orders)
    watched = {
        LogisticsSettings.load(environ).origin_calendar,
        SupportSettings.load(environ).support_calendar,
        AftersalesSettings.load(environ).aftersales_calendar,
        *(orders.destinations if orders.ship_to.strip() else ()),
        *_promised(orders),
    }
    for name in sorted(watched):
        last = working_days(name, overlay).horizon
        if date.min < last < now().date() + WARN_BEFORE:
            yield _finding(name, last)


def _promised(settings: Settings) -> Iterator[str]:
    """Yield the calendars of the clocks that run. A database that cannot be read is told of by `databases.py`."""
    clocks = tables.commitments.c
    query = sa.select(clocks.clock["calendar"].as_string()).where(clocks.stopped_at.is_(None)).distinct()
    for service in SERVICES:
        url = sa.make_url(settings.database_url(service))
        if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
            continue
        with suppress(SQLAlchemyError), opened(settings.database_url(service)) as it, it.reader.connect() as connection:
            yield from [name for name in connection.scalars(query) if name]


def _finding(where: str, last: date) -> Finding:
    return warning(
        "calendar_ends", where, f"its holidays are certain until {last}; promises that fall later are provisional",
        "install a newer release of the package `holidays`, or put the days and the new `horizon` into the file that "
        "PLEDGE_CLOSURES names (see docs/operations.md)",
    )  # fmt: skip
