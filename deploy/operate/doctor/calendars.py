"""Calendars whose data ends soon: the teams', the warehouse's, and those of the countries that are shipped to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from deploy.operate.doctor.finding import Finding, warning
from services.aftersales.settings import AftersalesSettings
from services.common.basics.clock import now
from services.common.calendar import shipped_overlay, working_days
from services.logistics.settings import LogisticsSettings
from services.members import closures_of
from services.orders.settings import OrdersSettings
from services.support.settings import SupportSettings

WARN_BEFORE = timedelta(days=60)


def examine(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Warn 60 days before the last certain day. A country without any data is left out: nothing of its ends.

    Where the countries shipped to are not configured, the metric `pledge_calendar_horizon_days` tells of those in use.
    """
    orders = OrdersSettings.load(environ)
    overlay = shipped_overlay() | closures_of(orders)
    watched = {
        LogisticsSettings.load(environ).origin_calendar,
        SupportSettings.load(environ).support_calendar,
        AftersalesSettings.load(environ).aftersales_calendar,
        *(orders.destinations if orders.ship_to.strip() else ()),
    }
    for name in sorted(watched):
        last = working_days(name, overlay).horizon
        if date.min < last < now().date() + WARN_BEFORE:
            yield _finding(name, last)


def _finding(where: str, last: date) -> Finding:
    return warning(
        "calendar_ends", where, f"its holidays are certain until {last}; promises that fall later are provisional",
        "install a newer release of the package `holidays`, or put the days and the new `horizon` into the file that "
        "PLEDGE_CLOSURES names (see docs/operations.md)",
    )  # fmt: skip
