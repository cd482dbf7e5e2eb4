"""Which region of a country an address lies in: by the name people wrote, by the postal code, by the city.

    region_code("BR", "Sao Paulo")                          # "SP"
    region_code("MX", "CDMX")                               # "CMX"
    region_code("DE", "Bavaria")                            # "BY"
    region_code("FR", "", postal_code="97400")              # "974"
    region_code("AT", "", city="Wien")                      # "9"

Codes are those of ISO 3166-2 without the country; Spain's are the letters of its provinces, or of a community.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from services.common.addresses import spelling
from services.common.addresses.countries import Region, countries, rules_of
from services.common.addresses.usual_names import NAMES, POSTAL_AREAS, WIDER

_CODE = re.compile("[A-Z0-9]{1,3}")


def region_code(country: str, region: str = "", *, postal_code: str = "", city: str = "") -> str:
    """Return the code of the region, "" where nothing tells it. The name counts first, then the code, then the city."""
    return (
        code_of_name(country, region)
        or code_of_postal_code(country, postal_code)
        or (code_of_city(country, city) if city else "")
    )


def code_of_name(country: str, text: str) -> str:
    """Return the code of a region by one of its names or its code, "" for what is none of the country's."""
    if country not in countries() or not text:
        return ""
    known = _codes_by_name(country)
    for part in _parts(spelling.tidy(text)):
        short = part.upper().removeprefix(f"{country}-")
        for name in (short, *_keys(part)):
            if name in known:
                return known[name]
    return ""


def _parts(text: str) -> Iterator[str]:
    """Yield the text, then what it is made of: "Araba/Álava", "California (CA)", "CA, USA"."""
    yield text
    yield from filter(None, (part.strip() for part in re.split("[/(),]", text) if part != text))


def code_of_city(country: str, city: str) -> str:
    """Return the code of the region that a city is or lies in, as far as that is certain.

    Where the post wants no city beside the region, people write the region there: Dubai, Tokyo.
    """
    if country not in countries():
        return ""
    if "C" not in rules_of(country).required:
        return code_of_name(country, city)
    known = _usual_names(country)
    return next((known[name] for name in _keys(spelling.tidy(city)) if name in known), "")


def code_of_postal_code(country: str, postal_code: str) -> str:
    """Return the code of the region whose postal codes begin like this one, "" where that is not known."""
    if not postal_code or country not in countries():
        return ""
    found = [(match.end(), code) for code, zips in _zips(country) if (match := zips.match(postal_code))]
    longest = max(found, default=(0, ""))
    return "" if [end for end, _ in found].count(longest[0]) > 1 else longest[1]


def region_of(country: str, text: str) -> Region | None:
    """Return what the data knows of a region, by any of its names."""
    code = code_of_name(country, text)
    return next((region for region in rules_of(country).regions if region.code == code), None) if code else None


def is_wider_region(country: str, text: str) -> bool:
    """Return whether it is a real region above those that the post asks for: Lombardy, Catalonia."""
    return bool(code_of_name(country, text)) or any(name in _wider(country) for name in _keys(spelling.tidy(text)))


def _keys(text: str) -> Iterator[str]:
    yield from dict.fromkeys((spelling.key(text), spelling.spoken_key(text), spelling.words(text)))


@cache
def _codes_by_name(country: str) -> Mapping[str, str]:
    """Map codes, then whole names, then names without words for kinds of regions, to codes.

    The first to have a name keeps it.
    """
    found: dict[str, str] = {}
    regions = rules_of(country).regions
    for region in regions:
        found.setdefault(region.code.upper(), region.code)
        found.setdefault(region.key.upper(), region.code)
    for code in NAMES.get(country, ()):
        found.setdefault(code, code)
    for region in regions:
        for name in region.names:
            found.setdefault(spelling.key(name), region.code)
    for name, code in _usual_names(country).items():
        found.setdefault(name, code)
    short: dict[str, set[str]] = {}
    for region in regions:
        for name in region.names:
            short.setdefault(spelling.words(name), set()).add(region.code)
    found.update({name: codes.pop() for name, codes in short.items() if name not in found and len(codes) == 1})
    found.pop("", None)
    return {name: code for name, code in found.items() if code}


@cache
def _usual_names(country: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for code, names in NAMES.get(country, {}).items():
        for name in names.split(" | "):
            for key in _keys(name):
                found.setdefault(key, code)
    return found


@cache
def _wider(country: str) -> frozenset[str]:
    return frozenset(key for name in WIDER.get(country, "").split(" | ") for key in _keys(name) if key)


@cache
def _zips(country: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    areas = [(region.code, region.zips) for region in rules_of(country).regions if region.zips]
    areas += POSTAL_AREAS.get(country, {}).items()
    return tuple((code, re.compile(zips, re.ASCII)) for code, zips in areas)
