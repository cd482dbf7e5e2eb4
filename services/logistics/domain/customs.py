"""What customs is told of a shipment, and by which form. Pure.

Within one customs territory there is no form. The post takes a CN22 for a small packet up to 300 SDR and 2 kg, and a
CN23 with a commercial invoice for anything else (Universal Postal Union). Other carriers take the
commercial invoice. Duties are always ours: DDP (Incoterms 2020), since a customer is promised to pay none.

What is declared is what was paid, to the cent. Nothing is made up: a fact that is not known is named as missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from services.common.basics.money import Money
from services.logistics.api.papers import CustomsForm, Fact, SenderView
from services.logistics.api.parts import ShipmentLine, carrier_code
from services.logistics.domain.carrier_pages import WATCHERS
from services.logistics.domain.carriers import family
from services.logistics.domain.wares import Ware

INCOTERM = "DDP"
CN22_SDR, CN22_GRAMS, CN22_ITEMS = 300, 2000, 6
IOSS_EUR = 150
_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MC MT NL PL PT RO SE SI SK"
EU = frozenset(_EU.split())
UNIONS = (EU, frozenset({"CH", "LI"}), frozenset({"US", "PR"}), frozenset({"GB", "IM"}))
"""Where goods cross the border without a declaration; Turkey, Andorra and San Marino want one all the same."""
OUTSIDE: Mapping[str, tuple[str, ...]] = {
    "ES": ("35", "38", "51", "52"), "FI": ("22",), "FR": ("97", "98"), "DE": ("27498", "78266"),
    "IT": ("22061", "23041"), "GR": ("63086",),
}  # fmt: skip
"""Postal codes of places that are not in the tax territory of their country: Canaries, Åland, overseas, Livigno …"""
MONACO = "980"  # the one place under "98" that is inside
_POSTS = (
    "usps royalmail canadapost australiapost laposte colissimo deutschepost dhlpaket chinapost ems japanpost postnl "
    "swisspost bpost correos poste posteitaliane anpost hongkongpost singpost koreapost postnord ctt simulator"
)
POSTS = frozenset(_POSTS.split())
"""Designated operators of the Universal Postal Union, and the simulator, which plays one."""


@dataclass(frozen=True)
class Rates:
    """What limits in other currencies are in USD."""

    sdr: Decimal
    eur: Decimal


@dataclass(frozen=True)
class End:
    """One end of the way."""

    country: str
    postal_code: str = ""


@dataclass(frozen=True)
class CustomsRules:
    """What the shop tells of itself: who sends, from where; its IOSS number, if it has one."""

    sender: SenderView
    zone: str
    rates: Rates
    ioss_number: str = ""

    @property
    def sender_end(self) -> End:
        return End(self.sender["country"], self.sender["postal_code"])


@dataclass(frozen=True)
class DeclaredItem:
    """Pieces of one kind; value: what was paid for them."""

    sku: str
    title: str
    quantity: int
    hs_code: str
    origin_country: str
    net_weight_g: int
    value: Money


@dataclass(frozen=True)
class Declaration:
    items: tuple[DeclaredItem, ...]
    gross_weight_g: int

    @property
    def value(self) -> Money:
        return Money.total(item.value for item in self.items)

    @property
    def net_weight_g(self) -> int:
        return sum(item.net_weight_g for item in self.items)


def crosses_border(sent: End, to: End) -> bool:
    """Return whether customs wants to be told of what goes from one end to the other."""
    if is_apart(sent) or is_apart(to):
        return (sent.country, _apart_code(sent)) != (to.country, _apart_code(to))
    return sent.country != to.country and not any({sent.country, to.country} <= union for union in UNIONS)


def is_postal(carrier: str | None) -> bool | None:
    """Return whether it is a post. None: it is not known who carries it, or only who watches it."""
    code = carrier_code(carrier or "")
    return None if not code or code in WATCHERS else bool(family(code) & POSTS)


def with_facts(lines: Iterable[ShipmentLine], wares: Mapping[str, Ware]) -> tuple[ShipmentLine, ...]:
    """Return the lines with what the catalogue knows of their goods by now: a corrected fact is the right one."""
    return tuple(_corrected(line, wares.get(line.sku)) for line in lines if line.quantity > 0)


def missing_facts(
    lines: Sequence[ShipmentLine], gross_weight_g: int | None, carrier: str | None
) -> tuple[tuple[str | None, Fact], ...]:
    """Return each fact that a form needs and that is not known, with the SKU that it is about (None: the box)."""
    found: list[tuple[str | None, Fact]] = [(line.sku, fact) for line in lines for fact in _missing(line)]
    if gross_weight_g is None:
        found.append((None, Fact.GROSS_WEIGHT))
    elif gross_weight_g < net_weight(lines):
        found.append((None, Fact.TOO_LIGHT))
    if is_postal(carrier) is None:
        found.append((None, Fact.CARRIER))
    return tuple(dict.fromkeys(found))


def net_weight(lines: Iterable[ShipmentLine]) -> int:
    """Return what the goods weigh without their packing, in grams."""
    return sum(line.weight_g * line.quantity for line in lines)


def declare(lines: Sequence[ShipmentLine], gross_weight_g: int) -> Declaration:
    """Declare lines of which no fact is missing: pieces of one kind together, in the order in which they come."""
    items: dict[tuple[str, str | None, str | None], DeclaredItem] = {}
    for line in lines:
        key = (line.sku, line.hs_code, line.origin_country)
        before = items.get(key) or DeclaredItem(
            line.sku, line.title, 0, line.hs_code or "", line.origin_country or "", 0, Money(0)
        )
        items[key] = replace(
            before,
            quantity=before.quantity + line.quantity,
            net_weight_g=before.net_weight_g + line.weight_g * line.quantity,
            value=before.value + line.worth,
        )
    return Declaration(tuple(items.values()), gross_weight_g)


def forms_of(declared: Declaration, *, postal: bool, rates: Rates) -> tuple[CustomsForm, ...]:
    """Return the forms for what crosses a customs border."""
    if not postal:
        return (CustomsForm.COMMERCIAL_INVOICE,)
    small = declared.gross_weight_g <= CN22_GRAMS and len(declared.items) <= CN22_ITEMS
    if small and declared.value.cents <= CN22_SDR * 100 * rates.sdr:
        return (CustomsForm.CN22,)
    return (CustomsForm.CN23, CustomsForm.COMMERCIAL_INVOICE)


def may_name_ioss(declared: Declaration, to: End, rates: Rates) -> bool:
    """Return whether the VAT was paid in the shop (IOSS): within the EU's tax territory, up to 150 EUR."""
    return is_within_ioss(declared.value, to, rates)


