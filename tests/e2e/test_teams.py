"""Who gets a ticket, at the desk: a team hands out by itself, people are away or off (standard, section 6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.demo.client import Client, wait_for
from deploy.demo.story import Demo
from tests.e2e.desk import faults_of_access, press, tab_of

LEAD = "lead@pledge.example"


@pytest.fixture
def boss(demo: Demo) -> Iterator[Client]:
    """Return a lead; what this test sets up is removed after it."""
    lead = demo.as_staff("lead")
    yield lead
    lead.put("/v1/staff/me/availability", {"status": "active"})
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
        press(tab, "m")
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
