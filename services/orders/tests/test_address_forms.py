"""Forms for addresses: what they ask for is what an order needs, in every country."""

from __future__ import annotations

import re

import pytest

from services.common.addresses import countries, region_of, rules_of
from services.orders.api import Address
from services.orders.domain.address_form import choices_of, parts_of
from services.orders.domain.delivery import address_refusals
from services.orders.settings import UNREACHABLE

pytestmark = pytest.mark.pure


@pytest.mark.parametrize("country", sorted(countries() - UNREACHABLE))
def test_a_filled_form_makes_an_address_that_is_taken(country: str) -> None:
    rules = rules_of(country)
    parts, choices = parts_of(rules), choices_of(rules)
    required = {part["field"] for part in parts if part["required"]}
    example = {"region": choices[0]["code"] if choices else "", "postal_code": (*rules.examples, "")[0]}

    filled = Address(**{field: example.get(field, "Somewhere") for field in required}, country=country)

    assert parts[0]["field"] == "name"
    assert len({part["field"] for part in parts}) == len(parts)
    assert {"name", "line1"} <= required
    assert all(part["label"] for part in parts)
    assert address_refusals(filled) == {}


@pytest.mark.parametrize("country", sorted(countries() - UNREACHABLE))
def test_each_choice_and_example_is_understood(country: str) -> None:
    rules = rules_of(country)

    assert [choice for choice in choices_of(rules) if region_of(country, choice["code"]) is None] == []
    assert len({choice["name"] for choice in choices_of(rules)}) == len(choices_of(rules))
    if rules.form:
        assert [code for code in rules.examples if not re.fullmatch(rules.form, code, re.IGNORECASE)] == []


FIRST = ["Full name", "Company", "Street and house number", "Apartment, floor, building"]


@pytest.mark.parametrize(
    ("country", "labels"),
    [
        ("DE", ["Postal code", "City or town"]),
        ("US", ["City or town", "State", "ZIP code"]),
        ("SG", ["Postal code"]),
        ("IE", ["City or town", "County", "Eircode"]),
        ("GB", ["Town or city", "Postal code"]),
        ("JP", ["Postal code", "Prefecture"]),
    ],
)
def test_a_country_has_its_own_parts_in_its_own_words(country: str, labels: list[str]) -> None:
    assert [part["label"] for part in parts_of(rules_of(country))] == FIRST + labels
