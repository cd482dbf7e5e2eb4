"""The film: one order's whole life in a customer's window and at the desk (PLEDGE_FILM: keep its pictures there)."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Browser

from deploy.demo.story import Demo
from tests.e2e.film import Film


def test_an_order_lives_in_two_windows(platform: str, browser: Browser, demo: Demo) -> None:
    kept = os.environ.get("PLEDGE_FILM")
    film = Film(platform, browser, demo, Path(kept) if kept else None)

    film.play()

    film.close()
    assert 8 <= len(film.captions) <= 12
