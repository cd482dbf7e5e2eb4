"""The carrier of a parcel, and where it shows the parcel."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.logistics.domain.carrier_pages import PAGES, WATCHERS, carrier_of, name_of, page_of
from services.logistics.domain.parcel import Parcel
from services.logistics.tests.builders import a_scan

pytestmark = pytest.mark.pure


def a_parcel(carrier: str) -> Parcel:
    return Parcel("SHP-1-01", "SHP-1", carrier, "EZ4000000004", 2026, 700)


@pytest.mark.parametrize(
    ("carrier", "scanned", "name"),
    [("easypost", ["usps"], "USPS"), ("easypost", ["easypost"], "the carrier"), ("fedex", ["ups"], "FedEx"),
     ("easypost", [], "the carrier"), ("easypost", ["usps", "canadapost"], "Canada Post"), ("hermes", [], "Hermes")],
)  # fmt: skip
def test_the_carrier_is_named_and_never_a_mere_watcher(carrier: str, scanned: list[str], name: str) -> None:
    scans = [a_scan(carrier=code) for code in scanned]

    assert name_of(carrier_of(a_parcel(carrier), scans)) == name


@given(st.sampled_from(sorted(PAGES)), st.text(min_size=1))
def test_no_number_leads_away_from_the_carriers_own_host(code: str, number: str) -> None:
    page, plain = page_of(code, number), page_of(code, "1")

    assert (page is None) == (plain is None)
    if page and plain:
        assert urlsplit(page)[:2] == urlsplit(plain)[:2]
        assert urlsplit(page).scheme == "https"


def test_who_only_watches_has_no_page() -> None:
    assert [page_of(code, "1") for code in sorted(WATCHERS)] == [None] * len(WATCHERS)
