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


AS_PEOPLE_WRITE_THEM = [
    ("US", "APO", "AE", "09102"), ("US", "FPO", "AP", "96691"), ("US", "DPO", "AA", "34041"),
    ("US", "Washington", "D.C.", "20013-0123"), ("US", "Washington", "District of Columbia", "20013"),
    ("PR", "San Juan", "", "00901"), ("PR", "San Juan", "PR", "00901"), ("PR", "San Juan", "San Juan", "00901"),
    ("GU", "Hagåtña", "", "96910"), ("VI", "Charlotte Amalie", "", "00802"),
    ("GB", "Belfast", "Northern Ireland", "BT1 5GS"), ("GB", "Belfast", "Co. Antrim", "bt15gs"),
    ("GB", "London", "", "SW1A2AA"), ("GB", "London", "Greater London", "SW1A 2AA"),
    ("GB", "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch", "Ynys Môn", "LL61 5UJ"),
    ("GI", "Gibraltar", "", "GX11 1AA"), ("GI", "", "", "GX11 1AA"), ("JE", "St Helier", "", "JE2 4WA"),
    ("GG", "St Peter Port", "", "GY1 1AA"), ("IM", "Douglas", "", "IM1 1AA"),
    ("IE", "Dublin", "Co. Dublin", "D01 F5P2"), ("IE", "Dublin 1", "", "D01F5P2"),
    ("IE", "Ballina", "County Mayo", ""), ("IE", "Ballina", "Mayo", "f26 x2n9"), ("XK", "Prishtinë", "", "10000"),
    ("XK", "Prishtinë", "Kosova", ""), ("XK", "Mitrovica", "", "XK-40000"),
    ("ES", "Las Palmas de Gran Canaria", "Las Palmas", "35002"), ("ES", "Las Palmas", "Canarias", "35002"),
    ("ES", "Santa Cruz", "Sta. Cruz de Tenerife", "38001"), ("ES", "Madrid", "", "28013"),
    ("ES", "Madrid", "Comunidad de Madrid", "28013"), ("FR", "Saint-Denis", "", "97400"),
    ("RE", "Saint-Denis", "", "97400"), ("FR", "Paris", "Île-de-France", "75001"),
    ("FR", "Paris CEDEX 07", "", "75343"), ("FR", "Nouméa", "", "98800"), ("MC", "Monaco", "", "98000"),
    ("MC", "", "", "MC-98000"), ("HK", "Kowloon", "", ""), ("HK", "尖沙咀", "九龍", ""),
    ("HK", "Sha Tin", "New Territories", "999077"), ("HK", "Central", "Hong Kong", ""), ("HK", "Wan Chai", "HK", ""),
    ("MO", "Macau", "", ""), ("MO", "", "", "999078"), ("TW", "信義區", "臺北市", "11049"),
    ("TW", "信義區", "台北市", "110"),
    ("TW", "Taipei", "", "110"), ("TW", "Xinyi", "Taipei City", "11049"), ("CN", "深圳市", "广东省", "518000"),
    ("CN", "深圳", "广东", "518000"), ("CN", "Shenzhen", "Guangdong", "518000"), ("CN", "Beijing", "Beijing", "100000"),
    ("CN", "Beijing", "", "100000"), ("JP", "千代田区", "東京都", "100-0001"),
    ("JP", "Chiyoda-ku", "Tokyo-to", "1000001"),
    ("JP", "Osaka-shi", "Ōsaka-fu", "530-0001"), ("JP", "大阪市", "大阪", "530-0001"),
    ("JP", "Sapporo", "Hokkaidō", "060-0001"), ("KR", "Jung-gu", "Seoul", "04524"), ("KR", "Seoul", "", "04524"),
    ("KR", "제주시", "제주특별자치도", "63122"), ("KR", "전주시", "전북특별자치도", "54999"),
    ("KR", "춘천시", "강원특별자치도", "24266"),
    ("SG", "Singapore", "", "048616"), ("SG", "", "", "S048616"), ("MY", "Kuala Lumpur", "WP Kuala Lumpur", "50050"),
    ("MY", "George Town", "Penang", "10200"), ("MY", "George Town", "Pulau Pinang", "10200"),
    ("MY", "Johor Bahru", "Johor", "80000"), ("TH", "วัฒนา", "กรุงเทพมหานคร", "10110"),
    ("TH", "Watthana", "Bangkok", "10110"), ("TH", "Bangkok", "Krung Thep Maha Nakhon", "10110"),
    ("TH", "Chiang Mai", "Chiangmai", "50000"), ("VN", "Quận 1", "TP. Hồ Chí Minh", "700000"),
    ("VN", "Ho Chi Minh City", "", ""), ("VN", "Quan 1", "Ho Chi Minh", ""), ("VN", "Hoan Kiem", "Hà Nội", ""),
    ("PH", "Manila", "Metro Manila", "1000"), ("PH", "Makati", "NCR", "1200"), ("PH", "Cebu City", "Cebu", "6000"),
    ("ID", "Jakarta Pusat", "DKI Jakarta", "10310"), ("ID", "Jakarta", "Jakarta", "10310"),
    ("ID", "Denpasar", "Bali", "80361"), ("ID", "Jayapura", "Papua", "99111"),
    ("ID", "Yogyakarta", "DI Yogyakarta", "55000"), ("IN", "Bengaluru", "Karnataka", "560 001"),
    ("IN", "Bangalore", "KA", "560001"), ("IN", "Pune", "MH", "411001"), ("IN", "Chennai", "Tamilnadu", "600001"),
    ("IN", "Hyderabad", "Telangana", "500001"), ("AE", "Dubai", "Dubai", "00000"), ("AE", "", "Abu Dhabi", ""),
    ("AE", "Al Ain", "Abu Dhabi", ""), ("AE", "دبي", "دبي", ""), ("AE", "RAK", "Ras al-Khaimah", ""),
    ("SA", "Riyadh", "", "12271"), ("SA", "الرياض", "", "12271-1234"), ("SA", "جدة", "", "٢٣٤١٢"),
    ("QA", "Doha", "", ""), ("IL", "תל אביב", "", "6688101"), ("IL", "Tel Aviv", "", "66881"),
    ("PS", "Ramallah", "", ""), ("PS", "Ramallah", "", "P6058101"), ("EG", "القاهرة", "القاهرة", "11511"),
    ("EG", "Cairo", "Cairo", "11511"), ("EG", "Giza", "Al Jizah", ""), ("TR", "Beyoğlu", "İstanbul", "34430"),
    ("TR", "Beyoglu", "ISTANBUL", "34430"), ("TR", "Iğdır", "Iğdır", "76000"), ("TR", "IGDIR", "IGDIR", "76000"),
    ("TR", "Diyarbakır", "DİYARBAKIR", "21000"), ("GR", "Αθήνα", "", "105 63"), ("GR", "Athens", "Attica", "10563"),
    ("RU", "Москва", "", "101000"), ("RU", "Москва", "Москва", "101000"),
    ("RU", "Екатеринбург", "Свердловская обл.", "620000"), ("RU", "Владивосток", "Приморский край", "690000"),
    ("RU", "Казань", "Республика Татарстан", "420000"), ("UA", "Київ", "", "01001"),
    ("UA", "Львів", "Львівська область", "79000"), ("UA", "Lviv", "Lviv Oblast", "79000"),
    ("UA", "Kyiv", "Kyiv City", "01001"), ("KZ", "Алматы", "", "050000"), ("KZ", "Almaty", "", "A15X1H2"),
    ("BR", "São Paulo", "São Paulo", "01310-100"), ("BR", "Rio de Janeiro", "RJ", "20040-002"),
    ("BR", "Brasilia", "Distrito Federal", "70040-010"), ("BR", "Manaus", "Amazonas", "69005-010"),
    ("AR", "CABA", "Ciudad Autónoma de Buenos Aires", "C1043AAX"), ("AR", "Buenos Aires", "", "1043"),
    ("AR", "La Plata", "Buenos Aires", "B1900"), ("AR", "Córdoba", "Cordoba", "5000"),
    ("CL", "Santiago", "Región Metropolitana", "8320000"), ("CL", "Punta Arenas", "Magallanes", ""),
    ("CL", "Concepción", "Biobío", ""), ("CO", "Bogotá", "Bogotá D.C.", "110111"),
    ("CO", "Medellín", "Antioquia", ""), ("CO", "Bogota", "Cundinamarca", ""), ("PE", "Lima", "Lima", "15001"),
    ("PE", "Miraflores", "Lima Metropolitana", ""), ("MX", "Ciudad de México", "CDMX", "06000"),
    ("MX", "Cuauhtémoc", "Ciudad de México", "06000"), ("MX", "Monterrey", "N.L.", "64000"),
    ("MX", "Guadalajara", "Jal.", "44100"), ("MX", "Cancún", "Q.R.", "77500"), ("BM", "Hamilton", "", "HM 11"),
    ("CA", "Montréal", "Que.", "h2y1c6"), ("CA", "Toronto", "Ont.", "M5H 2N2"),
    ("CA", "Vancouver", "B.C.", "V6B1A1"), ("CA", "Iqaluit", "Nunavut", "X0A 0H0"),
    ("CA", "St. John's", "Newfoundland and Labrador", "A1C 5M3"), ("AU", "Sydney", "N.S.W.", "2000"),
    ("AU", "Perth", "Western Australia", "6000"), ("AU", "Darwin", "NT", "0800"), ("AU", "Darwin", "NT", "800"),
    ("AU", "Melbourne", "Vic", "3000"), ("NZ", "Auckland", "", "1010"),
    ("NZ", "Waitangi", "Chatham Islands", "8942"), ("DE", "Berlin", "", "10115"),
    ("DE", "München", "Freistaat Bayern", "80331"), ("DE", "Frankfurt/Main", "Hessen", "60311"),
    ("DE", "Berlin", "", "D 10115"), ("AT", "Wien", "", "A-1010"), ("AT", "Wien", "Wien", "1010"),
    ("CH", "Zürich", "ZH", "CH-8001"), ("CH", "Genève 3", "Genève", "1211"), ("IT", "Milano", "Milano", "20121"),
    ("IT", "Roma", "RM", "00184"), ("IT", "Bolzano/Bozen", "BZ", "39100"), ("IT", "Cagliari", "Sardegna", "09124"),
    ("IT", "Carbonia", "Sud Sardegna", "09013"), ("VA", "Città del Vaticano", "", "00120"),
    ("PT", "Lisboa", "", "1100-048"), ("PT", "Funchal", "Madeira", "9000-001"),
    ("PT", "Ponta Delgada", "", "9500-001"), ("FO", "Tórshavn", "", "FO-100"), ("GL", "Nuuk", "", "3900"),
    ("AX", "Mariehamn", "", "AX-22100"), ("LV", "Rīga", "", "1050"), ("LT", "Vilnius", "", "LT-01100"),
    ("MD", "Chișinău", "", "MD-2001"), ("MD", "Chișinău", "", "2001"), ("AZ", "Bakı", "", "AZ1000"),
    ("AZ", "Bakı", "", "AZ 1000"), ("NG", "Lagos", "Lagos", "101241"), ("NG", "Abuja", "FCT", "900001"),
    ("KE", "Nairobi", "", "00100"), ("GH", "Accra", "", ""), ("GH", "Accra", "", "GA-123-4567"),
    ("IR", "تهران", "تهران", "۱۱۳۶۷۱۴۱۱۱"), ("IQ", "بغداد", "بغداد", "10001"), ("IQ", "Erbil", "Erbil", "44001"),
    ("US", "San Francisco", "California (CA)", "94105"), ("US", "San Francisco", "CA, USA", "94105"),
    ("CA", "Toronto", "ON", "M5H 2NO"), ("US", "Boston", "Mass", "2108"),
]  # fmt: skip
"""Military, islands, scripts, abbreviations, lost zeros, regions in another language or in the city's field."""


