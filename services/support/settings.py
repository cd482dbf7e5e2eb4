"""Support's own settings: when the team works, who is on the staff; how mail leaves is declared where it does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar
from zoneinfo import ZoneInfoNotFoundError

from services.common.runtime.config import Settings, setting
from services.support.adapters.mail.sending import Outgoing
from services.support.domain.clocks import Promises, business_hours


@dataclass(frozen=True)
class SupportSettings(Settings):
    """Default hours: Monday to Friday, nine to six in Shanghai, less China's holidays, with its make-up days."""

    support_hours: str = setting(
        "PLEDGE_SUPPORT_HOURS", default="Mon-Fri 09:00-18:00",
        form='"Mon-Fri 09:00-12:00 13:00-18:00, Sat 10:00-14:00"', doc="when the support team is at work",
    )  # fmt: skip
    support_zone: str = setting("PLEDGE_SUPPORT_ZONE", default="Asia/Shanghai", doc="the time zone of those hours")
    support_calendar: str = setting(
        "PLEDGE_SUPPORT_CALENDAR", default="CN", doc="the country or region whose holidays the team keeps"
    )
    staff: str = setting(
        "PLEDGE_STAFF", default="", form='"grace@shop.example=agent+lead, …"',
        doc="who works here and as what, added with the first data; empty: one made-up person per role",
    )  # fmt: skip

    parts: ClassVar[tuple[type[Settings], ...]] = (Outgoing,)

    @cached_property
    def promises(self) -> Promises:
        hours = business_hours(self.support_hours, self.support_zone, self.support_calendar)
        return Promises(hours, self.support_calendar)

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        try:
            _ = self.promises
        except (ValueError, ZoneInfoNotFoundError) as exc:
            yield f"PLEDGE_SUPPORT_HOURS, _ZONE or _CALENDAR: {exc}"
