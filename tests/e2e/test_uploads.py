"""Files over HTTP on a running platform: sent, examined, named once, shown to whom they concern, gone in the end."""

from __future__ import annotations

import io
import uuid
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from deploy.demo.client import Client, wait_for
from deploy.demo.story import Demo
from tests.e2e.desk import faults_of_access, tab_of
from tests.e2e.pictures import HOSTILE, HTML, MAKER, PDF, SECRET, TEXT, picture
from tests.e2e.test_conversations import ANSWER, reader_by_mail, write_to_us
from tests.e2e.test_pages import fill_contact
from tests.e2e.test_returns import authorize, delivered, step
from tests.e2e.test_without_scripts import plain
from tests.openapi.house import House

__all__ = ["plain"]

MOST = 10 << 20


def form_token(url: str) -> str:
    return str(requests.post(f"{url}/v1/uploads/form", timeout=60).json()["form_token"])


def send(
    url: str, content: bytes, said: str = "", *, form: str = "", who: Client | None = None, name: str = "photo.jpg"
) -> requests.Response:
    """Send a file: for a form, or as who signed in."""
    told = {"Content-Type": said, "Form-Token": form}
    headers = {name: value for name, value in told.items() if value}
    return (who or Client(url)).send("POST", "/v1/uploads", data=content, params={"name": name}, headers=headers)


def get(url: str, upload: str, who: Client | None = None, **query: str) -> requests.Response:
    return (who or Client(url)).send("GET", f"/v1/uploads/{upload}", params=query)


def small_copy(url: str, upload: str, who: Client) -> bool:
    return get(url, upload, who, small="true").ok


@pytest.mark.parametrize("what", HOSTILE)
def test_a_file_that_is_not_what_it_may_be_is_refused(platform: str, what: str) -> None:
    content, said, code = HOSTILE[what]

    answer = send(platform, content, said, form=form_token(platform))

    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text


@pytest.mark.parametrize(
    ("content", "said", "name", "is_now", "shown"),
    [
        (picture(), "image/jpeg", "Ada's cup.JPG", "image/jpeg", "Ada's cup.JPG"),
        (picture("PNG"), "", r"C:\Users\ada\cup.png", "image/png", "cup.png"),
        (picture("WEBP"), "image/jpeg", "cup.jpg", "image/webp", "cup.jpg.webp"),
        (PDF, "application/pdf", "../../etc/passwd", "application/pdf", "passwd.pdf"),
        (TEXT, "text/plain", "evil.html", "text/plain", "evil.html.txt"),
        (b"x" * MOST, "text/plain", "größe.txt", "text/plain", "größe.txt"),
    ],
)
def test_what_a_file_is_its_content_decides(platform, demo, content, said, name, is_now, shown) -> None:
    sent = send(platform, content, said, form=form_token(platform), name=name)
    assert sent.status_code == 201, sent.text
    upload = sent.json()
    assert (upload["media_type"], upload["name"]) == (is_now, shown)
    assert get(platform, upload["id"]).status_code in (401, 404), "it belongs to nothing yet"
    email = f"ada-{uuid.uuid4().hex[:8]}@example.com"
    number, token = write_to_us(demo, email, attachments=[upload["id"]])
    customer = demo.guest.with_token(token)

    (message,) = customer.get(f"/v1/tickets/{number}")["messages"]
    got = get(platform, upload["id"], customer)

    assert message["attachments"] == [upload]
    assert got.headers["Content-Type"].partition(";")[0] == is_now
    assert got.headers["Content-Disposition"].startswith("attachment; ")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got.headers["Content-Security-Policy"]
    assert got.headers["Cache-Control"] == "no-store"
    if not is_now.startswith("image/"):
        assert got.content == content
        return
    again = Image.open(io.BytesIO(got.content))
    assert again.size == (480, 640), "it stands upright"
    assert not again.getexif()
    assert MAKER.encode() not in got.content
    assert SECRET.encode() not in got.content
    small = get(platform, upload["id"], customer, small="true")
    assert Image.open(io.BytesIO(small.content)).size == (240, 320)


def test_a_file_is_sent_for_a_form_or_by_staff_only(platform: str, demo: Demo) -> None:
    too_large = send(platform, b"x" * (MOST + 1), "text/plain", form=form_token(platform))
    assert (too_large.status_code, too_large.json()["code"]) == (413, "body_too_large")
    for token in ("", "frm_", "x", form_token(platform)[:-1] + "!"):
        answer = send(platform, TEXT, form=token)
        assert (answer.status_code, answer.json()["code"]) == (403, "form_token_invalid"), token
    by_staff = send(platform, TEXT, who=demo.as_staff("agent"))
    assert by_staff.status_code == 201, by_staff.text

    form = form_token(platform)
    last = [send(platform, TEXT, form=form) for _ in range(21)][-1]
    assert (last.status_code, last.json()["code"]) == (422, "too_many_files")


