"""What customs is told adds up, and goes on the form that it wants."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from services.common.basics.money import Money
from services.logistics.adapters.scan_codes import read_unit
from services.logistics.api.papers import CustomsForm, Fact
from services.logistics.api.parts import ShipmentLine
from services.logistics.api.wares import WrongUnit
from services.logistics.domain.customs import (
    End,
    Rates,
    crosses_border,
    declare,
    forms_of,
    is_postal,
    may_name_ioss,
    missing_facts,
    net_weight,
    with_facts,
)
from services.logistics.domain.wares import Unit, Ware, line_of, to_pick
from services.logistics.tables import read_line, write_line

pytestmark = pytest.mark.pure
RATES = Rates(sdr=Decimal("1.30"), eur=Decimal("1.05"))
CN, DE = End("CN", "518000"), End("DE", "10115")
LINES = some.lists(
    some.builds(
        ShipmentLine,
        line_id=some.integers(1, 9),
        sku=some.sampled_from(["MUG", "TEA", "POT"]),
        title=some.just("A thing"),
        quantity=some.integers(1, 99),
        weight_g=some.integers(1, 50_000),
        hs_code=some.sampled_from(["691200", "090210"]),
        origin_country=some.sampled_from(["CN", "JP"]),
        unit_price=some.integers(1, 10**7).map(Money),
        value=some.none() | some.integers(1, 10**9).map(Money),
    ),
    min_size=1,
    max_size=8,
)


def a_line(cents: int = 1250, weight_g: int = 350, **more: object) -> ShipmentLine:
    facts = {"sku": "MUG", "title": "A mug", "quantity": 1, "hs_code": "691200", "origin_country": "CN", **more}
    return ShipmentLine(line_id=1, weight_g=weight_g, unit_price=Money(cents), **facts)  # type: ignore[arg-type]


@settings(max_examples=50)
@given(LINES, some.integers(0, 5000))
def test_what_is_declared_adds_up_to_the_cent(lines: list[ShipmentLine], packing: int) -> None:
    declared = declare(lines, net_weight(lines) + packing)

    assert declared.value == Money.total(line.worth for line in lines)
    assert declared.net_weight_g == net_weight(lines) <= declared.gross_weight_g
    assert sum(item.quantity for item in declared.items) == sum(line.quantity for line in lines)
    assert len({(item.sku, item.hs_code, item.origin_country) for item in declared.items}) == len(declared.items)


@settings(max_examples=50)
@given(LINES)
def test_a_line_is_kept_as_the_release_before_reads_it(lines: list[ShipmentLine]) -> None:
    for line in (*lines, replace(lines[0], unit_price=Money(0))):
        item = write_line(line)
        by_the_release_before = ShipmentLine(**{**item, "unit_price": Money.parse(item["unit_price"]["amount"])})

        assert "value" not in item
        assert by_the_release_before == replace(line, value=None)
        assert read_line(json.loads(json.dumps(item))) == line
        del item["unit_price"]
        assert read_line(item) == replace(line, unit_price=Money(0), value=None)


@settings(max_examples=50)
@given(LINES, some.integers(0, 5000), some.booleans())
def test_there_is_one_form_of_the_post_or_none(lines: list[ShipmentLine], packing: int, postal: bool) -> None:
    declared = declare(lines, net_weight(lines) + packing)

    forms = forms_of(declared, postal=postal, rates=RATES)

    assert len({CustomsForm.CN22, CustomsForm.CN23} & {*forms}) == postal
    if CustomsForm.CN22 in forms:
        assert declared.value <= Money(39000)
        assert declared.gross_weight_g <= 2000


@settings(max_examples=50)
@given(LINES, some.integers(-1, 1), some.sampled_from(["usps", "fedex", None]))
def test_a_box_lighter_than_its_goods_is_not_declared(
    lines: list[ShipmentLine], packing: int, carrier: str | None
) -> None:
    gross = max(net_weight(lines) + packing, 1)

    missing = missing_facts(lines, gross, carrier)

    assert ((None, Fact.TOO_LIGHT) in missing) == (gross < net_weight(lines))
    assert ((None, Fact.CARRIER) in missing) == (carrier is None)


@pytest.mark.parametrize(
    ("cents", "weight_g", "carrier", "forms"),
    [
        (39000, 2000, "USPS", (CustomsForm.CN22,)),
        (39001, 500, "USPS", (CustomsForm.CN23, CustomsForm.COMMERCIAL_INVOICE)),
        (100, 2001, "China EMS", (CustomsForm.CN23, CustomsForm.COMMERCIAL_INVOICE)),
        (100, 500, "FedEx", (CustomsForm.COMMERCIAL_INVOICE,)),
        (100, 500, "DHL Express", (CustomsForm.COMMERCIAL_INVOICE,)),
    ],
)
def test_value_weight_and_carrier_choose_the_form(
    cents: int, weight_g: int, carrier: str, forms: tuple[CustomsForm, ...]
) -> None:
    declared = declare([a_line(cents, weight_g=weight_g)], weight_g)

    assert forms_of(declared, postal=bool(is_postal(carrier)), rates=RATES) == forms


@pytest.mark.parametrize(
    ("sent", "to", "crosses"),
    [
        (CN, DE, True), (CN, CN, False), (DE, End("FR", "75001"), False), (DE, End("MC", "98000"), False),
        (DE, End("FR", "98000"), False), (DE, End("FR", "97410"), True), (DE, End("ES", "35001"), True),
        (End("ES", "28001"), End("ES", "38001"), True), (End("ES", "38001"), End("ES", "38002"), False),
        (DE, End("FI", "22100"), True), (DE, End("GB", "SW1A 1AA"), True), (End("CH"), End("LI"), False),
        (DE, End("TR"), True), (End("US"), End("PR"), False),
    ],
)  # fmt: skip
def test_no_form_is_wanted_within_a_customs_union(sent: End, to: End, crosses: bool) -> None:
    assert crosses_border(sent, to) is crosses
    assert crosses_border(to, sent) is crosses


def test_the_ioss_number_is_for_small_values_to_the_eu() -> None:
    small, large = declare([a_line(15750)], 400), declare([a_line(15751)], 400)

    assert may_name_ioss(small, DE, RATES)
    assert not may_name_ioss(large, DE, RATES)
    assert not may_name_ioss(small, End("ES", "35001"), RATES)
    assert not may_name_ioss(small, End("GB"), RATES)


def test_a_missing_fact_is_named_with_its_product() -> None:
    lines = [a_line(), a_line(0, 0, sku="TEA", hs_code=None, origin_country=None)]

    assert missing_facts(lines, None, "easypost") == (
        ("TEA", Fact.HS_CODE), ("TEA", Fact.ORIGIN_COUNTRY), ("TEA", Fact.WEIGHT), ("TEA", Fact.VALUE),
        (None, Fact.GROSS_WEIGHT), (None, Fact.CARRIER),
    )  # fmt: skip


def test_what_the_catalogue_corrected_counts() -> None:
    ware = Ware("mug", "MUG")
    ware.learn(3, 420, "691110", "PT")
    ware.learn(2, 1, None, None)  # told earlier, and late

    (line,) = with_facts([a_line(hs_code=None), a_line(quantity=0)], {"MUG": ware})

    assert (line.weight_g, line.hs_code, line.origin_country) == (420, "691110", "PT")


def test_shelves_are_walked_in_their_order_and_no_shelf_is_last() -> None:
    wares = {sku: Ware(sku, sku, shelf) for sku, shelf in (("MUG", "A-10"), ("TEA", "A-2"), ("POT", None))}
    first = ("SHP-1", [a_line(quantity=2), a_line(sku="POT"), a_line(sku="TEA")])

    rows = to_pick([first, ("SHP-2", [a_line(quantity=3), a_line(quantity=0, sku="TEA")])], wares)

    assert [(row.shelf, row.sku, row.pieces) for row in rows] == [
        ("A-2", "TEA", 1),
        ("A-10", "MUG", 5),
        (None, "POT", 1),
    ]
    assert rows[1].boxes == {"SHP-1": 2, "SHP-2": 3}


@pytest.mark.parametrize(
    ("code", "unit"),
    [
        ("4006381333931", Unit("04006381333931")),
        ("]C10104006381333931~3703", Unit("04006381333931", 3)),
        ("(01)04006381333931(10)AB(21)7", Unit("04006381333931", batch="AB", serial="7")),
        ("010400638133393110AB\x1d21S-1", Unit("04006381333931", batch="AB", serial="S-1")),
        ("0104006381333931370", None),
        ("]C101040063813339313799999", None), ("MUG-1", None), ("(01)04006381333932", None), ("()", None), ("~", None),
        ("4006381333932", None),
    ],
)  # fmt: skip
def test_a_scanned_code_tells_which_product_it_is(code: str, unit: Unit | None) -> None:
    assert read_unit(code) == unit


def test_a_piece_is_found_by_a_sku_that_is_a_gtin_itself() -> None:
    lines = [a_line(), a_line(sku="4006381333931"), a_line(quantity=0, sku="9506000134352")]
    owner = Ware("mug", "MUG", gtin="09506000134352")

    assert line_of("4006381333931", read_unit("4006381333931"), lines, None) is lines[1]
    assert line_of("9506000134352", read_unit("9506000134352"), lines, owner) is lines[0]
    with pytest.raises(WrongUnit) as refused:
        line_of("9506000134352", read_unit("9506000134352"), lines, None)
    assert refused.value.details == {"sku": None, "gtin": "09506000134352"}
