"""Who has how much to do, and who did it, by team and by person (standard, section 6)."""

from __future__ import annotations

from functools import partial
from typing import Any

from services.common.basics.api import Period
from services.common.testing import staff
from services.support.api import Category
from services.support.api.teams import ALL_AGENTS
from services.support.handlers import workload, writing
from services.support.tests.builders import DAY, HOUR, NOW
from services.support.tests.scene import LENA
from services.support.tests.test_teams import ANSWER, handed_out, mail, refusal, scene, team

__all__ = ["scene"]


def test_the_workload_is_counted_by_team_and_person(scene):
    team(scene, "few", ("bob", "eve"), "product", automatic=True, cap=1)
    numbers = [scene.opened(at=NOW + hour * HOUR)[0] for hour in range(3)]
    scene.opened(category=Category.COMPLAINT)
    handed_out(scene, NOW + 2 * HOUR)
    bob = staff("agent", email=mail("bob"))
    scene.does(bob, writing.post_message, numbers[0], NOW + 3 * HOUR, body=ANSWER, status="waiting_customer")
    handed_out(scene, NOW + 4 * HOUR)

    def report(since: Any, until: Any) -> Any:
        with scene.work(LENA, NOW + 2 * DAY, reading=True) as work:
            found = workload.report_workload(work, Period(since, until))
        rows = [
            *((each["team"], each) for each in found["teams"]),
            *((each["email"], each) for each in found["people"]),
        ]
        return {name: tuple(each.get(what) for what in (*workload.COUNTED, "unassigned")) for name, each in rows}

    shown = report(NOW, NOW + DAY)
    assert shown["few"] == (3, 2, 2, 3, 1, 0)
    assert shown[ALL_AGENTS] == (1, 1, 1, 0, 0, 1)
    assert shown[mail("bob")] == (2, 1, 1, 2, 1, None)
    assert shown[mail("eve")] == (1, 1, 1, 1, 0, None)
    assert report(NOW + DAY, NOW + 2 * DAY)[mail("bob")] == (2, 1, 1, 0, 0, None)
    for since, until in ((NOW, NOW), (NOW, NOW - DAY), (NOW, NOW + 400 * DAY)):
        assert refusal(partial(report, since, until)) == "period_not_good"