def test_files_are_seen_by_whom_the_message_is_for(platform: str, demo: Demo) -> None:
    email, other = (f"{name}-{uuid.uuid4().hex[:8]}@example.com" for name in ("ada", "eve"))
    grace = demo.as_staff("agent")
    form = form_token(platform)
    mine = send(platform, picture(), form=form).json()["id"]
    number, token = write_to_us(demo, email, attachments=[mine])
    stranger = demo.guest.with_token(token)
    _, foreign = write_to_us(demo, other)
    said, noted, unsaid = (send(platform, PDF, who=grace).json()["id"] for _ in range(3))
    messages = f"/v1/tickets/{number}/messages"
    grace.post(messages, {"body": ANSWER, "attachments": [said]})
    grace.post(messages, {"body": "He may be right.", "internal": True, "attachments": [noted]})

    owner = reader_by_mail(demo, email, number, "One file came with it")

    def sees(who: Client | None) -> list[bool]:
        return [get(platform, each, who).ok for each in (mine, said, noted, unsaid)]

    assert sees(owner) == [True, True, False, False]
    assert sees(stranger) == [True, False, False, False], "who has not shown that they read the mail"
    assert sees(grace) == [True, True, True, False]
    assert sees(demo.guest.with_token(foreign)) == sees(None) == [False] * 4
    assert [each.get("attachments", []) != [] for each in owner.get(f"/v1/tickets/{number}")["messages"]] == [
        True,
        True,
    ]


def test_a_file_is_named_once_and_by_its_sender(platform: str, demo: Demo) -> None:
    email = f"ada-{uuid.uuid4().hex[:8]}@example.com"
    grace = demo.as_staff("agent")
    form = form_token(platform)
    theirs, ours = send(platform, TEXT, form=form).json()["id"], send(platform, TEXT, who=grace).json()["id"]
    number, token = write_to_us(demo, email, attachments=[theirs])
    six = [str(uuid.uuid4()) for _ in range(6)]

    def refused(who: Client, attachments: list[Any]) -> tuple[int, str]:
        body = {"body": "Here is what you asked for.", "attachments": attachments}
        answer = who.send("POST", f"/v1/tickets/{number}/messages", json=body)
        return answer.status_code, answer.json().get("code", "")

    customer = demo.guest.with_token(token)
    for who, named, code in (
        (customer, [theirs], "upload_missing"),
        (customer, [ours], "upload_missing"),
        (grace, [theirs], "upload_missing"),
        (customer, six[:1], "upload_missing"),
        (customer, six, "validation_failed"),
        (customer, ["../../etc/passwd"], "validation_failed"),
        (customer, [HTML.decode()], "validation_failed"),
    ):
        assert refused(who, named) == (422, code), named
    assert refused(grace, [ours])[0] == 201


