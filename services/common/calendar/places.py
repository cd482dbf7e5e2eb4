"""Countries, their regions and zones, and when a day begins and ends there.

Countries and zones are those of the time zone database (package `tzdata`: iso3166.tab, zone.tab), names of regions
those of `services.common.addresses` and `holidays`. Nothing of the machine this runs on is asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import holidays

from services.common.addresses import regions, spelling

_CODE = re.compile("[A-Z0-9]{1,3}", re.ASCII)
MICROSECOND = timedelta(microseconds=1)
DAY_MINUTES = 24 * 60
_OUTSIDE_THE_LIST = {  # used by posts, reserved by ISO: Ascension, Tristan da Cunha, Kosovo
    "AC": "Atlantic/St_Helena",
    "TA": "Atlantic/St_Helena",
    "XK": "Europe/Belgrade",
}

# Of a country with several zones, the first line is for a region we don't know: the westernmost zone of the mainland,
# where the day ends last; or, if the others are remote, the one in which nearly all people live.
_ZONES = {
    "US": """America/Los_Angeles CA NV OR WA
        America/New_York CT DC DE FL GA MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV KY
        America/Chicago AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI
        America/Denver CO MT NM UT WY ID
        America/Indiana/Indianapolis IN
        America/Phoenix AZ
        America/Anchorage AK
        Pacific/Honolulu HI
        America/Puerto_Rico PR VI
        Pacific/Guam GU MP
        Pacific/Pago_Pago AS
        Pacific/Midway UM""",
    "CA": """America/Vancouver BC
        America/Edmonton AB
        America/Regina SK
        America/Winnipeg MB
        America/Toronto ON QC
        America/Moncton NB
        America/Halifax NS PE
        America/St_Johns NL
        America/Whitehorse YT
        America/Inuvik NT
        America/Iqaluit NU""",
    "AU": """Australia/Perth WA
        Australia/Darwin NT
        Australia/Adelaide SA
        Australia/Brisbane QLD
        Australia/Sydney NSW ACT JBT
        Australia/Melbourne VIC
        Australia/Hobart TAS""",
    "BR": """America/Rio_Branco AC
        America/Manaus AM
        America/Boa_Vista RR
        America/Porto_Velho RO
        America/Cuiaba MT
        America/Campo_Grande MS
        America/Sao_Paulo GO DF MG ES RJ SP PR SC RS
        America/Belem PA AP
        America/Araguaina TO
        America/Fortaleza MA PI CE RN PB
        America/Recife PE
        America/Maceio AL SE
        America/Bahia BA""",
    "MX": """America/Tijuana BCN
        America/Hermosillo SON
        America/Mazatlan BCS NAY SIN
        America/Chihuahua CHH
        America/Monterrey DUR COA NLE TAM
        America/Mexico_City AGU CHP CMX COL GRO GUA HID JAL MEX MIC MOR OAX PUE QUE SLP TAB TLA VER ZAC
        America/Merida CAM YUC
        America/Cancun ROO""",
    "RU": """Europe/Moscow
        Europe/Kaliningrad KGD
        Europe/Samara SAM UD
        Europe/Astrakhan AST
        Europe/Saratov SAR
        Europe/Ulyanovsk ULY
        Asia/Yekaterinburg BA CHE KGN KHM ORE PER SVE TYU YAN
        Asia/Omsk OMS
        Asia/Novosibirsk NVS
        Asia/Barnaul ALT AL
        Asia/Tomsk TOM
        Asia/Novokuznetsk KEM
        Asia/Krasnoyarsk KYA KK TY
        Asia/Irkutsk IRK BU
        Asia/Chita ZAB
        Asia/Yakutsk SA AMU
        Asia/Vladivostok PRI KHA YEV
        Asia/Magadan MAG
        Asia/Sakhalin SAK
        Asia/Kamchatka KAM
        Asia/Anadyr CHU""",
    "ID": """Asia/Jakarta
        Asia/Makassar KS KI KU BA NB NT SA ST SN SG GO SR
        Asia/Jayapura MA MU PA PB PD PE PS PT""",
    "CD": """Africa/Kinshasa
        Africa/Lubumbashi HK HU HL IT KC KE KS LO LU MA NK SA SK TA TO BU""",
    "MN": """Asia/Ulaanbaatar
        Asia/Hovd 043 071 046""",
    "CL": """America/Santiago
        America/Coyhaique AI
        America/Punta_Arenas MA""",
    "ES": """Europe/Madrid
        Atlantic/Canary CN GC TF
        Africa/Ceuta CE ML""",
    "PT": """Europe/Lisbon
        Atlantic/Madeira 30
        Atlantic/Azores 20""",
    "EC": """America/Guayaquil
        Pacific/Galapagos W""",
    "FR": """Europe/Paris
        America/Guadeloupe 971
        America/Martinique 972
        America/Cayenne 973
        Indian/Reunion 974
        Indian/Mayotte 976
        America/St_Barthelemy BL
        America/Marigot MF
        America/Miquelon PM
        Pacific/Noumea NC
        Pacific/Tahiti PF
        Pacific/Wallis WF""",
    "NZ": """Pacific/Auckland
        Pacific/Chatham CIT""",
    "PG": """Pacific/Port_Moresby
        Pacific/Bougainville NSB""",
    "FM": """Pacific/Chuuk TRK YAP
        Pacific/Pohnpei PNI
        Pacific/Kosrae KSA""",
    "KI": """Pacific/Tarawa
        Pacific/Kanton P
        Pacific/Kiritimati L""",
    "AR": "America/Argentina/Buenos_Aires",
    "CN": "Asia/Shanghai",  # Beijing time is the official one in Xinjiang too
    "DE": "Europe/Berlin",
    "GL": "America/Nuuk",
    "KZ": "Asia/Almaty",
    "PF": "Pacific/Tahiti",
    "UA": "Europe/Kyiv",
}


def is_country(code: str) -> bool:
    """Return whether `code` is an ISO 3166 country, or Kosovo's code."""
    return code in _zones_by_country()


