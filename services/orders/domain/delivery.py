"""Addresses that can be reached: what is refused when an order is placed, and what a person asks about. Pure.

    contact, delivery = fold(contact, delivery)     # before anything is stored: the country's own form
    refusals(contact, delivery)                     # {"delivery.city": "…"}: no delivery or call is possible; 422
    objections(contact, delivery)                   # ["…"]: unusual; the order is taken, and the review asks

| what                                              | is                                              |
|---------------------------------------------------|-------------------------------------------------|
| a country that is none, or that we do not ship to | refused (`fields.CountryField`, `ship_to`)      |
| a mailbox no server could be asked to mail to     | refused (`fields.EmailField`)                   |
| no name or street                                 | refused (`parts.Address`)                       |
| no city where the post needs one                  | refused; a city-state or emirate needs none     |
| a phone number that cannot be one                 | refused                                         |
| a phone number that the numbering plan lacks      | asked about                                     |
| no region or postal code where the post needs one | asked about                                     |
| a region that is none, where the post needs one   | asked about                                     |
| a postal code of another form                     | asked about                                     |
| a postal code of another region                   | asked about                                     |
| "00000" or "n/a" as a postal code                 | as if it was left out                           |
| anything the post does not need, left out or null | accepted                                        |

What the post needs is the country's data (`services.common.addresses`). The region may stand in the field of the city,
as people write it: Dubai, Kowloon, Madrid, Москва; not where the post wants its letters (`SHORT_NAMES`).
"""

from __future__ import annotations

from dataclasses import replace

from services.common.addresses import (
    Form,
    PostalRules,
    Reach,
    Region,
    fold_phone,
    fold_postal_code,
    is_wider_region,
    region_of,
    rules_of,
)
from services.common.addresses.spelling import tidy
from services.orders.api import Address, Contact

SHORT_NAMES = frozenset({"AU", "BR", "CA", "IT", "US"})
"""Where the post wants the region's letters instead of its name."""

Parts = tuple[PostalRules, Region | None]


def fold(contact: Contact, delivery: Address) -> tuple[Contact, Address]:
    """Return both with phone, postal code and region in the form of the country, as far as they can be understood."""
    phone = fold_phone(contact.phone, delivery.country).text if contact.phone else ""
    return replace(contact, phone=phone), fold_address(delivery)


def fold_address(delivery: Address) -> Address:
    """Return the address with its postal code and region in the form of the country."""
    _, region = _parts(delivery)
    code = fold_postal_code(delivery.country, delivery.postal_code, region.form if region else "")
    return replace(delivery, postal_code=code.text, region=_region_text(delivery, region))


def refusals(contact: Contact, delivery: Address) -> dict[str, str]:
    """Return, by field, what makes the address or the phone number useless, in words for the customer."""
    found = address_refusals(delivery)
    if contact.phone and fold_phone(contact.phone, delivery.country).reach is Reach.NONE:
        found["contact.phone"] = "Not a phone number. Write it with its country's code, such as +44 20 7946 0018."
    return found


def address_refusals(delivery: Address) -> dict[str, str]:
    """Return, by field, what makes the address useless."""
    rules, region = _parts(delivery)
    if "C" in _required(rules, region) and not delivery.city:
        return {"delivery.city": f"An address in {delivery.country} needs a city or town."}
    return {}


def objections(contact: Contact, delivery: Address) -> list[str]:
    """Return what must be clarified before something is sent there, in words for the reviewer."""
    problems = address_objections(delivery)
    if contact.phone:
        reach = fold_phone(contact.phone, delivery.country).reach
        if reach is Reach.NONE:
            problems.append(f"the phone number {contact.phone} cannot be one")
        elif reach is Reach.DOUBTFUL:
            problems.append(f"the phone number {contact.phone} is in no numbering plan, or lacks its area code")
    elif not contact.email:
        problems.append("there is no way to reach the customer")
    return problems


def address_objections(delivery: Address) -> list[str]:
    """Return what must be clarified about the address alone."""
    return [doubt for _, doubt in address_doubts(delivery)]


def address_doubts(delivery: Address) -> list[tuple[str, str]]:
    """Return the same, each with the field of the address that it is about."""
    _, region = _parts(delivery)
    found = [(name, f"{name} is missing") for name in ("name", "line1") if not getattr(delivery, name)]
    found += [("city", "city is missing")] if address_refusals(delivery) else []
    found += [("region", doubt) for doubt in _region_objections(delivery)]
    return found + [("postal_code", doubt) for doubt in _postal_objections(delivery, region)]


def _region_objections(delivery: Address) -> list[str]:
    rules, region = _parts(delivery)
    if region is not None:
        return []
    if "S" not in rules.required:
        return []
    if delivery.region:
        if not rules.regions or is_wider_region(rules.country, delivery.region):
            return []
        return [f"{delivery.region} is no region (state, province) of {delivery.country}"]
    few = [latin_name(each) for each in rules.regions] if len(rules.regions) <= 8 else []
    return [f"the region ({', '.join(few) or 'state, province'}) is missing, and {delivery.country} needs one"]


def _postal_objections(delivery: Address, region: Region | None) -> list[str]:
    rules, _ = _parts(delivery)
    code = fold_postal_code(delivery.country, delivery.postal_code, region.form if region else "")
    if code.form is Form.ABSENT:
        return ["the postal code is missing"] if "Z" in _required(rules, region) else []
    if code.form is Form.ODD:
        return [f"{code.text} is no postal code of {delivery.country}"]
    placed = region is not None and code.form is Form.FITS and rules.knows_where_codes_lie
    if region is not None and placed and not region.has_postal_code(code.text):
        return [f"the postal code {code.text} is not in {delivery.region or delivery.city}"]
    return []


def _parts(delivery: Address) -> Parts:
    """Return the country's rules and the named region, from its own field or, where the rules allow it, the city's."""
    rules = rules_of(delivery.country)
    region = region_of(delivery.country, delivery.region)
    if region is None and not delivery.region and ("C" not in rules.required or delivery.country not in SHORT_NAMES):
        region = region_of(delivery.country, delivery.city)
    return rules, region


def _required(rules: PostalRules, region: Region | None) -> frozenset[str]:
    return rules.required if region is None or region.required is None else region.required


def _region_text(delivery: Address, region: Region | None) -> str:
    typed = tidy(delivery.region)
    if not typed or region is None:
        return typed
    if delivery.country in SHORT_NAMES:
        return region.key
    if not typed.isascii() and not _is_latin(typed):
        return region.key
    return latin_name(region) or typed


def latin_name(region: Region) -> str:
    """Return its name in Latin letters, "" where it has none; the whole name rather than the key."""
    return next((name for name in (*region.names[1:], region.key) if _is_latin(name)), "")


def _is_latin(text: str) -> bool:
    return all(ord(char) < 0x250 or 0x1E00 <= ord(char) < 0x1F00 for char in text)
