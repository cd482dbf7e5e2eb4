"""Whom we accept we can reach, over every country of the data: what passes, what is asked about, what is refused."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.addresses import countries, rules_of
from services.common.edge.schemas import load
from services.common.edge.texts import visible_line
from services.common.runtime.config import ConfigError
from services.orders.api import Address, Contact, PlaceOrder
from services.orders.domain.delivery import fold, objections, refusals
from services.orders.settings import OrdersSettings
from services.orders.tests.builders import CONTACT, order_form

pytestmark = pytest.mark.pure

COUNTRIES = sorted(countries())
WITH_A_FORM = [country for country in COUNTRIES if rules_of(country).form]
CALLABLE = "+44 20 7946 0018"  # from anywhere


def full_address(country: str) -> Address:
    """Build an address with everything the country's format has, by its own examples, as a customer there would write
    it.
    """
    rules = rules_of(country)
    code = rules.examples[0] if rules.examples else ""
    region = next((each for each in rules.regions if each.zips and each.has_postal_code(code)), None)
    region = region or next((each for each in rules.regions if not each.form), None)
    return Address(
        "Ada Lovelace",
        "1 Example Street",
        city="Example" if "C" in rules.parts else "",
        postal_code=code,
        country=country,
        region=region.key if region else "Example" if "S" in rules.parts and not rules.regions else "",
    )


def required_address(country: str) -> Address:
    """Build an address with only what the country's post requires."""
    full, required = full_address(country), rules_of(country).required
    return replace(
        full,
        city=full.city if "C" in required else "",
        postal_code=full.postal_code if "Z" in required else "",
        region=full.region if "S" in required else "",
    )


def contact_in(country: str) -> Contact:
    """Build a customer with an example of a phone number of that country, where there is one."""
    example = phonenumbers.example_number(country)
    number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL) if example else CALLABLE
    return replace(CONTACT, phone=number)


@pytest.mark.parametrize("country", COUNTRIES)
def test_the_full_address_of_each_country_passes(country: str) -> None:
    contact, delivery = fold(contact_in(country), full_address(country))

    assert refusals(contact, delivery) == {}
    assert objections(contact, delivery) == []
    assert contact.phone.startswith("+")


@pytest.mark.parametrize("country", COUNTRIES)
def test_what_a_country_does_not_require_is_not_asked_for(country: str) -> None:
    contact, delivery = fold(contact_in(country), required_address(country))

    assert refusals(contact, delivery) == {}
    assert objections(contact, delivery) == []


@pytest.mark.parametrize("junk", ["ABCDEFGHIJ", "1", "12345678901234567890", "<script>"])
@pytest.mark.parametrize("country", WITH_A_FORM)
def test_a_junk_postal_code_is_asked_about(country: str, junk: str) -> None:
    delivery = replace(full_address(country), postal_code=junk)

    assert refusals(CONTACT, delivery) == {}
    assert objections(CONTACT, delivery) != []


@pytest.mark.parametrize("part", ["city", "postal_code", "region"])
@pytest.mark.parametrize("country", COUNTRIES)
def test_a_missing_part_is_noticed_where_it_is_required(country: str, part: str) -> None:
    needed = {"city": "C", "postal_code": "Z", "region": "S"}[part] in rules_of(country).required
    delivery = replace(full_address(country), **{part: ""})

    noticed = bool(refusals(CONTACT, delivery) or objections(CONTACT, delivery))

    assert noticed == needed


typed = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12).map(visible_line) | st.from_regex(
    r"[A-Z]{0,3}[- ]?\d{2,6}[- ]?[A-Z0-9]{0,4}", fullmatch=True
)


@given(st.sampled_from(COUNTRIES), typed, typed, typed, typed)
def test_folding_an_address_twice_changes_nothing(country: str, code: str, region: str, city: str, phone: str) -> None:
    contact = replace(CONTACT, phone=phone)
    delivery = Address("Ada", "1 Street", city, code, country=country, region=region)

    once = fold(contact, delivery)

    assert fold(*once) == once
    assert len(objections(*once)) == len(objections(contact, delivery))


@pytest.mark.parametrize(
    ("country", "typed", "stored"),
    [
        ("GB", "sw1a  1aa", "SW1A 1AA"),
        ("GB", "BFPO 61", "BFPO 61"),
        ("GB", "gir0aa", "GIR 0AA"),
        ("SE", "SE-111 22", "111 22"),
        ("NO", "NO-0150", "0150"),
        ("DE", "D-10115", "10115"),
        ("FI", "FIN-00100", "00100"),
        ("LV", "1010", "LV-1010"),
        ("CA", "k1a-0b1", "K1A 0B1"),
        ("US", "100010147", "10001-0147"),
        ("US", "10001-", "10001"),
        ("US", "١٠٠٠١", "10001"),
        ("US", "１０００１", "10001"),
        ("JP", "〒100-0001", "100-0001"),
        ("BR", "01310100", "01310-100"),
        ("NL", "1012ab", "1012 AB"),
        ("PL", "31042", "31-042"),
        ("HK", "000000", ""),
        ("AE", "n/a", ""),
        ("HU", "ABCDEFGHIJ", "ABCDEFGHIJ"),
    ],
)
def test_postal_codes_are_stored_in_their_countrys_form(country: str, typed: str, stored: str) -> None:
    _, delivery = fold(CONTACT, replace(full_address(country), postal_code=typed))

    assert delivery.postal_code == stored


