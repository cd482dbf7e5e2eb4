"""What customs and carriers take for a shipment, by rules that are dated data. Pure.

A rule says one component for some countries, goods and values, from a day on. The shop's own rules count before those
that are shipped; then the longer HS prefix, then the rule that names the origin or the country, then the later one.
Where no rule says a component the shipment has no estimate: that is not zero.

Amounts are exact until a component is known for the whole shipment; it is rounded once, half up, and split on the lines
to the cent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import floor

from services.common.basics.money import ZERO, Money, split
from services.logistics.api.costs import BY_RULE, Component
from services.logistics.api.parts import ShipmentLine
from services.logistics.domain.customs import CustomsRules, End, Rates, crosses_border, is_apart, is_within_ioss

FINE = 10**9
HEADING = 6
ANY = "*"


@dataclass(frozen=True)
class Limit:
    """An amount in USD or EUR."""

    amount: Fraction
    currency: str = "USD"

    def cents(self, rates: Rates) -> Fraction:
        return self.amount * 100 * (Fraction(rates.eur) if self.currency == "EUR" else 1)


@dataclass(frozen=True)
class DutyRule:
    """percent of the base, and an amount for each heading (of duty) or for the parcel; at_least bounds both together.

    countries: none for all. since, until: the first and the last day. on_duty: whether a tax is taken of the duty too.
    """

    component: Component
    countries: frozenset[str]
    since: date
    source: str
    until: date | None = None
    hs: str = ""
    origins: frozenset[str] = frozenset()
    above: Limit | None = None
    up_to: Limit | None = None
    percent: Fraction = Fraction(0)
    amount: Limit = Limit(Fraction(0))
    at_least: Limit = Limit(Fraction(0))
    on_duty: bool = True
    own: bool = False

    @property
    def name(self) -> str:
        where = " ".join(sorted(self.countries)) if len(self.countries) <= 3 else f"{len(self.countries)} countries"
        goods = f" HS {self.hs}" if self.hs else ""
        return f"{where or 'all'}{goods}, from {self.since.isoformat()}{', own' if self.own else ''}"

    @property
    def rank(self) -> tuple[bool, int, bool, bool, date]:
        return self.own, len(self.hs), bool(self.origins), bool(self.countries), self.since

    def holds(self, consigned: Consigned, line: ShipmentLine | None) -> bool:
        """Return whether it says something of this line; without one, of the shipment as a whole."""
        if self.countries and consigned.country not in self.countries:
            return False
        if not self.since <= consigned.on <= (self.until or consigned.on):
            return False
        value, rates = consigned.value, consigned.rates
        if self.above is not None and value <= self.above.cents(rates):
            return False
        if self.up_to is not None and value > self.up_to.cents(rates):
            return False
        if line is None:
            return not self.hs and not self.origins
        return code_of(line).startswith(self.hs) and (not self.origins or (line.origin_country or "") in self.origins)


@dataclass(frozen=True)
class Consigned:
    """What leaves together: its goods, where it goes on which day, and what limits are counted by."""

    lines: tuple[ShipmentLine, ...]
    country: str
    on: date
    rates: Rates

    @property
    def value(self) -> int:
        return sum(line.worth.cents for line in self.lines)


@dataclass(frozen=True)
class Charge:
    """What a line bears of a component, and which rule says so."""

    line_id: int
    sku: str
    component: Component
    amount: Money
    rule: str


@dataclass(frozen=True)
class Estimate:
    """What is owed, line by line; or what no rule says, and then nothing is owed yet."""

    charges: tuple[Charge, ...] = ()
    missing: tuple[tuple[str | None, Component], ...] = ()


@dataclass(frozen=True)
class DutyRules:
    """All rules that hold here, in any order."""

    rules: tuple[DutyRule, ...] = field(default=())

    def find(self, component: Component, consigned: Consigned, line: ShipmentLine | None = None) -> DutyRule | None:
        """Return the rule that counts."""
        found = (each for each in self.rules if each.component is component and each.holds(consigned, line))
        return max(found, key=lambda each: each.rank, default=None)

    def estimate(self, lines: Sequence[ShipmentLine], to: End, on: date, shop: CustomsRules) -> Estimate:
        """Return what customs and the carrier will take; nothing for what crosses no border."""
        goods = tuple(line for line in lines if line.quantity > 0)
        if not goods or not crosses_border(shop.sender_end, to):
            return Estimate()
        consigned = Consigned(goods, to.country, on, shop.rates)
        if is_apart(to):  # the rules of its country do not hold there
            return Estimate(missing=tuple((None, each) for each in BY_RULE))
        paid_in_shop = bool(shop.ioss_number) and is_within_ioss(Money(consigned.value), to, shop.rates)
        return _Sum(self, consigned).estimate(paid_in_shop=paid_in_shop)


@dataclass
class _Sum:
    """The estimate of one shipment, while it is worked out."""

    rules: DutyRules
    consigned: Consigned
    charges: list[Charge] = field(default_factory=list)
    missing: list[tuple[str | None, Component]] = field(default_factory=list)

    def estimate(self, *, paid_in_shop: bool) -> Estimate:
        lines = self.consigned.lines
        duties = self._by_line(Component.DUTY, [Fraction(line.worth.cents) for line in lines])
        bases = [Fraction(line.worth.cents) for line in lines]
        taxes = [ZERO for _ in lines]
        if paid_in_shop:
            self._note(Component.IMPORT_VAT, taxes, ["paid in the shop (IOSS)"] * len(lines))
        else:
            taxes = self._by_line(Component.IMPORT_VAT, bases, duties)
        advanced = Money.total(duties) + Money.total(taxes)
        self._fee(Component.DISBURSEMENT, advanced)
        self._fee(Component.BROKERAGE, advanced)
        if self.missing:
            return Estimate(missing=tuple(dict.fromkeys(self.missing)))
        return Estimate(tuple(self.charges))

    def _by_line(
        self, component: Component, bases: Sequence[Fraction], duties: Sequence[Money] | None = None
    ) -> list[Money]:
        lines = self.consigned.lines
        found = [self.rules.find(component, self.consigned, line) for line in lines]
        self.missing += [(line.sku, component) for line, rule in zip(lines, found, strict=True) if rule is None]
        if any(rule is None for rule in found):
            return [ZERO for _ in lines]
        exact = [Fraction(0) for _ in lines]
        for place, (base, rule) in enumerate(zip(bases, found, strict=True)):
            assert rule is not None
            taxed = base + (duties[place].cents if duties and rule.on_duty else 0)
            exact[place] = taxed * rule.percent / 100
        for rule, places in self._headings(found):
            worth = sum(bases[place] for place in places)
            amount = rule.amount.cents(self.consigned.rates)
            for place in places:
                exact[place] += amount * (bases[place] / worth if worth else Fraction(1, len(places)))
        amounts = to_the_cent(exact)
        self._note(component, amounts, [rule.name for rule in found if rule is not None])
        return amounts

    def _headings(self, found: Sequence[DutyRule | None]) -> Iterator[tuple[DutyRule, list[int]]]:
        """Yield each rule that takes an amount for a heading, with the lines of that heading."""
        headings: dict[tuple[DutyRule, str], list[int]] = {}
        for place, (line, rule) in enumerate(zip(self.consigned.lines, found, strict=True)):
            if rule is not None and rule.amount.amount:
                heading = code_of(line)[:HEADING] or f"of {line.sku}"
                headings.setdefault((rule, heading), []).append(place)
        for (rule, _), places in headings.items():
            yield rule, places

    def _fee(self, component: Component, advanced: Money) -> None:
        """Add what is taken once, and split it on the lines by what they are worth."""
        rule, rates = self.rules.find(component, self.consigned), self.consigned.rates
        if rule is None:
            self.missing.append((None, component))
            return
        exact = advanced.cents * rule.percent / 100 + rule.amount.cents(rates)
        (whole,) = to_the_cent([max(exact, rule.at_least.cents(rates))])
        parts = split(whole, [line.worth.cents for line in self.consigned.lines])
        self._note(component, parts, [rule.name] * len(parts))

    def _note(self, component: Component, amounts: Sequence[Money], rules: Sequence[str]) -> None:
        for line, amount, rule in zip(self.consigned.lines, amounts, rules, strict=True):
            self.charges.append(Charge(line.line_id, line.sku, component, amount, rule))


def code_of(line: ShipmentLine) -> str:
    """Return the digits of its HS code: 6912.00 is 691200."""
    return "".join(filter(str.isdigit, line.hs_code or ""))


def to_the_cent(exact: Sequence[Fraction]) -> list[Money]:
    """Round exact cents so that they add up to their exact sum, rounded half up."""
    whole = Money(floor(sum(exact, Fraction(1, 2))))
    return split(whole, [floor(each * FINE) for each in exact])
