"""Files of messages: named once, gone after a day where nothing names them, erased with what they belong to."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from services.aftersales.api.events import ReturnsErased
from services.common.basics import clock
from services.common.runtime.upload_settings import UploadSettings
from services.common.runtime.uploads import SMALL, UploadStore, is_full
from services.common.testing import customer, guest, staff
from services.logistics.api.events import BoxPhotographed
from services.support.api import BeginTicket, Category, PostMessage
from services.support.api.terms import TICKETS_KEPT
from services.support.api.uploads import BeginUpload, FinishUpload, MediaType, UploadMissing, UploadNotFound
from services.support.domain import UNNAMED_KEPT
from services.support.handlers import opening, privacy, splitting, tickets, uploads, writing
from services.support.repository import Work
from services.support.tests.builders import ADA, NOW, ORDER_NUMBER, SETTINGS
from services.support.tests.scene import GRACE, LENA, Scene, a_scene

FOUND = FinishUpload("cup.jpg", MediaType.JPEG, 9, True)


class Place(Scene):
    """A scene with a folder for files."""

    def __init__(self, scene: Scene, folder: Path):
        super().__init__(scene.store)
        self.files = UploadStore(folder)

    def sent(self, caller: Any = None, *, ready: bool = True) -> str:
        """Send a file, as a customer or as staff. Return its id."""
        with self.work(caller) as work:
            token = uploads.begin_form(work)["form_token"]
            upload = uploads.begin_upload(work, BeginUpload("cup.jpg", 9, "0" * 64, token))["id"]
        for name in (upload, f"{upload}{SMALL}"):
            self.files.keep(name, io.BytesIO(b"a picture"))
        if ready:
            with self.work(caller) as work:
                uploads.finish_upload(work, upload, FOUND)
        return upload

    def cleaned(self, after: timedelta = timedelta()) -> set[str]:
        """Let the timer run so much later. Return the names of the files that are left."""
        uploads.remove_ended(partial(self.work, at=NOW + after))
        return {*self.files.names()}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    folder = tmp_path / "uploads"
    part = UploadSettings(uploads_dir=str(folder))
    object.__setattr__(SETTINGS, "loaded", (*SETTINGS.loaded, part))
    with a_scene(tmp_path) as scene:
        yield Place(scene, folder)
    object.__setattr__(SETTINGS, "loaded", SETTINGS.loaded[:-1])


def both(upload: str) -> set[str]:
    return {upload, f"{upload}{SMALL}"}


def test_what_nothing_names_is_gone_after_a_day(place: Place) -> None:
    unnamed, half, kept = place.sent(), place.sent(ready=False), place.sent()
    place.opened(attachments=[kept])

    assert place.cleaned(UNNAMED_KEPT - timedelta(seconds=1)) == both(unnamed) | both(half) | both(kept)
    assert place.cleaned(UNNAMED_KEPT) == both(kept)
    with place.work() as work, pytest.raises(UploadNotFound):
        uploads.finish_upload(work, half, FOUND)
    with pytest.raises(UploadMissing):
        place.opened(attachments=[half])
    assert place.cleaned(UNNAMED_KEPT) == both(kept), "twice is harmless"


def test_files_that_a_killed_timer_left_are_removed_by_the_next(place: Place) -> None:
    upload = place.sent()
    place.files.remove(upload)  # the bytes are gone, the row is not

    assert place.cleaned(UNNAMED_KEPT) == set()
    with place.work(reading=True, at=NOW + UNNAMED_KEPT) as work:
        assert work.uploads.over() == []


@pytest.mark.parametrize("how", ["time", "erasure"])
def test_files_go_with_their_conversation(place: Place, how: str) -> None:
    first, answer = place.sent(), place.sent(GRACE)
    number, _ = place.opened(attachments=[first])
    other = place.sent()
    place.opened(attachments=[other])
    place.does(GRACE, writing.post_message, number, body="The shirt is made of cotton.", attachments=[answer])
    place.does(GRACE, tickets.resolve_ticket, number, code="answered")
    place.does(LENA, tickets.close_ticket, number)
    assert place.cleaned(timedelta(days=9)) == both(first) | both(answer) | both(other)

    span = TICKETS_KEPT.span + timedelta(days=1) if how == "time" else timedelta()
    if how == "time":
        privacy.forget(partial(place.work, at=NOW + span))
    else:
        with place.work() as work:
            work.erasing.ticket(work.tickets.get(number, lock=True))

    with place.work(GRACE, reading=True, at=NOW + span) as work, pytest.raises(UploadNotFound):
        uploads.open_upload(work, first)
    assert place.cleaned(span) == both(other)
    assert all("attachments" not in each for each in place.seen(GRACE, number)["messages"])


def test_files_go_with_a_message_into_its_own_ticket(place: Place) -> None:
    number, _ = place.opened()
    picture, ada = place.sent(customer(ADA)), customer(ADA)
    place.does(ada, writing.post_message, number, body="And this cup is broken.", attachments=[picture])

    split = place.does(GRACE, splitting.split_ticket, number, positions=[2], subject="A broken cup")["split"]["number"]

    ((old,), (new,)) = (_files(place, each) for each in (number, split))
    again = place.does(GRACE, splitting.split_ticket, number, positions=[2], subject="Once more")["split"]["number"]
    assert (old["id"], old["name"], new["name"]) == (picture, "cup.jpg", "cup.jpg")
    for ticket in (number, split):
        with place.work() as work:
            work.erasing.ticket(work.tickets.get(ticket, lock=True))
        assert place.cleaned() == both(picture), "the next one has it still"
    with place.work(GRACE, reading=True) as work, pytest.raises(UploadNotFound):
        uploads.open_upload(work, new["id"])
    (third,) = _files(place, again)
    with place.work(GRACE, reading=True) as work:
        assert uploads.open_upload(work, third["id"]).get("same_as") == picture
    with place.work() as work:
        work.erasing.ticket(work.tickets.get(again, lock=True))
    assert place.cleaned() == set()


def _files(place: Place, number: str) -> list[Any]:
    return [file for each in place.seen(customer(ADA), number)["messages"] for file in each.get("attachments", ())]


def test_a_late_message_takes_its_files_to_the_next_ticket(place: Place) -> None:
    number = place.resolved()
    place.does(LENA, tickets.close_ticket, number)
    upload = place.sent(customer(ADA))
    late = NOW + timedelta(hours=23)

    with clock.frozen(late), place.store.work(Work, customer(ADA)) as work:
        ticket = work.tickets.get(number, lock=True)
        ticket.closed_at = NOW - timedelta(days=15)
        posted = writing.post_message(work, number, PostMessage("It broke again.", attachments=(upload,)))

    assert posted["previous_number"] == number
    (message,) = place.seen(GRACE, posted["number"])["messages"]
    assert [each["id"] for each in message["attachments"]] == [upload]


def test_a_mail_says_how_many_files_came_along(place: Place) -> None:
    two = (place.sent(GRACE), place.sent(GRACE))
    words: dict[str, Any] = {
        "name": "Ada",
        "email": ADA,
        "subject": "Your cup",
        "message": "This is the cup that we mean.",
    }

    with place.work(GRACE) as work:
        opening.begin_ticket(work, BeginTicket(**words, category=Category.PRODUCT, attachments=two))

    assert "2 files came with it; they are in the conversation" in place.owed()[0].text


def test_files_of_returns_go_when_the_order_is_erased(place: Place) -> None:
    upload = place.sent()
    with place.work() as work:
        work.uploads.get(upload).hold("RET-1", ORDER_NUMBER)
    assert place.cleaned(UNNAMED_KEPT) == both(upload)

    place.hears(privacy.on_returns_erased, ReturnsErased(order_number=ORDER_NUMBER, request_id="PRV-1"))

    assert place.cleaned() == set()


def test_photos_told_of_after_the_erasure_are_not_kept(place: Place) -> None:
    upload = place.sent(GRACE)
    place.hears(privacy.on_returns_erased, ReturnsErased(order_number=ORDER_NUMBER, request_id="PRV-1"))

    photographed = BoxPhotographed(shipment_number="SHP-1", order_number=ORDER_NUMBER, uploads=(upload,))
    place.hears(uploads.on_box_photographed, photographed)

    assert place.cleaned(UNNAMED_KEPT) == set()


def test_the_folder_takes_no_name_that_was_not_made_here(tmp_path: Path) -> None:
    store = UploadStore(tmp_path)
    for name in ("../../etc/passwd", "x", "", "0b0e5b6c-5a52-4f0a-9d6f-0c2b7e0f6a11/../x", "\0"):
        with pytest.raises(ValueError, match="no name of a file"):
            store.open(name)


def test_a_disk_that_is_nearly_full_takes_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.common.runtime.uploads.FREE", 1 << 62)

    with pytest.raises(OSError, match="No space left") as refused:
        UploadStore(tmp_path).scratch()

    assert is_full(refused.value)


def test_strangers_see_no_file(place: Place) -> None:
    upload = place.sent()
    number, _ = place.opened(attachments=[upload])
    seen = []
    for caller in (GRACE, customer(ADA), customer("eve@example.com"), guest(), staff("warehouse")):
        with place.work(caller, reading=True) as work:
            try:
                seen.append(uploads.open_upload(work, upload).get("ticket_number"))
            except UploadNotFound:
                seen.append(None)

    assert seen == [number, number, None, None, None]
