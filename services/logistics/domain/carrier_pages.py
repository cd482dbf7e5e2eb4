"""The carrier of a parcel, as its customer knows it, and its page that shows where the parcel is.

The warehouse may know a parcel by the service that watches it for many carriers; who really carries it is then said by
its scans. A carrier that is not here is shown by its code, without a page: no link is better than a wrong one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote

from services.logistics.domain.parcel import Parcel
from services.logistics.domain.tracking import TrackingEvent

WATCHERS = frozenset({"easypost", "aftership", "shippo", "17track"})
"""Those that carry nothing and report for others."""


class Page(NamedTuple):
    name: str
    url: str | None = None


PAGES: Mapping[str, Page] = {
    "usps": Page("USPS", "https://tools.usps.com/go/TrackConfirmAction?tLabels={}"),
    "ups": Page("UPS", "https://www.ups.com/track?tracknum={}"),
    "fedex": Page("FedEx", "https://www.fedex.com/fedextrack/?trknbr={}"),
    "dhl": Page("DHL", "https://www.dhl.com/en/express/tracking.html?AWB={}"),
    "dhlexpress": Page("DHL Express", "https://www.dhl.com/en/express/tracking.html?AWB={}"),
    "royalmail": Page("Royal Mail", "https://www.royalmail.com/track-your-item#/tracking-results/{}"),
    "canadapost": Page("Canada Post", "https://www.canadapost-postescanada.ca/track-reperage/en#/search?searchFor={}"),
    "australiapost": Page("Australia Post", "https://auspost.com.au/mypost/track/#/details/{}"),
    "laposte": Page("La Poste", "https://www.laposte.fr/outils/suivre-vos-envois?code={}"),
    "colissimo": Page("Colissimo", "https://www.laposte.fr/outils/suivre-vos-envois?code={}"),
    "dpd": Page("DPD", "https://tracking.dpd.de/parcelstatus?query={}"),
    "yunexpress": Page("YunExpress", "https://www.yuntrack.com/parcelTracking?id={}"),
    "4px": Page("4PX", "https://track.4px.com/#/result/0/{}"),
    "gls": Page("GLS"),
    "deutschepost": Page("Deutsche Post"),
    "chinapost": Page("China Post"),
    "ems": Page("EMS"),
    "japanpost": Page("Japan Post"),
    "postnl": Page("PostNL"),
}


def carrier_of(parcel: Parcel, scans: Sequence[TrackingEvent]) -> str:
    """Return the code of the parcel's carrier.

    If the parcel names only a watcher, take it from the latest scan that names one.
    """
    if parcel.carrier not in WATCHERS:
        return parcel.carrier
    return next((scan.carrier for scan in reversed(scans) if scan.carrier not in WATCHERS), parcel.carrier)


def name_of(code: str) -> str:
    """Return the carrier's own name, the code if that is not known, and "the carrier" for a mere watcher."""
    if code in WATCHERS:
        return "the carrier"
    return PAGES[code].name if code in PAGES else code.replace("_", " ").capitalize()


def page_of(code: str, tracking_number: str) -> str | None:
    """Return the address of the carrier's own page for that number, if it is known."""
    page = PAGES.get(code)
    return page.url.format(quote(tracking_number, safe="")) if page and page.url else None