@pytest.mark.parametrize(
    ("country", "typed", "stored"),
    [
        ("US", "california", "CA"),
        ("CA", "Québec", "QC"),
        ("AU", "New South Wales", "NSW"),
        ("BR", "Sao Paulo", "SP"),
        ("IT", "Milan", "MI"),
        ("MX", "Nuevo Leon", "Nuevo León"),
        ("JP", "tokyo", "Tokyo"),
        ("JP", "東京", "東京都"),
        ("AE", "dubai", "Dubai"),
        ("DE", "Bavaria", "Bavaria"),
    ],
)
def test_regions_are_stored_in_their_countrys_form(country: str, typed: str, stored: str) -> None:
    _, delivery = fold(CONTACT, replace(full_address(country), region=typed))

    assert delivery.region == stored


@pytest.mark.parametrize(
    ("country", "region", "city", "code", "objection"),
    [
        ("US", "CA", "Los Angeles", "10001", "is not in CA"),
        ("US", "Bavaria", "Munich", "10001", "Bavaria is no region"),
        ("CA", "ON", "Vancouver", "V6B 1A1", "is not in ON"),
        ("AU", "NSW", "Perth", "6000", "is not in NSW"),
        ("US", "", "New York", "10001", "the region (state, province) is missing"),
        ("HK", "", "Central", "", "Hong Kong Island"),
        ("HU", "", "Budapest", "ABCDEFGHIJ", "is no postal code of HU"),
    ],
)
def test_what_does_not_fit_together_is_asked_about(
    country: str, region: str, city: str, code: str, objection: str
) -> None:
    delivery = Address("Ada", "1 Street", city, code, country=country, region=region)

    assert objection in "; ".join(objections(CONTACT, delivery))


@pytest.mark.parametrize(
    ("country", "region", "city", "code"),
    [
        ("AE", "Dubai", "", ""),
        ("AE", "", "Dubai", ""),
        ("JP", "", "Tokyo", "100-0001"),
        ("HK", "", "Kowloon", ""),
        ("SG", "", "", "546080"),
        ("SG", "", "Singapore", "546080"),
        ("MY", "", "Kuala Lumpur", "50000"),
        ("TH", "", "Bangkok", "10200"),
        ("CL", "Santiago", "Santiago", ""),
        ("BW", "", "Gaborone", ""),
        ("JM", "Kingston", "Kingston", ""),
        ("IT", "Lombardy", "Milano", "20121"),
        ("XK", "", "Prishtina", "10000"),
        ("DE", "Bayern", "München", "80331"),
    ],
)
def test_addresses_as_people_write_them_pass(country: str, region: str, city: str, code: str) -> None:
    delivery = Address("Ada", "1 Street", city, code, country=country, region=region)

    assert refusals(CONTACT, delivery) == {}
    assert objections(CONTACT, delivery) == []


def optional_fields(kind: type) -> list[str]:
    return [each.name for each in dataclasses.fields(kind) if each.default is not dataclasses.MISSING]


@pytest.mark.parametrize(
    ("part", "name"),
    [("contact", name) for name in optional_fields(Contact)]
    + [("delivery", name) for name in optional_fields(Address)],
)
def test_a_null_means_the_same_as_leaving_the_field_out(part: str, name: str) -> None:
    without, with_null = order_form(), order_form()
    without[part].pop(name, None)
    with_null[part][name] = None

    assert load(PlaceOrder, with_null) == load(PlaceOrder, without)


@pytest.mark.parametrize("code", ["", "DE", " DE , FR ", "DE,FR"])
def test_a_shop_ships_to_the_countries_it_names(code: str) -> None:
    served = OrdersSettings.load({"PLEDGE_SHIP_TO": code}).destinations

    assert "DE" in served
    assert ("XK" in served) == (not code.strip())
    assert not served & {"KP", "AQ"}


@pytest.mark.parametrize("text", ["XX", "DE;FR", "de", "Germany", "DE,,FR"])
def test_a_slip_in_the_countries_stops_the_start(text: str) -> None:
    with pytest.raises(ConfigError, match="PLEDGE_SHIP_TO"):
        OrdersSettings.load({"PLEDGE_SHIP_TO": text})