def is_within_ioss(value: Money, to: End, rates: Rates) -> bool:
    """Return whether goods of this value may have their VAT paid in the shop."""
    return to.country in EU and not is_apart(to) and value.cents <= IOSS_EUR * 100 * rates.eur


def _missing(line: ShipmentLine) -> Iterator[Fact]:
    if not line.hs_code:
        yield Fact.HS_CODE
    if not line.origin_country:
        yield Fact.ORIGIN_COUNTRY
    if line.weight_g <= 0:
        yield Fact.WEIGHT
    if line.worth.cents <= 0:
        yield Fact.VALUE


def _corrected(line: ShipmentLine, known: Ware | None) -> ShipmentLine:
    if known is None:
        return line
    return replace(
        line,
        weight_g=known.weight_g or line.weight_g,
        hs_code=known.hs_code or line.hs_code,
        origin_country=known.origin_country or line.origin_country,
    )


def is_apart(end: End) -> bool:
    """Return whether the place is not in the tax territory of its country."""
    return bool(_apart_code(end))


def _apart_code(end: End) -> str:
    """Return the beginning of a postal code that says that the place is apart from its country; "" if it is not."""
    code = end.postal_code.replace(" ", "").replace("-", "").upper()
    if end.country == "FR" and code.startswith(MONACO):
        return ""
    return next((each for each in OUTSIDE.get(end.country, ()) if code.startswith(each)), "")
