"""What a parcel of the simulated carrier lives through follows from itself, so a restart goes on where it was."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.runtime.config import ConfigError
from services.logistics.adapters.carriers.scenarios import LIVES, Scenario, life_of
from services.logistics.adapters.carriers.simulator import Simulator

START = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
pytestmark = pytest.mark.pure


@given(st.sampled_from(sorted(LIVES)), st.lists(st.integers(0, 400)), st.sampled_from([1.0, 1440.0]))
def test_each_scan_is_told_once_however_often_it_stops(name: str, looks: list[int], speed: float) -> None:
    scenario, told, heard = LIVES[name], [], START

    for hours in [*sorted(looks), 400]:
        now = START + hours * HOUR / speed
        places = scenario.scans_between(START, speed, heard, now)
        told += places
        heard = max([heard, *(START + scenario.scans[place].after / speed for place in places)])

    assert told == list(range(len(scenario.scans)))
    assert scenario.next_scan(START, speed, heard) is None


def test_the_next_scan_is_the_first_that_is_not_told() -> None:
    scenario = LIVES["delivered"]

    assert scenario.next_scan(START, 1, START) == START + scenario.scans[0].after
    assert scenario.next_scan(START, 24, START + HOUR) == START + scenario.scans[2].after / 24


def test_an_address_may_wish_for_a_life() -> None:
    assert [life_of("SIM1", f" Simulate: {name} ") for name in LIVES] == list(LIVES.values())
    assert life_of("SIM1", "simulate: nonsense") is life_of("SIM1", "Apartment 4") is life_of("SIM1", "")


def test_about_half_of_all_are_simply_delivered() -> None:
    lives: Counter[str] = Counter(life_of(f"SIM{number:012}", "").name for number in range(1200))

    assert set(lives) == set(LIVES)
    assert 500 < lives["delivered"] < 700


def test_the_same_scans_have_the_same_id() -> None:
    scenario: Scenario = LIVES["customs"]

    told = scenario.webhook("SIM1", [1, 2], START, 60)
    ids = [Simulator().parse(raw, START).key for raw in (told, scenario.webhook("SIM1", [1, 3], START, 60))]

    assert told == scenario.webhook("SIM1", [1, 2], START, 60)
    assert ids[0] != ids[1]


def test_a_long_number_is_told_too() -> None:
    number = "S" * 64

    webhook = Simulator().parse(LIVES["customs"].webhook(number, [1, 2], START, 60), START)

    assert [each.tracking_number for each in webhook.events] == [number] * 2


def test_parcels_live_by_themselves_in_development_alone() -> None:
    on = {"PLEDGE_SIMULATOR_LIFE": "60"}

    assert Simulator.load({**on, "PLEDGE_DEV": "1"}).speed == 1440
    assert Simulator.load({"PLEDGE_DEV": "1"}).speed == 0
    with pytest.raises(ConfigError):
        Simulator.load({"PLEDGE_SIMULATOR_LIFE": "fast", "PLEDGE_DEV": "1"})
    assert Simulator(simulator_life="60", amqp_uri="amqp://elsewhere").speed == 0
