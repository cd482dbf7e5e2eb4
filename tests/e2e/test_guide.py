"""The staff guide, played: each page by its letters, and what a lead and an admin do there by keyboard."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.demo.story import Demo
from tests.e2e.desk import press, tab_of

GUIDE = (Path(__file__).parents[2] / "docs" / "staff-guide.md").read_text("utf-8")
NAMED = re.findall(r"\*\*([A-Z][\w-]+(?: \w+)?)\*\* \(\*\*G\s([A-Z])\*\*\)", GUIDE)
LETTERS = sorted({*re.findall(r"\*\*G\s([A-Z])\*\*", GUIDE)})


def heading(tab: Page) -> str:
    expect(tab.locator("main h1")).to_be_visible()
    return tab.locator("main h1").inner_text()


def go(tab: Page, letter: str) -> str:
    """Go to another page by its letter. Return its address and its heading."""
    before, old = tab.url, heading(tab)
    press(tab, "Escape", "g", letter.lower())
    expect(tab).not_to_have_url(before)
    expect(tab.locator("main h1")).not_to_have_text(old)
    return f"{tab.url.rpartition('/desk/')[2]} {heading(tab)}"


def test_each_letter_of_the_guide_leads_to_its_page(desk: Page) -> None:
    names = {letter: name.split()[-1].lower() for name, letter in NAMED}
    assert len(names) >= 12
    found: dict[str, str] = {}
    desk.goto("/desk/style")
    expect(desk.locator("main h1")).to_be_visible()

    for letter in LETTERS:
        found[letter] = go(desk, letter).lower()

    assert {letter: found[letter] for letter, name in names.items() if name not in found[letter]} == {}


def test_a_lead_reads_by_keyboard_as_the_guide_says(browser: Browser, demo: Demo) -> None:
    with tab_of(browser, demo.as_staff("lead"), "lead") as tab:
        tab.goto("/desk/today")
        heading(tab)
        go(tab, "S")
        for key, days in (("2", 90), ("1", 30)):
            press(tab, key)
            expect(tab.locator("main h1")).to_contain_text(f"of the last {days} days")
        with tab.expect_download() as saved:
            tab.get_by_role("button", name="As a file").press("Enter")
        assert saved.value.suggested_filename == "promises.csv"

        go(tab, "V")
        for days in (30, 90, 7):
            press(tab, "p")
            expect(tab.get_by_role("button", name=f"{days} days", pressed=True)).to_be_visible()
        with tab.expect_download() as saved:
            press(tab, "x")
        assert saved.value.suggested_filename == "workload.csv"

        go(tab, "H")
        for key, days in (("3", 365), ("2", 90), ("1", 30)):
            press(tab, key)
            expect(tab.locator(".btn.go").filter(has_text=f"{days} days")).to_be_visible()

        go(tab, "M")
        expect(tab.get_by_role("button", name="Compare now")).to_be_enabled()
        press(tab, "b")
        expect(tab.get_by_role("status").filter(has_text="The books are being compared.")).to_be_attached()


def test_an_admin_checks_the_journals_by_keyboard(desk: Page) -> None:
    desk.goto("/desk/today")
    heading(desk)
    go(desk, "X")
    expect(desk.get_by_role("heading", name="What will happen when")).to_be_visible()

    press(desk, "c")

    expect(desk.get_by_text("The journals are checked.")).to_be_attached()
    expect(desk.locator("section").filter(has_text="Journals")).to_contain_text(
        "Every chain of orders, logistics, aftersales, support is whole"
    )


@pytest.mark.parametrize("page", ["keys", "webhooks"])
def test_pages_of_the_menu_are_reached_by_tab_alone(desk: Page, page: str) -> None:
    desk.goto("/desk/today")
    heading(desk)
    link = desk.get_by_role("navigation", name="Desk").locator(f'a[href="/desk/{page}"]')
    for _ in range(60):
        press(desk, "Tab")
        if link.evaluate("each => each === document.activeElement"):
            break

    press(desk, "Enter")

    expect(desk).to_have_url(re.compile(rf"/desk/{page}$"))
