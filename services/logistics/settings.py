"""What logistics is told beside the platform's own settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from services.common.basics.clock import now
from services.common.calendar import start_of_day, working_days
from services.common.runtime.config import Settings, setting
from services.common.runtime.stored import StoredSettings
from services.logistics.adapters.carriers import CARRIERS


@dataclass(frozen=True)
class LogisticsSettings(StoredSettings):
    """Where the goods leave from; what is shared with the carriers is declared by their adapters."""

    origin_calendar: str = setting(
        "PLEDGE_ORIGIN_CALENDAR", default="CN", pattern=r"[A-Z]{2}(-[A-Z0-9]{1,3})?",
        form="a country or region, CN or US-CA", doc="whose working days the dispatch promise counts",
    )  # fmt: skip
    origin_zone: str = setting(
        "PLEDGE_ORIGIN_ZONE", default="Asia/Shanghai", pattern=r"[A-Za-z_]+(/[A-Za-z_+-]+)*",
        form="an IANA time zone", doc="in whose local days it counts them",
    )  # fmt: skip
    parts: ClassVar[tuple[type[Settings], ...]] = CARRIERS

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        try:
            working_days(self.origin_calendar)
        except ValueError:
            yield f"PLEDGE_ORIGIN_CALENDAR is {self.origin_calendar!r}; expected a country or region, CN or US-CA"
        try:
            start_of_day(now().date(), self.origin_zone)
        except (ValueError, KeyError):
            yield f"PLEDGE_ORIGIN_ZONE is {self.origin_zone!r}; expected an IANA time zone"
