"""Orders killed between two steps of a capture, of a dispute and of a refund: `make chaos-money` does it at each.

One order lives through all of it. Each kill is where the most can go wrong: the answer to a webhook that has had its
effect is lost, the bank's decision is not written down, and a refund that the bank has made is not known here.
"""

from __future__ import annotations

import pytest

from deploy.lab.chaos.steps.kills import Killing
from deploy.lab.chaos.steps.lives import CAPTURE, REFUND, WON, Living
from deploy.lab.chaos.steps.traces import lost_cents
from tests.e2e.chaos.play import Play

KILLS = (
    (CAPTURE, "has committed payment_captured 1"),
    (WON, "is about to commit dispute_decided 1"),
    (REFUND, "has the bank's answer to POST /v1/refunds 1"),
)


@pytest.mark.timeout(600)  # a kill that is not come back from is seen after 150 s
def test_no_cent_is_lost_where_orders_is_killed(play: Play) -> None:
    living = Living(play.customer, play.cards)
    killing, before = Killing(play.stage, living), play.violations()

    killing.begin()
    order = play.customer.place()
    for life, boundary in KILLS:
        killing.arm(boundary)
        try:
            life.goes_on(living, order)
            assert killing.rest(), boundary
        finally:
            killing.disarm()

    assert killing.ran == (len(KILLS), len(KILLS))
    assert lost_cents(living, REFUND, order) == 0
    assert play.violations() - before == set()