@pytest.mark.parametrize(("country", "city", "region", "code"), AS_PEOPLE_WRITE_THEM)
def test_everyday_addresses_need_no_question(country: str, city: str, region: str, code: str) -> None:
    contact, delivery = fold(CONTACT, Address("Ada", "1 Street", city, code, country=country, region=region))

    assert refusals(contact, delivery) == {}
    assert objections(contact, delivery) == []
    assert fold(contact, delivery) == (contact, delivery)


@pytest.mark.parametrize(
    ("typed", "country", "stored"),
    [
        ("028 9032 0202", "GB", "+44 28 9032 0202"),
        ("+44 (0)20 7925 0918", "DE", "+44 20 7925 0918"),
        ("٠٥٠ ١٢٣ ٤٥٦٧", "AE", "+971 50 123 4567"),
        ("202.456.1111 ext. 5", "US", "+1 202-456-1111 ext. 5"),
        ("044 55 1234 5678", "MX", "+52 55 1234 5678"),
        ("+52 1 55 1234 5678", "MX", "+52 55 1234 5678"),
        ("8-10-44 20 7946 0018", "RU", "+44 20 7946 0018"),
        ("tel:+44-20-7946-0018;ext=5", "GB", "+44 20 7946 0018 x5"),
        ("030 1234567 oder 0170 1234567", "DE", "030 1234567 oder 0170 1234567"),
        ("020 7946 0018 / 07700 900123", "GB", "020 7946 0018 / 07700 900123"),
    ],
)
def test_a_phone_number_is_taken_as_people_write_it(typed: str, country: str, stored: str) -> None:
    contact, delivery = fold(replace(CONTACT, phone=typed), full_address(country))

    assert contact.phone == stored
    assert (refusals(contact, delivery), objections(contact, delivery)) == ({}, [])


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("typed", ["123", "911", "+", "abc", "12345678901234567890", "+0"])
def test_what_cannot_be_a_phone_number_is_refused(country: str, typed: str) -> None:
    contact, delivery = fold(replace(CONTACT, phone=typed), full_address(country))

    assert list(refusals(contact, delivery)) == ["contact.phone"]


def test_a_number_with_a_slip_is_asked_about_not_refused() -> None:
    contact, delivery = fold(replace(CONTACT, phone="020 7946 00189"), full_address("GB"))

    assert refusals(contact, delivery) == {}
    assert "020 7946 00189" in objections(contact, delivery)[0]


def optional_fields(kind: type) -> list[str]:
    return [each.name for each in dataclasses.fields(kind) if each.default is not dataclasses.MISSING]


@pytest.mark.parametrize(
    ("part", "name"),
    [("contact", name) for name in optional_fields(Contact)]
    + [("delivery", name) for name in optional_fields(Address)],
)
@pytest.mark.parametrize("nothing", [None, "", " "])
def test_nothing_means_the_same_as_leaving_the_field_out(part: str, name: str, nothing: str | None) -> None:
    without, with_nothing = order_form(), order_form()
    without[part].pop(name, None)
    with_nothing[part][name] = nothing

    assert load(PlaceOrder, with_nothing) == load(PlaceOrder, without)


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