def test_a_customer_and_an_agent_send_each_other_pictures(
    page: Page, browser: Browser, platform: str, demo: Demo, tmp_path: Path
) -> None:
    cup, bad = tmp_path / "cup.jpg", tmp_path / "bad.svg"
    cup.write_bytes(picture())
    bad.write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    email, subject = f"ada-{uuid.uuid4().hex[:8]}@example.com", f"A crack {uuid.uuid4().hex[:6]}"
    page.goto(f"{platform}/contact")
    page.get_by_label("What is it about?").select_option("complaint")
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Your e-mail address").fill(email)
    page.get_by_label("Subject").fill(subject)
    page.get_by_label("Your message").fill("There is a crack, as you see.")
    page.get_by_label("Files (optional)").set_input_files([cup, bad])
    expect(page.locator("#files-field li")).to_have_count(2)
    expect(page.locator("#files-field li .error")).to_contain_text("Send a picture")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".summary")).to_contain_text("bad.svg")
    page.get_by_role("button", name="Take out bad.svg").press("Enter")
    assert faults_of_access(page) == []
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_role("link", name="Open the conversation").click()
    expect(page.locator("#thread img[alt='cup.jpg']")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save cup.jpg").press("Enter")
    assert saved.value.suggested_filename == "cup.jpg"
    assert faults_of_access(page) == []

    number = page.url.rpartition("/")[2]
    with tab_of(browser, demo.as_staff("agent"), "agent") as tab:
        tab.goto(f"/desk/inbox/{number}")
        expect(tab.locator(".thread img[alt='cup.jpg']")).to_be_visible()
        tab.locator("#files").set_input_files([cup])
        expect(tab.locator(".composer .files li")).to_contain_text("KB")
        tab.locator("#answer").fill("We see the crack, and send you another cup.")
        assert faults_of_access(tab) == []
        tab.locator("#answer").press("Control+Enter")
        expect(tab.locator(".thread img[alt='cup.jpg']")).to_have_count(2)
        expect(tab.locator(".composer .files li")).to_have_count(0)
    page.goto("about:blank")
    page.goto(demo.guest.mail_link(email, f"/tickets/{number}", containing="One file came with it"))
    expect(page.locator("#thread img[alt='cup.jpg']")).to_have_count(2)


def test_a_file_is_sent_without_scripts(plain: Page, platform: str, demo: Demo, tmp_path: Path) -> None:
    cup, bad = tmp_path / "cup.jpg", tmp_path / "bad.svg"
    cup.write_bytes(picture(size=(3000, 2000)))
    bad.write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    plain.goto(f"{platform}/contact")
    fill_contact(plain, category="complaint", email="ada@example.com")
    plain.get_by_label("Files (optional)").set_input_files([cup, bad])
    plain.get_by_role("button", name="Send").click()
    expect(plain.get_by_role("alert")).to_contain_text("Send a picture")
    plain.get_by_label("Files (optional)").set_input_files([cup])
    plain.get_by_role("button", name="Send").click()

    number = plain.locator("#ticket-number").inner_text()

    (message,) = demo.as_staff("agent").get(f"/v1/tickets/{number}")["messages"]
    assert [each["name"] for each in message["attachments"]] == ["cup.jpg"]


def test_photos_of_a_box_are_for_who_sees_its_shipment(platform: str, staff: dict[str, Client], demo: Demo) -> None:
    house = House(platform, staff)
    team, number = house.staff("warehouse"), house.packed_shipment()
    photo = send(platform, picture(), who=team).json()["id"]
    foreign = send(platform, picture(), form=form_token(platform)).json()["id"]
    for each in (foreign, str(uuid.uuid4())):
        missing = team.send("POST", f"/v1/shipments/{number}/photos", json={"photos": [f"/v1/uploads/{each}"]})
        assert (missing.status_code, missing.json()["errors"][0]["field"]) == (422, "photos.0"), missing.text

    shown = team.post(f"/v1/shipments/{number}/photos", {"photos": [f"/v1/uploads/{photo}"]})

    assert shown["photos"] == [f"/v1/uploads/{photo}"]
    for role in ("warehouse", "agent"):
        wait_for(partial(small_copy, platform, photo, house.staff(role)))
    assert get(platform, photo, house.staff("aftersales")).status_code == 404
    assert get(platform, photo, house.customer()).status_code == 404


def test_photos_are_evidence_of_a_return(platform: str, staff: dict[str, Client], demo: Demo) -> None:
    house = House(platform, staff)
    bought, team = delivered(house, 1), house.staff("aftersales")
    photo, found = (
        send(platform, picture(), form=form_token(platform)).json()["id"],
        send(platform, PDF, who=team).json(),
    )
    line = {"sku": bought.skus[0], "quantity": 1}
    wish = {"order_number": bought.number, "lines": [{**line, "reason": "damaged"}]}
    for link in ("/v1/uploads/../x", f"/v1/uploads/{uuid.uuid4()}"):
        missing = bought.customer.send("POST", "/v1/returns", json={**wish, "evidence": [link]})
        assert (missing.status_code, missing.json()["code"]) in ((422, "validation_failed"), (422, "upload_missing"))
    asked = {**wish, "evidence": [f"/v1/uploads/{photo}"]}

    number = wait_for(lambda: bought.customer.try_post("/v1/returns", asked, until_not="not_delivered_yet"))["number"]
    wait_for(lambda: get(platform, photo, team).ok or None)
    authorize(team, number)
    step(team, number, "receipt", bought, 1, condition="damaged")
    evidence = {"ground": "used_beyond_trying", "note": "See page 1.", "evidence": [f"/v1/uploads/{found['id']}"]}
    step(team, number, "inspection", bought, 1, outcome="disputed", **evidence)

    wait_for(lambda: get(platform, found["id"], team).ok or None)
    _, stranger = write_to_us(demo, f"eve-{uuid.uuid4().hex[:8]}@example.com")
    assert get(platform, photo, bought.customer).ok
    assert get(platform, photo, demo.guest.with_token(stranger)).status_code == 404
    assert not get(platform, found["id"], bought.customer).ok, "until it is decided"
    assert bought.customer.get(f"/v1/returns/{number}")["evidence"] == asked["evidence"]
