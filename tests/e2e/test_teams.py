"""Who gets a ticket, at the desk: a team hands out by itself, people are away or off (standard, section 6)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.demo.client import Client, wait_for
from deploy.demo.story import Demo
from tests.e2e.conftest import started
from tests.e2e.desk import faults_of_access, press, tab_of

LEAD = "lead@pledge.example"
M_WHILE_IT_READS = """() => {
  document.querySelector("desk-presence").read();
  dispatchEvent(new KeyboardEvent("keydown", { key: "m" }));
}"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Run a platform of its own: the tickets of other tests would be handed out too."""
    with started(tmp_path_factory.mktemp("teams")) as url:
        yield Demo(url)


@pytest.fixture
def demo(shop: Demo) -> Demo:
    return shop


@pytest.fixture
def desk(browser: Browser, shop: Demo) -> Iterator[Page]:
    with tab_of(browser, shop.as_staff("admin"), "admin") as tab:
        yield tab


@pytest.fixture
def boss(demo: Demo) -> Iterator[Client]:
    """Return a lead; what this test sets up is removed after it."""
    lead = demo.as_staff("lead")
    yield lead
    lead.put("/v1/staff/me/availability", {"status": "active"})
    lead.put("/v1/rules", {"items": []})
    if any(each["name"] == "parcels" for each in lead.get("/v1/teams")["items"]):
        lead.put("/v1/teams/parcels", {"categories": [], "members": []})


def asked(demo: Demo, subject: str) -> str:
    form = {"name": "Ada Lovelace", "email": demo.email, "category": "logistics", "subject": subject}
    return str(demo.guest.post("/v1/contact", {**form, "message": "Where is my parcel now?"})["ticket_number"])


def test_a_team_hands_out_and_takes_back_by_itself(desk: Page, browser: Browser, demo: Demo, boss: Client) -> None:
    desk.goto("/desk/teams")
    expect(desk.get_by_role("row").filter(has_text="all agents")).to_contain_text("everything")
    press(desk, "n")
    expect(desk.get_by_label("Name: small letters, digits, hyphens")).to_be_focused()
    desk.keyboard.type("parcels")
    desk.get_by_label("Logistics").check()
    desk.get_by_label("Lena Lead").check()
    press(desk, "Enter")
    row = desk.get_by_role("row").filter(has_text="1 member")
    expect(row).to_contain_text("by itself")
    row.get_by_role("button", name="Change").click()
    desk.get_by_label("Tickets that wait for us, for each person at most").fill("1")
    assert faults_of_access(desk) == []
    press(desk, "Enter")
    expect(row).to_contain_text("up to 1 each")

    first = asked(demo, "The first parcel")
    wait_for(lambda: boss.get(f"/v1/tickets/{first}")["assignee"] == LEAD)
    second = asked(demo, "The second parcel")
    desk.goto("/desk/inbox?team=parcels&view=unassigned")
    expect(desk.get_by_role("link").filter(has_text="The second parcel")).to_be_visible()
    expect(desk.get_by_label("Team", exact=True)).to_have_value("parcels")
    assert boss.get(f"/v1/tickets/{second}")["assignee"] is None, "one is the cap"

    with tab_of(browser, boss, "lead") as tab:
        tab.goto("/desk/today")
        expect(tab.get_by_role("button", name="Here")).to_be_visible()
        expect(tab.get_by_role("heading", level=1)).to_be_visible()
        tab.evaluate(M_WHILE_IT_READS)
        expect(tab.get_by_role("button", name="Away")).to_be_visible()
        tab.goto("/desk/teams")
        tab.get_by_role("row").filter(has_text=LEAD).get_by_role("button", name="Change").click()
        tab.get_by_label("Off: what waits for us goes back to the team").check()
        day = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
        tab.get_by_label("Back on, if known").fill(day)
        assert faults_of_access(tab) == []
        press(tab, "Enter")
        expect(tab.get_by_role("button", name="Off", exact=True)).to_be_visible()
        assert boss.get(f"/v1/tickets/{first}")["assignee"] is None
        expect(desk.get_by_role("link").filter(has_text="The first parcel")).to_be_visible()
        press(tab, "Escape", "m")
        expect(tab.get_by_role("button", name="Here")).to_be_visible()
    wait_for(lambda: boss.get(f"/v1/tickets/{first}")["assignee"] == LEAD)  # the older deadline first
    told = [each for each in boss.get(f"/v1/tickets/{first}/timeline")["items"] if each["type"] == "ticket_assigned"]
    assert [each["body"]["why"] for each in told] == ["turn", "off", "turn"]

    desk.goto("/desk/teams")
    desk.get_by_role("row").filter(has_text="1 member").get_by_role("button", name="Change").click()
    desk.get_by_role("button", name="Remove the team").click()
    expect(desk.get_by_role("row").filter(has_text="1 member")).to_have_count(0)


