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


class CarrierPage(NamedTuple):
    name: str
    url: str | None = None


PAGES: Mapping[str, CarrierPage] = {
    "usps": CarrierPage("USPS", "https://tools.usps.com/go/TrackConfirmAction?tLabels={}"),
    "ups": CarrierPage("UPS", "https://www.ups.com/track?tracknum={}"),
    "fedex": CarrierPage("FedEx", "https://www.fedex.com/fedextrack/?trknbr={}"),
    "dhl": CarrierPage("DHL", "https://www.dhl.com/en/express/tracking.html?AWB={}"),
    "dhlexpress": CarrierPage("DHL Express", "https://www.dhl.com/en/express/tracking.html?AWB={}"),
    "royalmail": CarrierPage("Royal Mail", "https://www.royalmail.com/track-your-item#/tracking-results/{}"),
    "canadapost": CarrierPage(
        "Canada Post", "https://www.canadapost-postescanada.ca/track-reperage/en#/search?searchFor={}"
    ),
    "australiapost": CarrierPage("Australia Post", "https://auspost.com.au/mypost/track/#/details/{}"),
    "laposte": CarrierPage("La Poste", "https://www.laposte.fr/outils/suivre-vos-envois?code={}"),
    "colissimo": CarrierPage("Colissimo", "https://www.laposte.fr/outils/suivre-vos-envois?code={}"),
    "dpd": CarrierPage("DPD", "https://tracking.dpd.de/parcelstatus?query={}"),
    "yunexpress": CarrierPage("YunExpress", "https://www.yuntrack.com/parcelTracking?id={}"),
    "4px": CarrierPage("4PX", "https://track.4px.com/#/result/0/{}"),
    "gls": CarrierPage("GLS"),
    "deutschepost": CarrierPage("Deutsche Post"),
    "chinapost": CarrierPage("China Post"),
    "ems": CarrierPage("EMS"),
    "japanpost": CarrierPage("Japan Post"),
    "postnl": CarrierPage("PostNL"),
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
