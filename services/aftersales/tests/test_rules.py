"""The shop's own rules: clocks in the team's working days, the customer's time to send, and what may be configured."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.aftersales.api.terms import REFUND, RETURN_REVIEW, VERIFICATION
from services.aftersales.settings import AftersalesSettings
from services.aftersales.tests.builders import RULES
from services.common.runtime.config import ConfigError

pytestmark = pytest.mark.pure

FRIDAY = datetime(2026, 3, 6, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "due", "earliest"),
    [
        (RETURN_REVIEW, "2026-03-10T15:59:59.999999+00:00", None),
        (VERIFICATION, "2026-03-10T15:59:59.999999+00:00", None),
        (REFUND, "2026-03-20T15:59:59.999999+00:00", "2026-03-12T16:00:00+00:00"),
    ],
)
def test_the_clocks_count_the_teams_working_days(kind, due, earliest):
    clock = RULES.clock(kind, "RET-1", "ORD-1", FRIDAY, "id")

    assert clock.due_at.isoformat() == due
    assert (clock.earliest_at and clock.earliest_at.isoformat()) == earliest
    assert (clock.owner, clock.subject, clock.order_number) == ("aftersales", "RET-1", "ORD-1")


def test_the_time_to_send_ends_with_a_day_of_the_customer():
    assert RULES.send_by(FRIDAY, "America/New_York").isoformat() == "2026-04-05T03:59:59.999999+00:00"


def test_the_address_names_the_return():
    assert RULES.instructions("RET-1") == {**RULES.address, "reference": "RET-1"}


def test_the_defaults_are_usable():
    rules = AftersalesSettings.load({}).rules

    assert rules.address.keys() == {"name", "line1", "city", "postal_code", "country"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"PLEDGE_AFTERSALES_CALENDAR": "ZZ"},
        {"PLEDGE_AFTERSALES_ZONE": "Mars/Olympus_Mons"},
        {"PLEDGE_RETURN_ADDRESS": "somewhere"},
        {"PLEDGE_RETURN_SEND_DAYS": "0"},
    ],
)
def test_settings_that_cannot_be_meant_are_refused_at_the_start(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong)).rpartition("_")[0]):
        AftersalesSettings.load(wrong)
