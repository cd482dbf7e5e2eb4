"""A customer asks for a copy of their data and for its erasure, on the pages, with scripts and without."""

from __future__ import annotations

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from deploy.demo.story import Demo
from tests.e2e.test_basis import seen_by_each
from tests.e2e.test_privacy import Customer
from tests.e2e.test_without_scripts import plain

__all__ = ["plain"]


@pytest.fixture
def customer(demo: Demo) -> Customer:
    """Return a customer with one unpaid order."""
    found = Customer(demo)
    found.orders()
    return found


def enter_code(tab: Page | Locator, customer: Customer, known: frozenset[str], button: str) -> None:
    tab.get_by_label("The code from our e-mail").fill(customer.guest.mailed_code(customer.email, known))
    tab.get_by_role("button", name=button).click()


def sign_in(tab: Page, address: str, customer: Customer, button: str) -> None:
    known = customer.guest.mails_known(customer.email)
    tab.goto(address)
    tab.get_by_label("Your e-mail address").fill(customer.email)
    tab.get_by_role("button", name="Send me a code").click()
    enter_code(tab, customer, known, button)


def under_way_or_over(tab: Locator) -> Locator:
    """Return what tells of a confirmed request: it may have ended before the page asks what has become of it."""
    return tab.get_by_text("You hear from us by e-mail until").or_(tab.get_by_text("Requests that have ended"))


def test_a_copy_and_an_erasure_are_asked_for(page: Page, platform: str, customer: Customer) -> None:
    sign_in(page, f"{platform}/account", customer, "Sign in")
    mine = page.locator("section", has=page.get_by_role("heading", name="My data"))

    known = customer.guest.mails_known(customer.email)
    mine.get_by_role("button", name="Ask for a copy").click()
    expect(mine.get_by_label("The code from our e-mail")).to_be_focused()
    mine.get_by_label("The code from our e-mail").fill("0000 0000")
    mine.get_by_role("button", name="Confirm with this code").click()
    expect(mine.get_by_role("group", name="What is wrong")).to_contain_text("code")
    seen_by_each(page, "my-data")
    enter_code(mine, customer, known, "Confirm with this code")
    expect(mine.get_by_role("status")).to_contain_text("We mail you a link to the copy")
    expect(under_way_or_over(mine)).to_be_visible()

    link = customer.guest.mail_link(customer.email, "/v1/privacy/exports/", containing="copy of the data")
    assert requests.get(link, timeout=60).json()["email"] == customer.email
    known = customer.guest.mails_known(customer.email)
    mine.get_by_role("button", name="Ask for erasure").click()
    enter_code(mine, customer, known, "Confirm with this code")
    assert "order" in customer.is_mailed("Your data is erased")


def test_both_are_asked_for_without_scripts(plain: Page, platform: str, customer: Customer) -> None:
    sign_in(plain, f"{platform}/plain", customer, "Show my orders")
    plain.get_by_role("button", name="My data").click()
    known = customer.guest.mails_known(customer.email)
    plain.get_by_role("button", name="Ask for a copy").click()
    plain.get_by_label("The code from our e-mail").fill("0000 0000")
    plain.get_by_role("button", name="Confirm with this code").click()
    expect(plain.get_by_role("alert")).to_contain_text("code")
    assert plain.evaluate("document.documentElement.scrollWidth") <= 320
    enter_code(plain, customer, known, "Confirm with this code")
    expect(plain.get_by_role("status")).to_contain_text("Thank you")

    known = customer.guest.mails_known(customer.email)
    plain.get_by_role("button", name="Ask for erasure").click()
    enter_code(plain, customer, known, "Confirm with this code")

    assert "order" in customer.is_mailed("Your data is erased")


def test_getting_a_copy_is_limited(platform: str) -> None:
    """A link to a copy is guessed no faster than a code."""
    address = f"{platform}/v1/privacy/exports/{'0' * 32}"

    answer = requests.get(address, timeout=60)

    assert answer.status_code == 404
    assert "copies-address" in answer.headers["RateLimit-Policy"]


def test_staff_see_their_account_without_a_customers_data(page: Page, platform: str, demo: Demo) -> None:
    email = "agent@pledge.example"
    known = demo.guest.mails_known(email)
    page.goto(f"{platform}/account")
    page.get_by_label("Your e-mail address").fill(email)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("The code from our e-mail").fill(demo.guest.mailed_code(email, known))
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    expect(page.get_by_role("heading", name="My data")).to_be_hidden()
