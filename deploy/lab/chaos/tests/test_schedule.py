"""The schedule of faults: the seed decides it alone, and no kind of fault is left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.lab.chaos.faults import FAULTS
from deploy.lab.chaos.schedule import GATEWAY, schedule
from services import SERVICES

pytestmark = pytest.mark.pure

QUICK, FULL = 100.0, 480.0
ONLY_IN_FULL = {"block", "unreachable"}


@given(st.integers(min_value=0))
def test_the_same_seed_makes_the_same_schedule(seed):
    assert schedule(seed, QUICK) == schedule(seed, QUICK)


def test_another_seed_makes_another_schedule():
    assert schedule(1, QUICK) != schedule(2, QUICK)


@given(st.integers(min_value=0))
def test_a_quick_run_has_every_kind_of_fault_but_the_two_longest(seed):
    assert {each.fault for each in schedule(seed, QUICK)} == FAULTS.keys() - ONLY_IN_FULL


@given(st.integers(min_value=0))
def test_a_full_run_has_every_kind_of_fault(seed):
    assert {each.fault for each in schedule(seed, FULL)} == FAULTS.keys()


@pytest.mark.parametrize("seconds", [QUICK, FULL])
@given(st.integers(min_value=0))
def test_every_service_is_killed_and_the_faults_end_in_time(seconds, seed):
    planned = schedule(seed, seconds)

    killed = {each.target.partition(".")[0] for each in planned if each.fault == "kill"}
    assert killed == {*SERVICES, GATEWAY}
    assert all(0 < each.at < seconds for each in planned)
