"""What customs and carriers take, by dated rules; and that no cent is lost on the way to what they bill."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.basics.money import ZERO, Money
from services.common.runtime.config import ConfigError
from services.logistics.adapters import duties
from services.logistics.adapters.duties import read_rules
from services.logistics.api.costs import BY_RULE, Component, CostStatus
from services.logistics.api.parts import ShipmentLine
from services.logistics.domain.costs import Billed, Entry, LandedCost
from services.logistics.domain.customs import CustomsRules, End, Rates
from services.logistics.domain.duties import DutyRule, DutyRules, Estimate, Limit
from services.logistics.domain.invoices import BilledRow, Candidate, ReadRow, sort_out
from services.logistics.settings import LogisticsSettings

pytestmark = pytest.mark.pure
AUGUST, MAY = date(2026, 8, 3), date(2026, 5, 4)
NOW, LIMIT = datetime(2026, 8, 3, tzinfo=UTC), Money(500)
C = Component


def a_shop(ioss: str = "") -> CustomsRules:
    sender = LogisticsSettings().customs.sender
    return CustomsRules(sender, "Asia/Shanghai", Rates(Decimal("1.30"), Decimal("1.05")), ioss)


def goods(*cents: int, hs: Sequence[str] = ("6912.00",)) -> list[ShipmentLine]:
    """Build lines that are worth so much."""
    return [
        ShipmentLine(n, f"SKU-{n}", "", 1, 350, hs[n % len(hs)], "CN", Money(worth)) for n, worth in enumerate(cents)
    ]


def sums(found: Estimate) -> dict[Component, int]:
    assert not found.missing
    return {each: sum(part.amount.cents for part in found.charges if part.component is each) for each in BY_RULE}


def own(tmp_path: Path, text: str) -> DutyRules:
    path = tmp_path / f"own-{len(text)}.yaml"
    path.write_text(text)
    return read_rules(str(path))


def test_the_eu_takes_three_euros_for_each_heading() -> None:
    blouses = goods(2000, 1500, 1500, hs=("610610", "610690", "610690"))
    silk_and_wool = read_rules().estimate(blouses, End("DE"), AUGUST, a_shop())

    assert sums(silk_and_wool)[C.DUTY] == 630  # 2 headings of 3 EUR, as in the Council's example
    assert sums(silk_and_wool)[C.IMPORT_VAT] == round((5000 + 630) * 0.19)
    before = read_rules().estimate(blouses, End("DE"), date(2026, 6, 30), a_shop())
    assert (sums(before)[C.DUTY], sums(before)[C.IMPORT_VAT]) == (0, 950)
    assert sums(read_rules().estimate(blouses, End("DE"), AUGUST, a_shop("IM0000000001")))[C.IMPORT_VAT] == 0


def test_no_rule_is_not_zero() -> None:
    rules, shop = read_rules(), a_shop()

    assert rules.estimate(goods(5000), End("US"), AUGUST, shop).missing == (("SKU-0", C.DUTY),)
    assert sums(rules.estimate(goods(5000), End("US"), MAY, shop))[C.DUTY] == 500
    assert rules.estimate(goods(90000), End("DE"), AUGUST, shop).missing  # above 150 EUR
    assert len(rules.estimate(goods(5000), End("ES", "35001"), AUGUST, shop).missing) == 4  # the Canaries
    assert rules.estimate(goods(5000), End("CN", "100000"), AUGUST, shop) == Estimate()  # no border


def test_the_shops_rules_count_first_and_are_checked(tmp_path: Path) -> None:
    entry = "- {countries: [US], since: 2026-08-01, source: our broker, read_on: 2026-08-01, %s}\n"
    said = entry % 'duty: {percent: "4"}' + entry % 'hs: "6912", duty: {percent: "9.8"}'
    fees = entry % 'disbursement: {percent: "2", at_least: 10.00 USD}, brokerage: {amount: 4.50 EUR}'

    found = own(tmp_path, said + fees).estimate(goods(5000, 1000, hs=("691200", "420221")), End("US"), AUGUST, a_shop())

    assert sums(found) == {C.DUTY: 530, C.IMPORT_VAT: 0, C.DISBURSEMENT: 1000, C.BROKERAGE: 473}
    assert {each.rule for each in found.charges if each.sku == "SKU-0" and each.component is C.DUTY} == {
        "US HS 6912, from 2026-08-01, own"
    }
    for number, (wrong, told) in enumerate(
        (
            ('duty: {percent: "1e3"}', "entry 1: the percent of duty"),
            ("duty: {amount: 3 GBP}", "expected an amount"),
            ('hs: "69", brokerage: {percent: "1"}', "brokerage is taken of a parcel"),
            ('toll: {percent: "1"}', "toll is not known"),
            ('until: 2026-07-01, duty: {percent: "1"}', "until is before since"),
            ('origins: [XX], duty: {percent: "1"}', "XX is no country"),
            ("duty: {}", "duty is {}"),
        )
    ):
        path = tmp_path / f"wrong-{number}.yaml"
        path.write_text(entry % wrong)
        with pytest.raises(ConfigError, match="PLEDGE_DUTIES") as refused:
            LogisticsSettings.load({"PLEDGE_DUTIES": str(path), "PLEDGE_AMQP_URI": "inproc://costs"})
        assert told in str(refused.value)
    with pytest.raises(ConfigError, match="No such file"):
        LogisticsSettings.load({"PLEDGE_DUTIES": str(tmp_path / "none"), "PLEDGE_AMQP_URI": "inproc://costs"})


def test_the_examples_of_rules_are_good_rules(tmp_path: Path) -> None:
    manual = (Path(__file__).parents[3] / "docs" / "operations.md").read_text("utf-8")
    written = manual.partition("## Duties, import taxes")[2].partition("```yaml\n")[2].partition("```")[0]
    for place, example in enumerate((written, (duties.__doc__ or "").partition("\n\n- ")[2].join(("- ", "")))):
        path = tmp_path / f"example-{place}.yaml"
        path.write_text(example, "utf-8")

        read = read_rules(str(path)).rules

        assert {each.component for each in read if each.own} >= {C.DUTY, C.DISBURSEMENT, C.BROKERAGE}


PERCENTS = st.fractions(0, 60, max_denominator=97)
AMOUNTS = st.lists(st.integers(1, 40_000), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(worths=AMOUNTS, percents=st.tuples(PERCENTS, PERCENTS, PERCENTS), fee=st.integers(0, 900), billed=AMOUNTS)
def test_no_cent_is_lost_from_the_estimate_to_the_bill(
    worths: list[int], percents: tuple[Fraction, Fraction, Fraction], fee: int, billed: list[int]
) -> None:
    day, lines = date(2026, 1, 1), goods(*worths, hs=("691200", "420221"))
    taken = dict(zip((C.DUTY, C.IMPORT_VAT, C.DISBURSEMENT), percents, strict=True))
    rules = [DutyRule(each, frozenset(), day, "", percent=percent) for each, percent in taken.items()]
    rules.append(DutyRule(C.BROKERAGE, frozenset(), day, "", amount=Limit(Fraction(fee, 100))))
    found = DutyRules(tuple(rules)).estimate(lines, End("US"), AUGUST, a_shop())

    cost, _ = LandedCost.begin("SHP", "ORD", "US", found, NOW)
    cost.accrue(lines, Money(640), NOW, LIMIT)
    bills = {each: Money(sum(billed[place::5])) for place, each in enumerate((*BY_RULE, C.OTHER))}
    cost.bill(Billed(bills, Money(640), all_parcels=True), lines, NOW, LIMIT)

    for component, percent in ((C.DUTY, percents[0]), (C.IMPORT_VAT, percents[1])):
        base = sum(worths) + (sums(found)[C.DUTY] if component is C.IMPORT_VAT else 0)
        assert sums(found)[component] == (2 * base * percent / 100 + 1) // 2  # rounded once, half up
    assert {each: (cost.sum_of(each, "accrued") or ZERO).cents for each in BY_RULE} == sums(found)
    assert {each: cost.sum_of(each, "invoiced") for each in bills} == bills
    assert (cost.sum_of(C.FREIGHT, "accrued"), cost.sum_of(C.FREIGHT)) == (Money(640), Money(640))
    assert cost.cost == Money.total(bills.values()) + Money(640)
    gap = Money.total(bills.values()) - Money(sum(sums(found).values()))
    assert cost.difference == gap
    assert (cost.status is CostStatus.RECONCILED) == (abs(gap.cents) <= LIMIT.cents)


def test_what_was_entered_goes_with_the_goods_it_was_about() -> None:
    lines, found = goods(1000, 1000), read_rules().estimate(goods(1000, 1000), End("US"), MAY, a_shop())
    cost, _ = LandedCost.begin("SHP", "ORD", "US", found, NOW)
    cost.enter({**dict.fromkeys(BY_RULE, ZERO), C.DUTY: Money(800)}, lines, LIMIT)
    assert cost.estimate("US", found, lines, NOW, LIMIT, asked=False) == []
    assert cost.cost == Money(800)

    fewer = read_rules().estimate(lines[:1], End("US"), MAY, a_shop())
    cost.estimate("US", fewer, lines[:1], NOW, LIMIT, asked=False)
    assert (cost.cost, cost.entered) == (Money(100), False)

    cost.enter({**dict.fromkeys(BY_RULE, ZERO), C.DUTY: Money(800)}, lines[:1], LIMIT)
    cost.estimate("US", fewer, lines[:1], NOW, LIMIT, asked=True)
    assert cost.cost == Money(100)
    cost.enter({**dict.fromkeys(BY_RULE, ZERO), C.DUTY: Money(800)}, lines[:1], LIMIT)
    cost.estimate("CA", fewer, lines[:1], NOW, LIMIT, asked=False)
    assert (cost.cost, cost.country) == (Money(100), "CA")


def test_a_bill_is_the_cost_also_of_lines_that_were_dropped() -> None:
    cost, _ = LandedCost.begin("SHP", "ORD", "US", Estimate(missing=((None, C.DUTY),)), NOW)
    cost.enter({**dict.fromkeys(BY_RULE, ZERO), C.DUTY: Money(800)}, goods(1000, 1000), LIMIT)
    cost.accrue(goods(1000), None, NOW, LIMIT)

    cost.bill(Billed({C.DUTY: Money(800)}), goods(1000), NOW, LIMIT)

    assert (cost.cost, cost.sum_of(C.DUTY, "invoiced"), cost.difference) == (Money(800), Money(800), ZERO)


def test_what_is_accepted_without_a_rule_is_owed() -> None:
    cost, _ = LandedCost.begin("SHP", "ORD", "CH", Estimate(missing=((None, C.DUTY),)), NOW)
    cost.accrue(goods(1000), None, NOW, LIMIT)
    cost.bill(Billed({C.DUTY: Money(450), C.OTHER: Money(30)}, all_parcels=True), goods(1000), NOW, LIMIT)
    assert cost.status is CostStatus.NO_RULE

    told = cost.accept(LIMIT)

    assert [each.type for each in told] == ["landed_cost_accrued", "landed_cost_moved"]
    assert (cost.sum_of(C.DUTY, "accrued"), cost.status) == (Money(450), CostStatus.RECONCILED)
    assert [(each.component, each.amount) for each in cost.charges] == [(C.DUTY, Money(450))]


def test_a_bill_of_another_carrier_waits_for_a_person() -> None:
    parcels = {"1Z1": [Candidate("SHP-1", "1", ("usps", "yunexpress"))], "1Z2": [Candidate("SHP-2", "2", ("fedex",))]}
    rows = [
        ReadRow(2, "I-1", number, BilledRow("I-1", carrier, number, C.DUTY, Money(100)))
        for number, carrier in (("1Z1", "usps"), ("1Z1", "yunexpress"), ("1Z2", None), ("1Z2", "ups"))
    ]

    found = [sort_out([row], parcels, (), ())[0] for row in rows]

    assert [each.outcome.value for each in found] == ["counted", "counted", "counted", "unmatched"]
    assert found[3].detail == "The parcel with this number goes by fedex."
    assert found[3].parcel == parcels["1Z2"][0]  # a person is shown which


def test_only_the_platform_pays() -> None:
    wrongs: tuple[dict[str, Any], ...] = ({"payer": "customer"}, {"customer_charged": Money(1)})
    for wrong in wrongs:
        with pytest.raises(ValueError, match="platform"):
            Entry("SHP", 1, "MUG-1", C.DUTY, "DE", NOW, "2026-08", **wrong)
