"""The front page of each service says what the code has."""

from __future__ import annotations

import re

import pytest

from deploy.checks.front_pages import page, path_of
from services import SERVICES

pytestmark = pytest.mark.pure


@pytest.mark.parametrize("service", SERVICES)
def test_the_front_page_says_what_the_code_has(service: str) -> None:
    text = path_of(service).read_text("utf-8")

    assert text == page(service, text), "run `make settings`"


@pytest.mark.parametrize("entry", ["tables", "answers", "emits", "follows", "keeps"])
@pytest.mark.parametrize("service", SERVICES)
def test_a_slip_on_a_front_page_is_seen(service: str, entry: str) -> None:
    text = path_of(service).read_text("utf-8")

    slip = re.sub(rf"^{entry} .*$", f"{entry}  another", text, flags=re.MULTILINE)

    assert slip != text
    assert page(service, slip) == text
