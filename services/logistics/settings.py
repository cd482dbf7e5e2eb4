"""What logistics is told beside the platform's own settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.common.basics.clock import now
from services.common.calendar import start_of_day, working_days
from services.common.runtime.config import Settings, setting

DEVELOPMENT_EASYPOST_SECRET = "an-easypost-secret-for-development"  # noqa: S105 (refused outside development)


@dataclass(frozen=True)
class LogisticsSettings(Settings):
    """Where the goods leave from, and what is shared with the carriers."""

    origin_calendar: str = setting(
        "PLEDGE_ORIGIN_CALENDAR", default="CN", pattern=r"[A-Z]{2}(-[A-Z0-9]{1,3})?",
        form="a country or region, CN or US-CA", doc="whose working days the dispatch promise counts",
    )  # fmt: skip
    origin_zone: str = setting(
        "PLEDGE_ORIGIN_ZONE", default="Asia/Shanghai", pattern=r"[A-Za-z_]+(/[A-Za-z_+-]+)*",
        form="an IANA time zone", doc="in whose local days it counts them",
    )  # fmt: skip
    easypost_webhook_secret: str = setting(
        "PLEDGE_EASYPOST_WEBHOOK_SECRET", default="", known=DEVELOPMENT_EASYPOST_SECRET, secret=True,
        doc="signs EasyPost's webhooks; empty: they are all refused, but in development a known secret is taken",
    )  # fmt: skip
    easypost_api_key: str = setting(
        "PLEDGE_EASYPOST_API_KEY", default="", secret=True,
        doc="to ask EasyPost about parcels nothing is heard of; while it is empty nobody asks",
    )  # fmt: skip
    easypost_url: str = setting(
        "PLEDGE_EASYPOST_URL", default="https://api.easypost.com", pattern=r"https?://\S+[^/\s]",
        form="http(s)://host without a slash at the end", doc="where EasyPost's API is",
    )  # fmt: skip
    simulator_webhook_secret: str = setting(
        "PLEDGE_SIMULATOR_WEBHOOK_SECRET", default="", secret=True,
        doc="signs the simulated carrier's webhooks; while it is empty they are all refused",
    )  # fmt: skip

    @property
    def easypost_secret(self) -> str:
        """What EasyPost signs with; the known one only where everything else is for development too."""
        return self.easypost_webhook_secret or (DEVELOPMENT_EASYPOST_SECRET if self.development else "")

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
