"""A label that was scanned under the wrong carrier is seen by the form of its number."""

from __future__ import annotations

import pytest

from services.logistics.api.statuses import ParcelStatus
from services.logistics.domain.number_forms import carrier_by
from services.logistics.domain.parcel import Parcel
from services.logistics.domain.watch import Watch, warnings_of
from services.logistics.tests.scene import DISPATCHED

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("number", "carrier"),
    [
        ("1Z 999 AA1 01 2345 6784", "ups"),
        ("1Z999AA10123456785", None),  # its check digit is wrong
        ("RB123456785GB", "royalmail"),
        ("rb 123 456 785 us", "usps"),
        ("RB123456786GB", None),
        ("RB123456785ZZ", None),
        ("YT2606300012345678", "yunexpress"),
        ("SF1234567890123", "sfexpress"),
        ("794644790138", None),  # of 12 digits: many carriers'
        ("", None),
    ],
)
def test_a_number_names_its_carrier_where_that_is_certain(number: str, carrier: str | None) -> None:
    assert carrier_by(number) == carrier


def warned(carrier: str, number: str, watch: Watch | None = None, **facts: object) -> list[str]:
    parcel = Parcel("SHP-0000-0000-0-01", "SHP-0000-0000-0", carrier, number, 2026)
    for name, value in facts.items():
        setattr(parcel, name, value)
    return warnings_of(parcel, watch, listens_only=False)


def test_a_number_of_another_carrier_is_doubted_until_it_moves() -> None:
    assert warned("fedex", "1Z999AA10123456784") == ["number_of_another"]
    assert warned("UPSDAP", "1Z999AA10123456784") == warned("ups", "1Z999AA10123456784") == []
    assert warned("fedex", "794644790138") == []
    assert warned("fedex", "1Z999AA10123456784", last_event_at=DISPATCHED) == []
    assert warned("fedex", "1Z999AA10123456784", status=ParcelStatus.DELIVERED) == []


@pytest.mark.parametrize("carrier", ["easypost", "shippo", "aftership", "17track"])
def test_any_number_may_be_an_aggregators(carrier: str) -> None:
    assert warned(carrier, "1Z999AA10123456784") == warned(carrier, "RB123456785GB") == []


@pytest.mark.parametrize(
    "carrier",
    [
        "colissimo", "chronopost", "jpost", "asendia", "globegistics", "dhlecommerce", "cainiao", "4px", "yanwen",
        "upsmailinnovations",
    ],
)  # fmt: skip
def test_a_postal_number_may_be_given_out_for_a_post(carrier: str) -> None:
    assert warned(carrier, "RB123456785GB") == []


@pytest.mark.parametrize("carrier", ["ups", "upsdap", "fedex", "sfexpress", "yunexpress"])
def test_a_postal_number_is_doubted_beside_own_forms(carrier: str) -> None:
    assert warned(carrier, "RB123456785GB") == ["number_of_another"]


def test_a_doubted_number_hides_no_other_warning() -> None:
    number = "1Z999AA10123456784"
    unregistered = Watch("SHP-0000-0000-0-01", "fedex", number, problem="they say no")

    assert warned("fedex", number, unregistered) == ["number_of_another", "not_registered"]
    assert warned("handcart", number) == ["number_of_another", "carrier_without_adapter"]
