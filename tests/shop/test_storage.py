"""Attachments while the disk refuses them: said with a code of its own, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from services.common.runtime import uploads
from services.common.runtime.config import ENVIRON
from services.common.runtime.upload_settings import UploadSettings
from tests.shop.conftest import Shop
from tests.shop.test_object_store import named, send

TEXT = b"The handle came off on the second day."


@contextmanager
def broken(folder: Path) -> Iterator[None]:
    """Have a file where the folder was: no file below it can be read or kept."""
    aside = folder.with_name("aside")
    folder.rename(aside)
    folder.write_bytes(b"")
    yield
    folder.unlink()
    aside.rename(folder)


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_disk_that_refuses_is_told_and_nothing_is_lost(shop: Shop) -> None:
    upload = send(shop, TEXT, "text/plain").json()["id"]
    named(shop, upload)

    with broken(UploadSettings.load(shop.platform.containers["gateway"].config[ENVIRON]).store.folder):
        kept, large = (send(shop, content, "text/plain") for content in (TEXT, TEXT * 60_000))
        read = shop.ask("GET", f"/uploads/{upload}", role="agent")

    assert [code(each) for each in (kept, large, read)] == [(503, "storage_unavailable")] * 3
    assert shop.ask("GET", f"/uploads/{upload}", role="agent").content == TEXT
    assert send(shop, TEXT, "text/plain").status_code == 201


def test_a_full_disk_keeps_none_and_shows_what_it_has(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = send(shop, TEXT, "text/plain").json()["id"]
    named(shop, upload)
    monkeypatch.setattr(uploads, "FREE", 1 << 62)

    assert code(send(shop, TEXT, "text/plain")) == (507, "storage_full")
    assert shop.ask("GET", f"/uploads/{upload}", role="agent").content == TEXT
