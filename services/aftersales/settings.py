"""Aftersales' own settings: whose working days the team keeps, where goods go back to, how long that may take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfoNotFoundError

from services.aftersales.domain import Rules
from services.common.basics.money import MAX_CENTS, Money
from services.common.runtime.config import setting
from services.common.runtime.stored import StoredSettings


@dataclass(frozen=True)
class AftersalesSettings(StoredSettings):
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
    return_appeal_days: int = setting(
        "PLEDGE_RETURN_APPEAL_DAYS", default=30, at_least=1, doc="days to appeal a rejection, from when it is told"
    )
    four_eyes_above: int = setting(
        "PLEDGE_FOUR_EYES_ABOVE", default=200, at_least=0,
        doc="what one person may pay out alone on the returns of an order, or for complaints about it, in whole USD",
    )  # fmt: skip

    @property
    def rules(self) -> Rules:
        """What the handlers need of it; ValueError for a calendar or zone that does not exist."""
        names = ("name", "line1", "city", "postal_code", "country")
        address = dict(zip(names, (part.strip() for part in self.return_address.split(";")), strict=True))
        return Rules(
            calendar=self.aftersales_calendar,
            zone=self.aftersales_zone,
            send_days=self.return_send_days,
            address=address,
            appeal_days=self.return_appeal_days,
            alone=Money(min(self.four_eyes_above * 100, MAX_CENTS)),
        )

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        try:
            self.rules.check()
        except (ValueError, KeyError, ZoneInfoNotFoundError) as exc:
            yield f"PLEDGE_AFTERSALES_CALENDAR or _ZONE: {exc}"
