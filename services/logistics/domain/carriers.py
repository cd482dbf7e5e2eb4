"""Which parcel a scan is about, however its carrier and number are spelled.

    family("UPSDAP")                   {"upsdap", "ups"}
    owner(scan, [(parcel, sent_at)])   the parcel, or None

One carrier has several names: its brands, its accounts at EasyPost, and the post that goes the last mile for it. Two
names are the same carrier when their families meet. What no family decides is decided by the number alone, if only one
parcel has it. What is left belongs to no parcel and is listed for a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Generic, Protocol, TypeVar

from services.logistics.api.parts import carrier_code, fold_number
from services.logistics.domain.carrier_pages import WATCHERS
from services.logistics.domain.tracking import LABEL_AGE, USED_AGAIN

ALONE = timedelta(days=120)
"""How long after its dispatch a parcel is found by its number alone, and nobody else's parcel can have it."""

_BRANDS: Mapping[str, str] = {
    "ups": "upsdap upsmailinnovations upssurepost upsiparcel iparcel unitedparcelservice",
    "fedex": "fedexdefault fedexsmartpost fedexgroundeconomy fedexcrossborder fedexmailview fedexsamedaycity "
    "fedexground fedexexpress federalexpress",
    "usps": "uspsreturns uspsinternational uspsship upsmailinnovations upssurepost fedexsmartpost "
    "fedexgroundeconomy dhlecommerceus unitedstatespostalservice",
    "dhl": "dhlexpress dhlecs dhlecommerce dhlecommerceasia dhlecommerceus dhlglobalmail dhlglobalmailinternational "
    "dhlpaket dhlparcel dhlsmartmail dhldefault deutschepost deutschepostuk",
    "canadapost": "postescanada canadapostcorporation",
    "royalmail": "parcelforce",
    "australiapost": "auspost startrack",
    "yunexpress": "yuntrack",
    "chinapost": "ems chinaems epacket",
}
"""A carrier's other names, folded like `carrier_code`. A name may stand with two: who takes over, and who delivers."""
_OTHERS = (
    "amazonlogistics amazonmws apc apcpostal aramex asendia asendiausa axlehire bettertrucks bpost canpar correos "
    "couriersplease ctt dai dpd dpduk dtdc evri hermes estafeta fastway firstmile flashexpress gls globegistics gso "
    "interlink janio jtexpress jpost japanpost koreapost landmark lasership liefery loomis lso newgistics norco ontrac "
    "omniparcel osm passport pcfexpress postnl postnord purolator quantium redur roadie sendle sfexpress shippie "
    "singpost speedee swiship tforce tnt tntexpress toll uds udsdelivery veho walltowall xdp yanwen yodel "
    "sonic chitchats laposte colissimo chronopost poste posteitaliane inpost cainiao 4px"
)
BRANDS: Mapping[str, frozenset[str]] = {name: frozenset(text.split()) for name, text in _BRANDS.items()}
HEARD_OF = frozenset(
    {
        *WATCHERS,
        "simulator",
        *BRANDS,
        *(name for names in BRANDS.values() for name in names),
    }
    | {carrier_code(name) for name in _OTHERS.split()}
)
"""The carriers whose parcels one of our adapters tells of."""


class Scanned(Protocol):
    """What a scan says of whose it is."""

    @property
    def carrier(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def tracking_number(self) -> str: ...
    @property
    def at(self) -> datetime: ...


class Numbered(Protocol):
    """A parcel: who carries it under which number."""

    id: str
    carrier: str
    tracking_number: str


P = TypeVar("P", bound=Numbered)


@dataclass(frozen=True)
class Candidate(Generic[P]):
    """A parcel that a scan may be about, and how well it fits: 3 the very name, 2 the family, 1 the source, 0 alone."""

    fit: int
    sent_at: datetime
    parcel: P


@lru_cache(maxsize=1024)
def family(carrier: str) -> frozenset[str]:
    """Return all carriers that this name may stand for, including the name itself."""
    name = carrier_code(carrier)
    return frozenset({name, *(brand for brand, names in BRANDS.items() if name in names)})


def names_of(carrier: str) -> frozenset[str]:
    """Return all names that may stand for the same carrier as this one."""
    mine = family(carrier)
    return mine.union(*(BRANDS.get(name, frozenset()) for name in mine))


def is_same(one: str, other: str) -> bool:
    """Return whether two names may stand for the same carrier."""
    return bool(family(one) & family(other))


def is_heard_of(carrier: str) -> bool:
    """Return whether an adapter reports this carrier's parcels."""
    return carrier_code(carrier) in HEARD_OF


def fit_of(scan: Scanned, parcel: Numbered) -> int:
    """Return how well the carrier of a parcel fits that of a scan: 3 is best, 0 is not at all."""
    if parcel.carrier == scan.carrier:
        return 3
    if is_same(parcel.carrier, scan.carrier):
        return 2
    return 1 if parcel.carrier == scan.source else 0


def pick(scan: Scanned, parcels: Iterable[tuple[P, datetime]]) -> P | None:
    """Return whose scan it is, of parcels with their dispatch; None if it is of no parcel, or if that is not clear.

    Carriers use numbers again: of two parcels of one carrier it is the one that was dispatched last, unless the scan is
    too old to be its. What is scanned half a year after the dispatch probably belongs to another sender.
    """
    number = fold_number(scan.tracking_number)
    found = [
        Candidate(fit_of(scan, parcel), sent_at, parcel)
        for parcel, sent_at in parcels
        if fold_number(parcel.tracking_number) == number and sent_at - LABEL_AGE <= scan.at <= sent_at + USED_AGAIN
    ]
    best = max((each.fit for each in found), default=0)
    if best == 0:
        found = [each for each in found if scan.at <= each.sent_at + ALONE]
        return found[0].parcel if len(found) == 1 else None
    fitting = [each for each in found if each.fit == best]
    if len({each.parcel.carrier for each in fitting}) > 1:
        return None
    return max(fitting, key=lambda each: (each.sent_at, each.parcel.id)).parcel
