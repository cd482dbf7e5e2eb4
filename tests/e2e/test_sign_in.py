"""The desk's sign-in in Chromium: a second factor is set up, shown and removed, by passkey and by app."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyotp
import pytest
import segno
from playwright.sync_api import Browser, Page, expect

from deploy.demo.client import Client
from tests.e2e.conftest import started
from tests.e2e.desk import faults_of_access

DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a platform where the roles admin and lead need a second factor. Passkeys need a host with a name."""
    with started(tmp_path_factory.mktemp("guarded"), host="localhost", PLEDGE_SECOND_FACTOR="required") as url:
        yield url


@pytest.fixture
def tab(browser: Browser, guarded: str) -> Iterator[Page]:
    """Open a tab of a browser with a device for passkeys; a script error fails the test."""
    context = browser.new_context(base_url=guarded)
    tab, complaints = context.new_page(), list[str]()
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    device: Any = context.new_cdp_session(tab)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    yield tab
    context.close()
    assert complaints == []


def enter_code(tab: Page, guarded: str, email: str) -> None:
    """Sign in up to the code from the mail."""
    client = Client(guarded)
    known = client.mails_known(email)
    tab.goto("/desk/promises")
    tab.get_by_label("Your e-mail address").fill(email)
    tab.keyboard.press("Enter")
    expect(tab.get_by_label("The code from the e-mail")).to_be_focused()
    tab.keyboard.type(client.mailed_code(email, known))
    tab.keyboard.press("Enter")


def expect_in(tab: Page) -> None:
    expect(tab.get_by_role("heading", name="Promises", level=1)).to_be_visible()
    expect(tab.get_by_role("link", name="Money")).to_be_visible()  # what only leads and admins see


def keep_codes(tab: Page) -> list[str]:
    shown = tab.get_by_role("region", name="Recovery codes").get_by_role("listitem")
    expect(shown).to_have_count(10)
    codes = shown.all_inner_texts()
    tab.get_by_role("button", name="I have kept them").click()
    return codes


def sign_out(tab: Page) -> None:
    tab.locator("summary[aria-label^='You:']").click()
    tab.get_by_role("button", name="Sign out").click()
    expect(tab.get_by_label("Your e-mail address")).to_be_visible()


def test_an_admin_sets_up_a_passkey_and_signs_in_with_it(tab: Page, guarded: str) -> None:
    email = "admin@pledge.example"
    enter_code(tab, guarded, email)
    expect(tab.get_by_role("heading", name="Set up your second factor")).to_be_visible()
    expect(tab.get_by_role("navigation")).to_have_count(0)
    tab.get_by_label("What you call this device").fill("My laptop")
    assert faults_of_access(tab) == []
    tab.keyboard.press("Enter")
    keep_codes(tab)
    expect_in(tab)
    sign_out(tab)

    enter_code(tab, guarded, email)
    expect(tab.get_by_role("button", name="Use your passkey")).to_be_focused()
    assert faults_of_access(tab) == []
    tab.keyboard.press("Enter")
    expect_in(tab)

    tab.goto("/desk/security")
    expect(tab.get_by_role("cell", name="My laptop", exact=True)).to_be_visible()
    tab.on("dialog", lambda dialog: dialog.accept())
    tab.get_by_role("button", name="Remove My laptop").click()
    expect(tab.get_by_role("heading", name="Set up your second factor")).to_be_visible()  # the roles wait again


def test_a_lead_sets_up_an_app_and_keeps_recovery_codes(tab: Page, guarded: str) -> None:
    email = "lead@pledge.example"
    enter_code(tab, guarded, email)
    tab.get_by_role("button", name="Set up an app").click()
    secret = tab.locator(".key").inner_text().replace(" ", "")
    code = tab.get_by_role("img", name="QR code of the key below")
    assert code.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 100  # the policy lets it show
    uri = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name="Pledge")
    drawn = segno.make_qr(uri, error="m").svg_data_uri(scale=4, light="#fff", svgclass=None, lineclass=None)
    expect(code).to_have_attribute("src", drawn)
    assert faults_of_access(tab) == []
    expect(tab.get_by_label("What the app shows now")).to_be_focused()
    tab.keyboard.type(wrong := "000000" if pyotp.TOTP(secret).now() != "000000" else "000001")
    assert wrong
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("alert")).to_contain_text("not right")
    tab.get_by_label("What the app shows now").fill(pyotp.TOTP(secret).now())
    tab.keyboard.press("Enter")
    codes = keep_codes(tab)
    expect_in(tab)
    sign_out(tab)

    enter_code(tab, guarded, email)
    tab.get_by_label("One-time password, or a recovery code").fill(codes[0])
    tab.keyboard.press("Enter")
    expect_in(tab)
    tab.goto("/desk/security")
    expect(tab.get_by_text("9 recovery codes are left.")).to_be_visible()
    expect(tab.get_by_text("An app is set up.")).to_be_visible()
