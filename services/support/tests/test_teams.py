"""Who gets a ticket: by load and cap, oldest deadline first, never who is off (standard, section 6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.basics import clock
from services.common.basics.caller import Caller
from services.common.basics.errors import ServiceError
from services.common.testing import customer, staff
from services.support.api import Category, ListTickets, PutStaff, StaffRole, TicketStatus
from services.support.api.teams import ALL_AGENTS, Availability, PutAvailability, PutTeam, Why
from services.support.domain import IN_WORK, Staff, Ticket
from services.support.domain.teams import Colleague, Room, Unassigned, hand_out
from services.support.handlers import assigning, teams, tickets, waiting, writing
from services.support.handlers import staff as staff_handlers
from services.support.repository import Work
from services.support.tests.builders import ADA, DAY, HOUR, NOW, add_staff
from services.support.tests.scene import LENA, Scene, a_scene

BOSS = staff("admin", email="boss@pledge.example")
PEOPLE = {"grace": ["agent"], "bob": ["agent"], "eve": ["agent"], "lena": ["lead"], "boss": ["admin"]}
ANSWER = "The shirt is made of cotton, all of it."


def mail(name: str) -> str:
    return f"{name}@pledge.example"


def populate(scene: Scene) -> Scene:
    add_staff(scene.store, *(Staff(mail(name), name.title(), roles) for name, roles in PEOPLE.items()))
    return scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_scene(tmp_path) as made:
        yield populate(made)


def team(scene: Scene, name: str = ALL_AGENTS, members: tuple[str, ...] = (), *categories: str, **more: Any) -> Any:
    wish = PutTeam([Category(each) for each in categories], [mail(each) for each in members], **more)
    with scene.work(LENA) as work:
        return teams.put_team(work, name, wish)


def says(scene: Scene, name: str, status: str, at: Any = NOW, **more: Any) -> Any:
    with scene.work(LENA, at) as work:
        return teams.put_availability(work, mail(name), PutAvailability(Availability(status), **more))


def handed_out(scene: Scene, at: Any = NOW) -> None:
    with clock.frozen(at):
        assigning.hand_out_in_turns(partial(scene.store.work, Work, Caller("service:support")))


def held(scene: Scene) -> Counter[str | None]:
    """Return who has how many tickets in which it is our turn."""
    found: Counter[str | None] = Counter()
    for each in scene.listed(LENA, view="open", limit=100):
        assignee = each["assignee"]
        found[assignee.partition("@")[0] if assignee else None] += 1
    return found


def assigned(scene: Scene, number: str) -> list[Any]:
    with scene.work(LENA, reading=True) as work:
        items = tickets.get_ticket_timeline(work, number)["items"]
    return [each["body"] for each in items if each["type"] == "ticket_assigned"]


# the rule itself

NAMES = st.sampled_from(["a", "b", "c", "d"])
ROOMS = st.dictionaries(st.sampled_from(["x", "y", "z"]), st.tuples(st.integers(1, 4), st.sets(NAMES)), max_size=3)


@pytest.mark.pure
@given(
    ROOMS,
    st.lists(st.tuples(st.sampled_from(["x", "y", "z"]), st.integers(0, 5)), max_size=20),
    st.dictionaries(NAMES, st.integers(0, 5)),
)
def test_tickets_go_oldest_first_to_who_has_fewest(rooms, queue, loads):
    people = {name: Colleague(name, loads.get(name, 0)) for name in "abcd"}
    before = {name: each.load for name, each in people.items()}
    waits = [Unassigned(f"{place:02}", each, NOW + due * HOUR) for place, (each, due) in enumerate(queue)]
    free = [Room(name, cap, sorted(members)) for name, (cap, members) in rooms.items()]

    given_out = list(hand_out(waits, free, people, NOW))

    order = [(each.due_at, each.number) for each, _ in given_out]
    assert order == sorted(order)
    for ticket, email in given_out:
        cap, members = rooms[ticket.team]
        assert email in members
        assert before[email] < cap
    for ticket in {*waits} - {each for each, _ in given_out}:
        cap, members = rooms.get(ticket.team, (0, set()))
        assert all(people[each].load >= cap for each in members), "it waits though somebody has room"
    took = Counter(email for _, email in given_out)
    assert all(people[name].load == before[name] + took[name] for name in people)


# in the database, over random days

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("open"), st.sampled_from(["product", "order", "complaint"])),
        st.tuples(st.sampled_from(["active", "away", "off", "leave"]), st.sampled_from(["grace", "bob", "eve"])),
        st.tuples(st.sampled_from(["resolve", "ask", "write", "amend"]), st.integers(0, 9)),
        st.tuples(st.just("cap"), st.integers(1, 3)),
    ),
    min_size=3,
    max_size=12,
)


@pytest.mark.pure
@settings(max_examples=12)
@given(STEPS)
def test_no_ticket_waits_while_a_colleague_has_room(steps):
    with TemporaryDirectory() as folder, a_scene(Path(folder), postgres=False) as scene:
        populate(scene)
        team(scene, automatic=True, cap=2)
        team(scene, "orders", ("bob", "lena"), "order", automatic=True, cap=1)
        caps = {ALL_AGENTS: 2, "orders": 1}
        for turn, (step, what) in enumerate(steps):
            at = NOW + turn * timedelta(minutes=1)
            _take(scene, step, what, at, caps)
            before = {each["number"]: each["assignee"] for each in scene.listed(LENA, limit=100)}
            loads = held(scene)

            handed_out(scene, at)

            _check(scene, at, caps, before, loads)


def _take(scene: Scene, step: str, what: Any, at: Any, caps: dict[str, int]) -> None:
    mine = sorted(each["number"] for each in scene.listed(LENA, limit=100) if each["status"] not in ("resolved",))
    if step == "open":
        scene.opened(category=Category(what), at=at)
    elif step == "cap":
        caps[ALL_AGENTS] = what
        team(scene, automatic=True, cap=what)
    elif step == "leave":
        with scene.work(BOSS, at) as work:
            staff_handlers.deactivate_staff(work, mail(what))
    elif step in ("active", "away", "off"):
        try:
            says(scene, what, step, at)
        except ServiceError:
            assert not scene_staff(scene, what).active
    elif mine:
        number = mine[what % len(mine)]
        if step == "write":
            scene.does(customer(ADA), writing.post_message, number, at, body=f"And what about this? {at}")
        elif step == "amend":
            scene.does(LENA, tickets.amend_ticket, number, at, category="order")
        else:
            then = {"status": "waiting_customer"} if step == "ask" else {}
            scene.does(LENA, writing.post_message, number, at, body=f"{ANSWER} {at}", **then)
            if step == "resolve" and scene.seen(LENA, number)["category"] != "complaint":  # decided, not resolved
                scene.does(LENA, tickets.resolve_ticket, number, at, code="answered")


def scene_staff(scene: Scene, name: str) -> Staff:
    with scene.work(reading=True) as work:
        person = work.people.any_staff(mail(name))
    assert person is not None
    return person


def _check(scene: Scene, at: Any, caps: dict[str, int], before: dict[str, str | None], loads: Counter[Any]) -> None:
    with scene.work(LENA, at, reading=True) as work:
        there = {each["email"]: each for each in teams.list_availability(work)["items"]}
        found = {each["name"]: each for each in teams.list_teams(work)["items"]}
    ours = scene.listed(LENA, view="open", limit=100)
    given_now = [each for each in ours if each["assignee"] and each["assignee"] != before[each["number"]]]
    for each in ours:
        who = there.get(each["assignee"] or "")
        assert each["assignee"] is None or (who is not None and who["status"] != "off"), "held by who is off or left"
    for each in given_now:
        who = there[each["assignee"] or ""]
        assert who["status"] == "active"
        assert who["ours"] <= caps[each["team"]], "somebody is above the cap"
    for each in [each for each in ours if each["assignee"] is None]:
        cap = caps[each["team"]]
        room = [name for name in found[each["team"]]["members"] if there[name]["status"] == "active"]
        assert all(there[name]["ours"] >= cap for name in room), "one waits while somebody has room"
        later = [one for one in given_now if one["team"] == each["team"]]
        assert all((one["next_due_at"] or "9") <= (each["next_due_at"] or "9") for one in later), (
            "a later deadline went first"
        )


# what each person sees


def test_without_setting_up_nothing_changes(scene):
    scene.opened()

    handed_out(scene)

    assert held(scene) == {None: 1}
    assert [each["name"] for each in scene_teams(scene)] == [ALL_AGENTS]
    assert scene_teams(scene)[0]["members"] == [mail("bob"), mail("eve"), mail("grace")]
    assert scene_teams(scene)[0]["categories"] == list(Category)


def scene_teams(scene: Scene) -> list[Any]:
    with scene.work(LENA, reading=True) as work:
        return [*teams.list_teams(work)["items"]]


def test_who_got_one_longest_ago_is_next(scene):
    team(scene, automatic=True)
    for hour in range(6):
        scene.opened(at=NOW + hour * HOUR)
        handed_out(scene, NOW + hour * HOUR)

    assert held(scene) == {"bob": 2, "eve": 2, "grace": 2}
    order = [each["assignee"].partition("@")[0] for each in scene.listed()]
    assert order == ["bob", "eve", "grace", "bob", "eve", "grace"]


def test_the_overflow_waits_and_goes_oldest_deadline_first(scene):
    team(scene, "few", ("bob",), "product", automatic=True, cap=1)
    first, _ = scene.opened()
    handed_out(scene)
    late, _ = scene.opened(at=NOW + 2 * HOUR)
    early, _ = scene.opened(at=NOW + HOUR)
    handed_out(scene, NOW + 2 * HOUR)
    assert held(scene) == {"bob": 1, None: 2}

    scene.does(LENA, writing.post_message, first, NOW + 3 * HOUR, body=ANSWER)
    scene.does(LENA, tickets.resolve_ticket, first, NOW + 3 * HOUR, code="answered")
    handed_out(scene, NOW + 3 * HOUR)

    seen = {number: scene.seen(LENA, number)["assignee"] for number in (early, late)}
    assert seen == {early: mail("bob"), late: None}
    assert assigned(scene, early)[-1]["why"] == "turn"
    assert assigned(scene, early)[-1]["team"] == "few"


def test_who_goes_off_gives_back_what_waits_for_us(scene):
    ours, _ = scene.opened()
    theirs, _ = scene.opened(at=NOW + HOUR)
    for number in (ours, theirs):
        scene.does(LENA, tickets.assign_ticket, number, assignee=mail("bob"))
    scene.does(LENA, writing.post_message, theirs, body=ANSWER, status="waiting_customer")

    view = says(scene, "bob", "off", back_at=NOW + DAY)

    assert (view["status"], view["ours"], view["back_at"]) == ("off", 0, "2026-03-03T02:00:00Z")
    assert scene.seen(LENA, ours)["assignee"] is None
    assert scene.seen(LENA, theirs)["assignee"] == mail("bob"), "it waits for the customer"
    body = assigned(scene, ours)[-1]
    assert (body["before"], body["why"], body["assignee"]) == (mail("bob"), "off", None)

    scene.does(customer(ADA), writing.post_message, theirs, body="I wrote again.")
    assert scene.seen(LENA, theirs)["assignee"] is None
    scene.opened(at=NOW)
    team(scene, automatic=True)
    handed_out(scene)
    assert held(scene)["bob"] == 0
    scene.opened(at=NOW + DAY)
    handed_out(scene, NOW + DAY)  # the end of the absence need not be said
    assert held(scene)["bob"] == 1


def test_who_is_off_or_left_is_given_nothing_by_hand(scene):
    number, _ = scene.opened()
    says(scene, "bob", "off")

    refused = refusal(lambda: scene.does(LENA, tickets.assign_ticket, number, assignee=mail("bob")))
    assert refused == "person_off"
    scene.does(LENA, tickets.assign_ticket, number, assignee=mail("eve"))
    with scene.work(BOSS) as work:
        staff_handlers.deactivate_staff(work, mail("eve"))
    assert scene.seen(LENA, number)["assignee"] is None
    assert assigned(scene, number)[-1]["why"] == Why.LEFT.value
    assert refusal(lambda: scene.does(LENA, tickets.assign_ticket, number, assignee=mail("eve"))) == "no_such_agent"


def refusal(act: Any) -> str:
    with pytest.raises(ServiceError) as refused:
        act()
    return refused.value.code


def test_who_stops_answering_customers_keeps_nothing(scene):
    number, _ = scene.opened()
    scene.does(LENA, tickets.assign_ticket, number, assignee=mail("bob"))
    with scene.work(BOSS) as work:
        staff_handlers.put_staff(work, mail("bob"), PutStaff("Bob", [StaffRole.WAREHOUSE]))

    handed_out(scene)

    assert scene.seen(LENA, number)["assignee"] is None


def test_a_ticket_follows_its_category_to_another_team(scene):
    team(scene, "returns", ("eve",), "aftersales")
    number, _ = scene.opened()
    scene.does(LENA, tickets.assign_ticket, number, assignee=mail("bob"))
    assert scene.seen(LENA, number)["team"] == ALL_AGENTS

    scene.does(LENA, tickets.amend_ticket, number, category="aftersales")

    assert (scene.seen(LENA, number)["team"], scene.seen(LENA, number)["assignee"]) == ("returns", None)
    scene.does(LENA, tickets.amend_ticket, number, team=ALL_AGENTS)
    assert [each["number"] for each in scene.listed(LENA, team=ALL_AGENTS)] == [number]
    assert scene.listed(LENA, team="returns") == []
    assert refusal(lambda: scene.does(LENA, tickets.amend_ticket, number, team="nowhere")) == "unknown_team"
    with scene.work(LENA, reading=True) as work:
        counts = tickets.list_tickets(work, ListTickets(team=ALL_AGENTS))["counts"]
    assert (counts["open"], counts["unassigned"]) == (1, 1)
    scene.does(LENA, tickets.amend_ticket, number, category="complaint")
    assert scene.seen(LENA, number)["team"] == ALL_AGENTS, "no team takes complaints"


def test_teams_are_set_up_by_a_lead_and_held_to_their_rules(scene):
    made = team(scene, "returns", ("eve", "lena"), "aftersales", "order", cap=5)

    assert (made["categories"], made["members"], made["cap"], made["version"]) == (
        ["aftersales", "order"], [mail("eve"), mail("lena")], 5, 1,
    )  # fmt: skip
    assert scene_teams(scene)[0]["categories"] == ["product", "logistics", "suggestion", "complaint"]
    cases: dict[str, Any] = {
        "category_taken": lambda: team(scene, "other", (), "order"),
        "no_such_agent": lambda: team(scene, "other", ("nobody",)),
        "team_of_all": lambda: team(scene, ALL_AGENTS, ("bob",)),
        "version_moved": lambda: team(scene, "returns", version=7),
    }
    assert {refusal(act) for act in cases.values()} == {*cases}
    with scene.work(LENA) as work:
        assert [each["name"] for each in teams.delete_team(work, "returns")["items"]] == [ALL_AGENTS]
    with scene.work(LENA) as work:
        assert refusal(lambda: teams.get_team(work, "returns")) == "team_not_found"
        assert refusal(lambda: teams.delete_team(work, ALL_AGENTS)) == "team_of_all"
        assert (
            refusal(lambda: teams.put_own_availability(work, PutAvailability(Availability.OFF, NOW - HOUR)))
            == "back_in_past"
        )


def test_what_comes_back_to_us_leaves_who_is_off(scene):
    """A complaint whose customer stays silent is our turn again, by itself."""
    number, _ = scene.opened(category=Category.COMPLAINT)
    scene.does(LENA, writing.post_message, number, body=ANSWER, status="waiting_customer")
    scene.does(LENA, tickets.assign_ticket, number, assignee=mail("bob"))
    says(scene, "bob", "off")
    for days in (4, 12):
        with scene.work(at=NOW + days * DAY) as work:
            waiting.see_to_waiting_tickets(work)

    handed_out(scene, NOW + 12 * DAY)

    assert scene.seen(LENA, number)["assignee"] is None


def test_handing_out_twice_changes_nothing(scene):
    team(scene, automatic=True)
    number, _ = scene.opened()
    for _ in range(3):
        handed_out(scene)

    assert len(assigned(scene, number)) == 1
    mails = [each for each in scene.owed() if each.reference == number and "@pledge" in each.recipient]
    assert [each.recipient for each in mails] == [mail("bob")]


def test_every_status_is_ours_or_the_customers():
    for status in TicketStatus:
        ticket = Ticket("", Category.ORDER, "", "", "", NOW, status=status)
        assert ticket.our_turn == (status in IN_WORK and status is not TicketStatus.WAITING_CUSTOMER)


def test_of_equal_deadlines_who_asked_first_is_first(scene: Scene) -> None:
    """At night all deadlines are the same: counted from the next opening."""
    team(scene, automatic=True, cap=20)
    night = NOW.replace(hour=20)
    opened = [scene.opened(at=night + timedelta(seconds=place))[0] for place in range(6)]

    with scene.work(LENA, night + timedelta(minutes=1), reading=True) as work:
        given = [number for number, _, _ in assigning.plan(work).given]

    assert given == opened
