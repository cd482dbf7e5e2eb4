"""The rules of duties, taxes and carriers' fees, as files: those beside this module, and the shop's own.

A file is a list of entries. Each names countries (`EU` stands for its members, `"*"` for all), a day since when it
holds, where it was read (`source`, `read_on`), and one component or several:

- countries: [EU]
  since: 2026-07-01
  until: 2028-07-01              # the last day; left out: it holds on
  hs: "6912"                     # the beginning of the HS codes that it is about; left out: all goods
  origins: [CN]                  # left out: from anywhere
  above: 0 EUR                   # what the shipment is worth, in EUR or USD
  up_to: 150 EUR
  source: Council Regulation …
  read_on: 2026-11-30
  duty: {percent: "0", amount: 3 EUR}           # an amount is taken for each tariff heading
  import_vat: {percent: "19", on_duty: true}    # of the goods, and of the duty too
- countries: [EU]                # what carriers take is taken of a parcel: in an entry without hs and origins
  since: 2026-07-01
  source: the carrier's contract
  read_on: 2026-11-30
  disbursement: {percent: "2", at_least: 10 USD}
  brokerage: {amount: 4.50 USD}
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import yaml

from services.common.basics.untyped import Fields
from services.common.calendar.places import is_country
from services.logistics.api.costs import BY_RULE, Component
from services.logistics.domain.customs import EU
from services.logistics.domain.duties import ANY, DutyRule, DutyRules, Limit

SHIPPED = Path(__file__).with_name("duties.yaml")
COMPONENTS = {component.value: component for component in BY_RULE}
KNOWN = {"countries", "since", "until", "hs", "origins", "above", "up_to", "source", "read_on", *COMPONENTS}
TARIFF = {"percent", "amount", "at_least", "on_duty"}
_AMOUNT = re.compile(r"(\d{1,7}(?:\.\d{1,2})?) (USD|EUR)")
_PERCENT = re.compile(r"\d{1,3}(?:\.\d{1,4})?")
MOST_PERCENT = 1000


class _Tariff(NamedTuple):
    percent: Fraction
    amount: Limit
    at_least: Limit
    on_duty: bool


@lru_cache(maxsize=8)
def read_rules(own: str = "") -> DutyRules:
    """Return the shipped rules, and those of the shop's own file. Raise OSError or ValueError for one that is wrong."""
    shipped = tuple(_rules(_entries(SHIPPED), own=False))
    return DutyRules((*shipped, *(_rules(_entries(Path(own)), own=True) if own else ())))


def _entries(path: Path) -> list[Fields]:
    try:
        found = yaml.safe_load(path.read_text("utf-8"))
    except yaml.YAMLError as problem:
        raise ValueError(f"{path.name} is no YAML: {' '.join(str(problem).split())[:200]}") from None
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        raise ValueError(f"{path.name} is no list of entries")
    return found


def _rules(entries: list[Fields], *, own: bool) -> Iterator[DutyRule]:
    for place, entry in enumerate(entries, 1):
        try:
            yield from _read(entry, own=own)
        except ValueError as problem:
            raise ValueError(f"entry {place}: {problem}") from None


def _read(entry: Fields, *, own: bool) -> Iterator[DutyRule]:
    if unknown := sorted(str(name) for name in entry.keys() - KNOWN):
        raise ValueError(f"{', '.join(unknown)} is not known; expected {', '.join(sorted(KNOWN))}")
    source, _ = _text(entry, "source"), _day(entry, "read_on")
    components = [name for name in COMPONENTS if name in entry]
    if not components:
        raise ValueError(f"says nothing; expected {' or '.join(COMPONENTS)}")
    since, until = _day(entry, "since"), _day(entry, "until") if entry.get("until") is not None else None
    if until is not None and until < since:
        raise ValueError("until is before since")
    hs, origins = str(entry.get("hs") or ""), _codes(entry.get("origins") or [])
    if not re.fullmatch(r"\d{0,10}", hs):
        raise ValueError(f"hs is {hs!r}; expected the digits that an HS code begins with, in quotes")
    for name in components:
        component, tariff = COMPONENTS[name], _tariff(name, entry[name])
        if component in (Component.DISBURSEMENT, Component.BROKERAGE) and (hs or origins):
            raise ValueError(f"{name} is taken of a parcel: without hs and origins")
        yield DutyRule(
            component,
            _countries(entry),
            since,
            source,
            until,
            hs,
            origins,
            _limit(entry.get("above"), "above"),
            _limit(entry.get("up_to"), "up_to"),
            tariff.percent,
            tariff.amount,
            tariff.at_least,
            tariff.on_duty,
            own,
        )


def _tariff(name: str, given: object) -> _Tariff:
    if not isinstance(given, Mapping) or not given or given.keys() - TARIFF:
        raise ValueError(f"{name} is {given!r}; expected {{{', '.join(sorted(TARIFF))}}}")
    percent, on_duty = str(given.get("percent", "0")), given.get("on_duty", True)
    if not _PERCENT.fullmatch(percent) or Fraction(percent) > MOST_PERCENT:
        raise ValueError(f'the percent of {name} is {percent!r}; expected "19" or "2.5"')
    if not isinstance(on_duty, bool):
        raise ValueError(f"on_duty of {name} is {on_duty!r}; expected true or false")
    none = Limit(Fraction(0))
    amount = _limit(given.get("amount"), f"the amount of {name}") or none
    return _Tariff(Fraction(percent), amount, _limit(given.get("at_least"), f"at_least of {name}") or none, on_duty)


def _countries(entry: Fields) -> frozenset[str]:
    given = entry.get("countries")
    if given in (ANY, [ANY]):
        return frozenset()
    found = _codes(given)
    if not found:
        raise ValueError(f'countries is {given!r}; expected a list of countries, EU, or "*"')
    return found


def _codes(given: object) -> frozenset[str]:
    if not isinstance(given, list):
        raise ValueError(f"{given!r} is no list of countries")
    codes = {str(each) for each in given}
    if unknown := sorted(code for code in codes if code != "EU" and not is_country(code)):
        raise ValueError(f"{', '.join(unknown)} is no country; expected ISO 3166 codes, in quotes, or EU")
    return frozenset(codes - {"EU"}) | (EU if "EU" in codes else frozenset())


def _limit(given: object, name: str) -> Limit | None:
    if given is None:
        return None
    found = _AMOUNT.fullmatch(str(given))
    if not found:
        raise ValueError(f"{name} is {given!r}; expected an amount, 150 EUR or 3.00 USD")
    return Limit(Fraction(found[1]), found[2])


def _text(entry: Fields, name: str) -> str:
    given = entry.get(name)
    if not isinstance(given, str) or not given.strip():
        raise ValueError(f"{name} is missing")
    return given.strip()


def _day(entry: Fields, name: str) -> date:
    given = entry.get(name)
    if type(given) is not date:
        raise ValueError(f"{name} is {given!r}; expected a day, 2026-07-01")
    return given
