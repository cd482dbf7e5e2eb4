"""What orders is told besides what every process is told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from services.common.addresses import countries
from services.common.basics.money import MAX_CENTS, Money
from services.common.calendar import BusinessHours
from services.common.runtime.config import Settings, setting
from services.common.runtime.stored import StoredSettings
from services.orders.adapters.payments import PROVIDERS, PaymentProvider
from services.orders.adapters.taxes import RATES, TaxTable
from services.orders.api import UnknownProvider
from services.orders.domain.tax import Taxes

_TAX_NUMBER = r"[A-Z]{2}\s+[A-Z0-9]{4,20}"
UNREACHABLE = frozenset({"AQ", "KP"})
"""Antarctica has no post, and none of the carriers takes parcels to North Korea."""


@dataclass(frozen=True)
class OrdersSettings(StoredSettings):
    """The variables of the orders service; its payment providers declare their own."""

    payment_provider: str = setting(
        "PLEDGE_PAYMENT_PROVIDER",
        default="sandbox",
        one_of=tuple(each.name for each in PROVIDERS),
        doc="who takes the money",
    )
    hold_minutes: int = setting(
        "PLEDGE_HOLD_MINUTES", default=30, at_least=1, doc="time to pay before an order gives its stock free"
    )
    hold_pieces: int = setting(
        "PLEDGE_HOLD_PIECES", default=20, at_least=1, doc="pieces of a product that a guest can hold without paying"
    )
    answer_within_days: int = setting(
        "PLEDGE_ANSWER_WITHIN_DAYS", default=14, at_least=1, doc="time to answer a change request before it lapses"
    )
    return_policy: str = setting(
        "PLEDGE_RETURN_POLICY",
        default="2026-1",
        pattern=r".{1,20}",
        doc="version of the return policy put on new orders",
    )
    ship_to: str = setting(
        "PLEDGE_SHIP_TO", default="", pattern=r"\s*([A-Z]{2}(\s*,\s*[A-Z]{2})*)?\s*", form="country codes: DE, FR, GB",
        doc="countries we ship to; empty: all but those nobody can ship to (Antarctica, North Korea)",
    )  # fmt: skip
    team_calendar: str = setting(
        "PLEDGE_SUPPORT_CALENDAR", default="CN", doc="whose working days the team keeps: US, CN, US-CA …"
    )
    team_zone: str = setting("PLEDGE_SUPPORT_ZONE", default="Asia/Shanghai", doc="the team's time zone")
    four_eyes_above: int = setting(
        "PLEDGE_FOUR_EYES_ABOVE", default=200, at_least=0,
        doc="what one person may pay out alone on the returns of an order, or for complaints about it, in whole USD",
    )  # fmt: skip
    books_grace_hours: int = setting(
        "PLEDGE_BOOKS_GRACE_HOURS", default=24, at_least=0,
        doc="how old a difference between a payment provider's books and ours has to be before a person is asked",
    )  # fmt: skip
    tax_numbers: str = setting(
        "PLEDGE_TAX_NUMBERS", default="", pattern=rf"\s*({_TAX_NUMBER}(\s*,\s*{_TAX_NUMBER})*)?\s*",
        form="countries with the shop's number there: DE DE123456789, GB GB123456789",
        doc="where the shop pays the tax that its prices include: it is shown on lines and receipts; empty: nowhere",
    )  # fmt: skip
    parts: ClassVar[tuple[type[Settings], ...]] = PROVIDERS

    @property
    def alone(self) -> Money:
        """What one person may pay back for complaints about an order."""
        return Money(min(self.four_eyes_above * 100, MAX_CENTS))

    @property
    def destinations(self) -> frozenset[str]:
        """The countries that we ship to."""
        return frozenset(re.findall("[A-Z]{2}", self.ship_to)) or countries() - UNREACHABLE

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        if not self.provider(self.payment_provider).is_set_up:
            yield f"PLEDGE_PAYMENT_PROVIDER is {self.payment_provider}, which is not set up"
        unknown = sorted(frozenset(re.findall("[A-Z]{2}", self.ship_to)) - countries())
        if unknown:
            yield f"PLEDGE_SHIP_TO names {', '.join(unknown)}; expected country codes of ISO 3166-1, DE, FR, GB"

        without = sorted(self._tax_numbers.keys() - RATES.keys())
        if without:
            yield f"PLEDGE_TAX_NUMBERS names {', '.join(without)}; there are rates for {', '.join(RATES)}"

    @property
    def _tax_numbers(self) -> Mapping[str, str]:
        return dict(each.split() for each in self.tax_numbers.split(",") if each.strip())

    @property
    def taxes(self) -> Taxes:
        """Who knows the taxes that prices include."""
        return TaxTable(self._tax_numbers)

    @property
    def hold(self) -> timedelta:
        return timedelta(minutes=self.hold_minutes)

    @property
    def answer_within(self) -> timedelta:
        return timedelta(days=self.answer_within_days)

    @property
    def books_grace(self) -> timedelta:
        return timedelta(hours=self.books_grace_hours)

    @property
    def office(self) -> BusinessHours:
        """When staff work who can tell a customer that something is missing."""
        return BusinessHours.office(self.team_zone, self.team_calendar)

    @property
    def providers(self) -> Mapping[str, PaymentProvider]:
        """Every provider whose webhooks we take, by name."""
        return {kind.name: self.part(kind) for kind in PROVIDERS}

    def provider(self, name: str) -> PaymentProvider:
        """Return the payment provider of that name. Raise UnknownProvider if there is none."""
        found = self.providers.get(name)
        if found is None:
            raise UnknownProvider
        return found
