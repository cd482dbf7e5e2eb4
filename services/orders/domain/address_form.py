"""What a form asks for, to write an address of a country as its post wants it. Pure.

parts_of(rules_of("SG"))     # name, company, line1, line2, postal code: Singapore has no city beside it
choices_of(rules_of("US"))   # [{"code": "AL", "name": "Alabama"}, …]
"""

from __future__ import annotations

from collections.abc import Mapping

from services.common.addresses import PostalRules
from services.orders.api.destinations import AddressPartView, PartName, RegionChoice
from services.orders.domain.delivery import latin_name

_FIELDS: Mapping[str, tuple[PartName, ...]] = {
    "N": ("name",), "O": ("company",), "A": ("line1", "line2"), "C": ("city",), "S": ("region",), "Z": ("postal_code",),
}  # fmt: skip
_LABELS: Mapping[PartName, str] = {
    "name": "Full name",
    "company": "Company",
    "line1": "Street and house number",
    "line2": "Apartment, floor, building",
}
_WORDS: Mapping[str, str] = {
    "do_si": "Province or city", "post_town": "Town or city", "zip": "ZIP code", "postal": "Postal code",
    "pin": "PIN code", "eircode": "Eircode", "city": "City or town",
}  # fmt: skip
"""What the data calls a part, where it is more than the word itself."""


def parts_of(rules: PostalRules) -> list[AddressPartView]:
    """Return the parts of an address in the order of the country's post."""
    named = {"C": rules.city_word, "S": rules.region_word, "Z": rules.code_word}
    order = rules.order if "N" in rules.order else f"N{rules.order}"
    return [
        {
            "field": field,
            "label": _LABELS.get(field) or _label(named[letter]),
            "required": field in ("name", "line1") or (letter in rules.required and letter in "CSZ"),
        }
        for letter in _forwards(order)
        for field in _FIELDS.get(letter, ())
    ]


def choices_of(rules: PostalRules) -> list[RegionChoice]:
    """Return the regions that an address can name, by name; none where the post does not ask for one."""
    if "S" not in rules.parts:
        return []
    named: list[RegionChoice] = [{"code": each.key, "name": latin_name(each) or each.key} for each in rules.regions]
    return sorted(named, key=lambda choice: choice["name"])


def _forwards(order: str) -> str:
    """Return the letters from the person to the place: some countries write the place first, and people do not."""
    people = [letter for letter in "NOA" if letter in order]
    return "".join([*people, *(letter for letter in order if letter not in "NOA")])


def _label(word: str) -> str:
    return _WORDS.get(word) or word.replace("_", " ").capitalize()