def zone_of(
    country: str, region: str | None = None, stated: str | None = None, *, postal_code: str = "", city: str = ""
) -> str:
    """Return the zone in whose days a promise for an address is counted, as an IANA name.

    Take the zone the customer stated, by its name or an older one, if it is one of that country's; else the region's;
    else the one first in the table above, or the country's only one. Raise ValueError for a country that is not in ISO
    3166.
    """
    zones = _zones_by_country().get(country)
    if zones is None:
        raise ValueError(f"not a country: {country!r}")
    table = _regional_zones(country)
    if stated:
        theirs = (stated, _older_names().get(stated, stated))
        found = next((name for name in theirs if name in zones or name in table.values()), None)
        if found:
            return found
    return table.get(region_code(country, region, postal_code, city)) or table.get("") or zones[0]


def certain_zone(country: str, region: str | None = None, *, postal_code: str = "", city: str = "") -> str | None:
    """Return the zone of a place if it is certain: by its country, its region, or a city that names a zone.

    Unlike `zone_of` it does not decide for a country with several zones. Return None if it cannot be known.
    """
    zones, table = _zones_by_country().get(country, []), _regional_zones(country)
    code = region_code(country, region, postal_code, city)
    if code and code in table:
        return table[code]
    if len(zones) == 1 or len(set(table.values())) == 1:
        return zone_of(country)
    named = spelling.key(city)
    return next((zone for zone in zones if named and spelling.key(_city_of(zone)) == named), None)


