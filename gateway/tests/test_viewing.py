"""Who else has a ticket open: seen by staff at that ticket, over all gateways, and over when the browser is gone."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from gateway.live.viewers import LAST, LASTS_SECONDS, MOST_TABS, Sight, Viewers
from gateway.live.viewing import SharedViewers
from gateway.service import GatewayService
from gateway.tests.conftest import Running
from gateway.tests.test_desk_stream import PATH, as_a
from gateway.tests.test_live import Listening, a_customer
from services.common.basics import ids
from services.common.runtime.config import ENVIRON, container_config
from services.common.runtime.telemetry import ObservedContainer
from services.common.testing import eventually

TICKET, OTHER = (ids.number(ids.TICKET, each) for each in (1, 2))
TABS = {who: f"{place:032x}" for place, who in enumerate(("agent", "lead", "admin", "warehouse"))}
VIEWING = "/v1/desk/viewing"


def looks(gateway: Any, role: str, ticket: str | None = TICKET, beat: int = 1, **more: Any) -> requests.Response:
    body = {"tab": TABS[role], "beat": beat, **({"ticket_number": ticket} if ticket else {}), **more}
    headers = {"Authorization": f"Bearer {as_a(role)}"}
    return gateway.request("PUT", VIEWING, json=body, headers=headers)  # type: ignore[no-any-return]


def others(answer: Any) -> list[tuple[str, bool]]:
    """Return who else looks, by the first part of their mailbox, and whether they write."""
    found = answer.json() if isinstance(answer, requests.Response) else answer
    return [(each["email"].partition("@")[0], each["writing"]) for each in found["items"]]


def opened(gateway: Any, role: str) -> Listening:
    return Listening(gateway, as_a(role), path=PATH, query=f"?tab={TABS[role]}")


def told(stream: Listening) -> list[tuple[str, bool]]:
    name, seen = stream.next()
    assert (name, seen["ticket_number"]) == ("viewers", TICKET)
    return others(seen)


def test_staff_at_one_ticket_see_each_other_until_one_is_gone(gateway: Any) -> None:
    agent, lead = opened(gateway, "agent"), opened(gateway, "lead")

    assert others(looks(gateway, "agent")) == []
    assert told(agent) == []
    assert others(looks(gateway, "lead")) == [("agent", False)]
    assert (told(agent), told(lead)) == ([("lead", False)], [("agent", False)])
    assert others(looks(gateway, "admin", OTHER)) == []
    looks(gateway, "lead", beat=3, writing=True)
    looks(gateway, "lead", beat=2)  # said before, and heard later
    assert told(agent) == [("lead", True)]
    lead.close()
    assert told(agent) == []
    assert others(looks(gateway, "agent", None, beat=2)) == []
    agent.close()


def test_who_may_not_read_tickets_says_and_hears_nothing(gateway: Any) -> None:
    looks(gateway, "agent", beat=9)

    assert looks(gateway, "warehouse").status_code == 403
    assert gateway.request("PUT", VIEWING, json={}).status_code == 401
    token = {"Authorization": f"Bearer {a_customer()}"}
    assert gateway.request("PUT", VIEWING, json={"tab": TABS["agent"], "beat": 1}, headers=token).status_code == 403
    wrongs: list[dict[str, Any]] = [{"tab": "a tab"}, {"beat": LAST}, {"ticket_number": "TIC-1"}, {"writing": "yes"}]
    for wrong in wrongs:
        body = {"tab": TABS["agent"], "beat": 10, **wrong}
        headers = {"Authorization": f"Bearer {as_a('agent')}"}
        assert gateway.request("PUT", VIEWING, json=body, headers=headers).status_code == 422


def shared_by(gateway: Running) -> SharedViewers:
    """Return what that gateway knows."""
    extensions = gateway.containers["gateway"].extensions
    return next(each for each in extensions if isinstance(each, SharedViewers))


def test_viewers_are_known_to_all_gateways(start: Any) -> None:
    first = start()
    agent = opened(first, "agent")
    looks(first, "agent")
    assert told(agent) == []
    with ExitStack() as stack:
        container = ObservedContainer(GatewayService, container_config({**first.containers["gateway"].config[ENVIRON]}))
        container.start()
        stack.callback(container.kill)
        stack.callback(container.stop)
        second = Running(first.uri, {"gateway": container})
        eventually(lambda: second.live.connected and shared_by(second).connected)

        eventually(lambda: shared_by(second).viewers_of(TICKET, ""))  # one that has just begun asks
        assert others(looks(second, "lead", writing=True)) == [("agent", False)]
        assert told(agent) == [("lead", True)]
        agent.close()
        eventually(lambda: others(looks(second, "lead", beat=2)) == [])


SIGHTS = st.builds(
    Sight, st.sampled_from("abc"), st.sampled_from("12"), st.integers(0, 9) | st.just(LAST),
    st.sampled_from(["", "T", "U"]), st.booleans(),
)  # fmt: skip


@pytest.mark.pure
@given(st.lists(SIGHTS), st.randoms())
def test_in_whatever_order_words_come_the_newest_count(sights: list[Sight], chance: Any) -> None:
    newest = {(each.of, each.beat): each for each in sights}  # a tab says one thing at a time
    heard = [newest[each.of, each.beat] for each in sights]
    known, moved = Viewers(lambda ticket: None), set[str]()
    mixed = Viewers(moved.add)

    for each in heard:
        known.note(each, 0.0)
    for each in chance.sample(heard, len(heard)):
        mixed.note(each, 0.0)

    for ticket in ("T", "U"):
        assert known.of(ticket, "") == mixed.of(ticket, "")
        assert ticket in moved or not mixed.of(ticket, "")
    mixed.expire(LASTS_SECONDS - 1)
    assert mixed.of("T", "") == known.of("T", "")
    mixed.expire(LASTS_SECONDS)
    assert not any((mixed.of("T", ""), mixed.of("U", ""), mixed._sights, mixed._tabs, mixed._at))


@pytest.mark.pure
def test_a_person_has_so_many_tabs_and_no_more() -> None:
    known = Viewers(lambda ticket: None)
    for tab in range(3 * MOST_TABS):
        known.note(Sight("grace", str(tab), 1, f"T{tab}"), float(tab))

    assert len(known._sights) == MOST_TABS
    assert known.of(f"T{3 * MOST_TABS - 1}", "ada") == [{"email": "grace", "writing": False}]
    assert known.of("T0", "ada") == []
