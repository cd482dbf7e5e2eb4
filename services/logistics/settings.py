"""What logistics is told beside the platform's own settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from services.common.basics.clock import now
from services.common.calendar import start_of_day, working_days
from services.common.runtime.config import Settings, setting
from services.common.runtime.stored import StoredSettings
from services.logistics.adapters.carriers import CARRIERS
from services.logistics.adapters.duties import read_rules
from services.logistics.api.papers import SenderView
from services.logistics.domain.customs import CustomsRules, Rates
from services.logistics.domain.duties import DutyRules

_RATE = r"[1-9]\d{0,2}(\.\d{1,6})?|0\.\d{0,5}[1-9]"


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
    sender: str = setting(
        "PLEDGE_SENDER", default="Pledge; 18 Binhe Road; Shenzhen; 518000; CN",
        pattern=r"[^;]+(;[^;]+){3};\s*[A-Z]{2}\s*",
        form="name; street; city; postal code; country", doc="who sends the parcels, as labels and customs forms say",
    )  # fmt: skip
    ioss_number: str = setting(
        "PLEDGE_IOSS_NUMBER", default="", pattern=r"(IM\d{10})?", form="IM and 10 digits",
        doc="the shop's number in the EU's Import One-Stop Shop, for parcels up to 150 EUR; empty: none",
    )  # fmt: skip
    sdr_usd: str = setting(
        "PLEDGE_SDR_USD", default="1.30", pattern=_RATE, form="an amount of USD, 1.30",
        doc="what a special drawing right is worth; above 300 of them the post wants a CN23 (a low figure is safe)",
    )  # fmt: skip
    eur_usd: str = setting(
        "PLEDGE_EUR_USD", default="1.05", pattern=_RATE, form="an amount of USD, 1.05",
        doc="what a euro is worth to customs; up to 150 of them the IOSS number is named",
    )  # fmt: skip
    duties: str = setting(
        "PLEDGE_DUTIES", default="", form="the path of a YAML file",
        doc="the shop's own rules of duties, taxes and carriers' fees, see docs/operations.md; they count first",
    )  # fmt: skip
    cost_limit: str = setting(
        "PLEDGE_COST_LIMIT", default="5.00", pattern=r"\d{1,6}\.\d{2}", form="an amount of USD, 5.00",
        doc="what a carrier may bill a shipment more or less than is owed by the rules, before a person decides",
    )  # fmt: skip
    parts: ClassVar[tuple[type[Settings], ...]] = CARRIERS

    @property
    def customs(self) -> CustomsRules:
        """What the papers say of the shop, and the rates that limits of customs are counted by."""
        name, line1, city, postal_code, country = (part.strip() for part in self.sender.split(";"))
        sender: SenderView = {
            "name": name, "line1": line1, "city": city, "postal_code": postal_code, "country": country,
        }  # fmt: skip
        return CustomsRules(
            sender, self.origin_zone, Rates(Decimal(self.sdr_usd), Decimal(self.eur_usd)), self.ioss_number
        )

    @property
    def duty_rules(self) -> DutyRules:
        """What is owed for what crosses a border."""
        return read_rules(self.duties)

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        try:
            read_rules(self.duties)
        except (OSError, ValueError) as problem:
            yield f"PLEDGE_DUTIES {problem}"
        try:
            working_days(self.origin_calendar)
        except ValueError:
            yield f"PLEDGE_ORIGIN_CALENDAR is {self.origin_calendar!r}; expected a country or region, CN or US-CA"
        try:
            start_of_day(now().date(), self.origin_zone)
        except (ValueError, KeyError):
            yield f"PLEDGE_ORIGIN_ZONE is {self.origin_zone!r}; expected an IANA time zone"