def test_a_lead_writes_a_rule_and_a_ticket_follows_it(desk: Page, demo: Demo, boss: Client) -> None:
    word = f"plug{uuid.uuid4().hex[:8]}"
    old = asked(demo, f"A {word} of before")
    desk.goto("/desk/rules")
    expect(desk.get_by_text("There are no rules.")).to_be_visible()
    press(desk, "n")
    expect(desk.get_by_label("Name: it stands on the timeline")).to_be_focused()
    desk.keyboard.type("Plugs")
    desk.get_by_label("One of these words in subject or message").fill(f"not_yet\n{word.upper()}")
    desk.get_by_label("Then its priority is").select_option("urgent")
    desk.get_by_role("button", name="Try it on the last 100").click()
    expect(desk.get_by_role("status").filter(has_text="It fits 1 of the last")).to_contain_text(old)
    assert faults_of_access(desk) == []
    desk.get_by_label("Name: it stands on the timeline").press("Enter")
    row = desk.get_by_role("row").filter(has_text="Plugs")
    expect(row).to_contain_text("priority urgent")
    expect(row).to_contain_text("not_yet")

    number = asked(demo, f"My {word.title()} is hot")
    shown = boss.get(f"/v1/tickets/{number}")
    assert (shown["priority"], shown["category"]) == ("urgent", "logistics")
    told = [each for each in boss.get(f"/v1/tickets/{number}/timeline")["items"] if each["type"] == "ticket_amended"]
    assert [each["body"]["rules"] for each in told] == [["Plugs"]]
    assert boss.get(f"/v1/tickets/{old}")["priority"] == "normal"
    desk.goto(f"/desk/inbox/{number}")
    desk.get_by_text("What happened").click()
    expect(desk.get_by_text("normal → urgent; by the rule Plugs")).to_be_visible()
    assert faults_of_access(desk) == []

    desk.goto("/desk/rules")
    row.get_by_role("button", name="Change").click()
    boss.put(
        "/v1/rules", {"items": [*boss.get("/v1/rules")["items"], {"name": "Two", "words": [word], "team": "agents"}]}
    )
    desk.get_by_role("button", name="Remove the rule").click()
    expect(desk.get_by_role("alert")).to_contain_text("Somebody else changed the rules")
    boss.put("/v1/rules", {"items": []})
    desk.goto("/desk/rules")
    expect(desk.get_by_text("There are no rules.")).to_be_visible()
    for place in ("Teams", "Workload", "Rules"):  # leaving a page is no step of it
        desk.get_by_role("link", name=place).click()
        expect(desk.get_by_role("heading", level=1)).to_contain_text(place)
        expect(desk.get_by_role("alert")).to_have_count(0)


def test_a_lead_sees_who_has_how_much_to_do(desk: Page, demo: Demo, boss: Client) -> None:
    number = asked(demo, "A parcel to count")
    boss.post(f"/v1/tickets/{number}/assignment", {"assignee": LEAD})
    desk.goto("/desk/workload")
    row = desk.get_by_role("row").filter(has_text=LEAD)
    expect(row).to_be_visible()
    assert faults_of_access(desk) == []
    with desk.expect_download() as saved:
        press(desk, "x")
    lines = saved.value.path().read_text("utf-8").splitlines()
    assert lines[0] == "kind,who,open,ours,overdue,unassigned,assigned,answered"
    mine = next(line.split(",") for line in lines if line.startswith(f"person,{LEAD}"))
    shown = [cell.strip() for cell in row.get_by_role("cell").all_inner_texts()]
    assert shown[1:] == [mine[2], mine[3], mine[4], mine[6], mine[7]]
    assert int(mine[6]) > 0
