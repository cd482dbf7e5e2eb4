"""Aftersales' own settings: whose working days the team keeps, where goods go back to, how long that may take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfoNotFoundError

from services.aftersales.domain import Rules
from services.common.runtime.config import Settings, setting


@dataclass(frozen=True)
class AftersalesSettings(Settings):
    aftersales_calendar: str = setting(
        "PLEDGE_AFTERSALES_CALENDAR",
        default="CN",
        doc="the country or region whose holidays the after-sales team keeps",
    )
    aftersales_zone: str = setting(
        "PLEDGE_AFTERSALES_ZONE", default="Asia/Shanghai", doc="the time zone of the after-sales team"
    )
    return_address: str = setting(
        "PLEDGE_RETURN_ADDRESS", default="Pledge Returns; 18 Binhe Road; Shenzhen; 518000; CN",
        pattern=r"[^;]+(;[^;]+){4}", form="name; street; city; postal code; country",
        doc="where returned goods are sent",
    )  # fmt: skip
    return_send_days: int = setting(
        "PLEDGE_RETURN_SEND_DAYS", default=30, at_least=1, doc="days to send the goods, from the authorization on"
    )

    @property
    def rules(self) -> Rules:
        """What the handlers need of it; ValueError for a calendar or zone that does not exist."""
        names = ("name", "line1", "city", "postal_code", "country")
        address = dict(zip(names, (part.strip() for part in self.return_address.split(";")), strict=True))
        return Rules(self.aftersales_calendar, self.aftersales_zone, self.return_send_days, address)

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        try:
            self.rules.check()
        except (ValueError, KeyError, ZoneInfoNotFoundError) as exc:
            yield f"PLEDGE_AFTERSALES_CALENDAR or _ZONE: {exc}"
