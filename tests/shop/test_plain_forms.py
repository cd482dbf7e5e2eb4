"""Forms of pages without scripts that are sent late: nothing of theirs is set aside, or lost, for that alone."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest
import requests

from services.common.testing import eventually
from tests.shop.conftest import Json, Shop, started

PARCEL = {"parcels": [{"carrier": "simulator", "tracking_number": "SIM-LATE-1"}]}
FIELD = re.compile(r'<(?:input|textarea)[^>]* name="(\w+)"(?:[^>]* value="([^"]*)")?[^>]*>(?:([^<]*)</textarea>)?')
A_DAY = 25 * 60


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Run a shop that takes nothing without a form."""
    with started(tmp_path_factory.mktemp("plain"), PLEDGE_CONTACT_WITHOUT_FORM="quarantine") as found:
        yield found


def test_a_form_without_scripts_that_lay_open_counts(shop: Shop) -> None:
    """A declaration whose page and sign-in are over, and a message whose page came while support was silent."""
    shop.stocked("LATE", 5)
    placed = shop.paid(("LATE", 2))
    number = eventually(lambda: shop.show(placed)["shipments"])[0]["number"]
    for step, told in (("sorted", {}), ("packed", {}), ("dispatched", PARCEL)):
        shop.ask("POST", f"/shipments/{number}/{step}", role="warehouse", json=told)
    email = shop.until(placed, lambda order: order["stage"] == "dispatched")["contact"]["email"]
    page = plain(shop, "order", {"number": placed["number"], "token": shop.customer(email)})
    declared = filled(page[page.index('action="/plain/contact"') :])
    silent = {"name": "Ada", "email": email, "category": "product", "subject": "Hm", "message": "Hm?", "form_token": ""}

    with shop.later(A_DAY):
        shown = [plain(shop, "contact", form, 422) for form in (declared, silent)]
    assert all("send it once more" in each for each in shown)
    assert ["Your sign-in is over" in each for each in shown] == [True, False]
    assert seen(shop, email) == []

    with shop.later(A_DAY + 1):
        sent = [
            plain(shop, "contact", {**form, **filled(each)})
            for form, each in zip((declared, silent), shown, strict=True)
        ]
        assert not any("set it aside" in each for each in sent), sent
        assert seen(shop, email) == ["new", "new"]


def plain(shop: Shop, name: str, form: Json, status: int = 200) -> str:
    answer = requests.post(f"{shop.url}/plain/{name}", form, timeout=30)
    assert answer.status_code == status, answer.text
    return answer.text


def filled(page: str) -> Json:
    """Return the fields of the first form in a page, as they stand there."""
    form = page[: page.index("</form>")]
    return {name: html.unescape(value or text) for name, value, text in FIELD.findall(form)}


def seen(shop: Shop, email: str) -> list[str]:
    found = shop.ask("GET", "/tickets", role="agent", params={"q": email}).json()["items"]
    aside = shop.ask("GET", "/tickets", role="agent", params={"q": email, "view": "quarantined"}).json()["items"]
    return [each["status"] for each in (*found, *aside)]