def _city_of(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")


def is_region(country: str, region: str) -> bool:
    """Return whether the zone is known by this `region` of the country: "CO" of "US"."""
    code = region_code(country, region)
    return bool(code) and code in _regional_zones(country)


def region_code(country: str, region: str | None, postal_code: str = "", city: str = "") -> str:
    """Return the code of an address's region: "California", "ca" and "US-CA" are "CA". Return "" if it is unknown.

    Names count first, with or without accents, also in English; then the postal code, then the city.
    """
    text = spelling.tidy(region or "")
    return (
        regions.code_of_name(country, text)
        or _aliases(country).get(spelling.key(text), "")
        or regions.code_of_postal_code(country, postal_code)
        or regions.code_of_city(country, city)
    )


@lru_cache
def _aliases(country: str) -> Mapping[str, str]:
    """Map folded names of regions to codes, as far as `holidays` and the table of zones know them."""
    known = entity(country)
    names = known.subdivisions_aliases if known else {}
    found = {spelling.key(name): str(code) for name, code in names.items() if _CODE.fullmatch(str(code))}
    codes = {*(known.subdivisions if known else ()), *_regional_zones(country)}
    codes = {code for code in codes if _CODE.fullmatch(code)}
    found |= {spelling.key(form): code for code in codes for form in (code, f"{country}-{code}")}
    found.pop("", None)
    return found


@lru_cache
def entity(country: str) -> type[holidays.HolidayBase] | None:
    """Return what `holidays` knows of a country, or None."""
    try:
        return type(holidays.country_holidays(country))
    except NotImplementedError:
        return None


def local_date(at: datetime, zone: str) -> date:
    """Return the date in that zone at that moment."""
    return at.astimezone(ZoneInfo(zone)).date()


def start_of_day(day: date, zone: str) -> datetime:
    """Return the first moment of that day in that zone, in UTC."""
    return moment_of(day, 0, zone)


def end_of_day(day: date, zone: str) -> datetime:
    """Return the last microsecond of that day in that zone, in UTC: what happens then is still in time."""
    return moment_of(day, DAY_MINUTES, zone) - MICROSECOND


def moment_of(day: date, minute: int, zone: str) -> datetime:
    """Return when the clocks there show that minute of the day (0 to 1440), in UTC.

    A minute shown twice, as clocks go back, is the first one; a skipped one is the moment of the change. So later
    minutes are never earlier moments.
    """
    where = ZoneInfo(zone)
    local = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
    moment = local.replace(tzinfo=where).astimezone(UTC)
    if moment.astimezone(where).replace(tzinfo=None) == local:
        return moment
    before = local.replace(tzinfo=where, fold=1).astimezone(UTC)
    offset = before.astimezone(where).utcoffset()
    while moment - before > MICROSECOND:
        middle = before + (moment - before) / 2
        if middle.astimezone(where).utcoffset() == offset:
            before = middle
        else:
            moment = middle
    return moment


@lru_cache
def _zones_by_country() -> dict[str, list[str]]:
    zones: dict[str, list[str]] = {row[0]: [] for row in _rows("iso3166.tab")}
    for row in _rows("zone.tab"):
        zones[row[0]].append(row[2])
    zones.update({country: [zone] for country, zone in _OUTSIDE_THE_LIST.items()})
    return {country: found or ["UTC"] for country, found in zones.items()}  # uninhabited islands have no zone


@lru_cache
def _older_names() -> dict[str, str]:
    """Map each older name of a zone to its zone: America/Buenos_Aires, Asia/Calcutta, US/Pacific."""
    text = files("tzdata.zoneinfo").joinpath("tzdata.zi").read_text("utf-8")
    links = (line.split() for line in text.splitlines() if line.startswith("L "))
    return {older: zone for _, zone, older in links}


@lru_cache
def _regional_zones(country: str) -> dict[str, str]:
    """Map region codes to zones. The key "" has the zone for any other region."""
    table: dict[str, str] = {}
    for line in _ZONES.get(country, "").splitlines():
        zone, *regions = line.split()
        table.setdefault("", zone)
        table.update(dict.fromkeys(regions, zone))
    return table


def _rows(name: str) -> list[list[str]]:
    text = files("tzdata.zoneinfo").joinpath(name).read_text("utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
